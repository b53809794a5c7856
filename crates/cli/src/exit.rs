//! Exit codes, and failures that carry one.

use std::fmt;
use tallyward_app::AppError;
use tallyward_app::ports::StoreError;

/// Done.
pub const DONE: u8 = 0;
/// A check that was asked for failed.
pub const FAILED: u8 = 1;
/// Wrong usage.
pub const USAGE: u8 = 2;
/// Bad input.
pub const BAD_INPUT: u8 = 3;
/// A service that is needed is away.
pub const AWAY: u8 = 4;
/// A defect of ours.
pub const DEFECT: u8 = 70;

/// Why a command stopped, completing "tallyward: …", with its exit code.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    text: String,
}

/// The result of a command.
pub type Outcome = Result<u8, Failure>;

impl Failure {
    /// Bad input: a file, a value.
    pub fn input(text: impl Into<String>) -> Self {
        Self { code: BAD_INPUT, text: text.into() }
    }

    /// Something that is needed is away: an address in use, a store that is locked.
    pub fn away(text: impl Into<String>) -> Self {
        Self { code: AWAY, text: text.into() }
    }

    /// Wrong usage or configuration.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { code: USAGE, text: text.into() }
    }

    /// A file that could not be read or written.
    pub fn file(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::input(format!("failed to {what} {}: {error}", path.display()))
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let code = match &error {
            AppError::Store(StoreError::Locked(_)) => AWAY,
            AppError::Store(_) => DEFECT,
            AppError::Refused(_) => FAILED,
            _ => BAD_INPUT,
        };
        Self { code, text: error.to_string() }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = if matches!(error, StoreError::Locked(_)) { AWAY } else { BAD_INPUT };
        Self { code, text: error.to_string() }
    }
}

//! What a use case may answer instead of a result.

use crate::ports::StoreError;

/// Why a use case was not carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// There is no such thing.
    #[error("there is no {what} {id:?}")]
    NotFound {
        /// The noun: `device`, `notice` …
        what: &'static str,
        /// What was asked for.
        id: String,
    },
    /// A rule of the house forbids it: shadow mode, a missing name, a failing lint, the wrong role.
    #[error("{0}")]
    Refused(String),
    /// Something typed or sent is not usable.
    #[error("{field}: {why}")]
    Invalid {
        /// Which field or file.
        field: String,
        /// What is wrong and what was expected.
        why: String,
    },
    /// Somebody else changed the same thing in between; look again and repeat.
    #[error("somebody else changed this in the meantime; look again and repeat")]
    Conflict,
    /// The store failed.
    #[error("failed to reach the store: {0}")]
    Store(#[source] StoreError),
}

impl AppError {
    /// An [`AppError::Invalid`].
    pub fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), why: why.into() }
    }

    /// An [`AppError::NotFound`].
    pub fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound { what, id: id.into() }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            other => Self::Store(other),
        }
    }
}

/// The result of a use case.
pub type Result<T> = std::result::Result<T, AppError>;

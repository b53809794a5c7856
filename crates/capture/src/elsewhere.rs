//! Where there is no `AF_PACKET`: everything says so.

use crate::{CaptureError, RingOptions};
use tallyward_discovery::Live;

/// A ring that cannot be opened here.
#[derive(Debug)]
pub enum Ring {}

/// Ends the wait of a ring.
#[derive(Clone, Copy, Debug)]
pub struct Waker;

impl Ring {
    /// Says that there is no live capture here.
    ///
    /// # Errors
    /// Always.
    pub fn open(_: &str, _: &RingOptions) -> Result<Self, CaptureError> {
        Err(unsupported("live capture, which needs Linux,"))
    }

    /// Never called.
    pub fn read(&mut self, _: u32, _: &mut Live) -> Result<u64, CaptureError> {
        match *self {}
    }

    /// Never called.
    pub fn drops(&mut self) -> Result<u64, CaptureError> {
        match *self {}
    }
}

/// Says that it cannot be done here.
///
/// # Errors
/// Always.
pub fn drop_privileges(_: Option<&str>) -> Result<(), CaptureError> {
    Err(unsupported("giving up privileges, which needs Linux,"))
}

/// Memory of this process; not known here.
#[must_use]
pub fn memory() -> u64 {
    0
}

fn unsupported(what: &'static str) -> CaptureError {
    CaptureError::System { what, source: std::io::ErrorKind::Unsupported.into() }
}

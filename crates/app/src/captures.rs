//! Captures taken in.

use crate::error::Result;
use crate::App;
use crate::views::{CaptureLine, CaptureReport};
use crate::Who;
use tallyward_core::IngestId;
use tallyward_discovery::Learned;

impl App {
    /// Takes in what a capture taught.
    pub fn take_capture(&self, who: &Who, file: &str, sensor: &str, ingest: IngestId, learned: Learned) -> Result<CaptureReport> {
        todo!()
    }

    /// Reads a capture held in memory and takes it in.
    pub fn read_capture(&self, who: &Who, file: &str, sensor: &str, bytes: &[u8]) -> Result<CaptureReport> {
        todo!()
    }

    /// Captures taken in, newest first.
    pub fn captures(&self) -> Result<Vec<CaptureLine>> {
        todo!()
    }
}

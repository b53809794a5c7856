//! Files that go back to other systems.

use crate::error::Result;
use crate::App;
use crate::query::{DeviceQuery, FindingQuery};

impl App {
    /// CSV of exactly the devices that the query shows, all pages, with ids and row hashes so that it can be imported again.
    pub fn export_devices(&self, query: &DeviceQuery) -> Result<Vec<u8>> {
        todo!()
    }

    /// CSV for the CMMS, keyed by asset number: security status, verdict counts, patch status, open action.
    pub fn export_cmms(&self) -> Result<Vec<u8>> {
        todo!()
    }

    /// CSV of exactly the findings that the query shows.
    pub fn export_findings(&self, query: &FindingQuery) -> Result<Vec<u8>> {
        todo!()
    }

    /// CSV of the worklist, one device and fact a line.
    pub fn export_worklist(&self) -> Result<Vec<u8>> {
        todo!()
    }
}

//! What needs a person now, and search.

use crate::error::Result;
use crate::App;
use crate::views::{Overview, SearchResult};

impl App {
    /// The overview.
    pub fn overview(&self) -> Result<Overview> {
        todo!()
    }

    /// Takes anything: tag, serial, MAC, AE title, room, CVE, advisory id.
    pub fn search(&self, text: &str) -> Result<SearchResult> {
        todo!()
    }
}

//! Findings and the worklist.

use crate::error::Result;
use crate::App;
use crate::query::FindingQuery;
use crate::views::{FindingList, FindingPage, Worklist};
use tallyward_core::DeviceId;

impl App {
    /// A page of findings.
    pub fn findings(&self, query: &FindingQuery) -> Result<FindingList> {
        todo!()
    }

    /// One finding with its chain of reasons.
    pub fn finding(&self, device: DeviceId, advisory: &str, vulnerability: &str) -> Result<FindingPage> {
        todo!()
    }

    /// The facts that would settle most.
    pub fn worklist(&self) -> Result<Worklist> {
        todo!()
    }
}

//! As-is paths: how a hazard reaches a unit today.

use crate::App;
use crate::Who;
use crate::error::Result;
use crate::views::{PathEntry, PathPage};

impl App {
    /// Baselines beside what was measured here.
    pub fn paths(&self) -> Result<PathPage> {
        todo!()
    }

    /// Records a dated baseline.
    pub fn record_path(&self, who: &Who, entry: &PathEntry) -> Result<()> {
        todo!()
    }
}

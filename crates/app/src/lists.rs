//! Lists: dry run, mapping, import, undo.

use crate::error::Result;
use crate::App;
use crate::views::{ImportLine, ImportReport, ListPreview, Mapping};
use crate::Who;
use tallyward_core::IngestId;

impl App {
    /// Holds a file in memory for a dry run; unmapped columns never reach the store. Answers its handle.
    pub fn stage_list(&self, file: &str, bytes: Vec<u8>) -> Result<String> {
        todo!()
    }

    /// A dry run. Without a mapping the remembered or guessed one is used.
    pub fn preview_list(&self, staged: &str, mapping: Option<Mapping>) -> Result<ListPreview> {
        todo!()
    }

    /// Applies a staged list.
    pub fn apply_list(&self, who: &Who, staged: &str, mapping: &Mapping) -> Result<ImportReport> {
        todo!()
    }

    /// Imports, newest first.
    pub fn imports(&self) -> Result<Vec<ImportLine>> {
        todo!()
    }

    /// Undoes an import by a decision. Answers how many devices changed.
    pub fn undo_import(&self, who: &Who, ingest: IngestId) -> Result<usize> {
        todo!()
    }
}

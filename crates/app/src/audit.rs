//! The audit log.

use crate::error::Result;
use crate::App;
use crate::views::AuditLine;

impl App {
    /// Entries, newest first, older than `before`.
    pub fn audit_log(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditLine>> {
        todo!()
    }
}

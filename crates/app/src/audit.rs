//! The audit log.

use crate::App;
use crate::error::Result;
use crate::views::{AuditLine, Moment};

impl App {
    /// Entries, newest first, older than `before`.
    pub fn audit_log(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditLine>> {
        let rows = self.store.audit(before, true, limit)?;
        Ok(rows
            .into_iter()
            .map(|row| AuditLine {
                seq: row.seq,
                at: Moment(row.at),
                who: row.who,
                action: row.action,
                subject: row.subject,
                before: row.before,
                after: row.after,
                hash: row.hash,
            })
            .collect())
    }
}

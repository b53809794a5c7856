//! The store on SQLite: the port [`tallyward_app::ports::Store`] on one file, with backup, restore and the proof
//! of the audit log.
//!
//! A change is one transaction of the one writer, on the disk before it is confirmed. Readers stand apart and
//! see the newest commit. One process writes a file at a time; a lock beside the file says so.
//!
//! The key decision: what is true lies in plain tables, and findings are stored per configuration, not per
//! device; what lists need (orders, filters, counts, substrings) is answered from an image of the narrow
//! columns in memory, patched with every commit and never older than the rows beside it. The price is some
//! 300 bytes of memory a device, and a moment to load them when the first list is asked for.

mod audit;
mod backup;
mod commit;
mod connection;
mod devices;
mod docs;
mod evidence;
mod fault;
mod findings;
mod flows;
mod image;
mod lists;
mod migrate;
mod ranked;
mod store;

pub use audit::{NotVerified, START, Verified, audit_hash, verify_audit};
pub use backup::{check_backup, restore};
pub use store::SqliteStore;

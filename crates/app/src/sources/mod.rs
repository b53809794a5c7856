//! Advisories fetched from where they are published.

mod source;
mod sync;
mod walk;

pub use source::{RefusedDocument, Require, Source, SourceKind};
pub use sync::SyncReport;

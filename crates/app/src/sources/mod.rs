//! Advisories, letters, and what is known of attacks, fetched from where they are published.

mod ask;
mod health;
mod list;
mod source;
mod sync;
mod taxii;
mod walk;

pub use ask::Doing;
pub use health::{Delay, Health, RefusedLine, ShutLine, SourceLine};
pub use source::{Brings, RefusedDocument, Require, ShutFeed, Source, SourceKind};
pub use sync::SyncReport;

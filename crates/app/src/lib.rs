//! The use cases, each one function a caller can name, and the ports they need.
//!
//! Everything a person or a timer can ask of Tallyward is a method of [`App`]: take in a list, a capture or an
//! advisory; show devices and findings; draft, release and answer notices. A use case reads through the ports,
//! asks the pure rooms to decide, and hands the store one [`change::ChangeSet`] that is committed whole, with its
//! audit entry in the same commit. This room sequences; it decides nothing that a pure room could decide.
//!
//! The ports are synchronous. One hospital's writes fit one thread, SQLite is synchronous anyway, and a use case
//! that reads straight through is easier to prove right. The price is that a web server calls it from blocking
//! threads.

pub mod change;
pub mod error;
pub mod ingest;
pub mod letters;
pub mod model_book;
mod originals;
pub mod ports;
pub mod query;
pub mod reading;
pub mod round;
pub mod sboms;
pub mod sensors;
pub mod signing;
pub mod site;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod untold;
pub mod views;
pub mod who;
pub mod written;

mod accounts;
mod advisories;
mod app;
mod asked;
mod audit;
mod backtest;
pub mod bundle;
mod captures;
mod classification;
mod conditions;
mod corrections;
mod devices;
mod export;
mod findings;
mod fleet;
mod flows;
mod held;
mod judging;
mod known;
mod lasting;
mod lists;
mod mode;
mod notice;
mod overview;
mod ports_taught;
mod review;
mod shelf;
mod sources;
mod staged;
mod tables;
mod threats;
mod throttle;
mod triage;
mod unpack;
mod verdict_changes;

pub use advisories::MAX_DOCUMENT;
pub use app::App;
pub use backtest::BacktestFleet;
pub use conditions::ConditionOf;
pub use error::AppError;
pub use notice::times::knows_time_zone;
pub use shelf::{AdvisoryField, AdvisoryOrder, AdvisoryQuery, RemedyState};
pub use site::Site;
pub use sources::{
    Brings, Delay, Doing, Health, RefusedDocument, RefusedLine, Require, ShutFeed, ShutLine, Source,
    SourceKind, SourceLine, SyncReport,
};
pub use triage::TriageInput;
pub use who::{Role, Who};

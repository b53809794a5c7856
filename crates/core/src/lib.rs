//! The words two or more rooms share.
//!
//! Every room speaks of evidence, devices, places, advisories, verdicts and flows; this one defines what those
//! words mean and nothing else. Functions here are small and total; a rule that belongs to one capability
//! (how evidence is reconciled, how a clause is read, who is told) lives in that capability's room.
//!
//! The key decision: these are plain values without a store, clock or network in them, so that devices and
//! verdicts can be pure functions of them. The price is that a change to a word here is felt everywhere.

pub mod advisory;
pub mod cpe;
pub mod cvss;
pub mod decision;
pub mod device;
pub mod evidence;
pub mod field;
pub mod flow;
pub mod id;
pub mod key;
pub mod label;
pub mod mac;
pub mod part;
pub mod party;
pub mod place;
pub mod purl;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod time;
pub mod triage;
pub mod verdict;

pub use advisory::{Advisory, Product, ProductStatus, Remediation, Score, Statement, Vulnerability};
pub use cpe::Cpe;
pub use decision::{Decision, Judgement, TriageAbout};
pub use device::{Device, Held, Presence, SecurityStatus, Voice};
pub use evidence::{Episode, Evidence, Source, SourceKind};
pub use field::Field;
pub use flow::Flow;
pub use id::{DeviceId, IngestId};
pub use key::{Key, KeyStrength};
pub use label::Label;
pub use mac::Mac;
pub use part::{FlawEvent, FlawRange, FlawedPackage, Part, PartFlaw, PartsList};
pub use party::{Contact, Duty, Unit};
pub use place::{Place, PlaceRule, Places, PortRule};
pub use purl::Purl;
pub use time::Timestamp;
pub use triage::{ClinicalLevel, SsvcOutcome, Tier};
pub use verdict::{MissingFact, Reason, Verdict};

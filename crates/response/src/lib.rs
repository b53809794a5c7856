//! From a finding to a person at the bedside, and back.
//!
//! This room works out how serious a finding is for patients and for engineers ([`triage()`]), who operates the
//! devices ([`audience()`]), what they should read ([`draft()`], at most six lines) and whether that text is fit to
//! be read ([`lint()`]). A named lead releases it ([`release()`]); from then on the clock runs ([`standing`]), one
//! reminder and one escalation fall due ([`due`]), and answers are folded in with the strength of their proof.
//!
//! The key decision: everything a hospital may want to change is a table with a version, a source and a content
//! hash ([`Tables`]), and everything that happens is a pure function of tables, inputs and the time passed in.
//! A [`Released`] can only come out of [`release()`], so no other room can send what nobody signed.
//!
//! The price: the tables must be complete (every combination has a row) before they are accepted, texts are
//! English only, and times reach this room already written out in the site's zone.

pub mod answer;
pub mod as_is;
pub mod audience;
pub mod axis;
pub mod bod;
pub mod class;
pub mod clock;
pub mod draft;
pub mod exposure;
pub mod follow;
pub mod huddle;
pub mod impact;
pub mod ladder;
mod lines;
pub mod link;
pub mod lint;
pub mod plain;
pub mod readability;
pub mod release;
pub mod rubric;
mod table;
mod table_readers;
pub mod tables;
pub mod technical;
pub mod triage;

pub use answer::{Answer, Initials, Strength};
pub use as_is::{AsIsPath, Measured, PathComparison, PathKind, PathStep};
pub use audience::{Recipient, audience, technical_audience, units_using};
pub use axis::{
    Automatable, BodTimeline, Channel, Exploitation, Exposure, HumanImpact, InKev, PubliclyExposed,
    TechnicalImpact,
};
pub use bod::{Bod, BodInputs, bod};
pub use class::DeviceClass;
pub use clock::{NoticeEvent, NoticeState, Raised, Standing, standing};
pub use draft::{Authority, Call, Draft, DraftInputs, DraftKind, Instruction, ModelLine, Spot, draft};
pub use exposure::{ExposureFinding, Talk, exposure};
pub use follow::{CorrectionInputs, NoticeRef, StandDownInputs, correction, stand_down};
pub use huddle::{HuddleItem, HuddleSheet, huddle};
pub use impact::{Effect, ImpactHint, automatable_hint, impact_hint};
pub use ladder::{Step, due};
pub use link::{BadLink, LinkClaims};
pub use lint::{Complaint, Rule, blocks, lint};
pub use release::{Refusal, Released, Releaser, Role, release};
pub use rubric::Rubric;
pub use tables::{AgeRow, BedsideRow, ClassRow, LevelRow, Rung, TableError, TableInfo, Tables};
pub use triage::{Triage, TriageInputs, clinical_level, triage};

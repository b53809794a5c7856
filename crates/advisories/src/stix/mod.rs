//! STIX 2.1: what an exchange of threats says of flaws, taken apart into letters.
//!
//! Only `vulnerability`, `report` and `note` say something a hospital has to look at; `identity`, `relationship` and
//! `marking-definition` say who, what else and to whom it may be passed on. Indicators, malware and all else are for
//! those who watch networks: they are counted and left.
//!
//! An object is kept as the very bytes in which it came. A letter's original is an *excerpt*: one object that says
//! something, followed by what it refers to, each byte for byte. Nothing read here is a statement about a device.

mod excerpt;
mod letter;
mod marking;
mod object;

pub use excerpt::{Excerpts, Gathered};
pub(crate) use letter::letter;
pub use object::{StixObject, StixPage, read_page};

/// Types that are kept; the others are counted.
const KEPT: [&str; 6] = ["report", "vulnerability", "note", "identity", "relationship", "marking-definition"];

//! The review list of possible matches.

use super::Moment;
use serde::Serialize;

/// A product of an advisory that may be a model here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PossibleMatch {
    /// One of the advisories that name it.
    pub advisory: String,
    /// Vendor and product as the advisory writes them.
    pub product: String,
    /// Maker and model here, as one text.
    pub named: String,
    /// Maker here.
    pub maker: String,
    /// Model here.
    pub model: String,
    /// Why it only may be the same.
    pub why: String,
    /// How many findings wait for the answer.
    pub findings: u64,
    /// On how many devices.
    pub devices: u64,
}

/// The review list, what holds up most first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewList {
    /// The possible matches.
    pub rows: Vec<PossibleMatch>,
    /// When this was true.
    pub as_of: Moment,
}

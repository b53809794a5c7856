//! Verdicts that changed, as they are listed.

use super::Moment;
use serde::Serialize;
use tallyward_core::{DeviceId, Verdict};

/// A verdict that is another than before, for devices that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictChange {
    /// Advisory id.
    pub advisory: String,
    /// Vulnerability id.
    pub vulnerability: String,
    /// Maker and model.
    pub model: String,
    /// Software version it was judged on.
    pub version: String,
    /// The verdict before; none when there was no finding.
    pub was: Option<Verdict>,
    /// The verdict since; none when there is no finding any more.
    pub is: Option<Verdict>,
    /// The sentence that decided it.
    pub because: String,
    /// How many devices.
    pub count: u64,
    /// Which devices; empty for a finding that is new, since the finding list names them.
    pub devices: Vec<DeviceId>,
}

/// What one event changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictChangeEvent {
    /// When.
    pub at: Moment,
    /// What happened, in a sentence.
    pub cause: String,
    /// The verdicts that changed, worst first.
    pub rows: Vec<VerdictChange>,
}

/// The events of some days, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictChanges {
    /// The events.
    pub events: Vec<VerdictChangeEvent>,
    /// From when on.
    pub since: Moment,
    /// When this was true.
    pub as_of: Moment,
}

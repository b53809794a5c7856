//! What needs a person now, and search.

use super::{Mode, Moment};
use crate::ports::VerdictCounts;
use serde::Serialize;

/// A number that leads to its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// What is counted.
    pub label: String,
    /// How many.
    pub value: u64,
    /// Path of the console that shows the rows.
    pub link: String,
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attention {
    /// What, in a sentence.
    pub text: String,
    /// Where to act.
    pub link: String,
    /// Whether it cannot wait.
    pub urgent: bool,
}

/// The overview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// What needs a person, most urgent first.
    pub attention: Vec<Attention>,
    /// Devices in all.
    pub devices: u64,
    /// Devices by presence.
    pub presence: Vec<Count>,
    /// Findings by verdict.
    pub findings: VerdictCounts,
    /// Devices by what is known of them: affected, unknown, clear, not touched by any advisory.
    pub known: Vec<Count>,
    /// Drafts waiting.
    pub drafts: u64,
    /// Notices released.
    pub notices: u64,
    /// Notices answered.
    pub answered: u64,
    /// Advisories on file.
    pub advisories: u64,
    /// Sensors and captures: name and last packet.
    pub sensors: Vec<(String, Moment)>,
    /// Whether anything may leave.
    pub mode: Mode,
    /// When this was true.
    pub as_of: Moment,
}

/// One hit of the search box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// `device`, `advisory`, `vulnerability`, `unit`, `notice`.
    pub kind: &'static str,
    /// What it is called.
    pub title: String,
    /// Why it was found.
    pub detail: String,
    /// Its page.
    pub link: String,
}

/// What the search box found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SearchResult {
    /// What was asked.
    pub text: String,
    /// Hits; when there is exactly one, the console goes straight to it.
    pub hits: Vec<Hit>,
    /// More device hits exist than are shown.
    pub more: bool,
}

//! What is done with documents: remedies marked, comments, runs of the matching, matches both ways.

use super::{Moment, RevisionLine};
use crate::ports::VerdictCounts;
use serde::Serialize;

/// How far the remedy of one finding is, as somebody marked it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RemedyMark {
    /// `not_remediated`, `in_progress` or `done`.
    pub state: String,
    /// The same in words.
    pub label: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Moment,
    /// What they noted.
    pub note: String,
    /// Whether the document offers other remedies since.
    pub outdated: bool,
}

/// How far the remedies of one vulnerability are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RemedyCounts {
    /// Vulnerability id.
    pub vulnerability: String,
    /// Devices that match at all, whatever the verdict.
    pub matching: u64,
    /// Affected or unknown ones that are not marked otherwise.
    pub not_remediated: u64,
    /// Marked as in progress.
    pub in_progress: u64,
    /// Marked as done.
    pub done: u64,
    /// Marked before the document changed its remedies; they count as not remediated.
    pub outdated: u64,
}

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommentLine {
    /// Who.
    pub by: String,
    /// When.
    pub at: Moment,
    /// What.
    pub text: String,
}

/// Two revisions of one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Tracking id.
    pub id: String,
    /// The one compared from.
    pub old: RevisionLine,
    /// The one compared to.
    pub new: RevisionLine,
    /// What the second says otherwise, in words; empty when nothing a reader would notice.
    pub changes: Vec<String>,
}

/// One run of the matching.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunLine {
    /// When.
    pub at: Moment,
    /// What started it.
    pub cause: String,
    /// What was matched against what.
    pub what: String,
    /// What it found; none where a list came in, whose findings stand in the finding list.
    pub findings: Option<VerdictCounts>,
}

/// The newest runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunList {
    /// Those somebody asked for, newest first.
    pub manual: Vec<RunLine>,
    /// Those that started by themselves, newest first.
    pub automatic: Vec<RunLine>,
    /// When this was true.
    pub as_of: Moment,
}

/// A product here and an advisory that matches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchLine {
    /// Maker and model.
    pub product: String,
    /// Advisory id.
    pub advisory: String,
    /// Devices of the product that match.
    pub devices: u64,
    /// Their findings.
    pub findings: VerdictCounts,
}

/// Products and the advisories that match them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchList {
    /// The matches, worst first.
    pub rows: Vec<MatchLine>,
    /// When this was true.
    pub as_of: Moment,
}

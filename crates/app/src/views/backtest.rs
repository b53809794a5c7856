//! Documents replayed, and the documents on file with how long they took.

use super::{Damaged, Moment};
use serde::Serialize;

/// A fact that is missing, and on how many devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingLine {
    /// What to find out.
    pub what: String,
    /// Unknown devices it would settle or bring forward.
    pub devices: u64,
}

/// Whom a document touches; each device once, its worst finding counting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Touching {
    /// Devices affected.
    pub affected: u64,
    /// Devices unknown and not affected by another of its vulnerabilities.
    pub unknown: u64,
    /// Devices all of whose findings are not affected.
    pub not_affected: u64,
    /// What would settle the unknown ones, most devices first.
    pub missing: Vec<MissingLine>,
}

/// Devices by how the answer compares with the truth; all nought where no truth is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Answered as it is.
    pub right: u64,
    /// Unknown where the truth can be told.
    pub left_open: u64,
    /// Not called affected though affected, or cleared though nothing tells.
    pub misses: u64,
    /// Called affected though not, or though nothing tells.
    pub false_alarms: u64,
}

/// One document in one revision, replayed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BacktestRow {
    /// Advisory id.
    pub advisory: String,
    /// Title.
    pub title: String,
    /// The revision replayed.
    pub revision: String,
    /// Revisions the document says it had before this one whose text is not among the files.
    pub earlier_not_at_hand: usize,
    /// When the document was first released.
    pub first_published: Option<Moment>,
    /// When this revision was released.
    pub published: Option<Moment>,
    /// The first sync after that.
    pub received: Option<Moment>,
    /// Hours from publication to verdict: the wait for the sync and the measured time.
    pub hours: Option<f64>,
    /// Milliseconds of reading and judging, measured.
    pub milliseconds: f64,
    /// Whom it touches.
    #[serde(flatten)]
    pub touching: Touching,
    /// Against the truth.
    #[serde(flatten)]
    pub compared: Compared,
}

/// Documents replayed by their own dates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Backtest {
    /// Hours between syncs.
    pub every_hours: u32,
    /// Devices they were held against.
    pub devices: u64,
    /// Whether the devices were made so that the truth is known.
    pub truth_known: bool,
    /// One row a document and revision, in order of publication.
    pub rows: Vec<BacktestRow>,
    /// All rows together.
    pub compared: Compared,
    /// Half of the documents were judged within so many hours of publication.
    pub median_hours: Option<f64>,
    /// All of them were.
    pub longest_hours: Option<f64>,
    /// Lines of the truth file about documents or facts that cannot be replayed.
    pub left_out: usize,
    /// Files and lines that cannot be read.
    pub damaged: Vec<Damaged>,
}

/// One document on file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OnFileRow {
    /// Advisory id.
    pub advisory: String,
    /// Title.
    pub title: String,
    /// Its newest revision here.
    pub revision: String,
    /// When the document was first released.
    pub first_published: Option<Moment>,
    /// When this revision was released.
    pub published: Option<Moment>,
    /// When it came here.
    pub received: Moment,
    /// Hours from one to the other; none when the document has no date or one that lies ahead.
    pub hours: Option<f64>,
    /// Whether it has been judged. Judging is part of taking in, so a document waits only after a run cut short.
    pub judged: bool,
    /// Whom it touches.
    #[serde(flatten)]
    pub touching: Touching,
    /// Devices it called affected until a revision, a decision or a table said otherwise: alarms that were false.
    pub taken_back: u64,
    /// Devices it left unknown that were decided since, by a fact, a revision or a decision.
    pub settled: u64,
}

/// The documents on file, those that came last first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OnFile {
    /// The documents.
    pub rows: Vec<OnFileRow>,
    /// How many there are beyond those shown.
    pub more: usize,
    /// When this was true.
    pub as_of: Moment,
}

//! Tables of threats: taken in, on file.

use super::{Damaged, Moment};
use serde::Serialize;

/// What became of a batch of files of threats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ThreatIntake {
    /// The catalogues and lists.
    pub lists: Vec<ThreatTaken>,
    /// CVE records whose enrichment is new or newer.
    pub records: usize,
    /// CVE records whose enrichment is the one held or an older one.
    pub records_kept: usize,
    /// CVE records that nobody enriched; nothing of them is kept.
    pub records_without: usize,
    /// Files that could not be read.
    pub damaged: Vec<Damaged>,
    /// What was left out of files that were read.
    pub noted: Vec<Damaged>,
}

/// What became of a catalogue or list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThreatTaken {
    /// File name.
    pub file: String,
    /// `kev` or `epss`.
    pub table: String,
    /// Of when it is, as it names itself.
    pub of: String,
    /// The moment of that, where it is told.
    pub dated: Option<Moment>,
    /// How many flaws it has.
    pub flaws: usize,
    /// How many flaws of the one it replaces it does not have any more.
    pub gone: usize,
    /// Whether it was taken.
    pub outcome: ThreatOutcome,
}

/// Whether a list was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreatOutcome {
    /// It stands now.
    Taken,
    /// It is the one that stands.
    Unchanged,
    /// It is older than the one that stands, which stays.
    Older,
}

impl ThreatIntake {
    /// What became of each list and of the records, a sentence each.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for one in &self.lists {
            let name = format!("{} of {}", one.table.to_uppercase(), one.of);
            lines.push(match one.outcome {
                ThreatOutcome::Taken if one.gone > 0 => {
                    format!(
                        "{name} taken: {} flaws; {} of the list before are not in it.",
                        one.flaws, one.gone
                    )
                }
                ThreatOutcome::Taken => format!("{name} taken: {} flaws.", one.flaws),
                ThreatOutcome::Unchanged => format!("{name} is on file already."),
                ThreatOutcome::Older => format!("{name} not taken: a newer one is on file."),
            });
        }
        if self.records + self.records_kept + self.records_without > 0 {
            lines.push(format!(
                "CVE records: {} taken, {} no newer than what is on file, {} without enrichment.",
                self.records, self.records_kept, self.records_without
            ));
        }
        lines
    }
}

/// A table of threats on file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThreatLine {
    /// `kev`, `epss` or `enrichment`.
    pub name: String,
    /// What it is, in words.
    pub label: String,
    /// Of when it is, as it names itself.
    pub of: String,
    /// How many flaws it has.
    pub flaws: usize,
    /// How many of them are in advisories on file.
    pub here: usize,
    /// When it was taken in.
    pub taken: Moment,
}

//! How each source does, for pages, the API and files.

use super::ask::Doing;
use super::source::{Brings, Source, SourceKind};
use crate::App;
use crate::error::Result;
use crate::views::{Attention, Moment};
use serde::Serialize;
use tallyward_core::Timestamp;
use tallyward_report::Table;

/// A source without a complete run for so many hours is stale.
const STALE_HOURS: i64 = 48;

/// Whether what a source publishes can be counted on to be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// The last run was complete, and lately.
    Good,
    /// Nothing was fetched yet.
    New,
    /// The last run was not complete.
    Failing,
    /// The last complete run is two days ago or longer.
    Stale,
}

impl Health {
    /// The name in files and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::New => "new",
            Self::Failing => "failing",
            Self::Stale => "stale",
        }
    }
}

/// From publication, as the source dates it, to receipt here, in hours, of documents published since the source was added.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Delay {
    /// Documents measured.
    pub measured: usize,
    /// Median.
    pub median_hours: f64,
    /// The longest.
    pub worst_hours: f64,
    /// Of the document received last.
    pub last_hours: f64,
}

/// A document that was fetched and not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedLine {
    /// Where it was.
    pub url: String,
    /// Why it was refused.
    pub why: String,
    /// When.
    pub at: Moment,
    /// SHA-256 of the bytes, hexadecimal; empty when there were none.
    pub sha256: String,
}

/// A feed that is given only to those its provider knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShutLine {
    /// Where it is.
    pub url: String,
    /// Its label.
    pub tlp: String,
    /// What it answers.
    pub status: u16,
    /// Since when it is found so.
    pub since: Moment,
}

/// A source with its health.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceLine {
    /// Name.
    pub name: String,
    /// What is there.
    pub kind: &'static str,
    /// Domain or address.
    pub url: String,
    /// What documents must bring along.
    pub require: &'static str,
    /// It stands inside the house.
    pub internal: bool,
    /// `http` is allowed.
    pub clear_text: bool,
    /// When it was added.
    pub added: Moment,
    /// Whether it can be counted on.
    pub health: Health,
    /// The last complete run without an error.
    pub last_success: Option<Moment>,
    /// Hours since then.
    pub age_hours: Option<i64>,
    /// The last run.
    pub last_run: Option<Moment>,
    /// Why the last run was not complete; empty when it was.
    pub error: String,
    /// Runs in a row that failed.
    pub failures: u32,
    /// Documents of it that are held.
    pub documents: usize,
    /// Documents refused and not mended since, the newest first.
    pub refused: Vec<RefusedLine>,
    /// From publication to receipt; `None` before any was measured.
    pub delay: Option<Delay>,
    /// What the source's own files say that could not be used.
    pub notes: Vec<String>,
    /// What was left as being for others, by kind, in the last run that brought something.
    pub passed_over: Vec<(String, usize)>,
    /// Feeds that are given only to those the provider knows; the others are read.
    pub shut: Vec<ShutLine>,
    /// What goes on with it at present.
    pub doing: Doing,
}

impl SourceLine {
    /// What may be missing while the source cannot be counted on.
    #[must_use]
    pub fn lacking(&self) -> &'static str {
        match SourceKind::from_code(self.kind).map(SourceKind::brings) {
            Some(Brings::Threats) => "newer attacks may not be known here",
            Some(Brings::Letters) => "letters may be missing",
            _ => "advisories may be missing",
        }
    }

    /// One line for whoever has to look, and whether it is of now: two days without a complete run are.
    pub(crate) fn attention(&self, now: Timestamp) -> Option<Attention> {
        let since = self.last_success.unwrap_or(self.added).0;
        let state = match self.health {
            Health::Good | Health::New => return None,
            Health::Failing => "was not read whole",
            Health::Stale => "is not up to date",
        };
        Some(Attention {
            text: format!("the source {} {state}; {}", self.name, self.lacking()),
            link: "/settings/sources".to_owned(),
            urgent: now.seconds_since(since) / 3_600 >= STALE_HOURS,
        })
    }
}

impl Source {
    /// Whether what it publishes can be counted on to be here.
    #[must_use]
    pub fn health(&self, now: Timestamp) -> Health {
        let hours = |since: Timestamp| now.seconds_since(since) / 3_600;
        match self.last_success {
            _ if !self.error.is_empty() => Health::Failing,
            Some(at) if hours(at) >= STALE_HOURS => Health::Stale,
            Some(_) => Health::Good,
            None if hours(self.added) >= STALE_HOURS => Health::Stale,
            None => Health::New,
        }
    }

    /// From publication to receipt; `None` before any was measured.
    #[must_use]
    pub fn delay(&self) -> Option<Delay> {
        let last = *self.delays.last()?;
        let mut sorted = self.delays.clone();
        sorted.sort_unstable();
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle] as f64
        } else {
            (sorted[middle - 1] as f64 + sorted[middle] as f64) / 2.0
        };
        Some(Delay {
            measured: sorted.len(),
            median_hours: median / 3_600.0,
            worst_hours: *sorted.last()? as f64 / 3_600.0,
            last_hours: last as f64 / 3_600.0,
        })
    }

    pub(super) fn line(self, now: Timestamp, doing: Doing) -> SourceLine {
        let refused = self.refused.iter().rev().map(|one| RefusedLine {
            url: one.url.clone(),
            why: one.why.clone(),
            at: Moment(one.at),
            sha256: one.sha256.clone(),
        });
        let shut = self.shut.iter().map(|one| ShutLine {
            url: one.url.clone(),
            tlp: one.tlp.clone(),
            status: one.status,
            since: Moment(one.since),
        });
        SourceLine {
            shut: shut.collect(),
            health: self.health(now),
            delay: self.delay(),
            refused: refused.collect(),
            kind: self.kind.code(),
            require: self.require.code(),
            internal: self.internal,
            clear_text: self.clear_text,
            added: Moment(self.added),
            last_success: self.last_success.map(Moment),
            age_hours: self.last_success.map(|at| now.seconds_since(at) / 3_600),
            last_run: self.last_run.map(Moment),
            failures: self.failures,
            documents: self.documents,
            name: self.name,
            url: self.url,
            error: self.error,
            notes: self.notes,
            passed_over: self.passed_over.into_iter().collect(),
            doing,
        }
    }
}

impl App {
    /// The health of every source as CSV.
    pub fn export_sources(&self) -> Result<Vec<u8>> {
        let mut table = Table::new(&[
            "source",
            "kind",
            "address",
            "health",
            "last_success",
            "age_hours",
            "last_run",
            "error",
            "failures",
            "documents",
            "refused",
            "delays_measured",
            "delay_median_hours",
            "delay_worst_hours",
            "passed_over",
            "shut_feeds",
        ]);
        let moment = |at: Option<Moment>| at.map(|at| at.0.to_string()).unwrap_or_default();
        for line in self.source_lines()? {
            let hours =
                |of: fn(&Delay) -> f64| line.delay.map(|one| format!("{:.2}", of(&one))).unwrap_or_default();
            table.push([
                line.name.clone(),
                line.kind.to_owned(),
                line.url.clone(),
                line.health.code().to_owned(),
                moment(line.last_success),
                line.age_hours.map(|hours| hours.to_string()).unwrap_or_default(),
                moment(line.last_run),
                line.error.clone(),
                line.failures.to_string(),
                line.documents.to_string(),
                line.refused.len().to_string(),
                line.delay.map(|one| one.measured.to_string()).unwrap_or_default(),
                hours(|one| one.median_hours),
                hours(|one| one.worst_hours),
                line.passed_over.iter().map(|one| one.1).sum::<usize>().to_string(),
                line.shut.len().to_string(),
            ]);
        }
        Ok(table.to_csv().into_bytes())
    }

    /// The refused documents of every source as CSV.
    pub fn export_refused(&self) -> Result<Vec<u8>> {
        let mut table = Table::new(&["source", "document", "why", "refused", "sha256"]);
        for line in self.source_lines()? {
            for one in line.refused {
                table.push([line.name.clone(), one.url, one.why, one.at.0.to_string(), one.sha256]);
            }
        }
        Ok(table.to_csv().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        "2026-11-01T00:00:00Z".parse::<Timestamp>().unwrap().plus_seconds(hours * 3_600)
    }

    #[test]
    fn a_source_is_good_only_while_its_last_run_was_complete_and_lately() {
        let mut source = Source { added: at(0), ..Source::default() };
        assert_eq!((source.health(at(47)), source.health(at(48))), (Health::New, Health::Stale));
        source.last_success = Some(at(50));
        assert_eq!((source.health(at(97)), source.health(at(98))), (Health::Good, Health::Stale));
        source.error = "no route".to_owned();
        assert_eq!(source.health(at(51)), Health::Failing);
    }

    #[test]
    fn delays_are_told_by_median_and_worst() {
        let mut source = Source::default();
        assert_eq!(source.delay(), None);
        for hours in [9, 1, 4, 2] {
            source.measure(hours * 3_600);
        }
        let delay = source.delay().unwrap();
        assert_eq!(
            (delay.measured, delay.median_hours, delay.worst_hours, delay.last_hours),
            (4, 3.0, 9.0, 2.0)
        );
    }
}

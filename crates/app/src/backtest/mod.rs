//! The backtest: documents replayed by their own dates, and what the documents on file took.

mod cases;
mod on_file;
mod table;

use crate::App;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::fleet::Config;
use crate::views::{Backtest, BacktestRow, Compared, Damaged, MissingLine, Moment, Touching};
use cases::add_cases;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_advisories::{ReadError, read_document};
use tallyward_core::verdict::MissingFact;
use tallyward_core::{Advisory, Timestamp};
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Made, Marks, Matcher, Replay, Resolver, in_order_of_publication, made, next_sync};

/// Over which devices documents are replayed.
#[derive(Clone, Copy, Debug)]
pub enum BacktestFleet<'a> {
    /// The devices here. What is so of them is not known.
    Here,
    /// Devices made of the documents' own bounds, and those of a truth file (JSON lines), if there is one.
    Made {
        /// The truth file; empty for none.
        truth: &'a str,
    },
}

/// A document read, and how long that took.
struct Read {
    advisory: Advisory,
    micros: i64,
}

impl App {
    /// Replays files of advisories, `(name, bytes)`, in the order of their publication, with a sync every `every_hours` hours.
    /// Nothing is stored.
    ///
    /// # Errors
    /// When `every_hours` is 0 or the devices cannot be read.
    pub fn backtest(
        &self,
        files: &[(String, Vec<u8>)],
        fleet: BacktestFleet<'_>,
        every_hours: u32,
    ) -> Result<Backtest> {
        if every_hours == 0 {
            return Err(AppError::invalid("hours between syncs", "at least 1"));
        }
        let mut damaged = Vec::new();
        let documents = self.read_in_order(files, &mut damaged);
        let newest = newest(&documents);
        let (devices, expected, left_out) = match fleet {
            BacktestFleet::Here => (self.devices_by_configuration()?, Vec::new(), 0),
            BacktestFleet::Made { truth } => {
                let texts: Vec<Advisory> =
                    newest.values().map(|at| documents[*at].advisory.clone()).collect();
                let mut fleet = made(&texts, &self.aliases);
                let left_out = add_cases(truth, &texts, &self.aliases, &mut fleet, &mut damaged);
                let Made { devices, expected } = fleet;
                (devices.into_iter().map(|device| (device, 1)).collect(), expected, left_out)
            }
        };
        let count = devices.iter().map(|(_, count)| count).sum();
        let resolver = Resolver::new(Aliases::clone(&self.aliases), &[]);
        let mut replay = Replay::new(Matcher::new(&[], resolver), devices);
        let mut rows = Vec::new();
        for (at, read) in documents.iter().enumerate() {
            let mut row = self.replay_one(&mut replay, read, every_hours);
            row.earlier_not_at_hand = not_at_hand(&documents[..at], &read.advisory);
            // The truth was made of the newest text; an earlier one may rightly have said something else.
            if newest.get(&read.advisory.id) == Some(&at) {
                row.compared = compared(replay.marks(&read.advisory.id, &expected));
            }
            rows.push(row);
        }
        Ok(summed(rows, every_hours, count, !expected.is_empty(), left_out, damaged))
    }

    fn read_in_order(&self, files: &[(String, Vec<u8>)], damaged: &mut Vec<Damaged>) -> Vec<Read> {
        let mut took = BTreeMap::new();
        let mut read = Vec::new();
        for (name, bytes) in files {
            let begun = self.now();
            match read_document(bytes, name) {
                Ok(documents) => {
                    // An advisory in a list of several is there when the whole list is read.
                    let micros = self.micros_since(begun);
                    damaged.extend(documents.lost.into_iter().map(|error| unread(name, error)));
                    for advisory in documents.advisories {
                        took.insert((advisory.id.clone(), advisory.hash.clone()), micros);
                        read.push(advisory);
                    }
                }
                Err(error) => damaged.push(unread(name, error)),
            }
        }
        in_order_of_publication(&mut read);
        read.dedup_by(|a, b| a.id == b.id && a.hash == b.hash);
        let timed = |advisory: Advisory| {
            let micros = took.get(&(advisory.id.clone(), advisory.hash.clone())).copied().unwrap_or_default();
            Read { advisory, micros }
        };
        read.into_iter().map(timed).collect()
    }

    fn micros_since(&self, begun: Timestamp) -> i64 {
        (self.now().micros() - begun.micros()).max(0)
    }

    fn replay_one(&self, replay: &mut Replay, read: &Read, every_hours: u32) -> BacktestRow {
        let advisory = &read.advisory;
        let begun = self.now();
        let outcome = replay.take(advisory.clone());
        let micros = read.micros + self.micros_since(begun);
        let received = advisory.revised.map(|at| next_sync(at, i64::from(every_hours) * 3_600));
        let waited = advisory.revised.zip(received).map(|(at, sync)| sync.micros() - at.micros());
        BacktestRow {
            advisory: advisory.id.clone(),
            title: advisory.title.clone(),
            revision: advisory.revision.clone(),
            earlier_not_at_hand: 0,
            first_published: advisory.released.map(Moment),
            published: advisory.revised.map(Moment),
            received: received.map(Moment),
            hours: waited.map(|wait| hours(wait + micros)),
            milliseconds: thousandth(micros),
            touching: touching(&outcome.missing, outcome.touched),
            compared: Compared::default(),
        }
    }

    fn devices_by_configuration(&self) -> Result<Vec<(tallyward_matching::Configuration, u64)>> {
        let mut devices = Vec::new();
        for row in self.store.configs()?.into_iter().filter(|row| row.devices > 0) {
            let config: Config = crate::app::parse(DocKind::Setting, &row.id.0.to_string(), &row.body)?;
            devices.push((config.facts, row.devices));
        }
        Ok(devices)
    }
}

fn unread(file: &str, error: ReadError) -> Damaged {
    let place = format!("line {}, column {}", error.line, error.column);
    Damaged { file: file.to_owned(), place, why: error.what }
}

/// Where the newest revision of each document stands.
fn newest(documents: &[Read]) -> BTreeMap<String, usize> {
    documents.iter().enumerate().map(|(at, read)| (read.advisory.id.clone(), at)).collect()
}

/// How many of the revisions that a document names before its own are not among the files `before` it.
fn not_at_hand(before: &[Read], advisory: &Advisory) -> usize {
    let at_hand: BTreeSet<&str> = before
        .iter()
        .filter(|read| read.advisory.id == advisory.id)
        .map(|read| read.advisory.revision.as_str())
        .collect();
    let named: BTreeSet<&str> = advisory.history.iter().map(|entry| entry.number.as_str()).collect();
    named.into_iter().filter(|number| *number != advisory.revision && !at_hand.contains(number)).count()
}

fn touching(missing: &BTreeMap<MissingFact, u64>, touched: tallyward_matching::Touched) -> Touching {
    let mut lines: Vec<MissingLine> =
        missing.iter().map(|(fact, devices)| MissingLine { what: fact.plain(), devices: *devices }).collect();
    lines.sort_by(|a, b| (b.devices, &a.what).cmp(&(a.devices, &b.what)));
    Touching {
        affected: touched.affected,
        unknown: touched.unknown,
        not_affected: touched.not_affected,
        missing: lines,
    }
}

fn compared(marks: Marks) -> Compared {
    Compared {
        right: marks.right,
        left_open: marks.left_open,
        misses: marks.misses,
        false_alarms: marks.false_alarms,
    }
}

fn summed(
    rows: Vec<BacktestRow>,
    every_hours: u32,
    devices: u64,
    truth_known: bool,
    left_out: usize,
    damaged: Vec<Damaged>,
) -> Backtest {
    let mut all = Compared::default();
    for row in &rows {
        all.right += row.compared.right;
        all.left_open += row.compared.left_open;
        all.misses += row.compared.misses;
        all.false_alarms += row.compared.false_alarms;
    }
    let mut waits: Vec<f64> = rows.iter().filter_map(|row| row.hours).collect();
    waits.sort_by(f64::total_cmp);
    Backtest {
        every_hours,
        devices,
        truth_known,
        compared: all,
        median_hours: waits.get(waits.len().saturating_sub(1) / 2).copied(),
        longest_hours: waits.last().copied(),
        rows,
        left_out,
        damaged,
    }
}

/// Microseconds as hours, to a ten-thousandth.
fn hours(micros: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a wait is far below 2^52 microseconds")]
    let hours = micros as f64 / 3.6e9;
    (hours * 1e4).round() / 1e4
}

/// Microseconds as milliseconds.
fn thousandth(micros: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a wait is far below 2^52 microseconds")]
    let milliseconds = micros as f64 / 1e3;
    milliseconds
}

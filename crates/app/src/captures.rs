//! Captures and logs taken in.

use crate::App;
use crate::app::{doc, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::views::{CaptureLine, CaptureReport, Moment};
use crate::who::Who;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tallyward_core::{IngestId, Timestamp};
use tallyward_discovery::logs::{self, LogPiece, LogSet};
use tallyward_discovery::{Learned, Limits, Options, read_capture};

/// What is kept of a capture: what it brought, never its bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredCapture {
    pub report: CaptureReport,
    pub at: Timestamp,
    pub who: String,
    pub first_packet: Option<Timestamp>,
    pub last_packet: Option<Timestamp>,
}

impl App {
    /// Reads captures and logs held in memory and takes them in. The logs are read as one set, so that the leases of one
    /// name the cards of another. What is neither is told with the others' reports; nothing else is lost by it.
    pub fn read_files(
        &self,
        who: &Who,
        sensor: &str,
        files: &[(String, Vec<u8>)],
    ) -> Result<Vec<std::result::Result<CaptureReport, AppError>>> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot take in captures".to_owned()));
        }
        let mut set = LogSet::new(self.options(sensor, IngestId::default()), self.zone());
        let mut out = Vec::new();
        for (name, bytes) in files {
            let ingest = IngestId::from_hash(&Sha256::digest(bytes));
            if logs::recognise(bytes).is_some() {
                set.begin(name);
                set.feed(bytes);
                set.end(ingest);
            } else {
                let learned = read_capture(bytes, self.options(sensor, ingest));
                if learned.stats.packets == 0 {
                    let why = learned.problems.first().map_or("it holds no packets", |problem| &problem.what);
                    let why = format!("no log or table that is known here; {why}");
                    out.push(Err(AppError::invalid(name.as_str(), why)));
                    continue;
                }
                out.push(self.take_one_of_many(who, name, sensor, ingest, learned));
            }
        }
        out.extend(self.take_logs(who, sensor, set.finish()));
        self.refresh()?;
        self.refresh_drafts()?;
        Ok(out)
    }

    /// Takes in what the files of a set of logs taught; the caller calls [`App::refresh`] after the last.
    pub fn take_logs(
        &self,
        who: &Who,
        sensor: &str,
        pieces: Vec<LogPiece>,
    ) -> Vec<std::result::Result<CaptureReport, AppError>> {
        let take =
            |piece: LogPiece| self.take_one_of_many(who, &piece.name, sensor, piece.ingest, piece.learned);
        pieces.into_iter().map(take).collect()
    }

    fn options(&self, sensor: &str, ingest: IngestId) -> Options {
        Options { sensor: sensor.to_owned(), ingest, recorded_at: self.now(), limits: Limits::default() }
    }

    /// Reads a capture held in memory and takes it in.
    pub fn read_capture(&self, who: &Who, file: &str, sensor: &str, bytes: &[u8]) -> Result<CaptureReport> {
        let ingest = IngestId::from_hash(&Sha256::digest(bytes));
        self.take_capture(who, file, sensor, ingest, read_capture(bytes, self.options(sensor, ingest)))
    }

    /// Takes in what a capture taught. Presence is worked out anew for the whole house, because a capture also
    /// says who was silent.
    pub fn take_capture(
        &self,
        who: &Who,
        file: &str,
        sensor: &str,
        ingest: IngestId,
        learned: Learned,
    ) -> Result<CaptureReport> {
        let report = self.take_one_of_many(who, file, sensor, ingest, learned)?;
        if !report.seen_before {
            self.refresh()?;
            self.refresh_drafts()?;
        }
        Ok(report)
    }

    /// As [`App::take_capture`] for one of many captures: the caller calls [`App::refresh`] after the last.
    pub fn take_one_of_many(
        &self,
        who: &Who,
        file: &str,
        sensor: &str,
        ingest: IngestId,
        learned: Learned,
    ) -> Result<CaptureReport> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot take in captures".to_owned()));
        }
        let id = ingest.to_string();
        let seen_before = self.store.get(DocKind::Capture, &id)?.is_some();
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let mut report = CaptureReport {
            ingest,
            file: file.to_owned(),
            sensor: sensor.to_owned(),
            log: learned.stats.log.to_owned(),
            packets: learned.stats.packets,
            lines: learned.stats.lines,
            bytes: learned.stats.bytes,
            first: text(learned.stats.first),
            last: text(learned.stats.last),
            statements: learned.evidence.len(),
            devices: 0,
            flows: learned.flows.len(),
            problems: learned
                .problems
                .iter()
                .take(200)
                .map(|one| (one.place.clone(), one.what.clone()))
                .collect(),
            seen_before,
        };
        if seen_before {
            return Ok(report);
        }
        if learned.stats.packets == 0 && learned.stats.lines == 0 {
            let why = learned.problems.first().map_or("it holds no packets", |problem| problem.what.as_str());
            return Err(AppError::invalid(file, format!("nothing could be read: {why}")));
        }
        let flows = learned.flows.into_iter().map(|flow| (ingest, flow)).collect();
        let _writing = lock(&self.state.fleet);
        let what = if report.log.is_empty() { "capture" } else { "log" };
        let cause = format!("The {what} {file} of {sensor} was read.");
        self.absorb_locked(&cause, learned.evidence, |touched| {
            report.devices = touched;
            let stored = StoredCapture {
                report: report.clone(),
                at: self.now(),
                who: who.login.clone(),
                // Where nobody listened, silence before or after says nothing.
                first_packet: learned.stats.first.filter(|_| !learned.stats.deaf),
                last_packet: learned.stats.last,
            };
            let mut event = self.event(who, "capture.take", format!("capture {id}"));
            event.after = format!("{}, {} statements", report.size(), report.statements);
            ChangeSet {
                flows,
                docs: vec![doc(DocKind::Capture, id.clone(), sensor, &stored)],
                audit: vec![event],
                ..ChangeSet::default()
            }
        })?;
        Ok(report)
    }

    /// Captures taken in, newest first.
    pub fn captures(&self) -> Result<Vec<CaptureLine>> {
        let mut kept = self.stored_captures()?;
        kept.sort_by_key(|capture| std::cmp::Reverse(capture.at));
        Ok(kept
            .into_iter()
            .map(|capture| CaptureLine { report: capture.report, at: Moment(capture.at), who: capture.who })
            .collect())
    }

    pub(crate) fn stored_captures(&self) -> Result<Vec<StoredCapture>> {
        self.load_all(DocKind::Capture, None)
    }
}

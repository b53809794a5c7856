//! Files that belong together, read as one set.

use super::facts::Facts;
use super::flows::Flows;
use super::head::{Head, line_text};
use super::holders::Holders;
use super::pen::Pen;
use super::split::{LONGEST, Lines};
use super::{Format, HEAD, Log, format_of};
use crate::hosts;
use crate::notes::{Seen, Who};
use crate::options::{Learned, Options, Problem, Stats};
use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use tallyward_core::evidence::normalise;
use tallyward_core::{Evidence, Field, IngestId, Key, SourceKind, Timestamp};

/// Certificates and showings of them that are held.
const CERTIFICATES: usize = 65_536;

/// What was learned of one file of the set.
#[derive(Debug)]
pub struct LogPiece {
    /// Its name, as given to [`LogSet::begin`].
    pub name: String,
    /// Its id, as given to [`LogSet::end`].
    pub ingest: IngestId,
    /// What it taught. What it is stands in its counts; no name there means that it is no log that is read here.
    pub learned: Learned,
}

/// Reads files one after the other: `begin`, `feed` in pieces of any size, `end`; then `finish`. The order of the files does not
/// matter, as long as no bound is reached (what a bound cost is counted).
#[derive(Debug)]
pub struct LogSet {
    options: Options,
    zone: TimeZone,
    taken: Timestamp,
    holders: Holders,
    certificates: Certificates,
    done: Vec<File>,
    open: Option<File>,
}

/// Certificates by fingerprint, and who showed which: the one log knows the name, the other the place.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    /// Subject and end by fingerprint.
    pub known: FxHashMap<String, (String, Option<Timestamp>)>,
}

struct File {
    name: String,
    ingest: IngestId,
    format: Option<&'static Format>,
    log: Option<Box<dyn Log>>,
    /// The beginning, until the format is told.
    head: Option<Vec<u8>>,
    lines: Lines,
    facts: Facts,
    flows: Flows,
    problems: Vec<Problem>,
    stats: Stats,
    span: Option<(Timestamp, Timestamp)>,
    /// Certificates shown, by fingerprint, for each hour apart.
    shown: FxHashMap<(Who, String, i64), Seen>,
}

impl std::fmt::Debug for File {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("File").field("name", &self.name).field("stats", &self.stats).finish_non_exhaustive()
    }
}

impl Certificates {
    /// Notes what a certificate says.
    pub(super) fn learn(&mut self, fingerprint: &str, subject: &str, ends: Option<Timestamp>) {
        if fingerprint.len() > 128
            || self.known.len() >= CERTIFICATES && !self.known.contains_key(fingerprint)
        {
            return;
        }
        let new = (subject.chars().take(255).collect::<String>(), ends);
        let known = self.known.entry(fingerprint.to_owned()).or_insert_with(|| new.clone());
        // One fingerprint is one certificate; should two lines differ, the order of files must not decide.
        if new < *known {
            *known = new;
        }
    }
}

impl LogSet {
    /// A set that has seen nothing. `options.ingest` is not used: each file has its own. Times without a zone are of `zone`, tables
    /// without times of `options.recorded_at`.
    #[must_use]
    pub fn new(options: Options, zone: TimeZone) -> Self {
        let holders = Holders::new(options.limits.max_hosts);
        let taken = options.recorded_at;
        Self {
            options,
            zone,
            taken,
            holders,
            certificates: Certificates::default(),
            done: Vec::new(),
            open: None,
        }
    }

    /// With tables without times that were taken at this moment, not when they are read.
    #[must_use]
    pub const fn taken_at(mut self, taken: Timestamp) -> Self {
        self.taken = taken;
        self
    }

    /// Begins a file.
    pub fn begin(&mut self, name: &str) {
        let limit = self.options.limits.max_facts;
        let (facts, flows) = self
            .done
            .iter()
            .fold((0, 0), |(facts, flows), file| (facts + file.facts.len(), flows + file.flows.len()));
        self.open = Some(File {
            name: name.to_owned(),
            ingest: IngestId::default(),
            format: None,
            log: None,
            head: Some(Vec::new()),
            lines: Lines::default(),
            facts: Facts::new(limit.saturating_sub(facts)),
            flows: Flows::new(limit.saturating_sub(flows)),
            problems: Vec::new(),
            stats: Stats::default(),
            span: None,
            shown: FxHashMap::default(),
        });
    }

    /// Reads the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        let Some(mut file) = self.open.take() else { return };
        file.stats.bytes += bytes.len() as u64;
        if let Some(head) = &mut file.head {
            let room = HEAD - head.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            head.extend_from_slice(now);
            if head.len() == HEAD {
                self.tell(&mut file);
                self.lines(&mut file, later);
            }
        } else {
            self.lines(&mut file, bytes);
        }
        self.open = Some(file);
    }

    /// Ends the file, whose id is known now.
    pub fn end(&mut self, ingest: IngestId) {
        let Some(mut file) = self.open.take() else { return };
        if file.head.is_some() {
            self.tell(&mut file);
        }
        file.ingest = ingest;
        let mut lines = std::mem::take(&mut file.lines);
        lines.finish(&mut |number, line| self.line(&mut file, number, line));
        file.lines = lines;
        if let Some(mut log) = file.log.take() {
            let number = file.lines.count;
            let read = log.end(&mut self.pen(&mut file, number));
            if let Err(what) = read {
                self.problem(&mut file, number, what);
            }
        }
        self.done.push(file);
    }

    /// Decides what the file is, and reads its head.
    fn tell(&mut self, file: &mut File) {
        let bytes = file.head.take().unwrap_or_default();
        let head = Head::of(&bytes);
        file.format = format_of(&head);
        match file.format {
            Some(format) => file.log = Some((format.begin)(&head)),
            None => {
                let what = if bytes.is_empty() {
                    "the file is empty"
                } else if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
                    "the file is UTF-16: save it as UTF-8"
                } else {
                    "no log or table that is known here; see the formats in the documentation of logs"
                };
                self.problem(file, 1, what.to_owned());
            }
        }
        self.lines(file, bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    }

    fn lines(&mut self, file: &mut File, bytes: &[u8]) {
        if file.log.is_none() {
            return;
        }
        let mut lines = std::mem::take(&mut file.lines);
        lines.feed(bytes, &mut |number, line| self.line(file, number, line));
        file.lines = lines;
    }

    fn line(&mut self, file: &mut File, number: u64, line: Option<&[u8]>) {
        let Some(mut log) = file.log.take() else { return };
        file.stats.lines += 1;
        let read = match line {
            None => Err(format!("the line is longer than {LONGEST} bytes and was passed over")),
            Some(bytes) => {
                let text = line_text(bytes);
                if text.trim().is_empty() { Ok(()) } else { log.line(&text, &mut self.pen(file, number)) }
            }
        };
        file.log = Some(log);
        if let Err(what) = read {
            self.problem(file, number, what);
        }
    }

    fn pen<'a>(&'a mut self, file: &'a mut File, line: u64) -> Pen<'a> {
        Pen {
            facts: &mut file.facts,
            holders: &mut self.holders,
            flows: &mut file.flows,
            certificates: &mut self.certificates,
            shown: &mut file.shown,
            zone: &self.zone,
            taken: self.taken,
            source: &self.options.sensor,
            line,
            span: &mut file.span,
        }
    }

    fn problem(&self, file: &mut File, line: u64, what: String) {
        if file.problems.len() < self.options.limits.max_problems {
            file.problems.push(Problem { place: format!("line {line}"), what });
        } else {
            file.stats.problems_dropped += 1;
        }
    }

    /// Ends the reading: whose each address was is settled, and each file gives what it taught.
    #[must_use]
    pub fn finish(mut self) -> Vec<LogPiece> {
        self.holders.settle();
        let mut dropped = self.holders.dropped;
        let files = std::mem::take(&mut self.done);
        files.into_iter().map(|file| self.piece(file, std::mem::take(&mut dropped))).collect()
    }

    fn piece(&self, mut file: File, dropped: u64) -> LogPiece {
        for ((who, fingerprint, _), seen) in std::mem::take(&mut file.shown) {
            if let Some((subject, ends)) = self.certificates.known.get(&fingerprint) {
                let (kind, basis) = (SourceKind::WireNetwork, "Zeek x509.log certificate.subject");
                file.facts.add(who, Field::Certificate, subject.clone(), kind, basis, seen);
                if let Some(ends) = ends {
                    let basis = "Zeek x509.log certificate.not_valid_after";
                    file.facts.add(who, Field::CertificateEnds, ends.date(), kind, basis, seen);
                }
            }
        }
        let lost = file.facts.dropped + file.flows.dropped + dropped;
        if lost > 0 {
            let what = format!("{lost} statements were not kept for want of room; read fewer files at once");
            file.problems.push(Problem { place: "whole file".to_owned(), what });
        }
        let options = Options { ingest: file.ingest, ..self.options.clone() };
        let mut stats = file.stats;
        stats.facts_dropped = file.facts.dropped + dropped;
        stats.flows_dropped = file.flows.dropped;
        (stats.first, stats.last) = file.span.unzip();
        stats.log = file.format.map_or("", |format| format.name);
        stats.deaf = file.format.is_some_and(|format| !format.listens);
        let mut evidence = normalise(file.facts.settle(&self.holders, &options));
        evidence.retain(is_of_the_house);
        let flows = file.flows.settle(&self.holders);
        LogPiece {
            name: file.name,
            ingest: file.ingest,
            learned: Learned { evidence, flows, problems: file.problems, stats },
        }
    }
}

/// Whether a statement may be about a device of the house: logs name every web server in the world, too.
fn is_of_the_house(piece: &Evidence) -> bool {
    match &piece.subject {
        Key::Address { address, .. } => address.parse::<IpAddr>().is_ok_and(is_inside),
        _ => true,
    }
}

/// An address of a private range, or one that only its own network knows.
pub(super) fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            !(hosts::is_public(address) || v4.is_loopback() || v4.is_multicast() || v4.is_unspecified())
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

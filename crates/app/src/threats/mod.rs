//! What others know of attacks (KEV, EPSS, enriched CVE records), taken in and held against the flaws on file.

mod carried;
mod source;
mod told;

pub(crate) use source::List;
pub(crate) use told::OnFile;

use crate::App;
use crate::app::{doc, lock};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::unpack;
use crate::views::{Damaged, Moment, ThreatIntake, ThreatLine, ThreatOutcome, ThreatTaken};
use crate::who::Who;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tallyward_advisories::ReadError;
use tallyward_advisories::threat::{CveRecord, Enrichment, Epss, Kev, Threats, read_threats};
use tallyward_core::Timestamp;

/// Ids of the stored tables, one document each.
const KEV: &str = "kev";
const EPSS: &str = "epss";
const ENRICHMENT: &str = "enrichment";
/// Id of the summary of the three, so that showing it does not read them.
const SUMMARY: &str = "summary";

/// Enrichment by CVE id.
type Enrichments = BTreeMap<String, Enrichment>;

/// What is said of one stored table.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Held {
    /// Of when it is, as it names itself.
    of: String,
    /// How many CVE ids it has.
    flaws: usize,
    taken: Timestamp,
}

/// The tables while files are taken in; only those that changed are written.
struct Taking<'a> {
    app: &'a App,
    who: &'a Who,
    kev: Option<Kev>,
    epss: Option<Epss>,
    enrichments: Enrichments,
    summary: BTreeMap<String, Held>,
    changed: BTreeMap<&'static str, String>,
    intake: ThreatIntake,
}

impl App {
    /// Takes in files of threats: `(name, bytes)`, CVE records also many in a zip archive. The kind is told by the content. A catalogue or list takes the
    /// place of the one held unless it is older; CVE records add to those held, the newer enrichment counts. What
    /// cannot be read is named with its place and the rest goes on.
    pub fn take_threats(&self, who: &Who, files: Vec<(String, Vec<u8>)>) -> Result<ThreatIntake> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot take in lists of threats".to_owned()));
        }
        let mut read = Vec::new();
        for (name, bytes) in files {
            read_file(name, &bytes, &mut read);
        }
        self.take_read(who, read)
    }

    /// Takes in lists that were read before: reading needs nothing that others would wait for.
    fn take_read(&self, who: &Who, read: Vec<ReadFile>) -> Result<ThreatIntake> {
        let writing = lock(&self.state.fleet);
        let mut taking = Taking::begin(self, who)?;
        for (name, outcome) in read {
            taking.take(name, outcome);
        }
        let (change, intake) = taking.done();
        if !change.docs.is_empty() {
            self.commit(change)?;
            self.forget_known();
            drop(writing);
            self.refresh_drafts()?;
        }
        Ok(intake)
    }

    /// The tables of threats on file, and how many flaws of advisories on file each names.
    pub fn threats(&self) -> Result<Vec<ThreatLine>> {
        let summary: BTreeMap<String, Held> = self.load(DocKind::Threats, SUMMARY)?.unwrap_or_default();
        if summary.is_empty() {
            return Ok(Vec::new());
        }
        let here = &self.known()?.threats_here;
        let line = |(name, held): (String, Held)| ThreatLine {
            label: label(&name).to_owned(),
            here: here.get(name.as_str()).copied().unwrap_or_default(),
            of: held.of,
            flaws: held.flaws,
            taken: Moment(held.taken),
            name,
        };
        Ok(summary.into_iter().map(line).collect())
    }

    /// The catalogue of flaws used in attacks alone.
    pub(crate) fn kev(&self) -> Result<Option<Kev>> {
        self.load(DocKind::Threats, KEV)
    }

    /// The tables on file, to be held against flaws.
    pub(crate) fn threats_on_file(&self) -> Result<OnFile> {
        Ok(OnFile {
            kev: self.load(DocKind::Threats, KEV)?,
            epss: self.load(DocKind::Threats, EPSS)?,
            enrichments: self.load(DocKind::Threats, ENRICHMENT)?.unwrap_or_default(),
        })
    }
}

fn label(name: &str) -> &'static str {
    match name {
        KEV => "KEV, CISA's catalogue of exploited flaws",
        EPSS => "EPSS, the chance of attacks within 30 days",
        _ => "CVE records with SSVC enrichment",
    }
}

fn damaged(error: ReadError) -> Damaged {
    let place = format!("line {}, column {}", error.line, error.column);
    Damaged { file: error.name, place, why: error.what }
}

/// What a file says, with what was read past.
type Read = (Threats, Vec<ReadError>);

/// A file by name, read or not.
type ReadFile = (String, std::result::Result<Read, Damaged>);

/// Reads one file; of a zip archive each record in it.
fn read_file(name: String, bytes: &[u8], read: &mut Vec<ReadFile>) {
    if !unpack::is_zip(bytes) {
        let outcome = read_threats(bytes, &name).map_err(damaged);
        return read.push((name, outcome));
    }
    let mut take = |within: &str, document: std::result::Result<&[u8], String>| {
        let outcome = match document {
            Ok(bytes) => read_threats(bytes, within).map_err(damaged),
            Err(why) => Err(Damaged { file: within.to_owned(), place: String::new(), why }),
        };
        read.push((within.to_owned(), outcome));
        Ok::<(), std::convert::Infallible>(())
    };
    let Ok(()) = unpack::each(&name, bytes, &mut take);
}

impl<'a> Taking<'a> {
    fn begin(app: &'a App, who: &'a Who) -> Result<Self> {
        Ok(Self {
            app,
            who,
            kev: app.load(DocKind::Threats, KEV)?,
            epss: app.load(DocKind::Threats, EPSS)?,
            enrichments: app.load(DocKind::Threats, ENRICHMENT)?.unwrap_or_default(),
            summary: app.load(DocKind::Threats, SUMMARY)?.unwrap_or_default(),
            changed: BTreeMap::new(),
            intake: ThreatIntake::default(),
        })
    }

    fn take(&mut self, name: String, outcome: std::result::Result<Read, Damaged>) {
        let (threats, noted) = match outcome {
            Ok(read) => read,
            Err(bad) => return self.intake.damaged.push(bad),
        };
        self.intake.noted.extend(noted.into_iter().map(damaged));
        let taken = match threats {
            Threats::Kev(kev) => self.take_kev(name, kev),
            Threats::Epss(epss) => self.take_epss(name, epss),
            Threats::Cve(record) => return self.take_record(record),
            Threats::Records(records) => return records.into_iter().for_each(|one| self.take_record(one)),
        };
        self.intake.lists.push(taken);
    }

    fn take_kev(&mut self, file: String, kev: Kev) -> ThreatTaken {
        let (of, flaws, dated) = (kev.version.clone(), kev.entries.len(), Moment(kev.released));
        let outcome = outcome(self.kev.as_ref().map(|held| (held.released, held == &kev)), kev.released);
        let gone = self.kev.iter().flat_map(|held| held.entries.keys());
        let gone = gone.filter(|id| !kev.entries.contains_key(*id)).count();
        if outcome == ThreatOutcome::Taken {
            self.kev = Some(kev);
            self.note(KEV, of.clone(), flaws);
        }
        let gone = if outcome == ThreatOutcome::Taken { gone } else { 0 };
        ThreatTaken { file, table: KEV.to_owned(), of, dated: Some(dated), flaws, gone, outcome }
    }

    fn take_epss(&mut self, file: String, epss: Epss) -> ThreatTaken {
        let (of, flaws, dated) = (epss.scored.date(), epss.scores.len(), Moment(epss.scored));
        let outcome = outcome(self.epss.as_ref().map(|held| (held.scored, held == &epss)), epss.scored);
        let gone = self.epss.iter().flat_map(|held| held.scores.keys());
        let gone = gone.filter(|id| !epss.scores.contains_key(*id)).count();
        if outcome == ThreatOutcome::Taken {
            self.epss = Some(epss);
            self.note(EPSS, of.clone(), flaws);
        }
        let gone = if outcome == ThreatOutcome::Taken { gone } else { 0 };
        ThreatTaken { file, table: EPSS.to_owned(), of, dated: Some(dated), flaws, gone, outcome }
    }

    fn take_record(&mut self, record: CveRecord) {
        let Some(enrichment) = record.enrichment else {
            self.intake.records_without += 1;
            return;
        };
        match self.enrichments.get(&record.id) {
            Some(held) if held.at > enrichment.at || *held == enrichment => self.intake.records_kept += 1,
            _ => {
                self.intake.records += 1;
                self.enrichments.insert(record.id, enrichment);
            }
        }
    }

    /// A table is another than before: it is written, with its line in the summary and in the audit log.
    fn note(&mut self, table: &'static str, of: String, flaws: usize) {
        self.changed.insert(table, format!("{of}, {flaws} flaws"));
        self.summary.insert(table.to_owned(), Held { of, flaws, taken: self.app.now() });
    }

    fn done(mut self) -> (ChangeSet, ThreatIntake) {
        if self.intake.records > 0 {
            let newest = self.enrichments.values().map(|one| one.at).max().unwrap_or_default();
            self.note(ENRICHMENT, format!("newest of {}", newest.date()), self.enrichments.len());
        }
        let mut change = ChangeSet::default();
        for (table, after) in &self.changed {
            change.docs.push(self.put(table));
            let mut event = self.app.event(self.who, "threats.take", *table);
            event.after.clone_from(after);
            change.audit.push(event);
        }
        if !change.docs.is_empty() {
            change.docs.push(doc(DocKind::Threats, SUMMARY, "", &self.summary));
        }
        (change, self.intake)
    }

    fn put(&self, table: &str) -> DocPut {
        match table {
            KEV => doc(DocKind::Threats, KEV, "", &self.kev),
            EPSS => doc(DocKind::Threats, EPSS, "", &self.epss),
            _ => doc(DocKind::Threats, ENRICHMENT, "", &self.enrichments),
        }
    }
}

/// What becomes of a list of this date beside the one held: its date, and whether it is the same.
fn outcome(held: Option<(Timestamp, bool)>, date: Timestamp) -> ThreatOutcome {
    match held {
        Some((_, true)) => ThreatOutcome::Unchanged,
        Some((at, false)) if at > date => ThreatOutcome::Older,
        _ => ThreatOutcome::Taken,
    }
}

//! Whose verdicts one event changed, and why: written down in the commit that changes them.

use crate::App;
use crate::app::{doc, parse};
use crate::change::{ChangeSet, ConfigId, ConfigPut, DevicePut, DocKind, DocPut, JudgementPut};
use crate::error::Result;
use crate::fleet::Config;
use crate::ports::{JudgementsOf, ListDocs};
use crate::views::{Moment, VerdictChange, VerdictChangeEvent, VerdictChanges};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::{DeviceId, Reason, Timestamp, Verdict};

/// Index of events that changed verdicts which stood, by an advisory, a decision or a table.
const JUDGED: &str = "judged";
/// Index of events that changed verdicts by a fact about the device.
const FACTS: &str = "facts";

/// One stored event, or a piece of a long one.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredEvent {
    at: Timestamp,
    /// What happened, in a sentence.
    cause: String,
    rows: Vec<StoredRow>,
}

/// A verdict that is another than before, for devices that are alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredRow {
    advisory: String,
    vulnerability: String,
    model: String,
    version: String,
    /// `None` when there was no finding.
    was: Option<Verdict>,
    /// `None` when there is none any more.
    is: Option<Verdict>,
    because: String,
    /// How many devices.
    count: u64,
    /// Which; empty for a finding that is new, since the finding list names them.
    devices: Vec<DeviceId>,
}

/// What became of the verdicts of one advisory: vulnerabilities and devices.
#[derive(Default)]
pub(crate) struct Overtaken {
    taken_back: BTreeSet<(String, DeviceId)>,
    settled: BTreeSet<(String, DeviceId)>,
}

impl Overtaken {
    /// Notes a change, later ones after earlier ones. A fact about the device takes no alarm back: it was patched.
    fn note(&mut self, row: &StoredRow, judged: bool) {
        let cleared = matches!(row.is, None | Some(Verdict::NotAffected));
        let decided = matches!(row.is, Some(Verdict::Affected | Verdict::NotAffected));
        for device in &row.devices {
            let at = (row.vulnerability.clone(), *device);
            if row.is == Some(Verdict::Affected) {
                self.taken_back.remove(&at);
            } else if judged && cleared && row.was == Some(Verdict::Affected) {
                self.taken_back.insert(at.clone());
            }
            if !decided {
                self.settled.remove(&at);
            } else if row.was == Some(Verdict::Unknown) {
                self.settled.insert(at);
            }
        }
    }

    /// Devices called affected by one of its vulnerabilities, until an advisory, a decision or a table said otherwise.
    pub fn taken_back(&self) -> u64 {
        distinct(&self.taken_back)
    }

    /// Devices that one of its vulnerabilities left unknown, and that were decided since.
    pub fn settled(&self) -> u64 {
        distinct(&self.settled)
    }
}

fn distinct(findings: &BTreeSet<(String, DeviceId)>) -> u64 {
    findings.iter().map(|(_, device)| device).collect::<BTreeSet<_>>().len() as u64
}

/// Verdicts by advisory and vulnerability.
pub(crate) type Verdicts = BTreeMap<(String, String), JudgementPut>;

impl App {
    /// The stored verdicts of these advisories by configuration, to be compared with what replaces them.
    pub(crate) fn verdicts_before<'a>(
        &self,
        advisories: impl IntoIterator<Item = &'a String>,
    ) -> Result<FxHashMap<ConfigId, Verdicts>> {
        let mut before: FxHashMap<ConfigId, Verdicts> = FxHashMap::default();
        for advisory in advisories {
            for (config, judged) in self.store.judgements(JudgementsOf::Advisory(advisory))? {
                let at = (judged.advisory.clone(), judged.vulnerability.clone());
                before.entry(config).or_default().insert(at, judged);
            }
        }
        Ok(before)
    }

    /// The record of what `puts` change against `before`; none when they change no verdict. `part` tells the pieces
    /// of one event apart.
    pub(crate) fn record_of_judging(
        &self,
        cause: &str,
        part: usize,
        puts: &[(ConfigPut, Config, u64)],
        before: &FxHashMap<ConfigId, Verdicts>,
    ) -> Result<Option<DocPut>> {
        let none = Verdicts::new();
        let mut rows = Vec::new();
        for (put, config, count) in puts {
            let was = before.get(&put.id).unwrap_or(&none);
            let mut changed = differences(was, &verdicts(put.judgements.iter().cloned()), config);
            if changed.iter().any(|row| row.was.is_some()) {
                let ids = self.store.holders(put.id)?;
                for row in changed.iter_mut().filter(|row| row.was.is_some()) {
                    row.devices.clone_from(&ids);
                }
            }
            for row in &mut changed {
                row.count = *count;
            }
            rows.extend(changed);
        }
        // Only what was said before can have been wrong; first verdicts need not be looked through for it.
        let stood = rows.iter().any(|row| row.was.is_some());
        Ok(self.record_at(self.now(), cause, part, rows, if stood { JUDGED } else { "" }))
    }

    /// The record of what another configuration changes for devices that were here before. `at` and `cause` tell the
    /// event, which may be committed in pieces.
    pub(crate) fn record_of_devices(
        &self,
        cause: &str,
        at: Timestamp,
        change: &ChangeSet,
    ) -> Result<Option<DocPut>> {
        let rows = self.moved(change)?;
        Ok(self.record_at(at, cause, 0, rows, FACTS))
    }

    /// As [`App::record_of_devices`], when it is an advisory or a decision that asks for other facts than before.
    pub(crate) fn record_of_regrouping(
        &self,
        cause: &str,
        at: Timestamp,
        change: &ChangeSet,
    ) -> Result<Option<DocPut>> {
        let rows = self.moved(change)?;
        let stood = rows.iter().any(|row| row.was.is_some());
        Ok(self.record_at(at, cause, 0, rows, if stood { JUDGED } else { "" }))
    }

    /// What changes for devices that go from one configuration to another.
    fn moved(&self, change: &ChangeSet) -> Result<Vec<StoredRow>> {
        let ids: Vec<DeviceId> = change.devices.iter().map(|put| put.id).collect();
        let held: FxHashMap<DeviceId, ConfigId> = self.store.configs_of(&ids)?.into_iter().collect();
        let mut moved: BTreeMap<(ConfigId, ConfigId), Vec<&DevicePut>> = BTreeMap::new();
        for put in &change.devices {
            if let Some(was) = held.get(&put.id).filter(|was| **was != put.config) {
                moved.entry((*was, put.config)).or_default().push(put);
            }
        }
        let fresh: FxHashMap<ConfigId, &ConfigPut> = change.configs.iter().map(|put| (put.id, put)).collect();
        let mut rows = Vec::new();
        // In the order of the configurations left, so that the verdicts of each are read once.
        let mut left: Option<(ConfigId, Verdicts)> = None;
        for ((was, is), puts) in moved {
            let before = match left.take() {
                Some((config, before)) if config == was => before,
                _ => self.verdicts_on(was)?,
            };
            let is = match fresh.get(&is) {
                Some(put) => verdicts(put.judgements.iter().cloned()),
                None => self.verdicts_on(is)?,
            };
            rows.extend(rows_of_group(&before, &is, &puts));
            left = Some((was, before));
        }
        Ok(rows)
    }

    pub(crate) fn verdicts_on(&self, config: ConfigId) -> Result<Verdicts> {
        let rows = self.store.judgements(JudgementsOf::Config(config))?;
        Ok(verdicts(rows.into_iter().map(|(_, judged)| judged)))
    }

    fn record_at(
        &self,
        at: Timestamp,
        cause: &str,
        part: usize,
        rows: Vec<StoredRow>,
        index: &str,
    ) -> Option<DocPut> {
        if rows.is_empty() {
            return None;
        }
        // Time first, so that ids in order are events in order; chance last, so that two at one moment stay two.
        let id = format!("{:020}-{part:04}-{}", at.micros().max(0), self.random_hex(3));
        let event = StoredEvent { at, cause: cause.to_owned(), rows };
        Some(doc(DocKind::VerdictChange, id, index, &event))
    }

    /// What became of verdicts since a moment, by advisory.
    pub(crate) fn overtaken(&self, since: Timestamp) -> Result<BTreeMap<String, Overtaken>> {
        let from = format!("{:020}", since.micros().max(0));
        let mut events: Vec<(String, bool, StoredEvent)> = Vec::new();
        for index in [JUDGED, FACTS] {
            let which = ListDocs { index: Some(index), after: Some(&from), ..ListDocs::default() };
            for row in self.store.list(DocKind::VerdictChange, &which)? {
                let event = parse(DocKind::VerdictChange, &row.id, &row.body)?;
                events.push((row.id, index == JUDGED, event));
            }
        }
        events.sort_by(|a, b| a.0.cmp(&b.0));
        let mut overtaken: BTreeMap<String, Overtaken> = BTreeMap::new();
        for (_, judged, event) in events {
            for row in event.rows {
                overtaken.entry(row.advisory.clone()).or_default().note(&row, judged);
            }
        }
        Ok(overtaken)
    }

    /// Which verdicts changed in the last `days` days, newest first, with whose and why.
    pub fn verdict_changes(&self, days: u16) -> Result<VerdictChanges> {
        let now = self.now();
        let since = now.micros() - i64::from(days.max(1)) * 86_400_000_000;
        let from = format!("{:020}", since.max(0));
        let which = ListDocs { after: Some(&from), ..ListDocs::default() };
        let mut events: Vec<VerdictChangeEvent> = Vec::new();
        for row in self.store.list(DocKind::VerdictChange, &which)?.iter().rev() {
            let event: StoredEvent = parse(DocKind::VerdictChange, &row.id, &row.body)?;
            let rows = event.rows.into_iter().map(shown);
            match events.last_mut() {
                Some(last) if last.at.0 == event.at && last.cause == event.cause => last.rows.extend(rows),
                _ => events.push(VerdictChangeEvent {
                    at: Moment(event.at),
                    cause: event.cause,
                    rows: rows.collect(),
                }),
            }
        }
        for event in &mut events {
            event.rows.sort_by(|a, b| order(a).cmp(&order(b)));
            event.rows.dedup_by(alike);
        }
        Ok(VerdictChanges { events, since: Moment(Timestamp::from_micros(since)), as_of: Moment(now) })
    }

    /// The same as CSV, one line for a model, version and vulnerability.
    pub fn export_verdict_changes(&self, days: u16) -> Result<Vec<u8>> {
        let mut table = tallyward_report::Table::new(&[
            "At",
            "What happened",
            "Advisory",
            "Vulnerability",
            "Model",
            "Version",
            "Was",
            "Is",
            "Because",
            "Devices",
            "Handles",
        ]);
        for event in self.verdict_changes(days)?.events {
            for row in event.rows {
                let handles: Vec<String> = row.devices.iter().map(ToString::to_string).collect();
                table.push([
                    event.at.0.to_string(),
                    event.cause.clone(),
                    row.advisory,
                    row.vulnerability,
                    row.model,
                    row.version,
                    word(row.was).to_owned(),
                    word(row.is).to_owned(),
                    row.because,
                    row.count.to_string(),
                    handles.join(" "),
                ]);
            }
        }
        Ok(table.to_csv().into_bytes())
    }
}

/// `no finding` or the word on a screen.
fn word(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("no finding", Verdict::label)
}

/// Joins a row to the one before it when they differ in nothing but their devices: configurations may differ in facts
/// that the verdict does not show.
fn alike(next: &mut VerdictChange, held: &mut VerdictChange) -> bool {
    let same = order(next) == order(held);
    if same {
        held.count += next.count;
        held.devices.append(&mut next.devices);
        held.devices.sort();
    }
    same
}

/// Worst first, and what concerns known findings before what is new.
fn order(row: &VerdictChange) -> impl Ord + '_ {
    let is = row.is.unwrap_or(Verdict::NotAffected);
    let named = (&row.advisory, &row.model, &row.version, &row.vulnerability);
    (is, row.is.is_none(), row.was.is_none(), row.was, named, &row.because)
}

fn shown(row: StoredRow) -> VerdictChange {
    VerdictChange {
        advisory: row.advisory,
        vulnerability: row.vulnerability,
        model: row.model,
        version: row.version,
        was: row.was,
        is: row.is,
        because: row.because,
        count: row.count,
        devices: row.devices,
    }
}

/// Verdicts by advisory and vulnerability.
pub(crate) fn verdicts(judged: impl IntoIterator<Item = JudgementPut>) -> Verdicts {
    judged.into_iter().map(|one| ((one.advisory.clone(), one.vulnerability.clone()), one)).collect()
}

/// What moving from one configuration to another changes for these devices, which are alike.
fn rows_of_group(was: &Verdicts, is: &Verdicts, puts: &[&DevicePut]) -> Vec<StoredRow> {
    let Some(one) = puts.first() else { return Vec::new() };
    let mut rows = rows_of(was, is, format!("{} {}", one.maker, one.model).trim(), &one.version);
    for row in &mut rows {
        row.count = puts.len() as u64;
        row.devices = puts.iter().map(|put| put.id).collect();
    }
    rows
}

fn differences(was: &Verdicts, is: &Verdicts, config: &Config) -> Vec<StoredRow> {
    let model = format!("{} {}", config.facts.maker, config.facts.model).trim().to_owned();
    rows_of(was, is, &model, &config.facts.software_version)
}

fn rows_of(was: &Verdicts, is: &Verdicts, model: &str, version: &str) -> Vec<StoredRow> {
    let row = |(advisory, vulnerability): &(String, String),
               old: Option<&JudgementPut>,
               new: Option<&JudgementPut>| {
        StoredRow {
            advisory: advisory.clone(),
            vulnerability: vulnerability.clone(),
            model: model.to_owned(),
            version: version.to_owned(),
            was: old.map(|one| one.verdict),
            is: new.map(|one| one.verdict),
            because: new.map_or_else(|| "No entry of the advisory concerns it any more.".to_owned(), because),
            count: 0,
            devices: Vec::new(),
        }
    };
    let here = is.iter().filter_map(|(at, new)| {
        let old = was.get(at);
        old.is_none_or(|old| old.verdict != new.verdict).then(|| row(at, old, Some(new)))
    });
    let gone = was.iter().filter(|(at, _)| !is.contains_key(*at)).map(|(at, old)| row(at, Some(old), None));
    here.chain(gone).collect()
}

/// The sentence that decided it: the last of the chain.
fn because(judged: &JudgementPut) -> String {
    let reasons: Vec<Reason> = serde_json::from_str(&judged.reasons).unwrap_or_default();
    reasons.into_iter().next_back().map(|reason| reason.text).unwrap_or_default()
}

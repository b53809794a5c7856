//! Runs of the matching: what started each, and what it found. Those somebody asked for and those that started by
//! themselves are listed apart (CSAF 2.0, clause 9.1.13).

use crate::App;
use crate::app::{doc, lock, parse};
use crate::change::{ChangeSet, ConfigId, ConfigPut, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::fleet::{Config, config_put};
use crate::ports::{ConfigRow, JudgementsOf, ListDocs, VerdictCounts};
use crate::views::{Moment, RunLine, RunList};
use crate::who::Who;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tallyward_core::{DeviceId, Timestamp, Verdict};

/// Runs shown of each kind.
const SHOWN: u32 = 100;
/// Documents or devices named in one run.
const NAMED: usize = 5;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredRun {
    at: Timestamp,
    manual: bool,
    /// What started it, in a sentence.
    cause: String,
    /// What was matched: documents against all devices, or devices against all documents.
    what: String,
    /// None where a list came in, whose findings stand in the list.
    findings: Option<VerdictCounts>,
}

/// Findings of some configurations, each counted with its devices.
pub(crate) fn tally(puts: &[(ConfigPut, Config, u64)], counts: &mut VerdictCounts) {
    for (put, _, devices) in puts {
        for judged in &put.judgements {
            match judged.verdict {
                Verdict::Affected => counts.affected += devices,
                Verdict::Unknown => counts.unknown += devices,
                Verdict::NotAffected => counts.not_affected += devices,
            }
        }
    }
}

/// `ICSMA-1, ICSMA-2 and 3 more`.
fn listed<T: ToString>(names: impl ExactSizeIterator<Item = T>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let named = names.take(NAMED).map(|one| one.to_string()).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

impl App {
    /// The record of a run over documents.
    pub(crate) fn document_run(
        &self,
        manual: bool,
        cause: &str,
        documents: &BTreeSet<String>,
        findings: VerdictCounts,
    ) -> DocPut {
        let what = format!("{} against every device", listed(documents.iter()));
        self.run(manual, cause, what, Some(findings))
    }

    /// The record of a run over devices that came in; none when none did.
    pub(crate) fn device_run(&self, cause: &str, devices: usize) -> Option<DocPut> {
        let noun = if devices == 1 { "device" } else { "devices" };
        let what = format!("{devices} new {noun} against every advisory");
        (devices > 0).then(|| self.run(false, cause, what, None))
    }

    fn run(&self, manual: bool, cause: &str, what: String, findings: Option<VerdictCounts>) -> DocPut {
        let at = self.now();
        let id = format!("{:020}-{}", at.micros().max(0), self.random_hex(3));
        let run = StoredRun { at, manual, cause: cause.to_owned(), what, findings };
        doc(DocKind::Run, id, if manual { "manual" } else { "automatic" }, &run)
    }

    /// Matches these documents against every device, because somebody asks. Answers how many configurations have a
    /// finding of them.
    ///
    /// # Errors
    /// When a reader asks, or one of them is not on file.
    pub fn match_documents(&self, who: &Who, ids: &[String]) -> Result<usize> {
        may_run(who)?;
        for id in ids {
            self.stored_advisory(id)?;
        }
        let writing = lock(&self.state.fleet);
        let event = self.event(who, "match.documents", format!("advisories {}", listed(ids.iter())));
        self.commit(ChangeSet { audit: vec![event], ..ChangeSet::default() })?;
        let touched = ids.iter().cloned().collect();
        let judged = self.judge_again_as(&touched, &format!("{} asked for it.", who.name), true)?;
        drop(writing);
        self.refresh_drafts()?;
        Ok(judged)
    }

    /// Matches these devices against every document, because somebody asks. Answers how many findings they have.
    ///
    /// # Errors
    /// When a reader asks, or there is no such device.
    pub fn match_devices(&self, who: &Who, ids: &[DeviceId]) -> Result<u64> {
        may_run(who)?;
        let writing = lock(&self.state.fleet);
        let known = self.known()?;
        let configs: FxHashMap<ConfigId, ConfigRow> =
            self.store.configs()?.into_iter().map(|row| (row.id, row)).collect();
        let (mut puts, mut before) = (Vec::new(), FxHashMap::default());
        let mut counts = VerdictCounts::default();
        for id in ids {
            let row = self.store.device(*id)?.ok_or_else(|| AppError::not_found("device", id.to_string()))?;
            let config = row.put.config;
            let Some(held) = configs.get(&config) else { continue };
            let facts: Config = parse(DocKind::Setting, &config.0.to_string(), &held.body)?;
            let put = config_put(config, &facts, &known);
            tally(&[(put.clone(), facts.clone(), 1)], &mut counts);
            if before.contains_key(&config) {
                continue;
            }
            let stored = self.store.judgements(JudgementsOf::Config(config))?;
            before.insert(config, crate::verdict_changes::verdicts(stored.into_iter().map(|(_, one)| one)));
            puts.push((put, facts, held.devices));
        }
        let cause = format!("{} asked for it.", who.name);
        let mut docs: Vec<DocPut> = self.record_of_judging(&cause, 0, &puts, &before)?.into_iter().collect();
        docs.push(self.run(
            true,
            &cause,
            format!("{} against every advisory", listed(ids.iter())),
            Some(counts),
        ));
        self.commit(ChangeSet {
            configs: puts.into_iter().map(|(put, ..)| put).collect(),
            docs,
            audit: vec![self.event(who, "match.devices", format!("devices {}", listed(ids.iter())))],
            ..self.fleet_change()?
        })?;
        drop(writing);
        self.refresh_drafts()?;
        Ok(counts.affected + counts.unknown + counts.not_affected)
    }

    /// The newest runs, those somebody asked for and those that started by themselves apart.
    pub fn runs(&self) -> Result<RunList> {
        let of = |index: &str| -> Result<Vec<RunLine>> {
            let which = ListDocs {
                index: Some(index),
                newest_first: true,
                limit: Some(SHOWN),
                ..ListDocs::default()
            };
            let rows = self.store.list(DocKind::Run, &which)?;
            let read = |row: crate::change::DocRow| -> Result<RunLine> {
                let run: StoredRun = parse(DocKind::Run, &row.id, &row.body)?;
                Ok(RunLine { at: Moment(run.at), cause: run.cause, what: run.what, findings: run.findings })
            };
            rows.into_iter().map(read).collect()
        };
        Ok(RunList { manual: of("manual")?, automatic: of("automatic")?, as_of: Moment(self.now()) })
    }
}

fn may_run(who: &Who) -> Result<()> {
    if who.role.may_write() {
        return Ok(());
    }
    Err(AppError::Refused("a reader cannot start a run of the matching".to_owned()))
}

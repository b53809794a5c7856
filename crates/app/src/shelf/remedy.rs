//! How far the remedy of a finding is, as somebody marked it.

use crate::App;
use crate::app::{doc, hex};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::query::FindingQuery;
use crate::views::{Moment, RemedyCounts, RemedyMark};
use crate::who::Who;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::{Advisory, DeviceId, Timestamp, Verdict};

/// How far a remedy is (CSAF 2.0, clause 9.1.13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemedyState {
    /// Nothing was done yet, or nobody said so.
    #[default]
    NotRemediated,
    /// Somebody is at it.
    InProgress,
    /// It is done, as far as somebody says; a version read on the device is what changes the verdict.
    Done,
}

impl RemedyState {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::NotRemediated, Self::InProgress, Self::Done];

    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotRemediated => "not_remediated",
            Self::InProgress => "in_progress",
            Self::Done => "done",
        }
    }

    /// The words on a screen: those of the standard.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotRemediated => "not remediated",
            Self::InProgress => "remediation in progress",
            Self::Done => "remediation done",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredRemedy {
    device: DeviceId,
    vulnerability: String,
    state: RemedyState,
    by: String,
    at: Timestamp,
    note: String,
    /// Hash of the remedies the document offered then: a revision that changes them asks anew.
    remedies: String,
}

fn id_of(device: DeviceId, advisory: &str, vulnerability: &str) -> String {
    format!("{device}|{advisory}|{vulnerability}")
}

/// The remedies a document offers for a vulnerability, hashed without their order and without product ids, which may
/// be numbered anew.
fn remedies_of(advisory: &Advisory, vulnerability: &str) -> String {
    let flaws = advisory.vulnerabilities.iter().filter(|flaw| flaw.id == vulnerability);
    let offered: BTreeSet<String> = flaws
        .flat_map(|flaw| &flaw.remediations)
        .map(|remedy| crate::app::json(&(&remedy.category, &remedy.text, &remedy.url, &remedy.date)))
        .collect();
    hex(&Sha256::digest(crate::app::json(&offered).as_bytes())[..16])
}

fn mark(held: &StoredRemedy, offered: &str) -> RemedyMark {
    RemedyMark {
        state: held.state.code().to_owned(),
        label: held.state.label().to_owned(),
        by: held.by.clone(),
        at: Moment(held.at),
        note: held.note.clone(),
        outdated: held.remedies != offered,
    }
}

impl App {
    /// How far the remedy of a finding is; none when nobody marked it.
    pub(crate) fn remedy_mark(
        &self,
        device: DeviceId,
        advisory: &Advisory,
        vulnerability: &str,
    ) -> Result<Option<RemedyMark>> {
        let held: Option<StoredRemedy> =
            self.load(DocKind::Remedy, &id_of(device, &advisory.id, vulnerability))?;
        Ok(held.map(|held| mark(&held, &remedies_of(advisory, vulnerability))))
    }

    /// Marks how far the remedy of a vulnerability is: on one device, or on every device that it affects or may
    /// affect. Answers on how many.
    ///
    /// # Errors
    /// When a reader asks, or there is no such finding.
    pub fn mark_remedy(
        &self,
        who: &Who,
        device: Option<DeviceId>,
        advisory: &str,
        vulnerability: &str,
        state: RemedyState,
        note: &str,
    ) -> Result<usize> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot mark a remedy".to_owned()));
        }
        let document = self.corrected_advisory(advisory)?;
        let remedies = remedies_of(&document, vulnerability);
        let devices = self.matched(advisory, vulnerability, device)?;
        if devices.is_empty() {
            return Err(AppError::not_found("finding", format!("{advisory} {vulnerability}")));
        }
        let at = self.now();
        let put = |device: &DeviceId| {
            let held = StoredRemedy {
                device: *device,
                vulnerability: vulnerability.to_owned(),
                state,
                by: who.name.clone(),
                at,
                note: note.trim().to_owned(),
                remedies: remedies.clone(),
            };
            doc(DocKind::Remedy, id_of(*device, advisory, vulnerability), advisory, &held)
        };
        let mut event = self.event(who, "remedy.mark", format!("advisory {advisory}"));
        let whom = device.map_or_else(|| format!("{} devices", devices.len()), |one| one.to_string());
        event.after = format!("{vulnerability} on {whom}: {}", state.label());
        self.commit(ChangeSet {
            docs: devices.iter().map(put).collect(),
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(devices.len())
    }

    /// Devices with a finding of the vulnerability that is not settled as not affected; of one device, any finding.
    fn matched(
        &self,
        advisory: &str,
        vulnerability: &str,
        device: Option<DeviceId>,
    ) -> Result<Vec<DeviceId>> {
        let mut query = FindingQuery {
            advisory: Some(advisory.to_owned()),
            vulnerability: Some(vulnerability.to_owned()),
            device,
            limit: Some(1_000),
            ..FindingQuery::default()
        };
        let mut devices = Vec::new();
        loop {
            let page = self.store.findings(&query)?;
            let open = page.rows.iter().filter(|row| device.is_some() || row.verdict != Verdict::NotAffected);
            devices.extend(open.map(|row| row.device));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(devices),
            }
        }
    }

    /// For each vulnerability of an advisory, in document order: how many devices match it at all, and how many
    /// affected or unknown ones are marked how.
    pub(crate) fn remedy_counts(&self, advisory: &Advisory) -> Result<Vec<RemedyCounts>> {
        let marks: Vec<StoredRemedy> = self.load_all(DocKind::Remedy, Some(&advisory.id))?;
        let mut by_flaw: BTreeMap<&str, BTreeMap<DeviceId, &StoredRemedy>> = BTreeMap::new();
        for held in &marks {
            by_flaw.entry(&held.vulnerability).or_default().insert(held.device, held);
        }
        let mut counts: Vec<RemedyCounts> = Vec::new();
        for flaw in &advisory.vulnerabilities {
            if counts.iter().any(|one| one.vulnerability == flaw.id) {
                continue;
            }
            let count = |verdict| {
                let query = FindingQuery {
                    advisory: Some(advisory.id.clone()),
                    vulnerability: Some(flaw.id.clone()),
                    verdict,
                    limit: Some(1),
                    ..FindingQuery::default()
                };
                self.store.findings(&query).map(|page| page.total)
            };
            let (matching, clear) = (count(None)?, count(Some(Verdict::NotAffected))?);
            let offered = remedies_of(advisory, &flaw.id);
            let mut one =
                RemedyCounts { vulnerability: flaw.id.clone(), matching, ..RemedyCounts::default() };
            for held in by_flaw.get(flaw.id.as_str()).into_iter().flat_map(BTreeMap::values) {
                match held.state {
                    _ if held.remedies != offered => one.outdated += 1,
                    RemedyState::NotRemediated => {}
                    RemedyState::InProgress => one.in_progress += 1,
                    RemedyState::Done => one.done += 1,
                }
            }
            let open = matching.saturating_sub(clear);
            one.not_remediated = open.saturating_sub(one.in_progress + one.done);
            counts.push(one);
        }
        Ok(counts)
    }
}

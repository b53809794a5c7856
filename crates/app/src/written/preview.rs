//! Whom an advisory written here would touch, before anybody agreed to it: judged the way every advisory is.

use super::{StoredManuscript, Writing, WrittenState, text};
use crate::App;
use crate::app::parse;
use crate::change::{ConfigId, DocKind};
use crate::error::Result;
use crate::fleet::Config;
use crate::views::{ClauseLine, UnmatchedProduct};
use serde::Serialize;
use std::collections::BTreeMap;
use tallyward_advisories::{check, read_csaf};
use tallyward_core::{Advisory, Verdict};
use tallyward_matching::{Configuration, Judged, Matcher, unmatched};

/// Rows of models that are shown; the counts are of all.
const SHOWN: usize = 200;
/// Devices looked at for their units; the counts of devices are of all.
const PLACED: usize = 20_000;

/// Devices of one model and version that it touches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PreviewModel {
    /// The verdict.
    pub verdict: Verdict,
    /// Maker and model here.
    pub model: String,
    /// Software version; empty when not known.
    pub version: String,
    /// How many devices.
    pub devices: u64,
    /// Why, in a sentence.
    pub because: String,
    /// What would settle an unknown one.
    pub missing: Option<String>,
}

/// Devices it touches in one unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PreviewUnit {
    /// Unit code; empty when not known.
    pub unit: String,
    /// Affected devices.
    pub affected: u64,
    /// Unknown ones.
    pub unknown: u64,
}

/// Whom an advisory written here touches, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WritingPreview {
    /// What keeps it from being handed over, in sentences.
    pub wrong: Vec<String>,
    /// Each product with its version text as it is read.
    pub clauses: Vec<ClauseLine>,
    /// Devices by their worst verdict.
    pub affected: u64,
    /// Unknown ones.
    pub unknown: u64,
    /// Devices of its products that are not affected.
    pub not_affected: u64,
    /// The same by model and version, worst first, at most 200 rows.
    pub models: Vec<PreviewModel>,
    /// Rows that are not shown.
    pub more: usize,
    /// The units that hold affected and unknown devices.
    pub units: Vec<PreviewUnit>,
    /// Whether there are more devices than were looked at for their units.
    pub units_cut: bool,
    /// Products that nothing here resolves to.
    pub unmatched: Vec<UnmatchedProduct>,
    /// Where it contradicts itself.
    pub contradictions: Vec<String>,
}

impl App {
    /// Whom an advisory would touch that says this, without keeping anything.
    pub fn preview_writing(&self, mut writing: Writing) -> Result<WritingPreview> {
        writing.tidy();
        let held = StoredManuscript {
            id: "PREVIEW".to_owned(),
            state: WrittenState::Written,
            writing,
            since: self.now(),
            writers: Vec::new(),
            sent_back: None,
            passed: Vec::new(),
            csaf: String::new(),
        };
        self.preview_of(&held)
    }

    pub(super) fn preview_of(&self, held: &StoredManuscript) -> Result<WritingPreview> {
        let mut preview = WritingPreview { wrong: wrong(held, self.now()), ..WritingPreview::default() };
        if held.writing.too_much().is_some() {
            return Ok(preview);
        }
        let document = text::released(held, self.now());
        let advisory = match read_csaf(document.as_bytes(), &held.id) {
            Ok(advisory) => advisory,
            Err(error) => {
                preview.wrong.push(format!("{}.", error.what));
                return Ok(preview);
            }
        };
        preview.clauses = crate::advisories::clauses(&advisory);
        preview.contradictions = advisory.contradictions.iter().map(|one| one.text.clone()).collect();
        self.touches(&advisory, &mut preview)?;
        Ok(preview)
    }

    fn touches(&self, advisory: &Advisory, preview: &mut WritingPreview) -> Result<()> {
        let known = self.known()?;
        let matcher = Matcher::new(std::slice::from_ref(advisory), known.resolver.clone());
        let mut rows: BTreeMap<(Verdict, String, String, String, Option<String>), u64> = BTreeMap::new();
        let mut touched: Vec<(ConfigId, Verdict)> = Vec::new();
        let mut facts: Vec<Configuration> = Vec::new();
        for row in self.store.configs()? {
            let config = parse::<Config>(DocKind::Setting, &row.id.0.to_string(), &row.body)?;
            let judged = matcher.decide(&config.facts);
            if let Some(worst) = judged.iter().min_by_key(|one| one.verdict).filter(|_| row.devices > 0) {
                match worst.verdict {
                    Verdict::Affected => preview.affected += row.devices,
                    Verdict::Unknown => preview.unknown += row.devices,
                    Verdict::NotAffected => preview.not_affected += row.devices,
                }
                *rows.entry(told(&config, worst)).or_default() += row.devices;
                if worst.verdict != Verdict::NotAffected {
                    touched.push((row.id, worst.verdict));
                }
            }
            facts.push(config.facts);
        }
        let shown = |((verdict, model, version, because, missing), devices)| PreviewModel {
            verdict,
            model,
            version,
            devices,
            because,
            missing,
        };
        preview.more = rows.len().saturating_sub(SHOWN);
        preview.models = rows.into_iter().take(SHOWN).map(shown).collect();
        preview.unmatched = unmatched(&[advisory], &facts, &known.resolver)
            .into_iter()
            .map(|none| UnmatchedProduct {
                nearest: none.nearest.iter().map(|one| format!("{} {}", one.maker, one.model)).collect(),
                vendor: none.vendor,
                product: none.product,
            })
            .collect();
        self.place(&touched, preview)
    }

    /// Which units hold the devices.
    fn place(&self, touched: &[(ConfigId, Verdict)], preview: &mut WritingPreview) -> Result<()> {
        let mut units: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let mut left = PLACED;
        for (config, verdict) in touched {
            let most = u32::try_from(left + 1).unwrap_or(u32::MAX);
            let devices = self.store.devices_with(*config, most)?;
            preview.units_cut |= devices.len() > left;
            for device in devices.into_iter().take(left) {
                left -= 1;
                let held = units.entry(device.put.unit).or_default();
                match verdict {
                    Verdict::Affected => held.0 += 1,
                    _ => held.1 += 1,
                }
            }
        }
        let shown = |(unit, (affected, unknown))| PreviewUnit { unit, affected, unknown };
        preview.units = units.into_iter().map(shown).collect();
        Ok(())
    }
}

/// What keeps it from being handed over: what a person left out, then what CSAF 2.0 finds.
pub(super) fn wrong(held: &StoredManuscript, at: tallyward_core::Timestamp) -> Vec<String> {
    if let Some(much) = held.writing.too_much() {
        return vec![format!("It has {much}.")];
    }
    let mut wrong = held.writing.wrong(held.passed.is_empty());
    // An unfinished text fails the check in many places that the sentences above have named already.
    if wrong.is_empty() {
        let found = check(text::released(held, at).as_bytes());
        wrong.extend(
            found.into_iter().map(|one| format!("CSAF 2.0, {}: {} ({})", one.test, one.text, one.place)),
        );
    }
    wrong
}

fn told(config: &Config, worst: &Judged) -> (Verdict, String, String, String, Option<String>) {
    (
        worst.verdict,
        format!("{} {}", config.facts.maker, config.facts.model).trim().to_owned(),
        config.facts.software_version.clone(),
        worst.reasons.last().map(|one| one.text.clone()).unwrap_or_default(),
        worst.missing.as_ref().map(|fact| fact.plain()),
    )
}

//! Advisories held against every configuration, once they came in or what they are read with changed.
//!
//! Key decision: what a configuration's names resolve to is kept as long as the resolver is ([`Known::held`]), so that
//! an advisory costs its own products and not all of those on file, and only configurations that it concerns are written.

use crate::App;
use crate::app::{lock, parse, removal};
use crate::change::{ChangeSet, ConfigId, ConfigPut, DocKind};
use crate::error::Result;
use crate::fleet::{Config, config_put, judgements};
use crate::known::Known;
use crate::ports::{ConfigCount, VerdictCounts};
use crate::verdict_changes::Verdicts;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use tallyward_core::Verdict;
use tallyward_matching::Resolved;

/// Configurations written with one commit.
const CHUNK: usize = 1_000;
/// From so many advisories on it is cheaper to ask all of them at once.
pub(crate) const A_FEW: usize = 64;

/// A configuration with what its names resolve to.
pub(crate) struct Held {
    config: Config,
    resolved: Resolved,
    /// Whether a document asked for serial numbers, and for device identifiers, when the devices were last told apart;
    /// not known after a start, when a run may have been cut short.
    told_apart: Option<(bool, bool)>,
}

impl App {
    /// Judges every configuration against these advisories anew and writes down which verdicts changed. Answers how
    /// many configurations have a finding of them.
    pub(crate) fn judge_again(&self, advisories: &BTreeSet<String>, cause: &str) -> Result<usize> {
        self.judge_again_as(advisories, cause, false)
    }

    /// As [`App::judge_again`]; `manual` when a person asked for the run.
    pub(crate) fn judge_again_as(
        &self,
        advisories: &BTreeSet<String>,
        cause: &str,
        manual: bool,
    ) -> Result<usize> {
        self.forget_known();
        self.judge_known(advisories, cause, manual)
    }

    /// As [`App::judge_again`], for documents that were taken in while decisions, corrections and tables stayed.
    pub(crate) fn judge_taken_in(&self, advisories: &BTreeSet<String>, cause: &str) -> Result<usize> {
        self.renew_known(advisories)?;
        self.judge_known(advisories, cause, false)
    }

    fn judge_known(&self, advisories: &BTreeSet<String>, cause: &str, manual: bool) -> Result<usize> {
        let known = self.known()?;
        let counts = self.regrouped(&known, advisories, cause)?;
        let before = self.verdicts_before(advisories)?;
        let mut touched = 0;
        let mut findings = VerdictCounts::default();
        for (part, counts) in counts.chunks(CHUNK).enumerate() {
            let mut change = ChangeSet { fleet: Some(self.store.fleet_version()?), ..ChangeSet::default() };
            let puts = judged(&known, counts, advisories, &before);
            touched += puts.iter().filter(|(put, ..)| !put.judgements.is_empty()).count();
            change.docs.extend(self.record_of_judging(cause, part, &puts, &before)?);
            crate::shelf::runs::tally(&puts, &mut findings);
            change.configs = puts.into_iter().map(|(put, ..)| put).collect();
            if !change.configs.is_empty() {
                self.commit(change)?;
            }
        }
        let done = removal(DocKind::Setting, "unjudged", "");
        let run = self.document_run(manual, cause, advisories, findings);
        self.commit(ChangeSet { docs: vec![done, run], ..ChangeSet::default() })?;
        Ok(touched)
    }

    /// Tells devices apart by the facts that documents ask for now. Answers the configurations there are then, which are
    /// held.
    fn regrouped(
        &self,
        known: &Known,
        advisories: &BTreeSet<String>,
        cause: &str,
    ) -> Result<Vec<ConfigCount>> {
        let counts = self.store.config_counts()?;
        self.hold(known, &counts)?;
        let here: Vec<usize> = advisories.iter().filter_map(|id| known.matcher.index_of(id)).collect();
        let mut left = known.asked_otherwise();
        left.extend(known.may_be_listed(&here));
        left.extend(known.without_di(&self.named_by_di(&known.matcher, &here)?));
        if left.is_empty() {
            known.note_told_apart();
            return Ok(counts);
        }
        self.regroup(left, cause)?;
        let counts = self.store.config_counts()?;
        self.hold(known, &counts)?;
        known.note_told_apart();
        Ok(counts)
    }

    /// Reads those of the stored configurations that are not held yet, and forgets those that are stored no more.
    fn hold(&self, known: &Known, counts: &[ConfigCount]) -> Result<()> {
        let mut held = lock(&known.held);
        let stored: FxHashSet<ConfigId> = counts.iter().map(|one| one.id).collect();
        held.retain(|id, _| stored.contains(id));
        if held.len() == stored.len() {
            return Ok(());
        }
        for row in self.store.configs()? {
            if let Entry::Vacant(place) = held.entry(row.id) {
                let config: Config = parse(DocKind::Setting, &row.id.0.to_string(), &row.body)?;
                let resolved = known.matcher.resolve(&config.facts);
                place.insert(Held { config, resolved, told_apart: None });
            }
        }
        Ok(())
    }
}

impl Known {
    /// Held configurations of which other facts count now than when their devices were last told apart.
    fn asked_otherwise(&self) -> BTreeSet<ConfigId> {
        let mut held = lock(&self.held);
        let otherwise = |one: &mut Held| {
            let facts = &one.config.facts;
            let told = (facts.serial.is_some(), facts.di.is_some());
            let asks = self.asks(&mut one.resolved);
            told != asks && one.told_apart != Some(asks)
        };
        held.iter_mut().filter_map(|(id, one)| otherwise(one).then_some(*id)).collect()
    }

    /// Whether the serial number, and the device identifier, counts.
    fn asks(&self, resolved: &mut Resolved) -> (bool, bool) {
        (self.matcher.asks_serial_of(resolved), self.matcher.asks_di_of(resolved))
    }

    /// Held configurations without serial number, some devices of which one of these advisories may list by theirs.
    fn may_be_listed(&self, advisories: &[usize]) -> Vec<ConfigId> {
        if !advisories.iter().any(|one| self.matcher.lists_serials(*one)) {
            return Vec::new();
        }
        let may_be = |one: &Held| {
            one.config.facts.serial.is_none() && self.matcher.lists_serials_of(&one.config.facts)
        };
        lock(&self.held).iter().filter(|(_, one)| may_be(one)).map(|(id, _)| *id).collect()
    }

    /// Those of these configurations that hold no device identifier.
    fn without_di(&self, configs: &BTreeSet<ConfigId>) -> Vec<ConfigId> {
        let held = lock(&self.held);
        let without = |id: &&ConfigId| held.get(id).is_none_or(|one| one.config.facts.di.is_none());
        configs.iter().filter(without).copied().collect()
    }

    fn note_told_apart(&self) {
        for one in lock(&self.held).values_mut() {
            one.told_apart = Some(self.asks(&mut one.resolved));
        }
    }
}

/// The configurations that these advisories concern, or concerned, with their verdicts now and how many devices.
fn judged(
    known: &Known,
    counts: &[ConfigCount],
    advisories: &BTreeSet<String>,
    before: &FxHashMap<ConfigId, Verdicts>,
) -> Vec<(ConfigPut, Config, u64)> {
    let few = advisories.len() <= A_FEW;
    let place = |id: &String| known.matcher.index_of(id);
    let places: Vec<usize> = advisories.iter().filter(|_| few).filter_map(place).collect();
    let none = Verdicts::new();
    let mut held = lock(&known.held);
    let mut puts = Vec::new();
    for count in counts {
        let Some(Held { config, resolved, .. }) = held.get_mut(&count.id) else { continue };
        let was = before.get(&count.id).unwrap_or(&none);
        let mut put = if !few {
            let mut put = config_put(count.id, config, known);
            put.judgements.retain(|judged| advisories.contains(&judged.advisory));
            put
        } else {
            let judged = known.matcher.decide_these(&config.facts, resolved, &places);
            let mut put = ConfigPut { judgements: judgements(judged, known), ..unjudged(count, config) };
            recount(&mut put, was);
            put
        };
        if put.judgements.is_empty() && was.is_empty() {
            continue;
        }
        let concerned: BTreeSet<&String> = was
            .keys()
            .map(|(advisory, _)| advisory)
            .chain(put.judgements.iter().map(|one| &one.advisory))
            .collect();
        put.judged = Some(concerned.into_iter().cloned().collect());
        puts.push((put, config.clone(), count.devices));
    }
    puts
}

/// A configuration with the counts it has.
fn unjudged(count: &ConfigCount, config: &Config) -> ConfigPut {
    let [affected, unknown, not_affected] = count.by_verdict;
    let body = crate::app::json(config);
    ConfigPut { id: count.id, body, affected, unknown, not_affected, judgements: Vec::new(), judged: None }
}

/// Counts the verdicts of `put` in the place of those that were.
fn recount(put: &mut ConfigPut, was: &Verdicts) {
    let mut add = |verdict: Verdict, step: fn(u32, u32) -> u32| {
        let count = match verdict {
            Verdict::Affected => &mut put.affected,
            Verdict::Unknown => &mut put.unknown,
            Verdict::NotAffected => &mut put.not_affected,
        };
        *count = step(*count, 1);
    };
    for one in &put.judgements {
        add(one.verdict, u32::saturating_add);
    }
    for one in was.values() {
        add(one.verdict, u32::saturating_sub);
    }
}

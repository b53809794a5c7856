//! The documents on file: published, received, judged, and whom they touch here.

use super::{hours, touching};
use crate::App;
use crate::change::{ConfigId, JudgementPut};
use crate::error::Result;
use crate::ports::JudgementsOf;
use crate::verdict_changes::Overtaken;
use crate::views::{Moment, OnFile, OnFileRow};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::Verdict;
use tallyward_core::verdict::MissingFact;
use tallyward_matching::Touched;

impl App {
    /// The newest `most` documents on file by when they came, with how long they took and whom they touch.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn backtest_on_file(&self, most: usize) -> Result<OnFile> {
        let mut held = self.stored_advisories()?;
        held.sort_by(|a, b| (b.received, &a.advisory.id).cmp(&(a.received, &b.advisory.id)));
        let more = held.len().saturating_sub(most);
        let waiting = self.unjudged()?;
        let devices: FxHashMap<ConfigId, u64> =
            self.store.config_counts()?.into_iter().map(|row| (row.id, row.devices)).collect();
        held.truncate(most);
        let oldest = held.iter().map(|one| one.received).min().unwrap_or_else(|| self.now());
        let overtaken = self.overtaken(oldest)?;
        let mut rows = Vec::new();
        for one in held {
            let judgements = self.store.judgements(JudgementsOf::Advisory(&one.advisory.id))?;
            let (touched, missing) = counted(judgements, &devices)?;
            let waited = one.advisory.revised.map(|at| one.received.micros() - at.micros());
            let since = overtaken.get(&one.advisory.id);
            rows.push(OnFileRow {
                taken_back: since.map_or(0, Overtaken::taken_back),
                settled: since.map_or(0, Overtaken::settled),
                judged: !waiting.contains(&one.advisory.id),
                first_published: one.advisory.released.map(Moment),
                published: one.advisory.revised.map(Moment),
                received: Moment(one.received),
                hours: waited.filter(|wait| *wait >= 0).map(hours),
                touching: touching(&missing, touched),
                advisory: one.advisory.id.clone(),
                title: one.advisory.title.clone(),
                revision: one.advisory.revision.clone(),
            });
        }
        Ok(OnFile { rows, more, as_of: Moment(self.now()) })
    }
}

/// Devices by their worst verdict, and which facts the unknown ones lack.
fn counted(
    judgements: Vec<(ConfigId, JudgementPut)>,
    devices: &FxHashMap<ConfigId, u64>,
) -> Result<(Touched, BTreeMap<MissingFact, u64>)> {
    let mut by_configuration: FxHashMap<ConfigId, (Verdict, BTreeSet<String>)> = FxHashMap::default();
    for (config, judged) in judgements {
        let held = by_configuration.entry(config).or_insert((Verdict::NotAffected, BTreeSet::new()));
        held.0 = held.0.fold(judged.verdict);
        if !judged.missing.is_empty() {
            held.1.insert(judged.missing);
        }
    }
    let (mut touched, mut missing) = (Touched::default(), BTreeMap::new());
    for (config, (worst, facts)) in by_configuration {
        let count = devices.get(&config).copied().unwrap_or_default();
        match worst {
            Verdict::Affected => touched.affected += count,
            Verdict::NotAffected => touched.not_affected += count,
            Verdict::Unknown => {
                touched.unknown += count;
                for fact in facts {
                    let fact: MissingFact =
                        crate::app::parse(crate::change::DocKind::Setting, "missing", &fact)?;
                    *missing.entry(fact).or_default() += count;
                }
            }
        }
    }
    missing.retain(|_, devices| *devices > 0);
    Ok((touched, missing))
}

//! Unknown verdicts turned into work: which fact, on which devices, and how much it settles.

use crate::fleet::Group;
use crate::matcher::Matcher;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::verdict::{MissingFact, Verdict};

/// One thing to find out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkItem<D> {
    /// Canonical maker of the devices; empty when not known.
    pub maker: String,
    /// Model of the devices; empty when not known.
    pub model: String,
    /// The fact.
    pub missing: MissingFact,
    /// The devices it is missing for.
    pub devices: BTreeSet<D>,
    /// How many findings an answer on all of them settles or brings forward. A device nobody has identified
    /// counts as one.
    pub settles: usize,
}

/// Groups unknown verdicts by model and missing fact; most settled first, then by maker, model and fact.
#[must_use]
pub fn worklist<'a, D: Ord + Clone + 'a>(
    groups: impl IntoIterator<Item = &'a Group<D>>,
    matcher: &Matcher,
) -> Vec<WorkItem<D>> {
    let mut items: BTreeMap<(String, String, MissingFact), (BTreeSet<D>, usize)> = BTreeMap::new();
    let mut add = |group: &Group<D>, fact: &MissingFact| {
        let configuration = &group.configuration;
        let key = (configuration.maker.clone(), configuration.model.clone(), fact.clone());
        let (devices, settles) = items.entry(key).or_default();
        devices.extend(group.devices.iter().cloned());
        *settles += group.devices.len();
    };
    for group in groups {
        if !matcher.is_identified(&group.configuration) {
            add(group, &MissingFact::Identity);
        }
        for judged in group.verdicts.iter().filter(|judged| judged.verdict == Verdict::Unknown) {
            if let Some(fact) = &judged.missing {
                add(group, fact);
            }
        }
    }
    let mut list: Vec<WorkItem<D>> = items
        .into_iter()
        .map(|((maker, model, missing), (devices, settles))| WorkItem {
            maker,
            model,
            missing,
            devices,
            settles,
        })
        .collect();
    list.sort_by(|a, b| {
        (b.settles, &a.maker, &a.model, &a.missing).cmp(&(a.settles, &b.maker, &b.model, &b.missing))
    });
    list
}

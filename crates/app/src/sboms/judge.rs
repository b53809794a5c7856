//! The parts of a list held against the records and advisories on file.

use super::flaws::Shelf;
use super::{PartHit, StoredSbom};
use crate::App;
use crate::error::Result;
use crate::views::{Moment, ScoreLine};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::{Advisory, Part, PartFlaw};
use tallyward_matching::{
    Configuration, Judged, Standing, Stands, VersionState, judge_product, look_ups, stands, words,
};

impl App {
    /// Every flaw of every part that is not spared, the worst first.
    pub(super) fn hits(&self, held: &StoredSbom, shelf: &mut Shelf<'_>) -> Result<Vec<PartHit>> {
        let mut found: Vec<(usize, PartFlaw, Stands)> = Vec::new();
        for (at, part) in held.list.parts.iter().enumerate() {
            found.extend(flaws_of(part, shelf)?.into_iter().map(|(flaw, stands)| (at, flaw, stands)));
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.known()?;
        // The version on the list is certain, whatever a device's record is worth.
        let product = Configuration {
            maker: held.maker.clone(),
            model: held.model.clone(),
            software_version: held.version.clone(),
            version_state: VersionState::Fresh,
            ..Configuration::default()
        };
        let judged = known.matcher.decide(&product);
        let speaking: BTreeSet<&str> = judged.iter().map(|one| one.advisory.as_str()).collect();
        let advisories: Vec<&Advisory> = known
            .matcher
            .advisories()
            .filter(|one| speaking.contains(one.id.as_str()) || one.format.starts_with("cyclonedx"))
            .collect();
        let mut hits: Vec<PartHit> = found
            .iter()
            .map(|(at, flaw, stands)| hit(held, *at, flaw, stands, &judged, &advisories))
            .collect();
        hits.sort_by(|a, b| {
            let rank = |hit: &PartHit| (hit.verdict, !hit.has_it, std::cmp::Reverse(hit.tenths()));
            rank(a)
                .cmp(&rank(b))
                .then_with(|| (&a.name, &a.record, a.part).cmp(&(&b.name, &b.record, b.part)))
        });
        Ok(hits)
    }
}

/// The records that name a part and do not spare it. One record may name the part and its source: the worse holds.
fn flaws_of(part: &Part, shelf: &mut Shelf<'_>) -> Result<Vec<(PartFlaw, Stands)>> {
    let mut found: BTreeMap<String, (PartFlaw, Stands)> = BTreeMap::new();
    for one in look_ups(part) {
        for flaw in shelf.of(&one.package)?.iter() {
            let Some(stands) = stands(part, flaw).filter(|stands| stands.standing != Standing::Spared) else {
                continue;
            };
            if found.get(&flaw.id).is_none_or(|(_, held)| stands < *held) {
                found.insert(flaw.id.clone(), (flaw.clone(), stands));
            }
        }
    }
    Ok(found.into_values().collect())
}

fn hit(
    held: &StoredSbom,
    at: usize,
    flaw: &PartFlaw,
    stands: &Stands,
    judged: &[Judged],
    advisories: &[&Advisory],
) -> PartHit {
    let part = &held.list.parts[at];
    let said = words(&held.list, part, flaw, judged, advisories.iter().copied());
    let verdict = judge_product(stands, &said);
    PartHit {
        part: at,
        name: part.name.clone(),
        part_version: part.version.clone(),
        record: flaw.id.clone(),
        flaw: flaw.known_as().to_owned(),
        summary: flaw.summary.clone(),
        url: flaw.url.clone(),
        published: flaw.published.map(Moment),
        scores: flaw.scores.iter().map(ScoreLine::from).collect(),
        has_it: stands.standing == Standing::Has,
        verdict: verdict.verdict,
        reasons: verdict.reasons,
        missing: verdict.missing,
    }
}

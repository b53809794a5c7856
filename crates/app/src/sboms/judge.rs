//! The parts of a list held against the records and advisories on file.

use super::flaws::Shelf;
use super::{PartHit, StoredSbom};
use crate::App;
use crate::error::Result;
use crate::views::{Moment, ScoreLine};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_advisories::threat::{Kev, cve_id};
use tallyward_core::{Advisory, Part, PartFlaw};
use tallyward_matching::{
    Configuration, Judged, Standing, Stands, VersionState, judge_product, look_ups, stands, words,
};

/// Most flaws of one list that are looked at; a list with more is told so.
const MOST: usize = 20_000;

/// The flaws of a list's parts, the worst first.
#[derive(Default)]
pub(super) struct Hits {
    pub all: Vec<PartHit>,
    /// Whether there are more than were looked at.
    pub more: bool,
}

/// A flaw of a part, from all records that tell of it.
struct Found {
    part: usize,
    flaw: PartFlaw,
    records: BTreeSet<String>,
    ids: BTreeSet<String>,
    stands: Stands,
}

/// What the verdicts of one list rest on.
struct Ground<'a> {
    held: &'a StoredSbom,
    judged: Vec<Judged>,
    advisories: Vec<&'a Advisory>,
    kev: Option<Kev>,
}

impl App {
    /// Every flaw of every part that is not spared.
    pub(super) fn hits(&self, held: &StoredSbom, shelf: &mut Shelf<'_>) -> Result<Hits> {
        let (mut found, mut more) = (Vec::new(), false);
        for (at, part) in held.list.parts.iter().enumerate() {
            if found.len() >= MOST {
                more = true;
                break;
            }
            found.extend(flaws_of(at, part, shelf)?);
        }
        if found.is_empty() {
            return Ok(Hits::default());
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
        let speaks =
            |one: &&Advisory| speaking.contains(one.id.as_str()) || one.format.starts_with("cyclonedx");
        let advisories = known.matcher.advisories().filter(speaks).collect();
        let ground = Ground { held, advisories, kev: self.kev()?, judged: judged.clone() };
        let mut all: Vec<PartHit> = found.into_iter().map(|found| ground.hit(found)).collect();
        all.sort_by(|a, b| {
            let rank =
                |hit: &PartHit| (hit.verdict, hit.in_kev != Some(true), !hit.has_it, Reverse(hit.tenths()));
            rank(a).cmp(&rank(b)).then_with(|| (&a.name, &a.flaw, a.part).cmp(&(&b.name, &b.flaw, b.part)))
        });
        Ok(Hits { all, more })
    }
}

/// The flaws of a part that no record spares it, each once: several records may tell of one flaw, or one record name the
/// part and its source. The worst of them holds.
fn flaws_of(at: usize, part: &Part, shelf: &mut Shelf<'_>) -> Result<Vec<Found>> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let mut note = |record: &str, flaw: &PartFlaw, stands: Stands| {
        if stands.standing == Standing::Spared {
            return;
        }
        let entry = found.entry(flaw.known_as().to_owned()).or_insert_with(|| Found {
            part: at,
            flaw: flaw.clone(),
            records: BTreeSet::new(),
            ids: BTreeSet::new(),
            stands: stands.clone(),
        });
        entry.records.insert(record.to_owned());
        entry.ids.extend(flaw.ids().map(str::to_owned));
        if stands < entry.stands {
            entry.stands = stands;
            entry.flaw = flaw.clone();
        }
    };
    for one in look_ups(part) {
        for flaw in shelf.of(&one.package)?.iter() {
            if let Some(stands) = stands(part, flaw) {
                note(&flaw.id, flaw, stands);
            }
        }
    }
    for (advisory, flaw, stands) in shelf.told(part)? {
        note(&advisory, &flaw, stands);
    }
    Ok(found.into_values().collect())
}

impl Ground<'_> {
    fn hit(&self, found: Found) -> PartHit {
        let list = &self.held.list;
        let part = &list.parts[found.part];
        let known_as = found.flaw.known_as().to_owned();
        // A word about any of the ids is a word about the flaw.
        let flaw = PartFlaw { aliases: found.ids.iter().cloned().collect(), ..found.flaw };
        let said = words(list, part, &flaw, &self.judged, self.advisories.iter().copied());
        let verdict = judge_product(&found.stands, &said);
        let listed =
            |kev: &Kev| found.ids.iter().filter_map(|id| cve_id(id)).any(|id| kev.entries.contains_key(&id));
        PartHit {
            part: found.part,
            name: part.name.clone(),
            part_version: part.version.clone(),
            records: found.records.into_iter().collect(),
            aliases: found.ids.iter().filter(|id| **id != known_as).cloned().collect(),
            in_kev: self.kev.as_ref().map(listed),
            flaw: known_as,
            summary: flaw.summary,
            url: flaw.url,
            published: flaw.published.map(Moment),
            scores: flaw.scores.iter().map(ScoreLine::from).collect(),
            has_it: found.stands.standing == Standing::Has,
            verdict: verdict.verdict,
            reasons: verdict.reasons,
            missing: verdict.missing,
        }
    }
}

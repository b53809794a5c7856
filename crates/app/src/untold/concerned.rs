//! Which groups of operators each advisory concerns, with their affected and their undecided devices.

use crate::App;
use crate::app::lock;
use crate::error::Result;
use crate::held::Stale;
use crate::notice::drafting::{audiences, key_of};
use crate::notice::stored::Audience;
use crate::ports::FindingRow;
use crate::query::FindingQuery;
use crate::triage::{Desk, Exposures};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tallyward_core::{DeviceId, Unit, Verdict};

/// One group of operators that one advisory concerns.
#[derive(Debug)]
pub(crate) struct Concern {
    pub audience: Audience,
    pub unit: String,
    pub class: String,
    pub affected: BTreeSet<DeviceId>,
    /// Devices with an unknown finding and no affected one.
    pub unknown: BTreeSet<DeviceId>,
}

/// Those of one advisory, by key.
pub(crate) type Groups = BTreeMap<String, Concern>;

/// All of them, by advisory, with what they were worked out from.
#[derive(Clone)]
pub(crate) struct Concerns {
    /// Which reading of what is known.
    reading: u64,
    exposures: Arc<Exposures>,
    units: Vec<Unit>,
    pub by_advisory: BTreeMap<String, Arc<Groups>>,
}

impl App {
    /// The groups concerned: of advisories whose findings a commit touched since they were asked for last worked out
    /// anew, of all when threats, decisions, exposures or units changed.
    pub(super) fn concerns(&self) -> Result<Arc<Concerns>> {
        let mut held = lock(&self.state.concerns);
        let stale = std::mem::take(&mut *lock(&self.state.stale));
        let worked_out = self.concerns_from(held.as_ref(), &stale);
        match &worked_out {
            Ok(concerns) => *held = Some(Arc::clone(concerns)),
            Err(_) => lock(&self.state.stale).add(stale),
        }
        worked_out
    }

    fn concerns_from(&self, held: Option<&Arc<Concerns>>, stale: &Stale) -> Result<Arc<Concerns>> {
        let (desk, units) = (self.triage_desk()?, self.units()?);
        let same = |held: &&Arc<Concerns>| {
            held.reading == desk.known.reading
                && Arc::ptr_eq(&held.exposures, &desk.exposures)
                && held.units == units
        };
        match (held.filter(same), stale) {
            (Some(held), Stale::Of(none)) if none.is_empty() => Ok(Arc::clone(held)),
            (Some(held), Stale::Of(advisories)) => {
                let mut concerns = Concerns::clone(held);
                for advisory in advisories {
                    concerns.by_advisory.remove(advisory);
                    let found = self.gather(Some(advisory), &desk, &units)?;
                    concerns.by_advisory.extend(found);
                }
                Ok(Arc::new(concerns))
            }
            _ => Ok(Arc::new(Concerns {
                by_advisory: self.gather(None, &desk, &units)?,
                reading: desk.known.reading,
                exposures: desk.exposures,
                units,
            })),
        }
    }

    /// Whether somebody asked for them before and little has changed since.
    pub(super) fn concerns_held(&self) -> bool {
        lock(&self.state.concerns).is_some() && *lock(&self.state.stale) != Stale::All
    }

    /// The groups that one advisory concerns, or each of them.
    fn gather(
        &self,
        advisory: Option<&String>,
        desk: &Desk,
        units: &[Unit],
    ) -> Result<BTreeMap<String, Arc<Groups>>> {
        let mut found: BTreeMap<String, Groups> = BTreeMap::new();
        for verdict in [Verdict::Affected, Verdict::Unknown] {
            let mut query = FindingQuery {
                verdict: Some(verdict),
                advisory: advisory.cloned(),
                limit: Some(1_000),
                ..FindingQuery::default()
            };
            loop {
                let page = self.store.findings(&query)?;
                for row in &page.rows {
                    self.gather_row(desk, units, verdict, row, &mut found);
                }
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        Ok(found.into_iter().map(|(advisory, groups)| (advisory, Arc::new(groups))).collect())
    }

    fn gather_row(
        &self,
        desk: &Desk,
        units: &[Unit],
        verdict: Verdict,
        row: &FindingRow,
        found: &mut BTreeMap<String, Groups>,
    ) {
        let exposure = desk.exposure(row.device);
        let triage = self.triage_of(&desk.known, &row.class, exposure, &row.advisory, &row.vulnerability);
        let held = found.entry(row.advisory.clone()).or_default();
        for (audience, unit, class) in audiences(&triage, row, units) {
            let key = key_of(audience, &row.advisory, &unit, &class);
            let concern = held.entry(key).or_insert_with(|| Concern {
                audience,
                unit,
                class,
                affected: BTreeSet::new(),
                unknown: BTreeSet::new(),
            });
            if verdict == Verdict::Affected {
                concern.affected.insert(row.device);
            } else if !concern.affected.contains(&row.device) {
                concern.unknown.insert(row.device);
            }
        }
    }
}

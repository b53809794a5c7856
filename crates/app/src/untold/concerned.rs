//! Which groups of operators each advisory concerns, with their affected and their undecided devices.

use crate::App;
use crate::app::lock;
use crate::error::Result;
use crate::known::Known;
use crate::notice::drafting::{audiences, key_of};
use crate::notice::stored::Audience;
use crate::query::FindingQuery;
use crate::triage::Desk;
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

/// All of them, by advisory and key, with what they were worked out from.
pub(crate) struct Concerns {
    fleet: u64,
    known: Arc<Known>,
    units: Vec<Unit>,
    pub by_advisory: BTreeMap<String, BTreeMap<String, Concern>>,
}

impl App {
    /// The groups concerned, held until findings, advisories or units change.
    pub(super) fn concerns(&self) -> Result<Arc<Concerns>> {
        let (fleet, known, units) = (self.store.fleet_version()?, self.known()?, self.units()?);
        if let Some(held) = lock(&self.state.concerns).as_ref()
            && held.fleet == fleet
            && Arc::ptr_eq(&held.known, &known)
            && held.units == units
        {
            return Ok(Arc::clone(held));
        }
        let mut concerns = Concerns { fleet, known, units, by_advisory: BTreeMap::new() };
        self.gather(Verdict::Affected, &mut concerns)?;
        self.gather(Verdict::Unknown, &mut concerns)?;
        let concerns = Arc::new(concerns);
        *lock(&self.state.concerns) = Some(Arc::clone(&concerns));
        Ok(concerns)
    }

    /// Whether they are worked out of what there is now.
    pub(super) fn concerns_held(&self) -> Result<bool> {
        let fleet = self.store.fleet_version()?;
        Ok(lock(&self.state.concerns).as_ref().is_some_and(|held| held.fleet == fleet))
    }

    fn gather(&self, verdict: Verdict, concerns: &mut Concerns) -> Result<()> {
        let mut query =
            FindingQuery { verdict: Some(verdict), limit: Some(1_000), ..FindingQuery::default() };
        let desk = Desk { known: Arc::clone(&concerns.known), exposures: self.exposures()? };
        loop {
            let page = self.store.findings(&query)?;
            for row in &page.rows {
                let exposure = desk.exposure(row.device);
                let triage =
                    self.triage_of(&desk.known, &row.class, exposure, &row.advisory, &row.vulnerability);
                let held = concerns.by_advisory.entry(row.advisory.clone()).or_default();
                for (audience, unit, class) in audiences(&triage, row, &concerns.units) {
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
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

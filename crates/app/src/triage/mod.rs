//! How urgent a finding is: the inputs brought together, each with its reason, and what a named person sets.

mod decision;
mod exposures;
mod inputs;
mod judged;
mod set;

pub(crate) use decision::ByDecision;
pub(crate) use exposures::Exposures;
pub(crate) use judged::{Judged, SetInput, flaw_id};
pub use set::TriageInput;

use crate::App;
use crate::app::lock;
use crate::error::Result;
use crate::known::{Flaw, Known};
use std::sync::Arc;
use tallyward_core::{ClinicalLevel, DeviceId, TriageAbout};
use tallyward_response::{
    BodInputs, DeviceClass, Exposure, PubliclyExposed, Rubric, Triage, TriageInputs, bod, triage,
};

/// What triage of many findings reads once.
pub(crate) struct Desk {
    pub known: Arc<Known>,
    pub exposures: Arc<Exposures>,
}

impl App {
    /// Everything that triage needs, at one time.
    pub(crate) fn triage_desk(&self) -> Result<Desk> {
        Ok(Desk { known: self.known()?, exposures: self.exposures()? })
    }

    /// Triage of a flaw on a device class at this exposure. Where an input is not known the tables' stated default
    /// stands in, and the result says so and gives the range over every value.
    pub(crate) fn triage_of(
        &self,
        known: &Known,
        class: &str,
        exposure: Option<Exposure>,
        advisory: &str,
        flaw: &str,
    ) -> Arc<Triage> {
        let at = (class.to_owned(), advisory.to_owned(), flaw.to_owned(), exposure);
        if let Some(held) = lock(&known.triaged).get(&at) {
            return Arc::clone(held);
        }
        let vulnerability = flaw_id(flaw);
        let flaw = known.flaw(advisory, flaw);
        let set = known.judged.get(&TriageAbout::ClinicalLevel { class: class.to_owned(), vulnerability });
        let inputs = TriageInputs {
            exposure,
            level: set.and_then(|set| ClinicalLevel::from_code(&set.value)),
            impact: flaw.and_then(|flaw| flaw.impact),
            automatable: flaw.and_then(|flaw| flaw.automatable),
            exploitation: flaw.and_then(|flaw| flaw.exploitation),
            ..TriageInputs::unknown(DeviceClass::of(class))
        };
        let mut worked_out = triage(&self.tables, &inputs);
        let said = flaw.into_iter().flat_map(|flaw| flaw.said.iter().cloned());
        let said: Vec<String> = said.chain(set.map(|set| set.sentence())).collect();
        worked_out.why.splice(0..0, said);
        let worked_out = Arc::new(worked_out);
        lock(&known.triaged).insert(at, Arc::clone(&worked_out));
        worked_out
    }
}

impl Desk {
    /// Who can reach a device: as a named person set it, else as flows and places show.
    pub fn exposure(&self, device: DeviceId) -> Option<Exposure> {
        match self.known.judged.get(&TriageAbout::Exposure { device }) {
            Some(set) => Exposure::from_code(&set.value),
            None => self.exposures.of(device).value,
        }
    }

    /// MITRE's rubric for medical devices as a named person answered it for a flaw: a sentence, and the words it is kept in.
    pub fn rubric(&self, vulnerability: &str) -> Option<(String, String)> {
        let set = self.known.judged.get(&TriageAbout::Rubric { vulnerability: flaw_id(vulnerability) })?;
        let rubric = Rubric::read(&set.value).ok()?;
        Some((format!("{} {}", rubric.sentence(), set.sentence()), set.value.clone()))
    }

    /// What CISA BOD 26-04 says of a flaw on a device; none as long as no list on file says anything of the flaw.
    pub fn bod(&self, app: &App, flaw: &Flaw, device: DeviceId) -> Option<String> {
        if flaw.in_kev.is_none() && flaw.technical_impact.is_none() && flaw.said.is_empty() {
            return None;
        }
        // Of a fence that somebody proved it can be said that nobody on the internet reaches past it.
        let fenced = (self.exposure(device) == Some(Exposure::Small)).then_some(PubliclyExposed::No);
        let inputs = BodInputs {
            in_kev: flaw.in_kev,
            publicly_exposed: self.exposures.of(device).public.or(fenced),
            automatable: flaw.automatable,
            technical_impact: flaw.technical_impact,
        };
        Some(bod(&app.tables, &inputs).sentence())
    }
}

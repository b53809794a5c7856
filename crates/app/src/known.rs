//! What is known of the flaws on file: the matcher and the inputs of triage, built once and held in memory.

use crate::App;
use crate::app::lock;
use crate::change::DocKind;
use crate::error::Result;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tallyward_core::{Advisory, Decision};
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Matcher, Resolver};
use tallyward_response::{Automatable, DeviceClass, Exploitation, ImpactHint, Triage, TriageInputs, triage};

/// What triage needs of one flaw.
#[derive(Clone, Debug)]
pub(crate) struct Flaw {
    pub impact: Option<ImpactHint>,
    pub automatable: Option<Automatable>,
    pub exploitation: Option<Exploitation>,
    /// Whence what is known of attacks is; goes before the steps of triage.
    pub said: Vec<String>,
    /// What is shown beside triage and decides nothing in it.
    pub beside: Vec<String>,
}

/// The advisories on file, ready for judging and triage.
pub(crate) struct Known {
    pub matcher: Matcher,
    /// How products are told to be models here.
    pub resolver: Resolver,
    /// How many corrections made here are in force, by advisory.
    pub corrected: BTreeMap<String, usize>,
    /// Titles by advisory id.
    pub titles: BTreeMap<String, String>,
    /// By advisory and vulnerability id.
    pub flaws: BTreeMap<String, BTreeMap<String, Flaw>>,
    /// How many flaws of advisories on file each table of threats names.
    pub threats_here: BTreeMap<&'static str, usize>,
    /// Triage by device class, advisory and vulnerability, worked out once each.
    triaged: Mutex<FxHashMap<(String, String, String), Arc<Triage>>>,
}

impl App {
    /// Everything on file, held until advisories, corrections, product decisions or threats change.
    pub(crate) fn known(&self) -> Result<Arc<Known>> {
        let mut held = lock(&self.state.known);
        if let Some(known) = held.as_ref() {
            return Ok(Arc::clone(known));
        }
        let (advisories, corrected) = self.corrected_advisories()?;
        let decisions: Vec<Decision> = self.load_all(DocKind::Decision, None)?;
        let in_force = tallyward_core::decision::in_force(&decisions, self.now());
        let resolver = Resolver::new(Aliases::clone(&self.aliases), &in_force);
        let threats = self.threats_on_file()?;
        let flaws = |one: &Advisory| {
            let flaws = one.vulnerabilities.iter();
            flaws.map(|flaw| (flaw.id.clone(), threats.of(&self.tables, flaw))).collect()
        };
        let known = Arc::new(Known {
            matcher: Matcher::new(&advisories, resolver.clone()),
            resolver,
            corrected,
            titles: advisories.iter().map(|one| (one.id.clone(), one.title.clone())).collect(),
            triaged: Mutex::default(),
            flaws: advisories.iter().map(|one| (one.id.clone(), flaws(one))).collect(),
            threats_here: threats.here(&advisories),
        });
        *held = Some(Arc::clone(&known));
        Ok(known)
    }

    /// Forgets what was held, after advisories, product decisions or threats changed.
    pub(crate) fn forget_known(&self) {
        *lock(&self.state.known) = None;
    }

    /// Triage of a flaw on a device class. Exposure is not known yet; where an input is not known the tables'
    /// stated default stands in, and the result says so.
    pub(crate) fn triage_of(&self, known: &Known, class: &str, advisory: &str, flaw: &str) -> Arc<Triage> {
        let at = (class.to_owned(), advisory.to_owned(), flaw.to_owned());
        if let Some(held) = lock(&known.triaged).get(&at) {
            return Arc::clone(held);
        }
        let mut inputs = TriageInputs::unknown(DeviceClass::of(class));
        let flaw = known.flaw(advisory, flaw);
        if let Some(flaw) = flaw {
            inputs.impact = flaw.impact;
            inputs.automatable = flaw.automatable;
            inputs.exploitation = flaw.exploitation;
        }
        let mut worked_out = triage(&self.tables, &inputs);
        if let Some(flaw) = flaw {
            worked_out.why.splice(0..0, flaw.said.iter().cloned());
        }
        let worked_out = Arc::new(worked_out);
        lock(&known.triaged).insert(at, Arc::clone(&worked_out));
        worked_out
    }
}

impl Known {
    /// What is known of one flaw.
    pub(crate) fn flaw(&self, advisory: &str, flaw: &str) -> Option<&Flaw> {
        self.flaws.get(advisory)?.get(flaw)
    }
}

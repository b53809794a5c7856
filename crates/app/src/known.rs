//! What is known of the flaws on file: the matcher and the inputs of triage, built once and held in memory.

use crate::App;
use crate::advisories::StoredAdvisory;
use crate::app::lock;
use crate::change::{ConfigId, DocKind};
use crate::error::Result;
use crate::judging::{A_FEW, Held};
use crate::threats::OnFile;
use crate::triage::Judged;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use tallyward_core::{Advisory, Decision, Timestamp};
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Matcher, Resolver};
use tallyward_response::{
    Automatable, Exploitation, Exposure, ImpactHint, InKev, Tables, TechnicalImpact, Triage,
};

/// What triage needs of one flaw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flaw {
    pub impact: Option<ImpactHint>,
    pub automatable: Option<Automatable>,
    /// By which rule, as a sentence.
    pub automatable_why: String,
    pub exploitation: Option<Exploitation>,
    /// By which rule, as a sentence.
    pub exploitation_why: String,
    pub in_kev: Option<InKev>,
    pub technical_impact: Option<TechnicalImpact>,
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
    /// What others know of attacks.
    threats: OnFile,
    /// How many flaws of advisories on file each table of threats names.
    pub threats_here: BTreeMap<&'static str, usize>,
    /// Configurations with what their names resolve to, read when an advisory is judged.
    pub held: Mutex<FxHashMap<ConfigId, Held>>,
    /// What named people judged of the inputs of triage.
    pub judged: Judged,
    /// Which reading of everything this goes back to; what came since was only added.
    pub reading: u64,
    /// The day on which ages were judged.
    day: String,
    /// Triage by device class, advisory, vulnerability and exposure, worked out once each.
    pub triaged: Mutex<FxHashMap<Triaged, Arc<Triage>>>,
}

/// What triage is worked out once for.
pub(crate) type Triaged = (String, String, String, Option<Exposure>);

impl App {
    /// Everything on file, held until advisories, corrections, decisions or threats change, and for a day: statements age.
    pub(crate) fn known(&self) -> Result<Arc<Known>> {
        let now = self.now();
        let mut held = lock(&self.state.known);
        if let Some(known) = held.as_ref().filter(|known| known.day == now.date()) {
            return Ok(Arc::clone(known));
        }
        let (advisories, corrected) = self.corrected_advisories()?;
        let decisions: Vec<Decision> = self.load_all(DocKind::Decision, None)?;
        let in_force = tallyward_core::decision::in_force(&decisions, now);
        let resolver = Resolver::new(Aliases::clone(&self.aliases), &in_force);
        let threats = self.threats_on_file()?;
        let kept = |id| self.store.device(id).ok().flatten().map_or(id, |row| row.put.id);
        let judged = Judged::of(&in_force, kept);
        let flaws = |one: &Advisory| {
            let flaws = one.vulnerabilities.iter();
            flaws.map(|flaw| (flaw.id.clone(), threats.of(&self.tables, flaw, &judged, now))).collect()
        };
        let known = Arc::new(Known {
            matcher: Matcher::new(&advisories, resolver.clone()),
            resolver,
            corrected,
            titles: advisories.iter().map(|one| (one.id.clone(), one.title.clone())).collect(),
            held: Mutex::default(),
            triaged: Mutex::default(),
            reading: self.state.read_known.fetch_add(1, Ordering::Relaxed),
            day: now.date(),
            flaws: advisories.iter().map(|one| (one.id.clone(), flaws(one))).collect(),
            threats_here: threats.here(advisories.iter()),
            threats,
            judged,
        });
        *held = Some(Arc::clone(&known));
        Ok(known)
    }

    /// Brings what is held up to date with documents that came in or went. While somebody else looks at it, or before
    /// anybody did, it is forgotten instead, and read whole when it is asked for.
    pub(crate) fn renew_known(&self, advisories: &BTreeSet<String>) -> Result<()> {
        let now = self.now();
        let mut held = lock(&self.state.known);
        let Some(Ok(mut known)) = held.take().map(Arc::try_unwrap) else { return Ok(()) };
        if advisories.len() > A_FEW || known.day != now.date() {
            return Ok(());
        }
        for id in advisories {
            let stored: Option<StoredAdvisory> = self.load(DocKind::Advisory, id)?;
            known.forget(id);
            if let Some(stored) = stored {
                let (advisory, corrections) = self.corrected(stored.advisory)?;
                known.add(advisory, corrections, &self.tables, now);
            }
        }
        known.threats_here = known.threats.here(known.matcher.advisories());
        *held = Some(Arc::new(known));
        Ok(())
    }

    /// Forgets what was held, after advisories, product decisions or threats changed.
    pub(crate) fn forget_known(&self) {
        *lock(&self.state.known) = None;
    }
}

impl Known {
    fn forget(&mut self, id: &str) {
        self.matcher.remove(id);
        self.corrected.remove(id);
        self.titles.remove(id);
        self.flaws.remove(id);
        lock(&self.triaged).retain(|(_, advisory, ..), _| advisory != id);
    }

    fn add(&mut self, advisory: Advisory, corrections: usize, tables: &Tables, now: Timestamp) {
        let id = advisory.id.clone();
        if corrections > 0 {
            self.corrected.insert(id.clone(), corrections);
        }
        self.titles.insert(id.clone(), advisory.title.clone());
        let flaws = advisory.vulnerabilities.iter();
        let flaws =
            flaws.map(|flaw| (flaw.id.clone(), self.threats.of(tables, flaw, &self.judged, now))).collect();
        self.flaws.insert(id, flaws);
        self.matcher.add(advisory);
    }

    /// What is known of one flaw.
    pub(crate) fn flaw(&self, advisory: &str, flaw: &str) -> Option<&Flaw> {
        self.flaws.get(advisory)?.get(flaw)
    }
}

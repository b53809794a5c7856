//! What is held in memory follows each commit.
//!
//! Key decision: a commit says what of that it makes out of date, so that the next to ask works out that much and not
//! everything. The price: whatever is worked out of stored things and held has to be named here.

use crate::App;
use crate::app::lock;
use crate::change::{ChangeSet, ConfigId, DocKind, DocPut};
use crate::error::Result;
use crate::notice::shelf;
use crate::ports::JudgementsOf;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use tallyward_core::DeviceId;

/// From so many devices or configurations on, everything is looked at anew.
const MANY: usize = 200;

/// The advisories whose findings may be others than when somebody looked last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stale {
    All,
    Of(BTreeSet<String>),
}

/// Whether a change holds nothing but documents and events.
fn of_no_device(change: &ChangeSet) -> bool {
    let ChangeSet {
        evidence,
        handles,
        redirects,
        devices,
        gone,
        configs,
        flows,
        fleet: _,
        docs: _,
        audit: _,
    } = change;
    evidence.is_empty()
        && handles.is_empty()
        && redirects.is_empty()
        && devices.is_empty()
        && gone.is_empty()
        && configs.is_empty()
        && flows.is_empty()
}

impl Default for Stale {
    fn default() -> Self {
        Self::Of(BTreeSet::new())
    }
}

impl Stale {
    pub fn add(&mut self, more: Self) {
        match (self, more) {
            (Self::All, _) => {}
            (held, Self::All) => *held = Self::All,
            (Self::Of(held), Self::Of(more)) => held.extend(more),
        }
    }
}

/// When something was worked out: after how many commits, and on which day, since statements age by days.
type Moment = (u64, String);

/// Something worked out of what is stored, kept until a commit.
#[derive(Debug)]
pub(crate) struct Kept<T>(Mutex<Option<(Moment, T)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Kept<T> {
    /// What is kept of this moment, else what `work` says. Who asks meanwhile waits for the same answer.
    pub fn or(&self, now: Moment, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut held = lock(&self.0);
        if let Some((_, kept)) = held.as_ref().filter(|(at, _)| *at == now) {
            return Ok(kept.clone());
        }
        let fresh = work()?;
        *held = Some((now, fresh.clone()));
        Ok(fresh)
    }
}

impl App {
    /// The present moment, to be asked for before anything is read.
    pub(crate) fn moment(&self) -> Moment {
        (self.state.commits.load(Ordering::Acquire), self.now().date())
    }

    /// Commits one change set.
    pub(crate) fn commit(&self, change: ChangeSet) -> Result<u64> {
        let advisories: Vec<DocPut> =
            change.docs.iter().filter(|put| put.kind == DocKind::Advisory).cloned().collect();
        let drafts = shelf::of_change(&change.docs)?;
        let stale = self.stale_after(&change)?;
        let reach = self.changes_reach(&change)?;
        // Everybody who signs in or looks around touches a session.
        let quiet = change.docs.iter().all(|put| put.kind == DocKind::Session) && of_no_device(&change);
        let hung = self.hung_after(&change)?;
        let version = self.store.commit(change)?;
        self.note_hung(hung);
        self.note_advisories(&advisories)?;
        self.note_drafts(drafts);
        lock(&self.state.stale).add(stale);
        if !quiet {
            self.state.commits.fetch_add(1, Ordering::Release);
        }
        if reach {
            *lock(&self.state.exposures) = None;
        }
        Ok(version)
    }

    /// The advisories whose findings a change may touch.
    fn stale_after(&self, change: &ChangeSet) -> Result<Stale> {
        let many = change.devices.len() > MANY || !change.redirects.is_empty() || !change.gone.is_empty();
        if many {
            return Ok(Stale::All);
        }
        let mut stale = BTreeSet::new();
        let mut looked: FxHashSet<ConfigId> = FxHashSet::default();
        let devices: Vec<DeviceId> = change.devices.iter().map(|put| put.id).collect();
        looked.extend(self.store.configs_of(&devices)?.into_iter().map(|(_, config)| config));
        looked.extend(change.devices.iter().map(|put| put.config));
        for put in &change.configs {
            stale.extend(put.judgements.iter().map(|one| one.advisory.clone()));
            match &put.judged {
                Some(answered) => stale.extend(answered.iter().cloned()),
                None => drop(looked.insert(put.id)),
            }
        }
        if looked.len() > MANY {
            return Ok(Stale::All);
        }
        for config in looked {
            let judged = self.store.judgements(JudgementsOf::Config(config))?;
            stale.extend(judged.into_iter().map(|(_, one)| one.advisory));
        }
        Ok(Stale::Of(stale))
    }

    /// Whether a change may tell of conversations, or whose they are.
    fn changes_reach(&self, change: &ChangeSet) -> Result<bool> {
        let tables = |put: &DocPut| matches!(put.kind, DocKind::Places | DocKind::Capture);
        if !change.flows.is_empty()
            || !change.handles.is_empty()
            || !change.redirects.is_empty()
            || !change.gone.is_empty()
            || change.docs.iter().any(tables)
        {
            return Ok(true);
        }
        match change.devices.as_slice() {
            [] => Ok(false),
            [one] => Ok(self.store.device(one.id)?.is_none_or(|held| held.put.keys != one.keys)),
            _ => Ok(true),
        }
    }
}

//! Which devices are told apart by their serial numbers: those of products a clause on file says so of, and no others.
//!
//! Key decision: verdicts are worked out per configuration, and a serial number makes every device one of its own. So
//! it is a fact of the configuration only while a clause about the product asks for it. The price: when such a clause
//! comes or goes, the devices it is about are worked out again.

use crate::App;
use crate::app::lock;
use crate::change::ConfigId;
use crate::error::Result;
use crate::known::Known;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, Mutex};
use tallyward_core::Key;
use tallyward_matching::Configuration;

/// Devices worked out and committed at once.
const CHUNK: usize = 2_000;

/// What the clauses on file ask of a device beside the facts that always count; looked up once a naming.
pub(crate) struct Asked {
    known: Arc<Known>,
    by_naming: Mutex<FxHashMap<Configuration, bool>>,
}

impl Asked {
    /// As things are now; to be held no longer than one batch.
    pub fn of(known: Arc<Known>) -> Self {
        Self { known, by_naming: Mutex::default() }
    }

    /// The facts without a serial number that nothing asks for.
    pub fn only(&self, mut facts: Configuration) -> Configuration {
        if !self.serial(&facts) {
            facts.serial = None;
        }
        facts
    }

    fn serial(&self, facts: &Configuration) -> bool {
        let matcher = &self.known.matcher;
        if !matcher.asks_any_serial() {
            return false;
        }
        let mut held = lock(&self.by_naming);
        *held.entry(facts.naming()).or_insert_with_key(|naming| matcher.asks_serial(naming))
    }
}

impl App {
    /// Works out again the devices of these configurations, of which other facts count now than when they were last
    /// worked out.
    pub(crate) fn regroup(&self, left: Vec<ConfigId>, cause: &str) -> Result<()> {
        let world = self.world()?;
        let mut seen: FxHashSet<Key> = FxHashSet::default();
        for config in left {
            let keys: Vec<Vec<Key>> =
                self.store.devices_with(config, u32::MAX)?.into_iter().map(|row| row.put.keys).collect();
            for chunk in keys.chunks(CHUNK) {
                let fresh: Vec<Key> =
                    chunk.iter().flatten().filter(|key| !seen.contains(key)).cloned().collect();
                if fresh.is_empty() {
                    continue;
                }
                let evidence = self.store.component(&fresh)?;
                seen.extend(evidence.iter().map(|piece| piece.subject.clone()));
                let mut change = self.fleet_change()?;
                self.rebuild(&evidence, &world, &mut change)?;
                change.docs.extend(self.record_of_regrouping(cause, world.as_of, &change)?);
                self.commit(change)?;
            }
        }
        Ok(())
    }
}

//! Which devices are told apart by their serial numbers, or by a device identifier: those that a document on file asks
//! it of, and no others.
//!
//! Key decision: verdicts are worked out per configuration, and a serial number makes every device one of its own. So
//! it is a fact of the configuration only while a clause about the product asks for it, or a document lists that very
//! number; a device identifier while a document names it. The price: when such a document comes or goes, the devices it
//! is about are worked out again.

use crate::App;
use crate::app::lock;
use crate::change::ConfigId;
use crate::error::Result;
use crate::fleet::World;
use crate::known::Known;
use crate::query::DeviceQuery;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tallyward_core::Key;
use tallyward_matching::{Configuration, Matcher};

/// Devices worked out and committed at once.
const CHUNK: usize = 2_000;

/// What the documents on file ask of a device beside the facts that always count; looked up once a naming.
pub(crate) struct Asked {
    known: Arc<Known>,
    /// Whether the serial number, and the device identifier, counts.
    by_naming: Mutex<FxHashMap<Configuration, (bool, bool)>>,
}

impl Asked {
    /// As things are now; to be held no longer than one batch.
    pub fn of(known: Arc<Known>) -> Self {
        Self { known, by_naming: Mutex::default() }
    }

    /// The facts without a serial number and a device identifier that nothing asks for.
    pub fn only(&self, mut facts: Configuration) -> Configuration {
        let matcher = &self.known.matcher;
        if !(matcher.asks_any_serial() || matcher.asks_any_di()) {
            return Configuration { serial: None, di: None, ..facts };
        }
        // A device that a document may name by its own numbers is looked at alone.
        let is_named = facts.di.as_deref().is_some_and(|di| matcher.names_di(di));
        let (serial, di) = if is_named || matcher.lists_serials_of(&facts) {
            (matcher.asks_serial(&facts), matcher.asks_di(&facts))
        } else {
            self.by_name(&facts)
        };
        facts.serial = facts.serial.filter(|_| serial);
        facts.di = facts.di.filter(|_| di);
        facts
    }

    fn by_name(&self, facts: &Configuration) -> (bool, bool) {
        let matcher = &self.known.matcher;
        let naming = Configuration { serial: None, di: None, ..facts.naming() };
        let mut held = lock(&self.by_naming);
        *held
            .entry(naming)
            .or_insert_with_key(|naming| (matcher.asks_serial(naming), matcher.asks_di(naming)))
    }
}

impl App {
    /// Works out again the devices of these configurations, of which other facts count now than when they were last
    /// worked out.
    pub(crate) fn regroup(&self, left: BTreeSet<ConfigId>, cause: &str) -> Result<()> {
        let world = self.world()?;
        let mut seen: FxHashSet<Key> = FxHashSet::default();
        for config in left {
            let keys: Vec<Vec<Key>> =
                self.store.devices_with(config, u32::MAX)?.into_iter().map(|row| row.put.keys).collect();
            for chunk in keys.chunks(CHUNK) {
                self.work_out_again(chunk, &mut seen, &world, cause)?;
            }
        }
        Ok(())
    }

    /// Configurations of devices whose device identifier one of these advisories names.
    pub(crate) fn named_by_di(&self, matcher: &Matcher, advisories: &[usize]) -> Result<BTreeSet<ConfigId>> {
        let mut found = BTreeSet::new();
        let dis: BTreeSet<&str> = advisories.iter().flat_map(|one| matcher.dis_of(*one)).collect();
        for di in dis {
            // Lists hold it with and without leading zeros.
            let text = Some(di.trim_start_matches('0').to_owned());
            let rows = self.every_device(&DeviceQuery { text, ..DeviceQuery::default() })?;
            found.extend(rows.into_iter().map(|row| row.put.config));
        }
        Ok(found)
    }

    fn work_out_again(
        &self,
        keys: &[Vec<Key>],
        seen: &mut FxHashSet<Key>,
        world: &World,
        cause: &str,
    ) -> Result<()> {
        let fresh: Vec<Key> = keys.iter().flatten().filter(|key| !seen.contains(key)).cloned().collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let evidence = self.store.component(&fresh)?;
        seen.extend(evidence.iter().map(|piece| piece.subject.clone()));
        let mut change = self.fleet_change()?;
        self.rebuild(&evidence, world, &mut change)?;
        change.docs.extend(self.record_of_regrouping(cause, world.as_of, &change)?);
        self.commit(change)?;
        Ok(())
    }
}

//! A whole fleet: devices grouped by configuration, verdicts worked out once a group.

use crate::configuration::Configuration;
use crate::fold::Judged;
use crate::matcher::{Matcher, Resolved};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tallyward_core::advisory::Advisory;

/// Devices that share a configuration, and their verdicts.
#[derive(Clone, Debug)]
pub struct Group<D> {
    /// What they share, without facts no clause asks for.
    pub configuration: Configuration,
    /// Who they are.
    pub devices: BTreeSet<D>,
    /// Verdicts, by advisory in the order of adding.
    pub verdicts: Vec<Judged>,
    naming: usize,
}

/// Devices by id `D`, their configurations and verdicts, kept in step with devices and advisories.
pub struct Fleet<D> {
    matcher: Matcher,
    groups: Vec<Group<D>>,
    by_configuration: FxHashMap<Configuration, usize>,
    /// What each naming resolves to: the versions of one model share it.
    resolved: Vec<Resolved>,
    by_naming: FxHashMap<Configuration, usize>,
    devices: BTreeMap<D, (Arc<Configuration>, usize)>,
    /// Whole configurations, each held once.
    whole: FxHashMap<Arc<Configuration>, usize>,
}

impl<D: Ord + Clone> Fleet<D> {
    /// An empty fleet that asks `matcher`.
    #[must_use]
    pub fn new(matcher: Matcher) -> Self {
        Self {
            matcher,
            groups: Vec::new(),
            by_configuration: FxHashMap::default(),
            resolved: Vec::new(),
            by_naming: FxHashMap::default(),
            devices: BTreeMap::new(),
            whole: FxHashMap::default(),
        }
    }

    /// What the fleet asks.
    #[must_use]
    pub fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// Sets what is known of a device. Verdicts are worked out only for a configuration not seen before.
    /// Gives whether the device's group changed, so that its findings may have.
    pub fn set_device(&mut self, id: D, configuration: Configuration) -> bool {
        let group = self.group_of(&configuration);
        let (whole, _) = match self.whole.get_key_value(&configuration) {
            Some((whole, group)) => (Arc::clone(whole), *group),
            None => {
                let whole = Arc::new(configuration);
                self.whole.insert(Arc::clone(&whole), group);
                (whole, group)
            }
        };
        let before = self.devices.insert(id.clone(), (whole, group));
        if let Some((_, old)) = &before
            && *old != group
        {
            self.groups[*old].devices.remove(&id);
        }
        let changed = before.is_none_or(|(_, old)| old != group);
        if changed {
            self.groups[group].devices.insert(id);
        }
        changed
    }

    /// Forgets a device.
    pub fn remove_device(&mut self, id: &D) {
        if let Some((_, group)) = self.devices.remove(id) {
            self.groups[group].devices.remove(id);
        }
    }

    fn group_of(&mut self, configuration: &Configuration) -> usize {
        if let Some(group) = self.whole.get(configuration) {
            return *group;
        }
        let relevant = self.matcher.relevant(configuration);
        if let Some(group) = self.by_configuration.get(&relevant) {
            return *group;
        }
        let naming = self.naming_of(&relevant);
        let verdicts = self.matcher.judge(&relevant, &self.resolved[naming], None);
        self.by_configuration.insert(relevant.clone(), self.groups.len());
        self.groups.push(Group { configuration: relevant, devices: BTreeSet::new(), verdicts, naming });
        self.groups.len() - 1
    }

    fn naming_of(&mut self, configuration: &Configuration) -> usize {
        let naming = self.matcher.naming(configuration);
        if let Some(index) = self.by_naming.get(&naming) {
            return *index;
        }
        self.resolved.push(self.matcher.resolve(&naming));
        self.by_naming.insert(naming, self.resolved.len() - 1);
        self.resolved.len() - 1
    }

    /// Adds an advisory, in the place of an earlier one with its id: only its own verdicts are worked out, the
    /// others stay as they are. Gives the indices of the groups whose verdicts changed.
    pub fn add_advisory(&mut self, advisory: Advisory) -> Vec<usize> {
        let (id, asked) = (advisory.id.clone(), self.matcher.asked());
        let index = self.matcher.add(advisory);
        for resolved in &mut self.resolved {
            self.matcher.resolve_more(resolved);
        }
        let regrouped = self.matcher.asked() != asked;
        if regrouped {
            self.regroup();
        }
        let mut touched = Vec::new();
        for (group, held) in self.groups.iter_mut().enumerate() {
            let verdicts = self.matcher.judge(&held.configuration, &self.resolved[held.naming], Some(index));
            let earlier: Vec<Judged> = held.verdicts.extract_if(.., |judged| judged.advisory == id).collect();
            // After regrouping the new verdicts are there already, so nothing can be compared.
            if earlier != verdicts || (regrouped && !verdicts.is_empty()) {
                touched.push(group);
            }
            held.verdicts.extend(verdicts);
        }
        touched
    }

    /// Groups all devices anew, because a fact counts now that did not before.
    fn regroup(&mut self) {
        let devices = std::mem::take(&mut self.devices);
        self.groups.clear();
        self.by_configuration.clear();
        self.whole.clear();
        for (id, (configuration, _)) in devices {
            self.set_device(id, Arc::unwrap_or_clone(configuration));
        }
    }

    /// Works out every verdict anew, as for a fleet that was just loaded.
    pub fn recompute(&mut self) {
        for (naming, index) in &self.by_naming {
            self.resolved[*index] = self.matcher.resolve(naming);
        }
        for group in &mut self.groups {
            group.verdicts = self.matcher.judge(&group.configuration, &self.resolved[group.naming], None);
        }
    }

    /// Groups with at least one device.
    pub fn groups(&self) -> impl Iterator<Item = &Group<D>> {
        self.groups.iter().filter(|group| !group.devices.is_empty())
    }

    /// The group by the index that [`Self::add_advisory`] gave.
    #[must_use]
    pub fn group(&self, index: usize) -> Option<&Group<D>> {
        self.groups.get(index)
    }

    /// The verdicts on one device; none when it is not known here.
    #[must_use]
    pub fn verdicts_of(&self, id: &D) -> &[Judged] {
        self.devices.get(id).map_or(&[], |(_, group)| self.groups[*group].verdicts.as_slice())
    }

    /// Every finding as device and verdict.
    pub fn findings(&self) -> impl Iterator<Item = (&D, &Judged)> {
        self.groups().flat_map(|group| {
            group.devices.iter().flat_map(|device| group.verdicts.iter().map(move |judged| (device, judged)))
        })
    }

    /// How many devices it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }
}

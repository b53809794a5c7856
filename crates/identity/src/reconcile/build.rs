//! From joined keys to devices.

use super::claims::{Claim, Claims, NONE};
use super::hold::{Candidate, hold};
use super::join::Joined;
use super::judged::Judged;
use super::links::may_join;
use super::rules::Rules;
use crate::classify;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use tallyward_core::device::Contest;
use tallyward_core::{Decision, Device, Evidence, Field, Held, Key, Source, SourceKind, Timestamp};

/// Everything the assembly of one device looks into.
pub(super) struct Builder<'b, 'a> {
    pub(super) claims: &'b Claims<'a>,
    pub(super) judged: &'b Judged<'a>,
    pub(super) joined: &'b Joined,
    pub(super) rules: &'b Rules,
    pub(super) as_of: Timestamp,
    /// Matches of facts against rules, kept from device to device.
    pub(super) kept: RefCell<classify::Kept>,
}

/// The pin that counts for each field of a device.
type Pins<'a> = BTreeMap<Field, (&'a str, &'a Decision)>;

impl<'a> Builder<'_, 'a> {
    /// All devices, each once, by their smallest key.
    pub(super) fn devices(&self) -> Vec<Device> {
        let keys = &self.claims.keys;
        let mentions = self.mentions();
        let mut contests: FxHashMap<u32, Vec<Contest>> = FxHashMap::default();
        for (ours, theirs, why) in &self.joined.refused {
            let contest = Contest {
                ours: keys[*ours as usize].clone(),
                theirs: keys[*theirs as usize].clone(),
                why: why.clone(),
            };
            contests.entry(self.joined.device[*ours as usize]).or_default().push(contest);
        }
        let mut members: Vec<u32> = (0..keys.len() as u32).collect();
        members.sort_by_key(|key| self.joined.device[*key as usize]);
        let one_device =
            |a: &u32, b: &u32| self.joined.device[*a as usize] == self.joined.device[*b as usize];
        let spoken_of = |key: &u32| !self.claims.of(*key).is_empty() || mentions.contains_key(key);
        let mut groups: Vec<&mut [u32]> =
            members.chunk_by_mut(one_device).filter(|members| members.iter().any(spoken_of)).collect();
        for members in &mut groups {
            members.sort_unstable_by_key(|key| keys[*key as usize]);
        }
        groups.sort_unstable_by_key(|members| keys[members[0] as usize]);
        let mut devices = Vec::with_capacity(groups.len());
        for members in groups {
            let contests = contests.remove(&self.joined.device[members[0] as usize]).unwrap_or_default();
            devices.push(self.device(members, &mentions, contests));
        }
        devices
    }

    /// For each key the best identity statement that leads to it.
    fn mentions(&self) -> FxHashMap<u32, &Claim<'a>> {
        let mut mentions: FxHashMap<u32, &Claim<'a>> = FxHashMap::default();
        for claim in self.claims.list.iter().filter(|claim| claim.other != NONE && !claim.history) {
            // A hint somebody mentions is a name, not yet a device.
            if !may_join(self.key(claim.subject), self.key(claim.other)) {
                continue;
            }
            let best = mentions.entry(claim.other).or_insert(claim);
            let order = self.candidate(Field::Key, &claim.said.value, claim);
            let held = self.candidate(Field::Key, &best.said.value, best);
            let subjects = || self.key(claim.subject).cmp(self.key(best.subject));
            if order.order(&held).then_with(subjects).is_lt() {
                *best = claim;
            }
        }
        mentions
    }

    fn key(&self, number: u32) -> &'a Key {
        self.claims.keys[number as usize]
    }

    fn candidate<'c>(&self, field: Field, value: &'c str, claim: &Claim<'c>) -> Candidate<'c> {
        Candidate::new(field, value, claim, self.rules, self.as_of)
    }

    fn device(
        &self,
        members: &[u32],
        mentions: &FxHashMap<u32, &Claim<'a>>,
        mut contested: Vec<Contest>,
    ) -> Device {
        let mut said: Vec<&Claim<'_>> = members.iter().flat_map(|key| self.claims.of(*key)).collect();
        let seen = seen(&said);
        let listed = listed(&said);
        said.retain(|claim| !claim.history);
        let pins = self.pins(members);
        let mut fields = self.fields(&mut said, &pins);
        self.surface(members, mentions, &mut fields);
        let max_age = |field| self.rules.weight(field, SourceKind::Guess).max_age_days;
        let tables = self.rules.classification();
        classify::apply(&mut fields, tables, &mut self.kept.borrow_mut(), &max_age, self.as_of);
        contested.sort_unstable();
        contested.dedup_by(|a, b| (&a.ours, &a.theirs) == (&b.ours, &b.theirs));
        let recorded = pins.get(&Field::Listed).map_or(listed, |(value, _)| !is_no(value));
        let keys = members.iter().map(|key| self.key(*key).clone()).collect();
        Device { keys, fields, seen, recorded, contested }
    }

    /// The pins on any of the device's keys; the latest of a field counts.
    fn pins(&self, members: &[u32]) -> Pins<'a> {
        let mut pins = Pins::new();
        if self.judged.pins.is_empty() {
            return pins;
        }
        for pin in members.iter().filter_map(|key| self.judged.pins.get(self.key(*key))) {
            for (field, value, decision) in pin {
                let held = pins.entry(*field).or_insert((*value, *decision));
                if (held.1.at, &held.1.id) <= (decision.at, &decision.id) {
                    *held = (*value, *decision);
                }
            }
        }
        pins
    }

    fn fields(&self, said: &mut [&Claim<'a>], pins: &Pins<'_>) -> BTreeMap<Field, Held> {
        // A joined tie is a further name; a refused one is in `contested`; a hint stays a name that joins nothing.
        let holds = |claim: &Claim<'_>| {
            claim.other == NONE
                || self.joined.device[claim.other as usize] == self.joined.device[claim.subject as usize]
                || !may_join(self.key(claim.subject), self.key(claim.other))
        };
        said.sort_by_key(|claim| claim.said.field);
        let mut held = Vec::new();
        let mut candidates = Vec::new();
        for same in said.chunk_by(|a, b| a.said.field == b.said.field) {
            let field = same[0].said.field;
            candidates.clear();
            let speaking = same.iter().filter(|claim| holds(claim));
            candidates.extend(speaking.map(|claim| self.candidate(field, &claim.said.value, claim)));
            let value = hold(field, &mut candidates, pins.get(&field).copied());
            held.extend(value.map(|value| (field, value)));
        }
        let mut fields: BTreeMap<Field, Held> = held.into_iter().collect();
        for (field, pin) in pins {
            if !fields.contains_key(field) {
                fields.extend(hold(*field, &mut Vec::new(), Some(*pin)).map(|held| (*field, held)));
            }
        }
        fields
    }

    /// Shows what the keys say where no evidence says it: the serial of a serial key, the card of a MAC key.
    fn surface(
        &self,
        members: &[u32],
        mentions: &FxHashMap<u32, &Claim<'a>>,
        fields: &mut BTreeMap<Field, Held>,
    ) {
        let mut told: BTreeMap<Field, Vec<(Cow<'a, str>, &Claim<'a>)>> = BTreeMap::new();
        for &key in members {
            for (field, value) in told_by(self.key(key)).into_iter().flatten() {
                let stated = fields.get(&field);
                let said = |held: &Held| {
                    !field.is_many() || held.values().any(|stated| super::agree(field, stated, &value))
                };
                if value.trim().is_empty() || stated.is_some_and(said) {
                    continue;
                }
                let own = self.claims.of(key).iter().filter(|claim| !claim.history);
                let namers = own.chain(mentions.get(&key).copied());
                let best = namers.min_by(|a, b| {
                    // The value is the key's, the same for all: only who says it matters.
                    self.candidate(field, "", a).order(&self.candidate(field, "", b))
                });
                if let Some(best) = best {
                    told.entry(field).or_default().push((value, best));
                }
            }
        }
        for (field, told) in told {
            let mut candidates: Vec<Candidate<'_>> =
                told.iter().map(|(value, claim)| self.candidate(field, value, claim)).collect();
            let Some(found) = hold(field, &mut candidates, None) else { continue };
            match fields.get_mut(&field) {
                // Only fields with several values come here with a value already.
                Some(held) => held.also.extend(found.support.into_iter().take(1).chain(found.also)),
                None => {
                    fields.insert(field, found);
                }
            }
        }
    }
}

/// The fields a key states by itself.
fn told_by(key: &Key) -> [Option<(Field, Cow<'_, str>)>; 3] {
    fn text(field: Field, value: &str) -> Option<(Field, Cow<'_, str>)> {
        Some((field, Cow::Borrowed(value)))
    }
    match key {
        Key::DiSerial { di, serial } => [text(Field::Di, di), text(Field::Serial, serial), None],
        Key::MakerModelSerial { maker, model, serial } => {
            [text(Field::Manufacturer, maker), text(Field::Model, model), text(Field::Serial, serial)]
        }
        Key::AssetTag { tag, .. } => [text(Field::AssetTag, tag), None, None],
        Key::Mac(mac) => [Some((Field::MacAddress, Cow::Owned(mac.to_string()))), None, None],
        Key::AeTitle { title, address } => {
            [text(Field::AeTitle, title), text(Field::IpAddress, address), None]
        }
        Key::HostName(name) => [text(Field::HostName, name), None, None],
        Key::Address { address, .. } => [text(Field::IpAddress, address), None, None],
        _ => [None, None, None],
    }
}

/// First and last moment on the wire. A value that is history was seen all the same.
fn seen(said: &[&Claim<'_>]) -> Option<(Timestamp, Timestamp)> {
    let wire = || said.iter().filter(|claim| claim.said.source.kind.is_wire()).map(|claim| &claim.span);
    Some((wire().map(|span| span.first).min()?, wire().map(|span| span.last).max()?))
}

fn is_no(value: &str) -> bool {
    value.trim().eq_ignore_ascii_case("no")
}

/// Whether some list names the device by its newest word: a row is a yes, `listed: no` is a no until the list
/// brings the row again. A list that drops one row of a device and keeps another at the same time still names
/// it. Somebody who writes `listed: yes` by hand counts as a list.
fn listed(said: &[&Claim<'_>]) -> bool {
    let mut lists: BTreeMap<&Source, (Timestamp, bool)> = BTreeMap::new();
    for claim in said {
        let Evidence { field, value, source, .. } = claim.said;
        match source.kind {
            SourceKind::List => {}
            SourceKind::Person if *field == Field::Listed => {}
            _ => continue,
        }
        let word = (claim.span.last, *field != Field::Listed || !is_no(value));
        let newest = lists.entry(source).or_insert(word);
        *newest = word.max(*newest);
    }
    lists.values().any(|(_, yes)| *yes)
}

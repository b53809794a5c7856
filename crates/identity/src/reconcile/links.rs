//! Which keys belong together far enough to be looked at together.

use crate::junk::{is_junk, is_junk_mac, is_junk_serial};
use rustc_hash::FxHashMap;
use tallyward_core::{Decision, Evidence, Field, Judgement, Key, KeyStrength};

/// Whether a key names nothing: a MAC address no card bears, a default serial, a placeholder for a tag or a
/// name, by the table of [`crate::junk`]. Evidence about such a subject, and an identity statement that leads
/// to one, is not reconciled.
#[must_use]
pub fn is_junk_key(key: &Key) -> bool {
    match key {
        Key::Mac(mac) => is_junk_mac(*mac),
        Key::DiSerial { di, serial } => is_junk(di) || is_junk_serial(serial),
        Key::MakerModelSerial { serial, .. } => is_junk_serial(serial),
        Key::AssetTag { tag, .. } => is_junk(tag),
        // A record id is whatever its system counts by; only an empty one names nothing.
        Key::SystemId { id, .. } => id.trim().is_empty(),
        Key::AeTitle { title, .. } => title.trim().is_empty(),
        Key::HostName(name) => is_junk(name),
        Key::Address { address, .. } => address.trim().is_empty(),
        _ => false,
    }
}

/// Whether the piece says anything at all: a subject that names something, and a value; an identity statement
/// must lead to a readable key that names something.
#[must_use]
pub fn is_statement(evidence: &Evidence) -> bool {
    !is_junk_key(&evidence.subject)
        && !evidence.value.trim().is_empty()
        && (evidence.field != Field::Key || other_key(evidence).is_some())
}

/// The key an identity statement says is the same device as its subject.
pub(super) fn other_key(evidence: &Evidence) -> Option<Key> {
    if evidence.field != Field::Key {
        return None;
    }
    let key = read_key(&evidence.value).or_else(|| evidence.value.parse().ok());
    key.filter(|key| !is_junk_key(key))
}

/// Reads the usual forms of a key's canonical text without copying its parts more than once, which is a fifth
/// of the work on a large list. Whatever it leaves unread, escapes above all, is for [`Key::from_str`].
///
/// [`Key::from_str`]: std::str::FromStr::from_str
fn read_key(text: &str) -> Option<Key> {
    if text.contains('%') {
        return None;
    }
    let mut parts = text.split('|');
    let (kind, one, two) = (parts.next()?, parts.next()?, parts.next());
    let (three, rest) = (parts.next(), parts.next());
    let own = str::to_owned;
    match (kind, two, three, rest) {
        ("mac", None, None, None) => one.parse().ok().map(Key::Mac),
        ("di", Some(serial), None, None) => Some(Key::DiSerial { di: own(one), serial: own(serial) }),
        ("tag", Some(tag), None, None) => Some(Key::AssetTag { scope: own(one), tag: own(tag) }),
        ("id", Some(id), None, None) => Some(Key::SystemId { system: own(one), id: own(id) }),
        ("sn", Some(model), Some(serial), None) => {
            Some(Key::MakerModelSerial { maker: own(one), model: own(model), serial: own(serial) })
        }
        _ => None,
    }
}

/// Whether an identity statement between the two may join devices: hints never do.
pub(super) fn may_join(a: &Key, b: &Key) -> bool {
    a.strength() != KeyStrength::Hint && b.strength() != KeyStrength::Hint
}

/// The subject of `evidence` and, when it may tie two devices together, the key on the other side.
///
/// A store that keeps the components of this relation (and of [`decision_keys`]) can load exactly the
/// evidence that new evidence touches: [`super::reconcile`] of a whole component never depends on another one.
#[must_use]
pub fn linked_keys(evidence: &Evidence) -> (Key, Option<Key>) {
    let other = other_key(evidence).filter(|other| may_join(&evidence.subject, other));
    (evidence.subject.clone(), other)
}

/// The keys a decision ties together. A split, a pin or a retraction ties nothing: it acts on what is there.
#[must_use]
pub fn decision_keys(decision: &Decision) -> Option<(&Key, &Key)> {
    match &decision.judgement {
        Judgement::Merge { a, b } => Some((a, b)),
        _ => None,
    }
}

/// The evidence in groups that can be reconciled apart, each as ascending indices into `evidence`, in order of
/// their first index. Revoked and retracted ties count: a component may be wider than it must, never narrower.
#[must_use]
pub fn components(evidence: &[Evidence], decisions: &[Decision]) -> Vec<Vec<usize>> {
    let mut numbers: FxHashMap<Key, u32> = FxHashMap::default();
    let mut sets = Sets::default();
    let mut number = |key: Key, sets: &mut Sets| *numbers.entry(key).or_insert_with(|| sets.add());
    let mut subjects = Vec::with_capacity(evidence.len());
    for piece in evidence {
        let (subject, other) = linked_keys(piece);
        let subject = number(subject, &mut sets);
        subjects.push(subject);
        if let Some(other) = other {
            let other = number(other, &mut sets);
            sets.join(subject, other);
        }
    }
    for (a, b) in decisions.iter().filter_map(decision_keys) {
        let (a, b) = (number(a.clone(), &mut sets), number(b.clone(), &mut sets));
        sets.join(a, b);
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of: FxHashMap<u32, usize> = FxHashMap::default();
    for (at, subject) in subjects.into_iter().enumerate() {
        let group = *group_of.entry(sets.find(subject)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(at);
    }
    groups
}

/// Disjoint sets of small numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Sets {
    parent: Vec<u32>,
    size: Vec<u32>,
}

impl Sets {
    /// `count` sets of one.
    pub(super) fn new(count: usize) -> Self {
        Self { parent: (0..count as u32).collect(), size: vec![1; count] }
    }

    fn add(&mut self) -> u32 {
        let number = self.parent.len() as u32;
        self.parent.push(number);
        self.size.push(1);
        number
    }

    /// The member that stands for the set of `at`.
    pub(super) fn find(&mut self, mut at: u32) -> u32 {
        while self.parent[at as usize] != at {
            let above = self.parent[self.parent[at as usize] as usize];
            self.parent[at as usize] = above;
            at = above;
        }
        at
    }

    /// Makes one set of two; says which member stands for it and which no longer does, or nothing when they
    /// were one already.
    pub(super) fn join(&mut self, a: u32, b: u32) -> Option<(u32, u32)> {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return None;
        }
        let (kept, gone) = if self.size[a as usize] < self.size[b as usize] { (b, a) } else { (a, b) };
        self.parent[gone as usize] = kept;
        self.size[kept as usize] += self.size[gone as usize];
        Some((kept, gone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_short_way_of_reading_a_key_reads_the_same(
            kind in "di|sn|tag|id|mac|host|ae|at|x",
            rest in "[|]?[a-f0-9:%2|5C7]{0,24}",
        ) {
            let text = format!("{kind}{rest}");
            if let Some(key) = read_key(&text) {
                prop_assert_eq!(text.parse::<Key>(), Ok(key));
            }
        }

        #[test]
        fn the_usual_keys_are_read_the_short_way(one in "[a-z 0-9]{0,8}", two in "[A-Z]{0,8}", last in any::<u8>()) {
            for key in [
                Key::DiSerial { di: one.clone(), serial: two.clone() },
                Key::MakerModelSerial { maker: one.clone(), model: two.clone(), serial: two.clone() },
                Key::AssetTag { scope: two.clone(), tag: one.clone() },
                Key::SystemId { system: two, id: one },
                Key::Mac(tallyward_core::Mac([0, 1, 2, 3, 4, last])),
            ] {
                prop_assert_eq!(read_key(&key.to_string()), Some(key));
            }
        }
    }
}

//! What was learned, one device a line.

use crate::options::Learned;
use serde::Serialize;
use std::collections::BTreeMap;
use tallyward_core::{Field, Key, SourceKind, Timestamp};

/// One thing said about a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FieldLine {
    /// Which field.
    pub field: Field,
    /// The value as said.
    pub value: String,
    /// Protocol and element that said it.
    pub protocol: String,
    /// Where: `packet 17`.
    pub place: String,
    /// How good the source is.
    pub source: SourceKind,
    /// First packet that said it.
    pub first: Timestamp,
    /// Last packet that said it.
    pub last: Timestamp,
    /// How often it was said.
    pub count: u64,
}

/// One device as the capture shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceLine {
    /// Everything that names it, in canonical text; identity statements join keys.
    pub keys: Vec<Key>,
    /// What was said about it, in the order of a device page.
    pub fields: Vec<FieldLine>,
}

/// One line a device: subjects joined by their identity statements, in the order of their keys.
#[must_use]
pub fn describe(learned: &Learned) -> Vec<DeviceLine> {
    let mut group: BTreeMap<Key, Key> = BTreeMap::new();
    for piece in &learned.evidence {
        let subject = root(&group, &piece.subject);
        group.entry(piece.subject.clone()).or_insert_with(|| piece.subject.clone());
        if piece.field == Field::Key
            && let Ok(key) = piece.value.parse::<Key>()
        {
            let other = root(&group, &key);
            let (low, high) = if subject <= other { (subject, other) } else { (other, subject) };
            group.insert(high, low.clone());
            group.entry(key).or_insert(low);
        }
    }
    let mut lines: BTreeMap<Key, DeviceLine> = BTreeMap::new();
    for key in group.keys() {
        let line = lines
            .entry(root(&group, key))
            .or_insert_with(|| DeviceLine { keys: Vec::new(), fields: Vec::new() });
        line.keys.push(key.clone());
    }
    for piece in learned.evidence.iter().filter(|piece| piece.field != Field::Key) {
        let Some(line) = lines.get_mut(&root(&group, &piece.subject)) else { continue };
        line.fields.extend(piece.episodes.iter().map(|episode| FieldLine {
            field: piece.field,
            value: piece.value.clone(),
            protocol: piece.basis.clone(),
            place: episode.place.clone(),
            source: piece.source.kind,
            first: episode.first,
            last: episode.last,
            count: episode.count,
        }));
    }
    for line in lines.values_mut() {
        line.fields.sort();
        // The same equipment statement stands under the card and under the equipment's own key.
        line.fields.dedup();
    }
    lines.into_values().collect()
}

fn root(group: &BTreeMap<Key, Key>, key: &Key) -> Key {
    let mut at = key;
    while let Some(above) = group.get(at).filter(|above| *above != at) {
        at = above;
    }
    at.clone()
}

//! How a device changed, and how one statement ended up on it.

use super::agree::agree;
use super::links::other_key;
use tallyward_core::{Device, Evidence, Field, Held, Voice};

/// One field that another reconciliation gave another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The field.
    pub field: Field,
    /// What held before; several values joined by `, `.
    pub old: Option<String>,
    /// What holds after; several values joined by `, `.
    pub new: Option<String>,
}

/// The fields whose values differ, in the order of [`Field::ALL`]. Who supports a value does not matter here,
/// nor does the order of several values.
#[must_use]
pub fn diff(before: &Device, after: &Device) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    for &field in Field::ALL {
        let (old, new) = (values(before, field), values(after, field));
        let sorted = |values: &[&str]| {
            let mut values = values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
            values.sort_unstable();
            values
        };
        if sorted(&old) != sorted(&new) {
            let text = |values: Vec<&str>| (!values.is_empty()).then(|| values.join(", "));
            changes.push(FieldChange { field, old: text(old), new: text(new) });
        }
    }
    changes
}

fn values(device: &Device, field: Field) -> Vec<&str> {
    device.fields.get(&field).into_iter().flat_map(Held::values).collect()
}

/// How one statement ended up on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standpoint {
    /// It supports the value that holds.
    Holds,
    /// It says otherwise than what holds; for an identity statement, the join was refused.
    Dissents,
    /// It supports a further value of a field that may have several.
    AlsoHolds,
    /// It is about another device, its own source has said otherwise since, or it does not count (junk,
    /// retracted, not yet written down).
    Absent,
}

/// How `evidence` ended up on `device`.
#[must_use]
pub fn states(device: &Device, evidence: &Evidence) -> Standpoint {
    if device.keys.binary_search(&evidence.subject).is_err() {
        return Standpoint::Absent;
    }
    let said = |voice: &Voice| {
        voice.value == evidence.value && voice.source == evidence.source && voice.basis == evidence.basis
    };
    let held = device.fields.get(&evidence.field);
    if let Some(held) = held {
        if held.support.iter().any(said) {
            return Standpoint::Holds;
        }
        if held.dissent.iter().any(said) {
            return Standpoint::Dissents;
        }
        if held.also.iter().any(|voice| agree(evidence.field, &voice.value, &evidence.value)) {
            return Standpoint::AlsoHolds;
        }
    }
    let refused = other_key(evidence).is_some_and(|other| {
        device.contested.iter().any(|contest| contest.ours == evidence.subject && contest.theirs == other)
    });
    if refused { Standpoint::Dissents } else { Standpoint::Absent }
}

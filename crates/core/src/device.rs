//! Devices: the sum of the evidence about one physical unit.

use crate::evidence::Source;
use crate::field::Field;
use crate::key::Key;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who says a value, how and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Voice {
    /// The value as this source says it.
    #[serde(rename = "v")]
    pub value: String,
    /// The source.
    #[serde(rename = "s")]
    pub source: Source,
    /// How the source knows: protocol or column.
    #[serde(rename = "b")]
    pub basis: String,
    /// Where: packet or row.
    #[serde(rename = "p", default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// First moment it was said to hold.
    #[serde(rename = "f")]
    pub first: Timestamp,
    /// Last such moment. For a list this is when the value first stood in it: a list that repeats an old
    /// cell has not read the device again.
    #[serde(rename = "l")]
    pub last: Timestamp,
    /// When we wrote it down first.
    #[serde(rename = "r")]
    pub recorded_at: Timestamp,
    /// How often.
    #[serde(rename = "n")]
    pub count: u64,
    /// Older than the field's class allows.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
}

/// A value with everybody who supports it and everybody who disagrees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The value that holds.
    #[serde(rename = "v")]
    pub value: String,
    /// Who says so, best first; never empty.
    #[serde(rename = "s")]
    pub support: Vec<Voice>,
    /// Who says otherwise, best first.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    pub dissent: Vec<Voice>,
    /// Further values that hold as well, for a field that may have several ([`Field::is_many`]).
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Voice>,
}

impl Held {
    /// Whether the best support is older than its class allows.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.support.first().is_none_or(|voice| voice.stale)
    }

    /// Every value that holds, the best first, each once.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.value.as_str()).chain(self.also.iter().map(|voice| voice.value.as_str()))
    }
}

/// A join that was refused because it would give one device two values of a key it can have only one of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contest {
    /// The key of this device.
    pub ours: Key,
    /// The key of the other device.
    pub theirs: Key,
    /// Why the join was refused, in a sentence.
    pub why: String,
}

/// One physical unit as far as the evidence goes. Carries no public id: handles are minted outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Every key that names it, ordered.
    pub keys: Vec<Key>,
    /// Fields with their voices.
    pub fields: BTreeMap<Field, Held>,
    /// First and last moment it was seen on the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<(Timestamp, Timestamp)>,
    /// Whether some list names it and none of the complete ones has dropped it.
    #[serde(default)]
    pub recorded: bool,
    /// Joins that were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contested: Vec<Contest>,
}

impl Device {
    /// The value that holds for `field`.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&str> {
        self.fields.get(&field).map(|held| held.value.as_str())
    }

    /// Whether anything better than an address names it.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.keys.iter().any(|key| key.strength() != crate::key::KeyStrength::Hint)
    }
}

/// How record and observation agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Recorded and, where it could be, seen.
    Known,
    /// Seen, in no list.
    Stranger,
    /// Recorded, should be seen, is not.
    Ghost,
    /// Recorded; nobody listens where it should be, or it is not on a network.
    NotObservable,
    /// Seen elsewhere than recorded.
    Moved,
    /// Retired but seen.
    Zombie,
}

impl Presence {
    /// All, in the order of screens.
    pub const ALL: [Self; 6] =
        [Self::Known, Self::Stranger, Self::Ghost, Self::NotObservable, Self::Moved, Self::Zombie];

    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Stranger => "stranger",
            Self::Ghost => "ghost",
            Self::NotObservable => "not_observable",
            Self::Moved => "moved",
            Self::Zombie => "zombie",
        }
    }

    /// The word on a screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotObservable => "not observable",
            other => other.code(),
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Where a device stands, computed from findings, support stage, controls and the age of evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SecurityStatus {
    /// Every advisory that names the product is settled as not affecting it, on fresh evidence.
    Clear,
    /// Affected, and somebody must act by a date.
    ActionDue,
    /// Affected.
    Affected,
    /// A risk accepted until a date.
    AcceptedUntil {
        /// ISO date.
        date: String,
    },
    /// No advisory on file names it. Silence is never "not affected", so this is not *clear*.
    Unnamed,
    /// The maker no longer supports it.
    Unsupported,
    /// A fact is missing.
    Unknown {
        /// Which, in plain words.
        missing: String,
    },
}

impl SecurityStatus {
    /// The stored name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::ActionDue => "action_due",
            Self::Affected => "affected",
            Self::AcceptedUntil { .. } => "accepted_until",
            Self::Unnamed => "unnamed",
            Self::Unsupported => "unsupported",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// In words, as `product.md` has them.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Clear => "clear".to_owned(),
            Self::ActionDue => "affected with action due".to_owned(),
            Self::Affected => "affected".to_owned(),
            Self::AcceptedUntil { date } => format!("accepted until {date}"),
            Self::Unnamed => "no advisory on file names it".to_owned(),
            Self::Unsupported => "unsupported".to_owned(),
            Self::Unknown { missing } => format!("unknown ({missing})"),
        }
    }
}

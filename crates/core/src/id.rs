//! Identifiers.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The public handle of a device, minted once and never used again: `D1042`.
///
/// A merged handle redirects for ever to the one that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceId(pub u64);

impl fmt::Display for DeviceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "D{}", self.0)
    }
}

/// A text that is no identifier of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {kind}")]
pub struct BadId {
    /// What was read.
    pub text: String,
    /// What was expected, with an example.
    pub kind: &'static str,
}

impl FromStr for DeviceId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId { text: text.to_owned(), kind: "device id (expected such as D1042)" };
        let digits = text.strip_prefix(['D', 'd']).ok_or_else(bad)?;
        digits.parse().map(Self).map_err(|_| bad())
    }
}

/// What was taken in at once: the first 128 bits of the SHA-256 of a file, or a sensor batch's id.
///
/// Counts once: the same capture read twice changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IngestId(pub u128);

impl IngestId {
    /// From the leading bytes of a content hash.
    #[must_use]
    pub fn from_hash(hash: &[u8]) -> Self {
        let mut value = 0u128;
        for byte in hash.iter().take(16) {
            value = (value << 8) | u128::from(*byte);
        }
        Self(value)
    }
}

impl fmt::Display for IngestId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", self.0)
    }
}

impl FromStr for IngestId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        u128::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| BadId { text: text.to_owned(), kind: "ingest id (expected 32 hexadecimal digits)" })
    }
}

impl Serialize for IngestId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IngestId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

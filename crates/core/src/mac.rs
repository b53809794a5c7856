//! Link-layer addresses.

use crate::id::BadId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A 48-bit link-layer address (IEEE 802 EUI-48), shown as `00:1a:2b:3c:4d:5e`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Whether the locally-administered bit is set: such an address may be invented anew at each start.
    #[must_use]
    pub const fn is_local(self) -> bool {
        self.0[0] & 2 != 0
    }

    /// Whether the group bit is set (multicast and broadcast).
    #[must_use]
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// All zeros, all ones or a group address: never a device's own.
    #[must_use]
    pub fn is_junk(self) -> bool {
        self.is_group() || self.0 == [0; 6]
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, f] = self.0;
        write!(out, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl FromStr for Mac {
    type Err = BadId;

    /// Reads colons, dashes, dots in threes or pairs, and twelve bare digits.
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId {
            text: text.chars().take(40).collect(),
            kind: "MAC address (expected such as 00:1a:2b:3c:4d:5e)",
        };
        let mut digits = [0u8; 12];
        let mut count = 0;
        for letter in text.trim().chars() {
            if matches!(letter, ':' | '-' | '.') {
                continue;
            }
            let digit = letter.to_digit(16).ok_or_else(bad)?;
            *digits.get_mut(count).ok_or_else(bad)? = digit as u8;
            count += 1;
        }
        if count != 12 {
            return Err(bad());
        }
        let mut bytes = [0u8; 6];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Mac {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mac {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_is_one_address() {
        let want = Mac([0x00, 0x1a, 0x2b, 0x3c, 0x4d, 0x5e]);
        for text in ["00:1A:2b:3c:4d:5e", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e", "001A2B3C4D5E"] {
            assert_eq!(text.parse(), Ok(want));
        }
        assert!("00:1a:2b:3c:4d".parse::<Mac>().is_err());
        assert!("00:1a:2b:3c:4d:5e:6f".parse::<Mac>().is_err());
    }
}

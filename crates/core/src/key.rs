//! What may name a device.

use crate::id::BadId;
use crate::mac::Mac;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Something that names a device, strongly or weakly.
///
/// The parts are kept in comparable form by whoever makes the key (canonical maker and model names, serials
/// without surrounding blanks); two keys are the same only when equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Key {
    /// UDI device identifier with the serial of its production identifier.
    DiSerial {
        /// The device identifier (GTIN-14, HIBCC LIC+PCN+U/M, ICCBBA 16 characters …).
        di: String,
        /// The serial number.
        serial: String,
    },
    /// Canonical maker and model with the serial number.
    MakerModelSerial {
        /// Canonical manufacturer name.
        maker: String,
        /// Canonical model name.
        model: String,
        /// Serial number.
        serial: String,
    },
    /// An asset tag within the organisation or site that issues it.
    AssetTag {
        /// Who issues the tags; empty for the one organisation of a single-site house.
        scope: String,
        /// The tag as printed.
        tag: String,
    },
    /// The record id of a CMMS, CMDB or our own export.
    SystemId {
        /// Which system.
        system: String,
        /// Its id for the record.
        id: String,
    },
    /// A link-layer address seen in local frames or typed into a list.
    Mac(Mac),
    /// A DICOM application entity at an address. A hint.
    AeTitle {
        /// Title, at most 16 characters (DICOM PS3.5 6.2, VR AE).
        title: String,
        /// IP address.
        address: String,
    },
    /// A host name. A hint.
    HostName(String),
    /// "Somebody at this address" at a site. A hint.
    Address {
        /// Site or sensor that saw it.
        site: String,
        /// IP address.
        address: String,
    },
}

/// How far a key may be trusted to mean one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStrength {
    /// Names one physical unit.
    Identifying,
    /// Names a network card.
    Network,
    /// Never joins two devices.
    Hint,
}

impl Key {
    /// The strength of this kind of key.
    #[must_use]
    pub const fn strength(&self) -> KeyStrength {
        match self {
            Self::DiSerial { .. }
            | Self::MakerModelSerial { .. }
            | Self::AssetTag { .. }
            | Self::SystemId { .. } => KeyStrength::Identifying,
            Self::Mac(_) => KeyStrength::Network,
            Self::AeTitle { .. } | Self::HostName(_) | Self::Address { .. } => KeyStrength::Hint,
        }
    }

    /// Whether one device cannot bear both keys: another serial, another tag of the same issuer, another
    /// record of the same system. The same serial under another spelling of the model is no conflict.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::DiSerial { serial: a, .. }, Self::DiSerial { serial: b, .. })
            | (Self::MakerModelSerial { serial: a, .. }, Self::MakerModelSerial { serial: b, .. }) => a != b,
            (Self::AssetTag { scope: a, tag: x }, Self::AssetTag { scope: b, tag: y })
            | (Self::SystemId { system: a, id: x }, Self::SystemId { system: b, id: y }) => a == b && x != y,
            _ => false,
        }
    }

    /// In plain words, for a person: `serial SN4711 (Baxter Spectrum IQ)`.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::DiSerial { di, serial } => format!("UDI {di}, serial {serial}"),
            Self::MakerModelSerial { maker, model, serial } => format!("serial {serial} ({maker} {model})"),
            Self::AssetTag { scope, tag } if scope.is_empty() => format!("asset tag {tag}"),
            Self::AssetTag { scope, tag } => format!("asset tag {tag} ({scope})"),
            Self::SystemId { system, id } => format!("{system} record {id}"),
            Self::Mac(mac) => format!("MAC {mac}"),
            Self::AeTitle { title, address } => format!("AE title {title} at {address}"),
            Self::HostName(name) => format!("host name {name}"),
            Self::Address { address, .. } => format!("somebody at {address}"),
        }
    }

    fn parts(&self) -> (&'static str, Vec<String>) {
        match self {
            Self::DiSerial { di, serial } => ("di", vec![di.clone(), serial.clone()]),
            Self::MakerModelSerial { maker, model, serial } => {
                ("sn", vec![maker.clone(), model.clone(), serial.clone()])
            }
            Self::AssetTag { scope, tag } => ("tag", vec![scope.clone(), tag.clone()]),
            Self::SystemId { system, id } => ("id", vec![system.clone(), id.clone()]),
            Self::Mac(mac) => ("mac", vec![mac.to_string()]),
            Self::AeTitle { title, address } => ("ae", vec![title.clone(), address.clone()]),
            Self::HostName(name) => ("host", vec![name.clone()]),
            Self::Address { site, address } => ("at", vec![site.clone(), address.clone()]),
        }
    }
}

/// Canonical text: kind and parts joined by `|`, with `|` and `%` inside a part written as `%7C` and `%25`.
impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, parts) = self.parts();
        out.write_str(kind)?;
        for part in parts {
            write!(out, "|{}", part.replace('%', "%25").replace('|', "%7C"))?;
        }
        Ok(())
    }
}

impl FromStr for Key {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId {
            text: text.chars().take(80).collect(),
            kind: "device key (expected such as tag||4711)",
        };
        let mut pieces = text.split('|').map(|part| part.replace("%7C", "|").replace("%25", "%"));
        let kind = pieces.next().ok_or_else(bad)?;
        let parts: Vec<String> = pieces.collect();
        let key = match (kind.as_str(), parts.as_slice()) {
            ("di", [di, serial]) => Self::DiSerial { di: di.clone(), serial: serial.clone() },
            ("sn", [maker, model, serial]) => {
                Self::MakerModelSerial { maker: maker.clone(), model: model.clone(), serial: serial.clone() }
            }
            ("tag", [scope, tag]) => Self::AssetTag { scope: scope.clone(), tag: tag.clone() },
            ("id", [system, id]) => Self::SystemId { system: system.clone(), id: id.clone() },
            ("mac", [mac]) => Self::Mac(mac.parse().map_err(|_| bad())?),
            ("ae", [title, address]) => Self::AeTitle { title: title.clone(), address: address.clone() },
            ("host", [name]) => Self::HostName(name.clone()),
            ("at", [site, address]) => Self::Address { site: site.clone(), address: address.clone() },
            _ => return Err(bad()),
        };
        Ok(key)
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_printed_key_reads_back(maker in ".{0,12}", model in ".{0,12}", serial in ".{0,12}") {
            let key = Key::MakerModelSerial { maker, model, serial };
            prop_assert_eq!(key.to_string().parse::<Key>(), Ok(key));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            let _ = text.parse::<Key>();
        }
    }
}

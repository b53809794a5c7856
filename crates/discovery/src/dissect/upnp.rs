//! UPnP device descriptions (UPnP Device Architecture 2.0 section 2.3), fetched over HTTP.
//!
//! Copied: of the root device its kind, manufacturer, model name and number, serial number, unique name and friendly name. Devices
//! inside it, services, icons and addresses are passed over.

use super::body::Told;
use super::xml::{Document, Tag};
use super::{Visit, text};
use crate::equipment::own_key;
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::{is_junk, is_junk_serial};

const ELEMENTS: &[(&str, Field, SourceKind, &str)] = &[
    ("UDN", Field::EndpointReference, SourceKind::WireNetwork, "UPnP UDN"),
    ("deviceType", Field::AnnouncedService, SourceKind::WireNetwork, "UPnP deviceType"),
    ("friendlyName", Field::SystemDescription, SourceKind::WireNetwork, "UPnP friendlyName"),
    ("manufacturer", Field::Manufacturer, SourceKind::WireDevice, "UPnP manufacturer"),
    ("modelName", Field::Model, SourceKind::WireDevice, "UPnP modelName"),
    ("modelNumber", Field::ModelNumber, SourceKind::WireDevice, "UPnP modelNumber"),
    ("serialNumber", Field::Serial, SourceKind::WireDevice, "UPnP serialNumber"),
];

/// What a description says so far.
#[derive(Debug, Default)]
pub(super) struct Description {
    values: [Option<String>; ELEMENTS.len()],
}

impl Document for Description {
    fn names(&self) -> &'static [&'static str] {
        &[
            "root",
            "device",
            "UDN",
            "deviceType",
            "friendlyName",
            "manufacturer",
            "modelName",
            "modelNumber",
            "serialNumber",
        ]
    }

    fn open(&mut self, _path: &[&'static str], _tag: &Tag<'_>) -> bool {
        true
    }

    fn text(&mut self, path: &[&'static str], value: &str) {
        let ["root", "device", name] = path else { return };
        let Some(at) = ELEMENTS.iter().position(|(known, ..)| known == name) else { return };
        let Some(value) = text(value.as_bytes()) else { return };
        let junk = if *name == "serialNumber" { is_junk_serial(&value) } else { is_junk(&value) };
        if !junk && self.values[at].is_none() {
            self.values[at] = Some(value);
        }
    }

    fn close(&mut self, _path: &[&'static str]) {}
}

impl Told for Description {
    fn tell(&mut self, visit: &mut Visit<'_>) {
        for ((_, field, kind, basis), value) in ELEMENTS.iter().zip(&self.values) {
            if let Some(value) = value {
                visit.say(*field, value, *kind, basis);
            }
        }
        let [_, _, _, Some(maker), Some(model), _, Some(serial)] = &self.values else { return };
        if let Some(key) = own_key(maker, model, serial) {
            visit.say(Field::Key, &key.to_string(), SourceKind::WireDevice, "UPnP serialNumber");
        }
    }
}

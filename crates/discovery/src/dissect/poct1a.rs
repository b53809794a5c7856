//! POCT1-A (CLSI POCT1-A2, the device messaging layer): the hello by which a point-of-care device opens a conversation.
//!
//! Copied, of HEL.R01 only: `DEV.device_id`, `DEV.vendor_id`, `DEV.model_id`, `DEV.serial_id`, `DEV.manufacturer_name`, `DEV.hw_version`,
//! `DEV.sw_version`. Observations, which hold patients and operators, are other messages and are never looked into; within the hello
//! every other element is passed over.
//!
//! An access point may bring the hellos of many devices, so what a hello says belongs to the device that it names; the sender is
//! that device only if it brings no other ([`crate::gateways`]).

use super::hl7_device::eui64;
use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use crate::equipment::own_key;
use crate::notes::{At, DeviceSaid};
use memchr::{memchr, memmem};
use tallyward_core::{Field, Key, SourceKind};
use tallyward_identity::junk::{is_junk, is_junk_serial};

/// POCT1-A device messages.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "poct1-a", ports: &[], midstream: true, probe, begin: begin::<Hello> };

const OPEN: &[u8] = b"<HEL.R01";
const CLOSE: &[u8] = b"</HEL.R01>";
const BASIS: &str = "POCT1-A HEL.R01";

fn probe(bytes: &[u8]) -> Probe {
    match bytes.get(..OPEN.len()) {
        Some(start) if start == OPEN => Probe::Yes,
        None if OPEN.starts_with(bytes) => Probe::More,
        _ => Probe::No,
    }
}

#[derive(Debug, Default)]
struct Hello;

impl Messages for Hello {
    const HEAD: usize = 8192;
    const MOST: u32 = 1;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match memmem::find(bytes, CLOSE) {
            Some(at) => Framing::Length((at + CLOSE.len()) as u64),
            None if bytes.len() < Self::HEAD => Framing::Need(bytes.len() + 1),
            None => Framing::Broken,
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        tell(&Device::read(head), visit);
        false
    }
}

/// The device as a hello describes it.
#[derive(Debug, Default)]
struct Device {
    id: Option<String>,
    vendor: Option<String>,
    maker: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    hardware: Option<String>,
    software: Option<String>,
}

impl Device {
    /// Reads `<DEV.name V="value"/>` elements; nothing else of XML is needed, and entities beyond the five of XML are not known.
    fn read(bytes: &[u8]) -> Self {
        let mut device = Self::default();
        let mut rest = bytes;
        while let Some(at) = memchr(b'<', rest) {
            let tag = &rest[at + 1..];
            let end = memchr(b'>', tag).unwrap_or(tag.len());
            let (tag, after) = tag.split_at(end);
            rest = after;
            let Some(tag) = tag.strip_prefix(b"DEV.") else { continue };
            let name = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
            let (name, attributes) = tag.split_at(name);
            let place = match name {
                b"device_id" => &mut device.id,
                b"vendor_id" => &mut device.vendor,
                b"manufacturer_name" => &mut device.maker,
                b"model_id" => &mut device.model,
                b"serial_id" => &mut device.serial,
                b"hw_version" => &mut device.hardware,
                b"sw_version" => &mut device.software,
                _ => continue,
            };
            *place = value(attributes);
        }
        device
    }

    fn maker(&self) -> Option<&String> {
        self.maker.as_ref().or(self.vendor.as_ref())
    }

    fn key(&self) -> Option<Key> {
        let own = || own_key(self.maker()?, self.model.as_ref()?, self.serial.as_ref()?);
        own().or_else(|| eui64(self.id.as_ref()?))
    }
}

/// The value of the attribute V.
fn value(attributes: &[u8]) -> Option<String> {
    let at = attributes.windows(2).position(|two| two == b"V=")?;
    let (quote, rest) = attributes.get(at + 2..)?.split_first()?;
    let end = memchr(*quote, rest).filter(|_| matches!(quote, b'"' | b'\''))?;
    let mut value = text(&rest[..end])?;
    for (entity, letter) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
    {
        if value.contains(entity) {
            value = value.replace(entity, letter);
        }
    }
    Some(value).filter(|value| !is_junk(value))
}

fn tell(device: &Device, visit: &mut Visit<'_>) {
    visit.shared.opener = Some(visit.sender);
    let fields = [
        (Field::Manufacturer, device.maker()),
        (Field::Model, device.model.as_ref()),
        (Field::Serial, device.serial.as_ref().filter(|serial| !is_junk_serial(serial))),
        (Field::HardwareVersion, device.hardware.as_ref()),
        (Field::SoftwareVersion, device.software.as_ref()),
    ];
    let fields = fields.into_iter().filter_map(|(field, value)| Some((field, value?.clone())));
    if let Some(key) = device.key() {
        let fields = fields.map(|(field, value)| (field, value, BASIS, SourceKind::WireDevice)).collect();
        let said = DeviceSaid { key, fields, itself: true, basis: BASIS };
        visit.notes.device(visit.sender, None, &said, At::of(visit));
    } else {
        // Nothing tells the device from the access point that may bring it.
        fields.for_each(|(field, value)| visit.say(field, &value, SourceKind::Guess, BASIS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial;
    use proptest::prelude::*;

    const HELLO: &str = "<HEL.R01><HDR><HDR.control_id V=\"1\"/><HDR.version_id V=\"POCT1\"/></HDR>\
        <DEV><DEV.device_id V=\"0011\"/><DEV.vendor_id V=\"AB\"/><DEV.model_id V='Gluco&amp;Go 2'/>\
        <DEV.serial_id V=\"UU1234567\"/><DEV.manufacturer_name V=\"Acme Care\"/><DEV.hw_version V=\"B\"/>\
        <DEV.sw_version V=\"3.1.0\"/><DEV.device_name V=\"PHANTOM\"/>\
        <DCP><DCP.application_timeout V=\"60\"/></DCP></DEV></HEL.R01>\
        <OBS.R01><SVC><PT><PT.patient_id V=\"PH0001\"/><PT.name V=\"PHANTOM\"/></PT></SVC></OBS.R01>";

    proptest! {
        #[test]
        fn a_hello_names_its_device_and_no_patient(piece in 1usize..900) {
            let said = trial::stream(&STREAM, HELLO.as_bytes(), piece, (1, 2));
            let own = own_key("Acme Care", "Gluco&Go 2", "UU1234567").unwrap().to_string();
            for (subject, field, value) in [
                (own.as_str(), Field::SoftwareVersion, "3.1.0"),
                (&own, Field::HardwareVersion, "B"),
                (&own, Field::Serial, "UU1234567"),
                (trial::SENDER, Field::Key, &own),
            ] {
                let wanted = (subject.to_owned(), field, value.to_owned(), BASIS.to_owned());
                prop_assert!(said.contains(&wanted), "{:?}", said);
            }
            prop_assert!(said.iter().all(|(.., value, _)| !value.contains("PHANTOM") && !value.contains("PH0001")));
        }

        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(),
            noise in prop::collection::vec(any::<u8>(), 0..200), piece in 1usize..300,
        ) {
            let mut bytes = HELLO.as_bytes().to_vec();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            trial::stream(&STREAM, &bytes, piece, (1, 2));
            trial::stream(&STREAM, &[OPEN, &noise, CLOSE].concat(), piece, (1, 2));
        }
    }
}

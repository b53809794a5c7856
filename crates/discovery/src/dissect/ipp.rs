//! IPP (RFC 8010, 8011; PWG 5100.13) over HTTP: printers describe themselves.
//!
//! Copied, from the printer's own group of attributes only: make and model, device id (of which maker, model and serial number, IEEE
//! 1284), firmware version, UUID. Jobs, their names and owners, and documents are passed over. What a print server says of its queues
//! is not read: those printers are elsewhere.

use super::body::Body;
use super::{Visit, text};
use crate::equipment::own_key;
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::{is_junk, is_junk_serial};

/// Tag of the printer's group, and of the end of all groups.
const PRINTER: u8 = 0x04;
const END: u8 = 0x03;
/// Longer names are none of ours, longer values are cut.
const LONGEST_NAME: usize = 64;
const LONGEST_VALUE: usize = 255;
/// Version, status and request id.
const HEAD: u32 = 8;

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Tag,
    /// A two-byte length, of name or value; its first byte once it is there.
    Length {
        name: bool,
        high: Option<u8>,
    },
    Name(u16),
    Value(u16),
}

/// The answer of a printer, as it passes.
#[derive(Debug, Default)]
pub(super) struct Printer {
    passed: u32,
    state: State,
    group: u8,
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Body for Printer {
    fn read(&mut self, bytes: &[u8], visit: &mut Visit<'_>) -> bool {
        for byte in bytes {
            if self.passed < HEAD {
                self.passed += 1;
            } else if !self.byte(*byte, visit) {
                return false;
            }
        }
        true
    }

    fn end(&mut self, _visit: &mut Visit<'_>) {}
}

impl Printer {
    fn byte(&mut self, byte: u8, visit: &mut Visit<'_>) -> bool {
        self.state = match self.state {
            State::Tag if byte == END => return false,
            State::Tag if byte < 0x10 => {
                self.group = byte;
                State::Tag
            }
            State::Tag => State::Length { name: true, high: None },
            State::Length { name, high: None } => State::Length { name, high: Some(byte) },
            State::Length { name, high: Some(high) } => {
                let length = u16::from_be_bytes([high, byte]);
                match (name, length) {
                    // One more value of the same attribute: only the first is read.
                    (true, 0) => {
                        self.name.clear();
                        State::Length { name: false, high: None }
                    }
                    (true, _) => {
                        self.name.clear();
                        State::Name(length)
                    }
                    (false, 0) => State::Tag,
                    (false, _) => {
                        self.value.clear();
                        State::Value(length)
                    }
                }
            }
            State::Name(left) => {
                if self.name.len() < LONGEST_NAME {
                    self.name.push(byte);
                }
                if left == 1 { State::Length { name: false, high: None } } else { State::Name(left - 1) }
            }
            State::Value(left) => {
                if self.is_wanted() && self.value.len() < LONGEST_VALUE {
                    self.value.push(byte);
                }
                if left == 1 {
                    self.tell(visit);
                    State::Tag
                } else {
                    State::Value(left - 1)
                }
            }
        };
        true
    }

    fn is_wanted(&self) -> bool {
        self.group == PRINTER && self.name.starts_with(b"printer-")
    }

    fn tell(&self, visit: &mut Visit<'_>) {
        if !self.is_wanted() {
            return;
        }
        let Some(value) = text(&self.value).filter(|value| !is_junk(value)) else { return };
        let (wire, device) = (SourceKind::WireNetwork, SourceKind::WireDevice);
        match &self.name[..] {
            b"printer-make-and-model" => {
                visit.say(Field::SystemDescription, &value, wire, "IPP printer-make-and-model");
            }
            b"printer-firmware-string-version" => {
                visit.say(Field::SoftwareVersion, &value, device, "IPP printer-firmware-string-version");
            }
            b"printer-uuid" => visit.say(Field::EndpointReference, &value, wire, "IPP printer-uuid"),
            b"printer-device-id" => tell_device_id(&value, visit),
            _ => {}
        }
    }
}

/// Keys and values of IEEE 1284-2000 section 7.6.
fn tell_device_id(value: &str, visit: &mut Visit<'_>) {
    const KEYS: [(&[&str], Field); 3] = [
        (&["MFG", "MANUFACTURER"], Field::Manufacturer),
        (&["MDL", "MODEL"], Field::Model),
        (&["SN", "SERN", "SERIALNUMBER"], Field::Serial),
    ];
    let found = KEYS.map(|(names, field)| {
        let pairs = value.split(';').filter_map(|pair| pair.split_once(':'));
        let value =
            pairs.filter(|(key, _)| names.contains(&key.trim())).map(|(_, value)| value.trim()).next()?;
        let junk = if field == Field::Serial { is_junk_serial(value) } else { is_junk(value) };
        (!junk).then(|| (field, value.to_owned()))
    });
    for (field, value) in found.iter().flatten() {
        visit.say(*field, value, SourceKind::WireDevice, "IPP printer-device-id");
    }
    if let [Some((_, maker)), Some((_, model)), Some((_, serial))] = found
        && let Some(key) = own_key(&maker, &model, &serial)
    {
        visit.say(Field::Key, &key.to_string(), SourceKind::WireDevice, "IPP printer-device-id");
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, says};
    use super::*;
    use proptest::prelude::*;

    fn attribute(name: &str, value: &str) -> Vec<u8> {
        let mut out = vec![0x41];
        for part in [name, value] {
            out.extend((part.len() as u16).to_be_bytes());
            out.extend(part.bytes());
        }
        out
    }

    fn answer() -> Vec<u8> {
        [
            vec![2, 0, 0, 0, 0, 0, 0, 1, 1],
            attribute("attributes-charset", "utf-8"),
            vec![2],
            attribute("job-originating-user-name", "HOUSE"),
            attribute("printer-device-id", "SN:HOUSE"),
            vec![PRINTER],
            attribute("printer-make-and-model", "Acme LabelJet 7"),
            attribute("", "HOUSE"),
            attribute("printer-info", "HOUSE's printer"),
            attribute("printer-device-id", "MFG:Acme;CMD:PCL; MDL:LJ7;SN:SN778;"),
            attribute("printer-firmware-string-version", "1.2"),
            vec![END],
            attribute("printer-firmware-string-version", "document"),
        ]
        .concat()
    }

    fn read(bytes: &[u8], piece: usize) -> Vec<trial::Said> {
        trial::visit((631, 40_000), |visit| {
            let mut printer = Printer::default();
            let _ = bytes.chunks(piece).all(|bytes| printer.read(bytes, visit));
        })
    }

    #[test]
    fn a_printer_names_itself_but_no_owner_of_a_job() {
        let want = [
            says(Field::Key, "sn|Acme|LJ7|SN778", "IPP printer-device-id"),
            says(Field::Manufacturer, "Acme", "IPP printer-device-id"),
            says(Field::Model, "LJ7", "IPP printer-device-id"),
            says(Field::Serial, "SN778", "IPP printer-device-id"),
            says(Field::SoftwareVersion, "1.2", "IPP printer-firmware-string-version"),
            says(Field::SystemDescription, "Acme LabelJet 7", "IPP printer-make-and-model"),
        ];
        for piece in [1, 13, 9000] {
            assert_eq!(read(&answer(), piece), want);
        }
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), noise in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut bytes = answer();
            let index = at.index(bytes.len());
            bytes[index] = byte;
            for bytes in [bytes, noise] {
                prop_assert_eq!(read(&bytes, 5), read(&bytes, 9000));
            }
        }
    }
}

//! BACnet/IP (ASHRAE 135: annex J BVLC, clause 6 NPDU, clause 20 APDU).
//!
//! Copied: I-Am (device instance, vendor id), and from answers to ReadProperty and ReadPropertyMultiple the properties of the *device*
//! object in [`PROPERTIES`]: names, maker, model, versions, location, serial number. Every other object and property is passed over.
//!
//! A device is its instance number. A message with a source network in its NPDU comes from behind a router, a forwarded one from
//! the address it carries; whether an address is the device itself is settled at the end ([`crate::gateways`]).

use super::{DatagramProtocol, Probe, Visit, text};
use crate::notes::{About, At, Numbers, Seen, Who};
use std::net::{IpAddr, Ipv4Addr};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// BACnet/IP.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol {
    name: "bacnet",
    ports: &[47808],
    probe,
    read: |data, visit| {
        read(data, visit);
    },
};

/// Properties of the device object (clause 21, BACnetPropertyIdentifier).
const PROPERTIES: &[(u32, Field, &str)] = &[
    (12, Field::SoftwareVersion, "BACnet application-software-version"),
    (44, Field::ComponentVersion, "BACnet firmware-revision"),
    (58, Field::StatedLocation, "BACnet location"),
    (70, Field::Model, "BACnet model-name"),
    (77, Field::HostName, "BACnet object-name"),
    (121, Field::Manufacturer, "BACnet vendor-name"),
    (372, Field::Serial, "BACnet serial-number"),
];
const DEVICE: u32 = 8;
/// The instance that means "whichever device this is".
const ANY: u32 = 0x3f_ffff;
/// Tags looked at in one answer.
const MOST_TAGS: usize = 512;

/// The length of the BVLC agrees with the datagram's, and an NPDU of version 1 follows where the function has one.
fn probe(data: &[u8]) -> Probe {
    match data {
        [0x81, function @ 0..=0x0b, high, low, rest @ ..]
            if usize::from(u16::from_be_bytes([*high, *low])) == data.len() =>
        {
            let version = match function {
                4 => rest.get(6),
                9..=11 => rest.first(),
                _ => return Probe::Maybe,
            };
            if version == Some(&1) { Probe::Yes } else { Probe::No }
        }
        _ => Probe::No,
    }
}

/// Who a message is from.
#[derive(Clone, Copy)]
struct From {
    who: Who,
    routed: bool,
}

fn read(data: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let (function, rest) = (*data.get(1)?, data.get(4..)?);
    let (mut from, npdu) = (
        From { who: visit.sender, routed: false },
        match function {
            9..=11 => rest,
            4 => rest.get(6..)?,
            _ => return None,
        },
    );
    if let (4, Some(&[a, b, c, d])) = (function, rest.first_chunk::<4>()) {
        // A broadcast management device passes on what this address sent.
        from.who = Who::At { mac: None, address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)) };
    }
    let control = *npdu.get(1)?;
    if control & 0x80 != 0 {
        return None;
    }
    let mut at = 2;
    if control & 0x20 != 0 {
        at += 3 + usize::from(*npdu.get(at + 2)?);
    }
    if control & 0x08 != 0 {
        at += 3 + usize::from(*npdu.get(at + 2)?);
        from.routed = true;
    }
    at += usize::from(control & 0x20 != 0);
    match npdu.get(at..)? {
        [0x10, 0, rest @ ..] => i_am(rest, from, visit),
        // Of a segmented answer only the first segment begins with something known.
        [kind @ 0x30..=0x3f, _, 0, _, service, rest @ ..] if kind & 8 != 0 => {
            answer(*service, rest, from, visit)
        }
        [kind @ 0x30..=0x3f, _, service, rest @ ..] if kind & 8 == 0 => answer(*service, rest, from, visit),
        _ => None,
    }
}

fn note(from: From, number: u32, field: Field, value: String, basis: &'static str, visit: &mut Visit<'_>) {
    let about = About::Numbered { who: from.who, numbers: Numbers::Bacnet, number, routed: from.routed };
    let (kind, seen) = (SourceKind::WireDevice, Seen::at(At::of(visit)));
    visit.notes.state(about, field, value, kind, basis, seen);
}

fn i_am(bytes: &[u8], from: From, visit: &mut Visit<'_>) -> Option<()> {
    let mut tags = Tags { rest: bytes, left: MOST_TAGS };
    let device = tags.next()?.application(12)?;
    let (_, _, vendor) = (tags.next()?, tags.next()?, tags.next()?.application(2)?);
    let (DEVICE, number) = object(device)? else { return None };
    if number == ANY {
        return None;
    }
    note(from, number, Field::EndpointReference, format!("BACnet device {number}"), "BACnet I-Am", visit);
    let vendor = format!("BACnet device of vendor id {}", unsigned(vendor)?);
    note(from, number, Field::SystemDescription, vendor, "BACnet I-Am", visit);
    Some(())
}

/// An answer to ReadProperty (12) or ReadPropertyMultiple (14): for each object the properties with their values.
fn answer(service: u8, bytes: &[u8], from: From, visit: &mut Visit<'_>) -> Option<()> {
    // Context tags of property and of value, and whether a property lies in a list.
    let (property_tag, value_tag, single) = match service {
        12 => (1, 3, true),
        14 => (2, 4, false),
        _ => return None,
    };
    let tags = Tags { rest: bytes, left: MOST_TAGS };
    let (mut device, mut property, mut inside, mut indexed) = (None, None, 0u32, false);
    for tag in tags {
        match tag.kind {
            Kind::Open => {
                inside += 1;
                continue;
            }
            Kind::Close => {
                inside = inside.saturating_sub(1);
                continue;
            }
            Kind::Context if tag.number == 0 && inside == 0 => {
                device = object(tag.value)
                    .filter(|(kind, number)| *kind == DEVICE && *number != ANY)
                    .map(|(_, number)| number);
            }
            Kind::Context if tag.number == property_tag && inside == u32::from(!single) => {
                property = unsigned(tag.value);
                indexed = false;
            }
            Kind::Context if tag.number.checked_add(1) == Some(value_tag) => indexed = true,
            Kind::Application if tag.number == 7 && !indexed => {
                let known = PROPERTIES.iter().find(|(id, ..)| Some(*id) == property);
                if let (Some(number), Some((id, field, basis))) = (device, known)
                    && let Some(value) = string(tag.value).filter(|value| !is_junk(value))
                {
                    let value = if *id == 44 { format!("firmware {value}") } else { value };
                    note(from, number, *field, value, basis, visit);
                }
                property = None;
            }
            _ => {}
        }
    }
    Some(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Application,
    Context,
    Open,
    Close,
}

struct Tag<'a> {
    number: u8,
    kind: Kind,
    value: &'a [u8],
}

impl<'a> Tag<'a> {
    fn application(&self, number: u8) -> Option<&'a [u8]> {
        (self.kind == Kind::Application && self.number == number).then_some(self.value)
    }
}

/// Tags in a row (clause 20.2.1), the constructed ones as an opening and a closing one.
struct Tags<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        self.left = self.left.checked_sub(1)?;
        let (first, mut rest) = self.rest.split_first()?;
        let mut number = first >> 4;
        if number == 15 {
            (number, rest) = rest.split_first().map(|(number, rest)| (*number, rest))?;
        }
        let context = first & 8 != 0;
        let (kind, length) = match first & 7 {
            6 if context => (Kind::Open, 0),
            7 if context => (Kind::Close, 0),
            // A boolean keeps its value where others keep their length.
            _ if !context && number == 1 => (Kind::Application, 0),
            short => {
                let length = if short < 5 { u32::from(short) } else { long_length(&mut rest)? };
                (if context { Kind::Context } else { Kind::Application }, length)
            }
        };
        let value = rest.get(..usize::try_from(length).ok()?)?;
        self.rest = &rest[value.len()..];
        Some(Tag { number, kind, value })
    }
}

fn long_length(rest: &mut &[u8]) -> Option<u32> {
    let (first, after) = rest.split_first()?;
    let bytes = match first {
        254 => 2,
        255 => 4,
        short => {
            *rest = after;
            return Some(u32::from(*short));
        }
    };
    *rest = after.get(bytes..)?;
    unsigned(&after[..bytes])
}

fn unsigned(bytes: &[u8]) -> Option<u32> {
    (1..=4).contains(&bytes.len()).then(|| bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// An object identifier: type in ten bits, instance in twenty-two.
fn object(bytes: &[u8]) -> Option<(u32, u32)> {
    let id = u32::from_be_bytes(bytes.try_into().ok()?);
    Some((id >> 22, id & ANY))
}

/// A character string in one of the encodings that are simple (clause 20.2.9): UTF-8, UCS-2, Latin-1.
fn string(bytes: &[u8]) -> Option<String> {
    match bytes.split_first()? {
        (0 | 5, rest) => text(rest),
        (4, rest) => {
            let units = rest.chunks_exact(2).take(128).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            let whole: String = char::decode_utf16(units).filter_map(Result::ok).collect();
            text(whole.as_bytes())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial;
    use proptest::prelude::*;

    fn bvlc(function: u8, rest: &[u8]) -> Vec<u8> {
        [&[0x81, function][..], &(rest.len() as u16 + 4).to_be_bytes(), rest].concat()
    }

    fn said(bytes: &[u8]) -> Vec<(String, Field, String)> {
        let said = trial::datagram(&DATAGRAM, bytes, (47808, 47808)).expect("it is BACnet");
        said.into_iter().map(|(subject, field, value, _)| (subject, field, value)).collect()
    }

    /// ReadPropertyMultiple: device 17, model name and serial number, an error between them, and another object's name.
    fn multiple() -> Vec<u8> {
        let string = |property: &[u8], text: &[u8]| {
            let property = [&[0x28 | property.len() as u8][..], property].concat();
            [&property[..], &[0x4e, 0x75, text.len() as u8 + 1, 0], text, &[0x4f]].concat()
        };
        let apdu = [
            &[0x30, 5, 14, 0x0c, 2, 0, 0, 17, 0x1e][..],
            &string(&[70], b"RMC-419"),
            &[0x29, 121, 0x5e, 0x91, 2, 0x91, 31, 0x5f],
            &string(&[1, 116], b"SN4711"),
            &[0x1f, 0x0c, 0, 0, 0, 3, 0x1e],
            &string(&[77], b"BED 4 PHANTOM"),
            &[0x1f],
        ];
        bvlc(10, &[&[1, 8, 0, 9, 1, 5][..], &apdu.concat()].concat())
    }

    #[test]
    fn an_answer_tells_of_the_device_and_of_no_other_object() {
        let device = |field, value: &str| ("id|BACnet at S|17".to_owned(), field, value.to_owned());
        let said = said(&multiple());
        assert!(said.contains(&device(Field::Model, "RMC-419")), "{said:?}");
        assert!(said.contains(&device(Field::Serial, "SN4711")));
        assert!(said.iter().all(|(.., value)| !value.contains("PHANTOM")));
        assert_eq!(said.len(), 2);
    }

    #[test]
    fn a_forwarded_i_am_is_of_whom_it_is_forwarded_for() {
        let i_am = [1, 0, 0x10, 0, 0xc4, 2, 0, 0, 5, 0x22, 5, 0xc4, 0x91, 3, 0x22, 1, 4];
        let bytes = bvlc(4, &[&[10, 9, 9, 9, 0xba, 0xc0][..], &i_am].concat());
        let said = said(&bytes);
        let vendor = "BACnet device of vendor id 260".to_owned();
        assert!(said.iter().any(|(_, field, value)| (*field, value) == (Field::SystemDescription, &vendor)));
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = multiple();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            for bytes in [bytes, bvlc(10, &[&[1, 0, 0x30, 1, 14][..], &noise].concat()), noise] {
                trial::visit((1, 2), |visit| { read(&bytes, visit); });
            }
        }
    }
}

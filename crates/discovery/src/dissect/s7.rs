//! S7 communication over ISO on TCP (RFC 1006, ISO 8073 class 0): answers to reads of the system status list.
//!
//! The protocol has no public standard; what is read is the part that the manufacturer documents as system status lists (identification
//! of modules, lists 11H and 1CH). Copied: order number, hardware and firmware version (list 11H); name of the station and of the module,
//! serial number and module type (list 1CH). Everything else, connection requests with their transport selectors first, is passed
//! over.

use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::{is_junk, is_junk_serial};

/// S7 communication, known by its first data unit: the connection request is the same for all ISO protocols.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "s7comm", ports: &[102], midstream: true, probe, begin: begin::<Units> };

/// TPKT of version 3 with a data transfer unit, in it the protocol's own id 32H and one of its message kinds.
fn probe(bytes: &[u8]) -> Probe {
    match bytes {
        [3, 0, high, low, 2, 0xf0, _, 0x32, 1 | 2 | 3 | 7, ..] if u16::from_be_bytes([*high, *low]) >= 17 => {
            Probe::Yes
        }
        [3, 0, _, _, 2, 0xf0, _, 0x32, ..] | [3, 0, _, _, 2, 0xf0, _] if bytes.len() < 9 => Probe::More,
        _ if bytes.len() < 7 && [3, 0].starts_with(&bytes[..bytes.len().min(2)]) => Probe::More,
        _ => Probe::No,
    }
}

#[derive(Debug, Default)]
struct Units;

impl Messages for Units {
    const HEAD: usize = 1024;
    const MOST: u32 = 256;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes {
            [3, 0, high, low, ..] => match u16::from_be_bytes([*high, *low]) {
                length @ 7.. => Framing::Length(u64::from(length)),
                _ => Framing::Broken,
            },
            [_, _, _, _, ..] => Framing::Broken,
            _ => Framing::Need(4),
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        status_list(head, visit);
        true
    }
}

/// An answer to a read of the system status list: message kind 7, function group 4 as answer, subfunction 1, no error.
fn status_list(unit: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let [2, 0xf0, _, 0x32, 7, _, _, _, _, high, low, ..] = unit.get(4..)? else { return None };
    let parameters = usize::from(u16::from_be_bytes([*high, *low]));
    let rest = unit.get(17..)?;
    let [0, 1, 0x12, _, 0x12, 0x84, 1, ..] = rest.get(..parameters)? else { return None };
    let data = rest.get(parameters..)?;
    // Return code, transport size and length; then list, index, length and number of the records.
    let [0xff, _, _, _, _, list, _, _, size_high, size_low, _, count, records @ ..] = data else {
        return None;
    };
    let size = usize::from(u16::from_be_bytes([*size_high, *size_low]));
    for record in records.chunks_exact(size.max(2)).take(usize::from(*count)) {
        let (index, value) = (u16::from_be_bytes([record[0], record[1]]), &record[2..]);
        match list {
            0x11 => module(index, value, visit),
            0x1c => component(index, value, visit),
            _ => None,
        };
    }
    Some(())
}

/// A record of list 11H: order number of 20 letters, type, and two words with the version.
fn module(index: u16, value: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let (order, version) = (value.get(..20)?, value.get(22..26)?);
    let basis = "S7 status list 11H";
    match (index, version) {
        (1, _) => say(visit, Field::ModelNumber, text(order)?, basis),
        (6, [_, major, minor, patch]) => {
            say(visit, Field::HardwareVersion, format!("{major}.{minor}.{patch}"), basis)
        }
        (7, [b'V', major, minor, patch]) => {
            say(visit, Field::SoftwareVersion, format!("{major}.{minor}.{patch}"), basis)
        }
        _ => {}
    }
    Some(())
}

/// A record of list 1CH: 32 letters, of which the text is ended by a zero.
fn component(index: u16, value: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let value = text(value.get(..32)?.split(|byte| *byte == 0).next()?)?;
    let basis = "S7 status list 1CH";
    match index {
        1 => say(visit, Field::HostName, value, basis),
        2 => say(visit, Field::SystemDescription, value, basis),
        5 if !is_junk_serial(&value) => say(visit, Field::Serial, value, basis),
        7 => say(visit, Field::Model, value, basis),
        _ => {}
    }
    Some(())
}

fn say(visit: &mut Visit<'_>, field: Field, value: String, basis: &'static str) {
    if !is_junk(&value) {
        visit.say(field, &value, SourceKind::WireDevice, basis);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial::{self, says};
    use proptest::prelude::*;

    fn answer(list: u8, records: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let size = records[0].1.len() as u16 + 2;
        let mut data =
            [&[0, list, 0, 0][..], &size.to_be_bytes(), &(records.len() as u16).to_be_bytes()].concat();
        records.iter().for_each(|(index, value)| data.extend([&index.to_be_bytes()[..], value].concat()));
        let parameters = [0, 1, 0x12, 8, 0x12, 0x84, 1, 1, 0, 0, 0, 0];
        let data = [&[0xff, 9][..], &(data.len() as u16).to_be_bytes(), &data].concat();
        let mut unit = vec![2, 0xf0, 0x80, 0x32, 7, 0, 0, 0, 1];
        unit.extend((parameters.len() as u16).to_be_bytes());
        unit.extend((data.len() as u16).to_be_bytes());
        unit.extend(parameters);
        unit.extend(data);
        [&[3, 0][..], &(unit.len() as u16 + 4).to_be_bytes(), &unit].concat()
    }

    fn session() -> Vec<u8> {
        let module = |version: [u8; 4]| [&b"6ES7 315-2EH14-0AB0 "[..], &[0, 0xc0], &version].concat();
        let component = |text: &str| {
            let mut value = text.as_bytes().to_vec();
            value.resize(32, 0);
            value
        };
        [
            answer(0x11, &[(1, module([0, 1, 0x20, 0x20])), (7, module([b'V', 3, 2, 6]))]),
            answer(
                0x1c,
                &[
                    (1, component("AHU-3")),
                    (5, component("S C-C2UR28922012")),
                    (7, component("CPU 315-2 PN/DP")),
                ],
            ),
        ]
        .concat()
    }

    proptest! {
        #[test]
        fn status_lists_are_read_in_pieces_of_any_size(piece in 1usize..200) {
            let mut wanted = vec![
                says(Field::ModelNumber, "6ES7 315-2EH14-0AB0", "S7 status list 11H"),
                says(Field::SoftwareVersion, "3.2.6", "S7 status list 11H"),
                says(Field::HostName, "AHU-3", "S7 status list 1CH"),
                says(Field::Serial, "S C-C2UR28922012", "S7 status list 1CH"),
                says(Field::Model, "CPU 315-2 PN/DP", "S7 status list 1CH"),
            ];
            wanted.sort();
            prop_assert_eq!(probe(&session()[..16]), Probe::Yes);
            prop_assert_eq!(trial::stream(&STREAM, &session(), piece, (102, 1)), wanted);
        }

        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(),
            noise in prop::collection::vec(any::<u8>(), 0..120), piece in 1usize..300,
        ) {
            let mut bytes = session();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            trial::stream(&STREAM, &bytes, piece, (102, 1));
            probe(&noise);
            trial::visit((1, 2), |visit| { status_list(&noise, visit); });
        }
    }
}

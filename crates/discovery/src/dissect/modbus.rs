//! Modbus/TCP (Modbus application protocol 1.1b3; messaging on TCP/IP 1.0b).
//!
//! Copied, from answers only: function 43/14 read device identification (section 6.21) vendor name, product code, revision, product name
//! and model name; function 17 report server id (section 6.13) its readable text. Registers, coils and every other function are passed over.
//!
//! Units 0 and 255 are the device that answers; another unit may be one behind a gateway, which is settled at the end
//! ([`crate::gateways`]).

use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use crate::notes::{About, At, Numbers, Seen};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// Modbus/TCP.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "modbus", ports: &[502, 802], midstream: false, probe, begin: begin::<Answers> };

/// Head of a message, with unit identifier and function.
const HEAD: usize = 8;

/// How long a message is: protocol 0, and a length that the specification allows.
fn length(head: &[u8; HEAD]) -> Option<u64> {
    let length = u16::from_be_bytes([head[4], head[5]]);
    (head[2..4] == [0, 0] && (2..=254).contains(&length) && head[7] & 0x7f != 0)
        .then_some(6 + u64::from(length))
}

fn probe(bytes: &[u8]) -> Probe {
    match bytes.first_chunk::<HEAD>() {
        Some(head) if length(head).is_some() => Probe::Maybe,
        Some(_) => Probe::No,
        None if bytes.get(2..).is_none_or(|rest| rest.iter().take(3).all(|byte| *byte == 0)) => Probe::More,
        None => Probe::No,
    }
}

#[derive(Debug, Default)]
struct Answers;

impl Messages for Answers {
    const HEAD: usize = 260;
    const MOST: u32 = 256;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes.first_chunk::<HEAD>() {
            Some(head) => length(head).map_or(Framing::Broken, Framing::Length),
            None => Framing::Need(HEAD),
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        match head.get(HEAD - 2..) {
            Some([unit, 0x2b, 0x0e, _, _, _, _, count, rest @ ..]) => {
                identification(*unit, *count, rest, visit)
            }
            Some([unit, 0x11, count, rest @ ..]) if usize::from(*count) == rest.len() => {
                let words = longest_text(rest);
                if let Some(words) = words {
                    say(*unit, Field::SystemDescription, words, "Modbus 17", visit);
                }
            }
            _ => {}
        }
        true
    }
}

fn say(unit: u8, field: Field, value: String, basis: &'static str, visit: &mut Visit<'_>) {
    let seen = Seen::at(At::of(visit));
    let number = if unit == 255 { 0 } else { u32::from(unit) };
    let about = match number {
        0 => About::Who(visit.sender),
        number => About::Numbered { who: visit.sender, numbers: Numbers::ModbusUnit, number, routed: false },
    };
    visit.notes.state(about, field, value, SourceKind::WireDevice, basis, seen);
}

/// Objects of one answer: id, length, value. A request has none and no count.
fn identification(unit: u8, count: u8, mut rest: &[u8], visit: &mut Visit<'_>) {
    for _ in 0..count {
        let [id, length, tail @ ..] = rest else { return };
        let Some(value) = tail.get(..usize::from(*length)) else { return };
        rest = &tail[value.len()..];
        let (field, basis) = match id {
            0 => (Field::Manufacturer, "Modbus 43/14 vendor name"),
            1 => (Field::ModelNumber, "Modbus 43/14 product code"),
            2 => (Field::SoftwareVersion, "Modbus 43/14 revision"),
            4 => (Field::SystemDescription, "Modbus 43/14 product name"),
            5 => (Field::Model, "Modbus 43/14 model name"),
            _ => continue,
        };
        if let Some(value) = text(value).filter(|value| !is_junk(value)) {
            say(unit, field, value, basis, visit);
        }
    }
}

/// What a server says of itself is of its own making; the longest piece of readable text in it, if it is more than a few letters.
fn longest_text(bytes: &[u8]) -> Option<String> {
    let readable = |byte: &u8| (0x20..0x7f).contains(byte);
    let longest = bytes.split(|byte| !readable(byte)).max_by_key(|piece| piece.len())?;
    text(longest).filter(|words| words.len() >= 4 && !is_junk(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial::{self, says};
    use proptest::prelude::*;

    fn message(unit: u8, pdu: &[u8]) -> Vec<u8> {
        [&[0, 1, 0, 0][..], &(pdu.len() as u16 + 1).to_be_bytes(), &[unit], pdu].concat()
    }

    fn session() -> Vec<u8> {
        let identification =
            [&[0x2b, 0x0e, 1, 1, 0, 0, 3, 0, 4][..], b"ACME", &[1, 6], b"PM5560", &[2, 4], b"v2.1"];
        [
            message(255, &[3, 4, 0, 1, 0, 2]),
            message(255, &[0x83, 2]),
            message(255, &identification.concat()),
            message(255, &[&[0x11, 12, 9, 0xff][..], b"PowerMeter"].concat()),
            // A question of the same function holds nothing.
            message(255, &[0x2b, 0x0e, 1, 0]),
        ]
        .concat()
    }

    fn wanted() -> Vec<trial::Said> {
        let mut wanted = vec![
            says(Field::Manufacturer, "ACME", "Modbus 43/14 vendor name"),
            says(Field::ModelNumber, "PM5560", "Modbus 43/14 product code"),
            says(Field::SoftwareVersion, "v2.1", "Modbus 43/14 revision"),
            says(Field::SystemDescription, "PowerMeter", "Modbus 17"),
        ];
        wanted.sort();
        wanted
    }

    #[test]
    fn other_protocols_on_its_port_are_not_taken_for_it() {
        assert_eq!(probe(&session()), Probe::Maybe);
        for other in [&b"\x16\x03\x01\x02\x00\x01\x00\x01"[..], b"GET / HTTP/1.1\r\n", b"\0\0\0\0\0\x01\0\0"]
        {
            assert_eq!(probe(other), Probe::No);
        }
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_say_the_same(piece in 1usize..40) {
            prop_assert_eq!(trial::stream(&STREAM, &session(), piece, (502, 40_000)), wanted());
        }

        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(),
            noise in prop::collection::vec(any::<u8>(), 0..300), piece in 1usize..400,
        ) {
            let mut bytes = session();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            trial::stream(&STREAM, &bytes, piece, (502, 1));
            trial::stream(&STREAM, &noise, piece, (502, 1));
        }
    }
}

//! ASTM E1381/E1394, CLSI LIS1-A and LIS2-A2: the header record of a laboratory analyser, in frames or without them.
//!
//! Copied: field 5 of the header record, the sender's name or id, of which the standard leaves the parts (mostly name, software version
//! and serial number) to the maker. Field 4 is a password and is never copied; patient, order, result and comment records are not
//! looked into.

use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use memchr::memchr3;
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// ASTM and LIS2 over TCP.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "astm", ports: &[], midstream: true, probe, begin: begin::<Header> };

const ENQ: u8 = 0x05;
const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const ETB: u8 = 0x17;

/// What lies before the header record: an enquiry, the frame's start and its number.
fn before_header(bytes: &[u8]) -> usize {
    match bytes {
        [ENQ, STX, b'0'..=b'7', ..] => 3,
        [STX, b'0'..=b'7', ..] => 2,
        _ => 0,
    }
}

/// The record's letter and its delimiters, which are nearly always these four (LIS2-A2 section 5.4); other ones are believed only in a
/// frame.
fn probe(bytes: &[u8]) -> Probe {
    let begun =
        matches!(bytes, [] | [ENQ] | [ENQ, STX] | [STX] | [ENQ, STX, b'0'..=b'7'] | [STX, b'0'..=b'7']);
    if begun {
        return Probe::More;
    }
    let at = before_header(bytes);
    match &bytes[at..] {
        [b'H', b'|', b'\\', b'^', b'&', ..] => Probe::Yes,
        [b'H', field, repeat, component, escape, last, ..] if at > 0 => {
            let all = [field, repeat, component, escape];
            let different = all.iter().enumerate().all(|(at, one)| !all[..at].contains(one));
            if different && last == field && all.iter().all(|byte| byte.is_ascii_punctuation()) {
                Probe::Yes
            } else {
                Probe::No
            }
        }
        rest if rest.len() < 5 && b"H|\\^&".starts_with(rest)
            || at > 0 && rest.len() < 6 && rest[0] == b'H' =>
        {
            Probe::More
        }
        _ => Probe::No,
    }
}

#[derive(Debug, Default)]
struct Header;

impl Messages for Header {
    const HEAD: usize = 512;
    const MOST: u32 = 1;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match memchr3(b'\r', ETX, ETB, bytes) {
            Some(at) => Framing::Length(at as u64 + 1),
            None if bytes.len() < Self::HEAD => Framing::Need(bytes.len() + 1),
            None => Framing::Broken,
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        let record = &head[before_header(head)..];
        let (Some(field), Some(component)) = (record.get(1), record.get(3)) else { return false };
        // Field 1 is the record's letter, field 2 the delimiters.
        let Some(sender) = record[..record.len() - 1].split(|byte| byte == field).nth(4) else {
            return false;
        };
        let parts: Vec<String> = sender.split(|byte| byte == component).filter_map(text).collect();
        let name = parts.join(" ");
        if !name.is_empty() && !is_junk(&name) {
            visit.say(Field::SystemDescription, &name, SourceKind::WireNetwork, "LIS2 header field 5");
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial::{self, says};
    use proptest::prelude::*;

    const FRAMED: &[u8] =
        b"\x05\x021H|\\^&|77|SECRET|Analyser X^2.01^SN55|||||LIS||P|LIS2-A2|20261125\r\x03F7\r\n\
        \x022P|1|PH0001||PHANTOM^LAB\r\x03A0\r\n";

    proptest! {
        #[test]
        fn a_header_names_the_sender_and_nothing_else(piece in 1usize..120) {
            let wanted = [says(Field::SystemDescription, "Analyser X 2.01 SN55", "LIS2 header field 5")];
            for bytes in [FRAMED, &FRAMED[1..], &FRAMED[3..]] {
                prop_assert_eq!(probe(&bytes[..16]), Probe::Yes);
                prop_assert_eq!(trial::stream(&STREAM, bytes, piece, (1, 2)), &wanted[..]);
            }
        }

        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(),
            noise in prop::collection::vec(any::<u8>(), 0..600), piece in 1usize..120,
        ) {
            let mut bytes = FRAMED.to_vec();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            for bytes in [bytes, [&FRAMED[..8], &noise].concat(), noise] {
                probe(&bytes[..bytes.len().min(16)]);
                trial::stream(&STREAM, &bytes, piece, (1, 2));
            }
        }
    }

    #[test]
    fn an_enquiry_alone_waits_for_more() {
        for length in 0..8 {
            assert_eq!(probe(&FRAMED[..length]), Probe::More, "{length}");
        }
        assert_eq!(probe(b"\x05\x05"), Probe::No);
        assert_eq!(probe(b"HTTP/1.1 200 OK\r"), Probe::No);
    }
}

//! Cisco Discovery Protocol, versions 1 and 2 (SNAP 00-00-0C, 0x2000; the layout is known from the maker's public documents and from
//! Wireshark's dissector).
//!
//! Copied: device id, system name, software version, platform, addresses, management addresses, capabilities, location. All of it
//! describes the sender, which is the card that the frame came from. Everything else is passed over.

use super::{FrameProtocol, FrameVisit, text_where};
use std::net::IpAddr;
use tallyward_core::{Field, Mac, SourceKind};
use tallyward_identity::junk::is_junk;

/// CDP by its SNAP protocol.
pub(crate) const FRAME: FrameProtocol = FrameProtocol {
    kind: crate::link::snap([0, 0, 0x0c], 0x2000),
    read: |data, visit| {
        read(data, visit);
    },
};

/// Elements read of one frame.
const MOST: usize = 128;
/// Addresses read of one element.
const MOST_ADDRESSES: usize = 16;
/// Platforms that are operating systems of servers, never what somebody sells.
const SYSTEMS: [&str; 4] = ["Linux", "VMware", "FreeBSD", "Darwin"];

fn read(data: &[u8], visit: &mut FrameVisit<'_>) -> Option<()> {
    let card = visit.source?;
    let ([1 | 2, ..], Some(mut rest)) = (data, data.get(4..)) else { return None };
    for _ in 0..MOST {
        let head = rest.first_chunk::<4>()?;
        let kind = u16::from_be_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = rest.get(4..length)?;
        rest = &rest[length..];
        match (kind, value) {
            (1, _) => say(visit, card, Field::HostName, value, "CDP device id"),
            (0x14, _) => say(visit, card, Field::HostName, value, "CDP system name"),
            (5, _) => say(visit, card, Field::SystemDescription, value, "CDP software version"),
            (6, _) if SYSTEMS.iter().any(|system| value.starts_with(system.as_bytes())) => {
                say(visit, card, Field::SystemDescription, value, "CDP platform");
            }
            (6, _) => say(visit, card, Field::Model, value, "CDP platform"),
            (2, _) => {
                addresses(value, card, "CDP address", visit);
            }
            (0x16, _) => {
                addresses(value, card, "CDP management address", visit);
            }
            (4, [_, _, _, bits]) => roles(*bits, card, visit),
            // One byte says how it is written.
            (0x17, [_, place @ ..]) => say(visit, card, Field::StatedLocation, place, "CDP location"),
            _ => {}
        }
    }
    Some(())
}

/// Text of several lines is one statement.
fn say(visit: &mut FrameVisit<'_>, card: Mac, field: Field, bytes: &[u8], basis: &'static str) {
    let said = text_where(bytes.get(..512).unwrap_or(bytes), |letter| {
        !letter.is_control() || letter.is_ascii_whitespace()
    });
    let words = |said: String| said.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(said) = said.map(words).filter(|said| !is_junk(said)) {
        visit.say(card, field, &said, SourceKind::WireNetwork, basis);
    }
}

fn roles(bits: u8, card: Mac, visit: &mut FrameVisit<'_>) {
    const NAMES: [(u8, &str); 5] =
        [(0x01, "router"), (0x0e, "bridge"), (0x10, "station"), (0x40, "repeater"), (0x80, "telephone")];
    for (mask, name) in NAMES {
        if bits & mask != 0 {
            visit.say(card, Field::NetworkRole, name, SourceKind::WireNetwork, "CDP capabilities");
        }
    }
}

/// A count, then for each the kind and length of the protocol, the protocol, the length of the address, the address.
fn addresses(value: &[u8], card: Mac, basis: &'static str, visit: &mut FrameVisit<'_>) -> Option<()> {
    let (count, mut rest) = value.split_first_chunk::<4>()?;
    for _ in 0..(u32::from_be_bytes(*count) as usize).min(MOST_ADDRESSES) {
        let [_, length, tail @ ..] = rest else { return None };
        let tail = tail.get(usize::from(*length)..)?;
        let (length, tail) = tail.split_first_chunk::<2>()?;
        let bytes = tail.get(..usize::from(u16::from_be_bytes(*length)))?;
        rest = &tail[bytes.len()..];
        let address = match (<[u8; 4]>::try_from(bytes), <[u8; 16]>::try_from(bytes)) {
            (Ok(v4), _) => IpAddr::from(v4),
            (_, Ok(v6)) => IpAddr::from(v6),
            _ => continue,
        };
        if !address.is_unspecified() && !address.is_loopback() && !address.is_multicast() {
            visit.say(card, Field::IpAddress, &address.to_string(), SourceKind::WireNetwork, basis);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial;
    use proptest::prelude::*;

    fn element(kind: u8, value: &[u8]) -> Vec<u8> {
        [&[0, kind, 0, value.len() as u8 + 4], value].concat()
    }

    /// A telephone; made up from the layout.
    fn sample() -> Vec<u8> {
        let address =
            [&[0, 0, 0, 2, 1, 1, 0xcc, 0, 4, 10, 0, 0, 9][..], &[2, 8, 0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd]];
        let mut address = address.concat();
        address.extend([0, 16]);
        address.extend([0xfd; 16]);
        [
            vec![2, 180, 0, 0],
            element(1, b"SEP020000000009"),
            element(5, b"Phone OS\r\n  12.8"),
            element(6, b"Cisco IP Phone 8841"),
            element(2, &address),
            element(4, &[0, 0, 4, 0x90]),
            element(0x17, b"\0Ward 3"),
            element(0x0b, &[1]),
        ]
        .concat()
    }

    fn told(bytes: &[u8]) -> Vec<(Field, String)> {
        trial::frame(&FRAME, bytes).into_iter().map(|(_, field, value, _)| (field, value)).collect()
    }

    #[test]
    fn the_sender_is_described() {
        let told = told(&sample());
        for (field, value) in [
            (Field::HostName, "SEP020000000009"),
            (Field::SystemDescription, "Phone OS 12.8"),
            (Field::Model, "Cisco IP Phone 8841"),
            (Field::IpAddress, "10.0.0.9"),
            (Field::IpAddress, "fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd"),
            (Field::NetworkRole, "station"),
            (Field::NetworkRole, "telephone"),
            (Field::StatedLocation, "Ward 3"),
        ] {
            assert!(told.contains(&(field, value.to_owned())), "{field} {value}: {told:#?}");
        }
        assert_eq!(told.len(), 8, "nothing else: {told:#?}");
    }

    #[test]
    fn an_operating_system_is_no_model() {
        let bytes = [vec![2, 180, 0, 0], element(6, b"Linux")].concat();
        assert_eq!(told(&bytes), [(Field::SystemDescription, "Linux".to_owned())]);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), bits in any::<u8>(), cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = sample();
            let place = at.index(bytes.len());
            bytes[place] ^= bits;
            let _ = told(&bytes[..cut.index(bytes.len())]);
            let _ = told(&bytes);
            let _ = told(&[&[2, 180, 0, 0][..], &noise].concat());
        }
    }
}

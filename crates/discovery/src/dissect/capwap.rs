//! CAPWAP control (RFC 5415), as far as it is in the clear: how access points look for their controller.
//!
//! Copied of an access point: model, serial number and revision of its board (38), hardware, software and boot version (39), name (45,
//! and the one in the payload of its largest maker), location (28); of a controller: its name (4) and versions (1). Everything else is
//! passed over, and what comes after is mostly encrypted and only counted. Data frames are read in `tunnel.rs`.

use super::{DatagramProtocol, Probe, Visit, text};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::{is_junk, is_junk_serial};

/// CAPWAP control, in the clear or not.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol {
    name: "capwap",
    ports: &[5246, 5247],
    probe,
    read: |data, visit| {
        read(data, visit);
    },
};

/// Elements read of one message.
const MOST: usize = 64;
/// How one maker writes its number in its own elements.
const CISCO: [u8; 4] = [0, 0x40, 0x96, 0];

fn probe(data: &[u8]) -> Probe {
    let known = match data {
        // Encrypted: a DTLS record follows.
        [1, 0, 0, 0, 20..=23, 0xfe, ..] => true,
        [0, ..] => control(data).is_some(),
        _ => false,
    };
    if known { Probe::Maybe } else { Probe::No }
}

/// The kind of a control message of the standard itself, and its elements.
fn control(data: &[u8]) -> Option<(u8, &[u8])> {
    let length = usize::from(data.get(1)? >> 3) * 4;
    match data.get(length..).filter(|_| length >= 8)? {
        // Kind with the maker's number in front (0), sequence, length, flags.
        [0, 0, 0, kind @ 1..=26, _, _, _, _, elements @ ..] => Some((*kind, elements)),
        _ => None,
    }
}

fn read(data: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let serves = |port: u16| matches!(port, 5246 | 5247);
    let asks = serves(visit.ports.1) || !serves(visit.ports.0);
    visit.shared.opener = Some(if asks { visit.sender } else { visit.receiver });
    let (kind, elements) = control(data).filter(|_| data[0] == 0)?;
    let role = match kind {
        1 | 3 | 5 | 19 => "access point",
        2 | 4 | 20 => "wireless controller",
        _ => return None,
    };
    visit.say(Field::NetworkRole, role, SourceKind::WireNetwork, "CAPWAP message type");
    for (element, value) in pairs(elements).take(MOST) {
        match (element, value) {
            (38, [_, _, _, _, board @ ..]) => tell_board(board, visit),
            // Without encryptions the maker above leaves a byte between.
            (39, [_, _, 0, _, versions @ ..]) => tell_versions(versions, visit),
            (39, [_, _, count, rest @ ..]) => {
                let skipped = 3 * usize::from(*count);
                tell_versions(rest.get(skipped..).unwrap_or_default(), visit);
            }
            (1, _) => tell_versions(value.get(12..).unwrap_or_default(), visit),
            (4, _) => say(visit, Field::HostName, value, SourceKind::WireNetwork, "CAPWAP controller name"),
            (45, _) => say(visit, Field::HostName, value, SourceKind::WireNetwork, "CAPWAP name"),
            (37, [a, b, c, d, 0, 5, name @ ..]) if [*a, *b, *c, *d] == CISCO => {
                say(visit, Field::HostName, name, SourceKind::WireNetwork, "CAPWAP name");
            }
            (28, _) => say(visit, Field::StatedLocation, value, SourceKind::WireNetwork, "CAPWAP location"),
            _ => {}
        }
    }
    Some(())
}

/// Kind, length, value; each of the first two in two bytes.
fn pairs(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let [a, b, c, d, tail @ ..] = rest else { return None };
        let value = tail.get(..usize::from(u16::from_be_bytes([*c, *d])))?;
        rest = &tail[value.len()..];
        Some((u16::from_be_bytes([*a, *b]), value))
    })
}

fn say(visit: &mut Visit<'_>, field: Field, bytes: &[u8], kind: SourceKind, basis: &'static str) {
    let junk = if field == Field::Serial { is_junk_serial } else { is_junk };
    if let Some(said) = text(bytes).filter(|said| !junk(said)) {
        visit.say(field, &said, kind, basis);
    }
}

fn tell_board(board: &[u8], visit: &mut Visit<'_>) {
    let device = SourceKind::WireDevice;
    for (kind, value) in pairs(board).take(MOST) {
        match kind {
            0 => say(visit, Field::Model, value, device, "CAPWAP board model"),
            1 => say(visit, Field::Serial, value, device, "CAPWAP board serial number"),
            3 => say(visit, Field::HardwareVersion, value, device, "CAPWAP board revision"),
            _ => {}
        }
    }
}

/// Maker, kind, length, value. Access points number theirs from 0, controllers from 4.
fn tell_versions(mut rest: &[u8], visit: &mut Visit<'_>) {
    for _ in 0..MOST {
        let Some(tail) = rest.get(4..) else { return };
        let Some((kind, value)) = pairs(tail).next() else { return };
        rest = &tail[4 + value.len()..];
        let Some(version) = version(value).filter(|version| !is_junk(version)) else { continue };
        let (field, basis) = match kind {
            0 | 4 => (Field::HardwareVersion, "CAPWAP hardware version"),
            1 | 5 => (Field::SoftwareVersion, "CAPWAP software version"),
            2 => (Field::ComponentVersion, "CAPWAP boot version"),
            _ => continue,
        };
        let boot = (kind == 2).then(|| format!("boot loader {version}"));
        visit.say(field, boot.as_ref().unwrap_or(&version), SourceKind::WireDevice, basis);
    }
}

/// Text, or four bytes that are the parts of a version.
fn version(value: &[u8]) -> Option<String> {
    match value {
        [a, b, c, d] if !value.iter().all(u8::is_ascii_graphic) => Some(format!("{a}.{b}.{c}.{d}")),
        _ => text(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial;
    use proptest::prelude::*;

    fn element(kind: u8, value: &[u8]) -> Vec<u8> {
        [&[0, kind, 0, value.len() as u8], value].concat()
    }

    /// A join request; made up from the standard.
    fn sample() -> Vec<u8> {
        let board =
            [&[0, 0, 0, 9][..], &element(0, b"AP-200"), &element(1, b"SN-31"), &element(3, b"B")].concat();
        let one = |kind, value: &[u8]| [&[0, 0, 0, 9][..], &element(kind, value)].concat();
        let versions =
            [&[1, 1, 1, 1, 0, 3][..], &one(0, b"H2"), &one(1, b"8.1.2"), &one(2, &[1, 0, 4, 0])].concat();
        [
            &[0, 0x10, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 99, 0][..],
            &element(28, b"Ward 3"),
            &element(38, &board),
            &element(39, &versions),
            &element(45, b"ap-ward-3"),
        ]
        .concat()
    }

    fn told(bytes: &[u8]) -> Vec<(Field, String)> {
        let said = trial::datagram(&DATAGRAM, bytes, (40_000, 5246)).unwrap_or_default();
        said.into_iter().map(|(_, field, value, _)| (field, value)).collect()
    }

    #[test]
    fn an_access_point_says_what_it_is() {
        let told = told(&sample());
        for (field, value) in [
            (Field::NetworkRole, "access point"),
            (Field::StatedLocation, "Ward 3"),
            (Field::Model, "AP-200"),
            (Field::Serial, "SN-31"),
            (Field::HardwareVersion, "B"),
            (Field::HardwareVersion, "H2"),
            (Field::SoftwareVersion, "8.1.2"),
            (Field::ComponentVersion, "boot loader 1.0.4.0"),
            (Field::HostName, "ap-ward-3"),
        ] {
            assert!(told.contains(&(field, value.to_owned())), "{field} {value}: {told:#?}");
        }
        assert_eq!(told.len(), 9, "nothing else: {told:#?}");
        assert!(trial::datagram(&DATAGRAM, &sample(), (40_000, 40_001)).is_none(), "on its ports only");
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), bits in any::<u8>(), cut in any::<prop::sample::Index>(),
            kind in 1u8..6, noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = sample();
            let place = at.index(bytes.len());
            bytes[place] ^= bits;
            let _ = told(&bytes[..cut.index(bytes.len())]);
            let _ = told(&bytes);
            let _ = told(&[&[0, 0x10, 2, 0, 0, 0, 0, 0, 0, 0, 0, kind, 1, 0, 99, 0][..], &noise].concat());
        }
    }
}

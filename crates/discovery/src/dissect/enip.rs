//! EtherNet/IP encapsulation (CIP volume 2, chapter 2): the answer to ListIdentity, over UDP or TCP.
//!
//! Copied: of the identity item (type 0CH) vendor id, device type, product code, revision, serial number and product name. Sessions and
//! everything carried in them are passed over.

use super::{DatagramProtocol, Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use crate::notes::{At, DeviceSaid};
use tallyward_core::{Field, Key, SourceKind};
use tallyward_identity::junk::is_junk;

/// EtherNet/IP over TCP.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "enip", ports: &[44818], midstream: false, probe, begin: begin::<Answers> };

/// EtherNet/IP over UDP.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol {
    name: "enip",
    ports: &[44818],
    probe: |data| match data.first_chunk::<HEAD>() {
        Some(head) if length(head) == data.len() as u64 => probe(data),
        _ => Probe::No,
    },
    read: |data, visit| {
        identities(data, visit);
    },
};

const BASIS: &str = "EtherNet/IP ListIdentity";
const HEAD: usize = 24;
const LIST_IDENTITY: u16 = 0x63;
/// Commands (table 2-3.2).
const COMMANDS: &[u16] = &[0, 4, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70];

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn length(head: &[u8; HEAD]) -> u64 {
    HEAD as u64 + u64::from(u16::from_le_bytes([head[2], head[3]]))
}

/// Command and status (section 2-3) are of those there are.
fn probe(bytes: &[u8]) -> Probe {
    if !COMMANDS.iter().any(|known| known.to_le_bytes().starts_with(&bytes[..bytes.len().min(2)])) {
        return Probe::No;
    }
    let Some(status) = bytes.get(8..12) else { return Probe::More };
    let status_fits = matches!(status, [0 | 1 | 2 | 3 | 0x64 | 0x65 | 0x69, 0, 0, 0]);
    if status_fits { Probe::Maybe } else { Probe::No }
}

#[derive(Debug, Default)]
struct Answers;

impl Messages for Answers {
    const HEAD: usize = 256;
    const MOST: u32 = 64;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes.first_chunk::<HEAD>() {
            Some(head) if COMMANDS.contains(&u16::from_le_bytes([head[0], head[1]])) => {
                Framing::Length(length(head))
            }
            Some(_) => Framing::Broken,
            None => Framing::Need(HEAD),
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        identities(head, visit);
        true
    }
}

/// The first item of an answer; a request has none.
fn identities(bytes: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let body = bytes.get(HEAD..)?;
    if u16_at(bytes, 0)? != LIST_IDENTITY || u16_at(body, 0)? == 0 || u16_at(body, 2)? != 0x0c {
        return None;
    }
    let item = body.get(6..)?.get(..usize::from(u16_at(body, 4)?))?;
    // Protocol version and socket address take 18 bytes.
    let (vendor, kind, product) = (u16_at(item, 18)?, u16_at(item, 20)?, u16_at(item, 22)?);
    let (major, minor) = (*item.get(24)?, *item.get(25)?);
    let serial = u32::from_le_bytes(*item.get(28..)?.first_chunk()?);
    let name = item.get(33..)?.get(..usize::from(*item.get(32)?))?;
    let numbers = format!("CIP vendor {vendor}, device type {kind}, product {product}");
    let mut fields =
        vec![(Field::SystemDescription, numbers), (Field::SoftwareVersion, format!("{major}.{minor:03}"))];
    fields.extend(text(name).filter(|name| !is_junk(name)).map(|name| (Field::Model, name)));
    if matches!(serial, 0 | u32::MAX) {
        fields.iter().for_each(|(field, value)| visit.say(*field, value, SourceKind::WireDevice, BASIS));
        return Some(());
    }
    // Vendor id and serial number together are unique (CIP volume 1, section 5-2).
    let id = format!("{serial:08X}");
    fields.push((Field::Serial, id.clone()));
    let key = Key::SystemId { system: format!("CIP vendor {vendor}"), id };
    let fields = fields.into_iter().map(|(field, value)| (field, value, BASIS, SourceKind::WireDevice));
    let said = DeviceSaid { key, fields: fields.collect(), itself: true, basis: BASIS };
    visit.notes.device(visit.sender, None, &said, At::of(visit));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial;
    use proptest::prelude::*;

    fn identity() -> Vec<u8> {
        let mut item = vec![1, 0];
        item.extend([0; 16]);
        item.extend([1, 0, 12, 0, 58, 0, 4, 3, 0, 0, 0x8e, 0x4d, 0x52, 0, 11]);
        item.extend(b"1756-ENBT/A\x03");
        let mut body = vec![1, 0, 0x0c, 0, item.len() as u8, 0];
        body.extend(item);
        let mut out = vec![0x63, 0, body.len() as u8, 0];
        out.extend([0; 20]);
        out.extend(body);
        out
    }

    #[test]
    fn an_identity_is_the_same_over_both_transports() {
        let told = trial::datagram(&DATAGRAM, &identity(), (44818, 1)).unwrap();
        let own = "id|CIP vendor 1|00524D8E";
        for (subject, field, value) in [
            (own, Field::Model, "1756-ENBT/A"),
            (own, Field::Serial, "00524D8E"),
            (own, Field::SoftwareVersion, "4.003"),
            (trial::SENDER, Field::Key, own),
        ] {
            let wanted = (subject.to_owned(), field, value.to_owned(), BASIS.to_owned());
            assert!(told.contains(&wanted), "{told:?}");
        }
        assert_eq!(trial::stream(&STREAM, &identity(), 7, (44818, 1)), told);
        // Elsewhere than on its port it is not believed.
        assert!(trial::datagram(&DATAGRAM, &identity(), (5, 6)).is_none());
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..120), piece in 1usize..100,
        ) {
            let mut bytes = identity();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            for bytes in [bytes, noise] {
                trial::stream(&STREAM, &bytes, piece, (44818, 1));
                trial::visit((1, 2), |visit| { identities(&bytes, visit); });
            }
        }
    }
}

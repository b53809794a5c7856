//! NetBIOS name service (RFC 1001, 1002): registrations, answers and node status.
//!
//! Copied: names of workstation and server (unique, ending in 00 or 20), domain or workgroup (group, 00 or 1C), the address with
//! them, and the card in a node status. Every other name is passed over: among those ending in 03 is the one of the user.

use super::dns::Message;
use super::{DatagramProtocol, Probe, Visit, dns, text};
use crate::notes::Who;
use std::net::{IpAddr, Ipv4Addr};
use tallyward_core::{Field, Mac, SourceKind};
use tallyward_identity::junk::is_junk_mac;

/// NetBIOS name service.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol { name: "nbns", ports: &[137], probe, read };

const NB: u16 = 0x20;
const NODE_STATUS: u16 = 0x21;
const GROUP: u16 = 0x8000;
/// Names read of one node status.
const MOST_NAMES: usize = 64;

fn probe(data: &[u8]) -> Probe {
    // The first name, of a question or a record, is one label of 32 letters between A and P.
    let name = data.get(12..46);
    let is =
        name.is_some_and(|name| name[0] == 32 && name[1..33].iter().all(|byte| matches!(byte, b'A'..=b'P')));
    if is { Probe::Maybe } else { Probe::No }
}

fn read(data: &[u8], visit: &mut Visit<'_>) {
    let Some(message) = Message::parse(data) else { return };
    visit.shared.opener = Some(if message.is_answer() { visit.receiver } else { visit.sender });
    // Questions and their answers, registration, refresh, multi-homed registration; not releases.
    if message.is_answer() && message.failed() || !matches!(message.operation(), 0 | 5 | 8 | 9 | 15) {
        return;
    }
    for record in message.records() {
        match record.kind {
            NB => {
                let Some(name) = dns::labels(data, record.at).and_then(|labels| decoded(labels.first()?))
                else {
                    continue;
                };
                for entry in record.data.chunks_exact(6).take(MOST_NAMES) {
                    let address = IpAddr::V4(Ipv4Addr::new(entry[2], entry[3], entry[4], entry[5]));
                    let group = u16::from_be_bytes([entry[0], entry[1]]) & GROUP != 0;
                    let Some((who, own)) = visit.holder_of(address) else { continue };
                    let kind = if own { SourceKind::WireNetwork } else { SourceKind::Guess };
                    tell(&name, group, who, kind, visit);
                }
            }
            NODE_STATUS if message.is_answer() => node_status(record.data, visit),
            _ => {}
        }
    }
}

/// Names of 18 bytes each, then the card (RFC 1002 section 4.2.18).
fn node_status(data: &[u8], visit: &mut Visit<'_>) {
    let [count, rest @ ..] = data else { return };
    let names = usize::from(*count) * 18;
    for entry in rest.get(..names).unwrap_or(rest).chunks_exact(18).take(MOST_NAMES) {
        let Some(name) = entry.first_chunk::<16>() else { continue };
        let group = u16::from_be_bytes([entry[16], entry[17]]) & GROUP != 0;
        tell(name, group, visit.sender, SourceKind::WireNetwork, visit);
    }
    if let Some(card) = rest.get(names..).and_then(|rest| rest.first_chunk::<6>()) {
        let mac = Mac(*card);
        if !is_junk_mac(mac) {
            visit.say(Field::MacAddress, &mac.to_string(), SourceKind::WireNetwork, "NBNS node status");
        }
    }
}

fn tell(name: &[u8; 16], group: bool, who: Who, kind: SourceKind, visit: &mut Visit<'_>) {
    let (field, basis) = match (name[15], group) {
        (0x00, false) => (Field::HostName, "NBNS workstation"),
        (0x20, false) => (Field::HostName, "NBNS server"),
        (0x00, true) => (Field::NetworkDomain, "NBNS group"),
        (0x1c, true) => (Field::NetworkDomain, "NBNS domain"),
        _ => return,
    };
    if let Some(value) = printable(name) {
        visit.say_of(who, field, &value, kind, basis);
    }
}

/// A NetBIOS name without its ending, if it can be one: service names such as `__MSBROWSE__` hold control characters.
pub(super) fn printable(name: &[u8; 16]) -> Option<String> {
    let bare = name[..15].split(|byte| *byte == 0).next().unwrap_or_default();
    let bare = bare.strip_suffix(b" ").map_or(bare, |_| bare.trim_ascii_end());
    let fits = !bare.is_empty() && bare.iter().all(|byte| *byte >= b' ' && *byte != 0x7f && *byte != b'*');
    if fits { text(bare) } else { None }
}

/// First-level encoding (RFC 1001 section 14.1): each half of a byte as a letter from A to P.
pub(super) fn decoded(label: &[u8]) -> Option<[u8; 16]> {
    let label: &[u8; 32] = label.try_into().ok()?;
    let mut out = [0; 16];
    for (byte, pair) in out.iter_mut().zip(label.chunks_exact(2)) {
        let half = |letter: u8| letter.checked_sub(b'A').filter(|half| *half < 16);
        *byte = half(pair[0])? << 4 | half(pair[1])?;
    }
    Some(out)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::dns::tests::{message, record};
    use super::super::trial::{self, SENDER, says};
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn padded(name: &str, ending: u8) -> [u8; 16] {
        let mut out = [b' '; 16];
        out[..name.len()].copy_from_slice(name.as_bytes());
        out[15] = ending;
        out
    }

    pub(crate) fn encoded(name: &str, ending: u8) -> Vec<u8> {
        let halves =
            padded(name, ending).into_iter().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]);
        std::iter::once(32).chain(halves).chain([0]).collect()
    }

    fn read(bytes: &[u8]) -> Vec<trial::Said> {
        trial::datagram(&DATAGRAM, bytes, (137, 137)).expect("NBNS")
    }

    fn registration(name: &str, ending: u8, flags: u16, address: [u8; 4]) -> Vec<u8> {
        let question = [encoded(name, ending), vec![0, 0x20, 0, 1]].concat();
        let data = [flags.to_be_bytes().to_vec(), address.to_vec()].concat();
        message(0x2910, [1, 0, 0, 1], &[question, record(&[0xc0, 12], NB, &data)])
    }

    #[test]
    fn a_registration_names_host_and_domain() {
        let own = [10, 0, 0, 1];
        assert_eq!(
            read(&registration("MONITOR-4", 0, 0x6000, own)),
            [says(Field::HostName, "MONITOR-4", "NBNS workstation")]
        );
        assert_eq!(
            read(&registration("HOSPITAL", 0, 0xe000, own)),
            [says(Field::NetworkDomain, "HOSPITAL", "NBNS group")]
        );
        assert_eq!(read(&registration("DRHOUSE", 3, 0x6000, own)), []);
        assert_eq!(read(&registration("\u{1}\u{2}__MSBROWSE__\u{2}", 1, 0xe000, own)), []);
        let other = read(&registration("MONITOR-5", 0x20, 0x6000, [10, 0, 0, 9]));
        assert_eq!(other[0].0, "at|S|10.0.0.9");
    }

    fn status() -> Vec<u8> {
        let mut data = vec![3];
        for (name, ending, flags) in
            [("MONITOR-4", 0, 0x0400u16), ("DRHOUSE", 3, 0x0400), ("WARD", 0, 0x8400)]
        {
            data.extend(padded(name, ending));
            data.extend(flags.to_be_bytes());
        }
        data.extend([0, 9, 0xfb, 1, 2, 3]);
        data.extend([0; 40]);
        message(0x8400, [0, 1, 0, 0], &[record(&encoded("*", 0), NODE_STATUS, &data)])
    }

    #[test]
    fn a_node_status_gives_names_and_card_but_no_user() {
        let want = [
            says(Field::MacAddress, "00:09:fb:01:02:03", "NBNS node status"),
            says(Field::HostName, "MONITOR-4", "NBNS workstation"),
            says(Field::NetworkDomain, "WARD", "NBNS group"),
        ];
        assert_eq!(read(&status()), want);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut bytes = status();
            let index = at.index(bytes.len());
            bytes[index] = byte;
            bytes.truncate(cut.index(bytes.len() + 1));
            for bytes in [bytes, noise] {
                let said = trial::visit((137, 137), |visit| super::read(&bytes, visit));
                prop_assert!(said.iter().all(|one| one.0.starts_with("at|") && one.2.len() < 50), "{} {:?}", SENDER, said);
                let _ = probe(&bytes);
            }
        }
    }
}

//! DNS (RFC 1035, 2136, 3596) over UDP and TCP, and what all of its family share: names and records.
//!
//! Copied: the names and addresses of A, AAAA and PTR records in answers and updates, for private addresses only. A server's answer
//! is about whoever has the address, so it is a guess; only an update that a host sends for its own address is its own
//! word. Questions, all other records and all other names are passed over: what somebody looked up is nobody's business.

use super::{DatagramProtocol, Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use tallyward_core::{Field, SourceKind};

pub(super) const A: u16 = 1;
pub(super) const PTR: u16 = 12;
pub(super) const HINFO: u16 = 13;
pub(super) const TXT: u16 = 16;
pub(super) const AAAA: u16 = 28;
pub(super) const SRV: u16 = 33;

/// RFC 1035 section 2.3.4.
const LONGEST_NAME: usize = 255;
/// Records read of one message.
const MOST_RECORDS: usize = 256;
const UPDATE: u16 = 5;

/// DNS over UDP.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol { name: "dns", ports: &[53], probe, read };

/// DNS over TCP.
pub(crate) const STREAM: StreamProtocol = StreamProtocol {
    name: "dns",
    ports: &[53],
    midstream: false,
    probe: probe_stream,
    begin: begin::<Framed>,
};

/// Nothing in the head is constant: likely on its own port, never elsewhere.
pub(super) fn probe(data: &[u8]) -> Probe {
    match Message::parse(data) {
        Some(message) if message.is_likely() => Probe::Maybe,
        _ => Probe::No,
    }
}

fn probe_stream(bytes: &[u8]) -> Probe {
    match bytes.split_at_checked(2) {
        Some((_, rest)) if rest.len() >= HEAD => probe(rest),
        _ => Probe::More,
    }
}

#[derive(Debug, Default)]
struct Framed;

impl Messages for Framed {
    const HEAD: usize = 4096;
    const MOST: u32 = 64;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes {
            [high, low, ..] => match u16::from_be_bytes([*high, *low]) {
                0..12 => Framing::Broken,
                length => Framing::Length(u64::from(length) + 2),
            },
            _ => Framing::Need(2),
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        let likely = head.get(2..).filter(|data| probe(data) == Probe::Maybe);
        likely.is_some_and(|data| {
            read(data, visit);
            true
        })
    }
}

fn read(data: &[u8], visit: &mut Visit<'_>) {
    let Some(message) = Message::parse(data) else { return };
    visit.shared.opener = Some(if message.is_answer() { visit.receiver } else { visit.sender });
    if message.failed() || !message.is_answer() && message.operation() != UPDATE {
        return;
    }
    for record in message.records() {
        let named = match record.kind {
            A | AAAA => record.address().map(|address| (address, record.at)),
            PTR => labels(data, record.at).and_then(|labels| reverse(&labels)).map(|at| (at, record.data_at)),
            _ => None,
        };
        let Some((address, at)) = named.filter(|(address, _)| is_private(*address)) else { continue };
        let Some(name) = name(data, at).filter(|name| is_host_name(name)) else { continue };
        let Some((who, own)) = visit.holder_of(address) else { continue };
        let kind = if own { SourceKind::WireNetwork } else { SourceKind::Guess };
        let basis = match record.kind {
            A => "DNS A",
            AAAA => "DNS AAAA",
            _ => "DNS PTR",
        };
        // Resolvers play with the case of names to tell answers from forgeries.
        visit.say_of(who, Field::HostName, &name.to_lowercase(), kind, basis);
    }
}

/// Addresses inside a house: RFC 1918, 3927, 6598, 4193 and link-local ones.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || matches!(v4.octets(), [100, 64..=127, ..]),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Whether a name may name one host rather than a service or a wildcard.
pub(super) fn is_host_name(name: &str) -> bool {
    !name.starts_with(['_', '*'])
        && name != "localhost"
        && name.bytes().all(|byte| byte.is_ascii_graphic() || byte >= 0x80)
}

/// The address that a name under in-addr.arpa or ip6.arpa stands for.
fn reverse(labels: &[&[u8]]) -> Option<IpAddr> {
    let (numbers, arpa) = labels.split_at_checked(labels.len().checked_sub(2)?)?;
    if !arpa[1].eq_ignore_ascii_case(b"arpa") {
        return None;
    }
    let text = |label: &&[u8]| std::str::from_utf8(label).ok().map(str::to_owned);
    if arpa[0].eq_ignore_ascii_case(b"in-addr") && numbers.len() == 4 {
        let parse = |label| text(label)?.parse().ok();
        let octets: Vec<u8> = numbers.iter().rev().map_while(parse).collect();
        return Some(IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?)));
    }
    if arpa[0].eq_ignore_ascii_case(b"ip6") && numbers.len() == 32 {
        let digits = numbers.iter().rev().map_while(text).collect::<String>();
        let whole = (digits.len() == 32).then(|| u128::from_str_radix(&digits, 16).ok())??;
        return Some(IpAddr::V6(Ipv6Addr::from(whole)));
    }
    None
}

/// Length of a message's head.
const HEAD: usize = 12;

/// A message of the family, its records not yet read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    pub bytes: &'a [u8],
    flags: u16,
    counts: [u16; 4],
}

impl<'a> Message<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let head = bytes.first_chunk::<HEAD>()?;
        let word = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
        Some(Self { bytes, flags: word(2), counts: [word(4), word(6), word(8), word(10)] })
    }

    pub(super) const fn is_answer(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// The operation code: 0 is a question.
    pub(super) const fn operation(&self) -> u16 {
        self.flags >> 11 & 15
    }

    /// Whether the answer is an error.
    pub(super) const fn failed(&self) -> bool {
        self.flags & 15 != 0
    }

    /// Whether codes and counts are such as are sent: an operation that exists, at least one and not too many entries.
    fn is_likely(&self) -> bool {
        let [questions, answers, ..] = self.counts;
        matches!(self.operation(), 0 | 4 | 5)
            && questions <= 4
            && (questions > 0 || answers > 0)
            && (self.is_answer() || answers == 0 || self.operation() == UPDATE)
            && self.counts.iter().all(|count| *count <= 2048)
    }

    /// All records behind the questions, as far as they can be read.
    pub(super) fn records(&self) -> impl Iterator<Item = Record<'a>> + use<'a> {
        let bytes = self.bytes;
        let mut at =
            (0..self.counts[0].min(64)).try_fold(HEAD, |at, _| after_name(bytes, at).map(|at| at + 4));
        let count = self.counts[1..].iter().map(|count| usize::from(*count)).sum::<usize>();
        std::iter::from_fn(move || {
            let record = Record::parse(bytes, at?);
            at = record.map(|record| record.data_at + record.data.len());
            record
        })
        .take(count.min(MOST_RECORDS))
    }
}

/// A resource record where it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// Where the owner's name begins.
    pub at: usize,
    pub kind: u16,
    /// Where its data begin.
    pub data_at: usize,
    pub data: &'a [u8],
}

impl<'a> Record<'a> {
    fn parse(bytes: &'a [u8], at: usize) -> Option<Self> {
        let behind = after_name(bytes, at)?;
        let fixed = bytes.get(behind..)?.first_chunk::<10>()?;
        let data_at = behind + 10;
        let length = usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
        let data = bytes.get(data_at..data_at + length)?;
        Some(Self { at, kind: u16::from_be_bytes([fixed[0], fixed[1]]), data_at, data })
    }

    /// The address of an A or AAAA record.
    pub(super) fn address(&self) -> Option<IpAddr> {
        match self.kind {
            A => Some(IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(self.data).ok()?))),
            AAAA => Some(IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(self.data).ok()?))),
            _ => None,
        }
    }
}

/// Where a name ends in place, without following where it points.
pub(super) fn after_name(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            0 => return Some(at + 1),
            length @ 1..=63 => at += 1 + usize::from(length),
            0xc0.. => return Some(at + 2),
            _ => return None,
        }
    }
}

/// The labels of a name. Pointers must lead backwards each time, so no name goes round in circles.
pub(super) fn labels(bytes: &[u8], mut at: usize) -> Option<Vec<&[u8]>> {
    let mut out = Vec::new();
    let (mut length, mut before) = (0, at);
    loop {
        match *bytes.get(at)? {
            0 => return Some(out),
            size @ 1..=63 => {
                let label = bytes.get(at + 1..at + 1 + usize::from(size))?;
                length += label.len() + 1;
                if length >= LONGEST_NAME {
                    return None;
                }
                out.push(label);
                at += 1 + label.len();
            }
            high @ 0xc0.. => {
                let to = usize::from(high & 0x3f) << 8 | usize::from(*bytes.get(at + 1)?);
                if to >= before {
                    return None;
                }
                (at, before) = (to, to);
            }
            _ => return None,
        }
    }
}

/// A name with dots, without the last one.
pub(super) fn name(bytes: &[u8], at: usize) -> Option<String> {
    let labels = labels(bytes, at)?.into_iter().map(text).collect::<Option<Vec<_>>>()?;
    (!labels.is_empty()).then(|| labels.join("."))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::trial::{self, RECEIVER, SENDER, says};
    use super::*;
    use proptest::prelude::*;

    /// A message with records (section-agnostic), none of its names compressed.
    pub(crate) fn message(flags: u16, counts: [u16; 4], entries: &[Vec<u8>]) -> Vec<u8> {
        let mut out = vec![0x12, 0x34];
        out.extend(flags.to_be_bytes());
        out.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
        out.extend(entries.concat());
        out
    }

    pub(crate) fn encoded(name: &str) -> Vec<u8> {
        let mut out: Vec<u8> = name
            .split('.')
            .flat_map(|label| std::iter::once(label.len() as u8).chain(label.bytes()).collect::<Vec<_>>())
            .collect();
        out.push(0);
        out
    }

    pub(crate) fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
        let mut out = name.to_vec();
        out.extend(kind.to_be_bytes());
        out.extend([0, 1, 0, 0, 0, 60]);
        out.extend((data.len() as u16).to_be_bytes());
        out.extend(data);
        out
    }

    fn question(name: &str) -> Vec<u8> {
        [encoded(name), vec![0, 1, 0, 1]].concat()
    }

    fn read(bytes: &[u8]) -> Vec<trial::Said> {
        trial::datagram(&DATAGRAM, bytes, (53, 40_000)).expect("DNS")
    }

    #[test]
    fn an_answer_names_whoever_has_the_address() {
        let bytes = message(
            0x8180,
            [1, 4, 0, 0],
            &[
                question("Mri-1.Hospital.example"),
                record(&[0xc0, 12], A, &[10, 0, 0, 2]),
                record(&encoded("public.example"), A, &[93, 184, 216, 34]),
                record(&encoded("9.0.0.10.in-addr.arpa"), PTR, &encoded("ct.hospital.example")),
                record(&encoded("_dicom._tcp.example"), A, &[10, 0, 0, 3]),
            ],
        );
        let said = read(&bytes);
        let host = |subject: &str, value: &str, basis: &str| {
            (subject.to_owned(), Field::HostName, value.to_owned(), basis.to_owned())
        };
        let want = [
            host(RECEIVER, "mri-1.hospital.example", "DNS A"),
            host("at|S|10.0.0.9", "ct.hospital.example", "DNS PTR"),
        ];
        assert_eq!(said, want);
    }

    #[test]
    fn questions_and_failures_say_nothing() {
        let asked = message(0x0100, [1, 0, 0, 0], &[question("secret.example")]);
        assert_eq!(read(&asked), []);
        let failed =
            message(0x8183, [1, 1, 0, 0], &[question("a.b"), record(&encoded("a.b"), A, &[10, 0, 0, 2])]);
        assert_eq!(read(&failed), []);
    }

    #[test]
    fn an_update_for_its_own_address_is_the_hosts_own_word() {
        let zone = [encoded("hospital.example"), vec![0, 6, 0, 1]].concat();
        let own = record(&encoded("pump7.hospital.example"), A, &[10, 0, 0, 1]);
        let said = read(&message(0x2800, [1, 0, 1, 0], &[zone, own]));
        assert_eq!(said, [says(Field::HostName, "pump7.hospital.example", "DNS A")]);
    }

    #[test]
    fn names_do_not_go_round_in_circles() {
        assert_eq!(labels(&[0xc0, 0], 0), None);
        assert_eq!(labels(&[1, b'a', 0xc0, 0], 0), None);
        assert_eq!(labels(&[1, b'a', 0xc0, 5, 0, 1, b'b', 0xc0, 0], 5), None);
        assert_eq!(labels(&[1, b'a', 0, 1, b'b', 0xc0, 0], 3), Some(vec![&b"b"[..], b"a"]));
        let long = [vec![63; 64 * 4], vec![0]].concat();
        assert_eq!(labels(&long, 0), None);
        assert_eq!(labels(&[0x40, 0], 0), None);
    }

    #[test]
    fn reverse_names_are_addresses() {
        let of = |name: &str| {
            let bytes = encoded(name);
            reverse(&labels(&bytes, 0).unwrap())
        };
        assert_eq!(of("4.3.2.1.IN-ADDR.arpa"), Some([1, 2, 3, 4].into()));
        assert_eq!(of("4.3.2.1.5.in-addr.arpa"), None);
        assert_eq!(of("300.3.2.1.in-addr.arpa"), None);
        let six = format!("{}{}.ip6.arpa", "1.".repeat(30), "0.f");
        assert_eq!(of(&six), Some("f011:1111:1111:1111:1111:1111:1111:1111".parse().unwrap()));
    }

    #[test]
    fn messages_over_tcp_are_read_in_pieces() {
        let one = message(0x8180, [0, 1, 0, 0], &[record(&encoded("ct.example"), A, &[10, 0, 0, 2])]);
        let framed = [(one.len() as u16).to_be_bytes().to_vec(), one].concat().repeat(2);
        for piece in [1, 7, 4096] {
            let said = trial::stream(&STREAM, &framed, piece, (53, 40_000));
            let want = (RECEIVER.to_owned(), Field::HostName, "ct.example".to_owned(), "DNS A".to_owned());
            assert_eq!(said, [want]);
        }
        assert!(said_by_noise(&framed).is_empty());
    }

    fn said_by_noise(bytes: &[u8]) -> Vec<trial::Said> {
        trial::datagram(&DATAGRAM, bytes, (40_000, 40_001)).unwrap_or_default()
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut bytes = message(0x8180, [1, 2, 0, 0], &[
                question("ct.example"),
                record(&[0xc0, 12], A, &[10, 0, 0, 2]),
                record(&encoded("9.0.0.10.in-addr.arpa"), PTR, &[0xc0, 12]),
            ]);
            let index = at.index(bytes.len());
            bytes[index] = byte;
            bytes.truncate(cut.index(bytes.len() + 1));
            for bytes in [bytes, noise] {
                let said = trial::visit((53, 1), |visit| super::read(&bytes, visit));
                prop_assert!(said.iter().all(|one| one.2.len() <= 600 && one.0 != SENDER || one.1 == Field::HostName));
                let _ = probe(&bytes);
            }
        }
    }
}

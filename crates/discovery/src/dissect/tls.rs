//! TLS (RFC 8446, 5246), on any port and inside protocols that turn to it, up to where encryption begins.
//!
//! Copied: of a client's hello its fingerprint (JA4) and the server name it asks for; of a server's the version it settles on; of the first certificate that either side shows in
//! the clear (TLS 1.2 and older) what `certificate.rs` lists. Everything else is passed over: all other certificates, keys, and what is
//! encrypted. Of hosts with a public address nothing is noted: those are the servers and clients of the internet.

use super::ja4::{self, Offer};
use super::{Probe, Stream, StreamProtocol, Visit, certificate, text};
use crate::hosts;
use crate::notes::Who;
use std::net::IpAddr;
use tallyward_core::{Field, SourceKind};

/// TLS on ports of nobody known here.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "tls", ports: &[], midstream: false, probe, begin };
/// DICOM over TLS, known by its registered port: what is inside cannot be seen.
pub(crate) const DICOM: StreamProtocol =
    StreamProtocol { name: "dicom-tls", ports: &[2762], midstream: false, probe: probe_port, begin };
/// HL7 over TLS, known by the port registered for HL7.
pub(crate) const HL7: StreamProtocol =
    StreamProtocol { name: "hl7-tls", ports: &[2575], midstream: false, probe: probe_port, begin };

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// The longest hello, and the longest first certificate, that is read: the most that is ever held.
const LONGEST: usize = 16 * 1024;
/// A record's content at most (RFC 5246 section 6.2.3).
const LONGEST_RECORD: u16 = 16 * 1024 + 2048;
/// Messages read of one side.
const MOST: u8 = 16;

/// A handshake record whose first message is a hello of either side, of SSL 3.0 or later.
fn probe(bytes: &[u8]) -> Probe {
    let fits = |at: usize, is: fn(u8) -> bool| bytes.get(at).is_none_or(|byte| is(*byte));
    let begins =
        fits(0, |kind| kind == HANDSHAKE) && fits(1, |major| major == 3) && fits(2, |minor| minor <= 4);
    if !(begins && fits(5, |kind| matches!(kind, CLIENT_HELLO | SERVER_HELLO)) && fits(6, |high| high == 0)) {
        Probe::No
    } else if bytes.len() < 7 {
        Probe::More
    } else {
        Probe::Yes
    }
}

fn probe_port(bytes: &[u8]) -> Probe {
    match probe(bytes) {
        Probe::Yes => Probe::Maybe,
        other => other,
    }
}

fn begin() -> Box<dyn Stream> {
    Box::new(Records::default())
}

/// One side's records.
#[derive(Debug, Default)]
pub(crate) struct Records {
    head: [u8; 5],
    head_length: u8,
    /// Content of the present record still to come.
    record: u16,
    /// The beginning of a message whose rest has not come yet.
    held: Vec<u8>,
    /// Bytes of the present message that are passed over.
    pass: u32,
    messages: u8,
    /// Whether this side sent a client's hello.
    client: bool,
    done: bool,
}

impl Records {
    /// The head of a record is whole: its kind and length.
    fn open(&mut self) {
        self.head_length = 0;
        let [kind, major, _, high, low] = self.head;
        self.record = u16::from_be_bytes([high, low]);
        let readable = matches!(kind, HANDSHAKE | ALERT) && major == 3 && self.record <= LONGEST_RECORD;
        // A change of the cipher, application data or nothing known: from here on nothing is in the clear.
        self.done |= !readable;
    }

    fn handshake(&mut self, mut bytes: &[u8], visit: &mut Visit<'_>) {
        while !bytes.is_empty() && !self.done {
            if self.pass > 0 {
                let passed = bytes.len().min(self.pass as usize);
                self.pass -= passed as u32;
                bytes = &bytes[passed..];
            } else if self.held.is_empty() && bytes.len() >= wanted(bytes) {
                let (message, rest) = bytes.split_at(wanted(bytes));
                self.message(message, visit);
                bytes = rest;
            } else {
                let taken = bytes.len().min(wanted(&self.held).saturating_sub(self.held.len()));
                self.held.extend_from_slice(&bytes[..taken]);
                bytes = &bytes[taken..];
                if self.held.len() >= wanted(&self.held) {
                    let message = std::mem::take(&mut self.held);
                    self.message(&message, visit);
                }
            }
        }
    }

    /// Reads a message of which so much is here as is wanted.
    fn message(&mut self, message: &[u8], visit: &mut Visit<'_>) {
        let &[kind, a, b, c, ref body @ ..] = message else { return };
        self.pass = u32::from_be_bytes([0, a, b, c]).saturating_sub(body.len() as u32);
        self.messages += 1;
        self.done |= self.messages >= MOST || kind > 24;
        match kind {
            CLIENT_HELLO if !body.is_empty() => {
                self.client = true;
                tell_hello(body, visit);
            }
            SERVER_HELLO if is_near(visit.sender) => {
                if let Some(version) = chosen(body).and_then(version_name) {
                    visit.say(Field::AnnouncedService, version, SourceKind::WireNetwork, "TLS server hello");
                }
            }
            CERTIFICATE if is_near(visit.sender) => {
                if let Some(first) = body.get(6..) {
                    certificate::tell(first, self.client, visit);
                }
            }
            _ => {}
        }
    }

    /// Bytes of the present record that need not be seen.
    fn passable(&self) -> u16 {
        let whole = self.head[0] != HANDSHAKE;
        if whole { self.record } else { self.record.min(u16::try_from(self.pass).unwrap_or(u16::MAX)) }
    }
}

/// How much of the message that begins here is wanted: at first its head, then what is read of its kind.
fn wanted(message: &[u8]) -> usize {
    let &[kind, a, b, c, ref body @ ..] = message else { return 4 };
    let whole = u32::from_be_bytes([0, a, b, c]) as usize;
    let wanted = match (kind, body) {
        (CLIENT_HELLO | SERVER_HELLO, _) => whole,
        // The list's length, then the length of its first certificate.
        (CERTIFICATE, [_, _, _, high, middle, low, ..]) => {
            whole.min(6 + u32::from_be_bytes([0, *high, *middle, *low]) as usize)
        }
        (CERTIFICATE, _) => whole.min(6),
        _ => 0,
    };
    4 + if wanted <= LONGEST { wanted } else { 0 }
}

impl Stream for Records {
    fn read(&mut self, mut bytes: &[u8], visit: &mut Visit<'_>) {
        while !bytes.is_empty() && !self.done {
            if self.record == 0 {
                self.head[usize::from(self.head_length)] = bytes[0];
                self.head_length += 1;
                bytes = &bytes[1..];
                if usize::from(self.head_length) == self.head.len() {
                    self.open();
                }
                continue;
            }
            let (now, later) = bytes.split_at(bytes.len().min(usize::from(self.record)));
            self.record -= now.len() as u16;
            if self.head[0] == HANDSHAKE {
                self.handshake(now, visit);
            }
            bytes = later;
        }
        if self.done {
            self.held = Vec::new();
        }
    }

    fn indifferent_to(&self) -> u64 {
        if self.done { u64::MAX } else { self.passable().into() }
    }

    fn skip(&mut self, count: u32) -> bool {
        match u16::try_from(count) {
            _ if self.done => false,
            Ok(count) if count <= self.passable() => {
                self.record -= count;
                self.pass = self.pass.saturating_sub(count.into());
                false
            }
            _ => {
                self.done = true;
                self.held = Vec::new();
                true
            }
        }
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

/// TLS to which a protocol turns in mid-stream.
#[derive(Debug, Default)]
pub(crate) struct Inside {
    records: Records,
    begun: bool,
}

impl Inside {
    /// Whether the bytes that come next are TLS: once begun, all are.
    pub(crate) const fn takes(&self, bytes: &[u8]) -> bool {
        self.begun || matches!(bytes, [HANDSHAKE, 3, ..])
    }

    /// Reads them. Whether there is more to learn.
    pub(crate) fn read(&mut self, bytes: &[u8], visit: &mut Visit<'_>) -> bool {
        self.begun = true;
        self.records.read(bytes, visit);
        !self.records.is_done()
    }
}

/// Whether somebody may be of this house.
fn is_near(who: Who) -> bool {
    match who {
        // Of IPv6, global unicast addresses (RFC 4291 section 2.4).
        Who::At { address: IpAddr::V6(address), .. } => address.segments()[0] >> 13 != 1,
        Who::At { address, .. } => !hosts::is_public(address),
        Who::Card(_) => true,
    }
}

fn tell_hello(body: &[u8], visit: &mut Visit<'_>) {
    let Some((offer, name)) = hello(body) else { return };
    if is_near(visit.sender) {
        let fingerprint = ja4::fingerprint(&offer);
        visit.say(Field::TlsFingerprint, &fingerprint, SourceKind::WireNetwork, "TLS client hello");
    }
    if let Some(name) = name.filter(|_| is_near(visit.receiver)).and_then(host_name) {
        visit.say_of_receiver(Field::HostName, &name, SourceKind::Guess, "TLS SNI");
    }
}

/// A name as hosts have them: letters, digits, and hyphens, dots and low lines; not an address.
pub(crate) fn host_name(name: &[u8]) -> Option<String> {
    let usual = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let lettered = name.iter().any(u8::is_ascii_alphabetic);
    (name.len() <= 253 && lettered && name.iter().all(usual)).then(|| text(name)).flatten()
}

/// Takes a client's hello apart (RFC 8446 section 4.1.2).
fn hello(body: &[u8]) -> Option<(Offer<'_>, Option<&[u8]>)> {
    let mut rest = body;
    let mut offer = Offer { version: number(&mut rest)?, ..Offer::default() };
    rest = rest.get(32..)?;
    vector(&mut rest, 1)?;
    offer.ciphers = numbers(vector(&mut rest, 2)?);
    vector(&mut rest, 1)?;
    let mut name = None;
    // Hellos of SSL 3.0 end here.
    let mut extensions = vector(&mut rest, 2).unwrap_or_default();
    while let Some(kind) = number(&mut extensions) {
        let mut value = vector(&mut extensions, 2)?;
        offer.extensions.push(kind);
        match kind {
            0 => name = server_name(value),
            13 => offer.signatures = numbers(vector(&mut value, 2).unwrap_or_default()),
            16 => offer.protocol = vector(&mut value, 2).and_then(|mut list| vector(&mut list, 1)),
            43 => offer.versions = numbers(vector(&mut value, 1).unwrap_or_default()),
            _ => {}
        }
    }
    Some((offer, name))
}

/// The version that a server's hello settles on: in an extension from TLS 1.3 on, else in the hello itself.
fn chosen(body: &[u8]) -> Option<u16> {
    let mut rest = body;
    let version = number(&mut rest)?;
    rest = rest.get(32..)?;
    vector(&mut rest, 1)?;
    rest = rest.get(3..)?;
    let mut extensions = vector(&mut rest, 2).unwrap_or_default();
    while let Some(kind) = number(&mut extensions) {
        let mut value = vector(&mut extensions, 2)?;
        if kind == 43 {
            return number(&mut value);
        }
    }
    Some(version)
}

const fn version_name(version: u16) -> Option<&'static str> {
    match version {
        0x0300 => Some("SSL 3.0"),
        0x0301 => Some("TLS 1.0"),
        0x0302 => Some("TLS 1.1"),
        0x0303 => Some("TLS 1.2"),
        0x0304 => Some("TLS 1.3"),
        _ => None,
    }
}

/// The host name of the extension (RFC 6066 section 3).
fn server_name(mut value: &[u8]) -> Option<&[u8]> {
    let mut list = vector(&mut value, 2)?;
    while let [kind, rest @ ..] = list {
        list = rest;
        let name = vector(&mut list, 2)?;
        if *kind == 0 {
            return Some(name);
        }
    }
    None
}

fn number(rest: &mut &[u8]) -> Option<u16> {
    let (number, later) = rest.split_first_chunk::<2>()?;
    *rest = later;
    Some(u16::from_be_bytes(*number))
}

/// Bytes with their count in front, in one byte or two.
fn vector<'a>(rest: &mut &'a [u8], width: usize) -> Option<&'a [u8]> {
    let (count, later) = rest.split_at_checked(width)?;
    let count = count.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    let (bytes, later) = later.split_at_checked(count)?;
    *rest = later;
    Some(bytes)
}

fn numbers(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, RECEIVER, Said, says};
    use super::*;
    use proptest::prelude::*;

    fn counted(width: usize, body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32).to_be_bytes()[4 - width..], body].concat()
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        [vec![kind], counted(3, body)].concat()
    }

    fn record(kind: u8, body: &[u8]) -> Vec<u8> {
        [vec![kind, 3, 1], counted(2, body)].concat()
    }

    fn made_hello(name: &[u8]) -> Vec<u8> {
        let extension = |kind: u16, body: &[u8]| [kind.to_be_bytes().to_vec(), counted(2, body)].concat();
        let extensions = [
            extension(0, &counted(2, &[vec![0], counted(2, name)].concat())),
            extension(16, &counted(2, &counted(1, b"http/1.1"))),
            extension(13, &counted(2, &[4, 3])),
        ]
        .concat();
        let body = [
            vec![3, 3],
            vec![7; 32],
            counted(1, &[1; 32]),
            counted(2, &[0x1a, 0x1a, 0xc0, 0x2b]),
            counted(1, &[0]),
            counted(2, &extensions),
        ]
        .concat();
        message(CLIENT_HELLO, &body)
    }

    fn shown(extra: usize) -> Vec<u8> {
        let first = certificate::tests::made(&[(&[0x55, 4, 3], 12, b"CT-1")], (0x17, b"301231235959Z"));
        let list = [counted(3, &first), counted(3, &vec![0x30; extra])].concat();
        message(CERTIFICATE, &counted(3, &list))
    }

    fn told(bytes: &[u8], piece: usize) -> Vec<Said> {
        trial::stream(&STREAM, bytes, piece, (40_000, 443))
    }

    #[test]
    fn a_hello_gives_fingerprint_and_name_however_it_is_cut() {
        let hello = made_hello(b"archive.local");
        // SHA-256 of "c02b" and of "000d_0403", by sha256sum.
        let fingerprint = "t12d0103h1_648b5c445417_79c50902419d";
        let mut want = vec![
            says(Field::TlsFingerprint, fingerprint, "TLS client hello"),
            (RECEIVER.to_owned(), Field::HostName, "archive.local".to_owned(), "TLS SNI".to_owned()),
        ];
        want.sort();
        let whole = record(HANDSHAKE, &hello);
        let parted = [record(HANDSHAKE, &hello[..50]), record(HANDSHAKE, &hello[50..])].concat();
        for bytes in [whole, parted] {
            for piece in [1, 7, 1460] {
                assert_eq!(told(&bytes, piece), want);
            }
        }
    }

    #[test]
    fn names_that_are_none_are_not_told() {
        for name in [&b"10.0.0.7"[..], b"a b", b"", b"x\n", &[b'a'; 254]] {
            let said = told(&record(HANDSHAKE, &made_hello(name)), 99);
            assert_eq!(said.len(), 1, "{said:?}");
        }
    }

    #[test]
    fn the_first_certificate_is_read_and_the_others_passed_over() {
        let hello = record(HANDSHAKE, &message(SERVER_HELLO, &[0x7f; 70]));
        let want = vec![
            says(Field::Certificate, "CN=CT-1", "TLS certificate subject"),
            says(Field::CertificateEnds, "2030-12-31", "TLS certificate validity"),
        ];
        for extra in [0, 3000, 60_000] {
            let all = shown(extra);
            let records: Vec<u8> = all.chunks(16_000).flat_map(|part| record(HANDSHAKE, part)).collect();
            for piece in [1, 1460, usize::MAX] {
                assert_eq!(told(&[&hello[..], &records].concat(), piece), want, "{extra} {piece}");
            }
        }
    }

    #[test]
    fn a_server_says_which_version_it_speaks() {
        let hello = |version: u16, extensions: &[u8]| {
            let body = [
                &version.to_be_bytes()[..],
                &[9; 32],
                &counted(1, &[]),
                &[0xc0, 0x2b, 0],
                &counted(2, extensions),
            ];
            record(HANDSHAKE, &message(SERVER_HELLO, &body.concat()))
        };
        let want = |version| [says(Field::AnnouncedService, version, "TLS server hello")];
        assert_eq!(told(&hello(0x0301, &[0, 23, 0, 0]), 9), want("TLS 1.0"));
        assert_eq!(told(&hello(0x0303, &[0, 23, 0, 0, 0, 43, 0, 2, 3, 4]), 99), want("TLS 1.3"));
        assert_eq!(told(&hello(0x7f12, &[]), 99), vec![]);
    }

    #[test]
    fn a_persons_certificate_is_told_by_a_server_only() {
        let subject: &[(&[u8], u8, &[u8])] =
            &[(&[0x55, 4, 3], 12, b"Jane Doe"), (&[0x55, 4, 42], 12, b"Jane")];
        let der = certificate::tests::made(subject, (0x17, b"301231235959Z"));
        let shown = message(CERTIFICATE, &counted(3, &counted(3, &der)));
        let client = [record(HANDSHAKE, &made_hello(b"a.b")), record(HANDSHAKE, &shown)].concat();
        assert!(told(&client, 100).iter().all(|(_, field, ..)| *field != Field::Certificate));
        assert_eq!(told(&record(HANDSHAKE, &shown), 100).len(), 2);
    }

    #[test]
    fn nothing_is_read_once_encryption_begins() {
        let hello = record(HANDSHAKE, &message(SERVER_HELLO, &[0x7f; 70]));
        for kind in [20, 23] {
            let bytes = [&hello[..], &record(kind, &[1]), &record(HANDSHAKE, &shown(0))].concat();
            assert_eq!(told(&bytes, 50), vec![]);
        }
    }

    #[test]
    fn a_probe_takes_hellos_only() {
        let hello = record(HANDSHAKE, &made_hello(b"a"));
        for length in 1..7 {
            assert_eq!(probe(&hello[..length]), Probe::More, "{length}");
        }
        assert_eq!(probe(&hello[..7]), Probe::Yes);
        assert_eq!(probe_port(&hello), Probe::Maybe);
        for other in [&b"GET / HTTP"[..], &[22, 3, 1, 0, 9, 11, 0], &[3, 0, 0, 9], &[22, 3, 5, 0, 9, 1, 0]] {
            assert_eq!(probe(other), Probe::No, "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn mutated_handshakes_are_read_within_bounds(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            piece in 1usize..2000,
        ) {
            let mut bytes = [record(HANDSHAKE, &made_hello(b"a.b")), record(HANDSHAKE, &shown(2000))].concat();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            prop_assert!(told(&bytes, piece).iter().all(|(_, _, value, _)| value.len() <= LONGEST));
            let _ = certificate::read(&bytes[200..]);
        }

        #[test]
        fn noise_is_read_within_bounds(bytes in prop::collection::vec(any::<u8>(), 0..600), piece in 1usize..90) {
            told(&bytes, piece);
            told(&record(HANDSHAKE, &bytes), piece);
            told(&record(HANDSHAKE, &message(CLIENT_HELLO, &bytes)), piece);
            let _ = certificate::read(&bytes);
        }
    }
}

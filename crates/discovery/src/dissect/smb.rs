//! SMB 1 (MS-CIFS, MS-SMB) and SMB 2 and 3 (MS-SMB2) behind the NetBIOS session service (RFC 1002 section 4.3) or directly over TCP.
//!
//! Copied: the names in a NetBIOS session request; the dialect a server settles on; of session setups what `ntlmssp.rs` and `kerberos.rs` list, and in SMB 1 the operating system and
//! LAN manager that each side says to be. Passed over: account names, passwords, tickets, shares, files and all else.

use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, kerberos, ntlmssp, text, wide_text};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// SMB of all versions.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "smb", ports: &[139, 445], midstream: true, probe, begin: begin::<Smb> };

const MESSAGE: u8 = 0;
const SESSION_REQUEST: u8 = 0x81;
const SESSION_POSITIVE: u8 = 0x82;
const KEEP_ALIVE: u8 = 0x85;
/// A NetBIOS name in its first encoding, with its length and without a scope.
const NAME: usize = 34;

const HEADER_1: usize = 32;
const NEGOTIATE_1: u8 = 0x72;
const SESSION_SETUP_1: u8 = 0x73;
const HEADER_2: usize = 64;
const NEGOTIATE_2: u16 = 0;
const SESSION_SETUP_2: u16 = 1;

fn probe(bytes: &[u8]) -> Probe {
    match bytes {
        [MESSAGE, _, _, _, version, rest @ ..] if is_smb(*version, rest) => {
            if rest.len() < 3 {
                Probe::More
            } else {
                Probe::Yes
            }
        }
        [MESSAGE] | [MESSAGE, _] | [MESSAGE, _, _] | [MESSAGE, _, _, _] => Probe::More,
        [SESSION_REQUEST, 0, 0, 0x44, 0x20, ..] => Probe::Yes,
        [SESSION_POSITIVE, 0, 0, 0] => Probe::Maybe,
        _ if b"\x81\0\0\x44".starts_with(bytes) || b"\x82\0\0".starts_with(bytes) => Probe::More,
        _ => Probe::No,
    }
}

fn is_smb(version: u8, rest: &[u8]) -> bool {
    let name = &rest[..rest.len().min(3)];
    matches!(version, 0xfc..=0xff) && b"SMB".starts_with(name)
}

#[derive(Debug, Default)]
struct Smb;

impl Messages for Smb {
    const HEAD: usize = 4096;
    const MOST: u32 = 16;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes {
            [MESSAGE, high, middle, low, version, rest @ ..] if is_smb(*version, rest) => {
                Framing::Length(4 + u64::from(u32::from_be_bytes([0, *high, *middle, *low])))
            }
            [MESSAGE, _, _, _, _, ..] => Framing::Broken,
            [MESSAGE, ..] => Framing::Need(8),
            [SESSION_REQUEST..=KEEP_ALIVE, _, high, low, ..] => {
                Framing::Length(4 + u64::from(u16::from_be_bytes([*high, *low])))
            }
            [SESSION_REQUEST..=KEEP_ALIVE, ..] => Framing::Need(4),
            _ => Framing::Broken,
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        let Some((kind, rest)) = head.split_at_checked(4) else { return true };
        match (kind[0], rest.first()) {
            (SESSION_REQUEST, _) => tell_names(rest, visit),
            (MESSAGE, Some(0xff)) => {
                negotiated_1(rest, visit);
                setup_1(rest, visit);
            }
            (MESSAGE, Some(0xfe)) => {
                negotiated_2(rest, visit);
                setup_2(rest, visit);
            }
            // From here on all is encrypted.
            (MESSAGE, Some(0xfd)) => return false,
            _ => {}
        }
        true
    }
}

/// The called name, then the calling one.
fn tell_names(names: &[u8], visit: &mut Visit<'_>) {
    let basis = "NetBIOS session request";
    let name = |at: usize| names.get(at..at + NAME).and_then(netbios_name).filter(|name| !is_junk(name));
    if let Some(called) = name(0).filter(|name| !name.starts_with('*')) {
        visit.say_of_receiver(Field::HostName, &called, SourceKind::Guess, basis);
    }
    if let Some(calling) = name(NAME) {
        visit.say(Field::HostName, &calling, SourceKind::WireNetwork, basis);
    }
}

/// RFC 1001 section 14.1: each half byte a letter from A on; the last byte tells the kind of name.
fn netbios_name(encoded: &[u8]) -> Option<String> {
    let letters = encoded.get(1..33).filter(|_| encoded.first() == Some(&0x20))?;
    if !letters.iter().all(|letter| (b'A'..=b'P').contains(letter)) {
        return None;
    }
    let bytes: Vec<u8> =
        letters.chunks_exact(2).map(|pair| (pair[0] - b'A') << 4 | (pair[1] - b'A')).collect();
    text(&bytes[..15])
}

/// A server that takes one of the dialects of SMB 1: 0xFFFF would mean none.
fn negotiated_1(message: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let head = message.get(..HEADER_1 + 3)?;
    let taken = u16::from_le_bytes([head[HEADER_1 + 1], head[HEADER_1 + 2]]) != 0xffff;
    if head[4] == NEGOTIATE_1 && head[9] & 0x80 != 0 && head[HEADER_1] > 0 && taken {
        visit.say(Field::AnnouncedService, "SMB 1", SourceKind::WireNetwork, "SMB1 negotiate");
    }
    Some(())
}

/// The dialect that a server of SMB 2 or 3 settles on (MS-SMB2 section 2.2.4).
fn negotiated_2(message: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let short = |at: usize| Some(u16::from_le_bytes(*message.get(at..)?.first_chunk()?));
    if short(12)? != NEGOTIATE_2 || short(16)? & 1 == 0 {
        return None;
    }
    let dialect = match short(HEADER_2 + 4)? {
        0x0202 => "SMB 2.0.2",
        0x0210 => "SMB 2.1",
        0x0300 => "SMB 3.0",
        0x0302 => "SMB 3.0.2",
        0x0311 => "SMB 3.1.1",
        // A wildcard, settled in the next message, among others.
        _ => return None,
    };
    visit.say(Field::AnnouncedService, dialect, SourceKind::WireNetwork, "SMB2 negotiate");
    Some(())
}

/// A session setup of SMB 1. Its words differ by their number; then come strings in a fixed order.
fn setup_1(message: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let head = message.get(..HEADER_1)?;
    if head[4] != SESSION_SETUP_1 {
        return None;
    }
    let response = head[9] & 0x80 != 0;
    let wide = head[11] & 0x80 != 0;
    let words = usize::from(*message.get(HEADER_1)?);
    let word = |at: usize| {
        let bytes = message.get(HEADER_1 + 1 + at..)?.first_chunk()?;
        Some(usize::from(u16::from_le_bytes(*bytes)))
    };
    // How many bytes of a blob or of passwords lie before the strings, and how many strings before the one wanted.
    let (secret, blob, strings) = match (response, words) {
        (false, 13) => (word(14)? + word(16)?, false, 2),
        (false, 12) => (word(14)?, true, 0),
        (false, 10) => (word(14)?, false, 2),
        (true, 4) => (word(6)?, true, 0),
        (true, 3) => (0, false, 0),
        _ => return None,
    };
    let start = HEADER_1 + 1 + words * 2 + 2;
    if blob {
        tell_blob(message.get(start..)?.get(..secret).or(message.get(start..))?, visit);
    }
    let mut strings_at = Strings { message, at: start + secret, wide };
    for _ in 0..strings {
        strings_at.next()?;
    }
    let (system, manager) = (strings_at.next()?, strings_at.next());
    let manager = manager.and_then(|manager| strings_at.read(manager)).filter(|name| !is_junk(name));
    // What a client says here is often a library's or an attacker's invention, and Samba calls every system Windows.
    let samba = manager.as_ref().is_some_and(|manager| manager.starts_with("Samba"));
    let word = if response { SourceKind::WireNetwork } else { SourceKind::Guess };
    if let Some(system) = strings_at.read(system).filter(|system| !is_junk(system)) {
        let kind = if samba { SourceKind::Guess } else { word };
        visit.say(Field::OperatingSystem, &system, kind, "SMB1 native OS");
    }
    if let Some(manager) = manager {
        visit.say(Field::Banner, &manager, word, "SMB1 native LAN manager");
    }
    Some(())
}

/// Strings ended by a zero, of one byte or two a letter; the latter begin at an even place.
struct Strings<'a> {
    message: &'a [u8],
    at: usize,
    wide: bool,
}

impl<'a> Strings<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.wide && self.at % 2 == 1 {
            self.at += 1;
        }
        let rest = self.message.get(self.at..)?;
        let width = 1 + usize::from(self.wide);
        let length =
            rest.chunks_exact(width).position(|letter| letter.iter().all(|byte| *byte == 0))? * width;
        self.at += length + width;
        rest.get(..length)
    }

    fn read(&self, string: &[u8]) -> Option<String> {
        if self.wide { wide_text(string, u16::from_le_bytes) } else { text(string) }
    }
}

/// A session setup of SMB 2, which says where its blob is.
fn setup_2(message: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let short = |at: usize| Some(u16::from_le_bytes(*message.get(at..)?.first_chunk()?));
    if short(12)? != SESSION_SETUP_2 {
        return None;
    }
    let response = short(16)? & 1 != 0;
    let place = HEADER_2 + if response { 4 } else { 12 };
    let (from, length) = (usize::from(short(place)?), usize::from(short(place + 2)?));
    let rest = message.get(from..)?;
    tell_blob(rest.get(..length).unwrap_or(rest), visit);
    Some(())
}

fn tell_blob(blob: &[u8], visit: &mut Visit<'_>) {
    ntlmssp::tell(blob, visit);
    kerberos::tell_ticket(blob, visit);
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, RECEIVER, Said, says};
    use super::*;
    use proptest::prelude::*;

    fn nbss(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[kind][..], &(body.len() as u32).to_be_bytes()[1..], body].concat()
    }

    fn encoded(name: &str, kind: u8) -> Vec<u8> {
        let padded = format!("{name:<15}");
        let letters = padded.bytes().chain([kind]).flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]);
        [0x20].into_iter().chain(letters).chain([0]).collect()
    }

    fn smb_1(flags: u8, wide: bool, words: &[u8], bytes: &[u8]) -> Vec<u8> {
        let mut out =
            vec![0xff, b'S', b'M', b'B', SESSION_SETUP_1, 0, 0, 0, 0, flags, 1, if wide { 0x80 } else { 0 }];
        out.resize(HEADER_1, 0);
        out.push((words.len() / 2) as u8);
        out.extend(words);
        out.extend((bytes.len() as u16).to_le_bytes());
        out.extend(bytes);
        nbss(MESSAGE, &out)
    }

    fn smb_2(response: bool, blob: &[u8]) -> Vec<u8> {
        let mut out = vec![0xfe, b'S', b'M', b'B', 64, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, u8::from(response)];
        out.resize(HEADER_2 + 24, 0);
        let place = HEADER_2 + if response { 4 } else { 12 };
        out[place..place + 2].copy_from_slice(&(HEADER_2 as u16 + 24).to_le_bytes());
        out[place + 2..place + 4].copy_from_slice(&(blob.len() as u16).to_le_bytes());
        out.extend(blob);
        nbss(MESSAGE, &out)
    }

    fn told(bytes: &[u8], piece: usize) -> Vec<Said> {
        trial::stream(&STREAM, bytes, piece, (40_000, 445))
    }

    #[test]
    fn a_session_request_names_both_ends() {
        let bytes = nbss(SESSION_REQUEST, &[encoded("FILES", 0x20), encoded("WS-7", 0)].concat());
        assert_eq!(probe(&bytes), Probe::Yes);
        let mut want = vec![
            says(Field::HostName, "WS-7", "NetBIOS session request"),
            (RECEIVER.to_owned(), Field::HostName, "FILES".to_owned(), "NetBIOS session request".to_owned()),
        ];
        want.sort();
        assert_eq!(told(&bytes, 5), want);
        let anybody = nbss(SESSION_REQUEST, &[encoded("*SMBSERVER", 0x20), encoded("WS-7", 0)].concat());
        assert_eq!(told(&anybody, 99), want[..1]);
    }

    #[test]
    fn what_a_system_says_to_be_is_told_and_no_account() {
        let words = |secret: u8| {
            let mut words = vec![0; 26];
            words[14] = secret;
            words
        };
        let mut bytes = vec![9; 24];
        bytes.extend(b"SECRETUSER\0CLINIC\0Windows 5.1\0Windows 2000 LAN Manager\0");
        let mut want = vec![
            says(Field::OperatingSystem, "Windows 5.1", "SMB1 native OS"),
            says(Field::Banner, "Windows 2000 LAN Manager", "SMB1 native LAN manager"),
        ];
        want.sort();
        assert_eq!(told(&smb_1(0, false, &words(24), &bytes), 30), want);
        let wide: Vec<u8> =
            "Windows 5.1\0Windows 2000 LAN Manager\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(told(&smb_1(0x80, true, &[0; 6], &[&[0][..], &wide].concat()), 1000), want);
    }

    #[test]
    fn a_server_says_which_dialect_it_speaks() {
        let want = |dialect, basis| [says(Field::AnnouncedService, dialect, basis)];
        let mut old = smb_1(0x80, true, &[5, 0], &[]);
        old[4 + 4] = NEGOTIATE_1;
        assert_eq!(told(&old, 99), want("SMB 1", "SMB1 negotiate"));
        old[4 + HEADER_1 + 1..4 + HEADER_1 + 3].fill(0xff);
        assert_eq!(told(&old, 99), vec![]);
        let mut new = smb_2(true, &[]);
        new[4 + 12] = 0;
        new[4 + HEADER_2 + 4..4 + HEADER_2 + 6].copy_from_slice(&0x0311u16.to_le_bytes());
        assert_eq!(told(&new, 99), want("SMB 3.1.1", "SMB2 negotiate"));
        new[4 + 16] = 0;
        assert_eq!(told(&new, 99), vec![], "a client's request settles nothing");
    }

    #[test]
    fn a_system_that_samba_names_is_a_guess() {
        let kinds = |manager: &str| {
            let strings = format!("Windows 6.1\0{manager}\0");
            let bytes = smb_1(0x80, false, &[0; 6], strings.as_bytes());
            trial::visit((445, 1), |visit| {
                setup_1(&bytes[4..], visit);
                let at = crate::notes::At::of(visit);
                // The same statement under the other kind would make a second one.
                visit.notes.say(
                    visit.sender,
                    Field::OperatingSystem,
                    "Windows 6.1",
                    SourceKind::Guess,
                    "SMB1 native OS",
                    at,
                );
            })
            .len()
        };
        assert_eq!(kinds("Samba 4.17"), 2, "one guess and the manager");
        assert_eq!(kinds("Windows 7 6.1"), 3);
    }

    #[test]
    fn blobs_of_both_versions_are_read() {
        let want = |basis| says(Field::HostName, "WS-1", basis);
        let answer = ntlmssp::tests::answer();
        let said = told(&smb_2(false, &answer), 100);
        assert!(said.contains(&want("NTLMSSP answer")), "{said:?}");
        let mut words = vec![0; 24];
        words[14..16].copy_from_slice(&(answer.len() as u16).to_le_bytes());
        let said = told(&smb_1(0, true, &words, &answer), 100);
        assert!(said.contains(&want("NTLMSSP answer")), "{said:?}");
        assert!(said.iter().all(|(_, _, value, _)| !value.contains("SECRET")));
        let said = told(&smb_2(true, &ntlmssp::tests::challenge()), 100);
        assert!(said.contains(&says(Field::HostName, "srv.clinic.local", "NTLMSSP challenge")), "{said:?}");
        let encrypted = [nbss(MESSAGE, &[0xfd, b'S', b'M', b'B', 0]), smb_2(false, &answer)].concat();
        assert_eq!(told(&encrypted, 50), vec![]);
    }

    #[test]
    fn a_probe_needs_the_name_of_the_protocol() {
        assert_eq!(probe(&[0, 0, 0]), Probe::More);
        assert_eq!(probe(&[0, 0, 1, 0, 0xff, b'S']), Probe::More);
        assert_eq!(probe(&[0, 0, 1, 0, 0xfe, b'S', b'M', b'B', 64]), Probe::Yes);
        assert_eq!(probe(&[0, 0, 1, 0, 0xfe, b'X']), Probe::No);
        assert_eq!(probe(&[SESSION_POSITIVE, 0, 0, 0]), Probe::Maybe);
        assert_eq!(probe(&[SESSION_REQUEST, 0]), Probe::More);
        assert_eq!(probe(&[SESSION_POSITIVE]), Probe::More);
    }

    proptest! {
        #[test]
        fn damage_is_read_within_bounds(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            piece in 1usize..300,
        ) {
            let mut bytes = [
                smb_1(0, true, &[3; 26], &[7; 90]),
                smb_1(0x80, false, &[0; 8], b"Unix\0Samba\0"),
                smb_2(false, &ntlmssp::tests::answer()),
            ]
            .concat();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            told(&bytes, piece);
        }

        #[test]
        fn noise_is_read_within_bounds(noise in prop::collection::vec(any::<u8>(), 0..300), piece in 1usize..90) {
            told(&noise, piece);
            told(&nbss(MESSAGE, &[&b"\xffSMB\x73"[..], &noise].concat()), piece);
            told(&nbss(MESSAGE, &[&b"\xfeSMB"[..], &noise].concat()), piece);
        }
    }
}

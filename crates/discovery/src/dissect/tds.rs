//! TDS, the protocol of Microsoft's SQL Server (MS-TDS sections 2.2.3 and 2.2.6).
//!
//! Copied: the server's version; of a login in the clear the client's host name, and what `ntlmssp.rs` lists; of what is inside TLS, which these packets
//! carry, what `tls.rs` lists. Names and passwords of users, queries and results are passed over.

use super::tls::Inside;
use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, ntlmssp, wide_text};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// SQL Server.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "tds", ports: &[1433], midstream: false, probe, begin: begin::<Tds> };

const ANSWER: u8 = 4;
const LOGIN: u8 = 16;
const PRELOGIN: u8 = 18;
const HEAD: usize = 8;

/// A prelogin packet or its answer: whose first option is the version; or a login of version 7.
fn probe(bytes: &[u8]) -> Probe {
    match bytes {
        [PRELOGIN, 0 | 1, _, _, 0, 0, _, 0, 0, 0, offset, 0, 6, ..] if *offset >= 6 => Probe::Yes,
        [ANSWER, 1, _, _, 0, 0, _, 0, 0, 0, offset, 0, 6, ..] if *offset >= 6 => Probe::Yes,
        [LOGIN, 0 | 1, _, _, 0, 0, _, 0, ..] => Probe::Maybe,
        [PRELOGIN | ANSWER | LOGIN, 0 | 1, rest @ ..] if rest.len() < 11 => Probe::More,
        [PRELOGIN | ANSWER | LOGIN] => Probe::More,
        _ => Probe::No,
    }
}

#[derive(Debug, Default)]
struct Tds {
    tls: Inside,
}

impl Messages for Tds {
    const HEAD: usize = 4096;
    const MOST: u32 = 8;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes {
            [1..=18, _, high, low, ..] => match u16::from_be_bytes([*high, *low]) {
                0..8 => Framing::Broken,
                length => Framing::Length(length.into()),
            },
            [1..=18, ..] => Framing::Need(4),
            _ => Framing::Broken,
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        let Some((packet, body)) = head.split_at_checked(HEAD) else { return false };
        match packet[0] {
            PRELOGIN if self.tls.takes(body) => self.tls.read(body, visit),
            PRELOGIN => true,
            ANSWER => {
                tell_version(body, visit);
                true
            }
            LOGIN => {
                tell_login(body, visit);
                false
            }
            _ => false,
        }
    }
}

/// The option of the version, first of all, points to it.
fn tell_version(body: &[u8], visit: &mut Visit<'_>) {
    let &[0, high, low, 0, 6, ..] = body else { return };
    let from = usize::from(u16::from_be_bytes([high, low]));
    if let Some(&[major, minor, high, low]) = body.get(from..from + 4)
        && major > 0
    {
        let version = format!("Microsoft SQL Server {major}.{minor}.{}", u16::from_be_bytes([high, low]));
        visit.say(Field::ComponentVersion, &version, SourceKind::WireNetwork, "TDS prelogin");
    }
}

/// Places and lengths in letters stand in a table behind 36 bytes (MS-TDS section 2.2.6.4); the host's name is the first.
fn tell_login(body: &[u8], visit: &mut Visit<'_>) {
    ntlmssp::tell(body, visit);
    let short = |at: usize| Some(usize::from(u16::from_le_bytes(*body.get(at..)?.first_chunk()?)));
    if let (Some(from), Some(letters)) = (short(36), short(38))
        && let Some(name) =
            body.get(from..from + letters * 2).and_then(|name| wide_text(name, u16::from_le_bytes))
        && !is_junk(&name)
    {
        visit.say(Field::HostName, &name, SourceKind::WireNetwork, "TDS login");
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, Said, says};
    use super::*;
    use proptest::prelude::*;

    fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = (HEAD + body.len()) as u16;
        [&[kind, 1][..], &length.to_be_bytes(), &[0, 0, 1, 0], body].concat()
    }

    fn prelogin() -> Vec<u8> {
        vec![0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 255, 15, 0, 0x07, 0xd0, 0, 0, 2]
    }

    fn login(name: &str) -> Vec<u8> {
        let mut out = vec![0; 94];
        out[36..38].copy_from_slice(&94u16.to_le_bytes());
        out[38..40].copy_from_slice(&(name.len() as u16).to_le_bytes());
        out.extend(format!("{name}SECRETUSER").encode_utf16().flat_map(u16::to_le_bytes));
        out
    }

    fn told(bytes: &[u8], piece: usize) -> Vec<Said> {
        trial::stream(&STREAM, bytes, piece, (1433, 40_000))
    }

    #[test]
    fn a_server_says_its_version_and_a_client_its_name() {
        let version = says(Field::ComponentVersion, "Microsoft SQL Server 15.0.2000", "TDS prelogin");
        assert_eq!(told(&packet(ANSWER, &prelogin()), 9), [version]);
        let bytes = [packet(PRELOGIN, &prelogin()), packet(LOGIN, &login("WS-1"))].concat();
        assert_eq!(told(&bytes, 50), [says(Field::HostName, "WS-1", "TDS login")]);
    }

    #[test]
    fn a_probe_takes_beginnings_only() {
        assert_eq!(probe(&packet(ANSWER, &prelogin())), Probe::Yes);
        assert_eq!(probe(&packet(PRELOGIN, &prelogin())[..12]), Probe::More);
        assert_eq!(probe(&packet(LOGIN, &login("A"))), Probe::Maybe);
        assert_eq!(probe(&packet(1, b"SELECT 1 FROM DUAL")), Probe::No);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_read_within_bounds(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
            noise in prop::collection::vec(any::<u8>(), 0..200),
            piece in 1usize..300,
        ) {
            let mut bytes = [
                packet(PRELOGIN, &prelogin()),
                packet(ANSWER, &prelogin()),
                packet(PRELOGIN, b"\x16\x03\x01\0\x20aaaa"),
                packet(LOGIN, &login("A")),
            ]
            .concat();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            told(&bytes, piece);
            told(&noise, piece);
            told(&packet(LOGIN, &noise), piece);
            let _ = probe(&noise);
        }
    }
}

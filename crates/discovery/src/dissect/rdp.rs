//! RDP (MS-RDPBCGR section 2.2.1) over TPKT (RFC 1006) and X.224.
//!
//! Copied: of a client that connects without encryption its computer's name and build; of what is inside TLS, to which newer ones turn, what `tls.rs`
//! lists. The cookie of the first message, which holds a user's name, and all else are passed over.

use super::tls::Inside;
use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, wide_text};
use memchr::memmem;
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// RDP, on any port.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "rdp", ports: &[3389], midstream: false, probe, begin: begin::<Rdp> };

const CONNECT: u8 = 0xe0;
const CONFIRM: u8 = 0xd0;
/// Where the variable part of a connection request begins.
const VARIABLE: usize = 11;
/// Key of the client's data blocks (MS-RDPBCGR section 2.2.1.3).
const CLIENT: &[u8] = b"Duca";
const CORE: u16 = 0xc001;

/// The variable part tells it from other protocols over TPKT, such as S7: a cookie or a negotiation (MS-RDPBCGR section 2.2.1.1).
fn probe(bytes: &[u8]) -> Probe {
    if !b"\x03\0".starts_with(&bytes[..bytes.len().min(2)]) {
        return Probe::No;
    }
    let (Some(length), Some(kind)) = (bytes.get(4), bytes.get(5)) else { return Probe::More };
    match (kind, length, &bytes[VARIABLE.min(bytes.len())..]) {
        (&CONNECT | &CONFIRM, 6, _) => Probe::Maybe,
        (&CONNECT | &CONFIRM, _, []) => Probe::More,
        (&CONNECT, _, variable) if b"Cookie: ".starts_with(&variable[..variable.len().min(5)]) => Probe::Yes,
        (&CONNECT, _, [1, _, 8, 0, ..]) | (&CONFIRM, _, [2 | 3, _, 8, 0, ..]) => Probe::Yes,
        (&CONNECT, _, [1, rest @ ..]) | (&CONFIRM, _, [2 | 3, rest @ ..]) if rest.len() < 3 => Probe::More,
        _ => Probe::No,
    }
}

#[derive(Debug, Default)]
struct Rdp {
    tls: Inside,
}

impl Messages for Rdp {
    const HEAD: usize = 2048;
    const MOST: u32 = 32;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes {
            _ if self.tls.takes(bytes) => Framing::Length(bytes.len() as u64),
            [3, 0, high, low, ..] => Framing::Length(u16::from_be_bytes([*high, *low]).max(1).into()),
            [3 | 22] | [3, 0] | [3, 0, _] => Framing::Need(4),
            _ => Framing::Broken,
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        if self.tls.takes(head) {
            return self.tls.read(head, visit);
        }
        // MCS Connect-Initial; the head of X.224 is that of data.
        if matches!(head, [3, 0, _, _, 2, 0xf0, 0x80, 0x7f, 0x65, ..]) {
            tell_client(head, visit);
            return false;
        }
        true
    }
}

/// The client's core data (MS-RDPBCGR section 2.2.1.3.2) among its blocks.
fn tell_client(message: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let rest = message.get(memmem::find(message, CLIENT)? + CLIENT.len()..)?;
    // The length of the blocks, in one byte or two (X.691 section 10.9).
    let mut rest = rest.get(if rest.first()? & 0x80 != 0 { 2 } else { 1 }..)?;
    for _ in 0..16 {
        let kind = u16::from_le_bytes([*rest.first()?, *rest.get(1)?]);
        let length = usize::from(u16::from_le_bytes([*rest.get(2)?, *rest.get(3)?]));
        let block = rest.get(4..length)?;
        rest = &rest[length..];
        if kind != CORE {
            continue;
        }
        if let Some(name) = wide_text(block.get(20..52)?, u16::from_le_bytes).filter(|name| !is_junk(name)) {
            visit.say(Field::HostName, &name, SourceKind::WireNetwork, "RDP client name");
        }
        let build = u32::from_le_bytes(*block.get(16..)?.first_chunk()?);
        if (1..=u32::from(u16::MAX)).contains(&build) {
            let system = format!("Windows build {build}");
            visit.say(Field::OperatingSystem, &system, SourceKind::Guess, "RDP client build");
        }
        return Some(());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, Said, says};
    use super::*;
    use proptest::prelude::*;

    fn tpkt(body: &[u8]) -> Vec<u8> {
        [&[3, 0][..], &(4 + body.len() as u16).to_be_bytes(), body].concat()
    }

    fn cookie() -> Vec<u8> {
        let rest = [&[CONNECT, 0, 0, 0, 0, 0][..], b"Cookie: mstshash=SECRETUSER\r\n\x01\0\x08\0\x03\0\0\0"]
            .concat();
        tpkt(&[&[rest.len() as u8][..], &rest].concat())
    }

    /// Synthetic: the blocks of a client with a network block in front.
    fn connect(name: &str, build: u32) -> Vec<u8> {
        let mut core = vec![0; 20];
        core[16..20].copy_from_slice(&build.to_le_bytes());
        core.extend(name.encode_utf16().chain([0; 16]).take(16).flat_map(u16::to_le_bytes));
        core.resize(132, 0);
        let block = |kind: u16, body: &[u8]| {
            [&kind.to_le_bytes()[..], &(4 + body.len() as u16).to_le_bytes(), body].concat()
        };
        let blocks = [block(0xc003, &[0; 4]), block(CORE, &core)].concat();
        let head = [0x02, 0xf0, 0x80, 0x7f, 0x65, 0x82, 1, 0x94];
        tpkt(&[&head[..], &[0; 60], CLIENT, &(0x8000 | blocks.len() as u16).to_be_bytes(), &blocks].concat())
    }

    fn told(bytes: &[u8], piece: usize) -> Vec<Said> {
        trial::stream(&STREAM, bytes, piece, (40_000, 3389))
    }

    #[test]
    fn a_client_in_the_clear_says_its_name_and_build_and_no_user() {
        let mut want = vec![
            says(Field::HostName, "WS-1", "RDP client name"),
            says(Field::OperatingSystem, "Windows build 7601", "RDP client build"),
        ];
        want.sort();
        for piece in [1, 100, 4000] {
            assert_eq!(told(&[cookie(), connect("WS-1", 7601)].concat(), piece), want);
        }
    }

    #[test]
    fn a_probe_tells_it_from_other_protocols_over_tpkt() {
        assert_eq!(probe(&cookie()[..16]), Probe::Yes);
        assert_eq!(probe(&cookie()[..5]), Probe::More);
        assert_eq!(probe(&tpkt(&[14, CONNECT, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0])), Probe::Yes);
        assert_eq!(probe(&tpkt(&[14, CONFIRM, 0, 0, 0, 0, 0, 2, 0, 8, 0, 3, 0, 0, 0])), Probe::Yes);
        assert_eq!(probe(&tpkt(&[6, CONNECT, 0, 0, 0, 0, 0])), Probe::Maybe);
        // S7: parameters of a connection request over ISO.
        assert_eq!(probe(&tpkt(&[17, CONNECT, 0, 0, 0, 1, 0, 0xc1, 2, 1, 0])), Probe::No);
        assert_eq!(probe(&tpkt(&[2, 0xf0, 0x80, 0x32, 1])), Probe::No);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_read_within_bounds(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            noise in prop::collection::vec(any::<u8>(), 0..200),
            piece in 1usize..300,
        ) {
            let mut bytes = [cookie(), connect("A", 1)].concat();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            told(&bytes, piece);
            told(&noise, piece);
            told(&tpkt(&[&[2, 0xf0, 0x80, 0x7f, 0x65][..], CLIENT, &noise].concat()), piece);
            let _ = probe(&noise);
        }
    }
}

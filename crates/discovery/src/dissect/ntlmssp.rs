//! NTLMSSP (MS-NLMP section 2.2), in whatever carries it: SMB, DCE-RPC, LDAP, SQL Server, HTTP.
//!
//! Copied: of a challenge (type 2) the server's names and domains out of its target information; of a request and an answer (types 1
//! and 3) the client's workstation and, as a guess, its domain; of all three the operating system's version, as said: a client of macOS
//! says 6.1 build 7600, Samba 6.1 build 0. User names, challenges and responses are passed over.

use super::{Visit, text, wide_text};
use memchr::memmem;
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

const SIGNATURE: &[u8] = b"NTLMSSP\0";
/// How far into its carrier a message may begin.
const FARTHEST: usize = 4096;
const UNICODE: u32 = 1;
const VERSION: u32 = 0x0200_0000;
/// Pairs of target information read.
const MOST_PAIRS: usize = 16;

/// Notes what the first message in `carrier` says, if there is one.
pub(crate) fn tell(carrier: &[u8], visit: &mut Visit<'_>) {
    let near = carrier.get(..FARTHEST).unwrap_or(carrier);
    let Some(at) = memmem::find(near, SIGNATURE) else { return };
    let message = Message(&carrier[at..]);
    match message.long(8) {
        Some(1) => message.tell_request(visit),
        Some(2) => message.tell_challenge(visit),
        Some(3) => message.tell_answer(visit),
        _ => {}
    }
}

#[derive(Clone, Copy)]
struct Message<'a>(&'a [u8]);

impl<'a> Message<'a> {
    fn long(self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.0.get(at..)?.first_chunk()?))
    }

    fn short(self, at: usize) -> Option<usize> {
        Some(usize::from(u16::from_le_bytes(*self.0.get(at..)?.first_chunk()?)))
    }

    /// The bytes that the length and offset at this place point to.
    fn pointed(self, at: usize) -> Option<&'a [u8]> {
        let from = usize::try_from(self.long(at + 4)?).ok()?;
        self.0.get(from..)?.get(..self.short(at)?)
    }

    fn name(self, at: usize, wide: bool) -> Option<String> {
        let bytes = self.pointed(at)?;
        let name = if wide { wide_text(bytes, u16::from_le_bytes) } else { text(bytes) };
        name.filter(|name| !is_junk(name) && !name.contains('@'))
    }

    fn tell_request(self, visit: &mut Visit<'_>) {
        let flags = self.long(12).unwrap_or_default();
        let basis = "NTLMSSP request";
        say(Field::HostName, self.name(24, false), SourceKind::WireNetwork, basis, visit);
        say(Field::NetworkDomain, self.name(16, false), SourceKind::Guess, basis, visit);
        self.tell_version(32, flags, &[16, 24], visit);
    }

    fn tell_challenge(self, visit: &mut Visit<'_>) {
        let flags = self.long(20).unwrap_or_default();
        let mut names: [Option<String>; 4] = Default::default();
        let mut rest = self.pointed(40).unwrap_or_default();
        for _ in 0..MOST_PAIRS {
            let pair = Message(rest);
            let (Some(kind), Some(length)) = (pair.short(0), pair.short(2)) else { break };
            let Some((value, later)) = rest[4..].split_at_checked(length) else { break };
            rest = later;
            match kind {
                0 => break,
                1..=4 => {
                    names[kind - 1] = wide_text(value, u16::from_le_bytes).filter(|name| !is_junk(name));
                }
                _ => {}
            }
        }
        let [computer, domain, full_computer, full_domain] = names;
        // Out of a domain, a computer gives its own name for it.
        let is_own = |name: &String| {
            [&computer, &full_computer]
                .iter()
                .any(|own| own.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name)))
        };
        let domains = [domain, full_domain].map(|domain| domain.filter(|name| !is_own(name)));
        let basis = "NTLMSSP challenge";
        for domain in domains {
            say(Field::NetworkDomain, domain, SourceKind::WireNetwork, basis, visit);
        }
        for name in [computer, full_computer] {
            say(Field::HostName, name, SourceKind::WireNetwork, basis, visit);
        }
        self.tell_version(48, flags, &[12, 40], visit);
    }

    fn tell_answer(self, visit: &mut Visit<'_>) {
        let flags = self.long(60).unwrap_or_default();
        let wide = flags & UNICODE != 0;
        let basis = "NTLMSSP answer";
        let (host, domain) = (self.name(44, wide), self.name(28, wide));
        // Accounts of the computer itself have its name for a domain.
        let own = matches!((&host, &domain), (Some(host), Some(domain)) if host.eq_ignore_ascii_case(domain));
        say(Field::HostName, host, SourceKind::WireNetwork, basis, visit);
        say(Field::NetworkDomain, domain.filter(|_| !own), SourceKind::Guess, basis, visit);
        self.tell_version(64, flags, &[12, 20, 28, 44], visit);
    }

    /// The version at a place, if the flags say that there is one and nothing that is pointed to lies there.
    fn tell_version(self, at: usize, flags: u32, pointers: &[usize], visit: &mut Visit<'_>) {
        let behind = |pointer: &usize| {
            let from = self.long(pointer + 4).unwrap_or_default() as usize;
            self.short(*pointer) == Some(0) || from >= at + 8
        };
        let Some(&[major, minor, low, high]) = self.0.get(at..at + 4) else { return };
        if flags & VERSION == 0 || major == 0 || !pointers.iter().all(behind) {
            return;
        }
        let version = format!("Windows {major}.{minor} build {}", u16::from_le_bytes([low, high]));
        visit.say(Field::OperatingSystem, &version, SourceKind::Guess, "NTLMSSP version");
    }
}

fn say(field: Field, value: Option<String>, kind: SourceKind, basis: &'static str, visit: &mut Visit<'_>) {
    if let Some(value) = value {
        visit.say(field, &value, kind, basis);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::trial::{self, Said, says};
    use super::*;
    use proptest::prelude::*;

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    /// A message with fields of this many bytes up to what is pointed to; values at their pointers.
    fn made(
        kind: u32,
        head: usize,
        values: &[(usize, Vec<u8>)],
        flags: (usize, u32),
        version: usize,
    ) -> Vec<u8> {
        let mut out = vec![0; head];
        out[..8].copy_from_slice(SIGNATURE);
        out[8..12].copy_from_slice(&kind.to_le_bytes());
        out[flags.0..flags.0 + 4].copy_from_slice(&flags.1.to_le_bytes());
        out[version..version + 8].copy_from_slice(&[10, 0, 0x61, 0x4a, 0, 0, 0, 15]);
        for (pointer, value) in values {
            let from = out.len() as u32;
            out[*pointer..pointer + 2].copy_from_slice(&(value.len() as u16).to_le_bytes());
            out[pointer + 4..pointer + 8].copy_from_slice(&from.to_le_bytes());
            out.extend(value);
        }
        out
    }

    pub(crate) fn request() -> Vec<u8> {
        made(1, 40, &[(16, b"CLINIC".to_vec()), (24, b"WS-1".to_vec())], (12, VERSION), 32)
    }

    pub(crate) fn challenge() -> Vec<u8> {
        let pairs: Vec<u8> =
            [(2u16, "CLINIC"), (1, "SRV"), (4, "clinic.local"), (3, "srv.clinic.local"), (0, "")]
                .iter()
                .flat_map(|(kind, name)| {
                    let value = wide(name);
                    [&kind.to_le_bytes()[..], &(value.len() as u16).to_le_bytes(), &value].concat()
                })
                .collect();
        made(2, 56, &[(12, wide("CLINIC")), (40, pairs)], (20, VERSION | UNICODE), 48)
    }

    pub(crate) fn answer() -> Vec<u8> {
        let values = [
            (28, wide("CLINIC")),
            (36, wide("SECRETUSER")),
            (44, wide("WS-1")),
            (12, vec![1; 24]),
            (20, vec![2; 90]),
        ];
        made(3, 88, &values, (60, VERSION | UNICODE), 64)
    }

    fn told(bytes: &[u8]) -> Vec<Said> {
        trial::visit((40_000, 445), |visit| tell(bytes, visit))
    }

    #[test]
    fn a_challenge_names_the_server_and_an_answer_the_client() {
        let version = says(Field::OperatingSystem, "Windows 10.0 build 19041", "NTLMSSP version");
        let mut want = vec![version.clone()];
        want.extend(["SRV", "srv.clinic.local"].map(|name| says(Field::HostName, name, "NTLMSSP challenge")));
        want.extend(
            ["CLINIC", "clinic.local"].map(|name| says(Field::NetworkDomain, name, "NTLMSSP challenge")),
        );
        assert_eq!(told(&[b"\x60\x40junk", &challenge()[..]].concat()), want);
        for (bytes, basis) in [(request(), "NTLMSSP request"), (answer(), "NTLMSSP answer")] {
            let want = [
                version.clone(),
                says(Field::HostName, "WS-1", basis),
                says(Field::NetworkDomain, "CLINIC", basis),
            ];
            assert_eq!(told(&bytes), want);
        }
    }

    #[test]
    fn a_version_is_not_read_out_of_a_name() {
        // Without room for a version the name begins where one would be.
        let mut bytes = made(1, 40, &[], (12, VERSION), 32);
        bytes.truncate(32);
        bytes[24..26].copy_from_slice(&4u16.to_le_bytes());
        bytes[28..32].copy_from_slice(&32u32.to_le_bytes());
        bytes.extend(b"WS-1");
        assert_eq!(told(&bytes), [says(Field::HostName, "WS-1", "NTLMSSP request")]);
    }

    #[test]
    fn a_computer_out_of_any_domain_is_in_none() {
        let values = [(28, wide("ws-1")), (44, wide("WS-1"))];
        let bytes = made(3, 88, &values, (60, UNICODE), 64);
        assert_eq!(told(&bytes), [says(Field::HostName, "WS-1", "NTLMSSP answer")]);
    }

    proptest! {
        #[test]
        fn damage_is_read_within_bounds(
            which in 0usize..3,
            changes in prop::collection::vec((8usize..80, any::<u8>()), 0..4),
            cut in 0usize..300,
        ) {
            let mut bytes = [request(), challenge(), answer()][which].clone();
            bytes.truncate(cut.max(8));
            for (at, value) in changes {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
            for (_, _, value, _) in told(&bytes) {
                prop_assert!(value.chars().count() <= 255);
            }
        }

        #[test]
        fn noise_is_read_within_bounds(noise in prop::collection::vec(any::<u8>(), 0..300)) {
            told(&[SIGNATURE, &[1, 0, 0, 0], &noise].concat());
            told(&[SIGNATURE, &[2, 0, 0, 0], &noise].concat());
            told(&[SIGNATURE, &[3, 0, 0, 0], &noise].concat());
        }
    }
}

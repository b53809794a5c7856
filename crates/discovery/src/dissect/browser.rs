//! Browser announcements (MS-BRWS 2.2) in NetBIOS datagrams (RFC 1002 section 4.4): hosts that share files say so every few minutes.
//!
//! Copied: the announcing host's name, its version of the system, and the workgroup it announces itself to. The comment, which somebody
//! typed, and everything else is passed over.

use super::nbns::{decoded, printable};
use super::{DatagramProtocol, Probe, Visit};
use crate::notes::Who;
use memchr::memmem;
use std::net::{IpAddr, Ipv4Addr};
use tallyward_core::{Field, SourceKind};

/// NetBIOS datagrams with browser announcements.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol {
    name: "netbios-dgm",
    ports: &[138],
    probe,
    read: |data, visit| {
        read(data, visit);
    },
};

/// Length of the head; two encoded names of 34 bytes follow.
const HEAD: usize = 14;
const NAME: usize = 34;
const MAILSLOT: &[u8] = b"\\MAILSLOT\\BROWSE\0";
const HOST: u8 = 1;
const LOCAL_MASTER: u8 = 15;
/// Ending of the name of all browsers of a workgroup, and of its master.
const BROWSERS: [u8; 2] = [0x1d, 0x1e];

/// A direct datagram to one, to a group or to all, with two encoded names.
fn probe(data: &[u8]) -> Probe {
    let names = data.get(HEAD..HEAD + 2 * NAME);
    let is = matches!(data.first(), Some(0x10..=0x12))
        && names.is_some_and(|names| names[0] == 32 && names[NAME] == 32);
    if is { Probe::Maybe } else { Probe::No }
}

fn name(data: &[u8], at: usize) -> Option<[u8; 16]> {
    decoded(data.get(at + 1..at + 33)?)
}

fn read(data: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let head = data.first_chunk::<HEAD>()?;
    let (source, target) = (name(data, HEAD)?, name(data, HEAD + NAME)?);
    let address = IpAddr::V4(Ipv4Addr::new(head[4], head[5], head[6], head[7]));
    visit.shared.opener = Some(visit.sender);
    let (who, own) = visit.holder_of(address)?;
    let kind = if own { SourceKind::WireNetwork } else { SourceKind::Guess };
    let block = data.get(HEAD + 2 * NAME..)?;
    // A transaction request of SMB 1; its strings are of one byte a letter here.
    if !block.starts_with(b"\xffSMB\x25") {
        return None;
    }
    let announcement = &block[memmem::find(block, MAILSLOT)? + MAILSLOT.len()..];
    let fixed = announcement.first_chunk::<28>()?;
    if matches!(fixed[0], HOST | LOCAL_MASTER) {
        let said = server(fixed)?;
        // The announcement is about the sender of the datagram, whose name it repeats.
        if printable(&source).is_none_or(|name| name != said) {
            return None;
        }
        visit.say_of(who, Field::HostName, &said, kind, "browser announcement");
        tell_system(fixed, who, visit);
        if BROWSERS.contains(&target[15])
            && let Some(group) = printable(&target)
        {
            visit.say_of(who, Field::NetworkDomain, &group, kind, "browser announcement");
        }
    }
    Some(())
}

/// Command, count, four bytes of period, then the name in 16 bytes, then the system's version.
fn server(fixed: &[u8; 28]) -> Option<String> {
    let mut name = *fixed[6..].first_chunk::<16>()?;
    name[15] = 0;
    printable(&name)
}

/// A version of Windows NT, where the kind of server (bits of MS-BRWS 2.2.2) says that it is one. Samba says so too, but adds that it runs
/// on Unix, and then the version is made up.
fn tell_system(fixed: &[u8; 28], who: Who, visit: &mut Visit<'_>) {
    const UNIX: u32 = 0x0800;
    const NT: u32 = 0x1000;
    let kind = u32::from_le_bytes([fixed[24], fixed[25], fixed[26], fixed[27]]);
    if kind & (UNIX | NT) == NT {
        let value = format!("Windows NT {}.{}", fixed[22], fixed[23]);
        visit.say_of(who, Field::OperatingSystem, &value, SourceKind::Guess, "browser announcement");
    }
}

#[cfg(test)]
mod tests {
    use super::super::nbns::tests::encoded;
    use super::super::trial::{self, says};
    use super::*;
    use proptest::prelude::*;

    fn announcement(from: &str, name: &str, system: u8) -> Vec<u8> {
        let mut out = vec![0x11, 0x02, 0, 1, 10, 0, 0, 1, 0, 138, 0, 0, 0, 0];
        out.extend(encoded(from, 0));
        out.extend(encoded("WARD", 0x1d));
        out.extend(b"\xffSMB\x25");
        out.extend([0; 60]);
        out.extend(MAILSLOT);
        out.extend([HOST, 0, 0x80, 0xfc, 0x0a, 0]);
        out.extend(name.bytes());
        out.extend(vec![0; 16 - name.len()]);
        out.extend([5, 1, 3, system, 1, 0, 0x0f, 1, 0x55, 0xaa]);
        out.extend(b"Dr. House's desk\0");
        out
    }

    fn read(bytes: &[u8]) -> Vec<trial::Said> {
        trial::datagram(&DATAGRAM, bytes, (138, 138)).expect("a NetBIOS datagram")
    }

    #[test]
    fn a_host_announces_name_system_and_workgroup() {
        let want = [
            says(Field::OperatingSystem, "Windows NT 5.1", "browser announcement"),
            says(Field::HostName, "CT-CONSOLE", "browser announcement"),
            says(Field::NetworkDomain, "WARD", "browser announcement"),
        ];
        assert_eq!(read(&announcement("CT-CONSOLE", "CT-CONSOLE", 0x10)), want);
        // On Unix the version is whatever its owner chose.
        assert_eq!(read(&announcement("CT-CONSOLE", "CT-CONSOLE", 0x18)), want[1..]);
        assert_eq!(read(&announcement("OTHER", "CT-CONSOLE", 0x10)), []);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut bytes = announcement("CT-CONSOLE", "CT-CONSOLE", 0x10);
            let index = at.index(bytes.len());
            bytes[index] = byte;
            bytes.truncate(cut.index(bytes.len() + 1));
            for bytes in [bytes, noise] {
                let said = trial::visit((138, 138), |visit| { super::read(&bytes, visit); });
                prop_assert!(said.iter().all(|one| !one.2.contains("House")));
                let _ = probe(&bytes);
            }
        }
    }
}

//! Syslog (RFC 5424, 3164) over UDP: the name of the host that a message is from.
//!
//! Copied: the host name, as a guess, for relays pass on what others say. Everything else, the message above all, is passed over.

use super::{DatagramProtocol, Probe, Visit, text};
use std::net::IpAddr;
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// Syslog.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol {
    name: "syslog",
    ports: &[514],
    probe,
    read: |data, visit| {
        read(data, visit);
    },
};

/// A priority of up to three digits in angle brackets.
fn probe(data: &[u8]) -> Probe {
    if priority(data).is_some() { Probe::Maybe } else { Probe::No }
}

/// What is behind the priority.
fn priority(data: &[u8]) -> Option<&[u8]> {
    let rest = data.strip_prefix(b"<")?;
    let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    if (1..=3).contains(&digits) { rest[digits..].strip_prefix(b">") } else { None }
}

fn read(data: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    visit.shared.opener = Some(visit.sender);
    let rest = priority(data)?;
    let words = || rest.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let host = if rest.starts_with(b"1 ") {
        let time = words().nth(1)?;
        words().nth(2).filter(|_| is_time(time))?
    } else {
        // Month, day and time; then the host, unless it is the program with its colon or number already.
        let month = words().next()?;
        let known = b"JanFebMarAprMayJunJulAugSepOctNovDec".chunks(3).any(|name| name == month);
        let time = words().nth(2)?;
        words().nth(3).filter(|_| known && time.len() == 8 && time[2] == b':')?
    };
    let named = host.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let name = text(host).filter(|name| named && !is_junk(name) && name != "localhost")?;
    // An address instead of a name tells nothing new.
    if name.parse::<IpAddr>().is_err() {
        visit.say(Field::HostName, &name, SourceKind::Guess, "syslog HOSTNAME");
    }
    Some(())
}

/// A date of RFC 3339, or none.
fn is_time(word: &[u8]) -> bool {
    word == b"-" || word.len() >= 20 && word[4] == b'-' && word[10] == b'T'
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, says};
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Option<Vec<trial::Said>> {
        trial::datagram(&DATAGRAM, bytes, (514, 514))
    }

    #[test]
    fn the_host_is_named_and_nothing_else() {
        let want = Some(vec![says(Field::HostName, "pump-7", "syslog HOSTNAME")]);
        assert_eq!(read(b"<34>1 2026-10-11T22:14:15.003Z pump-7 infusor 12 ID - patient HOUSE"), want);
        assert_eq!(read(b"<13>Oct  1 22:14:15 pump-7 infusor[12]: patient HOUSE"), want);
        for other in [
            &b"<13>Oct  1 22:14:15 infusor[12]: patient HOUSE"[..],
            b"<13>Oct  1 22:14:15 10.0.0.9 infusor: x",
            b"<13>patient HOUSE has left the",
            b"<34>1 patient HOUSE left",
        ] {
            assert_eq!(read(other), Some(vec![]), "{}", String::from_utf8_lossy(other));
        }
        assert_eq!(read(b"<1234>x"), None);
        assert_eq!(read(b"<html>"), None);
    }

    proptest! {
        #[test]
        fn noise_is_survived(noise in prop::collection::vec(any::<u8>(), 0..100), text in "<[0-9]{1,3}>(1 )?[ -~]{0,80}") {
            for bytes in [noise, text.into_bytes()] {
                let _ = read(&bytes);
            }
        }
    }
}

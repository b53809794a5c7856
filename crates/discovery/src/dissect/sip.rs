//! SIP (RFC 3261) over UDP and TCP: which software telephones and their servers run.
//!
//! Copied: User-Agent and Server. Via and Contact are read for the address of whom these describe and not copied, for the rest of them
//! names people; so do From, To and the request itself, which are passed over with everything else.

use super::head::{self, Head};
use super::soap::host_of;
use super::{DatagramProtocol, Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use crate::notes::Who;
use std::net::IpAddr;
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// SIP over UDP.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol { name: "sip", ports: &[5060], probe, read };

/// SIP over TCP.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "sip", ports: &[5060], midstream: false, probe, begin: begin::<Calls> };

const ANSWER: &[u8] = b"SIP/2.0 ";
/// Longest method with the blank behind it.
const LONGEST_METHOD: usize = 11;

/// An answer, or a method and the scheme of whom it is for.
fn probe(bytes: &[u8]) -> Probe {
    if bytes.starts_with(ANSWER) {
        return Probe::Yes;
    }
    let near = bytes.get(..LONGEST_METHOD).unwrap_or(bytes);
    let method = near.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let rest = &bytes[method..];
    let more =
        ANSWER.starts_with(bytes) || method == bytes.len() || b" sip:".starts_with(rest) && method >= 3;
    if method >= 3 && (rest.starts_with(b" sip:") || rest.starts_with(b" sips")) {
        Probe::Yes
    } else if more && bytes.len() < 16 && method < LONGEST_METHOD {
        Probe::More
    } else {
        Probe::No
    }
}

#[derive(Debug, Default)]
struct Calls;

impl Messages for Calls {
    const HEAD: usize = 4096;
    const MOST: u32 = 32;

    fn frame(&self, bytes: &[u8]) -> Framing {
        // Empty lines keep a connection open.
        if matches!(bytes[0], b'\r' | b'\n') {
            return Framing::Length(1);
        }
        match head::end(bytes, 0) {
            Some(end) => {
                let body = Head::parse(&bytes[..end]).length().unwrap_or_default();
                Framing::Length(body.saturating_add(end as u64))
            }
            None => Framing::Need(bytes.len() + 1),
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        if head.len() == 1 {
            return true;
        }
        let known = probe(head) == Probe::Yes;
        if known {
            read(head, visit);
        }
        known
    }
}

fn read(data: &[u8], visit: &mut Visit<'_>) {
    let head = Head::parse(data);
    let answers = head.start.starts_with(ANSWER);
    visit.shared.opener = Some(if answers { visit.receiver } else { visit.sender });
    let Some((who, kind)) = (if answers { answerer(&head, visit) } else { asker(&head, visit) }) else {
        return;
    };
    for (name, field, basis) in
        [("user-agent", Field::UserAgent, "SIP User-Agent"), ("server", Field::Banner, "SIP Server")]
    {
        if let Some(value) = head.get(name).and_then(text).filter(|value| !is_junk(value)) {
            visit.say_of(who, field, &value, kind, basis);
        }
    }
}

/// Who asked first: the sender, unless more than one has passed the request on.
fn asker(head: &Head<'_>, visit: &Visit<'_>) -> Option<(Who, SourceKind)> {
    let hops: Vec<&[u8]> = head
        .fields()
        .filter(|(name, _)| name.eq_ignore_ascii_case(b"via") || name.eq_ignore_ascii_case(b"v"))
        .flat_map(|(_, value)| value.split(|byte| *byte == b','))
        .take(32)
        .collect();
    match hops[..] {
        [] | [_] => Some((visit.sender, SourceKind::WireNetwork)),
        [.., first] => {
            let (who, _) = visit.holder_of(via_address(first)?)?;
            Some((who, SourceKind::Guess))
        }
    }
}

/// The address in a Via: where the packet was seen to come from, else where it says it is from.
fn via_address(via: &[u8]) -> Option<IpAddr> {
    let via = std::str::from_utf8(via).ok()?.trim();
    let seen = via.split(';').find_map(|part| part.trim().strip_prefix("received="));
    let (_, said) = via.split_once(' ')?;
    let said = said.split(';').next()?;
    seen.and_then(|address| address.parse().ok()).or_else(|| host_of(&format!("sip://{}", said.trim())))
}

/// Who answers: whoever is at the contact given, for a proxy may pass the answer on. What a registrar lists are contacts of others.
fn answerer(head: &Head<'_>, visit: &Visit<'_>) -> Option<(Who, SourceKind)> {
    let registers = head.get("cseq").is_some_and(|value| value.ends_with(b"REGISTER"));
    let contact = head.get("contact").or_else(|| head.get("m")).filter(|_| !registers);
    let address = contact.and_then(|value| {
        let uri = std::str::from_utf8(value).ok()?.split_once("sip:")?.1;
        let host = uri.split(['>', ';', '?']).next()?;
        host_of(&format!("sip://{}", host.rsplit('@').next()?))
    });
    match address.and_then(|address| visit.holder_of(address)) {
        Some((who, true)) => Some((who, SourceKind::WireNetwork)),
        Some((who, false)) => Some((who, SourceKind::Guess)),
        None => Some((visit.sender, SourceKind::Guess)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, RECEIVER, says};
    use super::*;
    use proptest::prelude::*;

    fn register(via: &str) -> String {
        format!(
            "REGISTER sip:HOUSE@hospital SIP/2.0\r\n{via}From: <sip:HOUSE@hospital>\r\nContact: <sip:HOUSE@10.0.0.1>\r\n\
             User-Agent: Acme Phone 2.1\r\nContent-Length: 5\r\n\r\nhello"
        )
    }

    fn read(bytes: &str) -> Vec<trial::Said> {
        trial::datagram(&DATAGRAM, bytes.as_bytes(), (5060, 5060)).expect("SIP")
    }

    #[test]
    fn a_telephone_names_its_software_and_nobody() {
        let own = register("Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z\r\n");
        let want = [says(Field::UserAgent, "Acme Phone 2.1", "SIP User-Agent")];
        assert_eq!(read(&own), want);
        for piece in [1, 60, 9000] {
            assert_eq!(trial::stream(&STREAM, own.repeat(3).as_bytes(), piece, (5060, 5061)), want);
        }
    }

    #[test]
    fn what_a_proxy_passes_on_is_not_said_of_it() {
        let passed = "Via: SIP/2.0/UDP 10.0.0.1;branch=z\r\nv: SIP/2.0/UDP phone:5060;received=10.0.0.9\r\n";
        assert_eq!(read(&register(passed))[0].0, "at|S|10.0.0.9");
        let unknown = "Via: SIP/2.0/UDP 10.0.0.1, SIP/2.0/UDP phone.local\r\n";
        assert_eq!(read(&register(unknown)), []);
        let answer = "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nContact: <sip:HOUSE@10.0.0.2:5060>\r\nServer: Acme/2\r\n\r\n";
        let want = (RECEIVER.to_owned(), Field::Banner, "Acme/2".to_owned(), "SIP Server".to_owned());
        assert_eq!(read(answer), [want]);
        let registered = answer.replace("INVITE", "REGISTER");
        assert_eq!(read(&registered), [says(Field::Banner, "Acme/2", "SIP Server")]);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(at in any::<prop::sample::Index>(), byte in any::<u8>(), noise in "[ -~\r\n]{0,200}") {
            let mut bytes = register("Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z\r\n").into_bytes();
            let index = at.index(bytes.len());
            bytes[index] = byte;
            for bytes in [bytes, noise.into_bytes()] {
                let said = trial::visit((5060, 1), |visit| super::read(&bytes, visit));
                prop_assert!(said.iter().all(|one| !one.2.contains("HOUSE")));
                trial::stream(&STREAM, &bytes, 7, (5060, 1));
            }
        }
    }
}

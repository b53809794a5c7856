//! Kerberos 5 (RFC 4120 section 5), over UDP and TCP, and its tickets in what carries them (RFC 4121, RFC 4178).
//!
//! Copied: realms; the names of computers: of a client only if its account is a computer's (`name$` or `host/name`), and the NetBIOS name among a
//! client's addresses; of a ticket shown to a server the name that the client calls it by, as a guess. Names of users, and tickets and keys
//! themselves, are passed over.

use super::ber::{self, Ber, Element, INTEGER, SEQUENCE};
use super::{DatagramProtocol, Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use memchr::memmem;
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// Kerberos over UDP.
pub(crate) const DATAGRAM: DatagramProtocol =
    DatagramProtocol { name: "kerberos", ports: &[88], probe, read: tell };
/// Kerberos over TCP, each message with its length in front (RFC 4120 section 7.2.2).
pub(crate) const STREAM: StreamProtocol = StreamProtocol {
    name: "kerberos",
    ports: &[88],
    midstream: false,
    probe: |bytes| match bytes {
        [0, 0, _, _, message @ ..] => probe(message),
        [0] | [0, 0] | [0, 0, _] => Probe::More,
        _ => Probe::No,
    },
    begin: begin::<Counted>,
};

const AS_REQUEST: u8 = 0x6a;
const AS_ANSWER: u8 = 0x6b;
const TGS_REQUEST: u8 = 0x6c;
const TGS_ANSWER: u8 = 0x6d;
const AP_REQUEST: u8 = 0x6e;
const ERROR: u8 = 0x7e;
const TICKET: u8 = 0x61;
/// Address kind of a NetBIOS name (RFC 4120 section 7.5.3).
const NETBIOS: i64 = 20;
/// The mechanism Kerberos 5 (RFC 4121) and its token for a request.
const TOKEN: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 1, 0];

/// The tag of part `number` of a sequence.
const fn part(number: u8) -> u8 {
    0xa0 | number
}

/// One of the five messages, down to its version 5, as far as the bytes go; at least to the middle of the version.
fn probe(bytes: &[u8]) -> Probe {
    let Some((tag, outer, _)) = ber::head(bytes) else {
        return if bytes.len() < 6 && bytes.first().is_none_or(|tag| is_message(*tag)) {
            Probe::More
        } else {
            Probe::No
        };
    };
    let Some((inner_tag, inner, _)) = ber::head(&bytes[outer..]) else {
        return if is_message(tag) && bytes.len() < 10 { Probe::More } else { Probe::No };
    };
    let version = &bytes[outer + inner..];
    let first = if matches!(tag, AS_REQUEST | TGS_REQUEST) { part(1) } else { part(0) };
    let want = [first, 3, INTEGER, 1, 5];
    let seen = version.len().min(want.len());
    match () {
        () if !is_message(tag) || inner_tag != SEQUENCE || version[..seen] != want[..seen] => Probe::No,
        () if seen < 3 => Probe::More,
        () => Probe::Yes,
    }
}

const fn is_message(tag: u8) -> bool {
    matches!(tag, AS_REQUEST | AS_ANSWER | TGS_REQUEST | TGS_ANSWER | ERROR)
}

#[derive(Debug, Default)]
struct Counted;

impl Messages for Counted {
    const HEAD: usize = 4096;
    const MOST: u32 = 4;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes {
            [0, high, middle, low, tag, ..] if is_message(*tag) => {
                Framing::Length(4 + u64::from(u32::from_be_bytes([0, *high, *middle, *low])))
            }
            [0] | [0, _] | [0, _, _] | [0, _, _, _] => Framing::Need(5),
            _ => Framing::Broken,
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        tell(head.get(4..).unwrap_or_default(), visit);
        true
    }
}

/// Part `number` of a sequence, without its tag.
fn find(sequence: Element<'_>, number: u8) -> Option<Element<'_>> {
    sequence.inside().find(|one| one.tag == part(number))?.inside().next()
}

fn tell(message: &[u8], visit: &mut Visit<'_>) {
    let Some(outer) = Ber::new(message).next() else { return };
    let Some(whole) = outer.inside().want(SEQUENCE) else { return };
    match outer.tag {
        AS_REQUEST | TGS_REQUEST => {
            visit.shared.opener = Some(visit.sender);
            if let Some(body) = find(whole, 4) {
                tell_request(body, visit);
            }
        }
        AS_ANSWER | TGS_ANSWER | ERROR => {
            visit.shared.opener = Some(visit.receiver);
            let (realm, client) = if outer.tag == ERROR { (9, 8) } else { (3, 4) };
            if let Some(realm) = find(whole, realm).and_then(name) {
                visit.say(Field::NetworkDomain, &realm, SourceKind::WireNetwork, "Kerberos answer");
            }
            if let Some(computer) = find(whole, client).and_then(computer) {
                visit.say_of_receiver(Field::HostName, &computer, SourceKind::WireNetwork, "Kerberos client");
            }
        }
        _ => {}
    }
}

fn tell_request(body: Element<'_>, visit: &mut Visit<'_>) {
    // A user may well ask for another realm than that of the computer.
    if let Some(realm) = find(body, 2).and_then(name) {
        visit.say(Field::NetworkDomain, &realm, SourceKind::Guess, "Kerberos request");
    }
    if let Some(computer) = find(body, 1).and_then(computer) {
        visit.say(Field::HostName, &computer, SourceKind::WireNetwork, "Kerberos client");
    }
    for address in find(body, 9).into_iter().flat_map(Element::inside).take(16) {
        if find(address, 0).and_then(Element::number) == Some(NETBIOS)
            && let Some(host) = find(address, 1).and_then(name)
        {
            visit.say(Field::HostName, &host, SourceKind::WireNetwork, "Kerberos client address");
        }
    }
}

/// Notes what a ticket that the sender shows says about the receiver, if there is one in `carrier`.
pub(crate) fn tell_ticket(carrier: &[u8], visit: &mut Visit<'_>) {
    let near = carrier.get(..4096).unwrap_or(carrier);
    let Some(at) = memmem::find(near, TOKEN) else { return };
    let token = Ber::new(&carrier[at + TOKEN.len()..]).want(AP_REQUEST);
    let Some(ticket) = token.and_then(|token| find(token.inside().want(SEQUENCE)?, 3)) else { return };
    let Some(ticket) = (if ticket.tag == TICKET { ticket.inside().want(SEQUENCE) } else { None }) else {
        return;
    };
    if let Some(realm) = find(ticket, 1).and_then(name) {
        visit.say_of_receiver(Field::NetworkDomain, &realm, SourceKind::Guess, "Kerberos ticket");
    }
    let mut parts =
        find(ticket, 2).and_then(|principal| find(principal, 1)).into_iter().flat_map(Element::inside);
    if let (Some(_service), Some(host)) = (parts.next(), parts.next())
        && let Some(host) = name(host)
    {
        visit.say_of_receiver(Field::HostName, &host, SourceKind::Guess, "Kerberos ticket");
    }
}

/// A name that says something and is no address of a person.
fn name(element: Element<'_>) -> Option<String> {
    if element.cut || !matches!(element.tag, 0x1b | ber::OCTETS) {
        return None;
    }
    text(element.body).filter(|name| !is_junk(name) && !name.contains('@'))
}

/// The computer that a principal is, if it is one.
fn computer(principal: Element<'_>) -> Option<String> {
    let mut parts = find(principal, 1)?.inside();
    let first = parts.next()?;
    match (first.body, parts.next()) {
        ([account @ .., b'$'], None) if !account.is_empty() => name(Element { body: account, ..first }),
        (b"host", Some(host)) => name(host),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::trial::{self, RECEIVER, Said, says};
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn element(tag: u8, body: &[u8]) -> Vec<u8> {
        [&[tag, 0x82][..], &(body.len() as u16).to_be_bytes(), body].concat()
    }

    fn at(number: u8, body: &[u8]) -> Vec<u8> {
        element(part(number), body)
    }

    fn principal(parts: &[&str]) -> Vec<u8> {
        let names: Vec<u8> = parts.iter().flat_map(|one| element(0x1b, one.as_bytes())).collect();
        element(SEQUENCE, &[at(0, &[INTEGER, 1, 1]), at(1, &element(SEQUENCE, &names))].concat())
    }

    fn version(number: u8) -> Vec<u8> {
        vec![part(number), 3, INTEGER, 1, 5]
    }

    fn request(client: &[&str]) -> Vec<u8> {
        let address =
            element(SEQUENCE, &[at(0, &[INTEGER, 1, 20]), at(1, &element(4, b"WS-1            "))].concat());
        let body = [
            at(0, &element(3, &[0; 5])),
            at(1, &principal(client)),
            at(2, &element(0x1b, b"CLINIC.LOCAL")),
            at(3, &principal(&["krbtgt", "CLINIC.LOCAL"])),
            at(9, &element(SEQUENCE, &address)),
        ]
        .concat();
        let whole = [version(1), at(2, &[INTEGER, 1, 10]), at(4, &element(SEQUENCE, &body))].concat();
        element(AS_REQUEST, &element(SEQUENCE, &whole))
    }

    fn answer(client: &[&str]) -> Vec<u8> {
        let whole = [
            version(0),
            at(1, &[INTEGER, 1, 11]),
            at(3, &element(0x1b, b"CLINIC.LOCAL")),
            at(4, &principal(client)),
        ];
        element(AS_ANSWER, &element(SEQUENCE, &whole.concat()))
    }

    pub(crate) fn token() -> Vec<u8> {
        let ticket = [
            version(0),
            at(1, &element(0x1b, b"CLINIC.LOCAL")),
            at(2, &principal(&["cifs", "srv.clinic.local"])),
        ];
        let ticket = element(TICKET, &element(SEQUENCE, &ticket.concat()));
        let whole = [version(0), at(1, &[INTEGER, 1, 14]), at(2, &[3, 2, 0, 0]), at(3, &ticket)].concat();
        [TOKEN, &element(AP_REQUEST, &element(SEQUENCE, &whole))].concat()
    }

    fn told(bytes: &[u8]) -> Vec<Said> {
        trial::datagram(&DATAGRAM, bytes, (40_000, 88)).expect("the probe knows it")
    }

    #[test]
    fn a_computer_asks_under_its_own_name_and_a_user_has_none() {
        let realm = says(Field::NetworkDomain, "CLINIC.LOCAL", "Kerberos request");
        let address = says(Field::HostName, "WS-1", "Kerberos client address");
        let named = |name| says(Field::HostName, name, "Kerberos client");
        assert_eq!(told(&request(&["ws-1$"])), [address.clone(), named("ws-1"), realm.clone()]);
        assert_eq!(
            told(&request(&["host", "ws-1.clinic.local"])),
            [address.clone(), named("ws-1.clinic.local"), realm.clone()]
        );
        for user in [&["SECRETUSER"][..], &["SECRETUSER", "admin"], &["$"]] {
            assert_eq!(told(&request(user)), [address.clone(), realm.clone()]);
        }
    }

    #[test]
    fn an_answer_names_the_realm_and_the_computer_it_goes_to() {
        let realm = says(Field::NetworkDomain, "CLINIC.LOCAL", "Kerberos answer");
        let computer =
            (RECEIVER.to_owned(), Field::HostName, "ws-1".to_owned(), "Kerberos client".to_owned());
        assert_eq!(told(&answer(&["ws-1$"])), [realm.clone(), computer]);
        assert_eq!(told(&answer(&["SECRETUSER"])), [realm]);
    }

    #[test]
    fn over_tcp_messages_have_their_length_in_front() {
        let message = request(&["SECRETUSER"]);
        let bytes = [&(message.len() as u32).to_be_bytes()[..], &message].concat();
        assert_eq!((STREAM.probe)(&bytes[..16]), Probe::Yes);
        assert_eq!((STREAM.probe)(&bytes[..7]), Probe::More);
        for piece in [1, 40, 2000] {
            assert_eq!(trial::stream(&STREAM, &bytes, piece, (40_000, 88)).len(), 2);
        }
        assert_eq!((STREAM.probe)(&[0, 0, 0, 85, 0xff, b'S', b'M', b'B']), Probe::No);
    }

    #[test]
    fn a_ticket_names_whom_it_is_shown_to() {
        let of =
            |field, value: &str| (RECEIVER.to_owned(), field, value.to_owned(), "Kerberos ticket".to_owned());
        let want = [of(Field::HostName, "srv.clinic.local"), of(Field::NetworkDomain, "CLINIC.LOCAL")];
        assert_eq!(trial::visit((1, 2), |visit| tell_ticket(&[b"junk", &token()[..]].concat(), visit)), want);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_read_within_bounds(
            which in 0usize..3,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
            noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = [request(&["a$"]), answer(&["a$"]), token()][which].clone();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let noisy = [&[0, 0, 0, 200, AS_REQUEST][..], &noise].concat();
            trial::visit((1, 2), |visit| {
                tell(&bytes, visit);
                tell(&noise, visit);
                tell_ticket(&bytes, visit);
                tell_ticket(&[TOKEN, &noise].concat(), visit);
            });
            let _ = (probe(&bytes), probe(&noise));
            trial::stream(&STREAM, &noisy, 33, (40_000, 88));
        }
    }
}

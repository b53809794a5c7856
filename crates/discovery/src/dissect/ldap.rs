//! LDAP (RFC 4511) over TCP, and over UDP as Windows asks for domain controllers (MS-ADTS section 6.3).
//!
//! Copied: of a server's own root entry its host name, naming context, maker and version (RFC 4512 section 5.1, RFC 3045), and of its answer to a
//! netlogon request host names and domains; of such a request the name of the host that asks; of binds what `ntlmssp.rs` and `kerberos.rs` list. Names
//! and passwords of binds, and every other entry, search and change are passed over.

use super::ber::{self, Ber, Element, INTEGER, OCTETS, SEQUENCE};
use super::tls::Inside;
use super::{
    DatagramProtocol, Framing, Messages, Probe, StreamProtocol, Visit, begin, dns, kerberos, ntlmssp, text,
};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// LDAP over TCP; may turn to TLS.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "ldap", ports: &[389, 3268], midstream: false, probe, begin: begin::<Ldap> };
/// LDAP over UDP.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol {
    name: "ldap",
    ports: &[389],
    probe,
    read: |data, visit| {
        tell(data, visit);
    },
};

const BIND: u8 = 0x60;
const BIND_ANSWER: u8 = 0x61;
const SEARCH: u8 = 0x63;
const ENTRY: u8 = 0x64;
const AND: u8 = 0xa0;
const EQUAL: u8 = 0xa3;

/// Attributes, or parts of a filter, read of one message.
const MOST: usize = 256;

fn probe(bytes: &[u8]) -> Probe {
    let Some((SEQUENCE, head, _)) = ber::head(bytes) else {
        return if bytes.len() < 6 && bytes.first() == Some(&SEQUENCE) { Probe::More } else { Probe::No };
    };
    match bytes[head..] {
        [INTEGER, length @ 1..=4, ..] => match bytes.get(head + 2 + usize::from(length)) {
            Some(BIND..=0x70 | 0x42 | 0x4a | 0x50 | 0x73 | 0x77..=0x79) => Probe::Yes,
            Some(_) => Probe::No,
            None => Probe::More,
        },
        [] | [INTEGER] => Probe::More,
        _ => Probe::No,
    }
}

#[derive(Debug, Default)]
struct Ldap {
    tls: Inside,
}

impl Messages for Ldap {
    const HEAD: usize = 4096;
    const MOST: u32 = 64;

    fn frame(&self, bytes: &[u8]) -> Framing {
        if self.tls.takes(bytes) {
            return Framing::Length(bytes.len() as u64);
        }
        match ber::head(bytes) {
            Some((SEQUENCE, head, length)) => Framing::Length(head as u64 + length),
            None if bytes[0] == SEQUENCE && bytes.len() < 6 => Framing::Need(bytes.len() + 1),
            _ => Framing::Broken,
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        if self.tls.takes(head) {
            return self.tls.read(head, visit);
        }
        tell(head, visit);
        true
    }
}

fn tell(message: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let mut parts = Ber::new(message).want(SEQUENCE)?.inside();
    parts.want(INTEGER)?;
    let operation = parts.next()?;
    match operation.tag {
        BIND => {
            // Name and simple password are in the clear here: only blobs of mechanisms are looked into.
            let secret = operation.inside().nth(2).filter(|way| matches!(way.tag, 0x89..=0x8b | 0xa3))?;
            ntlmssp::tell(secret.body, visit);
            kerberos::tell_ticket(secret.body, visit);
        }
        BIND_ANSWER => ntlmssp::tell(operation.body, visit),
        SEARCH => {
            let mut parts = operation.inside();
            let base = parts.want(OCTETS)?;
            let filter = parts.nth(5)?;
            if base.body.is_empty() && filter.tag == AND {
                tell_asker(filter, visit);
            }
        }
        ENTRY => {
            let mut parts = operation.inside();
            // Every other entry speaks of somebody else.
            if parts.want(OCTETS)?.body.is_empty() {
                tell_root(parts.want(SEQUENCE)?, visit);
            }
        }
        _ => {}
    }
    Some(())
}

/// The host in the filter of a netlogon request (MS-ADTS section 6.3.3), which is known by its element NtVer.
fn tell_asker(filter: Element<'_>, visit: &mut Visit<'_>) {
    let equal = |name: &str| {
        filter.inside().take(MOST).filter(|one| one.tag == EQUAL).find_map(|one| {
            let mut pair = one.inside();
            let is = pair.next()?.body.eq_ignore_ascii_case(name.as_bytes());
            pair.next().filter(|_| is)
        })
    };
    if equal("NtVer").is_none() {
        return;
    }
    for (name, field) in [("Host", Field::HostName), ("DnsDomain", Field::NetworkDomain)] {
        let kind = if field == Field::HostName { SourceKind::WireNetwork } else { SourceKind::Guess };
        if let Some(value) = equal(name).and_then(value) {
            visit.say(field, &value, kind, "LDAP netlogon request");
        }
    }
}

fn value(element: Element<'_>) -> Option<String> {
    text(element.body).filter(|value| !element.cut && !is_junk(value))
}

/// What a server says of itself.
fn tell_root(attributes: Element<'_>, visit: &mut Visit<'_>) {
    let (mut maker, mut version) = (None, None);
    for attribute in attributes.inside().take(MOST) {
        let mut pair = attribute.inside();
        let (Some(name), Some(values)) = (pair.next(), pair.next()) else { continue };
        let Some(first) = values.inside().next() else { continue };
        let wire = SourceKind::WireNetwork;
        match name.body.to_ascii_lowercase().as_slice() {
            b"dnshostname" => {
                if let Some(host) = value(first) {
                    visit.say(Field::HostName, &host, wire, "LDAP dnsHostName");
                }
            }
            b"defaultnamingcontext" => {
                if let Some(domain) = value(first).and_then(|name| domain(&name)) {
                    visit.say(Field::NetworkDomain, &domain, wire, "LDAP defaultNamingContext");
                }
            }
            b"vendorname" => maker = value(first),
            b"vendorversion" => version = value(first),
            b"netlogon" if !first.cut => {
                tell_controller(first.body, visit);
            }
            _ => {}
        }
    }
    let said: Vec<String> = [maker, version].into_iter().flatten().collect();
    if !said.is_empty() {
        visit.say(Field::Banner, &said.join(" "), SourceKind::WireNetwork, "LDAP vendorName");
    }
}

/// `DC=clinic,DC=local` as `clinic.local`.
fn domain(name: &str) -> Option<String> {
    let part = |part: &str| {
        let (kind, value) = part.trim().split_once('=')?;
        kind.eq_ignore_ascii_case("dc").then(|| value.to_owned())
    };
    Some(name.split(',').map(part).collect::<Option<Vec<String>>>()?.join("."))
}

/// NETLOGON_SAM_LOGON_RESPONSE_EX (MS-ADTS section 6.3.1.9): a head of 24 bytes, then names: forest, domain, host, domain and host in
/// NetBIOS form; the user and the sites behind them are not looked at.
fn tell_controller(answer: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let head = answer.first_chunk::<24>()?;
    if !matches!(head, [23 | 25, 0, ..]) {
        return None;
    }
    let mut at = 24;
    let names = [
        None,
        Some(Field::NetworkDomain),
        Some(Field::HostName),
        Some(Field::NetworkDomain),
        Some(Field::HostName),
    ];
    for field in names {
        // In labels like those of DNS, with pointers to earlier ones.
        let name = dns::name(answer, at).filter(|name| !is_junk(name));
        at = dns::after_name(answer, at)?;
        if let (Some(field), Some(name)) = (field, name) {
            visit.say(field, name.trim_start_matches('\\'), SourceKind::WireNetwork, "LDAP netlogon answer");
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::kerberos::tests::element;
    use super::super::trial::{self, RECEIVER, Said, says};
    use super::*;
    use proptest::prelude::*;

    fn message(operation: u8, body: &[u8]) -> Vec<u8> {
        element(SEQUENCE, &[vec![INTEGER, 1, 7], element(operation, body)].concat())
    }

    fn attribute(name: &str, value: &[u8]) -> Vec<u8> {
        element(
            SEQUENCE,
            &[element(OCTETS, name.as_bytes()), element(0x31, &element(OCTETS, value))].concat(),
        )
    }

    fn entry(name: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
        message(ENTRY, &[element(OCTETS, name.as_bytes()), element(SEQUENCE, &attributes.concat())].concat())
    }

    fn netlogon() -> Vec<u8> {
        let mut out = vec![23, 0];
        out.resize(24, 0);
        out.extend(b"\x06clinic\x05local\0\xc0\x18\x03dc1\xc0\x18\x06CLINIC\0\x03DC1\0\x0aSECRETUSER\0");
        out
    }

    fn search(base: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
        let filter: Vec<u8> = parts
            .iter()
            .flat_map(|(name, value)| {
                element(EQUAL, &[element(OCTETS, name.as_bytes()), element(OCTETS, value)].concat())
            })
            .collect();
        let body = [
            element(OCTETS, base.as_bytes()),
            vec![10, 1, 0, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0],
            element(AND, &filter),
        ];
        message(SEARCH, &body.concat())
    }

    fn bind(way: u8, body: &[u8]) -> Vec<u8> {
        message(BIND, &[vec![INTEGER, 1, 3], element(OCTETS, b"cn=SECRETUSER"), element(way, body)].concat())
    }

    fn told(bytes: &[u8]) -> Vec<Said> {
        trial::stream(&STREAM, bytes, 77, (40_000, 389))
    }

    #[test]
    fn a_root_entry_is_the_servers_own_and_others_are_not() {
        let attributes = [
            attribute("dnsHostName", b"dc1.clinic.local"),
            attribute("defaultNamingContext", b"DC=clinic,DC=local"),
            attribute("vendorName", b"Maker"),
            attribute("vendorVersion", b"2.4"),
        ];
        let mut want = vec![
            says(Field::HostName, "dc1.clinic.local", "LDAP dnsHostName"),
            says(Field::NetworkDomain, "clinic.local", "LDAP defaultNamingContext"),
            says(Field::Banner, "Maker 2.4", "LDAP vendorName"),
        ];
        want.sort();
        assert_eq!(told(&entry("", &attributes)), want);
        assert_eq!(told(&entry("CN=WS-9,DC=clinic,DC=local", &attributes)), vec![]);
    }

    #[test]
    fn a_domain_controller_is_found_with_the_host_that_asks() {
        let basis = "LDAP netlogon request";
        let asked = search(
            "",
            &[
                ("DnsDomain", b"clinic.local"),
                ("Host", b"WS-1"),
                ("User", b"SECRETUSER"),
                ("NtVer", &[6, 0, 0, 0]),
            ],
        );
        let want = [says(Field::HostName, "WS-1", basis), says(Field::NetworkDomain, "clinic.local", basis)];
        assert_eq!(trial::datagram(&DATAGRAM, &asked, (40_000, 389)).unwrap(), want);
        assert_eq!(told(&search("", &[("Host", b"WS-1")])), vec![]);
        let answered = entry("", &[attribute("Netlogon", &netlogon())]);
        let basis = "LDAP netlogon answer";
        let want = [
            says(Field::HostName, "DC1", basis),
            says(Field::HostName, "dc1.clinic.local", basis),
            says(Field::NetworkDomain, "CLINIC", basis),
            says(Field::NetworkDomain, "clinic.local", basis),
        ];
        assert_eq!(trial::datagram(&DATAGRAM, &answered, (389, 40_000)).unwrap(), want);
    }

    #[test]
    fn binds_give_computers_and_neither_names_nor_passwords() {
        let sasl = [element(OCTETS, b"GSS-SPNEGO"), element(OCTETS, &ntlmssp::tests::answer())].concat();
        let said = told(&bind(0xa3, &sasl));
        assert!(said.contains(&says(Field::HostName, "WS-1", "NTLMSSP answer")), "{said:?}");
        assert!(said.iter().all(|(_, _, value, _)| !value.contains("SECRET")));
        let said = told(&bind(0xa3, &kerberos::tests::token()));
        assert_eq!(said[0].0, RECEIVER);
        assert_eq!(told(&bind(0x80, &ntlmssp::tests::answer())), vec![]);
        let said = told(&message(BIND_ANSWER, &ntlmssp::tests::challenge()));
        assert!(said.contains(&says(Field::HostName, "SRV", "NTLMSSP challenge")), "{said:?}");
    }

    #[test]
    fn a_probe_tells_it_from_snmp() {
        assert_eq!(probe(&search("", &[])), Probe::Yes);
        assert_eq!(probe(&[0x30, 0x84, 0, 0, 0, 5, 2, 1, 1, 0x42, 0]), Probe::Yes);
        assert_eq!(probe(&[0x30, 26, 2, 1, 1, 4, 6, b'p']), Probe::No);
        for length in 1..=4 {
            assert_eq!(probe(&[0x30, 12, 2, 1, 1, 0x60][..length]), Probe::More, "{length}");
        }
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_read_within_bounds(
            which in 0usize..3,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
            noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let netlogon = entry("", &[attribute("netlogon", &netlogon())]);
            let mut bytes = [netlogon, search("", &[("NtVer", &[1]), ("Host", b"A")]), bind(0xa3, &noise)][which].clone();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            told(&bytes);
            trial::visit((1, 2), |visit| {
                tell(&bytes, visit);
                tell(&noise, visit);
                tell_controller(&[&[23, 0][..], &noise].concat(), visit);
            });
            let _ = (probe(&bytes), probe(&noise));
        }
    }
}

//! DHCP for IPv6 (RFC 8415; options of RFC 4649, 4704, 5970, 6939, 8520).
//!
//! Copied from a client: unique id (1) and the card in it, name (39), vendor class (16), user class (15), URL of the maker's usage
//! description (112); from a server: the addresses of IA_NA and IA_TA that it confirms, and that it is one; from the relay nearest to
//! the client: its link-layer address (79), interface id (18), remote id (37) and subscriber id (38). Everything else is passed over.
//!
//! The device is the client, never the relay. Its card is the frame's if it speaks from a link-local address, else what the relay
//! says it is or the card in the link-local address it spoke from. The card in its unique id is one of its cards, not always this
//! one, and images of disks are copied with it: it never binds an address.

use super::dhcp::labels;
use super::duid::UniqueId;
use super::{DatagramProtocol, Probe, Visit, relay_agent, text};
use crate::notes::{At, LEASE, Seen, Who};
use std::net::{IpAddr, Ipv6Addr};
use tallyward_core::{Field, Mac, SourceKind};

/// DHCP for IPv6 on its own ports; its head is too short to be known by elsewhere.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol {
    name: "dhcpv6",
    ports: &[546, 547],
    probe,
    read: |data, visit| {
        read(data, visit);
    },
};

/// Relays in a row that are followed (RFC 8415 section 7.6, HOP_COUNT_LIMIT).
const MOST_RELAYS: usize = 8;
/// Addresses taken from one message.
const MOST_ADDRESSES: usize = 16;
const REPLY: u8 = 7;
/// Type, hop count, link address, peer address.
const RELAY_HEAD: usize = 34;

fn probe(data: &[u8]) -> Probe {
    let rest = match data.first() {
        Some(1..=11) => data.get(4..),
        Some(12 | 13) => data.get(RELAY_HEAD..),
        _ => None,
    };
    let Some(rest) = rest else { return Probe::No };
    // The first option must fit; a cut message is known by that too.
    match options(rest).next() {
        Some((1..=200, _)) => Probe::Maybe,
        _ => Probe::No,
    }
}

/// Code and value of each option.
fn options(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let [a, b, c, d, tail @ ..] = rest else { return None };
        let value = tail.get(..usize::from(u16::from_be_bytes([*c, *d])))?;
        rest = &tail[value.len()..];
        Some((u16::from_be_bytes([*a, *b]), value))
    })
}

/// What the relay nearest to the client says of it.
#[derive(Clone, Copy, Debug)]
struct Relayed<'a> {
    peer: Ipv6Addr,
    options: &'a [u8],
}

impl<'a> Relayed<'a> {
    fn option(&self, wanted: u16) -> Option<&'a [u8]> {
        options(self.options).find(|(code, _)| *code == wanted).map(|(_, value)| value)
    }

    fn card(&self) -> Option<Mac> {
        let told = match self.option(79) {
            Some([0, 1 | 6, a, b, c, d, e, f]) => Some(Mac([*a, *b, *c, *d, *e, *f])),
            _ => None,
        };
        told.filter(|mac| !mac.is_junk()).or_else(|| card_in(self.peer))
    }
}

/// The card in a link-local address made from one (RFC 4291 appendix A).
fn card_in(address: Ipv6Addr) -> Option<Mac> {
    match address.octets() {
        [0xfe, 0x80, 0, 0, 0, 0, 0, 0, a, b, c, 0xff, 0xfe, d, e, f] => {
            Some(Mac([a ^ 2, b, c, d, e, f])).filter(|mac| !mac.is_junk())
        }
        _ => None,
    }
}

fn read(mut data: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let mut relayed = None;
    for _ in 0..=MOST_RELAYS {
        match data.first()? {
            12 | 13 => {
                let head = data.first_chunk::<RELAY_HEAD>()?;
                let peer = Ipv6Addr::from(*head[18..].first_chunk::<16>()?);
                let relay = Relayed { peer, options: &data[RELAY_HEAD..] };
                data = relay.option(9)?;
                relayed = Some(relay);
            }
            kind => return message(*kind, data.get(4..)?, relayed, visit),
        }
    }
    None
}

fn message(kind: u8, data: &[u8], relayed: Option<Relayed<'_>>, visit: &mut Visit<'_>) -> Option<()> {
    let asks = match kind {
        1 | 3 | 4 | 5 | 6 | 8 | 9 | 11 => true,
        2 | REPLY | 10 => false,
        _ => return None,
    };
    visit.shared.opener = Some(if asks { visit.sender } else { visit.receiver });
    let id = options(data).find(|(code, _)| *code == 1).and_then(|(_, value)| UniqueId::new(value));
    let card = match &relayed {
        Some(relayed) => relayed.card(),
        None if asks => own_card(visit.sender),
        None => own_card(visit.receiver),
    };
    if let (true, Some(id), Some(card)) = (asks, &id, card) {
        visit.notes.belongs(id.clone(), card);
    }
    let who = match (card, &relayed) {
        (Some(card), _) => Who::Card(card),
        (None, Some(relayed)) => {
            let peer = Who::At { mac: None, address: IpAddr::V6(relayed.peer) };
            id.as_ref().and_then(UniqueId::card).map_or(peer, Who::Card)
        }
        (None, None) => {
            if asks {
                visit.sender
            } else {
                visit.receiver
            }
        }
    };
    if let Some(relayed) = &relayed {
        tell_port(relayed, who, visit);
    }
    if asks {
        tell(data, id.as_ref(), who, visit);
    } else {
        if relayed.is_none() {
            visit.say(Field::NetworkRole, "DHCP server", SourceKind::WireNetwork, "DHCPv6 server id");
        }
        if kind == REPLY {
            confirm(data, id.as_ref(), who, card, visit);
        }
    }
    Some(())
}

/// The card of a partner that speaks on the link itself.
fn own_card(who: Who) -> Option<Mac> {
    match who {
        Who::At { mac, address: IpAddr::V6(address) } if address.is_unicast_link_local() => {
            mac.or_else(|| card_in(address)).filter(|mac| !mac.is_junk())
        }
        _ => None,
    }
}

/// What a client says of itself.
fn tell(data: &[u8], id: Option<&UniqueId>, who: Who, visit: &mut Visit<'_>) {
    let at = At::of(visit);
    let mut say = |field, value: Option<String>, basis| {
        if let Some(value) = value {
            visit.notes.say(who, field, &value, SourceKind::WireNetwork, basis, at);
        }
    };
    say(Field::DhcpUniqueId, id.map(UniqueId::text), "DHCPv6 client id");
    let other = id.and_then(UniqueId::card).filter(|card| who != Who::Card(*card));
    say(Field::MacAddress, other.map(|card| card.to_string()), "DHCPv6 client id");
    for (code, value) in options(data) {
        match (code, value) {
            (39, [_, name @ ..]) => say(Field::HostName, labels(name), "DHCPv6 option 39"),
            (16, [_, _, _, _, classes @ ..]) => {
                for class in counted(classes) {
                    say(Field::DhcpVendorClass, text(class), "DHCPv6 option 16");
                }
            }
            (15, classes) => {
                for class in counted(classes) {
                    say(Field::SystemDescription, text(class), "DHCPv6 option 15");
                }
            }
            (112, url) => {
                let url = text(url).filter(|url| url.starts_with("https://") && !url.contains(' '));
                say(Field::SystemDescription, url, "DHCPv6 option 112");
            }
            _ => {}
        }
    }
}

/// Length of two bytes, value; at most eight.
fn counted(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let [high, low, tail @ ..] = rest else { return None };
        let value = tail.get(..usize::from(u16::from_be_bytes([*high, *low])))?;
        rest = &tail[value.len()..];
        Some(value)
    })
    .take(8)
}

fn tell_port(relayed: &Relayed<'_>, who: Who, visit: &mut Visit<'_>) {
    let at = At::of(visit);
    // Behind the enterprise number of who makes the relay.
    let named = |code| relayed.option(code).and_then(|value| value.get(4..));
    let mut say = |value: Option<String>, basis| {
        if let Some(value) = value {
            visit.notes.say(who, Field::SwitchPort, &value, SourceKind::WireNetwork, basis, at);
        }
    };
    say(relay_agent::port(named(37), relayed.option(18)), "DHCPv6 relay");
    say(named(38).and_then(relay_agent::readable), "DHCPv6 relay subscriber id");
}

/// The addresses that a server's reply gives: those with a lifetime left in IA_NA (3) and IA_TA (4).
fn confirm(data: &[u8], id: Option<&UniqueId>, who: Who, card: Option<Mac>, visit: &mut Visit<'_>) {
    let at = At::of(visit);
    let associations = options(data).filter_map(|(code, value)| match code {
        3 => value.get(12..),
        4 => value.get(4..),
        _ => None,
    });
    let addresses = associations.flat_map(options).filter(|(code, _)| *code == 5);
    for (_, value) in addresses.take(MOST_ADDRESSES) {
        let Some(head) = value.first_chunk::<24>() else { continue };
        let address = Ipv6Addr::from(*head.first_chunk::<16>().expect("24 bytes begin with 16"));
        if head[20..] == [0; 4] || address.is_unspecified() || address.is_multicast() {
            continue;
        }
        let address = IpAddr::V6(address);
        match (card, id) {
            (Some(card), _) => visit.notes.claim(card, address, at),
            // The client's own questions tell which card it uses, whenever they come.
            (None, Some(id)) => {
                visit.notes.lease(id.clone(), address, who, Seen::at(at));
                continue;
            }
            (None, None) => {}
        }
        visit.notes.say(who, Field::IpAddress, &address.to_string(), SourceKind::WireNetwork, LEASE, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial;
    use proptest::prelude::*;

    const CARD: &str = "mac|02:00:00:00:00:05";

    fn option(code: u8, value: &[u8]) -> Vec<u8> {
        [&[0, code, 0, value.len() as u8], value].concat()
    }

    fn address(lifetime: u8) -> Vec<u8> {
        let mut body = "fd00::5".parse::<Ipv6Addr>().unwrap().octets().to_vec();
        body.extend([0, 0, 0, lifetime, 0, 0, 0, lifetime]);
        option(3, &[&[0; 12][..], &option(5, &body)].concat())
    }

    fn client_id() -> Vec<u8> {
        option(1, &[0, 3, 0, 1, 2, 0, 0, 0, 0, 7])
    }

    fn solicit() -> Vec<u8> {
        [
            vec![1, 0, 0, 1],
            client_id(),
            option(16, &[&[0, 0, 1, 55, 0, 5][..], b"pumps"].concat()),
            option(39, b"\x01\x06pump-7\x04ward\x00"),
            option(112, b"https://maker.example/pump.json"),
        ]
        .concat()
    }

    fn relay(kind: u8, peer: &str, more: &[u8], inner: &[u8]) -> Vec<u8> {
        let mut out = vec![kind, 0];
        out.extend([0; 16]);
        out.extend(peer.parse::<Ipv6Addr>().unwrap().octets());
        out.extend(more);
        out.extend(option(9, inner));
        out
    }

    fn told(bytes: &[u8]) -> Vec<(String, Field, String)> {
        let said = trial::datagram(&DATAGRAM, bytes, (547, 547)).expect("its own probe knows it");
        said.into_iter().map(|(subject, field, value, _)| (subject, field, value)).collect()
    }

    fn own(field: Field, value: &str) -> (String, Field, String) {
        (CARD.to_owned(), field, value.to_owned())
    }

    fn client() -> Vec<(String, Field, String)> {
        let mut want = vec![
            own(Field::DhcpUniqueId, "00030001020000000007"),
            own(Field::MacAddress, "02:00:00:00:00:07"),
            own(Field::DhcpVendorClass, "pumps"),
            own(Field::HostName, "pump-7.ward"),
            own(Field::SystemDescription, "https://maker.example/pump.json"),
        ];
        want.sort();
        want
    }

    #[test]
    fn the_device_is_the_client_behind_any_relays() {
        let told_address = option(79, &[0, 1, 2, 0, 0, 0, 0, 5]);
        assert_eq!(told(&relay(12, "fe80::1", &told_address, &solicit())), client());
        let inner = relay(12, "fe80::ff:fe00:5", &[], &solicit());
        assert_eq!(told(&relay(12, "fd00::1", &[], &inner)), client(), "by the address it spoke from");
        let mut deep = solicit();
        for _ in 0..20 {
            deep = relay(12, "fe80::ff:fe00:5", &[], &deep);
            deep.truncate(60_000);
        }
        let _ = trial::datagram(&DATAGRAM, &deep, (547, 547));
    }

    #[test]
    fn the_relay_tells_the_port() {
        let port =
            [option(18, b"Gi1/0/5"), option(37, b"\0\0\0\x09sw1"), option(38, b"\0\0\0\x09bed7")].concat();
        let told = told(&relay(12, "fe80::ff:fe00:5", &port, &solicit()));
        assert!(told.contains(&own(Field::SwitchPort, "sw1 Gi1/0/5")), "{told:#?}");
        assert!(told.contains(&own(Field::SwitchPort, "bed7")));
    }

    #[test]
    fn an_address_counts_when_the_server_confirms_it() {
        let reply = |kind: u8, lifetime| [vec![kind, 0, 0, 1], client_id(), address(lifetime)].concat();
        let relayed = |inner: &[u8]| told(&relay(13, "fe80::ff:fe00:5", &[], inner));
        assert_eq!(relayed(&reply(7, 60)), [own(Field::IpAddress, "fd00::5")]);
        assert_eq!(relayed(&reply(7, 0)), [], "taken back");
        assert_eq!(relayed(&reply(2, 60)), [], "only offered");
        assert!(relayed(&reply(5, 60)).iter().all(|(_, field, _)| *field != Field::IpAddress), "only asked");
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), bits in any::<u8>(), cut in any::<prop::sample::Index>(),
            kind in 1u8..14, noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = relay(12, "fe80::ff:fe00:5", &option(79, &[0, 1, 2, 0, 0, 0, 0, 5]), &solicit());
            let place = at.index(bytes.len());
            bytes[place] ^= bits;
            let _ = trial::datagram(&DATAGRAM, &bytes[..cut.index(bytes.len())], (547, 547));
            let _ = trial::datagram(&DATAGRAM, &bytes, (547, 547));
            let _ = trial::datagram(&DATAGRAM, &[&[kind, 0, 0, 0], &client_id()[..], &noise].concat(), (546, 547));
        }
    }
}

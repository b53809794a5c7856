//! Neighbour discovery for IPv6 (RFC 4861 section 4): which card holds which address, and which card is a router.
//!
//! Copied: the sender's address with its link-layer option (solicitations and router advertisements), the target address with its
//! link-layer option (neighbour advertisements), and whether the sender calls itself a router. As with ARP, a claim counts only for
//! the card that sent the frame: a proxy that answers for somebody else claims nothing. A probe for duplicates (from no address)
//! claims nothing either. Only packets that no router has passed on count (hop limit 255).

use super::{FrameVisit, PacketProtocol};
use crate::ip::Ip;
use std::net::{IpAddr, Ipv6Addr};
use tallyward_core::{Field, Mac, SourceKind};

/// Neighbour discovery by ICMPv6's protocol number.
pub(crate) const PACKET: PacketProtocol = PacketProtocol {
    protocol: 58,
    read: |ip, visit| {
        read(ip, visit);
    },
};

/// Options read of one message.
const MOST: usize = 16;
const SOURCE: u8 = 1;
const TARGET: u8 = 2;

fn read(ip: &Ip<'_>, visit: &mut FrameVisit<'_>) -> Option<()> {
    let card = visit.source?;
    let IpAddr::V6(source) = ip.source else { return None };
    let [kind @ 133..=136, 0, _, _, body @ ..] = ip.payload else { return None };
    if ip.hops != 255 {
        return None;
    }
    match kind {
        133 => claim(visit, card, source, option(body.get(4..)?, SOURCE)?, "router solicitation"),
        134 => {
            let lifetime = u16::from_be_bytes(*body.get(2..)?.first_chunk()?);
            if lifetime > 0 {
                let basis = "router advertisement";
                visit.say(card, Field::NetworkRole, "router", SourceKind::WireNetwork, basis);
            }
            claim(visit, card, source, option(body.get(12..)?, SOURCE)?, "router advertisement")
        }
        135 => claim(visit, card, source, option(body.get(20..)?, SOURCE)?, "neighbour solicitation"),
        _ => {
            let flags = body.first()?;
            let target = Ipv6Addr::from(*body.get(4..)?.first_chunk::<16>()?);
            let named = option(body.get(20..)?, TARGET);
            // Who answers for others must leave the override flag out (section 7.2.8); an answer without the option can only be
            // believed of the sender's own address.
            let own = target == source;
            if !own && (flags & 0x20 == 0 || named.is_none()) {
                return None;
            }
            let basis = "neighbour advertisement";
            claim(visit, card, target, named.unwrap_or(card), basis)?;
            if flags & 0x80 != 0 {
                visit.say(card, Field::NetworkRole, "router", SourceKind::WireNetwork, basis);
            }
            Some(())
        }
    }
}

/// The card in an option of the given kind; options count their length in eight bytes.
fn option(mut rest: &[u8], wanted: u8) -> Option<Mac> {
    for _ in 0..MOST {
        let [kind, length, ..] = rest else { return None };
        let option = rest.get(..usize::from(*length) * 8).filter(|option| !option.is_empty())?;
        if let (true, [_, 1, a, b, c, d, e, f]) = (*kind == wanted, option) {
            return Some(Mac([*a, *b, *c, *d, *e, *f]));
        }
        rest = &rest[option.len()..];
    }
    None
}

fn claim(
    visit: &mut FrameVisit<'_>,
    card: Mac,
    address: Ipv6Addr,
    named: Mac,
    basis: &'static str,
) -> Option<()> {
    if named != card || address.is_unspecified() || address.is_multicast() || address.is_loopback() {
        return None;
    }
    visit.notes.claim(card, IpAddr::V6(address), visit.at);
    visit.say(card, Field::IpAddress, &address.to_string(), SourceKind::WireNetwork, basis);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial;
    use proptest::prelude::*;

    const OWN: [u8; 8] = [SOURCE, 1, 2, 0, 0, 0, 0, 9];
    const OTHER: [u8; 8] = [SOURCE, 1, 2, 0, 0, 0, 0, 7];

    fn here() -> Ipv6Addr {
        "fd00::9".parse().unwrap()
    }

    fn told(from: Ipv6Addr, hops: u8, message: &[&[u8]]) -> Vec<(Field, String)> {
        let payload = message.concat();
        let target = IpAddr::V6("ff02::1".parse().unwrap());
        let ip = Ip {
            source: IpAddr::V6(from),
            target,
            protocol: 58,
            hops,
            payload: &payload,
            missing: 0,
            piece: None,
        };
        let all = trial::packet(&PACKET, &ip);
        all.into_iter().map(|(_, field, value, _)| (field, value)).collect()
    }

    fn target(option: [u8; 8]) -> [u8; 8] {
        [&[TARGET], &option[1..]].concat().try_into().unwrap()
    }

    #[test]
    fn a_solicitation_claims_its_sender_and_a_probe_nothing() {
        let asked: Ipv6Addr = "fd00::1".parse().unwrap();
        let head = [&[135, 0, 0, 0, 0, 0, 0, 0][..], &asked.octets()].concat();
        let own = vec![(Field::IpAddress, "fd00::9".to_owned())];
        assert_eq!(told(here(), 255, &[&head, &OWN]), own);
        assert_eq!(told(here(), 255, &[&head, &[14, 1, 0, 0, 0, 0, 0, 0], &OWN]), own, "behind a nonce");
        assert_eq!(told(here(), 255, &[&head, &OTHER]), [], "another card's");
        assert_eq!(told(here(), 64, &[&head, &OWN]), [], "passed on");
        assert_eq!(told(Ipv6Addr::UNSPECIFIED, 255, &[&head, &OWN]), [], "a probe for duplicates");
        assert_eq!(told(here(), 255, &[&head]), []);
    }

    #[test]
    fn an_advertisement_claims_its_target_unless_it_speaks_for_another() {
        let say = |flags: u8, of: &str, option: &[u8]| {
            let of: Ipv6Addr = of.parse().unwrap();
            told(here(), 255, &[&[136, 0, 0, 0, flags, 0, 0, 0], &of.octets(), option])
        };
        let claimed = |address: &str| (Field::IpAddress, address.to_owned());
        assert_eq!(say(0x60, "fd00::5", &target(OWN)), [claimed("fd00::5")]);
        assert_eq!(say(0x40, "fd00::5", &target(OWN)), [], "a proxy");
        assert_eq!(say(0x60, "fd00::5", &target(OTHER)), []);
        assert_eq!(say(0x60, "fd00::5", &[]), []);
        assert_eq!(say(0x40, "fd00::9", &[]), [claimed("fd00::9")]);
        let router = (Field::NetworkRole, "router".to_owned());
        assert_eq!(say(0xe0, "fd00::9", &target(OWN)), [claimed("fd00::9"), router]);
    }

    #[test]
    fn an_advertising_router_is_one_until_it_stops() {
        let say = |lifetime: u8| told(here(), 255, &[&[134, 0, 0, 0, 64, 0, 0, lifetime], &[0; 8], &OWN]);
        assert_eq!(say(0), [(Field::IpAddress, "fd00::9".to_owned())]);
        assert_eq!(say(30).len(), 2);
        assert_eq!(told(here(), 255, &[&[133, 0, 0, 0, 0, 0, 0, 0], &OWN]).len(), 1);
    }

    proptest! {
        #[test]
        fn noise_is_survived(kind in 130u8..140, bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = told(here(), 255, &[&[kind, 0, 0, 0], &bytes]);
        }
    }
}

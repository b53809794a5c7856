//! Tunnels: frames and packets inside others.
//!
//! GRE (RFC 2784, RFC 2890; version 1 of RFC 2637 with PPP), ERSPAN types I to III (draft-foschiano-erspan-03) and transparent
//! Ethernet in GRE; VXLAN (RFC 7348, and its generic form on port 4790), Geneve (RFC 8926); CAPWAP data (RFC 5415, RFC 5416); IP in
//! IP (RFC 2003), IPv6 in IPv4 and the reverse (RFC 4213, RFC 2473), EtherIP (RFC 3378); directly in frames PPPoE sessions (RFC
//! 2516) and MPLS (RFC 3032). What is inside is read like any other frame. The cards in it are real where the tunnel carries
//! Ethernet or wireless frames; a bare packet has none, and the tunnel's own cards are never lent to it.

use crate::ip::Ip;
use crate::link::{self, Link, Realm};
use tallyward_core::Mac;

/// Tunnels in tunnels that are followed.
pub(crate) const DEEPEST: u8 = 4;

const ETHERNET_BRIDGED: u16 = 0x6558;
const PPP_IN_GRE: u16 = 0x880b;
const MPLS: u64 = 0x8847;
const MPLS_MULTICAST: u64 = 0x8848;
const PPPOE: u64 = 0x8864;

/// A tunnel, by one of its packets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tunnel<'a> {
    /// The name of the service in flows.
    pub name: &'static str,
    /// What is inside, if it is in the clear.
    pub inside: Option<Link<'a>>,
    /// Captured bytes of what is inside.
    pub bytes: u32,
    /// A wireless station and the radio of the access point it uses.
    pub station: Option<(Mac, Mac)>,
}

impl<'a> Tunnel<'a> {
    fn new(name: &'static str, bytes: &'a [u8], inside: Option<Link<'a>>) -> Self {
        Self { name, inside, bytes: bytes.len() as u32, station: None }
    }
}

/// The packet in a frame that carries neither IP nor a protocol of its own.
pub(crate) fn in_frame<'a>(outer: &Link<'a>) -> Option<Link<'a>> {
    let inside = match outer.kind {
        // Version and type 1, code 0, session, length.
        PPPOE => match outer.payload {
            [0x11, 0, _, _, _, _, ppp @ ..] => Link { source: outer.source, ..point_to_point(ppp)? },
            _ => return None,
        },
        MPLS | MPLS_MULTICAST => labelled(outer.payload)?,
        _ => return None,
    };
    Some(Link { realm: outer.realm, ..inside })
}

/// The tunnel in a packet that is neither TCP nor UDP.
pub(crate) fn in_packet<'a>(ip: &Ip<'a>) -> Option<Tunnel<'a>> {
    let data = ip.payload;
    match ip.protocol {
        4 => Some(Tunnel::new("ip-in-ip", data, Some(link::bare(link::IPV4, data)))),
        41 => Some(Tunnel::new("ip-in-ip", data, Some(link::bare(link::IPV6, data)))),
        47 => routing(data),
        97 => match data {
            [0x30, 0, frame @ ..] => Some(Tunnel::new("etherip", frame, link::ethernet(frame))),
            _ => None,
        },
        _ => None,
    }
}

/// The tunnel in a UDP datagram: by port where that is agreed and the content fits, by content alone for VXLAN.
pub(crate) fn in_datagram(ports: (u16, u16), data: &[u8]) -> Option<Tunnel<'_>> {
    let on = |port: u16| ports.0 == port || ports.1 == port;
    if let [0x08, 0, 0, 0, _, _, _, 0, frame @ ..] = data
        && (on(4789) || on(8472) || is_frame(frame))
    {
        return Some(virtual_network("vxlan", data, frame, ETHERNET_BRIDGED));
    }
    match data {
        // With a policy group, or with reserved bits that senders set all the same.
        [flags, _, _, _, _, _, _, _, frame @ ..]
            if (on(4789) || on(8472)) && flags & 0x08 != 0 && is_frame(frame) =>
        {
            Some(virtual_network("vxlan", data, frame, ETHERNET_BRIDGED))
        }
        [flags, _, _, next, _, _, _, _, inner @ ..] if on(4790) && flags & 0xf8 == 0x08 => {
            let kind = match (flags & 0x04, next) {
                (0, _) | (_, 3) => ETHERNET_BRIDGED,
                (_, 1) => link::IPV4 as u16,
                (_, 2) => link::IPV6 as u16,
                _ => 0,
            };
            Some(virtual_network("vxlan", data, inner, kind))
        }
        // Version 0, the length of the options in words, what follows, and a reserved byte.
        [head, _, high, low, _, _, _, 0, rest @ ..] if on(6081) && head & 0xc0 == 0 => {
            let inner = rest.get(usize::from(head & 0x3f) * 4..)?;
            Some(virtual_network("geneve", data, inner, u16::from_be_bytes([*high, *low])))
        }
        _ if on(5247) => wireless_tunnel(data),
        _ => None,
    }
}

/// The number of the network lies at the same place in VXLAN and Geneve.
fn virtual_network<'a>(name: &'static str, data: &[u8], inner: &'a [u8], kind: u16) -> Tunnel<'a> {
    let number = u32::from_be_bytes([0, data[4], data[5], data[6]]);
    let inside = match kind {
        ETHERNET_BRIDGED => link::ethernet(inner),
        kind => network(kind, inner),
    };
    let inside = inside.map(|inside| Link { realm: Realm::virtual_network(number), ..inside });
    Tunnel::new(name, inner, inside)
}

/// Whether bytes begin like an Ethernet frame of a known kind.
fn is_frame(data: &[u8]) -> bool {
    let Some(head) = data.first_chunk::<15>() else { return false };
    let kind = u16::from_be_bytes([head[12], head[13]]);
    let known = match kind {
        0x0800 => head[14] >> 4 == 4,
        0x86dd => head[14] >> 4 == 6,
        0x0806 | 0x8100 | 0x88a8 | 0x88cc => true,
        _ => false,
    };
    known && head[6] & 1 == 0
}

fn network(kind: u16, data: &[u8]) -> Option<Link<'_>> {
    let kind = u64::from(kind);
    matches!(kind, link::IPV4 | link::IPV6).then(|| link::bare(kind, data))
}

/// Generic routing encapsulation: flags, version, protocol, then the fields that the flags promise.
fn routing(data: &[u8]) -> Option<Tunnel<'_>> {
    let head = data.first_chunk::<4>()?;
    let (flags, kind) = (u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]]));
    let has = |bit: u16| usize::from(flags & bit != 0);
    let (checksum, routed, key, sequence) = (has(0x8000), has(0x4000), has(0x2000), has(0x1000));
    let acknowledged = match flags & 7 {
        0 => 0,
        1 => has(0x0080),
        _ => return None,
    };
    // The source routes of RFC 1701 were taken out again by RFC 2784.
    if routed != 0 {
        return None;
    }
    let inner = data.get(4 + 4 * (checksum + key + sequence + acknowledged)..)?;
    Some(match kind {
        ETHERNET_BRIDGED => Tunnel::new("gre", inner, link::ethernet(inner)),
        PPP_IN_GRE => Tunnel::new("gre", inner, point_to_point(inner)),
        0x8847 => Tunnel::new("gre", inner, labelled(inner)),
        0x88be => mirrored(inner, sequence != 0),
        0x22eb => mirrored(inner, true),
        kind => Tunnel::new("gre", inner, network(kind, inner)),
    })
}

/// ERSPAN: type I has no header of its own, which shows in that GRE is not numbered; II and III say their version first.
fn mirrored(data: &[u8], has_header: bool) -> Tunnel<'_> {
    let head = match (has_header, data.first_chunk::<12>()) {
        (false, _) => 0,
        (true, Some(head)) if head[0] >> 4 == 1 => 8,
        (true, Some(head)) if head[0] >> 4 == 2 => 12 + 8 * usize::from(head[11] & 1),
        _ => return Tunnel::new("erspan", data, None),
    };
    let frame = data.get(head..).unwrap_or_default();
    // Of type III, frame types other than 0 (Ethernet) are bare IP packets or unknown.
    let inside = match head {
        12.. if data[10] >> 2 & 0x1f == 2 => bare_by_version(frame),
        12.. if data[10] >> 2 & 0x1f != 0 => None,
        _ => link::ethernet(frame),
    };
    let inside = inside.map(|inside| {
        // The mirroring switch has taken off the tag and put its number into the header.
        let untagged = head > 0 && inside.realm == Realm::default();
        let vlan = u16::from_be_bytes([data[0], data[1]]);
        Link { realm: if untagged { inside.realm.tagged(vlan) } else { inside.realm }, ..inside }
    });
    Tunnel::new("erspan", frame, inside)
}

fn bare_by_version(data: &[u8]) -> Option<Link<'_>> {
    match data.first()? >> 4 {
        4 => Some(link::bare(link::IPV4, data)),
        6 => Some(link::bare(link::IPV6, data)),
        _ => None,
    }
}

/// PPP (RFC 1661, RFC 1662): address and control may be left out, and the protocol's high byte if it is zero.
fn point_to_point(data: &[u8]) -> Option<Link<'_>> {
    let data = data.strip_prefix(&[0xff, 0x03]).unwrap_or(data);
    match data {
        [0x21, packet @ ..] | [0, 0x21, packet @ ..] => Some(link::bare(link::IPV4, packet)),
        [0x57, packet @ ..] | [0, 0x57, packet @ ..] => Some(link::bare(link::IPV6, packet)),
        _ => None,
    }
}

/// Labels up to the bottom of the stack; behind it an IP packet, or an Ethernet frame behind a control word (RFC 4385).
fn labelled(mut data: &[u8]) -> Option<Link<'_>> {
    for _ in 0..8 {
        let [_, _, third, _, rest @ ..] = data else { return None };
        data = rest;
        if third & 1 != 0 {
            return match data {
                [0, _, _, _, frame @ ..] if is_frame(frame) => link::ethernet(frame),
                _ => bare_by_version(data),
            };
        }
    }
    None
}

/// CAPWAP data: a header of its own, then an Ethernet frame or a wireless one.
fn wireless_tunnel(data: &[u8]) -> Option<Tunnel<'_>> {
    let head = match data {
        // Version 0 with a DTLS header: encrypted.
        [1, 0, 0, 0, ..] => return Some(Tunnel::new("capwap", &[], None)),
        [0, ..] => data.first_chunk::<8>()?,
        _ => return None,
    };
    let length = usize::from(head[1] >> 3) * 4;
    let frame = data.get(length..).filter(|_| length >= 8)?;
    let (native, binding) = (head[2] & 1 != 0, head[2] >> 1 & 0x1f);
    let (fragment, keep_alive) = (head[3] & 0x80 != 0, head[3] & 0x08 != 0);
    let offset = u16::from_be_bytes([head[6], head[7]]) >> 3;
    // A frame's later pieces are only counted: its head is in the first.
    if keep_alive || fragment && offset != 0 {
        return Some(Tunnel::new("capwap", frame, None));
    }
    match (native, binding) {
        (false, _) => Some(Tunnel::new("capwap", frame, link::ethernet(frame))),
        (true, 1) => {
            let (inside, station) = wireless(frame).unzip();
            Some(Tunnel { station: station.flatten(), ..Tunnel::new("capwap", frame, inside) })
        }
        _ => Some(Tunnel::new("capwap", frame, None)),
    }
}

/// A data frame of IEEE 802.11 (clause 9.3.2), with the station and the radio of the access point. Some controllers swap the two
/// bytes of the frame control field.
fn wireless(data: &[u8]) -> Option<(Link<'_>, Option<(Mac, Mac)>)> {
    let head = data.first_chunk::<24>()?;
    let is_data = |byte: u8| byte & 0x0f == 0x08;
    let (kind, flags) = match (is_data(head[0]), is_data(head[1])) {
        (true, _) => (head[0], head[1]),
        (false, true) => (head[1], head[0]),
        _ => return None,
    };
    let card = |at: usize| {
        let bytes = data.get(at..at + 6)?.first_chunk::<6>()?;
        link::real(Mac(*bytes))
    };
    let (to_wire, from_wire, protected) = (flags & 1 != 0, flags & 2 != 0, flags & 0x40 != 0);
    let mut length = 24;
    let source = match (to_wire, from_wire) {
        (_, false) => card(10),
        (false, true) => card(16),
        (true, true) => {
            length += 6;
            card(24)
        }
    };
    let station = match (to_wire, from_wire) {
        // Without data of its own an access point sends in its own name.
        (true, false) => card(10).zip(card(4)).filter(|(station, radio)| station != radio),
        (false, true) => card(4).zip(card(10)),
        _ => None,
    };
    let mut aggregated = false;
    if kind & 0x80 != 0 {
        aggregated = data.get(length)? & 0x80 != 0;
        length += 2 + 4 * usize::from(flags & 0x80 != 0);
    }
    let carries = kind & 0x40 == 0 && !protected && !aggregated;
    let body = data.get(length..).filter(|_| carries).unwrap_or_default();
    Some((link::llc(source, Realm::default(), body), station))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip;
    use proptest::prelude::*;

    /// An Ethernet frame from card 9 with a bare IPv4 header behind it.
    fn frame() -> Vec<u8> {
        let mut out = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0];
        out.extend(packet(6, &[]));
        out
    }

    fn packet(protocol: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = vec![0x45, 0, 0, 20 + payload.len() as u8, 0, 1, 0, 0, 64, protocol, 0, 0];
        out.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        out.extend(payload);
        out
    }

    const CARD: Option<Mac> = Some(Mac([2, 0, 0, 0, 0, 9]));

    fn routed(head: &[u8], inner: &[u8]) -> Option<(&'static str, Option<Mac>, u64, u16)> {
        let outer = packet(47, &[head, inner].concat());
        let tunnel = in_packet(&ip::v4(&outer).unwrap())?;
        let inside = tunnel.inside?;
        Some((tunnel.name, inside.source, inside.kind, inside.realm.vlan()))
    }

    #[test]
    fn routing_encapsulation_with_every_field_it_may_carry() {
        let inner = packet(6, &[]);
        assert_eq!(routed(&[0, 0, 8, 0], &inner), Some(("gre", None, link::IPV4, 0)));
        let all = [0xb0, 0, 8, 0, 1, 1, 0, 0, 2, 2, 2, 2, 3, 3, 3, 3];
        assert_eq!(routed(&all, &inner), Some(("gre", None, link::IPV4, 0)));
        assert_eq!(routed(&[0x20, 0, 0x65, 0x58, 0, 0, 7, 0], &frame()), Some(("gre", CARD, link::IPV4, 0)));
        let point = [0x30, 0x81, 0x88, 0x0b, 0, 22, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0xff, 3, 0x21];
        assert_eq!(routed(&point, &inner), Some(("gre", None, link::IPV4, 0)));
        assert_eq!(routed(&[0x40, 0, 8, 0], &inner), None, "source routes are not followed");
        assert_eq!(routed(&[0, 2, 8, 0], &inner), None, "version 2 does not exist");
    }

    #[test]
    fn mirrored_frames_of_all_three_types() {
        assert_eq!(routed(&[0, 0, 0x88, 0xbe], &frame()), Some(("erspan", CARD, link::IPV4, 0)));
        let second = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 20, 0, 1, 0, 0, 0, 0];
        assert_eq!(routed(&second, &frame()), Some(("erspan", CARD, link::IPV4, 20)));
        let third = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
        let with_more = [&third[..], &[0; 8]].concat();
        assert_eq!(routed(&with_more, &frame()), Some(("erspan", CARD, link::IPV4, 20)));
        let mut bare = [&third[..19], &[0]].concat();
        bare[18] = 2 << 2;
        assert_eq!(routed(&bare, &packet(6, &[])), Some(("erspan", None, link::IPV4, 20)));
    }

    #[test]
    fn virtual_networks_keep_equal_addresses_apart() {
        let of = |number: u8| [&[8, 0, 0, 0, 0, 0, number, 0], &frame()[..]].concat();
        let (five, six) = (of(5), of(6));
        let realm = |data| in_datagram((50_000, 9), data).unwrap().inside.unwrap().realm;
        assert_ne!(realm(&five), realm(&six), "known by content on any port");
        assert_eq!(realm(&five).vlan(), 0);
        let noise = [&[8, 0, 0, 0, 0, 0, 5, 0], &[7; 40][..]].concat();
        assert!(in_datagram((50_000, 9), &noise).is_none());
        let group = [&[0x88, 0, 0, 3, 0, 0, 5, 0], &frame()[..]].concat();
        assert!(in_datagram((50_000, 9), &group).is_none());
        assert_eq!(in_datagram((50_000, 8472), &group).unwrap().inside.unwrap().source, CARD);
        let geneve = [&[1, 0, 0x65, 0x58, 0, 0, 5, 0, 0, 0, 0, 0], &frame()[..]].concat();
        assert_eq!(in_datagram((50_000, 6081), &geneve).unwrap().inside.unwrap().source, CARD);
        assert!(in_datagram((50_000, 6082), &geneve).is_none());
    }

    fn wireless_frame(control: [u8; 2], addresses: [u8; 3], body: &[u8]) -> Vec<u8> {
        let mut out = vec![0, 0x10, 0x42 | 1, 0, 0, 0, 0, 0];
        out.extend(control);
        out.extend([0, 0]);
        for address in addresses {
            out.extend([2, 0, 0, 0, 0, address]);
        }
        out.extend([0, 0]);
        out.extend(body);
        out
    }

    #[test]
    fn the_station_is_the_device_and_not_the_access_point() {
        let body = [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &packet(6, &[])[..]].concat();
        let read = |control, addresses, body: &[u8]| {
            let bytes = wireless_frame(control, addresses, body);
            let tunnel = in_datagram((5247, 9), &bytes).unwrap();
            let last = |mac: Mac| mac.0[5];
            let station = tunnel.station.map(|(a, b)| (last(a), last(b)));
            tunnel.inside.map(|inside| (inside.source.map(last), inside.kind, station))
        };
        let up = Some((Some(9), link::IPV4, Some((9, 1))));
        assert_eq!(read([0x08, 0x01], [1, 9, 3], &body), up);
        assert_eq!(read([0x01, 0x08], [1, 9, 3], &body), up, "swapped");
        assert_eq!(read([0x08, 0x02], [9, 1, 3], &body), Some((Some(3), link::IPV4, Some((9, 1)))));
        let quality = [&[0, 0], &body[..]].concat();
        assert_eq!(read([0x88, 0x01], [1, 9, 3], &quality), up);
        assert_eq!(read([0x08, 0x41], [1, 9, 3], &body), Some((Some(9), 0, Some((9, 1)))), "encrypted");
        assert_eq!(read([0x80, 0x00], [1, 9, 3], &body), None, "a beacon");
    }

    #[test]
    fn labels_and_sessions_lead_to_the_packet() {
        let inside = |kind, payload: &[u8]| {
            let outer = Link { source: CARD, realm: Realm::default().tagged(7), kind, payload };
            in_frame(&outer).map(|link| (link.source, link.kind, link.realm.vlan()))
        };
        let inner = packet(6, &[]);
        let session = [&[0x11, 0, 0, 1, 0, 22, 0, 0x21], &inner[..]].concat();
        assert_eq!(inside(PPPOE, &session), Some((CARD, link::IPV4, 7)));
        let labels = [&[0, 1, 0, 64, 0, 2, 1, 64], &inner[..]].concat();
        assert_eq!(inside(MPLS, &labels), Some((None, link::IPV4, 7)));
        let wire = [&[0, 2, 1, 64, 0, 0, 0, 0], &frame()[..]].concat();
        assert_eq!(inside(MPLS, &wire), Some((CARD, link::IPV4, 7)));
        assert_eq!(inside(MPLS, &[0; 400]), None, "no bottom of the stack");
    }

    proptest! {
        #[test]
        fn noise_is_survived(mut bytes in prop::collection::vec(any::<u8>(), 0..80), start in 0usize..8, port in 0usize..6) {
            // Beginnings that lead far into the parsers.
            let heads: [&[u8]; 8] = [
                &[], &[8, 0, 0, 0], &[0, 0x10, 0x43, 0], &[0x10, 0, 0x88, 0xbe], &[0x10, 0, 0x22, 0xeb], &[0x30, 0x81, 0x88, 0x0b],
                &[0, 0, 0x65, 0x58], &[0x11, 0],
            ];
            bytes.splice(0..0, heads[start].iter().copied());
            let ports = [4789, 4790, 6081, 5247, 8472, 9];
            let _ = in_datagram((50_000, ports[port]), &bytes);
            for kind in [PPPOE, MPLS, link::IPV4] {
                let _ = in_frame(&Link { source: None, realm: Realm::default(), kind, payload: &bytes });
            }
            for protocol in [4, 41, 47, 97, 1] {
                let source = [10, 0, 0, 1].into();
                let ip = Ip { source, target: source, protocol, hops: 1, payload: &bytes, missing: 0, piece: None };
                let _ = in_packet(&ip);
            }
        }
    }
}

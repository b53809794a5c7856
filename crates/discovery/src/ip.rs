//! Network layer: IPv4 and IPv6 headers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// TCP's protocol number.
pub(crate) const TCP: u8 = 6;
/// UDP's protocol number.
pub(crate) const UDP: u8 = 17;

/// Where a fragment belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Identification.
    pub id: u32,
    /// Offset of this piece's payload, in bytes.
    pub offset: u32,
    /// Whether more follow.
    pub more: bool,
}

/// A network-layer packet taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ip<'a> {
    pub source: IpAddr,
    pub target: IpAddr,
    /// IP protocol number of the payload.
    pub protocol: u8,
    /// TTL or hop limit.
    pub hops: u8,
    pub payload: &'a [u8],
    /// Payload bytes that the header promises but the capture does not hold.
    pub missing: u32,
    /// Set for fragments.
    pub piece: Option<Piece>,
}

/// Takes an IPv4 packet apart (RFC 791); `None` when the header makes no sense.
pub(crate) fn v4(data: &[u8]) -> Option<Ip<'_>> {
    let head = data.first_chunk::<20>()?;
    let length = usize::from(head[0] & 0x0f) * 4;
    if head[0] >> 4 != 4 || length < 20 || data.len() < length {
        return None;
    }
    // Segmentation offload leaves the total length zero in captures made on the sending host.
    let total = match usize::from(u16::from_be_bytes([head[2], head[3]])) {
        0 => data.len(),
        total if total < length => return None,
        total => total,
    };
    let flags = u16::from_be_bytes([head[6], head[7]]);
    let piece = (flags & 0x3fff != 0).then(|| Piece {
        id: u32::from(u16::from_be_bytes([head[4], head[5]])),
        offset: u32::from(flags & 0x1fff) * 8,
        more: flags & 0x2000 != 0,
    });
    let end = total.min(data.len());
    Some(Ip {
        source: IpAddr::V4(Ipv4Addr::new(head[12], head[13], head[14], head[15])),
        target: IpAddr::V4(Ipv4Addr::new(head[16], head[17], head[18], head[19])),
        protocol: head[9],
        hops: head[8],
        payload: &data[length..end],
        missing: (total - end) as u32,
        piece,
    })
}

/// Takes an IPv6 packet apart, extension headers included (RFC 8200 section 4).
pub(crate) fn v6(data: &[u8]) -> Option<Ip<'_>> {
    let head = data.first_chunk::<40>()?;
    if head[0] >> 4 != 6 {
        return None;
    }
    let promised = match usize::from(u16::from_be_bytes([head[4], head[5]])) {
        0 => data.len() - 40,
        promised => promised,
    };
    let end = (40 + promised).min(data.len());
    let mut rest = &data[40..end];
    let mut next = head[6];
    let mut piece = None;
    for _ in 0..8 {
        let length = match (next, rest) {
            (0 | 43 | 60 | 135, [_, length, ..]) => (usize::from(*length) + 1) * 8,
            (51, [_, length, ..]) => (usize::from(*length) + 2) * 4,
            (44, [_, _, high, low, a, b, c, d, ..]) => {
                let field = u16::from_be_bytes([*high, *low]);
                let id = u32::from_be_bytes([*a, *b, *c, *d]);
                // A first and last piece in one (RFC 6946) is a whole packet.
                let found = Piece { id, offset: u32::from(field & 0xfff8), more: field & 1 != 0 };
                piece = (field & 0xfff9 != 0).then_some(found);
                8
            }
            _ => break,
        };
        next = rest[0];
        rest = rest.get(length..)?;
        if piece.is_some() {
            break;
        }
    }
    Some(Ip {
        source: IpAddr::V6(Ipv6Addr::from(*head[8..24].first_chunk::<16>()?)),
        target: IpAddr::V6(Ipv6Addr::from(*head[24..40].first_chunk::<16>()?)),
        protocol: next,
        hops: head[7],
        payload: rest,
        missing: (40 + promised - end) as u32,
        piece,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_passed_over_and_link_padding_is_cut() {
        let mut packet = vec![0x46, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 1, 1, 1];
        packet.extend([1, 2, 3, 4, 0, 0, 0]);
        let ip = v4(&packet).unwrap();
        assert_eq!((ip.payload, ip.missing, ip.protocol), (&[1, 2, 3, 4][..], 0, UDP));
        assert_eq!(v4(&packet[..26]).unwrap().missing, 2);
    }

    #[test]
    fn extension_headers_lead_to_the_payload() {
        let mut packet = vec![0x60, 0, 0, 0, 0, 18, 0, 64];
        packet.extend([0xfe; 32]);
        packet.extend([44, 0, 0, 0, 0, 0, 0, 0]);
        packet.extend([17, 0, 0, 8 | 1, 0, 0, 0, 5]);
        packet.extend([7, 7]);
        let ip = v6(&packet).unwrap();
        assert_eq!((ip.protocol, ip.payload), (UDP, &[7, 7][..]));
        assert_eq!(ip.piece, Some(Piece { id: 5, offset: 8, more: true }));
    }
}

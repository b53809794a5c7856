//! IPv4, IPv6 and UDP.

use super::len16;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Protocol number of TCP.
pub const TCP: u8 = 6;
/// Protocol number of UDP.
pub const UDP: u8 = 17;

/// The Internet checksum (RFC 1071) over `parts` laid end to end; every part but the last has even length.
#[must_use]
pub fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0u64;
    for part in parts {
        for pair in part.chunks(2) {
            sum += u64::from(pair[0]) << 8 | u64::from(pair.get(1).copied().unwrap_or(0));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// The pseudo header a TCP or UDP checksum covers (RFC 9293, 3.1; RFC 8200, 8.1). Two addresses of different
/// families have none; the checksum then covers the segment alone.
pub(crate) fn pseudo(from: IpAddr, to: IpAddr, protocol: u8, length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(40);
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            out.extend(from.octets());
            out.extend(to.octets());
            out.extend([0, protocol]);
            out.extend(len16(length).to_be_bytes());
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            out.extend(from.octets());
            out.extend(to.octets());
            out.extend(super::len32(length).to_be_bytes());
            out.extend([0, 0, 0, protocol]);
        }
        _ => {}
    }
    out
}

/// An IPv4 packet that must not be fragmented, time to live 64.
#[must_use]
pub fn v4(from: Ipv4Addr, to: Ipv4Addr, protocol: u8, id: u16, payload: &[u8]) -> Vec<u8> {
    v4_part(from, to, protocol, id, 0x4000, payload)
}

/// The same payload as fragments of at most `size` bytes of payload each (rounded down to a multiple of 8, at
/// least 8), in order (RFC 791, 3.2).
#[must_use]
pub fn v4_fragments(
    from: Ipv4Addr,
    to: Ipv4Addr,
    protocol: u8,
    id: u16,
    payload: &[u8],
    size: usize,
) -> Vec<Vec<u8>> {
    let size = (size / 8 * 8).max(8);
    let count = payload.chunks(size).len();
    payload
        .chunks(size)
        .enumerate()
        .map(|(at, part)| {
            let more = if at + 1 < count { 0x2000 } else { 0 };
            v4_part(from, to, protocol, id, more | len16(at * size / 8) & 0x1fff, part)
        })
        .collect()
}

fn v4_part(
    from: Ipv4Addr,
    to: Ipv4Addr,
    protocol: u8,
    id: u16,
    flags_and_offset: u16,
    payload: &[u8],
) -> Vec<u8> {
    let mut out = vec![0x45, 0];
    out.extend(len16(payload.len() + 20).to_be_bytes());
    out.extend(id.to_be_bytes());
    out.extend(flags_and_offset.to_be_bytes());
    out.extend([64, protocol, 0, 0]);
    out.extend(from.octets());
    out.extend(to.octets());
    let sum = checksum(&[&out]).to_be_bytes();
    out[10..12].copy_from_slice(&sum);
    out.extend_from_slice(payload);
    out
}

/// An IPv6 packet without extension headers, hop limit 64.
#[must_use]
pub fn v6(from: Ipv6Addr, to: Ipv6Addr, next_header: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x60, 0, 0, 0];
    out.extend(len16(payload.len()).to_be_bytes());
    out.extend([next_header, 64]);
    out.extend(from.octets());
    out.extend(to.octets());
    out.extend_from_slice(payload);
    out
}

/// A UDP datagram (RFC 768) with its checksum, to be put into [`v4`] or [`v6`].
#[must_use]
pub fn udp(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 8);
    out.extend(from.port().to_be_bytes());
    out.extend(to.port().to_be_bytes());
    out.extend(len16(payload.len() + 8).to_be_bytes());
    out.extend([0, 0]);
    out.extend_from_slice(payload);
    let sum = match checksum(&[&pseudo(from.ip(), to.ip(), UDP, out.len()), &out]) {
        0 => 0xffff,
        sum => sum,
    };
    out[6..8].copy_from_slice(&sum.to_be_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1071() {
        assert_eq!(checksum(&[&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]]), !0xddf2);
    }

    #[test]
    fn a_checked_header_sums_to_zero() {
        let packet = v4(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2), UDP, 9, b"abc");
        assert_eq!(checksum(&[&packet[..20]]), 0);
        let whole = v4_fragments(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST, UDP, 1, &[7; 100], 40);
        assert_eq!(whole.iter().map(|part| part.len() - 20).collect::<Vec<_>>(), [40, 40, 20]);
    }
}

//! Ethernet frames, VLAN tags and ARP.

use std::net::Ipv4Addr;
use tallyward_core::Mac;

/// Everybody.
pub const BROADCAST: Mac = Mac([0xff; 6]);
/// Ethertype of IPv4.
pub const IPV4: u16 = 0x0800;
/// Ethertype of ARP.
pub const ARP: u16 = 0x0806;
/// Ethertype of IPv6.
pub const IPV6: u16 = 0x86dd;

/// A frame without check sequence, padded to the 60 bytes Ethernet asks for (IEEE 802.3, clause 3.2.8).
///
/// One VLAN is an 802.1Q tag; of several the outer ones are 802.1ad service tags.
#[must_use]
pub fn frame(to: Mac, from: Mac, vlans: &[u16], ethertype: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 22);
    out.extend(to.0);
    out.extend(from.0);
    for (at, vlan) in vlans.iter().enumerate() {
        let tag: u16 = if at + 1 == vlans.len() { 0x8100 } else { 0x88a8 };
        out.extend(tag.to_be_bytes());
        out.extend((vlan & 0x0fff).to_be_bytes());
    }
    out.extend(ethertype.to_be_bytes());
    out.extend_from_slice(payload);
    if out.len() < 60 {
        out.resize(60, 0);
    }
    out
}

/// What an ARP packet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArpKind {
    /// Who has this address?
    Request,
    /// I have it.
    Reply,
}

/// An ARP packet for IPv4 over Ethernet (RFC 826), to be put into a [`frame`].
#[must_use]
pub fn arp(kind: ArpKind, sender: (Mac, Ipv4Addr), target: (Mac, Ipv4Addr)) -> Vec<u8> {
    let mut out = vec![0, 1, 8, 0, 6, 4, 0, if kind == ArpKind::Request { 1 } else { 2 }];
    for (mac, address) in [sender, target] {
        out.extend(mac.0);
        out.extend(address.octets());
    }
    out
}

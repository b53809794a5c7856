//! ARP (RFC 826) for IPv4 over Ethernet.
//!
//! Copied: the sender's hardware and protocol address, of requests, replies and announcements alike.

use super::{FrameProtocol, FrameVisit};
use crate::notes::Who;
use std::net::{IpAddr, Ipv4Addr};
use tallyward_core::{Field, Mac, SourceKind};

/// ARP by its EtherType.
pub(crate) const FRAME: FrameProtocol = FrameProtocol { kind: 0x0806, read };

fn read(data: &[u8], visit: &mut FrameVisit<'_>) {
    let Some((mac, address)) = sender(data) else { return };
    // A reply for somebody else, from a card that is not the one it names, claims nothing.
    if visit.source.is_some_and(|source| source != mac) {
        return;
    }
    visit.notes.claim(mac, IpAddr::V4(address), visit.at);
    let value = address.to_string();
    visit.notes.say(Who::Card(mac), Field::IpAddress, &value, SourceKind::WireNetwork, "ARP", visit.at);
}

/// The sender's claim: this card holds this address. `None` for other hardware, probes (sender address zero) and senders that are
/// no real card.
fn sender(data: &[u8]) -> Option<(Mac, Ipv4Addr)> {
    let head = data.first_chunk::<28>()?;
    if head[..6] != [0, 1, 8, 0, 6, 4] || !matches!(head[6..8], [0, 1 | 2]) {
        return None;
    }
    let mac = Mac([head[8], head[9], head[10], head[11], head[12], head[13]]);
    let address = Ipv4Addr::new(head[14], head[15], head[16], head[17]);
    let real =
        !mac.is_junk() && !address.is_unspecified() && !address.is_multicast() && !address.is_broadcast();
    real.then_some((mac, address))
}

//! ARP (RFC 826) for IPv4 over Ethernet.
//!
//! Copied: the sender's hardware and protocol address, of requests, replies and announcements alike.

use std::net::Ipv4Addr;
use tallyward_core::Mac;

/// The sender's claim: this card holds this address. `None` for other hardware, probes (sender address zero) and senders that are
/// no real card.
pub(crate) fn sender(data: &[u8]) -> Option<(Mac, Ipv4Addr)> {
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

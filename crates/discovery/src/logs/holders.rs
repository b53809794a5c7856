//! Who held which address, as the logs of one set tell.
//!
//! As in captures it is settled at the end, and with the same laws: an address beyond a router is never its card's. But logs know other
//! things than frames. They know leases, with their ends, over months, so that an address passes from card to card; and they know no hop
//! limit, so that a card is bound to an address it sent from only by a conversation within one small subnet, which no router comes between.

use crate::hosts::is_public;
use crate::notes::Who;
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::IpAddr;
use tallyward_core::{Key, Mac, Timestamp};
use tallyward_identity::junk::is_junk_mac;

/// Leases remembered per address.
const LEASES: usize = 1024;
/// How far from a lease an address may still be taken for its card's, when no other card is named in between: half a day.
const NEAR: i64 = 12 * 3600;
/// Addresses that no lease explains from which a card may send before it is taken for a router.
const MOST_UNCLAIMED: usize = 2;
/// Addresses remembered per card: enough to tell a router.
const REMEMBERED: usize = 64;

/// A time in which a server, or a table of neighbours, gave an address to a card, or to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lease {
    pub from: Timestamp,
    pub until: Timestamp,
    pub mac: Option<Mac>,
}

/// Leases, and cards with the addresses they sent from.
#[derive(Debug)]
pub(super) struct Holders {
    leases: FxHashMap<IpAddr, Vec<Lease>>,
    /// Addresses by card, and whether a conversation of the two lay within one subnet.
    sent: FxHashMap<Mac, FxHashMap<IpAddr, bool>>,
    /// Settled at the end.
    leased: FxHashSet<(Mac, IpAddr)>,
    routers: FxHashSet<Mac>,
    limit: usize,
    /// Not kept for want of room.
    pub dropped: u64,
}

impl Holders {
    /// For at most `limit` addresses and as many cards.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            leases: FxHashMap::default(),
            sent: FxHashMap::default(),
            leased: FxHashSet::default(),
            routers: FxHashSet::default(),
            limit,
            dropped: 0,
        }
    }

    /// A log says who held an address in a time.
    pub(super) fn lease(&mut self, address: IpAddr, lease: Lease) {
        if lease.mac.is_some_and(is_junk_mac) {
            return;
        }
        if !self.leases.contains_key(&address) && self.leases.len() >= self.limit {
            self.dropped += 1;
            return;
        }
        let leases = self.leases.entry(address).or_default();
        // Files repeat themselves: a journal of leases, the same lease in two logs.
        if leases.last() == Some(&lease) {
            return;
        }
        if leases.len() >= LEASES {
            leases.sort_unstable();
            leases.dedup();
        }
        if leases.len() < LEASES {
            leases.push(lease);
        } else {
            self.dropped += 1;
        }
    }

    /// A card sent from an address to a peer.
    pub(super) fn sent(&mut self, mac: Mac, address: IpAddr, peer: IpAddr) {
        if !self.sent.contains_key(&mac) && self.sent.len() >= self.limit {
            self.dropped += 1;
            return;
        }
        let near = network(address, 24) == network(peer, 24);
        let addresses = self.sent.entry(mac).or_default();
        if let Some(known) = addresses.get_mut(&address) {
            *known |= near;
        } else if addresses.len() < REMEMBERED {
            addresses.insert(address, near);
        }
    }

    /// Decides who is a router. Call once, when all files are read.
    pub(super) fn settle(&mut self) {
        for (address, leases) in &mut self.leases {
            leases.sort_unstable();
            leases.dedup();
            self.leased.extend(leases.iter().filter_map(|lease| Some((lease.mac?, *address))));
        }
        for (mac, addresses) in &self.sent {
            let unexplained = addresses
                .keys()
                .filter(|address| !is_link_local(**address) && !self.leased.contains(&(*mac, **address)));
            let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = unexplained.copied().partition(IpAddr::is_ipv4);
            let networks =
                |of: &[IpAddr]| of.iter().map(|one| network(*one, 16)).collect::<FxHashSet<_>>().len();
            if v4.len() > MOST_UNCLAIMED || networks(&v4) > 1 || networks(&v6) > MOST_UNCLAIMED {
                self.routers.insert(*mac);
            }
        }
    }

    /// Whether an address a card sent from is that card's own.
    fn binds(&self, mac: Mac, address: IpAddr) -> bool {
        if self.leased.contains(&(mac, address)) {
            return true;
        }
        let near =
            self.sent.get(&mac).and_then(|addresses| addresses.get(&address)).is_some_and(|near| *near);
        let rival =
            self.leases.get(&address).is_some_and(|leases| leases.iter().any(|lease| lease.mac.is_some()));
        near && !rival && !self.routers.contains(&mac) && !is_public(address) && !is_junk_mac(mac)
    }

    /// The card behind a partner at a time, when it is known.
    pub(super) fn local(&self, who: Who, time: Timestamp) -> Option<Mac> {
        match who {
            Who::Card(mac) => Some(mac).filter(|mac| !is_junk_mac(*mac)),
            Who::At { mac: Some(mac), address, .. } if self.binds(mac, address) => Some(mac),
            Who::At { address, .. } => leaseholder(self.leases.get(&address)?, time),
        }
    }

    /// The key of a partner at a time: its card, or "somebody at this address".
    pub(super) fn resolve(&self, who: Who, time: Timestamp, site: &str) -> Key {
        self.local(who, time).map_or_else(|| somebody(who, site), Key::Mac)
    }
}

/// The key of a partner whose card is not known.
pub(super) fn somebody(who: Who, site: &str) -> Key {
    match who {
        Who::At { address, .. } => Key::Address { site: site.to_owned(), address: address.to_string() },
        Who::Card(mac) => Key::Mac(mac),
    }
}

/// The card that held an address at this time: of leases that overlap the one that began last, as an address is given anew when it was handed
/// back. Outside every lease it is the card of all leases within half a day, if there is one only.
fn leaseholder(leases: &[Lease], time: Timestamp) -> Option<Mac> {
    let last = leases.iter().filter(|lease| lease.from <= time).map(|lease| lease.from).max();
    let begun = || leases.iter().filter(|lease| Some(lease.from) == last && lease.until >= time);
    if let Some(lease) = begun().next() {
        return lease.mac.filter(|mac| begun().all(|other| other.mac == Some(*mac)));
    }
    let (since, until) = (time.plus_seconds(-NEAR), time.plus_seconds(NEAR));
    let near = || leases.iter().filter(|lease| lease.from <= until && lease.until >= since);
    let mac = near().next()?.mac?;
    near().all(|lease| lease.mac == Some(mac)).then_some(mac)
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

/// The first `bits` of an IPv4 address, the first 64 of an IPv6 address; whether it is IPv4.
fn network(address: IpAddr, bits: u32) -> (bool, u64) {
    match address {
        IpAddr::V4(v4) => (true, u64::from(u32::from(v4) >> (32 - bits))),
        IpAddr::V6(v6) => (false, (u128::from(v6) >> 64) as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Mac = Mac([0, 9, 0xfb, 0, 0, 1]);
    const B: Mac = Mac([0, 9, 0xfb, 0, 0, 2]);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + seconds)
    }

    fn lease(from: i64, until: i64, mac: Option<Mac>) -> Lease {
        Lease { from: at(from), until: at(until), mac }
    }

    #[test]
    fn a_lease_holds_from_its_start_to_its_end() {
        let leases = [lease(0, 3600, Some(A)), lease(10_000, 20_000, Some(B))];
        assert_eq!(leaseholder(&leases, at(10)), Some(A));
        assert_eq!(leaseholder(&leases, at(15_000)), Some(B));
        assert_eq!(leaseholder(&leases, at(5_000)), None, "between two cards it is nobody's");
        assert_eq!(
            leaseholder(&leases, at(60_000)),
            Some(B),
            "half a day after the last one only that one was near"
        );
        assert_eq!(leaseholder(&leases, at(100_000)), None);
    }

    #[test]
    fn what_is_handed_back_is_nobodys() {
        let leases = [lease(0, 36_000, Some(A)), lease(100, 100, None)];
        assert_eq!(leaseholder(&leases, at(50)), Some(A));
        assert_eq!(leaseholder(&leases, at(200)), None);
    }

    #[test]
    fn two_cards_given_one_address_at_once_have_none() {
        assert_eq!(leaseholder(&[lease(0, 100, Some(A)), lease(0, 100, Some(B))], at(50)), None);
    }

    #[test]
    fn a_router_is_bound_to_no_address_it_passes_on() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut holders = Holders::new(100);
        holders.sent(A, address("10.20.4.7"), address("10.20.4.8"));
        holders.sent(B, address("10.20.1.5"), address("10.20.4.7"));
        holders.settle();
        let who = |mac, text| Who::At { mac: Some(mac), address: address(text) };
        assert_eq!(holders.local(who(A, "10.20.4.7"), at(0)), Some(A));
        assert_eq!(holders.local(who(B, "10.20.1.5"), at(0)), None, "seen only across subnets");
    }
}

//! Who holds which address, and which cards only pass on what others say.
//!
//! A local frame binds its source address to its card. That is wrong behind a router, whose card sends from everybody's address, so
//! the verdict falls at the end of the reading: a card that sends from several addresses nobody saw it claim, or from addresses of
//! different networks, is a router, and its packets name "somebody at this address" only. Claims (ARP, DHCP) bind for certain, unless
//! one card claims so many that it must be a proxy.

mod live;

use crate::link::Realm;
use crate::notes::{About, At, Notes, Seen, Who};
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::{IpAddr, Ipv4Addr};
use tallyward_core::{Field, Key, Mac, SourceKind, Timestamp};
use tallyward_identity::junk::is_junk_mac;
use tallyward_identity::oui;

/// Unclaimed addresses from which a card may send before it is taken for a router.
const MOST_UNCLAIMED: usize = 2;
/// IPv4 addresses a card may claim by ARP before it is taken for a proxy. An IPv6 host takes new addresses every day, and its proxies
/// tell themselves (RFC 4861 section 7.2.8).
const MOST_CLAIMED: usize = 16;
/// Addresses remembered per card: enough to tell a router.
const REMEMBERED: usize = 32;
/// Claims of one address by different cards remembered.
const RIVALS: usize = 16;

#[derive(Clone, Debug)]
struct Card {
    seen: Seen,
    claimed: FxHashSet<IpAddr>,
    /// Addresses it sent from.
    sent_from: FxHashSet<IpAddr>,
    vlans: FxHashMap<u16, Seen>,
    router: bool,
    proxy: bool,
}

impl Card {
    /// Notes a VLAN; of too many the lowest are kept, whatever their order.
    fn vlan(&mut self, vlan: u16, seen: Seen) {
        self.vlans.entry(vlan).and_modify(|known| known.join(seen)).or_insert(seen);
        if self.vlans.len() > REMEMBERED
            && let Some(highest) = self.vlans.keys().max().copied()
        {
            self.vlans.remove(&highest);
        }
    }
}

/// Adds an address to a card's; of too many of one family the lowest are kept, so that the order of packets does not matter.
fn remember(addresses: &mut FxHashSet<IpAddr>, address: IpAddr) {
    let family = |known: &&IpAddr| known.is_ipv4() == address.is_ipv4();
    if addresses.insert(address)
        && addresses.iter().filter(family).count() > REMEMBERED
        && let Some(highest) = addresses.iter().filter(family).max().copied()
    {
        addresses.remove(&highest);
    }
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    seen: Seen,
    /// Whether a packet's hop limit was one or more below a usual starting value, as behind a router.
    travelled: bool,
}

/// Cards and addresses of one capture.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    cards: FxHashMap<Mac, Card>,
    pairs: FxHashMap<(Mac, IpAddr), Pair>,
    claims: FxHashMap<IpAddr, Vec<(Timestamp, Mac)>>,
    /// Addresses nobody claimed, from which one card alone was seen to send; none where several did. Known once settled.
    sole: FxHashMap<IpAddr, Option<Mac>>,
    limit: usize,
    pub dropped: u64,
}

impl Hosts {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            cards: FxHashMap::default(),
            pairs: FxHashMap::default(),
            claims: FxHashMap::default(),
            sole: FxHashMap::default(),
            limit,
            dropped: 0,
        }
    }

    /// A card sent frames in a network.
    pub(crate) fn card(&mut self, mac: Mac, realm: Realm, seen: Seen) {
        let vlan = realm.vlan();
        let Some(card) = self.card_entry(mac, seen) else { return };
        card.seen.join(seen);
        if vlan != 0 {
            card.vlan(vlan, seen);
        }
    }

    fn card_entry(&mut self, mac: Mac, seen: Seen) -> Option<&mut Card> {
        if is_junk_mac(mac) || !self.cards.contains_key(&mac) && self.cards.len() >= self.limit {
            self.dropped += u64::from(!is_junk_mac(mac));
            return None;
        }
        Some(self.cards.entry(mac).or_insert_with(|| Card {
            seen: Seen { count: 0, ..seen },
            claimed: FxHashSet::default(),
            sent_from: FxHashSet::default(),
            vlans: FxHashMap::default(),
            router: false,
            proxy: false,
        }))
    }

    /// A card sent packets from an address.
    pub(crate) fn pair(&mut self, mac: Mac, address: IpAddr, travelled: bool, seen: Seen) {
        if !is_host(address) {
            return;
        }
        let Some(card) = self.card_entry(mac, seen) else { return };
        remember(&mut card.sent_from, address);
        self.put_pair(mac, address, Pair { seen, travelled });
    }

    fn put_pair(&mut self, mac: Mac, address: IpAddr, new: Pair) {
        if let Some(pair) = self.pairs.get_mut(&(mac, address)) {
            pair.seen.join(new.seen);
            pair.travelled |= new.travelled;
        } else if self.pairs.len() < self.limit {
            self.pairs.insert((mac, address), new);
        } else {
            self.dropped += 1;
        }
    }

    /// A card claims an address, by ARP or because a DHCP server gave it.
    pub(crate) fn claim(&mut self, mac: Mac, address: IpAddr, at: At) {
        if !is_host(address) {
            return;
        }
        let Some(card) = self.card_entry(mac, Seen::at(at)) else { return };
        card.seen.join(Seen { count: 0, ..Seen::at(at) });
        remember(&mut card.claimed, address);
        self.put_claim(mac, address, at.time);
    }

    fn put_claim(&mut self, mac: Mac, address: IpAddr, at: Timestamp) {
        if !self.claims.contains_key(&address) && self.claims.len() >= self.limit {
            self.dropped += 1;
            return;
        }
        let claims = self.claims.entry(address).or_default();
        if let Some((time, _)) = claims.iter_mut().find(|(_, rival)| *rival == mac) {
            *time = at.min(*time);
        } else if claims.len() < RIVALS {
            claims.push((at, mac));
        } else {
            self.dropped += 1;
        }
    }

    /// Takes in what another reading of other packets of the same capture saw. Call before either is settled.
    pub(crate) fn join(&mut self, other: Self) {
        for (mac, new) in other.cards {
            let Some(card) = self.card_entry(mac, new.seen) else { continue };
            card.seen.join(new.seen);
            for address in new.claimed {
                remember(&mut card.claimed, address);
            }
            for address in new.sent_from {
                remember(&mut card.sent_from, address);
            }
            for (vlan, seen) in new.vlans {
                card.vlan(vlan, seen);
            }
        }
        for ((mac, address), pair) in other.pairs {
            self.put_pair(mac, address, pair);
        }
        for (address, claims) in other.claims {
            for (time, mac) in claims {
                self.put_claim(mac, address, time);
            }
        }
        self.dropped += other.dropped;
    }

    /// Decides who is a router. Call once, when all packets are read.
    pub(crate) fn settle(&mut self) {
        for claims in self.claims.values_mut() {
            claims.sort_unstable();
        }
        for card in self.cards.values_mut() {
            card.proxy = card.claimed.iter().filter(|address| address.is_ipv4()).count() > MOST_CLAIMED;
            let unclaimed: Vec<IpAddr> = card
                .sent_from
                .difference(&card.claimed)
                .copied()
                .filter(|address| !is_link_local(*address))
                .collect();
            let networks: FxHashSet<(bool, u64)> = unclaimed
                .iter()
                .chain(&card.claimed)
                .filter(|address| !is_link_local(**address))
                .map(network)
                .collect();
            let v4 = unclaimed.iter().filter(|address| address.is_ipv4()).count();
            let v4_networks = networks.iter().filter(|(is_v4, _)| *is_v4).count();
            let v6_networks = networks.len() - v4_networks;
            card.router = v4 > MOST_UNCLAIMED
                || v4 > 0 && v4_networks > 1
                || unclaimed.len() > v4 && v6_networks > MOST_UNCLAIMED;
        }
        let mut sole: FxHashMap<IpAddr, Option<Mac>> = FxHashMap::default();
        for (mac, address) in self.pairs.keys().filter(|(mac, address)| self.binds(*mac, *address)) {
            sole.entry(*address).and_modify(|other| *other = None).or_insert(Some(*mac));
        }
        self.sole = sole;
    }

    fn is_router(&self, mac: Mac) -> bool {
        self.cards.get(&mac).is_some_and(|card| card.router || card.proxy)
    }

    /// Whether a card's frames from an address are that card's own.
    fn binds(&self, mac: Mac, address: IpAddr) -> bool {
        let Some(card) = self.cards.get(&mac) else { return false };
        if card.claimed.contains(&address) {
            return !card.proxy;
        }
        let rival =
            self.claims.get(&address).is_some_and(|claims| claims.iter().any(|(_, other)| *other != mac));
        let travelled = self.pairs.get(&(mac, address)).is_some_and(|pair| pair.travelled);
        is_host(address) && !card.router && !card.proxy && !rival && !travelled && !is_public(address)
    }

    /// The card that holds an address at a time, if any.
    fn holder(&self, address: IpAddr, time: Timestamp) -> Option<Mac> {
        let claims = self.claims.get(&address)?;
        let honest = || claims.iter().filter(|(_, mac)| self.cards.get(mac).is_some_and(|card| !card.proxy));
        honest().rfind(|(since, _)| *since <= time).or_else(|| honest().next()).map(|(_, mac)| *mac)
    }

    /// The card behind a partner, when it is local and known.
    pub(crate) fn local(&self, who: Who, time: Timestamp) -> Option<Mac> {
        match who {
            Who::Card(mac) => Some(mac).filter(|mac| !is_junk_mac(*mac)),
            Who::At { mac: Some(mac), address } if self.binds(mac, address) => Some(mac),
            // Said about somebody whose own packet was not at hand: a name server's answer, a client's word about its server.
            Who::At { address, .. } if is_host(address) => {
                self.holder(address, time).or_else(|| self.sole.get(&address).copied().flatten())
            }
            Who::At { .. } => None,
        }
    }

    /// The key of a partner: its card, or "somebody at this address".
    pub(crate) fn resolve(&self, who: Who, time: Timestamp, site: &str) -> Key {
        match (self.local(who, time), who) {
            (Some(mac), _) => Key::Mac(mac),
            (None, Who::At { address, .. }) => {
                Key::Address { site: site.to_owned(), address: address.to_string() }
            }
            (None, Who::Card(mac)) => Key::Mac(mac),
        }
    }

    /// Notes what is known of every card itself.
    pub(crate) fn tell(&self, notes: &mut Notes) {
        for (mac, card) in &self.cards {
            let about = || About::Who(Who::Card(*mac));
            let wire = SourceKind::WireNetwork;
            notes.state(about(), Field::MacAddress, mac.to_string(), wire, "frame source", card.seen);
            if let Some(maker) = oui::maker_of(*mac) {
                notes.state(
                    about(),
                    Field::NicMaker,
                    maker.name.to_owned(),
                    SourceKind::Guess,
                    "MAC prefix",
                    card.seen,
                );
            }
            if !self.is_router(*mac) {
                for (vlan, seen) in &card.vlans {
                    notes.state(about(), Field::Vlan, vlan.to_string(), wire, "VLAN tag", *seen);
                }
            }
        }
        for ((mac, address), pair) in &self.pairs {
            if self.binds(*mac, *address) {
                let basis = if address.is_ipv4() { "IPv4 source" } else { "IPv6 source" };
                let about = About::Who(Who::Card(*mac));
                notes.state(
                    about,
                    Field::IpAddress,
                    address.to_string(),
                    SourceKind::WireNetwork,
                    basis,
                    pair.seen,
                );
            }
        }
    }
}

/// Whether a packet has lost a few hops: senders start at 64, 128 or 255 (and local protocols at 1).
pub(crate) const fn travelled(hops: u8) -> bool {
    matches!(hops, 54..=63 | 118..=127 | 245..=254)
}

/// An address that one host can hold on a real network.
pub(crate) fn is_host(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            !(v4.is_unspecified() || v4.is_loopback() || v4.is_multicast() || v4.is_broadcast())
        }
        IpAddr::V6(v6) => !(v6.is_unspecified() || v6.is_loopback() || v6.is_multicast()),
    }
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

/// Outside the private ranges (RFC 1918, 3927, 6598): such an address is bound only by a claim, since it mostly lies beyond a router.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !(v4.is_private() || v4.is_link_local() || shared(v4)),
        IpAddr::V6(_) => false,
    }
}

fn shared(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [100, 64..=127, ..])
}

/// A network for telling routers: the first 16 bits of an IPv4 address, the first 64 of an IPv6 address; whether it is IPv4.
fn network(address: &IpAddr) -> (bool, u64) {
    match address {
        IpAddr::V4(v4) => (true, u64::from(u32::from(*v4) >> 16)),
        IpAddr::V6(v6) => (false, (u128::from(*v6) >> 64) as u64),
    }
}

//! One capture read by several readers at once, each of a share of its conversations.
//!
//! Every reader is fed the whole capture, finds the packets in it, puts fragments together and opens tunnels; only the packets between
//! two addresses of its share go any further. So no packet is handed from one thread to another, packets have the same numbers
//! everywhere, and all that depends on the order of packets lies within one share. What was noted is put together at the end by
//! operations that do not depend on order. The price: finding packets is done once for each reader, about a tenth of the whole work, so a
//! second reader gains more than an eighth.
//!
//! The result is that of one reader as long as no bound of [`crate::Limits`] was reached; the counts in [`crate::Stats`] tell.

use crate::connection::{Connections, folded};
use crate::hosts::Hosts;
use crate::notes::Notes;
use crate::options::{Learned, Options, Problem, Stats};
use crate::{equipment, gateways};
use std::net::IpAddr;
use tallyward_core::evidence::normalise;

/// The conversations one reader reads: part `index` of `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    index: u32,
    of: u32,
}

impl Default for Share {
    /// All of it.
    fn default() -> Self {
        Self { index: 0, of: 1 }
    }
}

impl Share {
    /// All shares of a reading by so many readers, at least one.
    #[must_use]
    pub fn all(of: u32) -> Vec<Self> {
        let of = of.max(1);
        (0..of).map(|index| Self { index, of }).collect()
    }

    pub(crate) const fn of(self) -> u32 {
        self.of
    }

    /// Whether what belongs to no conversation is read here.
    pub(crate) const fn is_first(self) -> bool {
        self.index == 0
    }

    /// Whether packets between two addresses are read here. Ports do not count, for fragments have none.
    pub(crate) fn takes(self, source: IpAddr, target: IpAddr) -> bool {
        if self.of == 1 {
            return true;
        }
        let mixed = |address| folded(address).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let both = mixed(source).wrapping_add(mixed(target));
        let spread = (both ^ (both >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32;
        ((spread * u64::from(self.of)) >> 32) as u32 == self.index
    }
}

/// What one share taught, before it is known who is who.
#[derive(Debug)]
pub struct Part {
    pub(crate) share: Share,
    pub(crate) options: Options,
    pub(crate) stats: Stats,
    pub(crate) problems: Vec<Problem>,
    pub(crate) notes: Notes,
    pub(crate) hosts: Hosts,
    pub(crate) connections: Connections,
}

impl Part {
    /// Puts two parts of one reading together, in any order.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let (mut whole, other) = if self.share.is_first() { (self, other) } else { (other, self) };
        whole.notes.join(other.notes);
        whole.hosts.join(other.hosts);
        whole.connections.join(other.connections);
        whole
    }

    /// Tells everybody apart and puts the evidence in order. Call on the joined parts of all shares.
    #[must_use]
    pub fn learned(mut self) -> Learned {
        settle(&mut self.notes, &mut self.hosts, &self.options);
        // What concerns packets as such was counted alike by every share.
        let mut stats = self.stats;
        stats.flows_evicted = self.connections.evicted;
        stats.flows_dropped = self.connections.dropped;
        stats.gaps = self.connections.budget.gaps;
        stats.facts_dropped = self.notes.dropped + self.hosts.dropped;
        let flows = self.connections.into_flows(&self.hosts, &self.options.sensor);
        let evidence = normalise(self.notes.into_evidence(&self.hosts, &self.options));
        Learned { evidence, flows, problems: self.problems, stats }
    }
}

/// Tells everybody apart: what was noted becomes what is stated. Call when all packets are read.
pub(crate) fn settle(notes: &mut Notes, hosts: &mut Hosts, options: &Options) {
    notes.settle_leases(hosts);
    hosts.settle();
    hosts.tell(notes);
    equipment::settle(notes, hosts, options);
    gateways::settle(notes, hosts, options);
}

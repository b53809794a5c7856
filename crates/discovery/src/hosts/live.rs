//! Hosts of a live reading: what is known can be counted, so that it can be forgotten in time.

use super::Hosts;
use std::net::IpAddr;
use tallyward_core::Timestamp;

impl Hosts {
    /// Whether a table has nearly filled its room.
    pub(crate) fn is_crowded(&self) -> bool {
        self.cards.len().max(self.pairs.len()).max(self.claims.len()) >= self.limit / 4 * 3
    }

    /// Cards known.
    pub(crate) fn count(&self) -> usize {
        self.cards.len()
    }

    /// The addresses from which local cards sent, and when last.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (IpAddr, Timestamp)> {
        self.pairs.iter().map(|((_, address), pair)| (*address, pair.seen.last))
    }
}

//! Connections of a live reading: at the end of a period each is booked as far as it came, and those that are silent are closed.

use super::{Connection, Connections};
use crate::hosts::Hosts;
use crate::ip::TCP;
use crate::notes::Notes;
use crate::options::Limits;
use tallyward_core::Timestamp;

/// A TCP conversation of fewer packets says nothing about a side that is not seen.
const ENOUGH: u64 = 4;

/// TCP conversations of a period by whether both sides were seen: a mirror port that copies one direction shows one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    pub both: u64,
    pub one: u64,
}

impl Connections {
    /// Books every connection of the period that ends, closes those silent since `silent_since` (or all), and hands over the flows.
    pub(crate) fn take_stock(
        &mut self,
        silent_since: Option<Timestamp>,
        limits: &Limits,
        notes: &mut Notes,
        hosts: &mut Hosts,
    ) -> (Self, Sides) {
        let mut sides = Sides::default();
        let mut kept = Vec::new();
        for mut connection in std::mem::take(&mut self.table) {
            sides.count(&connection);
            let last = connection.until[0].max(connection.until[1]);
            if silent_since.is_some_and(|since| last >= since) {
                kept.push(connection.go_on());
            }
            if connection.sent != [0, 0] {
                self.close(connection, notes, hosts);
            }
        }
        self.table = kept;
        self.reindex();
        let mut stock = Self::new(limits);
        std::mem::swap(&mut stock.flows, &mut self.flows);
        stock.evicted = std::mem::take(&mut self.evicted);
        stock.dropped = std::mem::take(&mut self.dropped);
        stock.budget.gaps = std::mem::take(&mut self.budget.gaps);
        (stock, sides)
    }
}

impl Connection {
    /// The same connection in the next period, with nothing counted yet.
    fn go_on(&mut self) -> Self {
        Self {
            macs: self.macs,
            travelled: self.travelled,
            until: self.until,
            client: self.client,
            service: self.service,
            count: 0,
            streams: self.streams.take(),
            ..Self::new(self.name)
        }
    }
}

impl Sides {
    fn count(&mut self, connection: &Connection) {
        let [low, high] = connection.sent;
        if connection.name.protocol != TCP || low + high < ENOUGH {
            return;
        }
        if low == 0 || high == 0 {
            self.one += 1;
        } else {
            self.both += 1;
        }
    }
}

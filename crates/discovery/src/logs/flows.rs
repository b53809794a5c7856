//! Conversations of a log, summed up.

use super::holders::Holders;
use crate::notes::Who;
use rustc_hash::FxHashMap;
use tallyward_core::Flow;
use tallyward_core::flow::Endpoint;

/// A conversation of one day: whose an address was is settled for each day apart.
type Name = (Who, Who, u8, u16, String, i64);

/// Conversations by client, server and service.
#[derive(Debug, Default)]
pub(super) struct Flows {
    table: FxHashMap<Name, Flow>,
    limit: usize,
    /// Not kept for want of room.
    pub dropped: u64,
}

impl Flows {
    /// For at most `limit` distinct ones.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// How many distinct ones are held.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Adds one.
    pub(super) fn add(&mut self, client: Who, server: Who, flow: Flow) {
        let day = flow.first.seconds().div_euclid(86_400);
        let name = (client, server, flow.transport, flow.port, flow.service.clone(), day);
        if let Some(known) = self.table.get_mut(&name) {
            join(known, &flow);
        } else if self.table.len() < self.limit {
            self.table.insert(name, flow);
        } else {
            self.dropped += 1;
        }
    }

    /// All of them in order, with cards where they are known.
    pub(super) fn settle(self, holders: &Holders) -> Vec<Flow> {
        let mut flows: FxHashMap<(Endpoint, Endpoint, u8, u16, String), Flow> = FxHashMap::default();
        for ((client, server, ..), mut flow) in self.table {
            flow.client.mac = holders.local(client, flow.first);
            flow.server.mac = holders.local(server, flow.first);
            let name =
                (flow.client.clone(), flow.server.clone(), flow.transport, flow.port, flow.service.clone());
            flows.entry(name).and_modify(|known| join(known, &flow)).or_insert(flow);
        }
        let mut flows: Vec<(_, Flow)> = flows.into_iter().collect();
        flows.sort_by(|(a, _), (b, _)| a.cmp(b));
        flows.into_iter().map(|(_, flow)| flow).collect()
    }
}

fn join(known: &mut Flow, flow: &Flow) {
    known.first = known.first.min(flow.first);
    known.last = known.last.max(flow.last);
    known.packets = known.packets.saturating_add(flow.packets);
    known.bytes = known.bytes.saturating_add(flow.bytes);
    known.count = known.count.saturating_add(flow.count);
}

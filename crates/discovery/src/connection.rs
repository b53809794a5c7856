//! Connections: the table of who talks to whom right now, and the flows they sum up to.

use crate::dissect::{self, Shared, Visit};
use crate::hosts::{self, Hosts};
use crate::ip::{Ip, TCP};
use crate::link::Realm;
use crate::notes::{At, Notes, Seen, Who};
use crate::options::Limits;
use crate::tcp::{Budget, Segment, Side};
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use tallyward_core::flow::Endpoint;
use tallyward_core::{Flow, Mac, Timestamp};

/// Both ends in a fixed order, so that both directions find the same connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Name {
    low: (IpAddr, u16),
    high: (IpAddr, u16),
    protocol: u8,
    realm: Realm,
}

/// What a packet adds to its connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight {
    pub packets: u64,
    pub bytes: u64,
}

#[derive(Debug, Default)]
struct Streams {
    sides: [Side; 2],
    shared: Shared,
}

#[derive(Debug)]
struct Connection {
    name: Name,
    /// Cards of the low and the high end.
    macs: [Option<Mac>; 2],
    travelled: [bool; 2],
    /// Packets sent by each end, and the time and number of its first.
    sent: [u64; 2],
    since: [Option<At>; 2],
    until: [Timestamp; 2],
    bytes: u64,
    /// The end that opened it, as far as known.
    client: Option<usize>,
    service: &'static str,
    count: u64,
    streams: Option<Box<Streams>>,
}

type Aggregate = (Who, Who, u8, u16, &'static str);

/// The connections followed now, and the sums of those that ended.
#[derive(Debug)]
pub(crate) struct Connections {
    index: FxHashMap<Name, u32>,
    table: Vec<Connection>,
    /// The connection of the last packet: the next one is mostly of the same.
    recent: Option<(Name, u32)>,
    flows: FxHashMap<Aggregate, Flow>,
    max_flows: usize,
    max_aggregates: usize,
    pub budget: Budget,
    pub evicted: u64,
    pub dropped: u64,
}

/// One packet as its connection sees it.
pub(crate) struct Parcel<'a> {
    pub ip: Ip<'a>,
    pub mac: Option<Mac>,
    pub realm: Realm,
    pub ports: (u16, u16),
    pub weight: Weight,
    pub at: At,
}

/// A handle on the connection a packet belongs to, and the end that sent it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    at: u32,
    from: usize,
}

impl Connections {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            index: FxHashMap::default(),
            table: Vec::new(),
            recent: None,
            flows: FxHashMap::default(),
            max_flows: limits.max_flows.max(4),
            max_aggregates: limits.max_facts,
            budget: Budget { window: limits.window, left: limits.held, gaps: 0 },
            evicted: 0,
            dropped: 0,
        }
    }

    /// Counts a packet in its connection.
    pub(crate) fn count(&mut self, parcel: &Parcel<'_>, notes: &mut Notes, hosts: &mut Hosts) -> Turn {
        let source = (parcel.ip.source, parcel.ports.0);
        let target = (parcel.ip.target, parcel.ports.1);
        let from = usize::from(source > target);
        let (low, high) = if from == 0 { (source, target) } else { (target, source) };
        let name = Name { low, high, protocol: parcel.ip.protocol, realm: parcel.realm };
        let at = match self.recent {
            Some((recent, at)) if recent == name => at,
            _ => self.find(name, notes, hosts),
        };
        self.recent = Some((name, at));
        let connection = &mut self.table[at as usize];
        connection.sent[from] += parcel.weight.packets;
        connection.bytes += parcel.weight.bytes;
        let time = parcel.at.time;
        if let Some(since) = &mut connection.since[from] {
            if time < since.time {
                since.time = time;
            }
            connection.until[from] = connection.until[from].max(time);
        } else {
            connection.since[from] = Some(parcel.at);
            connection.until[from] = time;
            connection.macs[from] = parcel.mac;
            connection.travelled[from] = hosts::travelled(parcel.ip.hops);
            if connection.client.is_none() && connection.since[1 - from].is_none() {
                connection.client = guess_client(parcel.ip.protocol, from, source.1, target.1);
            }
        }
        Turn { at, from }
    }

    fn find(&mut self, name: Name, notes: &mut Notes, hosts: &mut Hosts) -> u32 {
        if let Some(at) = self.index.get(&name) {
            return *at;
        }
        if self.table.len() >= self.max_flows {
            self.evict(notes, hosts);
        }
        let at = self.table.len() as u32;
        self.table.push(Connection {
            name,
            macs: [None; 2],
            travelled: [false; 2],
            sent: [0; 2],
            since: [None; 2],
            until: [Timestamp::default(); 2],
            bytes: 0,
            client: None,
            service: "",
            count: 1,
            streams: None,
        });
        self.index.insert(name, at);
        at
    }

    /// Closes the quarter of the table that was idle longest.
    fn evict(&mut self, notes: &mut Notes, hosts: &mut Hosts) {
        let last = |connection: &Connection| connection.until[0].max(connection.until[1]);
        let mut idle: Vec<Timestamp> = self.table.iter().map(last).collect();
        let quarter = (self.table.len() / 4).max(1);
        let (_, &mut limit, _) = idle.select_nth_unstable(quarter - 1);
        let mut kept = Vec::with_capacity(self.table.len());
        let mut closed = 0;
        for connection in std::mem::take(&mut self.table) {
            if closed < quarter && last(&connection) <= limit {
                closed += 1;
                self.close(connection, notes, hosts);
            } else {
                kept.push(connection);
            }
        }
        self.table = kept;
        self.evicted += closed as u64;
        self.index = self.table.iter().enumerate().map(|(at, held)| (held.name, at as u32)).collect();
        self.recent = None;
    }

    /// Takes a TCP segment of the packet just counted.
    pub(crate) fn tcp(&mut self, turn: Turn, segment: &Segment<'_>, at: At, notes: &mut Notes) {
        let connection = &mut self.table[turn.at as usize];
        if segment.syn {
            connection.client = Some(if segment.ack { 1 - turn.from } else { turn.from });
            if !segment.ack && connection.sent[0] + connection.sent[1] > 1 && connection.reopened(turn.from) {
                connection.count += 1;
            }
        }
        // An acknowledgement has nothing to put in order, and an end ends nothing that was never begun.
        let bare = segment.payload.is_empty() && segment.missing == 0 && !segment.syn;
        if bare && (!segment.end || connection.streams.is_none()) {
            return;
        }
        let who = connection.who(turn.from);
        let ports = connection.ports(turn.from);
        let streams = connection.streams.get_or_insert_with(Box::default);
        let mut visit = Visit {
            packet: at.packet,
            time: at.time,
            sender: who.0,
            receiver: who.1,
            ports,
            shared: &mut streams.shared,
            notes,
        };
        let side = &mut streams.sides[turn.from];
        side.push(segment, &mut self.budget, &mut visit);
        if let Some(service) = side.service() {
            connection.service = service;
        }
        if let Some(opener) = streams.shared.opener.take() {
            connection.client = Some(if opener == who.0 { turn.from } else { 1 - turn.from });
        }
    }

    /// Takes the payload of the UDP packet just counted.
    pub(crate) fn datagram(&mut self, turn: Turn, data: &[u8], at: At, notes: &mut Notes) {
        let connection = &mut self.table[turn.at as usize];
        let ports = connection.ports(turn.from);
        let Some(protocol) = dissect::datagram(data, ports, connection.service) else { return };
        connection.service = protocol.name;
        let who = connection.who(turn.from);
        let mut shared = Shared::default();
        let mut visit = Visit {
            packet: at.packet,
            time: at.time,
            sender: who.0,
            receiver: who.1,
            ports,
            shared: &mut shared,
            notes,
        };
        (protocol.read)(data, &mut visit);
        if let Some(opener) = shared.opener {
            connection.client = Some(if opener == who.0 { turn.from } else { 1 - turn.from });
        }
    }

    /// Names the service of the packet just counted, which something other than a dissector recognised.
    pub(crate) fn name(&mut self, turn: Turn, service: &'static str) {
        self.table[turn.at as usize].service = service;
    }

    fn close(&mut self, mut connection: Connection, notes: &mut Notes, hosts: &mut Hosts) {
        connection.flush(&mut self.budget, notes);
        for end in 0..2 {
            let (Some(mac), Some(since)) = (connection.macs[end], connection.since[end]) else { continue };
            let (first, last) = (since.time, connection.until[end]);
            let seen = Seen { first, last, count: connection.sent[end], packet: since.packet };
            let address = if end == 0 { connection.name.low.0 } else { connection.name.high.0 };
            hosts.card(mac, connection.name.realm, seen);
            hosts.pair(mac, address, connection.travelled[end], seen);
        }
        let (name, flow) = connection.sum();
        if let Some(known) = self.flows.get_mut(&name) {
            add(known, &flow);
        } else if self.flows.len() < self.max_aggregates {
            self.flows.insert(name, flow);
        } else {
            self.dropped += 1;
        }
    }

    /// Closes every connection. Call before hosts are settled.
    pub(crate) fn finish(&mut self, notes: &mut Notes, hosts: &mut Hosts) {
        for connection in std::mem::take(&mut self.table) {
            self.close(connection, notes, hosts);
        }
        self.index.clear();
        self.recent = None;
    }

    /// The aggregated flows in order, with cards only where they are truly the partner's.
    pub(crate) fn into_flows(self, hosts: &Hosts) -> Vec<Flow> {
        let mut flows: FxHashMap<(Endpoint, Endpoint, u8, u16, String), Flow> = FxHashMap::default();
        for ((client, server, ..), mut flow) in self.flows {
            flow.client.mac = hosts.local(client, flow.first);
            flow.server.mac = hosts.local(server, flow.first);
            let name =
                (flow.client.clone(), flow.server.clone(), flow.transport, flow.port, flow.service.clone());
            flows.entry(name).and_modify(|known| add(known, &flow)).or_insert(flow);
        }
        let mut flows: Vec<(_, Flow)> = flows.into_iter().collect();
        flows.sort_by(|(a, _), (b, _)| a.cmp(b));
        flows.into_iter().map(|(_, flow)| flow).collect()
    }
}

fn add(known: &mut Flow, flow: &Flow) {
    known.first = known.first.min(flow.first);
    known.last = known.last.max(flow.last);
    known.packets += flow.packets;
    known.bytes += flow.bytes;
    known.count += flow.count;
}

impl Connection {
    /// Whether this SYN begins another connection on the same ports rather than repeating the first.
    fn reopened(&self, from: usize) -> bool {
        self.sent[1 - from] > 0
    }

    /// The port of the end that sends, and of the other.
    fn ports(&self, from: usize) -> (u16, u16) {
        let (low, high) = (self.name.low.1, self.name.high.1);
        if from == 0 { (low, high) } else { (high, low) }
    }

    fn who(&self, from: usize) -> (Who, Who) {
        let end = |at: usize| Who::At {
            mac: self.macs[at],
            address: if at == 0 { self.name.low.0 } else { self.name.high.0 },
        };
        (end(from), end(1 - from))
    }

    /// Delivers what is still held out of order.
    fn flush(&mut self, budget: &mut Budget, notes: &mut Notes) {
        let ends = [self.who(0), self.who(1)];
        let ports = [self.ports(0), self.ports(1)];
        let Some(streams) = &mut self.streams else { return };
        for (at, side) in streams.sides.iter_mut().enumerate() {
            let (packet, time) = (0, self.until[at]);
            let (sender, receiver) = ends[at];
            let mut visit = Visit {
                packet,
                time,
                sender,
                receiver,
                ports: ports[at],
                shared: &mut streams.shared,
                notes,
            };
            side.flush(budget, &mut visit);
            if let Some(service) = side.service() {
                self.service = service;
            }
        }
    }

    fn sum(self) -> (Aggregate, Flow) {
        let client = self.client.unwrap_or_else(|| {
            let (low, high) = (self.name.low.1, self.name.high.1);
            usize::from(low < high)
        });
        let (client_who, server_who) = self.who(client);
        let server = if client == 0 { self.name.high } else { self.name.low };
        let caller = if client == 0 { self.name.low } else { self.name.high };
        let first = self.since.iter().flatten().map(|at| at.time).min().unwrap_or_default();
        let name = (client_who, server_who, self.name.protocol, server.1, self.service);
        let flow = Flow {
            client: Endpoint { address: caller.0, mac: None },
            server: Endpoint { address: server.0, mac: None },
            transport: self.name.protocol,
            port: server.1,
            service: self.service.to_owned(),
            first,
            last: self.until[0].max(self.until[1]).max(first),
            packets: self.sent[0] + self.sent[1],
            bytes: self.bytes,
            count: self.count,
        };
        (name, flow)
    }
}

/// Who opened a conversation whose beginning is not seen: a well-known port serves; else the lower of two TCP ports serves, and
/// the first to speak over UDP asks.
fn guess_client(protocol: u8, from: usize, source: u16, target: u16) -> Option<usize> {
    let known = |port: u16| port != 0 && port < 1024;
    match (known(source), known(target)) {
        (true, false) => Some(1 - from),
        (false, true) => Some(from),
        _ if protocol == TCP && source != target => Some(if source > target { from } else { 1 - from }),
        _ => Some(from),
    }
}

//! Connections: the table of who talks to whom right now, and the flows they sum up to.

mod live;

use crate::dissect::{self, Shared, Visit};
use crate::hosts::{self, Hosts};
use crate::ip::{Ip, TCP};
use crate::link::Realm;
use crate::notes::{At, Notes, Seen, Who};
use crate::options::Limits;
use crate::tcp::{Budget, Segment, Side};
use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;
use std::net::IpAddr;
use tallyward_core::flow::Endpoint;
use tallyward_core::{Flow, Mac, Timestamp};

pub(crate) use live::Sides;

/// Both ends in a fixed order, so that both directions find the same connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name {
    low: (IpAddr, u16),
    high: (IpAddr, u16),
    protocol: u8,
    realm: Realm,
}

impl Name {
    /// A few words are quicker to hash than the parts one by one.
    fn hash(&self) -> u64 {
        let mut hasher = FxHasher::default();
        for (address, port) in [self.low, self.high] {
            hasher.write_u64(folded(address) ^ u64::from(port) << 48);
        }
        hasher.write_u64(u64::from(self.realm.word()) << 8 | u64::from(self.protocol));
        hasher.finish()
    }
}

/// An address in one word; two of IPv6 may share one.
pub(crate) fn folded(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(v4) => u64::from(u32::from(v4)),
        IpAddr::V6(v6) => {
            let whole = u128::from(v6);
            (whole >> 64) as u64 ^ (whole as u64).rotate_left(29)
        }
    }
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
    /// The last other card that sent from the same end: one behind a router, seen before and after it; a standby; a rival.
    others: [Option<Mac>; 2],
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
    /// Datagrams in a row that nobody knew.
    unknown: u32,
    streams: Option<Box<Streams>>,
}

/// So many datagrams in a row are shown to every dissector before a conversation counts as one that nobody knows.
const STRANGE: u32 = 8;

/// An address, with the card that sent from it.
type Partner = (Option<Mac>, IpAddr);

type Aggregate = (Partner, Partner, u8, u16, &'static str);

/// Connections with one name, summed up.
#[derive(Clone, Copy, Debug)]
struct Sum {
    first: Timestamp,
    last: Timestamp,
    packets: u64,
    bytes: u64,
    count: u64,
}

impl Sum {
    fn join(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.count += other.count;
    }
}

/// The connections followed now, and the sums of those that ended.
#[derive(Debug)]
pub(crate) struct Connections {
    /// Places in the table, found by the hash of their name.
    index: HashTable<u32>,
    table: Vec<Connection>,
    /// The connection of the last packet: the next one is mostly of the same.
    recent: Option<(Name, u32)>,
    flows: FxHashMap<Aggregate, Sum>,
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
            index: HashTable::new(),
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
        let from = usize::from(is_above(source, target));
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
            if connection.macs[from] != parcel.mac && connection.others[from] != parcel.mac {
                connection.others[from] = parcel.mac;
                other_card(parcel, hosts);
            }
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
        let hash = name.hash();
        if let Some(at) = self.index.find(hash, |at| self.table[*at as usize].name == name) {
            return *at;
        }
        if self.table.len() >= self.max_flows {
            self.evict(notes, hosts);
        }
        let at = self.table.len() as u32;
        self.table.push(Connection::new(name));
        self.index.insert_unique(hash, at, |at| self.table[*at as usize].name.hash());
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
        self.reindex();
    }

    fn reindex(&mut self) {
        self.index.clear();
        for (at, held) in self.table.iter().enumerate() {
            self.index.insert_unique(held.name.hash(), at as u32, |at| self.table[*at as usize].name.hash());
        }
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
        if connection.streams.as_mut().is_some_and(|streams| streams.sides[turn.from].rests(segment, at.time))
        {
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
        // A conversation nobody knew a few times is asked about ever more seldom.
        if connection.unknown > STRANGE && !connection.unknown.is_power_of_two() {
            connection.unknown = connection.unknown.saturating_add(1);
            return;
        }
        let Some(protocol) = dissect::datagram(data, ports, connection.service) else {
            connection.unknown = connection.unknown.saturating_add(1);
            return;
        };
        connection.unknown = 0;
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

    /// Who sent the packet just counted.
    pub(crate) fn sender(&self, turn: Turn) -> Who {
        self.table[turn.at as usize].who(turn.from).0
    }

    /// Names the packet just counted as one of a tunnel. The end of a tunnel that chose its port freely took a high one.
    pub(crate) fn tunnel(&mut self, turn: Turn, service: &'static str) {
        let connection = &mut self.table[turn.at as usize];
        connection.service = service;
        let (own, other) = connection.ports(turn.from);
        if own != other {
            connection.client = Some(if own > other { turn.from } else { 1 - turn.from });
        }
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
        self.put(name, flow);
    }

    fn put(&mut self, name: Aggregate, flow: Sum) {
        if let Some(known) = self.flows.get_mut(&name) {
            known.join(&flow);
        } else if self.flows.len() < self.max_aggregates {
            self.flows.insert(name, flow);
        } else {
            self.dropped += 1;
        }
    }

    /// Takes in the sums and counts of another reading's connections. Call when both are finished.
    pub(crate) fn join(&mut self, other: Self) {
        for (name, flow) in other.flows {
            self.put(name, flow);
        }
        self.evicted += other.evicted;
        self.dropped += other.dropped;
        self.budget.gaps += other.budget.gaps;
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
    pub(crate) fn into_flows(self, hosts: &Hosts, seen_by: &str) -> Vec<Flow> {
        let mut flows: Vec<Flow> = self
            .flows
            .into_iter()
            .map(|((client, server, transport, port, service), sum)| Flow {
                client: endpoint(client, sum.first, hosts),
                server: endpoint(server, sum.first, hosts),
                transport,
                port,
                service: service.to_owned(),
                first: sum.first,
                last: sum.last,
                packets: sum.packets,
                bytes: sum.bytes,
                count: sum.count,
                seen_by: vec![seen_by.to_owned()],
            })
            .collect();
        flows.sort_unstable_by(|a, b| flow_name(a).cmp(&flow_name(b)));
        flows.dedup_by(|flow, known| {
            let same = flow_name(flow) == flow_name(known);
            if same {
                add(known, flow);
            }
            same
        });
        flows
    }
}

fn endpoint((mac, address): Partner, time: Timestamp, hosts: &Hosts) -> Endpoint {
    Endpoint { address, mac: hosts.local(Who::At { mac, address }, time) }
}

fn flow_name(flow: &Flow) -> (&Endpoint, &Endpoint, u8, u16, &str) {
    (&flow.client, &flow.server, flow.transport, flow.port, &flow.service)
}

fn add(known: &mut Flow, flow: &Flow) {
    known.first = known.first.min(flow.first);
    known.last = known.last.max(flow.last);
    known.packets += flow.packets;
    known.bytes += flow.bytes;
    known.count += flow.count;
}

impl Connection {
    fn new(name: Name) -> Self {
        Self {
            name,
            macs: [None; 2],
            others: [None; 2],
            travelled: [false; 2],
            sent: [0; 2],
            since: [None; 2],
            until: [Timestamp::default(); 2],
            bytes: 0,
            client: None,
            service: "",
            count: 1,
            unknown: 0,
            streams: None,
        }
    }

    /// Whether this SYN begins another connection on the same ports rather than repeating the first.
    fn reopened(&self, from: usize) -> bool {
        self.sent[1 - from] > 0
    }

    /// The port of the end that sends, and of the other.
    fn ports(&self, from: usize) -> (u16, u16) {
        let (low, high) = (self.name.low.1, self.name.high.1);
        if from == 0 { (low, high) } else { (high, low) }
    }

    fn partner(&self, end: usize) -> Partner {
        (self.macs[end], if end == 0 { self.name.low.0 } else { self.name.high.0 })
    }

    fn who(&self, from: usize) -> (Who, Who) {
        let who = |(mac, address)| Who::At { mac, address };
        (who(self.partner(from)), who(self.partner(1 - from)))
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

    fn sum(self) -> (Aggregate, Sum) {
        let client = self.client.unwrap_or_else(|| {
            let (low, high) = (self.name.low.1, self.name.high.1);
            usize::from(low < high)
        });
        let server = if client == 0 { self.name.high } else { self.name.low };
        let first = self.since.iter().flatten().map(|at| at.time).min().unwrap_or_default();
        let name =
            (self.partner(client), self.partner(1 - client), self.name.protocol, server.1, self.service);
        let flow = Sum {
            first,
            last: self.until[0].max(self.until[1]).max(first),
            packets: self.sent[0] + self.sent[1],
            bytes: self.bytes,
            count: self.count,
        };
        (name, flow)
    }
}

/// Whether an end comes behind another; the same order as that of its parts, found in one comparison.
fn is_above(a: (IpAddr, u16), b: (IpAddr, u16)) -> bool {
    match (a.0, b.0) {
        (IpAddr::V4(left), IpAddr::V4(right)) => (u32::from(left), a.1) > (u32::from(right), b.1),
        _ => a > b,
    }
}

/// Another card sends from an end of a conversation than the one that did first.
#[cold]
fn other_card(parcel: &Parcel<'_>, hosts: &mut Hosts) {
    if let Some(mac) = parcel.mac {
        let seen = Seen::at(parcel.at);
        hosts.card(mac, parcel.realm, seen);
        hosts.pair(mac, parcel.ip.source, hosts::travelled(parcel.ip.hops), seen);
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

//! Telling live: what is new among everything that passes, said once and widened while it goes on.
//!
//! Three decisions. **What is new waits** before it is told, because one cannot tell a router from a host by its first packets; it is told
//! only if all that is known by then still says so. **What is known is two generations**, a day each, judged as a capture is: what was
//! silent for two is forgotten, so that months of changing addresses make no host a router, and memory stays bounded. **A statement is an episode**, named by the batch that
//! opened it: while it is seen again its last time and its count grow, it is said again only now and then, and whoever takes the same
//! batch twice or in another order ends with the same. The price: a host that is found out to be a router later was told as a host
//! before, and a new start of the sensor opens new episodes.

use crate::batch::SeenFlow;
use crate::connection::Connections;
use crate::hosts::Hosts;
use crate::live::Period;
use crate::notes::Notes;
use crate::options::{Options, Stats};
use crate::share;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use tallyward_core::evidence::normalise;
use tallyward_core::flow::Endpoint;
use tallyward_core::{Evidence, Field, Flow, IngestId, Key, SourceKind, Timestamp};

const SECOND: i64 = 1_000_000;

/// "Somebody at this address" waits so many times longer: its card may show itself yet, and then it was never somebody.
const SOMEBODY: i64 = 5;

/// Subnets remembered.
const MOST_SUBNETS: usize = 1_024;

/// How things are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Seconds a period waits before it is told.
    pub settle: i64,
    /// Seconds after which something that goes on is told again.
    pub refresh: i64,
    /// Seconds of silence after which the same statement opens a new episode.
    pub gap: i64,
    /// Seconds after which what is known of hosts begins a new generation.
    pub generation: i64,
    /// Most statements, and most flows, told at once; the rest follow next time.
    pub most: usize,
}

impl Default for Telling {
    fn default() -> Self {
        Self { settle: 120, refresh: 900, gap: 7 * 86_400, generation: 86_400, most: 20_000 }
    }
}

/// What is known of hosts and services, since a certain time.
#[derive(Debug)]
struct Known {
    since: Timestamp,
    hosts: Hosts,
    notes: Notes,
}

impl Known {
    fn new(options: &Options, since: Timestamp) -> Self {
        let limits = &options.limits;
        Self { since, hosts: Hosts::new(limits.max_hosts), notes: Notes::new(limits.max_facts) }
    }
}

/// An open episode of a statement, or of a conversation.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// The batch that opened it; none before it was told.
    episode: Option<(IngestId, Timestamp)>,
    first: Timestamp,
    last: Timestamp,
    /// Packets, bytes and how often.
    counts: [u64; 3],
    told: Timestamp,
    /// How often it is noted in what is known now, which forgets.
    noted: u64,
    /// When it was first noted.
    since: Timestamp,
    /// The last time of telling at which what is known said so.
    round: u64,
}

type Statement = (Key, Field, String, SourceKind, String);
type Conversation = (Endpoint, Endpoint, u8, u16);

/// Joins periods, and says what is new in them.
#[derive(Debug)]
pub struct Teller {
    options: Options,
    telling: Telling,
    /// Conversations of periods that wait.
    waiting: VecDeque<(Timestamp, Connections)>,
    /// When the last period ended.
    taken: Timestamp,
    /// Counts the times of telling.
    round: u64,
    /// What was seen last before this was forgotten, and is not new.
    forgotten: i64,
    older: Known,
    current: Known,
    statements: FxHashMap<Statement, Open>,
    conversations: FxHashMap<Conversation, (String, Open)>,
    subnets: BTreeMap<String, Timestamp>,
    /// The latest packet.
    clock: Timestamp,
    /// Counts since the start.
    stats: Stats,
    /// TCP conversations of which both sides, or only one, were seen, by periods.
    sides: (u64, u64),
}

impl Teller {
    /// A teller that knows nothing yet.
    #[must_use]
    pub fn new(options: Options, telling: Telling, now: Timestamp) -> Self {
        Self {
            older: Known::new(&options, now),
            current: Known::new(&options, now),
            options,
            telling,
            waiting: VecDeque::new(),
            taken: now,
            round: 0,
            forgotten: i64::MIN,
            statements: FxHashMap::default(),
            conversations: FxHashMap::default(),
            subnets: BTreeMap::new(),
            clock: Timestamp::from_micros(0),
            stats: Stats::default(),
            sides: (0, 0),
        }
    }

    /// Counts since the start.
    #[must_use]
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// TCP conversations of which both sides were seen, and of which only one was; one that goes on counts in each period.
    #[must_use]
    pub const fn sides(&self) -> (u64, u64) {
        self.sides
    }

    /// Subnets (/24 of IPv4, /64 of IPv6) from which local cards sent, and when last.
    #[must_use]
    pub const fn subnets(&self) -> &BTreeMap<String, Timestamp> {
        &self.subnets
    }

    /// Statements and conversations held, and cards known in the present generation.
    #[must_use]
    pub fn held(&self) -> (usize, usize, usize) {
        (self.statements.len(), self.conversations.len(), self.current.hosts.count())
    }

    /// Takes the period that one reader ended at `now`.
    pub fn take(&mut self, now: Timestamp, period: Period) {
        add(&mut self.stats, &period.stats);
        self.sides.0 += period.sides.both;
        self.sides.1 += period.sides.one;
        self.clock = self.clock.max(period.stats.last.unwrap_or(self.clock));
        let age = (now.micros() - self.current.since.micros()) / (self.telling.generation * SECOND).max(1);
        if age >= 1 || self.current.hosts.is_crowded() || self.current.notes.is_crowded() {
            let fresh = || Known::new(&self.options, now);
            let before = std::mem::replace(&mut self.current, fresh());
            self.older = if age >= 2 { fresh() } else { before };
        }
        self.taken = now;
        for (address, last) in period.hosts.addresses() {
            let Some(subnet) = subnet(address) else { continue };
            if let Some(known) = self.subnets.get_mut(&subnet) {
                *known = (*known).max(last);
            } else if self.subnets.len() < MOST_SUBNETS {
                self.subnets.insert(subnet, last);
            }
        }
        self.current.hosts.join(period.hosts);
        self.current.notes.join(period.notes);
        self.waiting.push_back((now, period.flows));
    }

    /// What is new, named after the batch that will carry it. With `all` nothing waits any more; call it until nothing comes.
    pub fn tell(&mut self, now: Timestamp, batch: IngestId, all: bool) -> (Vec<Evidence>, Vec<SeenFlow>) {
        let ripe = now.micros() - self.telling.settle * SECOND;
        let is_ripe = |(ended, _): &(Timestamp, Connections)| all || ended.micros() <= ripe;
        if !self.waiting.is_empty() {
            self.round += 1;
            let (mut hosts, mut notes) = (self.older.hosts.clone(), self.older.notes.clone());
            hosts.join(self.current.hosts.clone());
            notes.join(self.current.notes.clone());
            share::settle(&mut notes, &mut hosts, &self.options);
            for piece in notes.into_evidence(&hosts, &self.options) {
                self.widen(piece);
            }
            while self.waiting.front().is_some_and(is_ripe) {
                let Some((_, flows)) = self.waiting.pop_front() else { break };
                for flow in flows.into_flows(&hosts, &self.options.sensor) {
                    self.widen_flow(flow);
                }
            }
            let round = self.round;
            // What was a host and is a router now was never told.
            self.statements.retain(|_, open| open.episode.is_some() || open.round == round);
        }
        let told = (self.tell_statements(now, batch, all), self.tell_flows(now, batch, all));
        self.forget();
        told
    }

    fn widen(&mut self, piece: Evidence) {
        let Some(seen) = piece.episodes.first() else { return };
        let (first, last, noted) = (seen.first, seen.last, seen.count);
        let (gap, round) = (self.telling.gap, self.round);
        let name = (piece.subject, piece.field, piece.value, piece.source.kind, piece.basis);
        if let Some(open) = self.statements.get_mut(&name) {
            open.round = round;
            // What is known may have forgotten what was counted before.
            let more = if first > open.last { noted } else { noted.saturating_sub(open.noted) };
            open.noted = noted;
            if more > 0 || last > open.last {
                open.widen(first, last, [more, 0, 0], gap);
                (open.noted, open.round) = (noted, round);
            }
        } else if last.micros() < self.forgotten {
            // It was told, and forgotten for want of room.
        } else if self.statements.len() < self.options.limits.max_facts {
            let open = Open::new(first, last, [noted, 0, 0]);
            self.statements.insert(name, Open { noted, round, since: self.taken, ..open });
        } else {
            self.stats.facts_dropped += 1;
        }
    }

    fn widen_flow(&mut self, flow: Flow) {
        let counts = [flow.packets, flow.bytes, flow.count];
        let (first, last) = (flow.first, flow.last);
        let name = (flow.client, flow.server, flow.transport, flow.port);
        if let Some((service, open)) = self.conversations.get_mut(&name) {
            // The same that the store does with two names for one.
            if service.is_empty() || !flow.service.is_empty() && flow.service < *service {
                *service = flow.service;
            }
            open.widen(first, last, counts, self.telling.gap);
        } else if self.conversations.len() < self.options.limits.max_facts {
            self.conversations.insert(name, (flow.service, Open::new(first, last, counts)));
        } else {
            self.stats.flows_dropped += 1;
        }
    }

    fn tell_statements(&mut self, now: Timestamp, batch: IngestId, all: bool) -> Vec<Evidence> {
        let (clock, telling, sensor) = (self.clock, &self.telling, &self.options.sensor);
        let ripe = now.micros() - telling.settle * SECOND;
        let somebody = now.micros() - SOMEBODY * telling.settle * SECOND;
        let due = self.statements.iter_mut().filter(|((subject, ..), open)| {
            let ripe = if matches!(subject, Key::Address { .. }) { somebody } else { ripe };
            (all || open.episode.is_some() || open.since.micros() <= ripe)
                && open.is_due(clock, telling.refresh, all)
        });
        let told = due.take(telling.most).map(|((subject, field, value, kind, basis), open)| {
            let (ingest, recorded_at) = open.tell(batch, now);
            Evidence {
                subject: subject.clone(),
                field: *field,
                value: value.clone(),
                source: tallyward_core::Source { kind: *kind, name: sensor.clone() },
                basis: basis.clone(),
                episodes: vec![tallyward_core::Episode {
                    ingest,
                    first: open.first,
                    last: open.last,
                    count: open.counts[0],
                    recorded_at,
                    place: String::new(),
                }],
            }
        });
        normalise(told.collect())
    }

    fn tell_flows(&mut self, now: Timestamp, batch: IngestId, all: bool) -> Vec<SeenFlow> {
        let (clock, telling) = (self.clock, &self.telling);
        let due =
            self.conversations.iter_mut().filter(|(_, (_, open))| open.is_due(clock, telling.refresh, all));
        let told = due.take(telling.most).map(|((client, server, transport, port), (service, open))| {
            let (ingest, _) = open.tell(batch, now);
            let flow = Flow {
                client: client.clone(),
                server: server.clone(),
                transport: *transport,
                port: *port,
                service: service.clone(),
                first: open.first,
                last: open.last,
                packets: open.counts[0],
                bytes: open.counts[1],
                count: open.counts[2],
                seen_by: vec![self.options.sensor.clone()],
            };
            SeenFlow { ingest, flow }
        });
        let mut told: Vec<SeenFlow> = told.collect();
        let name = |seen: &SeenFlow| {
            let flow = &seen.flow;
            (flow.client.clone(), flow.server.clone(), flow.transport, flow.port)
        };
        told.sort_by_cached_key(name);
        told
    }

    /// Forgets what was silent for a whole gap, and, when a table has nearly filled its room, the quarter that was silent longest.
    fn forget(&mut self) {
        let room = self.options.limits.max_facts / 4 * 3;
        let gap = self.clock.micros() - self.telling.gap * SECOND;
        let limit = limit(self.statements.values().map(|open| open.last.micros()), room, gap);
        self.forgotten = self.forgotten.max(limit);
        self.statements.retain(|_, open| !open.is_told() || open.last.micros() >= limit);
        let flows = self.conversations.values().map(|(_, open)| open.last.micros());
        let limit = self::limit(flows, room, gap);
        self.conversations.retain(|_, (_, open)| !open.is_told() || open.last.micros() >= limit);
    }
}

/// Before which time what was told is forgotten.
fn limit(times: impl Iterator<Item = i64>, room: usize, gap: i64) -> i64 {
    let mut times: Vec<i64> = times.collect();
    if times.len() < room.max(4) {
        return gap;
    }
    let quarter = times.len() / 4;
    *times.select_nth_unstable(quarter).1.max(&mut gap.clone())
}

impl Open {
    const fn new(first: Timestamp, last: Timestamp, counts: [u64; 3]) -> Self {
        let never = Timestamp::from_micros(i64::MIN);
        Self { episode: None, first, last, counts, told: never, noted: 0, since: never, round: 0 }
    }

    fn widen(&mut self, first: Timestamp, last: Timestamp, counts: [u64; 3], gap: i64) {
        if self.is_told() && first.micros().saturating_sub(self.last.micros()) > gap * SECOND {
            *self = Self::new(first, last, counts);
            return;
        }
        self.first = self.first.min(first);
        self.last = self.last.max(last);
        for (held, more) in self.counts.iter_mut().zip(counts) {
            *held = held.saturating_add(more);
        }
    }

    /// Whether all of it was told.
    fn is_told(&self) -> bool {
        self.episode.is_some() && self.told >= self.last
    }

    fn is_due(&self, clock: Timestamp, refresh: i64, all: bool) -> bool {
        if self.episode.is_none() {
            return true;
        }
        let since = |earlier: Timestamp, later: Timestamp| later.micros().saturating_sub(earlier.micros());
        let long =
            since(self.told, self.last) >= refresh * SECOND || since(self.last, clock) >= refresh * SECOND;
        !self.is_told() && (all || long)
    }

    fn tell(&mut self, batch: IngestId, now: Timestamp) -> (IngestId, Timestamp) {
        self.told = self.last;
        *self.episode.get_or_insert((batch, now))
    }
}

/// The subnet an address is counted in; only private ones.
fn subnet(address: IpAddr) -> Option<String> {
    match address {
        IpAddr::V4(v4) if v4.is_private() => {
            let [a, b, c, _] = v4.octets();
            Some(format!("{a}.{b}.{c}.0/24"))
        }
        IpAddr::V6(v6) if v6.is_unique_local() => {
            let [a, b, c, d, ..] = v6.segments();
            Some(format!("{}/64", std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
        }
        _ => None,
    }
}

fn add(sum: &mut Stats, more: &Stats) {
    sum.packets += more.packets;
    sum.bytes += more.bytes;
    sum.first = [sum.first, more.first].into_iter().flatten().min();
    sum.last = sum.last.max(more.last);
    sum.truncated += more.truncated;
    sum.ignored += more.ignored;
    sum.flows_evicted += more.flows_evicted;
    sum.flows_dropped += more.flows_dropped;
    sum.facts_dropped += more.facts_dropped;
    sum.fragments_dropped += more.fragments_dropped;
    sum.gaps += more.gaps;
    sum.problems_dropped += more.problems_dropped;
}

#[cfg(test)]
#[path = "teller_tests.rs"]
mod tests;

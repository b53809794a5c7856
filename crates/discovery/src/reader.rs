//! The reading itself: capture to frames, frames to packets, packets to notes.

use crate::capture::{Container, Frame, Step};
use crate::connection::{Connections, Parcel, Turn, Weight};
use crate::dissect::{self, FrameVisit};
use crate::fragment::Fragments;
use crate::hosts::Hosts;
use crate::ip::{self, Ip};
use crate::link::{self, Link};
use crate::notes::{At, Notes, Seen, Who};
use crate::options::{Learned, Limits, Options, Problem, Stats};
use crate::share::{Part, Share};
use crate::stack::Signature;
use crate::tcp;
use crate::tunnel::{self, Tunnel};
use std::collections::BTreeSet;
use tallyward_core::{Field, SourceKind};

/// How much is moved at once where a record lies across two calls.
const TOP_UP: usize = 64 * 1024;

/// Reads one capture, fed whole or in pieces of any size.
#[derive(Debug)]
pub struct Reader {
    options: Options,
    container: Container,
    /// The beginning of a record whose rest has not come yet.
    carry: Vec<u8>,
    /// How many bytes the present record needs.
    want: usize,
    /// Bytes to pass over without looking.
    skip: u64,
    /// How long the record being passed over is.
    skipped: u64,
    /// Position of the next byte in the input.
    offset: u64,
    machine: Machine,
}

/// Everything behind the capture format.
#[derive(Debug)]
pub(crate) struct Machine {
    /// Which packets are this reading's.
    share: Share,
    pub stats: Stats,
    pub problems: Vec<Problem>,
    /// Link types already reported as not read.
    unread: BTreeSet<u16>,
    pub notes: Notes,
    pub hosts: Hosts,
    pub fragments: Fragments,
    pub connections: Connections,
}

impl Reader {
    /// A reader that has seen nothing.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self::sharing(options, Share::default())
    }

    /// One of several readers of the same capture. Each is fed all of it and reads its share; [`Reader::part`] and [`Part::join`] put
    /// together what they learned.
    #[must_use]
    pub fn sharing(mut options: Options, share: Share) -> Self {
        options.limits = options.limits.shared(share.of());
        let machine = Machine::new(&options.limits, share);
        Self {
            options,
            container: Container::Start,
            carry: Vec::new(),
            want: 0,
            skip: 0,
            skipped: 0,
            offset: 0,
            machine,
        }
    }

    /// Packets read so far.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.machine.stats.packets
    }

    /// Bytes fed so far.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.machine.stats.bytes
    }

    /// Reads the next bytes of the capture: pcap or pcapng, cut anywhere. A whole mapped file is fine; nothing of it is copied but
    /// a record that lies across two calls.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.machine.stats.bytes += bytes.len() as u64;
        let mut rest = bytes;
        while !self.carry.is_empty() && !rest.is_empty() {
            let before = self.carry.len();
            // Some bytes more than wanted, so that a search through damage does not move the carry for each single byte.
            let wanted = self.want.saturating_sub(before).max(TOP_UP);
            let taken = wanted.min(rest.len());
            self.carry.extend_from_slice(&rest[..taken]);
            if self.carry.len() < self.want {
                return;
            }
            let mut held = std::mem::take(&mut self.carry);
            let used = self.run(&held, false);
            if used >= before {
                // The rest lies whole in the caller's slice again.
                rest = &rest[used - before..];
            } else {
                rest = &rest[taken..];
                held.drain(..used);
                self.carry = held;
            }
        }
        if self.carry.is_empty() {
            let used = self.run(rest, false);
            self.carry.extend_from_slice(&rest[used..]);
        }
    }

    /// Reads as many records as lie whole in `bytes`; gives how many bytes that took.
    fn run(&mut self, bytes: &[u8], end: bool) -> usize {
        let mut at = 0;
        loop {
            if self.skip > 0 {
                let passed = self.skip.min((bytes.len() - at) as u64);
                self.skip -= passed;
                self.offset += passed;
                at += passed as usize;
            }
            if at == bytes.len() {
                return at;
            }
            let used = match self.container.step(&bytes[at..], end) {
                Step::Need(count) => {
                    self.want = count;
                    return at;
                }
                Step::Packet(used, frame) => {
                    self.machine.frame(&frame, &self.options);
                    used
                }
                Step::Other(used) => used,
                Step::Skip(count) => {
                    (self.skip, self.skipped) = (count, count);
                    0
                }
                Step::Bad(used, what) => {
                    self.machine.problem(format!("byte {}", self.offset), what, &self.options);
                    used
                }
                Step::Refused(what) => {
                    self.machine.problem("byte 0".to_owned(), what, &self.options);
                    0
                }
            };
            at += used;
            self.offset += used as u64;
        }
    }

    /// Ends the reading: what still waits is closed, everybody is told apart, and the evidence is put in order.
    #[must_use]
    pub fn finish(self) -> Learned {
        self.part().learned()
    }

    /// Ends the reading of one share.
    #[must_use]
    pub fn part(mut self) -> Part {
        let held = std::mem::take(&mut self.carry);
        let used = self.run(&held, true);
        let (there, whole) = match held.len() - used {
            0 if self.skip > 0 && !matches!(self.container, Container::Refused) => {
                (self.skipped - self.skip, self.skipped)
            }
            left => (left as u64, self.want.max(left) as u64),
        };
        if there > 0 {
            let next = self.machine.stats.packets + 1;
            let what = format!(
                "the capture is cut in the middle of a record: {there} of at least {whole} bytes are there; \
                 all {} packets before it were read",
                next - 1
            );
            let place = if next == 1 { format!("byte {}", self.offset) } else { format!("packet {next}") };
            self.machine.problem(place, what, &self.options);
        } else if matches!(self.container, Container::Start) {
            let what = "empty input, expected a pcap or pcapng capture".to_owned();
            self.machine.problem("byte 0".to_owned(), what, &self.options);
        }
        self.machine.finish(self.options)
    }
}

impl Machine {
    pub(crate) fn new(limits: &Limits, share: Share) -> Self {
        Self {
            share,
            stats: Stats::default(),
            problems: Vec::new(),
            unread: BTreeSet::new(),
            notes: Notes::new(limits.max_facts),
            hosts: Hosts::new(limits.max_hosts),
            fragments: Fragments::default(),
            connections: Connections::new(limits),
        }
    }

    fn problem(&mut self, place: String, what: String, options: &Options) {
        if self.problems.len() < options.limits.max_problems {
            self.problems.push(Problem { place, what });
        } else {
            self.stats.problems_dropped += 1;
        }
    }

    pub(crate) fn frame(&mut self, frame: &Frame<'_>, options: &Options) {
        let stats = &mut self.stats;
        stats.packets += 1;
        let at = At { packet: stats.packets, time: frame.time };
        stats.first = Some(stats.first.map_or(frame.time, |first| first.min(frame.time)));
        stats.last = Some(stats.last.map_or(frame.time, |last| last.max(frame.time)));
        stats.truncated += u64::from((frame.data.len() as u64) < u64::from(frame.wire));
        let Some(link) = link::slice(frame.link, frame.data) else {
            self.stats.ignored += 1;
            if !link::is_read(frame.link) && self.unread.insert(frame.link) {
                let what = format!("link type {} is not read; its packets are only counted", frame.link);
                self.problem(format!("packet {}", at.packet), what, options);
            }
            return;
        };
        self.network(&link, frame.wire, at, 0, options);
    }

    /// Reads what lies in a frame; `depth` counts the tunnels around it.
    fn network(&mut self, link: &Link<'_>, wire: u32, at: At, depth: u8, options: &Options) {
        let ip = match link.kind {
            link::IPV4 => ip::v4(link.payload),
            link::IPV6 => ip::v6(link.payload),
            kind => {
                if let Some(protocol) = dissect::FRAMES.iter().find(|protocol| protocol.kind == kind) {
                    if !self.share.is_first() {
                        return;
                    }
                    return self.frame_protocol(protocol, link, at);
                }
                if depth < tunnel::DEEPEST
                    && let Some(inner) = tunnel::in_frame(link)
                {
                    return self.network(&inner, wire, at, depth + 1, options);
                }
                None
            }
        };
        let Some(ip) = ip else {
            self.stats.ignored += u64::from(depth == 0);
            if let Some(mac) = link.source.filter(|_| self.share.is_first()) {
                self.hosts.card(mac, link.realm, Seen::at(at));
            }
            return;
        };
        let weight = Weight { packets: 1, bytes: u64::from(wire) };
        let Some(piece) = ip.piece else {
            return self.packet(ip, link, weight, at, depth, options);
        };
        let limits = (options.limits.max_fragmented, options.limits.held);
        if let Some(whole) = self.fragments.add(&ip, piece, link.realm, wire, at.time, limits) {
            let weight = Weight { packets: whole.packets, bytes: whole.wire };
            let ip = Ip { payload: &whole.payload, piece: None, ..ip };
            self.packet(ip, link, weight, at, depth, options);
        }
    }

    fn frame_protocol(&mut self, protocol: &dissect::FrameProtocol, link: &Link<'_>, at: At) {
        if let Some(mac) = link.source {
            self.hosts.card(mac, link.realm, Seen::at(at));
        }
        let mut visit = FrameVisit { at, source: link.source, notes: &mut self.notes };
        (protocol.read)(link.payload, &mut visit);
        self.take_claims();
    }

    fn take_claims(&mut self) {
        for (mac, address, at) in self.notes.take_claims() {
            self.hosts.claim(mac, address, at);
        }
    }

    fn packet(&mut self, ip: Ip<'_>, link: &Link<'_>, weight: Weight, at: At, depth: u8, options: &Options) {
        let ports = match (ip.protocol, ip.payload) {
            (ip::TCP | ip::UDP, [a, b, c, d, ..]) => {
                (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]))
            }
            _ => (0, 0),
        };
        // A tunnel is opened by every share: what is inside has a share of its own.
        let data = (ip.protocol == ip::UDP).then(|| ip.payload.get(8..)).flatten();
        let tunnel = match (ip.protocol, data) {
            (ip::TCP, _) => None,
            (ip::UDP, Some(data)) => tunnel::in_datagram(ports, data),
            (ip::UDP, None) => None,
            _ => tunnel::in_packet(&ip),
        };
        if self.share.takes(ip.source, ip.target) {
            let parcel = Parcel { ip, mac: link.source, realm: link.realm, ports, weight, at };
            let turn = self.connections.count(&parcel, &mut self.notes, &mut self.hosts);
            if let Some(tunnel) = &tunnel {
                self.tunnel(turn, tunnel, at);
            } else if let Some(data) = data {
                self.connections.datagram(turn, data, at, &mut self.notes);
                self.take_claims();
            } else if ip.protocol == ip::TCP
                && let Some(segment) = tcp::segment(ip.payload, ip.missing)
            {
                if segment.syn
                    && let Some(signature) = Signature::of(&ip)
                {
                    self.notes.stack(self.connections.sender(turn), signature, Seen::at(at));
                }
                self.connections.tcp(turn, &segment, at, &mut self.notes);
            } else if let Some(protocol) = dissect::PACKETS.iter().find(|one| one.protocol == ip.protocol) {
                let mut visit = FrameVisit { at, source: link.source, notes: &mut self.notes };
                (protocol.read)(&ip, &mut visit);
                self.take_claims();
            }
        }
        if let Some(tunnel) = tunnel
            && let Some(inside) = tunnel.inside.filter(|_| depth < tunnel::DEEPEST)
        {
            self.network(&inside, tunnel.bytes.saturating_add(ip.missing), at, depth + 1, options);
        }
    }

    /// Notes what the packet around a tunnel says.
    fn tunnel(&mut self, turn: Turn, tunnel: &Tunnel<'_>, at: At) {
        self.connections.tunnel(turn, tunnel.name);
        if let Some((station, radio)) = tunnel.station {
            let (who, radio) = (Who::Card(station), radio.to_string());
            let basis = "802.11 in CAPWAP";
            self.notes.say(who, Field::AccessPoint, &radio, SourceKind::WireNetwork, basis, at);
        }
    }

    fn finish(mut self, options: Options) -> Part {
        self.connections.finish(&mut self.notes, &mut self.hosts);
        self.fragments.finish();
        self.stats.fragments_dropped = self.fragments.dropped;
        Part {
            share: self.share,
            options,
            stats: self.stats,
            problems: self.problems,
            notes: self.notes,
            hosts: self.hosts,
            connections: self.connections,
        }
    }
}

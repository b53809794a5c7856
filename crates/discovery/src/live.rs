//! Reading what passes now: packets in, and at the end of each period what it taught.
//!
//! One [`Live`] reads what one core brings; [`crate::Teller`] joins the periods of all of them, knows who is who, and says what is new.

use crate::capture::{Container, Frame, Step};
use crate::connection::{Connections, Sides};
use crate::hosts::Hosts;
use crate::notes::Notes;
use crate::options::{Options, Problem, Stats};
use crate::reader::Machine;
use crate::share::Share;
use tallyward_core::Timestamp;

/// A connection without packets for so many microseconds is closed at the end of a period.
const SILENT: i64 = 120 * 1_000_000;

/// Reads packets as they come.
#[derive(Debug)]
pub struct Live {
    options: Options,
    machine: Machine,
}

/// What one reader noted in one period.
#[derive(Debug)]
pub struct Period {
    pub(crate) notes: Notes,
    pub(crate) hosts: Hosts,
    pub(crate) flows: Connections,
    pub(crate) sides: Sides,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Counts of this period alone.
    pub stats: Stats,
}

impl Live {
    /// A reader that has seen nothing.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let machine = Machine::new(&options.limits, Share::default());
        Self { options, machine }
    }

    /// Reads one packet: when it came, its LINKTYPE, what was captured of it, and how long it was on the wire.
    pub fn packet(&mut self, time: Timestamp, link: u16, data: &[u8], wire: u32) {
        self.machine.stats.bytes += u64::from(wire);
        self.machine.frame(&Frame { time, link, data, wire }, &self.options);
    }

    /// Packets read in this period.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.machine.stats.packets
    }

    /// Ends a period and hands over what it taught. Conversations that go on are booked as far as they came; with `all` they are closed.
    pub fn collect(&mut self, all: bool) -> Period {
        let limits = &self.options.limits;
        let machine = &mut self.machine;
        let silent_since =
            machine.stats.last.filter(|_| !all).map(|last| Timestamp::from_micros(last.micros() - SILENT));
        // In a period without packets time does not pass: connections wait for the next.
        let silent_since = silent_since.or((!all).then_some(Timestamp::from_micros(i64::MIN)));
        let (flows, sides) =
            machine.connections.take_stock(silent_since, limits, &mut machine.notes, &mut machine.hosts);
        let mut stats = std::mem::take(&mut machine.stats);
        let notes = std::mem::replace(&mut machine.notes, Notes::new(limits.max_facts));
        let hosts = std::mem::replace(&mut machine.hosts, Hosts::new(limits.max_hosts));
        stats.flows_evicted = flows.evicted;
        stats.flows_dropped = flows.dropped;
        stats.gaps = flows.budget.gaps;
        stats.fragments_dropped = std::mem::take(&mut machine.fragments.dropped);
        stats.facts_dropped = notes.dropped + hosts.dropped;
        Period { notes, hosts, flows, sides, problems: std::mem::take(&mut machine.problems), stats }
    }
}

/// What takes a packet: its time, LINKTYPE, bytes and length on the wire.
pub type Take<'a> = dyn FnMut(Timestamp, u16, &[u8], u32) + 'a;

/// The packets of a capture file, fed in pieces of any size, for a [`Live`] reader.
#[derive(Debug)]
pub struct Packets {
    container: Container,
    /// What was fed and not used yet.
    carry: Vec<u8>,
    skip: u64,
    problems: Vec<String>,
}

impl Default for Packets {
    fn default() -> Self {
        Self { container: Container::Start, carry: Vec::new(), skip: 0, problems: Vec::new() }
    }
}

impl Packets {
    /// Hands every packet that is whole to `take`.
    pub fn feed(&mut self, bytes: &[u8], take: &mut Take<'_>) {
        self.run(bytes, false, take);
    }

    /// Ends the file; gives what could not be read.
    pub fn finish(mut self, take: &mut Take<'_>) -> Vec<String> {
        self.run(&[], true, take);
        if !self.carry.is_empty() || self.skip > 0 {
            self.problem("the capture is cut in the middle of a record".to_owned());
        }
        self.problems
    }

    fn run(&mut self, bytes: &[u8], end: bool, take: &mut Take<'_>) {
        self.carry.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.carry);
        let mut at = 0;
        while at < held.len() {
            let passed = self.skip.min((held.len() - at) as u64);
            self.skip -= passed;
            at += passed as usize;
            if at == held.len() {
                break;
            }
            match self.container.step(&held[at..], end) {
                Step::Need(_) => break,
                Step::Packet(used, frame) => {
                    take(frame.time, frame.link, frame.data, frame.wire);
                    at += used;
                }
                Step::Other(used) => at += used,
                Step::Skip(count) => self.skip = count,
                Step::Bad(used, what) => {
                    self.problem(what);
                    at += used;
                }
                Step::Refused(what) => self.problem(what),
            }
        }
        self.carry.extend_from_slice(&held[at..]);
    }

    fn problem(&mut self, what: String) {
        if self.problems.len() < 100 {
            self.problems.push(what);
        }
    }
}

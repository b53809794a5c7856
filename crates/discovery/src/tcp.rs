//! TCP: the header, and one side of a connection put in order within bounds.

use crate::dissect::{Scanner, Visit};
use tallyward_core::Timestamp;

/// A TCP segment taken apart (RFC 9293 section 3.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub sequence: u32,
    pub syn: bool,
    pub ack: bool,
    /// FIN or RST.
    pub end: bool,
    pub payload: &'a [u8],
    /// Bytes the sender sent here that the capture does not hold.
    pub missing: u32,
}

/// Reads the segment behind the ports; `data` begins with the TCP header.
pub(crate) fn segment(data: &[u8], missing: u32) -> Option<Segment<'_>> {
    let head = data.first_chunk::<20>()?;
    let length = usize::from(head[12] >> 4) * 4;
    if length < 20 {
        return None;
    }
    let flags = head[13];
    Some(Segment {
        sequence: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
        syn: flags & 2 != 0,
        ack: flags & 16 != 0,
        end: flags & 5 != 0,
        payload: data.get(length..).unwrap_or_default(),
        missing,
    })
}

/// Segments held per side at most.
const MOST_HELD: usize = 64;
/// A jump in sequence numbers beyond this is a new connection or damage, not reordering.
const FARTHEST: i32 = 16 << 20;
/// An unrecognised stream is put in order this far from its start; later only its segment starts are looked at.
const YOUNG: u32 = 64 * 1024;

#[derive(Debug)]
struct Held {
    sequence: u32,
    bytes: Box<[u8]>,
    packet: u64,
    time: Timestamp,
}

/// One side of a connection.
#[derive(Debug, Default)]
pub(crate) struct Side {
    started: bool,
    next: u32,
    /// Bytes delivered, saturating.
    delivered: u32,
    held: Vec<Held>,
    held_bytes: usize,
    scanner: Scanner,
}

/// How much out-of-order data may be held.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Per side.
    pub window: usize,
    /// In all.
    pub left: usize,
    /// Holes skipped.
    pub gaps: u64,
}

impl Side {
    /// Whether a protocol was recognised on this side.
    pub(crate) fn service(&self) -> Option<&'static str> {
        self.scanner.service()
    }

    /// Whether nothing is wanted from this side now; the segment is then passed over without being put in order.
    pub(crate) fn rests(&mut self, segment: &Segment<'_>, time: Timestamp) -> bool {
        if segment.syn || !self.scanner.rests(time) || !self.held.is_empty() {
            return false;
        }
        let end = segment.sequence.wrapping_add(segment.payload.len() as u32).wrapping_add(segment.missing);
        let ahead = end.wrapping_sub(self.next) as i32;
        if ahead > 0 {
            self.delivered = self.delivered.saturating_add(ahead.unsigned_abs());
            self.next = end;
        } else if ahead < -FARTHEST {
            self.next = end;
        }
        true
    }

    /// Takes one segment in. Overlapping bytes: the first seen win.
    pub(crate) fn push(&mut self, segment: &Segment<'_>, budget: &mut Budget, visit: &mut Visit<'_>) {
        if segment.syn {
            self.open(segment.sequence.wrapping_add(1), budget, visit);
        } else if !self.started {
            self.open(segment.sequence, budget, visit);
        }
        let sequence = segment.sequence.wrapping_add(u32::from(segment.syn));
        self.arrive(sequence, segment.payload, budget, visit);
        if segment.missing > 0 && sequence.wrapping_add(segment.payload.len() as u32) == self.next {
            self.skip(segment.missing, budget);
            self.drain(budget, visit);
        }
        if segment.end && !self.held.is_empty() {
            self.flush(budget, visit);
        }
    }

    /// A retransmitted SYN changes nothing; another sequence number is a new connection on the same ports.
    fn open(&mut self, next: u32, budget: &mut Budget, visit: &mut Visit<'_>) {
        if self.started
            && (next == self.next || self.delivered > 0 && self.next.wrapping_sub(next) == self.delivered)
        {
            return;
        }
        if self.started {
            self.flush(budget, visit);
            self.scanner = Scanner::default();
        }
        (self.started, self.next, self.delivered) = (true, next, 0);
    }

    fn arrive(&mut self, sequence: u32, bytes: &[u8], budget: &mut Budget, visit: &mut Visit<'_>) {
        if bytes.is_empty() {
            return;
        }
        let ahead = sequence.wrapping_sub(self.next) as i32;
        if ahead == 0 && self.held.is_empty() {
            return self.deliver(bytes, visit);
        }
        if !(-FARTHEST..=FARTHEST).contains(&ahead) {
            self.flush(budget, visit);
            self.lose(budget);
            self.next = sequence;
            return self.deliver(bytes, visit);
        }
        if ahead <= 0 {
            let old = ahead.unsigned_abs() as usize;
            if let Some(fresh) = bytes.get(old..).filter(|fresh| !fresh.is_empty()) {
                self.deliver_around_held(fresh, budget, visit);
            }
            return self.drain(budget, visit);
        }
        let gap = ahead as u32;
        let passed_over = u64::from(gap) <= self.scanner.indifferent_to();
        let old_stranger = self.scanner.service().is_none() && self.delivered > YOUNG;
        if self.held.is_empty() && (passed_over || old_stranger) {
            self.skip(gap, budget);
            return self.deliver(bytes, visit);
        }
        self.hold(sequence, bytes, budget, visit);
    }

    /// New bytes at `next`, some of which may already be held from an earlier packet: those win.
    fn deliver_around_held(&mut self, mut bytes: &[u8], budget: &mut Budget, visit: &mut Visit<'_>) {
        while !bytes.is_empty() {
            let before = match self.held.first() {
                Some(held) => (held.sequence.wrapping_sub(self.next) as usize).min(bytes.len()),
                None => bytes.len(),
            };
            self.deliver(&bytes[..before], visit);
            let reached = self.next;
            self.drain(budget, visit);
            let drained = self.next.wrapping_sub(reached) as usize;
            bytes = bytes.get(before + drained..).unwrap_or_default();
        }
    }

    fn deliver(&mut self, bytes: &[u8], visit: &mut Visit<'_>) {
        if bytes.is_empty() {
            return;
        }
        self.next = self.next.wrapping_add(bytes.len() as u32);
        self.delivered = self.delivered.saturating_add(bytes.len() as u32);
        self.scanner.read(bytes, visit);
    }

    /// Keeps a segment that came too early, without the parts that are held already.
    fn hold(&mut self, sequence: u32, bytes: &[u8], budget: &mut Budget, visit: &mut Visit<'_>) {
        let full = self.held.len() >= MOST_HELD
            || self.held_bytes + bytes.len() > budget.window
            || bytes.len() > budget.left;
        if full {
            self.flush(budget, visit);
            let ahead = sequence.wrapping_sub(self.next) as i32;
            if ahead > 0 {
                self.skip(ahead as u32, budget);
            }
            if let Some(fresh) = bytes.get(ahead.min(0).unsigned_abs() as usize..) {
                self.deliver(fresh, visit);
            }
            return;
        }
        let base = self.next;
        let (mut from, to) = (sequence.wrapping_sub(base), sequence.wrapping_sub(base) + bytes.len() as u32);
        let start = from;
        let mut fresh = Vec::new();
        for held in &self.held {
            let low = held.sequence.wrapping_sub(base);
            let high = low + held.bytes.len() as u32;
            if from < low && from < to {
                fresh.push((from, low.min(to)));
            }
            from = from.max(high);
        }
        if from < to {
            fresh.push((from, to));
        }
        for (low, high) in fresh {
            let bytes: Box<[u8]> = bytes[(low - start) as usize..(high - start) as usize].into();
            budget.left = budget.left.saturating_sub(bytes.len());
            self.held_bytes += bytes.len();
            self.held.push(Held {
                sequence: base.wrapping_add(low),
                bytes,
                packet: visit.packet,
                time: visit.time,
            });
        }
        self.held.sort_by_key(|held| held.sequence.wrapping_sub(base));
    }

    /// Delivers held segments that have become next.
    fn drain(&mut self, budget: &mut Budget, visit: &mut Visit<'_>) {
        while let Some(first) = self.held.first() {
            let ahead = first.sequence.wrapping_sub(self.next) as i32;
            if ahead > 0 && u64::from(ahead.unsigned_abs()) > self.scanner.indifferent_to() {
                break;
            }
            if ahead > 0 {
                self.skip(ahead.unsigned_abs(), budget);
            }
            let held = self.held.remove(0);
            self.held_bytes -= held.bytes.len();
            budget.left += held.bytes.len();
            let here = (visit.packet, visit.time);
            (visit.packet, visit.time) = (held.packet, held.time);
            if let Some(fresh) = held.bytes.get(ahead.min(0).unsigned_abs() as usize..) {
                self.deliver(fresh, visit);
            }
            (visit.packet, visit.time) = here;
        }
    }

    /// Gives up waiting: delivers all that is held, holes skipped.
    pub(crate) fn flush(&mut self, budget: &mut Budget, visit: &mut Visit<'_>) {
        while let Some(first) = self.held.first() {
            let ahead = first.sequence.wrapping_sub(self.next) as i32;
            if ahead > 0 {
                self.skip(ahead as u32, budget);
            }
            self.drain(budget, visit);
        }
    }

    fn skip(&mut self, count: u32, budget: &mut Budget) {
        self.next = self.next.wrapping_add(count);
        self.delivered = self.delivered.saturating_add(count);
        if self.scanner.skip(count) {
            budget.gaps += 1;
        }
    }

    fn lose(&mut self, budget: &mut Budget) {
        self.scanner.lose();
        budget.gaps += 1;
    }
}

//! Datagrams put together from their fragments, within bounds.

use crate::ip::{Ip, Piece};
use crate::link::Realm;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use tallyward_core::Timestamp;

/// The largest IP payload (RFC 791: 65,535 bytes with its header).
const LARGEST: usize = 65_535;
/// RFC 1122 section 3.3.2 asks for 60 to 120 seconds.
const PATIENCE: i64 = 60;
/// Pieces of one datagram: the smallest sensible fragment carries 8 bytes, real ones hundreds.
const MOST_PIECES: usize = 1_024;

type Name = (IpAddr, IpAddr, u8, u32, Realm);

#[derive(Debug)]
struct Datagram {
    since: Timestamp,
    bytes: Vec<u8>,
    /// Spans of `bytes` already filled, ordered and apart from each other.
    filled: Vec<(usize, usize)>,
    end: Option<usize>,
    packets: u64,
    wire: u64,
}

/// A datagram made whole.
#[derive(Debug)]
pub(crate) struct Whole {
    pub payload: Vec<u8>,
    /// Packets and bytes on the wire it took.
    pub packets: u64,
    pub wire: u64,
}

/// Fragments waiting for each other.
#[derive(Debug, Default)]
pub(crate) struct Fragments {
    waiting: FxHashMap<Name, Datagram>,
    held: usize,
    /// Datagrams given up.
    pub dropped: u64,
}

impl Fragments {
    /// Adds a fragment; gives the whole payload with its last one. Of overlapping pieces the first to arrive wins.
    pub(crate) fn add(
        &mut self,
        ip: &Ip<'_>,
        piece: Piece,
        realm: Realm,
        wire: u32,
        time: Timestamp,
        limits: (usize, usize),
    ) -> Option<Whole> {
        let start = piece.offset as usize;
        let end = start + ip.payload.len();
        if end > LARGEST || ip.missing > 0 {
            self.dropped += 1;
            return None;
        }
        let name = (ip.source, ip.target, ip.protocol, piece.id, realm);
        if !self.waiting.contains_key(&name) {
            self.make_room(time, limits);
        }
        let datagram = self.waiting.entry(name).or_insert_with(|| Datagram {
            since: time,
            bytes: Vec::new(),
            filled: Vec::new(),
            end: None,
            packets: 0,
            wire: 0,
        });
        let before = datagram.bytes.len();
        datagram.put(start, ip.payload);
        datagram.packets += 1;
        datagram.wire += u64::from(wire);
        if !piece.more && datagram.end.is_none() {
            datagram.end = Some(end);
        }
        self.held += datagram.bytes.len() - before;
        let whole = datagram.end.is_some_and(|end| matches!(datagram.filled[..], [(0, to), ..] if to >= end));
        if !whole && datagram.filled.len() < MOST_PIECES {
            return None;
        }
        let mut datagram = self.waiting.remove(&name)?;
        self.held -= datagram.bytes.len();
        if !whole {
            self.dropped += 1;
            return None;
        }
        datagram.bytes.truncate(datagram.end.unwrap_or(LARGEST));
        Some(Whole { payload: datagram.bytes, packets: datagram.packets, wire: datagram.wire })
    }

    /// Drops what waited too long and, when still full, the older half.
    fn make_room(&mut self, now: Timestamp, (most, held): (usize, usize)) {
        if self.waiting.len() < most && self.held < held {
            return;
        }
        let before = self.waiting.len();
        self.waiting.retain(|_, datagram| now.seconds_since(datagram.since).abs() <= PATIENCE);
        if self.waiting.len() >= most || self.bytes() >= held {
            let mut ages: Vec<Timestamp> = self.waiting.values().map(|datagram| datagram.since).collect();
            ages.sort_unstable();
            if let Some(&middle) = ages.get(ages.len() / 2) {
                self.waiting.retain(|_, datagram| datagram.since > middle);
            }
        }
        self.held = self.bytes();
        self.dropped += (before - self.waiting.len()) as u64;
    }

    fn bytes(&self) -> usize {
        self.waiting.values().map(|datagram| datagram.bytes.len()).sum()
    }

    /// What still waits at the end never becomes whole.
    pub(crate) fn finish(&mut self) {
        self.dropped += self.waiting.len() as u64;
        self.waiting.clear();
    }
}

impl Datagram {
    fn put(&mut self, start: usize, piece: &[u8]) {
        let end = start + piece.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        let mut at = start;
        for &(from, to) in &self.filled {
            if from >= end {
                break;
            }
            if at < from {
                self.bytes[at..from].copy_from_slice(&piece[at - start..from - start]);
            }
            at = at.max(to);
        }
        if at < end {
            self.bytes[at..end].copy_from_slice(&piece[at - start..]);
        }
        self.filled.push((start, end));
        self.filled.sort_unstable();
        let mut joined: Vec<(usize, usize)> = Vec::with_capacity(self.filled.len());
        for &(from, to) in &self.filled {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        self.filled = joined;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn piece(offset: u32, more: bool, payload: &[u8]) -> (Ip<'_>, Piece) {
        let here = IpAddr::from([10, 0, 0, 1]);
        let piece = Piece { id: 1, offset, more };
        (
            Ip {
                source: here,
                target: here,
                protocol: 17,
                hops: 64,
                payload,
                missing: 0,
                piece: Some(piece),
            },
            piece,
        )
    }

    proptest! {
        #[test]
        fn any_order_of_pieces_gives_the_datagram(size in 1usize..40, order in prop::collection::vec(any::<u16>(), 40)) {
            let text: Vec<u8> = (0..size * 8).map(|at| at as u8).collect();
            let mut pieces: Vec<usize> = (0..size).collect();
            pieces.sort_by_key(|at| order[*at]);
            let mut fragments = Fragments::default();
            let mut got = None;
            for at in pieces {
                let (ip, name) = piece(at as u32 * 8, at + 1 < size, &text[at * 8..at * 8 + 8]);
                prop_assert!(got.is_none());
                got = fragments.add(&ip, name, Realm::default(), 8, Timestamp::default(), (4, 1 << 20));
            }
            let whole = got.unwrap();
            prop_assert_eq!((whole.payload, whole.packets), (text, size as u64));
            prop_assert_eq!(fragments.held, 0);
        }
    }

    #[test]
    fn the_first_piece_wins_an_overlap() {
        let mut fragments = Fragments::default();
        let (ip, name) = piece(8, false, b"BBBBBBBB");
        assert!(fragments.add(&ip, name, Realm::default(), 8, Timestamp::default(), (4, 1 << 20)).is_none());
        let (ip, name) = piece(0, true, b"aaaaaaaaaaaaaaaa");
        let whole =
            fragments.add(&ip, name, Realm::default(), 8, Timestamp::default(), (4, 1 << 20)).unwrap();
        assert_eq!(whole.payload, b"aaaaaaaaBBBBBBBB");
    }

    #[test]
    fn never_more_than_the_limit_waits() {
        let mut fragments = Fragments::default();
        for id in 0..1_000 {
            let (ip, mut name) = piece(0, true, b"aaaaaaaa");
            name.id = id;
            fragments.add(
                &ip,
                name,
                Realm::default(),
                8,
                Timestamp::from_micros(i64::from(id)),
                (16, 1 << 20),
            );
            assert!(fragments.waiting.len() <= 16);
        }
    }
}

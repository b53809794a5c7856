//! What a log said, before it is known whose the addresses were.

use super::holders::{Holders, somebody};
use crate::notes::{Seen, Settled, Who, evidence};
use crate::options::Options;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use tallyward_core::{Evidence, Field, SourceKind};

/// A statement of one hour, since an address may pass to another card while the same goes on being said; of a card, hour 0.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Statement {
    who: Who,
    hour: i64,
    field: Field,
    value: String,
    kind: SourceKind,
    basis: &'static str,
}

/// Statements of one file, each once with its span.
#[derive(Debug)]
pub(super) struct Facts {
    table: FxHashMap<Statement, Seen>,
    limit: usize,
    /// Not kept for want of room.
    pub dropped: u64,
}

impl Facts {
    /// For at most `limit` distinct ones.
    pub(super) fn new(limit: usize) -> Self {
        Self { table: FxHashMap::default(), limit, dropped: 0 }
    }

    /// How many distinct ones are held.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Adds one.
    pub(super) fn add(
        &mut self,
        who: Who,
        field: Field,
        value: String,
        kind: SourceKind,
        basis: &'static str,
        seen: Seen,
    ) {
        let hour = match who {
            Who::Card(_) => 0,
            Who::At { .. } => seen.first.seconds().div_euclid(3600),
        };
        let room = self.table.len() < self.limit;
        match self.table.entry(Statement { who, hour, field, value, kind, basis }) {
            Entry::Occupied(mut held) => held.get_mut().join(seen),
            Entry::Vacant(place) if room => {
                place.insert(seen);
            }
            Entry::Vacant(_) => self.dropped += 1,
        }
    }

    /// As evidence, not yet normalised. A statement whose address passed to another card within its hour is nobody's but the address's.
    pub(super) fn settle(self, holders: &Holders, options: &Options) -> Vec<Evidence> {
        let mut out: FxHashMap<Settled, Seen> = FxHashMap::default();
        for (said, seen) in self.table {
            let key = holders.resolve(said.who, seen.first, &options.sensor);
            let same = key == holders.resolve(said.who, seen.last, &options.sensor);
            let key = if same { key } else { somebody(said.who, &options.sensor) };
            let name = (key, said.field, said.value, said.kind, said.basis);
            out.entry(name).and_modify(|known| known.join(seen)).or_insert(seen);
        }
        out.into_iter().map(|(said, seen)| evidence(said, seen, "line", options)).collect()
    }
}

//! The decisions in force, sorted by what they act on.

use rustc_hash::{FxHashMap, FxHashSet};
use tallyward_core::decision::in_force;
use tallyward_core::{Decision, Field, IngestId, Judgement, Key, Timestamp};

/// What named people decided, as it stands at one point in time.
pub(super) struct Judged<'a> {
    /// Ingests that no longer count.
    pub(super) retracted: FxHashSet<IngestId>,
    /// Pairs that are one device, the latest decision first.
    pub(super) merges: Vec<(&'a Key, &'a Key, &'a Decision)>,
    /// Pairs that are never one device.
    pub(super) splits: Vec<(&'a Key, &'a Key, &'a Decision)>,
    /// Values that hold, by the key they were pinned on, oldest first.
    pub(super) pins: FxHashMap<&'a Key, Vec<(Field, &'a str, &'a Decision)>>,
}

impl<'a> Judged<'a> {
    /// Reads the decisions in force at `as_of`. Of several about one pair of keys the latest stands, so that a
    /// split takes back a merge and the reverse.
    pub(super) fn read(decisions: &'a [Decision], as_of: Timestamp) -> Self {
        let mut judged = Self {
            retracted: FxHashSet::default(),
            merges: Vec::new(),
            splits: Vec::new(),
            pins: FxHashMap::default(),
        };
        let mut settled: FxHashSet<(&Key, &Key)> = FxHashSet::default();
        for decision in in_force(decisions, as_of).into_iter().rev() {
            match &decision.judgement {
                Judgement::Retract { ingest } => {
                    judged.retracted.insert(*ingest);
                }
                Judgement::Merge { a, b } if settled.insert((a.min(b), a.max(b))) => {
                    judged.merges.push((a, b, decision));
                }
                Judgement::Split { a, b } if settled.insert((a.min(b), a.max(b))) => {
                    judged.splits.push((a, b, decision));
                }
                Judgement::Pin { subject, field, value } if *field != Field::Key => {
                    judged.pins.entry(subject).or_default().push((*field, value, decision));
                }
                _ => {}
            }
        }
        judged.pins.values_mut().for_each(|pins| pins.reverse());
        judged
    }
}

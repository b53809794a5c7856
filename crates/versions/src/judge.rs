//! One version against one bound or one single version, with the sentence that says why.

use crate::node::Op;
use crate::order::{Apart, Reading, Relation, readings, relate};
use crate::segment::Version;
use std::cmp::Ordering;

/// The outcome of one comparison of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judged {
    Yes,
    No,
    /// The device's version goes on where the other ends: it may belong to it or lie behind it.
    Finer,
    /// The device's version ends where the other goes on.
    Coarser,
    /// Below the start of a train or inside it: the text does not say.
    Train,
    Apart(Apart),
    /// Leading zeros can be read otherwise, and that would turn the answer round.
    Zeros,
}

/// Whether `device` satisfies `op bound`.
pub(crate) fn judge(op: Op, device: &Version, bound: &Version) -> Judged {
    let mut answer = None;
    for reading in readings(device, bound) {
        let judged = judge_reading(op, device, bound, reading);
        match answer {
            None => answer = Some(judged),
            Some(known) if known == judged => {}
            Some(Judged::Yes | Judged::No) => return Judged::Zeros,
            Some(_) => {}
        }
    }
    answer.unwrap_or(Judged::Apart(Apart::Numbering))
}

fn judge_reading(op: Op, device: &Version, bound: &Version, reading: Reading) -> Judged {
    let relation = relate(device, bound, reading);
    if let Relation::Apart(apart) = relation {
        return Judged::Apart(apart);
    }
    if bound.train().1 { in_train(op, relation) } else { beside(op, relation, device, bound) }
}

fn yes(holds: bool) -> Judged {
    if holds { Judged::Yes } else { Judged::No }
}

fn in_train(op: Op, relation: Relation) -> Judged {
    match (op, relation) {
        (Op::NotEqual, relation) => match in_train(Op::Equal, relation) {
            Judged::Yes => Judged::No,
            Judged::No => Judged::Yes,
            other => other,
        },
        (_, Relation::Decided(Ordering::Less)) => yes(op.is_upper()),
        (_, Relation::Decided(_)) => yes(op.is_lower()),
        (Op::Equal | Op::AtMost | Op::AtLeast, Relation::Equal | Relation::LeftFiner) => Judged::Yes,
        (Op::Less | Op::Greater, Relation::Equal | Relation::LeftFiner) => Judged::Train,
        (Op::AtMost | Op::Less, _) => Judged::Yes,
        _ => Judged::Coarser,
    }
}

fn beside(op: Op, relation: Relation, device: &Version, bound: &Version) -> Judged {
    match (op, relation) {
        (Op::NotEqual, relation) => match beside(Op::Equal, relation, device, bound) {
            Judged::Yes => Judged::No,
            Judged::No => Judged::Yes,
            other => other,
        },
        (_, Relation::Decided(Ordering::Less)) => yes(op.is_upper()),
        (_, Relation::Decided(_)) => yes(op.is_lower()),
        // "2" may stand for 2.1, which is above an exclusive 2.0.
        (Op::Greater, Relation::Equal) if device.parts().len() < bound.parts().len() => Judged::Coarser,
        (_, Relation::Equal) => yes(matches!(op, Op::Equal | Op::AtMost | Op::AtLeast)),
        (Op::Equal | Op::AtMost, Relation::LeftFiner) => Judged::Finer,
        (_, Relation::LeftFiner) => yes(op.is_lower()),
        (Op::Less | Op::AtMost, _) => Judged::Yes,
        _ => Judged::Coarser,
    }
}

/// The sentence for an outcome. `device` and `bound` are quoted as written.
pub(crate) fn sentence(op: Op, judged: Judged, device: &str, bound: &Version) -> String {
    told(op, judged, device, bound.text(), bound.train().1)
}

/// [`sentence`] for a bound of a published order.
pub(crate) fn said(op: Op, judged: Judged, device: &str, bound: &str) -> String {
    told(op, judged, device, bound, false)
}

fn told(op: Op, judged: Judged, device: &str, bound: &str, train: bool) -> String {
    match judged {
        Judged::Yes => match op {
            Op::Less => format!("{device} is below {bound}"),
            Op::AtMost if train => format!("{device} is in or below the train {bound}"),
            Op::AtMost => format!("{device} is at or below {bound}"),
            Op::Equal if train => format!("{device} belongs to the train {bound}"),
            Op::Equal => format!("{device} is the version named, {bound}"),
            Op::NotEqual => format!("{device} is not the version left out, {bound}"),
            Op::AtLeast => format!("{device} is at or above {bound}"),
            Op::Greater => format!("{device} is above {bound}"),
        },
        Judged::No => match op {
            Op::Less => format!("{device} is not below {bound}"),
            Op::AtMost => format!("{device} is above {bound}, the last one meant"),
            Op::Equal if train => format!("{device} does not belong to the train {bound}"),
            Op::Equal => format!("{device} is not the version named, {bound}"),
            Op::NotEqual => format!("{device} is the version left out, {bound}"),
            Op::AtLeast => format!("{device} is below {bound}, the first one meant"),
            Op::Greater => format!("{device} is not above {bound}"),
        },
        Judged::Finer => format!("{device} is finer than {bound}: it may belong to it or come after it"),
        Judged::Coarser => format!("{device} is too coarse to hold against {bound}"),
        Judged::Train => format!(
            "{device} lies in the train {bound}, and the clause does not say on which side that counts"
        ),
        Judged::Zeros => {
            format!(
                "the leading zeros of {device} or {bound} can be read in two ways, which turns the answer round"
            )
        }
        Judged::Apart(Apart::OtherSeries) => {
            format!("{device} and {bound} belong to different series, which have no order")
        }
        Judged::Apart(Apart::Numbering) => format!("{device} and {bound} are numbered in different ways"),
        Judged::Apart(Apart::PreRelease) => {
            format!("{device} against {bound}: a pre-release cannot be placed")
        }
        Judged::Apart(Apart::Words) => format!("{device} and {bound} hold words that have no order"),
        Judged::Apart(Apart::Open) => {
            format!("{device} does not say which release of it; the clause names {bound}")
        }
    }
}

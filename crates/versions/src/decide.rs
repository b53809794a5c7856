//! The verdict: three-valued logic over the tree. A missing fact is unknown, never false, so learning more can
//! settle a verdict but not turn it round.

use crate::cell::Cell;
use crate::date::{Date, DateKind};
use crate::facts::{ClauseVerdict, Decision, Facts, Missing};
use crate::judge::{Judged, judge, sentence};
use crate::named;
use crate::node::{Node, Op};
use crate::order::{Apart, order_digits};
use crate::ordered;
use crate::segment::{Part, Version};
use crate::words::{self, Role};
use std::cmp::Ordering;

/// What a piece says of the device, and why.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) verdict: ClauseVerdict,
    pub(crate) why: String,
    pub(crate) missing: Option<Missing>,
    judged: Option<Judged>,
}

impl Outcome {
    pub(crate) fn yes(why: impl Into<String>) -> Self {
        Self { verdict: ClauseVerdict::Affected, why: why.into(), missing: None, judged: None }
    }

    pub(crate) fn no(why: impl Into<String>) -> Self {
        Self { verdict: ClauseVerdict::NotAffected, why: why.into(), missing: None, judged: None }
    }

    pub(crate) fn unknown(missing: Missing, why: impl Into<String>) -> Self {
        Self { verdict: ClauseVerdict::Unknown, why: why.into(), missing: Some(missing), judged: None }
    }

    fn is(&self, verdict: ClauseVerdict) -> bool {
        self.verdict == verdict
    }
}

/// The version a comparison looks at: the device's, its hardware's or a component's.
pub(crate) struct Subject<'a> {
    pub(crate) cell: &'a Cell,
    pub(crate) raw: &'a str,
    pub(crate) missing: Missing,
}

pub(crate) fn decide(tree: &Node, facts: &Facts<'_>) -> Decision {
    let cell = Cell::read(facts.version);
    let subject =
        Subject { cell: &cell, raw: facts.version.unwrap_or_default().trim(), missing: Missing::Version };
    let outcome = evaluate(tree, facts, &subject);
    Decision { verdict: outcome.verdict, reason: outcome.why, missing: outcome.missing }
}

fn evaluate(node: &Node, facts: &Facts<'_>, subject: &Subject<'_>) -> Outcome {
    match node {
        Node::Everything => Outcome::yes("the clause covers every version"),
        Node::Nothing => Outcome::no("the clause covers no version"),
        Node::Version(op, version) => compare(*op, version, subject),
        Node::Ordered(scheme, op, bound) => ordered::compare(*scheme, *op, bound, subject),
        Node::Date(kind, op, date) => compare_date(*kind, *op, *date, facts),
        Node::Serial(serials) => serials.decide(facts),
        Node::Model(names) => named::model(names, facts),
        Node::PartNumber(number) => named::part_number(number, facts),
        Node::OperatingSystem(system) => named::operating_system(system, facts),
        Node::Condition(text) => named::condition(text, facts),
        Node::Hardware(inner) => {
            let cell = Cell::read(facts.hardware_version);
            let raw = facts.hardware_version.unwrap_or_default().trim();
            evaluate(inner, facts, &Subject { cell: &cell, raw, missing: Missing::HardwareVersion })
        }
        Node::Component(name, inner) => component(name, inner, facts),
        Node::Remark(_, inner) => evaluate(inner, facts, subject),
        Node::Any(nodes) => any(nodes, facts, subject),
        Node::All(nodes) => all(nodes, facts, subject),
        Node::Either(nodes) => either(nodes, facts, subject),
        Node::Person(text) if subject.cell.says(text) => {
            Outcome::yes(format!("the clause says just this: {text}"))
        }
        Node::Person(_) => Outcome::unknown(Missing::Person, "a person has to read this clause"),
    }
}

fn compare(op: Op, bound: &Version, subject: &Subject<'_>) -> Outcome {
    if matches!(op, Op::Equal | Op::AtMost | Op::AtLeast) && subject.cell.says(bound.text()) {
        return Outcome::yes(sentence(op, Judged::Yes, subject.raw, bound));
    }
    let device = match subject.cell {
        Cell::Empty => return not_known(subject),
        Cell::Unreadable(_) => {
            let why = format!("\"{}\" is not plainly one version", quoted(subject.raw));
            return Outcome::unknown(subject.missing.clone(), why);
        }
        Cell::Read(version, _) => version,
    };
    let judged = judge(op, device, bound);
    let why = sentence(op, judged, quoted(subject.raw), bound);
    let outcome = match judged {
        Judged::Yes => Outcome::yes(why),
        Judged::No => Outcome::no(why),
        Judged::Finer | Judged::Train | Judged::Zeros => Outcome::unknown(Missing::Person, why),
        Judged::Apart(Apart::OtherSeries | Apart::PreRelease) => Outcome::unknown(Missing::Person, why),
        Judged::Coarser | Judged::Apart(_) => Outcome::unknown(Missing::Finer, why),
    };
    Outcome { judged: Some(judged), ..outcome }
}

/// Nothing is known of the subject, or a word that says nothing.
pub(crate) fn not_known(subject: &Subject<'_>) -> Outcome {
    let why = if subject.raw.is_empty() {
        format!("{} is not known", capital(&subject.missing))
    } else {
        format!("\"{}\" says nothing", quoted(subject.raw))
    };
    Outcome::unknown(subject.missing.clone(), why)
}

fn capital(missing: &Missing) -> String {
    let text = missing.to_string();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// At most 60 bytes of a value, cut between characters.
pub(crate) fn quoted(text: &str) -> &str {
    let mut end = text.len().min(60);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn any(nodes: &[Node], facts: &Facts<'_>, subject: &Subject<'_>) -> Outcome {
    let mut outcomes = Vec::with_capacity(nodes.len());
    for node in nodes {
        let outcome = evaluate(node, facts, subject);
        if outcome.is(ClauseVerdict::Affected) {
            return outcome;
        }
        outcomes.push(outcome);
    }
    settle_depth(nodes, &mut outcomes, subject);
    let foreign = |outcome: &Outcome| outcome.judged == Some(Judged::Apart(Apart::OtherSeries));
    // A bound of another series says nothing of this device once one of its own series has spoken.
    let own = outcomes.iter().any(|outcome| outcome.judged == Some(Judged::No));
    let open = |outcome: &&Outcome| outcome.is(ClauseVerdict::Unknown) && !(own && foreign(outcome));
    if let Some(unknown) = outcomes.iter().find(open) {
        return unknown.clone();
    }
    let mut rest = outcomes.into_iter().filter(|outcome| outcome.is(ClauseVerdict::NotAffected));
    let first = rest.next().map_or_else(String::new, |outcome| outcome.why);
    if nodes
        .iter()
        .all(|node| matches!(node.bare(), Node::Version(Op::Equal, _) | Node::Ordered(_, Op::Equal, _)))
    {
        return Outcome::no(format!(
            "{} is none of the {} versions listed",
            quoted(subject.raw),
            nodes.len()
        ));
    }
    let others = rest.next().map(|outcome| format!("; {}", outcome.why)).unwrap_or_default();
    Outcome::no(format!("{first}{others}"))
}

/// A version finer than a listed one is not that one when the list itself tells releases of that one apart.
fn settle_depth(nodes: &[Node], outcomes: &mut [Outcome], subject: &Subject<'_>) {
    let Cell::Read(device, _) = subject.cell else { return };
    if !outcomes.iter().any(|outcome| outcome.judged == Some(Judged::Finer)) {
        return;
    }
    let single = |node: &Node| match node.bare() {
        Node::Version(Op::Equal, version) => Some(version.parts().to_vec()),
        _ => None,
    };
    let depth = |parts: Vec<Part>| agreeing(&parts, device.parts()).min(parts.len().saturating_sub(1));
    let deepest = nodes.iter().filter_map(single).map(depth).max().unwrap_or(0);
    for (node, outcome) in nodes.iter().zip(outcomes) {
        let Some(parts) = single(node).filter(|_| outcome.judged == Some(Judged::Finer)) else { continue };
        if deepest >= parts.len() {
            *outcome = Outcome {
                judged: Some(Judged::No),
                ..Outcome::no(format!("{} is not listed beside its release", quoted(subject.raw)))
            };
        }
    }
}

fn agreeing(a: &[Part], b: &[Part]) -> usize {
    a.iter()
        .zip(b)
        .take_while(|pair| match pair {
            (Part::Number(a), Part::Number(b)) => order_digits(a, b) == Ordering::Equal,
            (a, b) => a == b,
        })
        .count()
}

fn all(nodes: &[Node], facts: &Facts<'_>, subject: &Subject<'_>) -> Outcome {
    let mut unknown: Option<Outcome> = None;
    let mut reasons = Vec::new();
    for node in nodes {
        let outcome = evaluate(node, facts, subject);
        match outcome.verdict {
            ClauseVerdict::NotAffected => return outcome,
            ClauseVerdict::Affected => reasons.push(outcome.why),
            ClauseVerdict::Unknown => {
                unknown.get_or_insert(outcome);
            }
        }
    }
    unknown.unwrap_or_else(|| Outcome::yes(reasons.join(", and ")))
}

fn either(nodes: &[Node], facts: &Facts<'_>, subject: &Subject<'_>) -> Outcome {
    let mut outcomes = nodes.iter().map(|node| evaluate(node, facts, subject));
    let Some(first) = outcomes.next() else {
        return Outcome::unknown(Missing::Person, "the clause has no reading");
    };
    let mut unknown = first.is(ClauseVerdict::Unknown).then(|| first.clone());
    for outcome in outcomes {
        if outcome.is(ClauseVerdict::Unknown) {
            unknown.get_or_insert(outcome);
        } else if outcome.verdict != first.verdict && !first.is(ClauseVerdict::Unknown) {
            let why = "the clause can be read in two ways, and they disagree about this device";
            return Outcome::unknown(Missing::Person, why);
        }
    }
    unknown.unwrap_or(first)
}

fn component(name: &str, inner: &Node, facts: &Facts<'_>) -> Outcome {
    let missing = Missing::Component(name.to_owned());
    if let Some(known) = facts.component.filter(|known| !named::same_component(known, name)) {
        let why = format!("the clause asks for {name}; what is known is {}", quoted(known));
        return Outcome::unknown(missing, why);
    }
    let cell = Cell::read(facts.component_version);
    let raw = facts.component_version.unwrap_or_default().trim();
    let outcome = evaluate(inner, facts, &Subject { cell: &cell, raw, missing });
    Outcome { why: format!("{name}: {}", outcome.why), judged: None, ..outcome }
}

fn compare_date(kind: DateKind, op: Op, bound: Date, facts: &Facts<'_>) -> Outcome {
    let Some(text) = facts.date else {
        return Outcome::unknown(
            Missing::Date(kind),
            format!("the clause names a calendar date ({bound}); the {kind} is not known"),
        );
    };
    // Some inventories write the first day of their calendar for "not known".
    let placeholder = words::is(text.trim(), Role::Junk);
    let Some(date) = Date::iso(text).filter(|_| !placeholder) else {
        return Outcome::unknown(Missing::Date(kind), format!("\"{}\" is no date to rely on", quoted(text)));
    };
    let known = facts.date_kind.unwrap_or(DateKind::Unnamed);
    if known != DateKind::Unnamed && kind != DateKind::Unnamed && known != kind {
        return Outcome::unknown(
            Missing::Date(kind),
            format!("a {known} is known, the clause asks for the {kind}"),
        );
    }
    let answers: Vec<Option<bool>> =
        bound.spans().flat_map(|bound| date.spans().map(move |date| holds(op, date, bound))).collect();
    match answers.first() {
        Some(Some(true)) if answers.iter().all(|answer| *answer == Some(true)) => {
            Outcome::yes(format!("{date} is {} {bound}", in_words(op)))
        }
        Some(Some(false)) if answers.iter().all(|answer| *answer == Some(false)) => {
            if excludes(kind, known, op) {
                Outcome::no(format!("{date} is not {} {bound}", in_words(op)))
            } else {
                let why = format!("the clause does not say which date it means; {date} is a {known}");
                Outcome::unknown(Missing::Date(DateKind::Unnamed), why)
            }
        }
        _ if bound.spans().count() > 1 => {
            let why = format!("{bound} can be read with day or month first, and that turns the answer round");
            Outcome::unknown(Missing::Person, why)
        }
        _ => Outcome::unknown(Missing::Date(kind), format!("{date} is too coarse to hold against {bound}")),
    }
}

fn in_words(op: Op) -> &'static str {
    match op {
        Op::Less => "before",
        Op::AtMost => "on or before",
        Op::Equal => "within",
        Op::NotEqual => "outside",
        Op::AtLeast => "on or after",
        Op::Greater => "after",
    }
}

type Span = (crate::date::Day, crate::date::Day);

fn holds(op: Op, date: Span, bound: Span) -> Option<bool> {
    let before = |a: crate::date::Day, b: crate::date::Day| a < b;
    let (yes, no) = match op {
        Op::Less => (before(date.1, bound.0), !before(date.0, bound.0)),
        Op::AtMost => (!before(bound.1, date.1), before(bound.1, date.0)),
        Op::AtLeast => (!before(date.0, bound.0), before(date.1, bound.0)),
        Op::Greater => (before(bound.1, date.0), !before(bound.1, date.1)),
        Op::Equal => (date.0 >= bound.0 && date.1 <= bound.1, date.1 < bound.0 || date.0 > bound.1),
        Op::NotEqual => return holds(Op::Equal, date, bound).map(|same| !same),
    };
    if yes {
        Some(true)
    } else if no {
        Some(false)
    } else {
        None
    }
}

/// Whether a date outside the bound excludes the device. Where the clause does not say what happened on the date:
/// a device is made before it is shipped, so a late manufacture or an early shipment excludes both readings.
fn excludes(asked: DateKind, known: DateKind, op: Op) -> bool {
    asked != DateKind::Unnamed
        || known == DateKind::Unnamed
        || (op.is_upper() && known == DateKind::Manufactured)
        || (op.is_lower() && known == DateKind::Distributed)
}

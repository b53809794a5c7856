//! From voices to the value that holds.

use super::agree::{agree, fold};
use super::claims::Claim;
use super::rules::Rules;
use rustc_hash::FxHashSet;
use std::cmp::{Ordering, Reverse};
use std::net::IpAddr;
use tallyward_core::{Decision, Field, Held, Source, SourceKind, Timestamp, Voice};

/// One voice before it is copied out of the evidence.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    value: &'a str,
    source: &'a Source,
    basis: &'a str,
    place: &'a str,
    first: Timestamp,
    last: Timestamp,
    recorded_at: Timestamp,
    count: u64,
    stale: bool,
    rank: u8,
}

impl<'a> Candidate<'a> {
    /// What `claim` says of `field`, or that `value` follows from the key it names.
    pub(super) fn new(
        field: Field,
        value: &'a str,
        claim: &Claim<'a>,
        rules: &Rules,
        as_of: Timestamp,
    ) -> Self {
        let weight = rules.weight(field, claim.said.source.kind);
        let span = &claim.span;
        Self {
            value,
            source: &claim.said.source,
            basis: &claim.said.basis,
            place: span.place,
            first: span.first,
            last: span.since,
            recorded_at: span.recorded_at,
            count: span.count,
            stale: weight.max_age_days.is_some_and(|days| as_of.days_since(span.since) > days),
            rank: weight.rank,
        }
    }

    /// Best first: fresh before stale, then rank, then the newer, then the kind of source; the rest only makes
    /// the order total.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let weight = |one: &Self| (one.stale, Reverse(one.rank), Reverse(one.last), one.source.kind);
        weight(self)
            .cmp(&weight(other))
            .then_with(|| self.value.cmp(other.value))
            .then_with(|| self.source.name.cmp(&other.source.name))
            .then_with(|| self.basis.cmp(other.basis))
            .then_with(|| {
                let rest = |one: &Self| (one.first, one.recorded_at, one.count);
                rest(self).cmp(&rest(other)).then_with(|| self.place.cmp(other.place))
            })
    }

    fn voice(&self) -> Voice {
        Voice {
            value: self.value.to_owned(),
            source: self.source.clone(),
            basis: self.basis.to_owned(),
            place: self.place.to_owned(),
            first: self.first,
            last: self.last,
            recorded_at: self.recorded_at,
            count: self.count,
            stale: self.stale,
        }
    }
}

/// What holds of `field`, given everybody who speaks; nothing when nobody does.
pub(super) fn hold(
    field: Field,
    candidates: &mut Vec<Candidate<'_>>,
    pin: Option<(&str, &Decision)>,
) -> Option<Held> {
    candidates.sort_unstable_by(Candidate::order);
    // One list may name a device in two rows with two keys and say the same in both.
    candidates.dedup_by(|a, b| a.order(b) == Ordering::Equal);
    let value = match (pin, best(field, candidates)) {
        (Some((value, _)), _) => value,
        (None, Some(best)) => best.value,
        (None, None) => return None,
    };
    let supports = |candidate: &Candidate<'_>| agree(field, value, candidate.value);
    // Most fields have one voice; room for the four that a vector starts with would be most of a device's size.
    let supporters = candidates.iter().filter(|candidate| supports(candidate)).count();
    let mut support = Vec::with_capacity(supporters + usize::from(pin.is_some()));
    support.extend(pin.map(|(value, decision)| pinned(value, decision)));
    let (mut dissent, mut also) = (Vec::new(), Vec::new());
    let mut further = FxHashSet::default();
    for candidate in candidates.iter() {
        if supports(candidate) {
            support.push(candidate.voice());
        } else if !field.is_many() {
            dissent.push(candidate.voice());
        } else if further.insert(fold(field, candidate.value)) {
            // The best voice of each further value; `Held::values` lists each once.
            also.push(candidate.voice());
        }
    }
    dissent.shrink_to_fit();
    also.shrink_to_fit();
    Some(Held { value: value.to_owned(), support, dissent, also })
}

/// The voice that holds: the first, but of addresses one by which the device can be found from elsewhere, if there is any.
fn best<'c, 'a>(field: Field, candidates: &'c [Candidate<'a>]) -> Option<&'c Candidate<'a>> {
    let reaches = |candidate: &&Candidate<'_>| !is_link_local(candidate.value);
    let preferred = (field == Field::IpAddress).then(|| candidates.iter().find(reaches)).flatten();
    preferred.or_else(|| candidates.first())
}

/// Whether an address holds on its own cable only (RFC 3927, RFC 4291 section 2.5.6).
fn is_link_local(address: &str) -> bool {
    match address.parse() {
        Ok(IpAddr::V4(v4)) => v4.is_link_local(),
        Ok(IpAddr::V6(v6)) => v6.is_unicast_link_local(),
        Err(_) => false,
    }
}

fn pinned(value: &str, decision: &Decision) -> Voice {
    let reason =
        if decision.reason.is_empty() { "pinned".to_owned() } else { format!("pinned: {}", decision.reason) };
    Voice {
        value: value.to_owned(),
        source: Source { kind: SourceKind::Person, name: decision.by.clone() },
        basis: reason,
        place: String::new(),
        first: decision.at,
        last: decision.at,
        recorded_at: decision.at,
        count: 1,
        stale: false,
    }
}

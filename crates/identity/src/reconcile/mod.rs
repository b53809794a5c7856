//! From evidence and decisions to devices.
//!
//! [`reconcile`] is a pure function of what was said, what was decided, a table of precedence and a point in
//! time. It runs in four steps, each free of the order in which evidence came in:
//!
//! 1. *What counts.* Episodes written down by then and not retracted; of each source on each question its
//!    newest answer, the older ones being history. Junk names nothing.
//! 2. *Which keys are one device.* Ties between identifying and network keys, tried in a canonical order; a tie
//!    that would give a device two serials, two tags of one issuer or two records of one system is refused and
//!    shown as contested on both sides, also when a person asked for it. A key that many devices share is found
//!    by looking at all that is tied to it, and joins nothing unless a decision says so.
//! 3. *Hints stand alone.* An identity statement with a host name, an AE title or a bare address on either side
//!    joins nothing: it stays on its subject as a further name. "Somebody at 10.2.3.4" is a device of its own
//!    until a person merges it.
//! 4. *What holds.* Per field the best voice; the others support it, add to it or dissent. Keys show as fields
//!    where nobody states the field, and what rule tables conclude from the fields stands below all of it
//!    ([`crate::classify`]).

mod agree;
mod build;
mod claims;
mod compare;
mod hold;
mod join;
mod judged;
mod links;
mod rules;
mod shared;

pub use agree::agree;
pub use compare::{FieldChange, Standpoint, diff, states};
pub use links::{components, decision_keys, is_junk_key, is_statement, linked_keys};
pub use rules::{Rules, RulesError, Weight};

use build::Builder;
use claims::Claims;
use judged::Judged;
use std::cell::RefCell;
use tallyward_core::evidence::normalise;
use tallyward_core::{Decision, Device, Evidence, Timestamp};

/// The devices that follow from `evidence` and `decisions` under `rules` at `as_of`, by their smallest key.
///
/// Only what was written down by `as_of` counts. The order and repetition of evidence do not matter; evidence
/// in the form of [`normalise`] is read without being copied. A key that only decisions mention is no device.
#[must_use]
pub fn reconcile(
    evidence: &[Evidence],
    decisions: &[Decision],
    rules: &Rules,
    as_of: Timestamp,
) -> Vec<Device> {
    let judged = Judged::read(decisions, as_of);
    let ends = claims::far_ends(evidence);
    if let Ok(claims) = Claims::read(evidence, &ends, &judged, as_of) {
        return devices(&claims, &judged, rules, as_of);
    }
    let whole = normalise(evidence.to_vec());
    let ends = claims::far_ends(&whole);
    // Normalised evidence holds each statement once with its episodes in order, so this always succeeds.
    Claims::read(&whole, &ends, &judged, as_of)
        .map(|claims| devices(&claims, &judged, rules, as_of))
        .unwrap_or_default()
}

fn devices(claims: &Claims<'_>, judged: &Judged<'_>, rules: &Rules, as_of: Timestamp) -> Vec<Device> {
    let joined = join::join(claims, judged, rules);
    Builder { claims, judged, joined: &joined, rules, as_of, kept: RefCell::default() }.devices()
}

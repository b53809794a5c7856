//! Decisions: what a named person judged.

use crate::field::Field;
use crate::id::{DeviceId, IngestId};
use crate::key::Key;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One judgement. Kept for ever; reversed by another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Judgement {
    /// Everything of this ingest no longer counts (an import undone).
    Retract {
        /// The ingest.
        ingest: IngestId,
    },
    /// Two keys are one device.
    Merge {
        /// One key.
        a: Key,
        /// The other.
        b: Key,
    },
    /// Two keys are never one device.
    Split {
        /// One key.
        a: Key,
        /// The other.
        b: Key,
    },
    /// This value holds whatever the sources say.
    Pin {
        /// A key of the device.
        subject: Key,
        /// The field.
        field: Field,
        /// The value.
        value: String,
    },
    /// An advisory's product and a model here are the same, or are not.
    Product {
        /// Vendor as the advisory writes it.
        vendor: String,
        /// Product as the advisory writes it.
        product: String,
        /// Canonical maker here.
        maker: String,
        /// Canonical model here.
        model: String,
        /// Whether they are the same.
        same: bool,
    },
    /// A condition in the words of an advisory holds for every device of a model here, or for none. Bound to the
    /// advisory, since the same words elsewhere may mean something else; a revision of it keeps the judgement as
    /// long as it keeps the words.
    Condition {
        /// Id of the advisory.
        advisory: String,
        /// Canonical maker here.
        maker: String,
        /// Canonical model here.
        model: String,
        /// The condition as the missing fact words it.
        text: String,
        /// Whether it holds.
        holds: bool,
    },
    /// An input of triage has this value, whatever lists, scores and flows say.
    Triage {
        /// Which input, of what.
        about: TriageAbout,
        /// Its value, as the tables of triage write it: `active`, `controlled`, `no`, `C3`.
        value: String,
    },
    /// Takes an earlier decision back.
    Revoke {
        /// Id of the decision.
        decision: String,
    },
}

/// An input of triage, and what it is an input of. It names no revision, so it outlives them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum TriageAbout {
    /// Whether a flaw is used in attacks.
    Exploitation {
        /// Id of the flaw, such as a CVE id.
        vulnerability: String,
    },
    /// Whether an attack can be run without a person at each target.
    Automatable {
        /// Id of the flaw.
        vulnerability: String,
    },
    /// Who can reach a device.
    Exposure {
        /// The device.
        device: DeviceId,
    },
    /// What a flaw in devices of a class could do to a patient.
    ClinicalLevel {
        /// Device class code.
        class: String,
        /// Id of the flaw.
        vulnerability: String,
    },
    /// Answers to MITRE's rubric for medical devices; they decide nothing.
    Rubric {
        /// Id of the flaw.
        vulnerability: String,
    },
}

/// A judgement with its author. Decisions are ordered by time, then id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Decision {
    /// When it was made.
    pub at: Timestamp,
    /// Unique id.
    pub id: String,
    /// Who decided.
    pub by: String,
    /// Why, in their words.
    #[serde(default)]
    pub reason: String,
    /// What.
    pub judgement: Judgement,
}

/// The decisions in force at `as_of`: made by then and not revoked by then, in order of time and id.
#[must_use]
pub fn in_force(decisions: &[Decision], as_of: Timestamp) -> Vec<&Decision> {
    let mut made: Vec<&Decision> = decisions.iter().filter(|decision| decision.at <= as_of).collect();
    made.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    // A revocation may itself be revoked, so walk from the latest back: only a standing one takes effect.
    let mut revoked = std::collections::BTreeSet::new();
    let mut standing = Vec::new();
    for decision in made.into_iter().rev() {
        if revoked.contains(decision.id.as_str()) {
            continue;
        }
        match &decision.judgement {
            Judgement::Revoke { decision: target } => {
                revoked.insert(target.as_str());
            }
            _ => standing.push(decision),
        }
    }
    standing.reverse();
    standing
}

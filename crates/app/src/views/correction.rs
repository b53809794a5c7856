//! Corrections of documents as they are shown.

use super::Moment;
use serde::Serialize;

/// What somebody wants corrected, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorrectionAsked {
    /// `clause`, `name`, `status`, `leave_out` or `add`.
    pub what: String,
    /// The document's id of the leaf; may be empty for one that is added.
    pub product_id: String,
    /// The clause it shall have.
    pub clause: String,
    /// The vendor it shall have.
    pub vendor: String,
    /// The product it shall have.
    pub product: String,
    /// The vulnerability whose status is corrected; for a leaf that is added empty for all of the document.
    pub vulnerability: String,
    /// The status as CSAF writes it, such as `known_affected`; `none` for no statement.
    pub status: String,
}

/// Whether a correction counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionState {
    /// A revision touched its passage: it is not applied until somebody looks again.
    LookAgain,
    /// It is applied.
    InForce,
    /// Somebody took it back.
    Ended,
}

impl CorrectionState {
    /// The words on a screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::LookAgain => "look again",
            Self::InForce => "in force",
            Self::Ended => "ended",
        }
    }
}

/// A correction with who made it and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CorrectionLine {
    /// Its id.
    pub id: String,
    /// Advisory id.
    pub advisory: String,
    /// Whether it counts.
    pub state: CorrectionState,
    /// What it does, in a sentence.
    pub says: String,
    /// The revision it was made on.
    pub revision: String,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why, in their words.
    pub why: String,
    /// Why it has to be looked at again, or how it ended; empty while it is in force.
    pub because: String,
}

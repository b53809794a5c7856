//! The gate between a draft and the house: a named lead, a text that is fit, no shadow mode.

use crate::audience::Recipient;
use crate::axis::codes;
use crate::draft::Draft;
use crate::lint::{Complaint, lint};
use crate::plain;
use crate::tables::Tables;
use serde::{Deserialize, Serialize};
use tallyward_core::Timestamp;

codes! {
    /// What a signed-in person may do.
    Role {
        /// Sets the system up; releases nothing.
        Administrator = "administrator", "administrator";
        /// Clinical lead on duty; releases.
        Lead = "lead", "lead";
        /// Reads.
        Reader = "reader", "reader";
    }
}

/// Who asks for a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Releaser {
    /// Name, as it will stand under the notice.
    pub name: String,
    /// Role they are signed in with.
    pub role: Role,
}

/// Why a draft was not released.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The installation runs in shadow mode.
    #[error("shadow mode: nothing leaves until contacts, tables and texts are signed off")]
    Shadow,
    /// The role may not release, an administrator's neither.
    #[error("a {} may not release; ask a clinical lead", .0.label())]
    NotALead(Role),
    /// No name to put under it.
    #[error("a release needs the name of the lead who signs it")]
    NoName,
    /// Nobody would receive it.
    #[error("nobody on record would receive it; add a contact for the unit first")]
    NobodyToTell,
    /// The text is not fit.
    #[error("the text is not fit to send: {}", .0.iter().map(|one| one.text.as_str()).collect::<Vec<_>>().join("; "))]
    Unfit(Vec<Complaint>),
}

/// A draft that a named lead signed. Only [`release`] makes one, so whoever holds one may send it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Released {
    draft: Draft,
    by: String,
    at: Timestamp,
}

impl Released {
    /// The text, exactly as signed.
    #[must_use]
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Who signed it.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Who receives it.
    #[must_use]
    pub fn audience(&self) -> &[Recipient] {
        &self.draft.audience
    }
}

/// Releases a draft.
///
/// # Errors
/// The first [`Refusal`] of: shadow mode, role, name, audience, text.
pub fn release(
    tables: &Tables,
    draft: &Draft,
    who: &Releaser,
    shadow: bool,
    at: Timestamp,
) -> Result<Released, Refusal> {
    if shadow {
        return Err(Refusal::Shadow);
    }
    if who.role != Role::Lead {
        return Err(Refusal::NotALead(who.role));
    }
    let by = plain::fold(&who.name, 80);
    if !by.chars().any(char::is_alphabetic) {
        return Err(Refusal::NoName);
    }
    if draft.audience.is_empty() {
        return Err(Refusal::NobodyToTell);
    }
    let complaints: Vec<Complaint> = lint(tables, draft).into_iter().filter(|one| one.blocks).collect();
    if !complaints.is_empty() {
        return Err(Refusal::Unfit(complaints));
    }
    Ok(Released { draft: draft.clone(), by, at })
}

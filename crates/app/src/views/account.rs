//! People, sign-offs and the log.

use super::Moment;
use crate::who::{Role, Who};
use serde::Serialize;

/// A signed-in session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The person.
    pub who: Who,
    /// Token that every form of this session must carry.
    pub csrf: String,
}

/// One account in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountLine {
    /// Sign-in name.
    pub login: String,
    /// Name as it is shown under what this person releases.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether sign-in is barred.
    pub disabled: bool,
    /// Last sign-in.
    pub last_sign_in: Option<Moment>,
}

/// Something that must be signed before anything leaves the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignOffLine {
    /// `tables`, `contacts` or `templates`.
    pub what: String,
    /// In words: what is signed and where to look at it.
    pub plain: String,
    /// Content hash of what stands now.
    pub version: String,
    /// Who signed this very version.
    pub signed_by: Option<String>,
    /// When.
    pub signed_at: Option<Moment>,
    /// Whether an older version was signed and the content has changed since.
    pub outdated: bool,
}

/// Whether anything may leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mode {
    /// In shadow mode everything is worked out and shown, nothing is sent.
    pub shadow: bool,
    /// What keeps it in shadow mode, in sentences; empty when it may go live.
    pub missing: Vec<String>,
    /// The sign-offs.
    pub sign_offs: Vec<SignOffLine>,
    /// Where mail goes.
    pub mailer: String,
}

/// What a new installation still lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FirstSteps {
    /// No account exists yet.
    pub needs_account: bool,
    /// No device is known yet.
    pub needs_devices: bool,
    /// No advisory has been read yet.
    pub needs_advisories: bool,
    /// No unit or contact is known yet.
    pub needs_contacts: bool,
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditLine {
    /// Position.
    pub seq: u64,
    /// When.
    pub at: Moment,
    /// Who.
    pub who: String,
    /// What.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// Hash of the entry.
    pub hash: String,
}

//! The untold: what arrived, which groups of operators it concerns, and who of them has not been told.
//!
//! A group of operators is told when a notice that names its affected devices was released and reached somebody, and no
//! later word took it back. Whoever is not told stands on the list until that is so or a named lead signed why not, and
//! until then nothing that arrived can be closed. *Not told* is said only of groups whose devices are affected: there is
//! something to tell them. Where nobody is on record who could be told, *nobody is assigned*; where no verdict has been
//! reached, the group is *undecided*: its operators may be concerned, so that it keeps what arrived open as well, but
//! nobody has left anything unsaid. All of it is worked out from findings and notices; only signatures and
//! closings are kept.

mod close;
mod concerned;
mod group;
mod list;

pub(crate) use concerned::Concerns;

use crate::views::{DeviceLine, Moment};
use crate::who::Who;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tallyward_core::{DeviceId, Timestamp, Verdict};

/// What something that arrived is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalKind {
    /// A document.
    Advisory,
    /// A mail, letter or page.
    Letter,
}

impl ArrivalKind {
    /// The stored and shown name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Advisory => "advisory",
            Self::Letter => "letter",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Advisory, Self::Letter].into_iter().find(|kind| kind.code() == code)
    }
}

/// How something that arrived stands, what presses most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalState {
    /// Devices of somebody's are affected, and they have not been told.
    Untold,
    /// Devices are affected of which nobody on record is an operator.
    Unassigned,
    /// A letter of which nobody said what it is about.
    Unsaid,
    /// A letter of which an advisory is being written.
    Writing,
    /// Nobody is left untold of what is known, and of some devices the verdict is unknown.
    Undecided,
    /// Everybody concerned was told, or it is signed why not: it may be closed.
    Ready,
    /// A named person closed it, and nobody is untold.
    Closed,
    /// It touches nobody here.
    Nobody,
}

impl ArrivalState {
    /// All of them, what presses most first.
    pub const ALL: [Self; 8] = [
        Self::Untold,
        Self::Unassigned,
        Self::Unsaid,
        Self::Writing,
        Self::Undecided,
        Self::Ready,
        Self::Closed,
        Self::Nobody,
    ];

    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Untold => "untold",
            Self::Unassigned => "unassigned",
            Self::Unsaid => "unsaid",
            Self::Writing => "writing",
            Self::Undecided => "undecided",
            Self::Ready => "ready",
            Self::Closed => "closed",
            Self::Nobody => "nobody",
        }
    }

    /// The words on a screen.
    #[must_use]
    pub const fn plain(self) -> &'static str {
        match self {
            Self::Untold => "somebody is not told",
            Self::Unassigned => "nobody is assigned",
            Self::Unsaid => "nobody has said what it is about",
            Self::Writing => "an advisory is being written of it",
            Self::Undecided => "undecided: verdict unknown",
            Self::Ready => "may be closed",
            Self::Closed => "closed",
            Self::Nobody => "concerns nobody here",
        }
    }
}

/// How a group of operators stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// Nobody told them.
    Untold,
    /// A draft waits for its release.
    Draft,
    /// A notice was released and has reached nobody yet.
    Unsent,
    /// Devices are affected, and nobody on record operates them.
    Unassigned,
    /// Of no device of theirs is it known that it is affected and left unsaid; of some the verdict is unknown.
    Undecided,
    /// They were not told, and a named person signed why.
    Signed,
    /// They were told.
    Told,
}

impl Telling {
    /// The words on a screen.
    #[must_use]
    pub const fn plain(self) -> &'static str {
        match self {
            Self::Untold => "not told",
            Self::Draft => "not told: the draft waits for its release",
            Self::Unsent => "not told: the notice has reached nobody yet",
            Self::Unassigned => "nobody is assigned",
            Self::Undecided => "undecided: verdict unknown",
            Self::Signed => "not told, signed",
            Self::Told => "told",
        }
    }

    /// Whether it keeps what arrived open.
    #[must_use]
    pub const fn waits(self) -> bool {
        self.is_untold() || matches!(self, Self::Unassigned | Self::Undecided)
    }

    /// Whether somebody is there to be told of affected devices, and has not been.
    #[must_use]
    pub const fn is_untold(self) -> bool {
        matches!(self, Self::Untold | Self::Draft | Self::Unsent)
    }
}

/// A name under a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedLine {
    /// Who, by name.
    pub name: String,
    /// Sign-in name.
    pub login: String,
    /// When.
    pub at: Moment,
    /// What they signed.
    pub because: String,
}

impl SignedLine {
    fn of(who: &Who, at: Timestamp, because: &str) -> Self {
        Self { name: who.name.clone(), login: who.login.clone(), at: Moment(at), because: because.to_owned() }
    }
}

/// A group of operators that something concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupLine {
    /// What it is known by: audience, advisory, unit and class.
    pub key: String,
    /// `clinical`, `huddle` or `technical`.
    pub audience: String,
    /// Unit code; empty for engineers and where the unit is not known.
    pub unit: String,
    /// Device class; empty for engineers.
    pub class: String,
    /// Affected devices of theirs.
    pub affected: u64,
    /// Devices of which it is not known.
    pub unknown: u64,
    /// Affected devices of theirs that no notice told them of.
    pub not_told: u64,
    /// How it stands.
    pub telling: Telling,
    /// The notices that told them, or are on their way.
    pub notices: Vec<String>,
    /// The draft that waits; empty for none.
    pub draft: String,
    /// Who signed why not, the last time.
    pub signed: Option<SignedLine>,
    /// Mark of the devices a signature would cover.
    pub mark: String,
}

impl GroupLine {
    /// The group in words.
    #[must_use]
    pub fn name(&self) -> String {
        let unit = if self.unit.is_empty() { "unit not known" } else { &self.unit };
        let class = self.class.replace('_', " ");
        match self.audience.as_str() {
            "technical" => "biomed and security".to_owned(),
            "huddle" => format!("{unit}, {class} (huddle)"),
            _ => format!("{unit}, {class}"),
        }
    }
}

/// Something that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// What it is.
    pub kind: ArrivalKind,
    /// Tracking id, or hash of a letter.
    pub id: String,
    /// Title or subject.
    pub title: String,
    /// When it was taken in.
    pub arrived: Moment,
    /// How it stands.
    pub state: ArrivalState,
    /// Groups of operators that keep it open: those below, together.
    pub waiting: usize,
    /// Groups that have not been told.
    pub untold: usize,
    /// Groups of which nobody on record could be told.
    pub unassigned: usize,
    /// Groups of whose devices the verdict is unknown.
    pub undecided: usize,
    /// The groups an advisory concerns; of a letter they stand with its advisories.
    pub groups: Vec<GroupLine>,
    /// The advisories on file that a letter is about.
    pub advisories: Vec<String>,
    /// Who closed it last, and what they wrote; it is open again while somebody is untold.
    pub closed: Option<SignedLine>,
}

/// What arrived, with who has not been told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UntoldList {
    /// Those with somebody untold first, longest waiting first.
    pub rows: Vec<Arrival>,
    /// When this was true.
    pub as_of: Moment,
}

/// One device of a group of operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDevice {
    /// The device as listed.
    pub line: DeviceLine,
    /// Affected or unknown.
    pub verdict: Verdict,
    /// A notice told the group of it.
    pub told: bool,
}

/// The devices of one group of operators that an advisory concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDevices {
    /// The group.
    pub group: GroupLine,
    /// Its devices, affected ones first; no more than [`GROUP_DEVICES`].
    pub devices: Vec<GroupDevice>,
    /// When this was true.
    pub as_of: Moment,
}

/// Devices of a group that are listed.
pub const GROUP_DEVICES: usize = 500;

/// How many groups of operators are untold in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UntoldGlance {
    /// Groups that have not been told.
    pub groups: u64,
    /// Advisories they have not been told of.
    pub advisories: u64,
    /// Groups of which nobody on record could be told.
    pub unassigned: u64,
}

/// A signature as kept: it covers the devices that there were, and no later ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredSignature {
    key: String,
    devices: BTreeSet<DeviceId>,
    signed: SignedLine,
}

/// What people signed about one thing that arrived.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct StoredTelling {
    #[serde(default)]
    signatures: Vec<StoredSignature>,
    #[serde(default)]
    closed: Option<SignedLine>,
}

fn telling_id(kind: ArrivalKind, id: &str) -> String {
    format!("{} {id}", kind.code())
}

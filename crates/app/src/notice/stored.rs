//! What is kept of drafts, notices, deliveries and answers.

use crate::views::DraftEdit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tallyward_core::{DeviceId, Timestamp};
use tallyward_response::{Draft, NoticeEvent, Recipient, Triage};

/// Who reads a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Audience {
    /// The operators, now.
    Clinical,
    /// The operators, at the next huddle; nothing is mailed.
    Huddle,
    /// Biomed and security.
    Technical,
}

impl Audience {
    /// The stored and shown name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Clinical => "clinical",
            Self::Huddle => "huddle",
            Self::Technical => "technical",
        }
    }
}

/// A device a message names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Named {
    pub id: DeviceId,
    pub name: String,
    pub room: String,
}

/// A draft as kept. Its id is a hash of what it is about, so the same findings give the same draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredDraft {
    pub id: String,
    /// Advisory, unit, class and audience: only one open notice has it.
    pub key: String,
    pub audience: Audience,
    pub draft: Draft,
    pub triage: Triage,
    pub devices: Vec<Named>,
    pub pool: String,
    /// The vulnerabilities that touch the devices.
    #[serde(default)]
    pub flaws: BTreeSet<String>,
    pub since: Timestamp,
    /// When the text was worked out last; its promise of next word counts from then.
    #[serde(default)]
    pub written: Timestamp,
    /// `open`, `released`, `discarded`.
    pub state: String,
    #[serde(default)]
    pub edit: Option<DraftEdit>,
    #[serde(default)]
    pub why_discarded: String,
}

/// A notice as kept. Where it stands is folded from its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredNotice {
    pub id: String,
    pub key: String,
    pub audience: Audience,
    pub draft: Draft,
    pub triage: Triage,
    pub devices: Vec<Named>,
    pub pool: String,
    /// The vulnerabilities that touch the devices.
    #[serde(default)]
    pub flaws: BTreeSet<String>,
    pub events: Vec<NoticeEvent>,
    /// Id of the notice it ends or mends.
    #[serde(default)]
    pub refers_to: String,
    /// Id of the notice that ended or mended this one.
    #[serde(default)]
    pub followed_by: String,
}

/// Why a delivery was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rung {
    First,
    Reminder,
    Escalation,
}

impl Rung {
    pub const fn code(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Reminder => "reminder",
            Self::Escalation => "escalation",
        }
    }
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryState {
    /// Waits for its turn.
    Queued,
    /// An attempt was announced and its end is not on record: after a crash its outcome is unknown.
    Sending,
    /// The next hop took it.
    Sent,
    /// Refused for good, or tried often enough.
    Failed,
    /// Nobody knows whether it left; it was repeated once already.
    Unknown,
}

impl DeliveryState {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// One message to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredDelivery {
    /// Stable: the Message-ID's local part and the name of the file in a folder.
    pub id: String,
    pub notice: String,
    pub recipient: Recipient,
    pub rung: Rung,
    pub state: DeliveryState,
    pub attempts: u32,
    /// Attempts whose outcome is unknown; at most one is repeated.
    pub unknown: u32,
    pub detail: String,
    pub queued: Timestamp,
    pub not_before: Timestamp,
    pub sent: Option<Timestamp>,
}

impl StoredDelivery {
    /// A message that waits for its first attempt from `at` on.
    pub fn queued(id: String, notice: &str, recipient: Recipient, rung: Rung, at: Timestamp) -> Self {
        Self {
            id,
            notice: notice.to_owned(),
            recipient,
            rung,
            state: DeliveryState::Queued,
            attempts: 0,
            unknown: 0,
            detail: String::new(),
            queued: at,
            not_before: at,
            sent: None,
        }
    }
}

/// An answer as kept beside its event, with whose link it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredAnswer {
    pub id: String,
    pub notice: String,
    pub at: Timestamp,
    pub answer: tallyward_response::Answer,
    pub initials: String,
    pub strength: tallyward_response::Strength,
    pub link_of: String,
    pub suspicious: bool,
}

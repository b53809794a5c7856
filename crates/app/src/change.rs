//! A change to the store, committed whole or not at all.

use serde::{Deserialize, Serialize};
use tallyward_core::{DeviceId, Evidence, Flow, IngestId, Key, Presence, Source, Timestamp, Verdict};

/// Nouns of low volume, kept as versioned JSON documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocKind {
    /// Sign-in account; id is the login.
    Account,
    /// Server-side session; id is the hash of its token.
    Session,
    /// One-time link; id is the hash of its token.
    Invite,
    /// One import of a list; id is the ingest id.
    Import,
    /// Column mapping of a list layout; id is the hash of the header.
    Profile,
    /// The places table; id `current`.
    Places,
    /// A unit; id is its code.
    Unit,
    /// A contact; id is its id.
    Contact,
    /// One capture taken in; id is the ingest id.
    Capture,
    /// An advisory in its newest revision; id is the advisory id.
    Advisory,
    /// A decision; id is its id.
    Decision,
    /// A draft; id is its id, index its state.
    Draft,
    /// A released notice; id is its id, index its state.
    Notice,
    /// One delivery attempt chain to one recipient; index is its state.
    Delivery,
    /// An answer; index is the notice id.
    Answer,
    /// An as-is path; index is the unit.
    Path,
    /// A sign-off of a table, the contacts or the templates; id is what was signed.
    SignOff,
    /// A setting; id is its name.
    Setting,
    /// An earlier revision of an advisory; index is the advisory id.
    Revision,
    /// Whose verdicts one event changed and why; id sorts by time, index is the advisory id or empty.
    VerdictChange,
    /// How far the remedy of a finding is; index is the advisory id.
    Remedy,
    /// A run of the matching; id sorts by time, index is `manual` or `automatic`.
    Run,
    /// A comment on, or a reading of, an advisory; index is the advisory id.
    Comment,
    /// A local correction of an advisory; index is the advisory id.
    Correction,
    /// What arrived and is no CSAF document (mail, letter, page).
    Letter,
    /// The original bytes of what arrived, base64; id is the SHA-256 of the bytes.
    Original,
    /// An advisory being written here; index is its state.
    Manuscript,
    /// Where documents are fetched from, with its health; id is its name.
    Feed,
    /// A table of threats (KEV, EPSS, CVE enrichment); id is its name.
    Threats,
    /// What is known of a model: where to read a version, how to wipe; id is maker and model.
    ModelBook,
    /// A parts list (SBOM) of a model and version; index is maker and model.
    Sbom,
    /// What people signed about something that arrived: why somebody is not told, and its closing; id is its kind and
    /// id, index its kind.
    Telling,
    /// A sensor at a mirror port; id is its name.
    Sensor,
    /// Known flaws of parts (OSV); id is the record's id, index its package.
    PartFlaw,
}

impl DocKind {
    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Session => "session",
            Self::Invite => "invite",
            Self::Import => "import",
            Self::Profile => "profile",
            Self::Places => "places",
            Self::Unit => "unit",
            Self::Contact => "contact",
            Self::Capture => "capture",
            Self::Advisory => "advisory",
            Self::Decision => "decision",
            Self::Draft => "draft",
            Self::Notice => "notice",
            Self::Delivery => "delivery",
            Self::Answer => "answer",
            Self::Path => "path",
            Self::SignOff => "sign_off",
            Self::Setting => "setting",
            Self::Revision => "revision",
            Self::VerdictChange => "verdict_change",
            Self::Remedy => "remedy",
            Self::Run => "run",
            Self::Comment => "comment",
            Self::Correction => "correction",
            Self::Letter => "letter",
            Self::Original => "original",
            Self::Manuscript => "manuscript",
            Self::Feed => "feed",
            Self::Threats => "threats",
            Self::ModelBook => "model_book",
            Self::Sbom => "sbom",
            Self::Telling => "telling",
            Self::Sensor => "sensor",
            Self::PartFlaw => "part_flaw",
        }
    }
}

/// Writes or removes one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocPut {
    /// Noun.
    pub kind: DocKind,
    /// Id within the noun.
    pub id: String,
    /// A second way to find it, such as its state or the noun it belongs to.
    pub index: String,
    /// JSON; `None` removes the document.
    pub body: Option<String>,
    /// The revision this was computed from: `Some(0)` means it must not exist yet, `None` does not check.
    pub expected: Option<u64>,
}

/// One document as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocRow {
    /// Id within the noun.
    pub id: String,
    /// Its index value.
    pub index: String,
    /// JSON.
    pub body: String,
    /// Revision, counting from 1.
    pub revision: u64,
}

/// All that one source says of one subject: the unit in which evidence is stored. Replaces the stored page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidencePage {
    /// Whom it is about.
    pub subject: Key,
    /// Who says it.
    pub source: Source,
    /// The statements, all with this subject and source; empty removes the page.
    pub statements: Vec<Evidence>,
    /// The keys this page says are the same device as the subject.
    pub links: Vec<Key>,
}

/// Id of a configuration: the distinct facts a verdict depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfigId(pub i64);

/// The projection of one device, rebuilt from evidence at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevicePut {
    /// Handle.
    pub id: DeviceId,
    /// How record and observation agree.
    pub presence: Presence,
    /// Unit code, empty when not known.
    pub unit: String,
    /// Shared pool, empty when none.
    pub pool: String,
    /// Site.
    pub site: String,
    /// Device class code.
    pub class: String,
    /// Canonical maker.
    pub maker: String,
    /// Canonical model.
    pub model: String,
    /// Display name.
    pub name: String,
    /// Asset tag, empty when none.
    pub tag: String,
    /// Room, empty when not known.
    pub room: String,
    /// Software version, empty when not known.
    pub version: String,
    /// Last seen on the wire.
    pub last_seen: Option<Timestamp>,
    /// Its configuration.
    pub config: ConfigId,
    /// Folded text that search looks in.
    pub search: String,
    /// All keys, each found by exact search.
    pub keys: Vec<Key>,
    /// The whole [`crate::views::StoredDevice`] as JSON.
    pub body: String,
}

/// A configuration with the summary of its verdicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigPut {
    /// Id.
    pub id: ConfigId,
    /// JSON of the facts.
    pub body: String,
    /// Affected vulnerabilities.
    pub affected: u32,
    /// Unknown ones.
    pub unknown: u32,
    /// Not affected ones.
    pub not_affected: u32,
    /// Its judgements; replaces those stored for the advisories named in `judged`.
    pub judgements: Vec<JudgementPut>,
    /// Advisories these judgements are the whole answer for; `None` means all.
    pub judged: Option<Vec<String>>,
}

/// One verdict on a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgementPut {
    /// Advisory id.
    pub advisory: String,
    /// Vulnerability id.
    pub vulnerability: String,
    /// Verdict.
    pub verdict: Verdict,
    /// JSON of the missing fact, empty when none.
    pub missing: String,
    /// JSON of `Vec<Reason>`.
    pub reasons: String,
}

/// An event for the audit log; the store chains the hash within the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPut {
    /// When.
    pub at: Timestamp,
    /// Who, by login. Names stand outside the chain so that they can be erased.
    pub who: String,
    /// What was done: `notice.release`, `import.apply` …
    pub action: String,
    /// To what: `notice N-12`.
    pub subject: String,
    /// State before, JSON or empty.
    pub before: String,
    /// State after, JSON or empty.
    pub after: String,
}

/// Everything one use case changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// The fleet version this was computed from, when evidence or projections change.
    pub fleet: Option<u64>,
    /// Evidence pages, each replacing the stored one.
    pub evidence: Vec<EvidencePage>,
    /// Newly minted handles.
    pub handles: Vec<(Key, DeviceId)>,
    /// Merged handles: the first redirects to the second for ever.
    pub redirects: Vec<(DeviceId, DeviceId)>,
    /// Device projections.
    pub devices: Vec<DevicePut>,
    /// Handles that no longer have a projection.
    pub gone: Vec<DeviceId>,
    /// Configurations and their verdicts.
    pub configs: Vec<ConfigPut>,
    /// Flows to merge, with the ingest that saw them: an ingest counts once.
    pub flows: Vec<(IngestId, Flow)>,
    /// Documents.
    pub docs: Vec<DocPut>,
    /// Audit events, in order.
    pub audit: Vec<AuditPut>,
}

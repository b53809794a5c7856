//! What the use cases need from outside.

use crate::change::{ChangeSet, ConfigId, DocKind, DocRow, JudgementPut};
use crate::query::{DeviceQuery, Facet, FindingQuery, Page};
use serde::{Deserialize, Serialize};
use tallyward_core::{DeviceId, Evidence, Flow, Key, Mac, Timestamp, Verdict};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Gives unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// One message to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Message-ID without angle brackets; stable over attempts.
    pub id: String,
    /// Sender address.
    pub from: String,
    /// Recipient address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML alternative, empty for none.
    pub html: String,
}

/// How an attempt to send ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The next hop took it.
    Accepted {
        /// Its answer or the file written.
        detail: String,
        /// Whether a receiving system answered for it (RFC 5321 4.2.5); a file in a folder has no receiver.
        receipt: bool,
    },
    /// It was refused for good; repeating is no use.
    Rejected {
        /// The answer.
        detail: String,
    },
    /// It certainly did not leave; try again later.
    NotSent {
        /// Why.
        detail: String,
    },
    /// It may or may not have left; repeated at most once.
    Unknown {
        /// Why.
        detail: String,
    },
}

/// Reads the text of PDF files. What a PDF makes its reader do has no bound, so the reader has one.
pub trait PdfReader: Send + Sync {
    /// The text, or in words why there is none.
    fn text(&self, pdf: &[u8]) -> Result<String, String>;
}

/// Reads no PDF file.
pub struct NoPdf;

impl PdfReader for NoPdf {
    fn text(&self, _: &[u8]) -> Result<String, String> {
        Err("the text of this kind of file cannot be read here".to_owned())
    }
}

/// Sends mail.
pub trait Mailer: Send + Sync {
    /// Where mail goes, for a person: `SMTP mail.example:587` or `folder outbox/`.
    fn describe(&self) -> String;
    /// Tries once.
    fn send(&self, mail: &Mail) -> SendOutcome;
}

/// One request for a document elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    /// Where.
    pub url: String,
    /// Validator of what is held (`If-None-Match`); empty for none.
    pub etag: String,
    /// Date of what is held, as the server gave it (`If-Modified-Since`); empty for none.
    pub last_modified: String,
    /// Most bytes taken.
    pub limit: usize,
    /// Seconds for everything: name, connection, redirects, body.
    pub deadline: u32,
    /// An administrator said that this source stands inside the house: private addresses are allowed.
    pub internal: bool,
    /// An administrator allowed `http` for this source.
    pub clear_text: bool,
    /// Media type asked for (`Accept`); empty for any.
    pub accept: String,
    /// Name of the source this is for: a sign-in that was configured for it is used, at its own address only. What it
    /// is, nobody on this side of the port knows.
    pub source: String,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// HTTP status.
    pub status: u16,
    /// Address after redirects.
    pub url: String,
    /// Validator, empty when none.
    pub etag: String,
    /// Date as the server writes it, empty when none.
    pub last_modified: String,
    /// Media type as the server states it, empty when none.
    pub media_type: String,
    /// When the last object of the answer came to the server (`X-TAXII-Date-Added-Last`), empty when none.
    pub added_last: String,
    /// The body; empty for 304.
    pub body: Vec<u8>,
}

/// Why nothing was fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Not an address that may be asked at all.
    #[error("{url} is not fetched: {why}")]
    Refused {
        /// The address.
        url: String,
        /// Which rule forbids it.
        why: String,
    },
    /// Redirects in a circle, or too many.
    #[error("{url} redirects {why}")]
    Redirects {
        /// Where it began.
        url: String,
        /// How.
        why: String,
    },
    /// More bytes than asked for.
    #[error("{url} is larger than {limit} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// Too slow.
    #[error("{url} is too slow: {why}")]
    TooSlow {
        /// The address.
        url: String,
        /// What was missed.
        why: String,
    },
    /// No connection, or it broke.
    #[error("{url} cannot be reached: {why}")]
    Away {
        /// The address.
        url: String,
        /// Why.
        why: String,
    },
}

/// Gets documents from elsewhere.
pub trait Fetcher: Send + Sync {
    /// Fetches one document. A status such as 404 is an answer and no error.
    ///
    /// # Errors
    /// As [`FetchError`] says.
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError>;
}

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What the change was computed from has changed.
    #[error("the data changed in the meantime")]
    Conflict,
    /// Another process holds the store.
    #[error("{0}")]
    Locked(String),
    /// The store's file or server failed, with where and why.
    #[error("{0}")]
    Failed(String),
    /// Something stored cannot be read.
    #[error("stored {what} {id:?} cannot be read: {why}")]
    Corrupt {
        /// The noun.
        what: &'static str,
        /// Its id.
        id: String,
        /// What is wrong.
        why: String,
    },
}

/// Result of a store call.
pub type StoreResult<T> = std::result::Result<T, StoreError>;

/// Which documents to list, in order of id.
#[derive(Clone, Debug, Default)]
pub struct ListDocs<'a> {
    /// Only with this index value.
    pub index: Option<&'a str>,
    /// Only ids behind this one (before it when `newest_first`).
    pub after: Option<&'a str>,
    /// Descending order of id.
    pub newest_first: bool,
    /// At most so many; `None` means all.
    pub limit: Option<u32>,
}

/// A device row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// The projection's columns and body.
    pub put: crate::change::DevicePut,
    /// Affected vulnerabilities.
    pub affected: u32,
    /// Unknown ones.
    pub unknown: u32,
    /// Not affected ones.
    pub not_affected: u32,
}

/// A configuration as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigRow {
    /// Id.
    pub id: ConfigId,
    /// JSON of the facts.
    pub body: String,
    /// How many devices have it.
    pub devices: u64,
}

/// A configuration counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigCount {
    /// Id.
    pub id: ConfigId,
    /// How many devices have it.
    pub devices: u64,
    /// Its vulnerabilities by verdict: affected, unknown, not affected.
    pub by_verdict: [u32; 3],
}

/// One device and one vulnerability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRow {
    /// Device.
    pub device: DeviceId,
    /// Its display name.
    pub name: String,
    /// Asset tag.
    pub tag: String,
    /// Maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Unit code.
    pub unit: String,
    /// Shared pool.
    pub pool: String,
    /// Device class code.
    pub class: String,
    /// Site.
    pub site: String,
    /// Room.
    pub room: String,
    /// Software version.
    pub version: String,
    /// Configuration.
    pub config: ConfigId,
    /// Advisory id.
    pub advisory: String,
    /// Vulnerability id.
    pub vulnerability: String,
    /// Verdict.
    pub verdict: Verdict,
    /// JSON of the missing fact, empty when none.
    pub missing: String,
    /// JSON of the reasons.
    pub reasons: String,
}

/// How many reaches [`Ranking`] tells apart.
pub const REACHES: usize = 4;

/// Ranks findings for a list by what the store does not know. Devices of one configuration have one class.
pub trait Ranking {
    /// The rank of a flaw with this verdict in devices of a class, one for each reach; `None` leaves them out.
    fn ranks(
        &self,
        verdict: Verdict,
        class: &str,
        advisory: &str,
        vulnerability: &str,
    ) -> [Option<u8>; REACHES];
    /// Which reach a device has, below [`REACHES`].
    fn reach(&self, device: DeviceId) -> usize;
}

/// Findings counted, each device and vulnerability once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictCounts {
    /// Affected.
    pub affected: u64,
    /// Unknown.
    pub unknown: u64,
    /// Not affected.
    pub not_affected: u64,
}

/// Counts of one advisory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdvisoryCounts {
    /// Advisory id.
    pub advisory: String,
    /// Its findings.
    pub findings: VerdictCounts,
    /// Devices with at least one affected finding.
    pub devices_affected: u64,
    /// Devices with an unknown finding and no affected one.
    pub devices_unknown: u64,
}

/// An unknown shared by the devices of one configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRow {
    /// JSON of the missing fact.
    pub missing: String,
    /// Configuration.
    pub config: ConfigId,
    /// Vulnerabilities that wait for it.
    pub vulnerabilities: u64,
    /// Devices with the configuration.
    pub devices: u64,
    /// One of the advisories that wait for it.
    pub advisory: String,
}

/// Whose verdicts to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JudgementsOf<'a> {
    /// Those of one advisory, on every configuration.
    Advisory(&'a str),
    /// Those on one configuration, of every advisory.
    Config(ConfigId),
}

/// One entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// Position, counting from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
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
    /// Hash of the entry before, hexadecimal.
    pub previous: String,
    /// Hash of this entry.
    pub hash: String,
}

/// The store. Reads see the newest commit; [`Store::commit`] is the only write.
pub trait Store: Send + Sync {
    /// Commits all of `change` or nothing. Answers the new fleet version.
    fn commit(&self, change: ChangeSet) -> StoreResult<u64>;
    /// The fleet version: raised by each commit that touches evidence, devices or configurations.
    fn fleet_version(&self) -> StoreResult<u64>;

    /// One document.
    fn get(&self, kind: DocKind, id: &str) -> StoreResult<Option<DocRow>>;
    /// Documents of a noun.
    fn list(&self, kind: DocKind, which: &ListDocs<'_>) -> StoreResult<Vec<DocRow>>;
    /// How many documents of a noun, of one index value when given.
    fn count(&self, kind: DocKind, index: Option<&str>) -> StoreResult<u64>;

    /// All evidence of the components that hold any of `keys`, following links both ways.
    fn component(&self, keys: &[Key]) -> StoreResult<Vec<Evidence>>;
    /// Subjects that have evidence, in order, behind `after`.
    fn subjects(&self, after: Option<&Key>, limit: u32) -> StoreResult<Vec<Key>>;
    /// Subjects that have evidence of this ingest, for undoing it.
    fn subjects_of_source(&self, source: &tallyward_core::Source) -> StoreResult<Vec<Key>>;
    /// Handles minted for these keys, redirects followed.
    fn handles(&self, keys: &[Key]) -> StoreResult<Vec<(Key, DeviceId)>>;
    /// The handle to mint next.
    fn next_handle(&self) -> StoreResult<u64>;

    /// One device; a merged handle gives the one that was kept.
    fn device(&self, id: DeviceId) -> StoreResult<Option<DeviceRow>>;
    /// The device bearing this key.
    fn device_of(&self, key: &Key) -> StoreResult<Option<DeviceId>>;
    /// A page of the device list.
    fn devices(&self, query: &DeviceQuery) -> StoreResult<Page<DeviceRow>>;
    /// Devices counted by a facet, most first.
    fn facet(&self, facet: Facet) -> StoreResult<Vec<(String, u64)>>;

    /// Every configuration that some device has.
    fn configs(&self) -> StoreResult<Vec<ConfigRow>>;
    /// The same counted and without their facts, which a store can hold in memory; by id.
    fn config_counts(&self) -> StoreResult<Vec<ConfigCount>>;
    /// Handles of the devices that have a configuration, in order.
    fn holders(&self, config: ConfigId) -> StoreResult<Vec<DeviceId>>;
    /// Those of `ids` that are stored with their judgements.
    fn known_configs(&self, ids: &[ConfigId]) -> StoreResult<Vec<ConfigId>>;
    /// A page of findings, ordered by verdict (worst first), advisory, vulnerability, device.
    fn findings(&self, query: &FindingQuery) -> StoreResult<Page<FindingRow>>;
    /// A page of findings, ordered by rank (highest first), then as [`Store::findings`] orders.
    fn findings_ranked(&self, query: &FindingQuery, ranking: &dyn Ranking) -> StoreResult<Page<FindingRow>>;
    /// All findings by verdict.
    fn finding_counts(&self) -> StoreResult<VerdictCounts>;
    /// Findings by advisory.
    fn advisory_counts(&self) -> StoreResult<Vec<AdvisoryCounts>>;
    /// Unknown findings grouped by missing fact and configuration, most findings first.
    fn unknowns(&self) -> StoreResult<Vec<UnknownRow>>;
    /// The stored verdicts of one advisory or on one configuration, in order of configuration, advisory, vulnerability.
    fn judgements(&self, of: JudgementsOf<'_>) -> StoreResult<Vec<(ConfigId, JudgementPut)>>;
    /// Devices of one configuration, by handle; at most so many.
    fn devices_with(&self, config: ConfigId, limit: u32) -> StoreResult<Vec<DeviceRow>>;
    /// The configurations of these devices as stored; a device that is not stored is left out.
    fn configs_of(&self, devices: &[DeviceId]) -> StoreResult<Vec<(DeviceId, ConfigId)>>;

    /// Flows in which one of these cards or addresses takes part, most bytes first.
    fn flows_of(&self, macs: &[Mac], addresses: &[String], limit: u32) -> StoreResult<Vec<Flow>>;

    /// Hands over every flow, in the order they were first stored.
    fn each_flow(&self, take: &mut dyn FnMut(&Flow)) -> StoreResult<()>;

    /// The last entry of the audit log.
    fn audit_head(&self) -> StoreResult<Option<AuditRow>>;
    /// Entries behind `after`, in order; with `newest_first` the newest before `after`.
    fn audit(&self, after: Option<u64>, newest_first: bool, limit: u32) -> StoreResult<Vec<AuditRow>>;
    /// Entries whose subject is this, oldest first.
    fn audit_of(&self, subject: &str, limit: u32) -> StoreResult<Vec<AuditRow>>;
}

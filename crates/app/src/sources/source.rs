//! Where advisories are fetched from: what a source is, and how it does.

use crate::App;
use crate::app::{doc, lock, removal};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::who::{Role, Who};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tallyward_core::{Label, Timestamp};
use url::Url;

/// Most refused documents a source keeps in its list; the count goes on.
const REFUSED_KEPT: usize = 500;
/// Most measured delays kept.
const DELAYS_KEPT: usize = 1_000;

/// Longest pause between two requests, milliseconds.
const LONGEST_PAUSE: u32 = 60_000;

/// What is found at a source's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A CSAF provider: its domain, or the address of its provider metadata.
    #[default]
    Provider,
    /// A folder with `changes.csv` or `index.txt`.
    Directory,
    /// One ROLIE feed.
    Rolie,
    /// The address of the KEV catalogue (JSON).
    Kev,
    /// The address of an EPSS list (CSV, packed with gzip or not).
    Epss,
    /// The address of CVE records: one, a list of them, or a zip archive of them.
    Cve,
    /// A TAXII 2.1 server: its domain, or the address of its discovery, of an API root or of a collection.
    Taxii,
}

/// What a source brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brings {
    /// Advisories.
    Advisories,
    /// What is known of attacks.
    Threats,
    /// Letters.
    Letters,
}

impl SourceKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Provider, Self::Directory, Self::Rolie, Self::Kev, Self::Epss, Self::Cve, Self::Taxii];

    /// What a source of this kind brings.
    #[must_use]
    pub const fn brings(self) -> Brings {
        match self {
            Self::Provider | Self::Directory | Self::Rolie => Brings::Advisories,
            Self::Kev | Self::Epss | Self::Cve => Brings::Threats,
            Self::Taxii => Brings::Letters,
        }
    }

    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Directory => "directory",
            Self::Rolie => "rolie",
            Self::Kev => "kev",
            Self::Epss => "epss",
            Self::Cve => "cve",
            Self::Taxii => "taxii",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What a document must bring along to be taken in. What is offered is verified in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Require {
    /// Nothing.
    #[default]
    None,
    /// A hash that fits.
    Hash,
    /// A signature by a key of the provider.
    Signature,
}

impl Require {
    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hash => "hash",
            Self::Signature => "signature",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::None, Self::Hash, Self::Signature].into_iter().find(|one| one.code() == code)
    }
}

/// A document that was fetched and not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedDocument {
    /// Where it was.
    pub url: String,
    /// Why it was refused.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// SHA-256 of the bytes, hexadecimal; empty when there were none.
    pub sha256: String,
}

/// A source with its health.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Name, short.
    pub name: String,
    /// What is there.
    pub kind: SourceKind,
    /// Domain or address.
    pub url: String,
    /// It stands inside the house: private addresses are allowed.
    pub internal: bool,
    /// `http` is allowed.
    pub clear_text: bool,
    /// What documents must bring along.
    pub require: Require,
    /// Milliseconds between two requests.
    pub pause_ms: u32,
    /// When it was added; delays are measured for documents published later.
    pub added: Timestamp,
    /// The last complete run without an error.
    pub last_success: Option<Timestamp>,
    /// The last run.
    pub last_run: Option<Timestamp>,
    /// Why the last run was not complete; empty when it was.
    pub error: String,
    /// Runs in a row that failed.
    pub failures: u32,
    /// Documents known to be at the source, as of the last run.
    pub documents: usize,
    /// Documents refused and not mended since, the newest last.
    pub refused: Vec<RefusedDocument>,
    /// Seconds from publication to receipt, of documents published since the source was added, the newest last.
    pub delays: Vec<i64>,
    /// What the provider's own files say that could not be used.
    pub notes: Vec<String>,
    /// What was left as being for others, by kind, in the last run that brought something.
    #[serde(default)]
    pub passed_over: BTreeMap<String, usize>,
    /// Feeds of a provider that are given only to those it knows; the others are read.
    #[serde(default)]
    pub shut: Vec<ShutFeed>,
}

/// A feed that is given only to those its provider knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShutFeed {
    /// Where it is.
    pub url: String,
    /// Its label, as the provider states it.
    pub tlp: String,
    /// What it answers.
    pub status: u16,
    /// Since when it is found so.
    pub since: Timestamp,
}

impl Source {
    pub(super) fn refuse(&mut self, refused: RefusedDocument) {
        self.refused.retain(|held| held.url != refused.url);
        self.refused.push(refused);
        let over = self.refused.len().saturating_sub(REFUSED_KEPT);
        self.refused.drain(..over);
    }

    /// Which feeds are shut at present.
    pub(super) fn shut_now(&mut self, shut: &[(Url, String, u16)], now: Timestamp) {
        let line = |(url, tlp, status): &(Url, String, u16)| {
            let held = self.shut.iter().find(|held| held.url == url.as_str());
            let since = held.map_or(now, |held| held.since);
            ShutFeed { url: url.to_string(), tlp: Label::of(tlp).code().to_owned(), status: *status, since }
        };
        self.shut = shut.iter().map(line).collect();
    }

    pub(super) fn measure(&mut self, seconds: i64) {
        self.delays.push(seconds);
        let over = self.delays.len().saturating_sub(DELAYS_KEPT);
        self.delays.drain(..over);
    }
}

/// What is held of one document of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// Its date in the listing.
    pub updated: Option<Timestamp>,
    pub etag: String,
    pub last_modified: String,
}

/// What is held of a source, so that a run asks only for what changed and goes on where the last was cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// By address.
    pub documents: BTreeMap<String, Held>,
    /// Validators of listings whose every document is held; by address.
    pub listings: BTreeMap<String, Held>,
    /// Up to when a collection was read, as its server says it; by address.
    #[serde(default)]
    pub added_after: BTreeMap<String, String>,
    /// Who speaks and how what they say is marked, as it came: sent once and needed later; by id.
    #[serde(default)]
    pub lasting: BTreeMap<String, String>,
}

impl App {
    /// The sources, by name.
    pub fn sources(&self) -> Result<Vec<Source>> {
        self.load_all(DocKind::Feed, Some("source"))
    }

    /// One source.
    pub fn source(&self, name: &str) -> Result<Source> {
        self.load(DocKind::Feed, &source_id(name))?.ok_or_else(|| AppError::not_found("source", name))
    }

    /// Adds a source. Only an administrator decides what is fetched, and whether it may stand inside the house.
    pub fn add_source(&self, who: &Who, source: Source) -> Result<()> {
        administrator(who)?;
        let named = !source.name.is_empty()
            && source.name.len() <= 40
            && source
                .name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if !named {
            return Err(AppError::invalid("name", "expected up to 40 letters, digits, dots and dashes"));
        }
        let url = super::walk::address(&source.url, source.kind)
            .ok_or_else(|| AppError::invalid("url", "expected a domain or an address such as https://…"))?;
        if url.scheme() == "http" && !source.clear_text {
            return Err(AppError::invalid(
                "url",
                "only https is fetched, unless the source allows clear text",
            ));
        }
        if source.kind.brings() != Brings::Advisories && source.require != Require::None {
            let why = "only advisories come with hashes and signatures; choose nothing";
            return Err(AppError::invalid("require", why));
        }
        if source.pause_ms > LONGEST_PAUSE {
            return Err(AppError::invalid(
                "pause",
                "expected at most a minute (60000 ms) between two requests",
            ));
        }
        let _desk = lock(&self.state.desk);
        if self.load::<Source>(DocKind::Feed, &source_id(&source.name))?.is_some() {
            return Err(AppError::invalid("name", format!("there is a source {:?} already", source.name)));
        }
        let source = Source { added: self.now(), ..source };
        let mut event = self.event(who, "source.add", format!("source {}", source.name));
        event.after = format!(
            "{} {}{}{}",
            source.kind.code(),
            source.url,
            if source.internal { " internal" } else { "" },
            if source.clear_text { " clear text" } else { "" }
        );
        let docs = vec![doc(DocKind::Feed, source_id(&source.name), "source", &source)];
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// Removes a source; what it brought stays.
    pub fn remove_source(&self, who: &Who, name: &str) -> Result<()> {
        administrator(who)?;
        let _desk = lock(&self.state.desk);
        let source = self.source(name)?;
        let mut event = self.event(who, "source.remove", format!("source {name}"));
        event.before = source.url;
        let docs = vec![
            removal(DocKind::Feed, source_id(name), "source"),
            removal(DocKind::Feed, progress_id(name), "progress"),
        ];
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }
}

pub(super) fn administrator(who: &Who) -> Result<()> {
    if who.role == Role::Administrator {
        return Ok(());
    }
    Err(AppError::Refused("only an administrator decides what is fetched".to_owned()))
}

pub(super) fn source_id(name: &str) -> String {
    format!("source/{name}")
}

pub(super) fn progress_id(name: &str) -> String {
    format!("progress/{name}")
}

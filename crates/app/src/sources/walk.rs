//! From a source's address to the documents it lists.

use super::source::{Held, Progress, Source, SourceKind};
use crate::ports::{FetchError, FetchRequest, Fetched, Fetcher};
use std::collections::BTreeMap;
use tallyward_advisories::provider::{
    Keyring, Listed, Metadata, metadata_links, read_changes, read_feed, read_index, read_metadata,
};
use tallyward_core::{Label, Timestamp};
use url::Url;

/// Seconds a request may take in all.
const DEADLINE: u32 = 120;
/// Most bytes of a listing or of metadata.
pub(super) const LISTING: usize = 50 * 1024 * 1024;
/// Most bytes of a hash, a signature or a key.
const SMALL: usize = 1024 * 1024;

/// What is said of a server that wants to know who asks.
pub(super) const SIGN_IN: &str =
    "it wants to know who asks; the configuration says how to sign in (sync.sign_in)";

/// A document to look at.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub url: Url,
    pub updated: Option<Timestamp>,
    pub hashes: Vec<Url>,
    pub signature: Option<Url>,
    /// The listing states its hash and signature; otherwise they are looked for beside the document.
    pub stated: bool,
}

/// What a source lists now.
#[derive(Default)]
pub(super) struct Found {
    pub candidates: Vec<Candidate>,
    pub keys: Keyring,
    /// Listings that came anew, to be remembered when all their documents are held.
    pub listings: BTreeMap<String, Held>,
    pub notes: Vec<String>,
    /// Feeds that are given only to those the provider knows: address, label as the provider states it, status.
    pub shut: Vec<(Url, String, u16)>,
    /// Why not everything the source lists could be looked at; empty when it could.
    pub error: String,
    /// Every listing was unchanged since a complete run.
    pub unchanged: bool,
}

/// The address of a source as typed: a bare domain becomes `https`.
pub(super) fn address(text: &str, kind: SourceKind) -> Option<Url> {
    let text = text.trim();
    let mut whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    if matches!(kind, SourceKind::Directory | SourceKind::Taxii) && !whole.ends_with('/') {
        whole.push('/');
    }
    let mut url = Url::parse(&whole).ok()?;
    // Where every server answers what it has (TAXII 2.1, clause 4.1).
    if kind == SourceKind::Taxii && url.path() == "/" {
        url.set_path("/taxii2/");
    }
    (matches!(url.scheme(), "https" | "http") && url.host_str().is_some()).then_some(url)
}

/// A file that could not be had.
pub(super) struct Missed {
    pub why: String,
    /// The server was not there or could not cope, which asking for the next file would hardly change.
    pub unreached: bool,
}

impl Missed {
    pub fn answered(url: &Url, status: u16) -> Self {
        Self { why: format!("{url} answers {status}"), unreached: status == 429 || status >= 500 }
    }
}

impl From<FetchError> for Missed {
    fn from(error: FetchError) -> Self {
        let unreached = matches!(error, FetchError::Away { .. } | FetchError::TooSlow { .. });
        Self { why: error.to_string(), unreached }
    }
}

impl From<Missed> for String {
    fn from(missed: Missed) -> Self {
        missed.why
    }
}

/// Why a listing was not read.
enum Lost {
    /// It is given only to those the provider knows.
    Shut(u16),
    Other(String),
}

impl Lost {
    fn at(self, url: &Url) -> String {
        match self {
            Self::Shut(status) => format!("{url} answers {status}: {SIGN_IN}"),
            Self::Other(why) => why,
        }
    }
}

impl Found {
    /// Why nothing is known of a provider none of whose feeds was read.
    fn no_feed(&self) -> String {
        match self.shut.first() {
            _ if !self.error.is_empty() => self.error.clone(),
            Some((url, _, status)) => Lost::Shut(*status).at(url),
            None => "no feed and no directory".to_owned(),
        }
    }
}

/// Asks a source politely: one request at a time, with its pause.
pub(super) struct Walker<'a> {
    pub fetcher: &'a dyn Fetcher,
    pub source: &'a Source,
    /// Waits so many milliseconds.
    pub wait: &'a dyn Fn(u32),
}

impl Walker<'_> {
    pub fn get(&self, url: &Url, held: Option<&Held>, limit: usize) -> Result<Fetched, FetchError> {
        self.ask(url, held, limit, "")
    }

    /// Asks for a media type, any when it is empty.
    pub fn ask(
        &self,
        url: &Url,
        held: Option<&Held>,
        limit: usize,
        accept: &str,
    ) -> Result<Fetched, FetchError> {
        if self.source.pause_ms > 0 {
            (self.wait)(self.source.pause_ms);
        }
        self.fetcher.fetch(&FetchRequest {
            url: url.to_string(),
            etag: held.map(|held| held.etag.clone()).unwrap_or_default(),
            last_modified: held.map(|held| held.last_modified.clone()).unwrap_or_default(),
            limit,
            deadline: DEADLINE,
            internal: self.source.internal,
            clear_text: self.source.clear_text,
            accept: accept.to_owned(),
            source: self.source.name.clone(),
        })
    }

    /// A small file beside a document; `None` when there is none.
    pub fn beside(&self, url: &Url) -> Result<Option<Vec<u8>>, Missed> {
        let got = self.get(url, None, SMALL)?;
        match got.status {
            200 => Ok(Some(got.body)),
            404 | 410 => Ok(None),
            status => Err(Missed::answered(url, status)),
        }
    }

    fn need(&self, url: &Url) -> Result<Vec<u8>, String> {
        let got = self.get(url, None, LISTING).map_err(|error| error.to_string())?;
        if got.status == 200 { Ok(got.body) } else { Err(format!("{url} answers {}", got.status)) }
    }

    /// Everything the source lists. With `again` listings are read even when they did not change.
    pub fn find(&self, progress: &Progress, again: bool) -> Result<Found, String> {
        let url = address(&self.source.url, self.source.kind).ok_or("the source's address cannot be used")?;
        let mut found = Found { unchanged: true, ..Found::default() };
        match self.source.kind {
            SourceKind::Directory => self.directory(&url, progress, again, &mut found)?,
            SourceKind::Rolie => {
                self.feed(&url, progress, again, &mut found).map_err(|lost| lost.at(&url))?
            }
            // These bring no advisories.
            SourceKind::Kev | SourceKind::Epss | SourceKind::Cve | SourceKind::Taxii => {}
            SourceKind::Provider => {
                let metadata = self.metadata(&url)?;
                found.notes.extend(metadata.notes);
                for key in &metadata.keys {
                    let told = match self.need(&key.url) {
                        Ok(bytes) => found.keys.add(&bytes, &key.fingerprint),
                        Err(why) => Err(why),
                    };
                    found.notes.extend(told.err().map(|why| format!("key {}: {why}", key.url)));
                }
                let read = self.feeds(&metadata.feeds, progress, again, &mut found);
                // A provider with feeds repeats the same documents in its directories.
                if read == 0 && metadata.directories.is_empty() {
                    return Err(found.no_feed());
                }
                if read == 0 {
                    found.error.clear();
                    for directory in &metadata.directories {
                        self.directory(directory, progress, again, &mut found)?;
                    }
                }
            }
        }
        Ok(found)
    }

    /// Provider metadata: at the address itself, at its well-known path, or where `security.txt` says (clause 7.3).
    fn metadata(&self, url: &Url) -> Result<Metadata, String> {
        let read =
            |bytes: &[u8], url: &Url| read_metadata(bytes, url.as_str()).map_err(|error| error.to_string());
        if url.path().ends_with(".json") {
            return read(&self.need(url)?, url);
        }
        let well_known = url
            .join("/.well-known/csaf/provider-metadata.json")
            .map_err(|error| format!("{url} cannot be used: {error}"))?;
        let first = match self.need(&well_known) {
            Ok(bytes) => return read(&bytes, &well_known),
            Err(why) => why,
        };
        for path in ["/.well-known/security.txt", "/security.txt"] {
            let Ok(place) = url.join(path) else { continue };
            let Some(text) = self.beside(&place)? else { continue };
            if let Some(link) = metadata_links(&text).first() {
                return read(&self.need(link)?, link);
            }
        }
        Err(format!("no provider metadata: {first}, and no security.txt names it"))
    }

    /// Reads every feed that can be: one that fails, or is for others, holds up none of the rest. Gives how many were read.
    fn feeds(&self, feeds: &[(Url, String)], progress: &Progress, again: bool, found: &mut Found) -> usize {
        let mut read = 0;
        for (feed, label) in feeds {
            match self.feed(feed, progress, again, found) {
                Ok(()) => read += 1,
                // What is for everybody and is given to nobody is a fault, what is for some is none.
                Err(Lost::Shut(status)) if Label::of(label) != Label::Clear => {
                    found.shut.push((feed.clone(), label.clone(), status));
                }
                Err(lost) => found.error = lost.at(feed),
            }
        }
        read
    }

    /// A listing when it changed; `None` when it is as it was.
    fn listing(
        &self,
        url: &Url,
        progress: &Progress,
        again: bool,
        found: &mut Found,
    ) -> Result<Option<Vec<u8>>, Lost> {
        let held = progress.listings.get(url.as_str()).filter(|_| !again);
        let got = self.get(url, held, LISTING).map_err(|error| Lost::Other(error.to_string()))?;
        match got.status {
            304 if held.is_some() => Ok(None),
            200 => {
                let now = Held { updated: None, etag: got.etag, last_modified: got.last_modified };
                found.listings.insert(url.to_string(), now);
                found.unchanged = false;
                Ok(Some(got.body))
            }
            status @ (401 | 403) => Err(Lost::Shut(status)),
            status => Err(Lost::Other(format!("{url} answers {status}"))),
        }
    }

    fn feed(&self, url: &Url, progress: &Progress, again: bool, found: &mut Found) -> Result<(), Lost> {
        let Some(bytes) = self.listing(url, progress, again, found)? else { return Ok(()) };
        let feed = read_feed(&bytes, url.as_str()).map_err(|error| {
            // It is asked for again, also while it does not change.
            found.listings.remove(url.as_str());
            Lost::Other(error.to_string())
        })?;
        found.notes.extend(feed.notes);
        found.candidates.extend(feed.entries.into_iter().map(|entry| Candidate {
            url: entry.url,
            updated: entry.updated,
            hashes: entry.hashes,
            signature: entry.signature,
            stated: true,
        }));
        Ok(())
    }

    fn directory(
        &self,
        url: &Url,
        progress: &Progress,
        again: bool,
        found: &mut Found,
    ) -> Result<(), String> {
        let join = |name: &str| url.join(name).map_err(|error| format!("{url} cannot be used: {error}"));
        let (changes, index) = (join("changes.csv")?, join("index.txt")?);
        let (listed, notes): (Vec<Listed>, _) = match self.listing(&changes, progress, again, found) {
            Ok(Some(bytes)) => read_changes(&bytes, url),
            Ok(None) => return Ok(()),
            Err(_) => match self.listing(&index, progress, again, found).map_err(|lost| lost.at(&index))? {
                Some(bytes) => read_index(&bytes, url),
                None => return Ok(()),
            },
        };
        found.notes.extend(notes);
        found.candidates.extend(listed.into_iter().map(|one| Candidate {
            url: one.url,
            updated: one.updated,
            hashes: Vec::new(),
            signature: None,
            stated: false,
        }));
        Ok(())
    }
}

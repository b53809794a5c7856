//! A ROLIE feed (RFC 8322 as CSAF 2.0, clause 7.1.15 narrows it).

use super::json::{list, not, read, text, web};
use super::{MAX_LISTED, Notes};
use crate::error::ReadError;
use tallyward_core::Timestamp;
use url::Url;

/// One document in a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEntry {
    /// Its id in the feed.
    pub id: String,
    /// Where it is.
    pub url: Url,
    /// Files of its hash, the strongest first.
    pub hashes: Vec<Url>,
    /// File of its signature.
    pub signature: Option<Url>,
    /// When it last changed, as stated.
    pub updated: Option<Timestamp>,
}

/// What a feed lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Its documents in the feed's order; a document named twice is kept once, by its later date.
    pub entries: Vec<FeedEntry>,
    /// What could not be used.
    pub notes: Notes,
}

/// Reads a feed.
///
/// # Errors
/// When it is no JSON or no feed.
pub fn read_feed(bytes: &[u8], name: &str) -> Result<Feed, ReadError> {
    let root = read(bytes, name)?;
    if root.pointer("/feed").is_none_or(|feed| !feed.is_object()) {
        return Err(not(name, "/feed", "no ROLIE feed: the member `feed` is missing"));
    }
    let mut feed = Feed::default();
    let mut seen = std::collections::HashMap::new();
    let listed = list(&root, "/feed/entry");
    if listed.len() > MAX_LISTED {
        return Err(not(name, "/feed/entry", "more entries than one feed may list"));
    }
    for (at, value) in listed.iter().enumerate() {
        let Some(entry) = entry(value, at, &mut feed.notes) else { continue };
        match seen.get(&entry.url) {
            Some(&held) => {
                let held: &mut FeedEntry = &mut feed.entries[held];
                feed.notes.push(format!("/feed/entry/{at}: {} is listed twice", entry.url));
                if entry.updated > held.updated {
                    *held = entry;
                }
            }
            None => {
                seen.insert(entry.url.clone(), feed.entries.len());
                feed.entries.push(entry);
            }
        }
    }
    Ok(feed)
}

fn entry(value: &serde_json::Value, at: usize, notes: &mut Notes) -> Option<FeedEntry> {
    let (mut source, mut hashes, mut signature) = (text(value, "/content/src"), Vec::new(), None);
    for (n, link) in list(value, "/link").iter().enumerate() {
        let (href, place) = (text(link, "/href"), format!("/feed/entry/{at}/link/{n}/href"));
        match text(link, "/rel") {
            "self" if source.is_empty() => source = href,
            "hash" => hashes.extend(web(href, &place, notes)),
            "signature" => signature = web(href, &place, notes),
            _ => {}
        }
    }
    let url = web(source, &format!("/feed/entry/{at}/content/src"), notes)?;
    hashes.sort_by_key(|url| !url.path().ends_with(".sha512"));
    let said = text(value, "/updated");
    let updated = said.parse().ok();
    if updated.is_none() {
        notes.push(format!("/feed/entry/{at}/updated: no date; the document is looked at every time"));
    }
    Some(FeedEntry { id: text(value, "/id").to_owned(), url, hashes, signature, updated })
}

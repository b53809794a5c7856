//! `index.txt` and `changes.csv` of a directory (CSAF 2.0, clauses 7.1.12 and 7.1.13).

use super::{MAX_LISTED, Notes};
use crate::error::short;
use std::collections::BTreeMap;
use tallyward_core::Timestamp;
use url::Url;

/// A document of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub url: Url,
    /// When it last changed; `None` from `index.txt`, which does not say.
    pub updated: Option<Timestamp>,
}

/// Reads `index.txt`: one path a line, relative to `folder`.
#[must_use]
pub fn read_index(bytes: &[u8], folder: &Url) -> (Vec<Listed>, Notes) {
    let mut found = BTreeMap::new();
    let mut notes = Notes::new();
    for (at, line) in String::from_utf8_lossy(bytes).lines().enumerate().take(MAX_LISTED) {
        let path = line.trim().trim_start_matches('\u{feff}');
        if !path.is_empty() {
            put(&mut found, &mut notes, folder, path, None, at);
        }
    }
    (listed(found), notes)
}

/// Reads `changes.csv`: `"path","date"` a line, newest first, relative to `folder`. A document named twice is
/// kept by its later date.
#[must_use]
pub fn read_changes(bytes: &[u8], folder: &Url) -> (Vec<Listed>, Notes) {
    let mut found = BTreeMap::new();
    let mut notes = Notes::new();
    for (at, line) in String::from_utf8_lossy(bytes).lines().enumerate().take(MAX_LISTED) {
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() {
            continue;
        }
        let Some((path, date)) = line.rsplit_once([',', ';']) else {
            notes.push(format!("line {}: {:?} has no date", at + 1, short(line)));
            continue;
        };
        let bare = |text: &str| text.trim().trim_matches('"').to_owned();
        let updated = bare(date).parse().ok();
        if updated.is_none() {
            notes.push(format!("line {}: {:?} is no date", at + 1, short(date)));
        }
        put(&mut found, &mut notes, folder, &bare(path), updated, at);
    }
    (listed(found), notes)
}

/// Keeps a path that stays inside the folder and names a JSON document.
fn put(
    found: &mut BTreeMap<Url, Option<Timestamp>>,
    notes: &mut Notes,
    folder: &Url,
    path: &str,
    updated: Option<Timestamp>,
    at: usize,
) {
    let inside = folder.join(path).ok().filter(|url| url.as_str().starts_with(folder.as_str()));
    match inside {
        Some(url) if url.path().ends_with(".json") => {
            let held = found.entry(url).or_insert(updated);
            *held = (*held).max(updated);
        }
        Some(_) => {}
        None => notes.push(format!("line {}: {:?} leads out of the directory", at + 1, short(path))),
    }
}

fn listed(found: BTreeMap<Url, Option<Timestamp>>) -> Vec<Listed> {
    found.into_iter().map(|(url, updated)| Listed { url, updated }).collect()
}

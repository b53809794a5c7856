//! `provider-metadata.json` (CSAF 2.0, clause 7.1.7).

use super::Notes;
use super::json::{list, not, read, text, web};
use crate::error::ReadError;
use url::Url;

/// A key of the provider and where it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLink {
    /// Hexadecimal fingerprint as stated, upper case; empty when none is stated.
    pub fingerprint: String,
    /// Where the key is.
    pub url: Url,
}

/// What a provider says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Name of the publisher.
    pub publisher: String,
    /// Its role: `csaf_publisher`, `csaf_provider`, `csaf_trusted_provider`.
    pub role: String,
    /// ROLIE feeds with their TLP label.
    pub feeds: Vec<(Url, String)>,
    /// Folders with `index.txt` and `changes.csv`; each ends in a slash.
    pub directories: Vec<Url>,
    /// Keys its signatures are made with.
    pub keys: Vec<KeyLink>,
    /// What could not be used.
    pub notes: Notes,
}

/// Reads provider metadata.
///
/// # Errors
/// When it is no JSON, or names no place from which documents could be had.
pub fn read_metadata(bytes: &[u8], name: &str) -> Result<Metadata, ReadError> {
    let root = read(bytes, name)?;
    let mut metadata = Metadata {
        publisher: text(&root, "/publisher/name").to_owned(),
        role: text(&root, "/role").to_owned(),
        ..Metadata::default()
    };
    for (at, place) in list(&root, "/distributions").iter().enumerate() {
        let directory = text(place, "/directory_url");
        if !directory.is_empty() {
            let slashed =
                if directory.ends_with('/') { directory.to_owned() } else { format!("{directory}/") };
            let found = web(&slashed, &format!("/distributions/{at}/directory_url"), &mut metadata.notes);
            metadata.directories.extend(found);
        }
        for (n, feed) in list(place, "/rolie/feeds").iter().enumerate() {
            let pointer = format!("/distributions/{at}/rolie/feeds/{n}/url");
            if let Some(url) = web(text(feed, "/url"), &pointer, &mut metadata.notes) {
                metadata.feeds.push((url, text(feed, "/tlp_label").to_ascii_uppercase()));
            }
        }
    }
    for (at, key) in list(&root, "/public_openpgp_keys").iter().enumerate() {
        if let Some(url) =
            web(text(key, "/url"), &format!("/public_openpgp_keys/{at}/url"), &mut metadata.notes)
        {
            let fingerprint = text(key, "/fingerprint").to_ascii_uppercase().replace(' ', "");
            metadata.keys.push(KeyLink { fingerprint, url });
        }
    }
    if metadata.feeds.is_empty() && metadata.directories.is_empty() {
        return Err(not(name, "/distributions", "no ROLIE feed and no directory_url that could be used"));
    }
    Ok(metadata)
}

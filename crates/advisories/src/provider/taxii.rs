//! What a TAXII 2.1 server says of itself: discovery, API roots, collections (clauses 4 and 5).

use super::Notes;
use super::json::{list, not, read, text};
use crate::error::{ReadError, short};
use serde_json::Value;
use url::Url;

/// The media type asked for (clause 1.6.8).
pub const TAXII: &str = "application/taxii+json;version=2.1";

/// Most API roots of one server, and collections of one API root, that are looked at.
const MAX_ROOTS: usize = 50;
const MAX_COLLECTIONS: usize = 1_000;

/// What stands at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaxiiPlace {
    /// Discovery: the API roots it names, each ending in a slash.
    Server(Vec<Url>),
    /// An API root.
    Root,
    /// One collection.
    Collection(Collection),
}

/// A collection of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Its id, which stands in addresses: letters, digits, dots and dashes.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Whether whoever asked may read it.
    pub can_read: bool,
}

/// Whether a media type is that of TAXII 2.1; a server that leaves the version out is believed.
#[must_use]
pub fn is_taxii(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let named = parts.next().is_some_and(|kind| kind == "application/taxii+json");
    named
        && parts
            .filter_map(|part| {
                part.strip_prefix("version=").map(|version| version.trim_matches('"').to_owned())
            })
            .all(|version| version == "2.1")
}

/// Reads what stands at `here`; what could be read past is noted.
///
/// # Errors
/// When it is no JSON, or none of the three.
pub fn read_taxii(bytes: &[u8], here: &Url, notes: &mut Notes) -> Result<TaxiiPlace, ReadError> {
    let root = read(bytes, here.as_str())?;
    if let Some(found) = collection(&root) {
        return Ok(TaxiiPlace::Collection(found));
    }
    let named = list(&root, "/api_roots");
    if !named.is_empty() {
        let mut roots = Vec::new();
        for (at, one) in named.iter().enumerate().take(MAX_ROOTS) {
            let given = one.as_str().unwrap_or_default();
            let slashed = if given.ends_with('/') { given.to_owned() } else { format!("{given}/") };
            match here.join(&slashed) {
                Ok(url) if !given.is_empty() && matches!(url.scheme(), "https" | "http") => {
                    if !roots.contains(&url) {
                        roots.push(url);
                    }
                }
                _ => notes.push(format!("/api_roots/{at}: {:?} is no address", short(given))),
            }
        }
        return Ok(TaxiiPlace::Server(roots));
    }
    let versions = list(&root, "/versions");
    if versions.iter().filter_map(Value::as_str).any(is_taxii) {
        return Ok(TaxiiPlace::Root);
    }
    let what = if versions.is_empty() {
        "neither api_roots of a server, nor the versions of an API root, nor a collection"
    } else {
        "an API root that does not speak TAXII 2.1"
    };
    Err(not(here.as_str(), "", what))
}

/// Reads the list of collections; one without an id that can stand in an address is noted.
///
/// # Errors
/// When it is no JSON.
pub fn read_collections(bytes: &[u8], name: &str, notes: &mut Notes) -> Result<Vec<Collection>, ReadError> {
    let root = read(bytes, name)?;
    let mut found = Vec::new();
    for (at, one) in list(&root, "/collections").iter().enumerate().take(MAX_COLLECTIONS) {
        match collection(one) {
            Some(one) => found.push(one),
            None => notes.push(format!("{name}, /collections/{at}: a collection without id or can_read")),
        }
    }
    Ok(found)
}

fn collection(value: &Value) -> Option<Collection> {
    let id = text(value, "/id");
    let fits = (1..=100).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && id.bytes().any(|byte| byte != b'.');
    let can_read = value.get("can_read")?.as_bool()?;
    fits.then(|| Collection { id: id.to_owned(), title: short(text(value, "/title")), can_read })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(body: &str) -> Result<(TaxiiPlace, Notes), String> {
        let (here, mut notes) = ("https://taxii.example/taxii2/".parse().unwrap(), Notes::new());
        let place = read_taxii(body.as_bytes(), &here, &mut notes).map_err(|error| error.to_string())?;
        Ok((place, notes))
    }

    #[test]
    fn a_server_a_root_and_a_collection_are_told_apart() {
        let (server, notes) =
            at(r#"{"title":"T","api_roots":["/api1","https://other.example/api2/","mailto:x",7]}"#).unwrap();
        let TaxiiPlace::Server(roots) = server else { panic!("{server:?}") };
        let roots: Vec<&str> = roots.iter().map(Url::as_str).collect();
        assert_eq!(roots, ["https://taxii.example/api1/", "https://other.example/api2/"]);
        assert_eq!(notes.len(), 2, "{notes:?}");
        let root =
            r#"{"title":"R","versions":["application/taxii+json;version=2.1"],"max_content_length":1}"#;
        assert_eq!(at(root).unwrap().0, TaxiiPlace::Root);
        assert!(
            at(r#"{"versions":["application/taxii+json;version=2.0"]}"#)
                .unwrap_err()
                .contains("does not speak")
        );
        let one =
            at(r#"{"id":"91a7b528-80eb-42ed-a74d-c6fbd5a26116","title":"C","can_read":true}"#).unwrap().0;
        assert!(matches!(one, TaxiiPlace::Collection(one) if one.can_read && one.title == "C"));
        for other in ["{}", "[]", "7", "<html>", ""] {
            assert!(at(other).is_err(), "{other}");
        }
    }

    #[test]
    fn an_id_leads_nowhere_else() {
        let mut notes = Notes::new();
        let body = r#"{"collections":[{"id":"../../x","can_read":true},{"id":"..","can_read":true},{"id":"a?b","can_read":true},
            {"id":"a"},{"id":"good-1","can_read":false}]}"#;
        let found = read_collections(body.as_bytes(), "c", &mut notes).unwrap();
        assert_eq!((found.len(), found[0].id.as_str(), notes.len()), (1, "good-1", 4));
        assert!(read_collections(b"{}", "c", &mut notes).unwrap().is_empty());
    }

    #[test]
    fn the_media_type_is_held_to_its_version() {
        for good in
            [TAXII, "application/taxii+json", "Application/TAXII+JSON; version=\"2.1\"; charset=utf-8"]
        {
            assert!(is_taxii(good), "{good}");
        }
        for other in ["", "application/json", "application/taxii+json;version=2.0", "text/html"] {
            assert!(!is_taxii(other), "{other}");
        }
    }
}

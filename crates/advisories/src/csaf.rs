//! CSAF 2.0 (and 2.1 where its shape is the same): bytes to an advisory.

use crate::bounds;
use crate::contradictions;
use crate::cursor::{At, Defects, kind, placed};
use crate::error::{ReadError, short};
use crate::place::{Step, line_column};
use crate::tree::Tree;
use crate::vulnerability::{Vulnerabilities, notes, references};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use tallyward_core::advisory::{Advisory, RevisionEntry};
use tallyward_core::time::Timestamp;

/// Reads a CSAF document; `name` is what errors call it.
///
/// # Errors
/// When the bytes are no JSON, exceed the bounds, or are no CSAF 2.x document with an id. Every lesser flaw
/// that touches a product becomes one of the advisory's contradictions.
pub fn read_csaf(bytes: &[u8], name: &str) -> Result<Advisory, ReadError> {
    read_csaf_noting(bytes, name).map(|(advisory, _)| advisory)
}

/// Like [`read_csaf`], with every lesser flaw beside the advisory, in document order.
///
/// # Errors
/// As [`read_csaf`].
pub fn read_csaf_noting(bytes: &[u8], name: &str) -> Result<(Advisory, Vec<ReadError>), ReadError> {
    read_value(&parse(bytes, name)?, bytes, name)
}

/// The document that `bytes` were parsed to.
pub(crate) fn read_value(
    value: &Value,
    bytes: &[u8],
    name: &str,
) -> Result<(Advisory, Vec<ReadError>), ReadError> {
    let root = At::root(value);
    let mut noted = Defects::default();
    let mut advisory = header(bytes, name, &root, &mut noted)?;
    advisory.hash = sha256(bytes);
    let tree = Tree::read(&root, &mut noted);
    let mut reader = Vulnerabilities::new(&tree);
    for (index, item) in root.items("vulnerabilities", &mut noted).iter().enumerate() {
        let (vulnerability, references) = reader.read(&item, index + 1, &mut noted);
        advisory.vulnerabilities.push(vulnerability);
        for reference in references {
            if !advisory.references.contains(&reference) {
                advisory.references.push(reference);
            }
        }
    }
    promised(&root, &advisory, &mut noted);
    advisory.contradictions = std::mem::take(&mut reader.contradictions);
    advisory.contradictions.extend(tree.contradictions);
    advisory.products = tree.products;
    advisory.contradictions.extend(contradictions::find(&advisory));
    Ok((advisory, noted.placed(bytes, name)))
}

pub(crate) fn parse(bytes: &[u8], name: &str) -> Result<Value, ReadError> {
    let fail = |offset: usize, what: String| {
        let (line, column) = line_column(bytes, offset);
        ReadError { name: name.to_owned(), line, column, pointer: String::new(), what }
    };
    bounds::check(bytes).map_err(|refused| fail(refused.offset, refused.what))?;
    let text = std::str::from_utf8(bytes).map_err(|error| {
        fail(error.valid_up_to(), "this byte is no UTF-8; advisories are JSON in UTF-8".to_owned())
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| {
        let mut what = error.to_string();
        if let Some(end) = what.rfind(" at line ") {
            what.truncate(end);
        }
        ReadError {
            name: name.to_owned(),
            line: error.line().max(1),
            column: error.column().max(1),
            pointer: String::new(),
            what: format!("not JSON: {what}"),
        }
    })
}

/// Everything under `document` (clause 3.2.1).
fn header(bytes: &[u8], name: &str, root: &At<'_>, noted: &mut Defects) -> Result<Advisory, ReadError> {
    let wrong = |path: &[Step], what: String| placed(bytes, name, path, what);
    let Some(document) = root.get("document") else {
        return Err(wrong(
            &[],
            format!("expected a CSAF document with a document section, found {}", kind(root.value)),
        ));
    };
    let version = document.text("csaf_version", noted);
    match version.as_str() {
        "2.0" | "2.1" => {}
        "" => noted.note(&document, "csaf_version is missing; read as 2.0".to_owned()),
        other => {
            let mut path = document.path();
            path.push(Step::Key("csaf_version".to_owned()));
            return Err(wrong(&path, format!("CSAF version {:?}; expected 2.0 or 2.1", short(other))));
        }
    }
    let Some(tracking) = document.get("tracking") else {
        return Err(wrong(
            &document.path(),
            "the document has no tracking section, so it has no id".to_owned(),
        ));
    };
    let id = tracking.text("id", noted);
    if id.trim().is_empty() {
        return Err(wrong(
            &tracking.path(),
            "the document has no id; expected a text in tracking.id".to_owned(),
        ));
    }
    let publisher = document.get("publisher");
    let distribution = document.get("distribution");
    let tlp = distribution.as_ref().and_then(|at| at.get("tlp")).map(|tlp| {
        let stated = tlp.text("label", noted);
        // A label that cannot be read counts as the strictest, so it must not look like none.
        if stated.is_empty() && tlp.get("label").is_some() { "unreadable".to_owned() } else { stated }
    });
    let publisher_text = |key: &str, noted: &mut Defects| {
        publisher.as_ref().map_or_else(String::new, |publisher| publisher.text(key, noted))
    };
    let severity = document.get("aggregate_severity").map(|severity| severity.text("text", noted));
    Ok(Advisory {
        id,
        title: document.text("title", noted),
        category: document.text("category", noted),
        publisher: publisher_text("name", noted),
        revision: tracking.text("version", noted),
        status: tracking.text("status", noted),
        released: moment(&tracking, "initial_release_date", noted),
        revised: moment(&tracking, "current_release_date", noted),
        tlp: tlp.unwrap_or_default(),
        summary: notes(&document, "summary", noted),
        references: references(&document, noted),
        format: if version == "2.1" { "csaf 2.1" } else { "csaf 2.0" }.to_owned(),
        publisher_category: publisher_text("category", noted),
        namespace: publisher_text("namespace", noted),
        severity: severity.unwrap_or_default(),
        language: document.text("lang", noted),
        history: history(&tracking, noted),
        ..Advisory::default()
    })
}

fn history(tracking: &At<'_>, noted: &mut Defects) -> Vec<RevisionEntry> {
    let items = tracking.items("revision_history", noted);
    let read = |item: At<'_>| RevisionEntry {
        number: item.text("number", noted),
        date: item.text("date", noted),
        summary: item.text("summary", noted),
    };
    items.iter().map(read).collect()
}

pub(crate) fn moment(at: &At<'_>, key: &str, noted: &mut Defects) -> Option<Timestamp> {
    let member = at.get(key)?;
    let text = member.as_text(noted);
    match text.parse() {
        Ok(moment) => Some(moment),
        Err(_) => {
            noted.note(
                &member,
                format!("{:?} is no date; expected such as 2026-11-23T08:30:00Z", short(&text)),
            );
            None
        }
    }
}

/// What the profile of the document's category promises (clauses 4.4 and 4.5): vulnerabilities with a status.
/// Its absence would otherwise look like good news.
fn promised(root: &At<'_>, advisory: &Advisory, noted: &mut Defects) {
    if !matches!(advisory.category.as_str(), "csaf_security_advisory" | "csaf_vex") {
        return;
    }
    if advisory.vulnerabilities.is_empty() {
        noted.note(root, format!("a {} without vulnerabilities; nothing can be matched", advisory.category));
    }
    for (index, item) in root.items("vulnerabilities", &mut Defects::default()).iter().enumerate() {
        if advisory.vulnerabilities.get(index).is_some_and(|read| read.statements.is_empty()) {
            noted.note(&item, "no status for any product; nothing can be matched".to_owned());
        }
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

//! One answer of a server, or one bundle: its objects as they came.

use super::KEPT;
use crate::bounds;
use crate::error::{ReadError, short};
use crate::place::line_column;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use tallyward_core::Timestamp;

/// Most notes of one answer; the rest would only repeat.
const MAX_NOTES: usize = 200;
/// Most kinds of objects counted by name.
const MAX_KINDS: usize = 100;
/// Most references taken of one object.
const MAX_REFERENCES: usize = 5_000;

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub struct StixObject {
    /// Its type, one of those that are kept.
    pub kind: String,
    /// Its id: type, `--`, UUID.
    pub id: String,
    /// When this version of it was made; for what has no versions, when it was made.
    pub modified: Option<Timestamp>,
    /// The object as it came.
    pub raw: String,
    /// The object as read.
    pub(super) value: Value,
}

/// The objects of one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StixPage {
    /// Objects that are kept, in the order in which they came.
    pub objects: Vec<StixObject>,
    /// How many there were of each type that is not.
    pub others: BTreeMap<String, usize>,
    /// The server has more.
    pub more: bool,
    /// By what the rest is asked for; empty when not said.
    pub next: String,
    /// What could not be used.
    pub notes: Vec<String>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, borrow)]
    objects: Vec<&'a RawValue>,
    #[serde(default)]
    more: Option<bool>,
    #[serde(default)]
    next: Option<Value>,
}

/// Reads the envelope of an answer (TAXII 2.1, clause 3.7) or a bundle (STIX 2.1, clause 8). An object that cannot be
/// used is noted and the rest kept.
///
/// # Errors
/// When the bytes exceed the bounds, or are no JSON object with a list of objects where one stands.
pub fn read_page(bytes: &[u8], name: &str) -> Result<StixPage, ReadError> {
    let fault =
        |line, column, what| ReadError { name: name.to_owned(), line, column, pointer: String::new(), what };
    bounds::check(bytes).map_err(|refused| {
        let (line, column) = line_column(bytes, refused.offset);
        fault(line, column, refused.what)
    })?;
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let wire: Wire<'_> = serde_json::from_slice(bare)
        .map_err(|error| fault(error.line(), error.column(), format!("no STIX objects: {error}")))?;
    let next = match wire.next {
        Some(Value::String(next)) => next,
        Some(Value::Number(next)) => next.to_string(),
        _ => String::new(),
    };
    let mut page = StixPage { more: wire.more.unwrap_or(false), next, ..StixPage::default() };
    for (at, raw) in wire.objects.iter().enumerate() {
        page.take(raw.get(), &format!("{name}, object {}", at + 1), true);
    }
    Ok(page)
}

impl StixPage {
    fn take(&mut self, raw: &str, place: &str, may_hold: bool) {
        let Ok(value) = serde_json::from_str::<Value>(raw) else {
            return self.note(format!("{place}: it cannot be read"));
        };
        let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
        if kind == "bundle" && may_hold {
            let inner = serde_json::from_str::<Wire<'_>>(raw).map(|wire| wire.objects).unwrap_or_default();
            for (at, one) in inner.iter().enumerate() {
                self.take(one.get(), &format!("{place}, object {} in it", at + 1), false);
            }
            return;
        }
        if !KEPT.contains(&kind) {
            let counted = if is_name(kind) { kind } else { "without a type" };
            if self.others.len() < MAX_KINDS || self.others.contains_key(counted) {
                *self.others.entry(counted.to_owned()).or_default() += 1;
            }
            return;
        }
        let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
        if !is_id(id, kind) {
            return self.note(format!("{place}: a {kind} whose id is {:?}", short(id)));
        }
        let when = |key: &str| value.get(key).and_then(Value::as_str).and_then(|text| text.parse().ok());
        self.objects.push(StixObject {
            kind: kind.to_owned(),
            id: id.to_owned(),
            modified: when("modified").or_else(|| when("created")),
            raw: raw.to_owned(),
            value,
        });
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        }
    }
}

impl StixObject {
    pub(super) fn text(&self, key: &str) -> &str {
        self.value.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The texts of a list.
    pub(super) fn texts(&self, key: &str) -> impl Iterator<Item = &str> {
        let list = self.value.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter().take(MAX_REFERENCES).filter_map(Value::as_str)
    }

    /// The objects of a list.
    pub(super) fn items(&self, key: &str) -> impl Iterator<Item = &Value> {
        let list = self.value.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter().take(MAX_REFERENCES).filter(|item| item.is_object())
    }

    /// Markings of the object and of parts of it, by id; a marking that is no text is an empty id, which nobody knows.
    pub(super) fn markings(&self) -> impl Iterator<Item = &str> {
        let whole = self.value.get("object_marking_refs");
        let whole: Vec<&Value> = match whole {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(list)) => list.iter().collect(),
            Some(other) => vec![other],
        };
        let parts = self.items("granular_markings").filter_map(|part| part.get("marking_ref"));
        whole.into_iter().chain(parts).map(|one| one.as_str().unwrap_or_default())
    }
}

/// Types are written small, with digits and dashes (STIX 2.1, clause 2.16).
fn is_name(kind: &str) -> bool {
    (1..=60).contains(&kind.len())
        && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Type, two dashes, UUID (STIX 2.1, clause 2.9).
fn is_id(id: &str, kind: &str) -> bool {
    let uuid = id.strip_prefix(kind).and_then(|rest| rest.strip_prefix("--")).unwrap_or_default();
    uuid.len() == 36
        && uuid.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

//! Bounded JSON of a provider, with the few ways in which it is looked at.

use crate::bounds;
use crate::error::{ReadError, short};
use serde_json::Value;
use url::Url;

/// Reads a document of the provider's own, named `name` in messages.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<Value, ReadError> {
    let fail =
        |line, column, what| ReadError { name: name.to_owned(), line, column, pointer: String::new(), what };
    bounds::check(bytes).map_err(|refused| fail(1, refused.offset + 1, refused.what))?;
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
        .map_err(|error| fail(error.line(), error.column(), format!("no JSON: {error}")))
}

/// The failure of a document that is JSON and not what was expected.
pub(super) fn not(name: &str, pointer: &str, what: &str) -> ReadError {
    ReadError {
        name: name.to_owned(),
        line: 1,
        column: 1,
        pointer: pointer.to_owned(),
        what: what.to_owned(),
    }
}

/// The text at a JSON pointer, empty when there is none.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a JSON pointer, empty when there is none.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// An absolute web address; anything else becomes a note.
pub(super) fn web(text: &str, place: &str, notes: &mut Vec<String>) -> Option<Url> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.host_str().is_some() => Some(url),
        _ => {
            notes.push(format!("{place}: {:?} is no web address", short(text)));
            None
        }
    }
}

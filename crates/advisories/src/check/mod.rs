//! Whether a document is valid CSAF 2.0: its structure (clause 3) and the mandatory tests (clause 6.1).
//!
//! Validity is one thing and being readable another: [`read_csaf`](crate::read_csaf) reads much that is not valid,
//! and a valid document may still be undecidable. So this is asked for apart, and nothing is refused on its
//! account. Like the schema of the standard it does not mind members it does not know.

mod cvss2;
mod cvss3;
mod flaws;
mod format;
mod language;
mod metric;
mod profile;
mod purl;
mod score;
mod shape;
mod table;
mod tracking;
mod tree;
mod version;

pub(crate) use tree::circles;

use crate::csaf;
use serde::Serialize;
use serde_json::Value;

/// Most findings listed of one document; the rest would only repeat.
pub const MAX_FINDINGS: usize = 1_000;

/// One way in which a document is not valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `json`, `structure`, or the mandatory test that failed, such as `6.1.6`.
    pub test: String,
    /// JSON pointer (RFC 6901) to the value at fault; empty for the document.
    pub place: String,
    /// What is wrong and what was expected.
    pub text: String,
}

/// What is wrong with a document, structure first, then by number of the test; empty when it is valid.
#[must_use]
pub fn check(bytes: &[u8]) -> Vec<Finding> {
    let mut found = Findings::default();
    match csaf::parse(bytes, "") {
        Ok(root) => all(&root, &mut found),
        Err(error) => found.add(
            "json",
            String::new(),
            format!("line {} column {}: {}", error.line, error.column, error.what),
        ),
    }
    found.list
}

fn all(root: &Value, found: &mut Findings) {
    shape::check(root, found);
    tree::check(root, found);
    flaws::check(root, found);
    score::check(root, found);
    tracking::check(root, found);
    profile::check(root, found);
    found.list.sort_by_cached_key(|one| number(&one.test));
}

/// `6.1.10` after `6.1.9`; names before numbers.
fn number(test: &str) -> Vec<u32> {
    test.split('.').filter_map(|part| part.parse().ok()).collect()
}

/// What was found so far, bounded.
#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, test: &str, place: String, text: String) {
        if self.list.len() < MAX_FINDINGS {
            self.list.push(Finding { test: test.to_owned(), place, text });
        }
    }
}

/// The elements of a list member; none when it is absent or no list.
fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text member.
fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// The texts of a list member.
fn texts<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    list(value, key).iter().filter_map(Value::as_str)
}

//! What is wrong with a document, and where.

/// A flaw of a document with its place.
///
/// Lines and columns count from 1; a column counts bytes. The pointer is a JSON pointer (RFC 6901), empty for
/// the document as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}, line {line} column {column}{}: {what}", at(pointer))]
pub struct ReadError {
    /// Name of the file or whatever the caller calls the document.
    pub name: String,
    /// Line of the value at fault.
    pub line: usize,
    /// Column in that line, in bytes.
    pub column: usize,
    /// JSON pointer to the value at fault.
    pub pointer: String,
    /// What is wrong and what was expected.
    pub what: String,
}

fn at(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" ({pointer})") }
}

/// The start of a text of the document, short enough for a message.
pub(crate) fn short(text: &str) -> String {
    const KEPT: usize = 80;
    match text.char_indices().nth(KEPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

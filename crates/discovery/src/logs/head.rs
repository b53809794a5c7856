//! The first lines of a file, by which its format is told.

use super::HEAD;
use std::borrow::Cow;

/// Lines that are looked at.
const LINES: usize = 200;

/// The first lines, without blank ones.
pub(super) struct Head<'a> {
    /// Line by line; the last may be cut.
    pub lines: Vec<Cow<'a, str>>,
    binary: bool,
}

impl<'a> Head<'a> {
    /// Of the first bytes of a file.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let bytes = bytes.get(..HEAD).unwrap_or(bytes);
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let lines = bytes.split(|byte| *byte == b'\n').map(line_text);
        let lines = lines.filter(|line| !line.trim().is_empty()).take(LINES).collect();
        Self { lines, binary: memchr::memchr(0, bytes).is_some() }
    }

    /// Whether there are zero bytes in it: no text, or UTF-16.
    pub(super) const fn is_binary(&self) -> bool {
        self.binary
    }

    /// The first line.
    pub(super) fn first(&self) -> &str {
        self.lines.first().map_or("", |line| line)
    }

    /// Whether any line is so.
    pub(super) fn any(&self, is: impl Fn(&str) -> bool) -> bool {
        self.lines.iter().any(|line| is(line))
    }
}

/// A line as text: UTF-8, else Latin-1; without its carriage return.
pub(super) fn line_text(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

//! Reads one table: comment lines with version, source and default, a header, rows.

use crate::tables::TableError;
use sha2::{Digest, Sha256};

/// Longest table accepted, in bytes; the builtin ones are below 10 kB.
const MAX_BYTES: usize = 256 * 1024;

/// A table as read, before its cells are understood.
pub(crate) struct Raw {
    pub name: &'static str,
    pub version: String,
    pub source: String,
    pub default: String,
    pub hash: String,
    /// Line number and cells of each row.
    pub rows: Vec<(u64, Vec<String>)>,
}

impl Raw {
    /// Reads `text`, which must have exactly the columns `header`.
    pub fn read(name: &'static str, text: &str, header: &[&str]) -> Result<Self, TableError> {
        let fault = |line: u64, why: String| TableError { table: name.to_owned(), line, why };
        if text.len() > MAX_BYTES {
            return Err(fault(0, format!("is {} bytes long, expected at most {MAX_BYTES}", text.len())));
        }
        let note = |key: &str| {
            text.lines()
                .filter_map(|line| line.strip_prefix('#'))
                .find_map(|line| line.trim().strip_prefix(key).and_then(|rest| rest.strip_prefix(':')))
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
                .ok_or_else(|| fault(0, format!("has no line \"# {key}: …\"")))
        };
        let (version, source, default) = (note("version")?, note("source")?, note("default")?);
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let seen = reader.headers().map_err(|error| fault(0, error.to_string()))?.clone();
        if seen.iter().ne(header.iter().copied()) {
            let seen = seen.iter().collect::<Vec<_>>().join(",");
            return Err(fault(0, format!("has columns {seen:?}, expected {:?}", header.join(","))));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| fault(0, error.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            if record.len() != header.len() {
                return Err(fault(line, format!("has {} cells, expected {}", record.len(), header.len())));
            }
            rows.push((line, record.iter().map(str::to_owned).collect()));
        }
        Ok(Self { name, version, source, default, hash: hash(text), rows })
    }

    /// An error at a line of this table.
    pub fn fault(&self, line: u64, why: impl Into<String>) -> TableError {
        TableError { table: self.name.to_owned(), line, why: why.into() }
    }

    /// Reads a coded cell.
    pub fn code<T>(
        &self,
        line: u64,
        cell: &str,
        read: impl Fn(&str) -> Option<T>,
        what: &str,
    ) -> Result<T, TableError> {
        read(cell).ok_or_else(|| self.fault(line, format!("{cell:?} is no {what}")))
    }
}

/// SHA-256 of the table with line ends made alike, hexadecimal: what a sign-off is of.
fn hash(text: &str) -> String {
    let mut digest = Sha256::new();
    for line in text.lines() {
        digest.update(line.trim_end().as_bytes());
        digest.update(b"\n");
    }
    hex(&digest.finalize())
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        text
    })
}

//! Zeek logs, as tab-separated values with a header and as JSON lines. What is copied of each log is in `zeek_tables`.
//!
//! Facts of the format: `#separator`, `#set_separator`, `#unset_field`, `#empty_field`, `#path` and `#fields` lines; `\xNN` for bytes that are
//! not printable; in JSON, members that have no value are left out, and a merged stream has the log's name in `_path`.

use super::head::Head;
use super::pen::Pen;
use super::row::{self, Row};
use super::zeek_tables::{LOGS, Table};
use super::{Format, Log};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Zeek's tables.
pub(super) const TABLES: Format = Format {
    name: "Zeek log (tab-separated)",
    listens: true,
    told: |head| head.first().starts_with("#separator ") && head.any(|line| line.starts_with("#fields")),
    begin: |_| {
        Box::new(Tsv {
            separator: '\t',
            unset: "-".into(),
            empty: "(empty)".into(),
            table: None,
            places: Vec::new(),
        })
    },
};

/// Zeek's JSON lines.
pub(super) const JSON: Format = Format {
    name: "Zeek log (JSON)",
    listens: true,
    told: |head| kind(head).is_some(),
    begin: |head| Box::new(Json { table: kind(head) }),
};

#[derive(Debug)]
struct Tsv {
    separator: char,
    unset: String,
    empty: String,
    /// The log, once its name was read, if it is one that teaches anything.
    table: Option<&'static Table>,
    /// For each column of the file its place in the table's list.
    places: Vec<Option<usize>>,
}

impl Log for Tsv {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        if let Some(head) = line.strip_prefix('#') {
            return self.head(head);
        }
        let Some(table) = self.table else { return Ok(()) };
        if self.places.is_empty() {
            return Err("there is no #fields line above".to_owned());
        }
        let mut row = Row::of(table.columns);
        let mut count = 0;
        for (at, cell) in line.split(self.separator).enumerate() {
            count += 1;
            let Some(place) = self.places.get(at).copied().flatten() else { continue };
            if cell != self.unset && cell != self.empty {
                row.put(place, unescape(cell));
            }
        }
        if count != self.places.len() {
            return Err(format!("{count} values, {} are named in #fields", self.places.len()));
        }
        (table.read)(&row, pen)
    }
}

impl Tsv {
    fn head(&mut self, line: &str) -> Result<(), String> {
        if let Some(code) = line.strip_prefix("separator ") {
            let code = code.trim().strip_prefix("\\x").and_then(|code| u8::from_str_radix(code, 16).ok());
            self.separator =
                code.filter(u8::is_ascii).map(char::from).ok_or("the #separator is not such as \\x09")?;
            return Ok(());
        }
        let mut parts = line.split(self.separator);
        let name = parts.next().unwrap_or_default();
        match name {
            "unset_field" => self.unset = parts.next().unwrap_or_default().to_owned(),
            "empty_field" => self.empty = parts.next().unwrap_or_default().to_owned(),
            "path" => {
                let path = parts.next().unwrap_or_default();
                self.table = LOGS.iter().find(|table| table.path == path);
                self.places.clear();
            }
            "fields" => {
                let columns = self.table.map_or(&[][..], |table| table.columns);
                self.places = parts.map(|name| Row::place(columns, name)).collect();
            }
            _ => {}
        }
        Ok(())
    }
}

/// Takes `\xNN` back to what it stands for.
fn unescape(cell: &str) -> Cow<'_, str> {
    if !cell.contains("\\x") {
        return Cow::Borrowed(cell);
    }
    let mut bytes = Vec::with_capacity(cell.len());
    let mut rest = cell;
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.extend_from_slice(b"\\x");
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[derive(Debug)]
struct Json {
    /// The log this file is, when its lines do not say.
    table: Option<Option<&'static Table>>,
}

impl Log for Json {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        let named = row::json(line, &["_path"])?;
        let table = match named.get("_path") {
            Some(path) => LOGS.iter().find(|table| table.path == path),
            None => self.table.flatten(),
        };
        let Some(table) = table else { return Ok(()) };
        (table.read)(&row::json(line, table.columns)?, pen)
    }
}

/// Which log JSON lines are, by their members: `None` when they are not Zeek's, `Some(None)` for one that teaches nothing or for lines that
/// each say which they are.
fn kind(head: &Head<'_>) -> Option<Option<&'static Table>> {
    let first = head.first();
    if !first.starts_with('{') || !first.contains("\"ts\":") {
        return None;
    }
    let mut names: BTreeSet<String> = BTreeSet::new();
    for line in &head.lines {
        let members = serde_json::from_str::<std::collections::BTreeMap<String, serde::de::IgnoredAny>>(line);
        names.extend(members.into_iter().flat_map(std::collections::BTreeMap::into_keys).take(200));
    }
    if names.contains("_path") {
        return Some(None);
    }
    let has = |all: &&[&str]| all.iter().all(|name| names.contains(*name));
    LOGS.iter().find(|table| table.told_by.iter().any(has)).map(Some)
}

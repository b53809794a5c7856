//! The inventory export that may be edited and imported again: a changed cell is told from an untouched one.

use crate::cells::write_csv;
use serde::{Deserialize, Serialize};
use tallyward_core::{DeviceId, Field};

/// Name of the column with the device's handle.
pub const ID_COLUMN: &str = "tallyward_id";
/// Name of the column with one short hash a cell.
pub const ROW_COLUMN: &str = "tallyward_row";
/// Most cells a row may have; a longer one is refused.
const MAX_CELLS: usize = 512;

/// One device of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryRow {
    /// Handle.
    pub id: String,
    /// Values in the order of the export's fields; a short row is filled with empty cells.
    pub values: Vec<String>,
}

/// An inventory export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InventoryExport {
    /// Its columns, each the code of a field.
    pub fields: Vec<Field>,
    /// Its rows.
    pub rows: Vec<InventoryRow>,
}

/// A row of a file that says it is our export and is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadExport {
    /// The file has no such columns: it is some other list.
    #[error("the file has no columns {ID_COLUMN} and {ROW_COLUMN}, so it is no export of ours")]
    NotOurs,
    /// The id cell was edited or damaged.
    #[error("{ID_COLUMN} is {0:?}, expected such as D1042; do not edit that column")]
    Id(String),
    /// The hash cell was edited or damaged.
    #[error(
        "{ROW_COLUMN} is {0:?}, expected one hash a column, such as h.12ab:1a2b3c4d.…; do not edit that column"
    )]
    Hashes(String),
    /// Too many cells.
    #[error("the row has {0} cells, expected at most {MAX_CELLS}")]
    TooLong(usize),
}

/// What was edited in one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// The device.
    pub id: DeviceId,
    /// Index of each cell of the row that was edited since the export, with its field, in column order.
    pub changed: Vec<(usize, Field)>,
    /// Indexes of columns that were not in the export, or whose name is no field.
    pub foreign: Vec<usize>,
}

impl InventoryExport {
    /// As CSV: the handle, the fields, the hashes.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut header = vec![ID_COLUMN];
        header.extend(self.fields.iter().map(|field| field.code()));
        header.push(ROW_COLUMN);
        let mut rows = vec![header.into_iter().map(str::to_owned).collect::<Vec<String>>()];
        for row in &self.rows {
            let value = |at: usize| row.values.get(at).map_or("", String::as_str);
            let hashes: Vec<String> =
                self.fields.iter().enumerate().map(|(at, field)| cell_hash(*field, value(at))).collect();
            let mut cells = vec![row.id.clone()];
            cells.extend((0..self.fields.len()).map(|at| value(at).to_owned()));
            // The letter keeps a spreadsheet from reading a lone hash as a time of day.
            cells.push(format!("h.{}", hashes.join(".")));
            rows.push(cells);
        }
        write_csv(rows.iter().map(|row| row.iter().map(String::as_str)))
    }
}

/// Whether a header is that of our export.
#[must_use]
pub fn is_export(header: &[&str]) -> bool {
    let has = |name: &str| header.iter().any(|column| column.trim() == name);
    has(ID_COLUMN) && has(ROW_COLUMN)
}

/// Which cells of a row were edited since the export. Columns may have been moved, dropped or added in between:
/// a hash carries its field, so it finds its cell by name. Blanks around a value, apostrophes
/// before it (spreadsheets use them as [`crate::guarded`] does) and the kind of line break inside a cell are no edit, because spreadsheets change them on
/// their own.
///
/// # Errors
/// [`BadExport`] when the header or the row's id or hashes are not those of an export; nothing is guessed then.
pub fn cells_changed(header: &[&str], row: &[&str]) -> Result<RowChange, BadExport> {
    if row.len() > MAX_CELLS || header.len() > MAX_CELLS {
        return Err(BadExport::TooLong(row.len().max(header.len())));
    }
    let column =
        |name: &str| header.iter().position(|column| column.trim() == name).ok_or(BadExport::NotOurs);
    let (id_at, hash_at) = (column(ID_COLUMN)?, column(ROW_COLUMN)?);
    let cell = |at: usize| row.get(at).copied().unwrap_or("");
    let id = cell(id_at).trim();
    let id: DeviceId = id.parse().map_err(|_| BadExport::Id(short(id)))?;
    let mut hashes = Vec::new();
    let mut entries = cell(hash_at).trim().split('.');
    if entries.next() != Some("h") {
        return Err(BadExport::Hashes(short(cell(hash_at))));
    }
    for entry in entries {
        if !is_hash(entry) {
            return Err(BadExport::Hashes(short(cell(hash_at))));
        }
        hashes.push(entry);
    }
    let mut change = RowChange { id, changed: Vec::new(), foreign: Vec::new() };
    for (at, name) in header.iter().enumerate().filter(|(at, _)| *at != id_at && *at != hash_at) {
        let Ok(field) = name.trim().parse::<Field>() else {
            change.foreign.push(at);
            continue;
        };
        let mark = format!("{}:", field_mark(field));
        match hashes.iter().find(|entry| entry.starts_with(&mark)) {
            None => change.foreign.push(at),
            Some(entry) if **entry == cell_hash(field, cell(at)) => {}
            Some(_) => change.changed.push((at, field)),
        }
    }
    Ok(change)
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// `<field mark>:<hash of the value>`: four and eight hexadecimal digits.
fn cell_hash(field: Field, value: &str) -> String {
    format!("{}:{:08x}", field_mark(field), fnv1a(bare(value).as_bytes()))
}

/// What of a cell counts: no blanks around it, no apostrophes before it, one kind of line break.
fn bare(value: &str) -> String {
    let value = value.trim_end().trim_start_matches(|c: char| c.is_whitespace() || c == '\'');
    value.replace("\r\n", "\n").replace('\r', "\n")
}

/// Four hexadecimal digits that tell the fields apart; a test holds that no two are alike.
fn field_mark(field: Field) -> String {
    let hash = fnv1a(field.code().as_bytes());
    format!("{:04x}", (hash >> 16) ^ (hash & 0xffff))
}

fn is_hash(entry: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    entry
        .split_once(':')
        .is_some_and(|(mark, hash)| mark.len() == 4 && hash.len() == 8 && hex(mark) && hex(hash))
}

/// FNV-1a, 32 bits (Fowler, Noll and Vo). Tells an edit from none; it is no protection against forgery, and
/// needs none: a forged row is an import by a signed-in person like any other.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
#[path = "inventory_tests.rs"]
mod tests;

//! Tables: named columns, rows of text.

use crate::cells::write_csv;
use serde::{Deserialize, Serialize};

/// One cell, with where it leads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// Where a click leads; empty for nowhere. Not part of the CSV.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link: String,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), link: String::new() }
    }
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows; a short row is filled with empty cells, cells past the last column are dropped.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        Self { columns: columns.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn push<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// As CSV (RFC 4180, CR LF, header first) with the guard against formulas of [`crate::guarded`].
    #[must_use]
    pub fn to_csv(&self) -> String {
        let header: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let rows = self.rows.iter().map(|row| {
            (0..self.columns.len())
                .map(|at| row.get(at).map_or("", |cell| cell.text.as_str()))
                .collect::<Vec<&str>>()
        });
        write_csv(std::iter::once(header).chain(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_square_and_safe() {
        let mut table = Table::new(&["tag", "note"]);
        table.push(["P-1", "=HYPERLINK(\"x\")"]);
        table.push(["P-2"]);
        table.push(["P-3", "-4", "dropped"]);
        assert_eq!(table.to_csv(), "tag,note\r\nP-1,\"'=HYPERLINK(\"\"x\"\")\"\r\nP-2,\r\nP-3,-4\r\n");
    }
}

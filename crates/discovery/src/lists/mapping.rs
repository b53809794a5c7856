//! Which column means which field.

use serde::{Deserialize, Serialize};
use tallyward_core::Field;

/// Which column means which field, remembered per layout.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Name of the list, its source: `CMMS export`.
    pub source: String,
    /// For each column of the file, the field it means; `None` is not stored.
    pub columns: Vec<Option<Field>>,
    /// Whether the file names every device of its kind, so that absence means something.
    pub complete: bool,
    /// Column that holds the list's own record id, when there is one.
    #[serde(default)]
    pub record_id: Option<usize>,
    /// Order of day and month in dates that could be read both ways: true for day first.
    #[serde(default)]
    pub day_first: bool,
}

impl Mapping {
    /// The column mapped to `field`.
    #[must_use]
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.iter().position(|mapped| *mapped == Some(field))
    }
}

/// What identifies a layout: its column names, folded and in order.
#[must_use]
pub fn layout_id(header: &[String]) -> String {
    header.iter().map(|name| fold_header(name)).collect::<Vec<_>>().join("|")
}

/// A column name for comparison: lower case, letters and digits only, single blanks.
pub(super) fn fold_header(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            folded.push(letter);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

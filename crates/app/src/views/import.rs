//! Lists and captures taken in.

use super::Moment;
use serde::{Deserialize, Serialize};
use tallyward_core::{DeviceId, Field, IngestId};
pub use tallyward_discovery::lists::Mapping;

/// One column offered for mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnChoice {
    /// Position, counting from 0.
    pub index: usize,
    /// Name in the header.
    pub name: String,
    /// Up to three values from the file, shown only until it is applied.
    pub samples: Vec<String>,
    /// The field chosen.
    pub field: Option<Field>,
    /// Whether it is the list's own record id.
    pub record_id: bool,
    /// Why it was guessed so: `remembered`, `header`, `values` or empty.
    pub guessed: &'static str,
}

/// What would become of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RowOutcome {
    /// It could not be used.
    Refused {
        /// Column, when it is one column's fault.
        column: String,
        /// Why.
        why: String,
    },
    /// A new device.
    Create {
        /// What it would be called.
        name: String,
    },
    /// Values of a device would change.
    Change {
        /// The device.
        device: DeviceId,
        /// Its name.
        name: String,
        /// Field, old and new value.
        changes: Vec<(Field, String, String)>,
        /// Values kept as dissent besides.
        dissent: Vec<(Field, String, String)>,
    },
    /// The row disagrees with better evidence; its values are kept as dissent.
    Disagrees {
        /// The device.
        device: DeviceId,
        /// Its name.
        name: String,
        /// Field, the value that holds, the value of the row.
        dissent: Vec<(Field, String, String)>,
    },
    /// Nothing new.
    Unchanged {
        /// The device.
        device: DeviceId,
    },
}

/// One row of a dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowPreview {
    /// Line of the file where the row starts, counting from 1.
    pub row: u64,
    /// What would become of it.
    #[serde(flatten)]
    pub outcome: RowOutcome,
    /// Cells that could not be used while the rest of the row stands: column and why.
    pub remarks: Vec<(String, String)>,
}

/// A dry run of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListPreview {
    /// Handle of the file, held in memory until applied or forgotten.
    pub staged: String,
    /// File name.
    pub file: String,
    /// Encoding found: `UTF-8`, `Windows-1252` …
    pub encoding: &'static str,
    /// Separator found: `comma`, `semicolon`, `tab`.
    pub separator: &'static str,
    /// The mapping used.
    pub mapping: Mapping,
    /// Columns with samples and guesses.
    pub columns: Vec<ColumnChoice>,
    /// Rows in all.
    pub rows: usize,
    /// Rows that would create a device.
    pub created: usize,
    /// Rows that would change one.
    pub changed: usize,
    /// Rows that disagree.
    pub disagree: usize,
    /// Rows with nothing new.
    pub unchanged: usize,
    /// Rows refused.
    pub refused: usize,
    /// Devices that a complete list no longer names.
    pub dropped: usize,
    /// Rows shown, the refused first; at most 500.
    pub shown: Vec<RowPreview>,
    /// The same file was applied before.
    pub seen_before: bool,
}

/// What an applied list did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Id of the import, for undoing it.
    pub ingest: IngestId,
    /// Name of the list.
    pub source: String,
    /// File name.
    pub file: String,
    /// Rows in all.
    pub rows: usize,
    /// Devices created.
    pub created: usize,
    /// Devices changed.
    pub changed: usize,
    /// Rows that disagree.
    pub disagree: usize,
    /// Rows with nothing new.
    pub unchanged: usize,
    /// Rows refused: line, column, why; at most 500.
    pub refused: Vec<(u64, String, String)>,
    /// How many rows were refused in all.
    pub refused_count: usize,
    /// Devices no longer named.
    pub dropped: usize,
}

/// One import in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportLine {
    /// What it did.
    pub report: ImportReport,
    /// When.
    pub at: Moment,
    /// Who.
    pub who: String,
    /// Whether it was undone.
    pub undone: bool,
    /// Whether it was cut short and should be run again.
    pub unfinished: bool,
}

/// What a places, units or contacts file did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// Lines taken.
    pub taken: usize,
    /// Lines refused: line number and why.
    pub refused: Vec<(u64, String)>,
}

/// What a capture or a log brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureReport {
    /// Id of the capture.
    pub ingest: IngestId,
    /// File name.
    pub file: String,
    /// Sensor or place it was taken at.
    pub sensor: String,
    /// What log it is, in words; empty for a capture.
    #[serde(default)]
    pub log: String,
    /// Packets read; none of a log.
    pub packets: u64,
    /// Lines read, of a log.
    #[serde(default)]
    pub lines: u64,
    /// Bytes read.
    pub bytes: u64,
    /// First packet or moment told of, RFC 3339.
    pub first: String,
    /// Last packet or moment told of, RFC 3339.
    pub last: String,
    /// Statements learned.
    pub statements: usize,
    /// Devices touched.
    pub devices: usize,
    /// Flows seen.
    pub flows: usize,
    /// Problems: place and what.
    pub problems: Vec<(String, String)>,
    /// The same capture had been read before; nothing changed.
    pub seen_before: bool,
}

impl CaptureReport {
    /// How much was read: `12 packets`, or of a log `12 lines`.
    #[must_use]
    pub fn size(&self) -> String {
        match (self.log.is_empty(), self.packets, self.lines) {
            (true, packets, _) => format!("{packets} packets"),
            (false, _, lines) => format!("{lines} lines"),
        }
    }
}

/// One capture in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaptureLine {
    /// What it brought.
    pub report: CaptureReport,
    /// When it was read.
    pub at: Moment,
    /// Who.
    pub who: String,
}

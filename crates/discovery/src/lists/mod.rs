//! Lists to evidence: a CMMS export, a spreadsheet, our own export come back.
//!
//! A list is read in three steps, each shown to the person before the next: bytes to a [`Table`] (encoding and
//! separator found, not asked), columns to fields by a [`Mapping`] (guessed, editable), rows to evidence. A blank
//! cell is no statement. A column nobody mapped leaves this module only as a sample on the screen: free text may
//! hold patients.

mod dates;
mod guess;
mod mapping;
mod rows;
mod table;

pub use dates::{DateOrder, iso_date, order_of};
pub use guess::{Guess, guess};
pub use mapping::{Mapping, layout_id};
pub use rows::{Context, Names, Refusal, RowEvidence, cell_value, row_evidence};
pub use table::{ListError, Row, Separator, Table, read_table};

//! Figures, tables, sheets and pictures that lead back to their rows.
//!
//! Other rooms hand over plain rows and counts; this one turns them into what a person reads, prints or imports
//! again: a [`Figure`] with the rows behind it, a [`Table`] as CSV that a spreadsheet cannot be tricked with, a
//! [`Sheet`] for paper, pictures as SVG ([`bars_svg`], [`ladder_svg`], [`barcode_svg`]), the export for the CMMS ([`cmms_csv`])
//! and the inventory export that can be edited and imported again ([`InventoryExport`]).
//!
//! The key decision: nothing here computes a figure. A number comes in with its denominator, its moment and the
//! query that finds its rows, so a reader can always ask "which ones". The price is that callers do the counting,
//! and that pictures are drawn by hand in a small SVG vocabulary instead of a chart library.

pub mod barcode;
mod cells;
pub mod cmms;
pub mod figure;
pub mod inventory;
pub mod picture;
pub mod sheet;
pub mod table;

pub use barcode::{NoBarcode, barcode_svg};
pub use cells::{guarded, unguarded};
pub use cmms::{CmmsRow, cmms_csv};
pub use figure::Figure;
pub use inventory::{BadExport, InventoryExport, InventoryRow, RowChange, cells_changed};
pub use picture::{Bar, LadderMark, LadderPicture, Part, Pattern, bars_svg, ladder_svg};
pub use sheet::{Sheet, SheetRow, SheetSection};
pub use table::{Cell, Table};

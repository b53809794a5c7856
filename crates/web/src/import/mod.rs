//! Taking things in: lists with a dry run, captures, tables; imports done, and undone.

mod capture;
mod done;
mod list;
mod preview;
mod rows;
mod start;
mod tables;

pub(crate) use capture::capture;
pub(crate) use done::{done, undo};
pub(crate) use list::{apply, stage, staged};
pub(crate) use start::start;
pub(crate) use tables::table;

use maud::Markup;

/// The pages around an import.
fn around(current: &str) -> Markup {
    crate::devices::around(if current == "import" { "/import" } else { "/imports" })
}

//! Advisories: the list, one advisory, files taken in, "same product?" decided.

mod corrections;
mod intake;
mod list;
mod page;
mod product;
mod query;
mod shelf;

pub(crate) use corrections::{correct, corrections, corrections_csv, look_again};
pub(crate) use intake::take_in;
pub(crate) use list::list;
pub(crate) use page::page;
pub(crate) use product::decide;
pub(crate) use query::advisory_query;
pub(crate) use shelf::{comment, compare, mark_all, read, remove, run, state_of, states};

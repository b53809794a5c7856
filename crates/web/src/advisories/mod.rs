//! Advisories: the list, one advisory, files taken in, "same product?" decided.

mod corrections;
mod document;
mod intake;
mod list;
mod original;
mod page;
mod product;
mod query;
mod says;
mod shelf;

use crate::parts::tabs_at;
use maud::Markup;

pub(crate) use corrections::{correct, corrections, corrections_csv, look_again};
pub(crate) use intake::take_in;
pub(crate) use list::{list, list_csv};
pub(crate) use original::original;
pub(crate) use page::page;
pub(crate) use product::decide;
pub(crate) use query::advisory_query;
pub(crate) use shelf::{comment, compare, mark_all, read, remove, run, state_of, states};

/// The pages of what has been published, wherever their folder is.
const PAGES: [(&str, &str); 9] = [
    ("On file", "/advisories"),
    ("Letters", "/letters"),
    ("Written here", "/written"),
    ("Possible matches", "/review"),
    ("Products matched", "/matches"),
    ("Runs", "/runs"),
    ("Corrections", "/advisories/corrections"),
    ("Parts lists", "/sboms"),
    ("How long they took", "/backtest"),
];

/// The row of tabs above each of them.
pub(crate) fn around(current: &str) -> Markup {
    tabs_at("Advisories", &PAGES, current)
}

//! Notices: what waits, what was released, its clocks, deliveries and answers.

mod act;
mod list;
mod page;

pub(crate) use act::{answer, correct, stand_down};
pub(crate) use list::list;
pub(crate) use page::page;

/// The answers a reader may give: code and words.
pub(crate) const ANSWERS: [(&str, &str); 6] = [
    ("got_it", "Got it"),
    ("doing_it", "Doing it"),
    ("done", "Done"),
    ("not_ours", "Not ours"),
    ("wrong_person", "Wrong person"),
    ("need_help", "Need help"),
];

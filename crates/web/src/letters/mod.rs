//! Letters: what arrived and is no CSAF document.

mod intake;
mod list;
mod original;
mod page;

pub(crate) use intake::take_in;
pub(crate) use list::list;
pub(crate) use original::original;
pub(crate) use page::page;

/// `/letters/3f…`.
pub(crate) fn letter_link(id: &str) -> String {
    format!("/letters/{}", crate::link::encode(id))
}

/// The first digits of a letter's hash, enough to tell it by.
pub(crate) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

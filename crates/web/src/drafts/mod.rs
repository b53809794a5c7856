//! Drafts: worked out by the software, released, changed or set aside by a named person.

mod act;
mod page;

pub(crate) use act::{discard, edit, release};
pub(crate) use page::page;

//! As-is paths: how a recall or hazard reaches a unit today, beside what Tallyward measures later.

mod form;
mod page;

pub(crate) use form::record;
pub(crate) use page::page;

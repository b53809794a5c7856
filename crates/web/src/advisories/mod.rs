//! Advisories: the list, one advisory, files taken in, "same product?" decided.

mod intake;
mod list;
mod page;
mod product;

pub(crate) use intake::take_in;
pub(crate) use list::list;
pub(crate) use page::page;
pub(crate) use product::decide;

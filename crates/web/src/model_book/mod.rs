//! The model book: what is known of a model, to look up, to write, to share.

mod entry;
mod list;
mod share;

pub(crate) use entry::{page, write_notes, write_reading};
pub(crate) use list::list;
pub(crate) use share::{export, take_in};

use crate::link::encode;
use tallyward_core::Field;

/// The page of a model's entry; `field` opens the form on it.
pub(crate) fn entry_link(maker: &str, model: &str, field: Option<(Field, &str)>) -> String {
    let path = format!("/model-book/entry?maker={}&model={}", encode(maker), encode(model));
    match field {
        Some((field, component)) => {
            format!("{path}&field={}&component={}#write", field.code(), encode(component))
        }
        None => path,
    }
}

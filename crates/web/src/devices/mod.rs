//! Devices: the list, one device, a fact entered, CSV.

mod csv;
mod explain;
mod fact;
mod list;
mod page;
mod query;
mod run;
mod sections;

pub(crate) use csv::{cmms_csv, list_csv};
pub(crate) use fact::{ENTERED, enter};
pub(crate) use list::list;
pub(crate) use page::page;
pub(crate) use query::{device_query, id_of};
pub(crate) use run::run;

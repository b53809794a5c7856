//! Devices: the list, one device, a fact entered, CSV.

mod csv;
mod explain;
mod fact;
mod list;
mod page;
mod ports;
mod query;
mod run;
mod sections;

pub(crate) use csv::{cmms_csv, list_csv};
pub(crate) use fact::{ENTERED, enter};
pub(crate) use list::list;
pub(crate) use page::page;
pub(crate) use ports::{place, ports, ports_csv};
pub(crate) use query::{device_query, id_of};
pub(crate) use run::run;

use crate::parts::tabs_at;
use maud::Markup;

/// The pages around the devices.
pub(crate) fn around(current: &str) -> Markup {
    let pages =
        [("Devices", "/devices"), ("Import", "/import"), ("Imports done", "/imports"), ("Ports", "/ports")];
    tabs_at("Devices", &pages, current)
}

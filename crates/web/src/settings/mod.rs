//! Settings: whether anything may leave, tables, the house, accounts, sensors, the audit log.

mod accounts;
mod audit;
mod bundle;
mod house;
mod mode;
mod rules;
mod sensor_form;
mod sensors;
mod source_form;
mod sources;
mod tables;
mod you;

pub(crate) use accounts::{accounts, change, create};
pub(crate) use audit::audit;
pub(crate) use bundle::{bundles, distrust, read as read_bundle, write as write_bundle};
pub(crate) use house::house;
pub(crate) use mode::{live, mode, shadow, sign};
pub(crate) use rules::{remove as remove_rules, rules, rules_csv};
pub(crate) use sensor_form::{add as add_sensor, revoke as revoke_sensor};
pub(crate) use sensors::{flows_csv, sensors, sensors_csv};
pub(crate) use source_form::{add, remove};
pub(crate) use sources::{refused_csv, sources, sources_csv, sync};
pub(crate) use tables::tables;
pub(crate) use you::{password, you};

use crate::parts::tabs_at;
use maud::Markup;

const PAGES: [(&str, &str); 10] = [
    ("Sending", "/settings"),
    ("Tables", "/settings/tables"),
    ("Rules", "/settings/rules"),
    ("Units and contacts", "/settings/house"),
    ("Sensors", "/settings/sensors"),
    ("Sources", "/settings/sources"),
    ("Bundles", "/settings/bundles"),
    ("Accounts", "/settings/accounts"),
    ("Audit log", "/settings/audit"),
    ("You", "/settings/you"),
];

fn around(current: &str) -> Markup {
    tabs_at("Settings", &PAGES, current)
}

//! Findings: the list, one finding with its chain of reasons, CSV.

mod condition;
mod csv;
mod list;
mod page;
mod query;
mod remedy;
mod triage;

pub(crate) use condition::settle;
pub(crate) use csv::list_csv;
pub(crate) use list::list;
pub(crate) use page::page;
pub(crate) use query::finding_query;
pub(crate) use remedy::mark;
pub(crate) use triage::set;

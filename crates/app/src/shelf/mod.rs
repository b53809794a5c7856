//! The advisories on file as a collection that people work through: read, commented, searched, removed, matched again
//! (the management and asset matching functions of CSAF 2.0, clauses 9.1.12 and 9.1.13).

pub(crate) mod compare;
mod matches;
mod remarks;
mod remedy;
pub(crate) mod runs;
mod search;

pub use remedy::RemedyState;
pub use search::{AdvisoryField, AdvisoryOrder, AdvisoryQuery};

//! Documents to advisories.
//!
//! An advisory identifies a product by three pieces of free text and says in other free text what helps. This
//! room takes such a document as bytes and gives it back as words of `core`, losing nothing that a verdict
//! could rest on: every leaf of the product tree verbatim, every statement per vulnerability and product id,
//! every remedy as text.
//!
//! Key decision: **an advisory is never lost over a flaw that can be named.** [`read_csaf`] refuses only what
//! is no CSAF document at all. A product id defined twice, a status for an id that no leaf defines, a status
//! group nobody knows: each becomes a [`Contradiction`](tallyward_core::advisory::Contradiction) with its
//! place, so that the devices concerned become *unknown* and never silently clear. [`read_csaf_noting`] also
//! gives these defects as errors, for whoever wants to show the file's line and column.
//!
//! Second decision: the category of a remedy is kept but not believed. [`remedy`] gives texts, and a version
//! that fixes something is taken from a text only where it says so in plain words.
//!
//! Third decision: **formats are told by their content** ([`read_document`]), and each is read into the same words.
//! What a format does not say, its reader does not say either: a package name is no device, a version that VEX leaves
//! out is not clear, and a recall that lists lots in free text decides nothing by itself.
//!
//! The price: the whole document is held as a tree while it is read, so the size ([`MAX_BYTES`]), the depth
//! ([`MAX_DEPTH`]) and the number of values ([`MAX_VALUES`]) are bounded and checked before that tree is built.

mod bounds;
mod check;
mod clause_change;
mod contradictions;
mod correction;
mod csaf;
mod cursor;
mod cyclonedx;
mod document;
mod error;
mod fix;
mod helpers;
mod label;
mod letter;
mod misnamed;
mod openfda;
mod openvex;
mod osv;
mod place;
mod product_id;
pub mod provider;
mod remedy;
mod revision;
mod sbom;
mod sisters;
pub mod stix;
pub mod threat;
mod tree;
mod vulnerability;
mod write;

pub use bounds::{MAX_BYTES, MAX_DEPTH, MAX_VALUES};
pub use check::{Finding, MAX_FINDINGS, check};
pub use correction::{Correction, Edit, Fate, Leaf, apply};
pub use csaf::{read_csaf, read_csaf_noting};
pub use document::{Documents, read_document};
pub use error::ReadError;
pub use fix::fixed_versions;
pub use label::label;
pub use letter::{
    Attachment, Letter, MAX_LETTER_BYTES, cve_ids, is_pdf, pdf_text, pdfs_in, read_letter, split_mbox,
};
pub use remedy::{RemedyText, remedy};
pub use revision::{changes, same_content};
pub use sbom::{MAX_PARTS, read_parts};
pub use write::{Manuscript, Revision, write_csaf};

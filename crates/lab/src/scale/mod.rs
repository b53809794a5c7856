//! More than one hospital: thousands of advisories and millions of devices, for measuring.
//!
//! Nothing is held but the catalogue of invented products. A document is written, and a device drawn, from the seed
//! and its number alone, so ten million devices cost no memory here and any of them can be asked for again.

mod catalogue;
mod clauses;
mod documents;
mod fleet;

pub use catalogue::{Catalogue, Product};
pub use documents::Documents;
pub use fleet::{ScaleDevice, ScaleFleet};

/// How many products the catalogue has.
pub const PRODUCTS: usize = 8_000;
/// How many advisories the measured lab has.
pub const ADVISORIES: usize = 2_400;

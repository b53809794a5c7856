//! How a provider lays out what it publishes (CSAF 2.0, clause 7), read from bytes; who fetches them is not known here.

mod digest;
mod json;
mod listing;
mod metadata;
mod openpgp;
mod rolie;
mod security_txt;
mod taxii;

pub use digest::{Digest, read_digest};
pub use listing::{Listed, read_changes, read_index};
pub use metadata::{KeyLink, Metadata, read_metadata};
pub use openpgp::{Keyring, SignatureFault};
pub use rolie::{Feed, FeedEntry, read_feed};
pub use security_txt::metadata_links;
pub use taxii::{Collection, TAXII, TaxiiPlace, is_taxii, read_collections, read_taxii};

/// What was skipped while reading, in words with its place; the rest is kept.
pub type Notes = Vec<String>;

/// Most documents one listing may name.
pub const MAX_LISTED: usize = 200_000;

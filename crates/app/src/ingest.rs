//! The id of what is taken in: its content hash, worked out piece by piece.

use sha2::{Digest, Sha256};
use tallyward_core::IngestId;

/// Hashes a file in pieces.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Adds the next piece.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The id.
    #[must_use]
    pub fn finish(self) -> IngestId {
        IngestId::from_hash(&self.0.finalize())
    }
}

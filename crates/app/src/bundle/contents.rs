//! What stands in a bundle, and what may be read out of one.

use super::{KIND, MAX_BUNDLE};
use crate::app::hex;
use crate::error::{AppError, Result};
use crate::originals::unpack;
use crate::signing::Signed;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tallyward_advisories::MAX_BYTES;
use tallyward_core::Timestamp;

/// What the text of a bundle calls itself.
pub(super) const FORMAT: &str = "tallyward bundle 1";
/// Most documents of one bundle.
const MOST: usize = 200_000;
/// Most bytes a list of threats may unpack to.
const LARGEST_TABLE: u64 = 128 * 1024 * 1024;

/// A document as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Packed {
    /// File name or address.
    pub name: String,
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// Its label, for a person who looks; the reader goes by the document.
    pub tlp: String,
    /// Source the writer had it from; empty for a file.
    pub source: String,
    /// When the writer received it.
    pub received: Timestamp,
    /// The bytes: gzip, base64.
    pub gzip: String,
}

/// A list of threats as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackedTable {
    /// `kev`, `epss`, `enrichment`.
    pub name: String,
    /// JSON: gzip, base64.
    pub gzip: String,
}

/// The text that is signed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contents {
    pub format: String,
    /// Whether documents are in it that stay within the writer's organisation.
    pub organisation_only: bool,
    pub made: Timestamp,
    pub documents: Vec<Packed>,
    pub threats: Vec<PackedTable>,
}

/// A bundle whose signature fits. Whether its key is one to trust, and whether its documents are whole, is not said by that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Who gave it out, in their own words; only the key proves it.
    pub publisher: String,
    /// The key that signed, hexadecimal.
    pub key: String,
    pub(crate) contents: Contents,
}

impl Bundle {
    /// Reads a bundle and checks its signature.
    ///
    /// # Errors
    /// When it is no bundle, is too large, or was changed after it was signed.
    pub fn open(file: &str, bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_BUNDLE {
            return Err(AppError::invalid(file, "larger than 256 MB: no bundle"));
        }
        let signed = Signed::open(file, bytes, KIND)?;
        let contents: Contents = serde_json::from_str(&signed.text)
            .map_err(|error| AppError::invalid(file, format!("signed, but no bundle: {error}")))?;
        if contents.format != FORMAT {
            let found: String = contents.format.chars().take(60).collect();
            return Err(AppError::invalid(file, format!("expected {FORMAT:?}, found {found:?}")));
        }
        if contents.documents.len() > MOST {
            return Err(AppError::invalid(file, format!("more than {MOST} documents in one bundle")));
        }
        Ok(Self { publisher: signed.publisher, key: signed.key, contents })
    }

    /// How many documents are in it.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.contents.documents.len()
    }

    /// When it was made.
    #[must_use]
    pub fn made(&self) -> Timestamp {
        self.contents.made
    }
}

impl Packed {
    /// The bytes, which are what their hash says.
    pub(crate) fn bytes(&self) -> std::result::Result<Vec<u8>, String> {
        let bytes = unpack(&self.gzip, MAX_BYTES as u64)?;
        if hex(&Sha256::digest(&bytes)) == self.sha256 {
            Ok(bytes)
        } else {
            Err("its bytes are others than its hash says".to_owned())
        }
    }
}

impl PackedTable {
    pub(crate) fn json(&self) -> std::result::Result<String, String> {
        let bytes = unpack(&self.gzip, LARGEST_TABLE)?;
        String::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned())
    }
}

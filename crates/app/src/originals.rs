//! The bytes of what arrived, kept as they came: under their hash, packed, with where they came from.

use crate::App;
use crate::app::doc;
use crate::change::{DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::ports::StoreError;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::{Read as _, Write as _};
use tallyward_core::Timestamp;

/// Most bytes that are kept of one original.
const LARGEST: u64 = 1024 * 1024 * 1024;

/// Where something came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Name of the source it was fetched from; empty for a file.
    pub source: String,
    /// The house whose bundle carried it.
    pub via: Option<Via>,
}

/// A bundle that carried a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Via {
    /// Who gave the bundle out, in their own words.
    pub publisher: String,
    /// The key that signed it.
    pub key: String,
    /// When that house had received the document.
    pub received: Option<Timestamp>,
}

/// Bytes as they are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredOriginal {
    /// File name or address.
    pub name: String,
    pub base64: String,
    /// `base64` is of the gzip of the bytes.
    #[serde(default)]
    pub packed: bool,
    /// Name of the source it was fetched from; empty for a file.
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub received: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
}

/// Gzip in base64.
pub(crate) fn pack(bytes: &[u8]) -> String {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).expect("writing to memory does not fail");
    BASE64_STANDARD.encode(packer.finish().expect("writing to memory does not fail"))
}

/// The bytes of [`pack`], at most `limit` of them.
pub(crate) fn unpack(text: &str, limit: u64) -> std::result::Result<Vec<u8>, String> {
    let packed = BASE64_STANDARD.decode(text).map_err(|error| format!("no base64: {error}"))?;
    let mut bytes = Vec::new();
    GzDecoder::new(packed.as_slice())
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| format!("it cannot be unpacked: {error}"))?;
    if bytes.len() as u64 > limit {
        return Err(format!("it unpacks to more than {limit} bytes"));
    }
    Ok(bytes)
}

impl App {
    /// Keeps bytes under their hash; `None` when they are kept already.
    pub(crate) fn original_put(
        &self,
        sha256: &str,
        name: &str,
        bytes: &[u8],
        origin: &Origin,
    ) -> Result<Option<DocPut>> {
        if self.store.get(DocKind::Original, sha256)?.is_some() {
            return Ok(None);
        }
        let original = StoredOriginal {
            name: name.to_owned(),
            base64: pack(bytes),
            packed: true,
            source: origin.source.clone(),
            received: Some(self.now()),
            via: origin.via.clone(),
        };
        Ok(Some(doc(DocKind::Original, sha256, "", &original)))
    }

    /// What is kept under this hash, as stored.
    pub(crate) fn stored_original(&self, sha256: &str) -> Result<Option<StoredOriginal>> {
        self.load(DocKind::Original, sha256)
    }

    /// The name and the bytes kept under this hash. Bytes that are others than their hash says are not handed out.
    pub(crate) fn original(&self, sha256: &str) -> Result<(String, Vec<u8>)> {
        let kept = self.stored_original(sha256)?.ok_or_else(|| AppError::not_found("original", sha256))?;
        let bytes = if kept.packed {
            unpack(&kept.base64, LARGEST)
        } else {
            BASE64_STANDARD.decode(&kept.base64).map_err(|error| error.to_string())
        };
        let whole = bytes.and_then(|bytes| {
            if crate::app::hex(&Sha256::digest(&bytes)) == sha256 {
                Ok(bytes)
            } else {
                Err("its bytes are others than its hash says".to_owned())
            }
        });
        match whole {
            Ok(bytes) => Ok((kept.name, bytes)),
            Err(why) => Err(AppError::Store(StoreError::Corrupt {
                what: DocKind::Original.code(),
                id: sha256.to_owned(),
                why,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_whole_and_never_larger_than_allowed() {
        let bytes = vec![b'a'; 100_000];
        let packed = pack(&bytes);
        assert!(packed.len() < 2_000);
        assert_eq!(unpack(&packed, 100_000), Ok(bytes));
        assert_eq!(unpack(&packed, 99_999), Err("it unpacks to more than 99999 bytes".to_owned()));
        assert!(unpack("?", 10).is_err());
        assert!(unpack(&BASE64_STANDARD.encode("no gzip"), 10).is_err());
    }
}

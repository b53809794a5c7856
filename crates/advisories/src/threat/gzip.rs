//! Gzip, unpacked no further than any document may be long.

use super::fault;
use crate::bounds::MAX_BYTES;
use crate::error::ReadError;
use flate2::read::MultiGzDecoder;
use std::io::Read;

/// Whether the bytes begin as gzip does (RFC 1952).
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The unpacked bytes; refused when damaged or too many.
pub(super) fn unpack(bytes: &[u8], name: &str) -> Result<Vec<u8>, ReadError> {
    let mut unpacked = Vec::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(bytes).take(most).read_to_end(&mut unpacked).map_err(|error| {
        let what = format!("gzip, damaged after {} unpacked bytes: {error}", unpacked.len());
        fault(bytes, name, 0, what)
    })?;
    if unpacked.len() > MAX_BYTES {
        let what = format!("gzip that unpacks to more than {MAX_BYTES} bytes; it is refused");
        return Err(fault(bytes, name, 0, what));
    }
    Ok(unpacked)
}

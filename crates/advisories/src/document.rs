//! Any document this room reads, told by its content.

use crate::csaf::{parse, read_value};
use crate::cursor::{At, kind, placed};
use crate::error::ReadError;
use crate::{cyclonedx, openfda, openvex};
use tallyward_core::advisory::Advisory;

/// What one document holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// The advisories, in document order: one, but for a list of recalls.
    pub advisories: Vec<Advisory>,
    /// Parts that could not be read at all, each with its place.
    pub lost: Vec<ReadError>,
    /// Lesser flaws that could be read past, in document order.
    pub noted: Vec<ReadError>,
}

/// Reads a document: CSAF 2.x, OpenVEX, CycloneDX with vulnerabilities, or openFDA's device recalls and enforcement
/// reports. `name` is what errors call it; the format is told by the content, not by the name.
///
/// # Errors
/// When the bytes are no JSON, exceed the bounds of [`crate::MAX_BYTES`] and its kin, are none of these formats, or
/// nothing of the document can be kept.
pub fn read_document(bytes: &[u8], name: &str) -> Result<Documents, ReadError> {
    let value = parse(bytes, name)?;
    let root = At::root(&value);
    let has = |key: &str| root.get(key).is_some();
    if has("document") {
        let (advisory, noted) = read_value(&value, bytes, name)?;
        return Ok(Documents { advisories: vec![advisory], noted, lost: Vec::new() });
    }
    if has("bomFormat") {
        return cyclonedx::read(&root, bytes, name);
    }
    if has("@context") && has("statements") {
        return openvex::read(&root, bytes, name);
    }
    if has("results") {
        return openfda::read(&root, bytes, name);
    }
    let what = format!(
        "expected CSAF (document), OpenVEX (@context and statements), CycloneDX (bomFormat) or openFDA recalls (results), found {}",
        kind(root.value)
    );
    Err(placed(bytes, name, &[], what))
}

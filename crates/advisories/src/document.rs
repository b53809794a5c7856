//! Any document this room reads, told by its content.

use crate::csaf::{parse, read_value};
use crate::cursor::{At, kind, placed};
use crate::error::ReadError;
use crate::{cyclonedx, openfda, openvex, osv};
use tallyward_core::advisory::Advisory;
use tallyward_core::part::PartFlaw;

/// What one document holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// The advisories, in document order: one, but for a list of recalls.
    pub advisories: Vec<Advisory>,
    /// Known flaws of packages, in document order.
    pub flaws: Vec<PartFlaw>,
    /// Parts that could not be read at all, each with its place.
    pub lost: Vec<ReadError>,
    /// Lesser flaws that could be read past, in document order.
    pub noted: Vec<ReadError>,
}

/// What a list of parts is told that comes as an advisory.
pub(crate) const LIST_OF_PARTS: &str =
    "a list of parts (SBOM), and no advisory; attach it to its model and version instead";

/// Reads a document: CSAF 2.x, OpenVEX, CycloneDX with vulnerabilities, openFDA's device recalls and enforcement
/// reports, or OSV records of flaws in packages. `name` is what errors call it; the format is told by the content, not by the name.
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
        return Ok(Documents { advisories: vec![advisory], noted, ..Documents::default() });
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
    if has("vulns") || osv::is_record(&root) {
        return osv::read(&root, bytes, name);
    }
    let what = if has("spdxVersion") {
        LIST_OF_PARTS.to_owned()
    } else {
        format!(
            "expected CSAF (document), OpenVEX (@context and statements), CycloneDX (bomFormat), openFDA recalls (results) or OSV (id, modified and affected), found {}",
            kind(root.value)
        )
    };
    Err(placed(bytes, name, &[], what))
}

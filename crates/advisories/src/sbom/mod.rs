//! Parts lists (SBOM): `CycloneDX` JSON and SPDX 2.x, as JSON or as tags and values.
//!
//! What a list leaves out stays out: a part without a package URL is kept under its name and looked up nowhere, and a
//! list that does not say which product it is of has to be told by whoever brings it.

mod cyclonedx;
mod spdx;
mod tag_value;

use crate::bounds::MAX_BYTES;
use crate::csaf::parse;
use crate::cursor::{At, kind, placed};
use crate::error::ReadError;
use crate::product_id::clipped;
use tallyward_core::part::{Part, PartsList};

/// Most parts of one list; a whole desktop system has a tenth of that.
pub const MAX_PARTS: usize = 50_000;

/// Reads a parts list; the format is told by the content. The second part is what could be read past, with places.
///
/// # Errors
/// When the bytes or the number of parts exceed the bounds, are none of these formats, or hold no part at all.
pub fn read_parts(bytes: &[u8], name: &str) -> Result<(PartsList, Vec<ReadError>), ReadError> {
    let (mut list, noted) = if tag_value::is_it(bytes) {
        tag_value::read(bytes, name)?
    } else {
        let value = parse(bytes, name)?;
        let root = At::root(&value);
        let has = |key: &str| root.get(key).is_some();
        if has("bomFormat") {
            cyclonedx::read(&root, bytes, name)?
        } else if has("spdxVersion") {
            spdx::read(&root, bytes, name)?
        } else {
            let what = if has("@graph") {
                "an SPDX 3 document; parts lists are read as CycloneDX JSON or SPDX 2.x".to_owned()
            } else {
                format!(
                    "expected a parts list, CycloneDX (bomFormat) or SPDX 2.x (spdxVersion), found {}",
                    kind(root.value)
                )
            };
            return Err(placed(bytes, name, &[], what));
        }
    };
    list.parts.sort();
    list.parts.dedup();
    if list.parts.len() > MAX_PARTS {
        let what = format!("the list has {} parts; at most {MAX_PARTS} are read", list.parts.len());
        return Err(placed(bytes, name, &[], what));
    }
    if list.parts.is_empty() {
        return Err(placed(bytes, name, &[], "a parts list without parts".to_owned()));
    }
    Ok((list, noted))
}

/// Refuses what is larger than is read.
fn bounded(bytes: &[u8], name: &str) -> Result<(), ReadError> {
    if bytes.len() <= MAX_BYTES {
        return Ok(());
    }
    let what = format!("the document has {} bytes; at most {MAX_BYTES} are read", bytes.len());
    Err(ReadError { name: name.to_owned(), line: 1, column: 1, pointer: String::new(), what })
}

/// A part with its texts cut to a bearable length.
fn cut(part: Part) -> Part {
    Part {
        name: clipped(part.name),
        version: clipped(part.version),
        supplier: clipped(part.supplier),
        purl: clipped(part.purl),
        cpe: clipped(part.cpe),
        reference: clipped(part.reference),
    }
}

/// A document without an id of its own is named by its content.
fn id_or_hash(id: String, format: &str, hash: &str) -> String {
    if id.trim().is_empty() { format!("{format}-{}", &hash[..16]) } else { clipped(id.trim().to_owned()) }
}

/// `Organization: Acme (mail)` without what is around the name; SPDX's words for nothing are nothing.
fn party(text: &str) -> String {
    let text = ["Organization:", "Person:", "Tool:"]
        .iter()
        .find_map(|lead| text.strip_prefix(lead))
        .unwrap_or(text)
        .trim();
    let text =
        if text.ends_with(')') { text.rfind('(').map_or(text, |open| text[..open].trim_end()) } else { text };
    if matches!(text, "NOASSERTION" | "NONE") { String::new() } else { text.to_owned() }
}

//! `CycloneDX` JSON, 1.2 to 1.7.

use super::{cut, id_or_hash};
use crate::csaf::{moment, sha256};
use crate::cursor::{At, Defects, placed};
use crate::cyclonedx::maker;
use crate::error::ReadError;
use crate::product_id::clipped;
use tallyward_core::part::{Part, PartsList};

pub(super) fn read(
    root: &At<'_>,
    bytes: &[u8],
    name: &str,
) -> Result<(PartsList, Vec<ReadError>), ReadError> {
    let mut noted = Defects::default();
    if root.text("bomFormat", &mut noted) != "CycloneDX" {
        return Err(placed(bytes, name, &[], "bomFormat is not CycloneDX".to_owned()));
    }
    let hash = sha256(bytes);
    let mut list = PartsList {
        id: id_or_hash(root.text("serialNumber", &mut noted), "cyclonedx", &hash),
        format: format!("cyclonedx {}", clipped(root.text("specVersion", &mut noted))).trim().to_owned(),
        revision: root.get("version").map_or_else(String::new, |version| clipped(version.value.to_string())),
        hash,
        ..PartsList::default()
    };
    if let Some(metadata) = root.get("metadata") {
        list.created = moment(&metadata, "timestamp", &mut noted);
        let authors = metadata.items("authors", &mut noted);
        list.author = clipped(
            authors.iter().map(|author| author.text("name", &mut noted)).collect::<Vec<_>>().join(", "),
        );
        if let Some(subject) = metadata.get("component") {
            list.maker = clipped(maker(&subject, &mut noted));
            list.product = clipped(subject.text("name", &mut noted));
            list.subject = clipped(subject.text("bom-ref", &mut noted));
            list.version = clipped(subject.text("version", &mut noted));
            parts_below(&subject, &mut list.parts, &mut noted);
        }
        if list.maker.is_empty() {
            list.maker = clipped(maker(&metadata, &mut noted));
        }
    }
    parts_below(root, &mut list.parts, &mut noted);
    Ok((list, noted.placed(bytes, name)))
}

/// The components and all inside them; the depth is bounded before the document is read.
fn parts_below(at: &At<'_>, parts: &mut Vec<Part>, noted: &mut Defects) {
    for item in at.items("components", noted).iter() {
        let group = item.text("group", noted);
        let bare = item.text("name", noted);
        let part = cut(Part {
            name: if group.is_empty() { bare } else { format!("{group}/{bare}") },
            version: item.text("version", noted),
            supplier: maker(&item, noted),
            purl: item.text("purl", noted),
            cpe: item.text("cpe", noted),
            reference: item.text("bom-ref", noted),
        });
        if part.name.trim().is_empty() && part.purl.is_empty() {
            noted.note(&item, "a component without a name; left out".to_owned());
        } else {
            parts.push(part);
        }
        parts_below(&item, parts, noted);
    }
}

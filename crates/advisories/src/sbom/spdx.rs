//! SPDX 2.x as JSON, and what both forms of SPDX share.

use super::{cut, id_or_hash, party};
use crate::csaf::{moment, sha256};
use crate::cursor::{At, Defects, placed};
use crate::error::{ReadError, short};
use crate::product_id::clipped;
use std::collections::BTreeSet;
use tallyward_core::part::{Part, PartsList};

/// Id of the document itself among its elements.
pub(super) const DOCUMENT: &str = "SPDXRef-DOCUMENT";

pub(super) fn read(
    root: &At<'_>,
    bytes: &[u8],
    name: &str,
) -> Result<(PartsList, Vec<ReadError>), ReadError> {
    let mut noted = Defects::default();
    let version = root.text("spdxVersion", &mut noted);
    let Some(format) = format(&version) else {
        let what = format!("spdxVersion {:?}; expected SPDX-2.x", short(&version));
        return Err(placed(bytes, name, &[], what));
    };
    let hash = sha256(bytes);
    let mut list = PartsList {
        id: id_or_hash(root.text("documentNamespace", &mut noted), "spdx", &hash),
        format,
        hash,
        ..PartsList::default()
    };
    if let Some(info) = root.get("creationInfo") {
        list.created = moment(&info, "created", &mut noted);
        let creators = info.texts("creators", &mut noted);
        list.author = clipped(creators.iter().map(|one| party(one)).collect::<Vec<_>>().join(", "));
    }
    for item in root.items("packages", &mut noted).iter() {
        let part = package(&item, &mut noted);
        if part.name.trim().is_empty() {
            noted.note(&item, "a package without a name; left out".to_owned());
        } else {
            list.parts.push(part);
        }
    }
    let described = described(root, &mut noted);
    about(&mut list, &described);
    Ok((list, noted.placed(bytes, name)))
}

/// `spdx 2.3` of `SPDX-2.3`.
pub(super) fn format(version: &str) -> Option<String> {
    let minor = version.trim().strip_prefix("SPDX-2.")?;
    let is_number = !minor.is_empty() && minor.len() < 4 && minor.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("spdx 2.{minor}"))
}

fn package(at: &At<'_>, noted: &mut Defects) -> Part {
    let mut part = Part {
        name: at.text("name", noted),
        version: at.text("versionInfo", noted),
        supplier: party(&at.text("supplier", noted)),
        reference: at.text("SPDXID", noted),
        ..Part::default()
    };
    for item in at.items("externalRefs", noted).iter() {
        refers(&mut part, &item.text("referenceType", noted), &item.text("referenceLocator", noted));
    }
    cut(part)
}

/// Keeps the first package URL and the first CPE name.
pub(super) fn refers(part: &mut Part, kind: &str, locator: &str) {
    let held = match kind.rsplit('/').next().unwrap_or_default() {
        "purl" => &mut part.purl,
        "cpe23Type" | "cpe22Type" => &mut part.cpe,
        _ => return,
    };
    if held.is_empty() {
        locator.trim().clone_into(held);
    }
}

/// What the document says it describes.
fn described(root: &At<'_>, noted: &mut Defects) -> BTreeSet<String> {
    let mut described: BTreeSet<String> = root.texts("documentDescribes", noted).into_iter().collect();
    for item in root.items("relationships", noted).iter() {
        let ends = [item.text("spdxElementId", noted), item.text("relatedSpdxElement", noted)];
        described.extend(describes(&item.text("relationshipType", noted), &ends[0], &ends[1]));
    }
    described
}

/// The element that a relationship says the document describes.
pub(super) fn describes(kind: &str, from: &str, to: &str) -> Option<String> {
    match kind {
        "DESCRIBES" if from == DOCUMENT => Some(to.to_owned()),
        "DESCRIBED_BY" if to == DOCUMENT => Some(from.to_owned()),
        _ => None,
    }
}

/// Takes the one package that the document describes as its product. Of several none is the product, and all are parts.
pub(super) fn about(list: &mut PartsList, described: &BTreeSet<String>) {
    let mut subjects = list.parts.iter().enumerate().filter(|(_, part)| described.contains(&part.reference));
    let (Some((at, _)), None) = (subjects.next(), subjects.next()) else { return };
    let subject = &list.parts[at];
    list.maker.clone_from(&subject.supplier);
    list.product.clone_from(&subject.name);
    list.version.clone_from(&subject.version);
    list.subject.clone_from(&subject.reference);
    if list.parts.len() > 1 {
        list.parts.remove(at);
    }
}

//! The components of a CycloneDX document by their reference.

use crate::cursor::{At, Defects};
use crate::product_id::{clipped, named};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::advisory::{PACKAGE, Product};
use tallyward_core::purl::percent_decoded;

/// A component as far as it names a product.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub vendor: String,
    pub product: String,
    pub version: String,
    reference: String,
    ids: Vec<String>,
}

/// Every component, and the one that the document is about.
pub(crate) struct Parts {
    /// `metadata.component`.
    pub subject: Option<Part>,
    /// References defined more than once.
    pub twice: BTreeSet<String>,
    parts: BTreeMap<String, Part>,
    serial: String,
}

/// Where a reference leads.
pub(crate) enum Place {
    /// To what the document is about.
    Subject(Part),
    /// To a component inside it.
    Inside(Part),
    /// To another document (BOM-Link), or nowhere.
    Elsewhere(String),
}

impl Parts {
    pub fn read(root: &At<'_>, noted: &mut Defects) -> Self {
        let serial = root.text("serialNumber", noted);
        let mut parts =
            Self { subject: None, twice: BTreeSet::new(), parts: BTreeMap::new(), serial: bare(&serial) };
        if let Some(metadata) = root.get("metadata")
            && let Some(component) = metadata.get("component")
        {
            let mut subject = part(&component, noted);
            if subject.vendor.is_empty() {
                subject.vendor = clipped(maker(&metadata, noted));
            }
            parts.subject = Some(subject);
            parts.below(&component, noted);
        }
        parts.below(root, noted);
        if let Some(subject) = &parts.subject
            && parts.parts.contains_key(&subject.reference)
        {
            parts.twice.insert(subject.reference.clone());
        }
        parts
    }

    fn below(&mut self, at: &At<'_>, noted: &mut Defects) {
        for key in ["components", "services"] {
            for item in at.items(key, noted).iter() {
                let part = part(&item, noted);
                if !part.reference.is_empty() {
                    let reference = part.reference.clone();
                    if self.parts.insert(reference.clone(), part).is_some() {
                        noted.note(&item, "this bom-ref is defined twice".to_owned());
                        self.twice.insert(reference);
                    }
                }
                self.below(&item, noted);
            }
        }
    }

    pub fn find(&self, reference: &str) -> Place {
        let own = reference.strip_prefix("urn:cdx:").and_then(|link| {
            let (document, name) = link.split_once('#')?;
            let serial = document.split('/').next()?;
            (!self.serial.is_empty() && serial == self.serial).then(|| percent_decoded(name))
        });
        let name = own.as_deref().unwrap_or(reference);
        match &self.subject {
            Some(subject) if subject.reference == name => Place::Subject(subject.clone()),
            _ => match self.parts.get(name) {
                Some(part) => Place::Inside(part.clone()),
                None => Place::Elsewhere(name.to_owned()),
            },
        }
    }

    /// The leaf of a reference, without its id.
    pub fn product(&self, place: Place, reference: &str) -> Product {
        match place {
            Place::Subject(part) => leaf(part),
            Place::Inside(part) => {
                let inside = self.subject.as_ref().map_or_else(
                    || "the product that holds it".to_owned(),
                    |subject| format!("{} {}", subject.product, subject.version).trim().to_owned(),
                );
                let mut leaf = leaf(part);
                leaf.name = format!("{} in {inside}", leaf.name);
                leaf.relation = Some(("component_of".to_owned(), reference.to_owned(), inside));
                leaf
            }
            Place::Elsewhere(name) => {
                let (document, name) = match name.split_once('#') {
                    Some((document, name)) => (document.to_owned(), percent_decoded(name)),
                    None => ("this document, which does not define it".to_owned(), name),
                };
                let part = match named(&name) {
                    Some(named) => Part {
                        vendor: named.vendor,
                        product: named.product,
                        version: named.version,
                        ids: vec![name.clone()],
                        ..Part::default()
                    },
                    None => Part { product: name.clone(), ..Part::default() },
                };
                let mut leaf = leaf(part);
                leaf.name = format!("{name}, as described in {document}");
                leaf.relation = Some(("described_elsewhere".to_owned(), reference.to_owned(), document));
                leaf
            }
        }
    }
}

/// A component without a maker is a name alone.
fn leaf(part: Part) -> Product {
    let category = match (part.vendor.is_empty(), part.version.is_empty()) {
        (true, _) => PACKAGE,
        (false, true) => "product_name",
        (false, false) => "product_version",
    };
    Product {
        name: [part.vendor.as_str(), &part.product, &part.version]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
        vendor: part.vendor,
        product: part.product,
        version: part.version,
        category: category.to_owned(),
        other_ids: part.ids,
        ..Product::default()
    }
}

fn part(at: &At<'_>, noted: &mut Defects) -> Part {
    let ids: Vec<String> = ["cpe", "purl"]
        .map(|key| clipped(at.text(key, noted)))
        .into_iter()
        .filter(|id| !id.is_empty())
        .collect();
    let spelled = ids.iter().filter_map(|id| named(id)).find(|named| !named.is_package);
    let mut vendor = maker(at, noted);
    if vendor.is_empty() {
        vendor = spelled.map(|named| named.vendor).unwrap_or_default();
    }
    Part {
        vendor: clipped(vendor),
        product: clipped(at.text("name", noted)),
        version: clipped(at.text("version", noted)),
        reference: at.text("bom-ref", noted),
        ids,
    }
}

/// Who made or supplied it, as the document words it.
pub(crate) fn maker(at: &At<'_>, noted: &mut Defects) -> String {
    for key in ["manufacturer", "manufacture", "supplier"] {
        let name = at.get(key).map_or_else(String::new, |party| party.text("name", noted));
        if !name.trim().is_empty() {
            return name;
        }
    }
    at.text("publisher", noted)
}

/// The UUID of a serial number.
fn bare(serial: &str) -> String {
    serial.strip_prefix("urn:uuid:").unwrap_or(serial).to_owned()
}

//! OpenVEX 0.2 (and 0.0, where vulnerability and products are plain texts): bytes to an advisory.
//!
//! Its statements speak of one vulnerability and a few products each, named by purl, CPE or any other id. A package
//! name is no device: what is said of a package neither clears nor convicts a device by itself.

use crate::contradictions;
use crate::csaf::{moment, sha256};
use crate::cursor::{At, Defects, kind, placed};
use crate::document::Documents;
use crate::error::{ReadError, short};
use crate::product_id::{Named, clipped, named};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::advisory::{
    Advisory, Contradiction, PACKAGE, Product, ProductStatus, Remediation, Statement, Vulnerability,
};
use tallyward_core::time::Timestamp;

pub(crate) fn read(root: &At<'_>, bytes: &[u8], name: &str) -> Result<Documents, ReadError> {
    let mut noted = Defects::default();
    let context = root.text("@context", &mut noted);
    if !context.starts_with("https://openvex.dev/ns") {
        let what = format!("@context is {:?}; expected OpenVEX's, https://openvex.dev/ns", short(&context));
        return Err(placed(bytes, name, &[], what));
    }
    let id = root.text("@id", &mut noted);
    if id.trim().is_empty() {
        return Err(placed(bytes, name, &[], "the document has no id; expected a text in @id".to_owned()));
    }
    let revised = if root.get("last_updated").is_some() { "last_updated" } else { "timestamp" };
    let mut reader = Reader {
        advisory: Advisory {
            title: format!("VEX by {}", root.text("author", &mut noted)),
            id,
            category: "openvex".to_owned(),
            publisher: root.text("author", &mut noted),
            publisher_category: root.text("role", &mut noted),
            revision: root.get("version").map_or_else(String::new, |version| plain(&version, &mut noted)),
            status: "final".to_owned(),
            released: moment(root, "timestamp", &mut noted),
            revised: moment(root, revised, &mut noted),
            hash: sha256(bytes),
            format: "openvex".to_owned(),
            ..Advisory::default()
        },
        leaves: BTreeSet::new(),
        said: Vec::new(),
        newest: BTreeMap::new(),
    };
    for item in root.items("statements", &mut noted).iter() {
        reader.statement(&item, &mut noted);
    }
    let mut advisory = reader.finish();
    if advisory.vulnerabilities.is_empty() {
        noted.note(root, "no statement that names a vulnerability; nothing can be matched".to_owned());
    }
    advisory.contradictions.extend(contradictions::find(&advisory));
    Ok(Documents { advisories: vec![advisory], noted: noted.placed(bytes, name), ..Documents::default() })
}

/// A number or a text, as written.
fn plain(at: &At<'_>, noted: &mut Defects) -> String {
    match at.value {
        Value::Number(number) => number.to_string(),
        _ => at.as_text(noted),
    }
}

/// What one statement says of one product, and when it was said.
struct Said {
    vulnerability: usize,
    product: String,
    status: ProductStatus,
    when: Option<Timestamp>,
}

struct Reader {
    advisory: Advisory,
    /// Leaf ids made so far.
    leaves: BTreeSet<String>,
    said: Vec<Said>,
    /// The newest word on a vulnerability and a product: a later statement takes the place of an earlier one.
    newest: BTreeMap<(String, String), Timestamp>,
}

impl Reader {
    fn statement(&mut self, at: &At<'_>, noted: &mut Defects) {
        let Some(mut vulnerability) = vulnerability(at, noted) else {
            noted.note(at, "a statement without the name of a vulnerability".to_owned());
            return;
        };
        let status = self.status(at, &vulnerability.id, noted);
        vulnerability.threats = threats(at, noted);
        let supplier = clipped(at.text("supplier", noted));
        let when = ["last_updated", "timestamp"].iter().find_map(|key| moment(at, key, noted));
        // A statement without a time of its own was made with the document.
        let when = when.or(self.advisory.released);
        let mut products = Vec::new();
        for item in at.items("products", noted).iter() {
            if let Some(leaf) = self.product(&item, &supplier, status, noted) {
                products.push(leaf);
            }
        }
        if products.is_empty() {
            noted.note(at, "the statement names no product; nothing can be matched".to_owned());
            self.remark(&vulnerability.id, "", "A statement names no product.".to_owned());
        }
        let action = at.text("action_statement", noted);
        if !action.is_empty() {
            vulnerability.remediations.push(Remediation {
                category: "action_statement".to_owned(),
                text: action,
                products: products.clone(),
                url: String::new(),
                date: at.text("action_statement_timestamp", noted),
            });
        }
        let number = self.advisory.vulnerabilities.len();
        for product in products {
            if let Some(when) = when {
                let newest = self.newest.entry((vulnerability.id.clone(), product.clone())).or_insert(when);
                *newest = when.max(*newest);
            }
            self.said.push(Said { vulnerability: number, product, status, when });
        }
        self.advisory.vulnerabilities.push(vulnerability);
    }

    /// A status that is none of the four leaves its products open; dropping them would read as "nothing was said".
    fn status(&mut self, at: &At<'_>, vulnerability: &str, noted: &mut Defects) -> ProductStatus {
        let text = at.text("status", noted);
        match text.as_str() {
            "affected" => ProductStatus::KnownAffected,
            "fixed" => ProductStatus::Fixed,
            "under_investigation" => ProductStatus::UnderInvestigation,
            "not_affected" => {
                if at.get("justification").is_none() && at.get("impact_statement").is_none() {
                    let what = "not_affected without justification or impact statement, one of which OpenVEX asks for";
                    noted.note(at, what.to_owned());
                    self.remark(vulnerability, "", format!("{vulnerability} is said {what}."));
                }
                ProductStatus::KnownNotAffected
            }
            other => {
                noted.note(
                    at,
                    format!("status {:?} is none of OpenVEX's; read as under investigation", short(other)),
                );
                ProductStatus::UnderInvestigation
            }
        }
    }

    fn remark(&mut self, vulnerability: &str, product: &str, text: String) {
        self.advisory.contradictions.push(Contradiction {
            vulnerability: vulnerability.to_owned(),
            product: product.to_owned(),
            version: String::new(),
            text,
        });
    }

    /// The leaf id of a product, which is made when it is new.
    fn product(
        &mut self,
        at: &At<'_>,
        supplier: &str,
        status: ProductStatus,
        noted: &mut Defects,
    ) -> Option<String> {
        let ids = ids(at, noted);
        let Some(first) = ids.first().cloned() else {
            noted.note(at, "a product without @id and identifiers".to_owned());
            return None;
        };
        let parts = parts(at, noted);
        // "Not affected by what is wrong with this part" says nothing of the product's other parts.
        let clears = matches!(status, ProductStatus::KnownNotAffected | ProductStatus::Fixed);
        let narrowed = clears && !parts.is_empty();
        let whole = ids.join(" | ");
        let key = if narrowed { format!("{whole} with {}", parts.join(", ")) } else { whole };
        let key = if supplier.is_empty() { key } else { format!("{key} of {supplier}") };
        if !self.leaves.insert(key.clone()) {
            return Some(key);
        }
        let known: Vec<Named> = ids.iter().filter_map(|id| named(id)).collect();
        let versions: BTreeSet<&str> =
            known.iter().map(|named| named.version.as_str()).filter(|version| !version.is_empty()).collect();
        if versions.len() > 1 {
            let text = format!(
                "The ids of one product name different versions: {}.",
                ids.iter().map(|id| short(id)).collect::<Vec<_>>().join(", ")
            );
            noted.note(at, text.clone());
            self.remark("", &key, text);
        }
        let mut leaf = leaf(known, &first, supplier);
        leaf.id.clone_from(&key);
        if narrowed {
            leaf.name = format!("{}, as far as {} goes", leaf.name, parts.join(", "));
            leaf.relation = Some(("part_of_product".to_owned(), parts.join(", "), first));
        }
        leaf.other_ids = ids;
        self.advisory.products.push(leaf);
        Some(key)
    }

    /// The advisory with the newest word on each product; what was said at one time stands side by side.
    fn finish(mut self) -> Advisory {
        for said in self.said {
            let vulnerability = &mut self.advisory.vulnerabilities[said.vulnerability];
            let key = (vulnerability.id.clone(), said.product.clone());
            let newest = self.newest.get(&key).copied();
            if said.when.is_none() || said.when == newest {
                vulnerability.statements.push(Statement { product: said.product, status: said.status });
            }
        }
        for vulnerability in &mut self.advisory.vulnerabilities {
            vulnerability.statements.sort();
            vulnerability.statements.dedup();
        }
        self.advisory
    }
}

/// A CPE says who made it; a purl names a package; anything else is a name alone.
fn leaf(known: Vec<Named>, first: &str, supplier: &str) -> Product {
    let device = known.iter().position(|named| !named.is_package);
    let package = known.len().checked_sub(1).map(|_| 0);
    let named = device.or(package).and_then(|at| known.into_iter().nth(at));
    let bare = named.is_none();
    let named = named.unwrap_or_else(|| Named { product: first.to_owned(), ..Named::default() });
    let vendor = if supplier.is_empty() { named.vendor } else { supplier.to_owned() };
    let category = match (named.is_package || vendor.is_empty() || bare, named.version.is_empty()) {
        (true, _) => PACKAGE,
        (false, true) => "product_name",
        (false, false) => "product_version",
    };
    Product {
        name: first.to_owned(),
        vendor,
        product: named.product,
        version: named.version,
        category: category.to_owned(),
        ..Product::default()
    }
}

/// Every id of a component: CPE and purl first, which can be read, then `@id`.
fn ids(at: &At<'_>, noted: &mut Defects) -> Vec<String> {
    if let Value::String(text) = at.value {
        return Some(text.clone()).filter(|text| !text.is_empty()).into_iter().collect();
    }
    let mut ids = Vec::new();
    if let Some(identifiers) = at.get("identifiers") {
        ids.extend(["cpe23", "cpe22", "purl"].map(|key| identifiers.text(key, noted)));
    }
    ids.push(at.text("@id", noted));
    ids.retain(|id| !id.trim().is_empty());
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    ids
}

fn parts(at: &At<'_>, noted: &mut Defects) -> Vec<String> {
    let items = at.items("subcomponents", noted);
    items.iter().filter_map(|item| ids(&item, noted).into_iter().next()).collect()
}

/// The CVE id among name and aliases, else the name; the other names make the title.
fn vulnerability(at: &At<'_>, noted: &mut Defects) -> Option<Vulnerability> {
    let member = at.get("vulnerability")?;
    let (mut names, description) = match member.value {
        Value::String(text) => (vec![text.clone()], String::new()),
        Value::Object(_) => {
            let mut names = vec![member.text("name", noted)];
            names.extend(member.texts("aliases", noted));
            names.push(member.text("@id", noted));
            (names, member.text("description", noted))
        }
        other => {
            noted.note(&member, format!("expected a vulnerability, found {}", kind(other)));
            return None;
        }
    };
    names.retain(|name| !name.trim().is_empty());
    let is_cve = |name: &String| name.starts_with("CVE-");
    let chosen = names.iter().position(is_cve).unwrap_or(0);
    let id = names.get(chosen)?.clone();
    names.retain(|name| *name != id);
    let id = clipped(id);
    Some(Vulnerability { id, title: names.join(", "), description, ..Vulnerability::default() })
}

fn threats(at: &At<'_>, noted: &mut Defects) -> Vec<String> {
    let named = [("flag", "justification"), ("impact", "impact_statement"), ("note", "status_notes")];
    let texts = named.map(|(word, key)| (word, at.text(key, noted)));
    texts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(word, text)| format!("{word}: {text}"))
        .collect()
}

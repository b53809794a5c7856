//! CycloneDX with vulnerabilities (VEX), 1.4 to 1.7: bytes to an advisory.
//!
//! Its statements speak of components by reference. Only what the document itself describes, under `metadata`, is a
//! product here; a component inside it, or one described in a document elsewhere, is a combination whose presence in a
//! device nobody has said, so that it leaves verdicts open.

mod parts;

use crate::contradictions;
use crate::csaf::{moment, sha256};
use crate::cursor::{At, Defects, kind, placed};
use crate::document::{Documents, LIST_OF_PARTS};
use crate::error::{ReadError, short};
use crate::product_id::{MAX_NAME, clipped};
pub(crate) use parts::maker;
use parts::{Parts, Place};
use serde_json::Value;
use std::collections::BTreeSet;
use tallyward_core::advisory::{
    Advisory, Contradiction, Product, ProductStatus, Reference, Remediation, Score, Statement, Vulnerability,
};

pub(crate) fn read(root: &At<'_>, bytes: &[u8], name: &str) -> Result<Documents, ReadError> {
    let mut noted = Defects::default();
    let refused = |what: &str| Err(placed(bytes, name, &[], what.to_owned()));
    if root.text("bomFormat", &mut noted) != "CycloneDX" {
        return refused("bomFormat is not CycloneDX");
    }
    if root.get("vulnerabilities").is_none() {
        return refused(LIST_OF_PARTS);
    }
    let parts = Parts::read(root, &mut noted);
    let mut reader =
        Reader { advisory: header(root, bytes, &parts, &mut noted), parts, leaves: BTreeSet::new() };
    for (index, item) in root.items("vulnerabilities", &mut noted).iter().enumerate() {
        reader.vulnerability(&item, index + 1, &mut noted);
    }
    let mut advisory = reader.advisory;
    advisory.contradictions.extend(contradictions::find(&advisory));
    Ok(Documents { advisories: vec![advisory], noted: noted.placed(bytes, name), ..Documents::default() })
}

/// A document without a serial number is named by its content: nothing else tells it from others.
fn header(root: &At<'_>, bytes: &[u8], parts: &Parts, noted: &mut Defects) -> Advisory {
    let hash = sha256(bytes);
    let serial = root.text("serialNumber", noted);
    let subject = parts.subject.as_ref();
    let title = subject.map_or_else(String::new, |part| format!("{} {}", part.product, part.version));
    let metadata = root.get("metadata");
    let time = metadata.as_ref().and_then(|metadata| moment(metadata, "timestamp", noted));
    Advisory {
        id: if serial.trim().is_empty() { format!("cyclonedx-{}", &hash[..16]) } else { serial },
        title: if title.trim().is_empty() { "CycloneDX VEX".to_owned() } else { title.trim().to_owned() },
        category: "cyclonedx_vex".to_owned(),
        publisher: metadata.as_ref().map_or_else(String::new, |at| publisher(at, parts, noted)),
        revision: root.get("version").map_or_else(String::new, |version| version.value.to_string()),
        status: "final".to_owned(),
        released: time,
        revised: time,
        hash,
        format: format!("cyclonedx {}", root.text("specVersion", noted)).trim().to_owned(),
        ..Advisory::default()
    }
}

fn publisher(metadata: &At<'_>, parts: &Parts, noted: &mut Defects) -> String {
    let authors = metadata.items("authors", noted);
    let author = authors.iter().map(|author| author.text("name", noted)).find(|name| !name.is_empty());
    let vendor = parts.subject.as_ref().map(|part| part.vendor.clone()).filter(|vendor| !vendor.is_empty());
    vendor.or(author).unwrap_or_default()
}

struct Reader {
    advisory: Advisory,
    parts: Parts,
    leaves: BTreeSet<String>,
}

impl Reader {
    fn vulnerability(&mut self, at: &At<'_>, number: usize, noted: &mut Defects) {
        let id = clipped(at.text("id", noted));
        let id = if id.trim().is_empty() { format!("#{number}") } else { id };
        let analysis = at.get("analysis");
        let state = analysis.as_ref().map_or_else(String::new, |analysis| analysis.text("state", noted));
        let overall = said_by_analysis(at, &id, &state, noted);
        let mut statements = Vec::new();
        for item in at.items("affects", noted).iter() {
            self.affects(&item, &id, overall, &mut statements, noted);
        }
        if statements.is_empty() {
            noted.note(at, "the vulnerability names nothing it affects; nothing can be matched".to_owned());
        }
        statements.sort();
        statements.dedup();
        self.advisory.references.extend(references(at, noted));
        self.advisory.vulnerabilities.push(Vulnerability {
            id,
            description: described(at, noted),
            cwe: cwes(at),
            statements,
            remediations: remedies(at, noted),
            scores: scores(at, noted),
            threats: analysis.map(|analysis| threats(&analysis, noted)).unwrap_or_default(),
            ..Vulnerability::default()
        });
    }

    fn affects(
        &mut self,
        at: &At<'_>,
        id: &str,
        overall: Option<ProductStatus>,
        statements: &mut Vec<Statement>,
        noted: &mut Defects,
    ) {
        let reference = at.text("ref", noted);
        if reference.trim().is_empty() || reference.len() > MAX_NAME {
            let what = format!("affects with a ref of {} bytes; expected 1 to {MAX_NAME}", reference.len());
            noted.note(at, what.clone());
            self.advisory.contradictions.push(Contradiction {
                vulnerability: id.to_owned(),
                product: String::new(),
                version: String::new(),
                text: what,
            });
            return;
        }
        let versions = at.items("versions", noted);
        let mut any = false;
        for version in versions.iter() {
            any = true;
            let range = version.text("range", noted);
            let text = if range.is_empty() { version.text("version", noted) } else { range };
            let status = version.text("status", noted);
            let Some(product) = self.leaf(at, &reference, Some(text), noted) else { continue };
            let (status, at_odds) = combined(overall, &status);
            if at_odds {
                let text = format!(
                    "For {id}, {product:?} is marked as affected and its analysis says that it is not."
                );
                noted.note(&version, text.clone());
                self.advisory.contradictions.push(Contradiction {
                    vulnerability: id.to_owned(),
                    product: product.clone(),
                    version: String::new(),
                    text,
                });
            }
            statements.push(Statement { product, status });
        }
        if !any && let Some(product) = self.leaf(at, &reference, None, noted) {
            // Without an analysis it is a finding nobody has looked at.
            let status = overall.unwrap_or(ProductStatus::UnderInvestigation);
            statements.push(Statement { product, status });
        }
    }

    /// The leaf id of a reference with a version of its own, or the component's when `version` is `None`.
    fn leaf(
        &mut self,
        at: &At<'_>,
        reference: &str,
        version: Option<String>,
        noted: &mut Defects,
    ) -> Option<String> {
        let place = self.parts.find(reference);
        if matches!(place, Place::Elsewhere(_)) {
            noted.note(
                at,
                "this ref leads out of the document; what it names is not described here".to_owned(),
            );
        }
        let id = match version.as_deref() {
            None => reference.to_owned(),
            Some("") => {
                // Read as "all versions" it would say more than the document does.
                noted.note(at, "a version entry with neither version nor range; left out".to_owned());
                return None;
            }
            Some(version) => format!("{reference} {version}"),
        };
        if !self.leaves.insert(id.clone()) {
            return Some(id);
        }
        let mut product: Product = self.parts.product(place, reference);
        product.id.clone_from(&id);
        if let Some(version) = version {
            product.version = version;
        }
        if self.parts.twice.contains(reference) {
            let text = format!("bom-ref {:?} is defined twice", short(reference));
            self.advisory.contradictions.push(Contradiction {
                vulnerability: String::new(),
                product: id.clone(),
                version: String::new(),
                text,
            });
        }
        self.advisory.products.push(product);
        Some(id)
    }
}

/// What `analysis.state` comes to; a state nobody knows, or none, leaves it open.
fn said_by_analysis(at: &At<'_>, id: &str, state: &str, noted: &mut Defects) -> Option<ProductStatus> {
    Some(match state {
        "exploitable" => ProductStatus::KnownAffected,
        "resolved" | "resolved_with_pedigree" => ProductStatus::Fixed,
        "not_affected" | "false_positive" => ProductStatus::KnownNotAffected,
        "in_triage" => ProductStatus::UnderInvestigation,
        "" => return None,
        other => {
            let text = format!(
                "{id}: analysis.state {:?} is none of CycloneDX's; read as under investigation",
                short(other)
            );
            noted.note(at, text);
            ProductStatus::UnderInvestigation
        }
    })
}

/// What a version's own status and the analysis come to together, and whether they are at odds. A status that is not
/// given follows the analysis; one that is `unknown`, or that nobody knows, leaves it open.
fn combined(overall: Option<ProductStatus>, status: &str) -> (ProductStatus, bool) {
    use ProductStatus::{Fixed, KnownAffected, KnownNotAffected, UnderInvestigation};
    match (status, overall) {
        ("", None) => (UnderInvestigation, false),
        ("", Some(overall)) => (overall, false),
        ("affected", None | Some(KnownAffected)) => (KnownAffected, false),
        ("affected", Some(Fixed | KnownNotAffected)) => (KnownAffected, true),
        ("unaffected", Some(Fixed)) => (Fixed, false),
        ("unaffected", None | Some(KnownAffected | KnownNotAffected)) => (KnownNotAffected, false),
        _ => (UnderInvestigation, false),
    }
}

fn described(at: &At<'_>, noted: &mut Defects) -> String {
    let texts = ["description", "detail"].map(|key| at.text(key, noted));
    texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn cwes(at: &At<'_>) -> String {
    let list = at.get("cwes").and_then(|cwes| cwes.value.as_array().cloned()).unwrap_or_default();
    list.iter().filter_map(Value::as_u64).map(|number| format!("CWE-{number}")).collect::<Vec<_>>().join("; ")
}

fn remedies(at: &At<'_>, noted: &mut Defects) -> Vec<Remediation> {
    let kinds = [("recommendation", "recommendation"), ("workaround", "workaround")];
    let mut remedies = Vec::new();
    for (category, key) in kinds {
        let text = at.text(key, noted);
        if !text.trim().is_empty() {
            remedies.push(Remediation {
                category: category.to_owned(),
                text,
                products: Vec::new(),
                url: String::new(),
                date: String::new(),
            });
        }
    }
    remedies
}

/// Vectors of CVSS 3 and 4 are often given without the prefix that names their version, which `method` then names.
fn scores(at: &At<'_>, noted: &mut Defects) -> Vec<Score> {
    let mut scores = Vec::new();
    for item in at.items("ratings", noted).iter() {
        let version = match item.text("method", noted).as_str() {
            "CVSSv2" => "2.0",
            "CVSSv3" => "3.0",
            "CVSSv31" => "3.1",
            "CVSSv4" => "4.0",
            _ => continue,
        };
        let vector = item.text("vector", noted);
        let bare = version != "2.0" && vector.starts_with("AV:");
        scores.push(Score {
            vector: if bare { format!("CVSS:{version}/{vector}") } else { vector },
            version: version.to_owned(),
            base: item.get("score").map_or_else(String::new, |score| score.value.to_string()),
            severity: item.text("severity", noted),
            products: Vec::new(),
        });
    }
    scores
}

fn threats(analysis: &At<'_>, noted: &mut Defects) -> Vec<String> {
    let named = [("flag", "justification"), ("note", "detail")];
    let texts = named.map(|(word, key)| (word, analysis.text(key, noted)));
    let mut threats: Vec<String> = texts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(word, text)| format!("{word}: {text}"))
        .collect();
    match analysis.get("response").map(|response| response.value.clone()) {
        Some(Value::Array(_)) => {
            let said = analysis.texts("response", noted);
            threats.extend(said.into_iter().map(|text| format!("response: {text}")));
        }
        Some(other) => noted.note(analysis, format!("response: expected a list, found {}", kind(&other))),
        None => {}
    }
    threats
}

fn references(at: &At<'_>, noted: &mut Defects) -> Vec<Reference> {
    let items = at.items("advisories", noted);
    let mut references: Vec<Reference> = items
        .iter()
        .map(|item| Reference { url: item.text("url", noted), summary: item.text("title", noted) })
        .collect();
    if let Some(source) = at.get("source") {
        references.push(Reference { url: source.text("url", noted), summary: source.text("name", noted) });
    }
    references.retain(|reference| !reference.url.is_empty());
    references
}

//! Advisories about the invented products, as CSAF 2.0 documents.

use crate::hospital::Hospital;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::LazyLock;
use tallyward_core::Timestamp;

/// The table the documents are written from (`data/advisories.json`).
#[derive(Deserialize)]
struct Table {
    advisories: Vec<Spec>,
    update: Update,
}

/// A later revision of one of them.
#[derive(Deserialize)]
struct Update {
    revises: String,
    summary: String,
    advisory: Spec,
}

/// One advisory, its truth included.
#[derive(Deserialize)]
pub(crate) struct Spec {
    pub id: String,
    title: String,
    days_ago: i64,
    summary: String,
    leaves: Vec<Leaf>,
    pub verdicts: Vec<Truth>,
    pub vulnerabilities: Vec<Flaw>,
}

#[derive(Deserialize)]
struct Leaf {
    vendor: String,
    product: String,
    category: String,
    expression: String,
}

/// What a careful reader concludes for one model.
#[derive(Deserialize)]
pub(crate) struct Truth {
    pub model: String,
    pub affected: Vec<String>,
    pub not_affected: Vec<String>,
    pub unknown: Vec<String>,
    /// For a device whose version nobody knows.
    pub unread: String,
    /// Hangs on facts the table does not hold (a date of manufacture).
    #[serde(default)]
    pub open: bool,
}

#[derive(Deserialize)]
pub(crate) struct Flaw {
    pub cve: String,
    cwe_id: String,
    cwe: String,
    text: String,
    vector: String,
    score: f64,
    severity: String,
    known_affected: Vec<usize>,
    #[serde(default)]
    fixed: Vec<usize>,
    #[serde(default)]
    known_not_affected: Vec<usize>,
    remediations: Vec<Remedy>,
}

#[derive(Deserialize)]
struct Remedy {
    category: String,
    details: String,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/advisories.json")).expect("advisories.json is read by a test")
});

pub(crate) fn specs() -> &'static [Spec] {
    &TABLE.advisories
}

/// The later revision of one of [`specs`].
pub(crate) fn revised() -> &'static Spec {
    &TABLE.update.advisory
}

/// Whether any advisory, the update included, speaks of this model.
pub(crate) fn names_model(id: &str) -> bool {
    specs().iter().chain([revised()]).any(|spec| spec.verdicts.iter().any(|truth| truth.model == id))
}

impl Hospital {
    /// Twelve CSAF 2.0 documents with their file names (CSAF 2.0, 5.1: the tracking id in lower case). Release
    /// dates are counted back from the plan's `now`.
    #[must_use]
    pub fn advisories(&self) -> Vec<(String, Vec<u8>)> {
        specs().iter().map(|spec| file(spec, &[self.released(spec, "Initial publication")])).collect()
    }

    /// Revision 2 of the first advisory, released at the plan's `now`: one product more is affected, nothing
    /// else changes. The file name is that of revision 1.
    #[must_use]
    pub fn advisory_update(&self) -> (String, Vec<u8>) {
        let update = &TABLE.update;
        let first = specs().iter().find(|spec| spec.id == update.revises).unwrap_or(&update.advisory);
        let second = Revision { date: self.plan.now, summary: update.summary.clone() };
        file(&update.advisory, &[self.released(first, "Initial publication"), second])
    }

    fn released(&self, spec: &Spec, summary: &str) -> Revision {
        Revision { date: self.plan.now.plus_days(-spec.days_ago), summary: summary.to_owned() }
    }
}

struct Revision {
    date: Timestamp,
    summary: String,
}

fn file(spec: &Spec, revisions: &[Revision]) -> (String, Vec<u8>) {
    let name = format!("{}.json", spec.id.to_lowercase());
    let document = json!({
        "document": header(spec, revisions, &name),
        "product_tree": { "branches": tree(spec) },
        "vulnerabilities": spec.vulnerabilities.iter().map(vulnerability).collect::<Vec<_>>(),
    });
    let mut bytes = serde_json::to_vec_pretty(&document).expect("a value of strings and numbers is JSON");
    bytes.push(b'\n');
    (name, bytes)
}

fn header(spec: &Spec, revisions: &[Revision], file_name: &str) -> Value {
    let history: Vec<Value> = revisions
        .iter()
        .enumerate()
        .map(|(at, revision)| {
            json!({
                "date": revision.date.to_string(),
                "number": (at + 1).to_string(),
                "summary": revision.summary,
            })
        })
        .collect();
    let date = |revision: Option<&Revision>| revision.map(|revision| revision.date.to_string());
    json!({
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "distribution": { "text": "Disclosure is not limited", "tlp": { "label": "WHITE" } },
        "lang": "en-US",
        "notes": [
            { "category": "legal_disclaimer", "title": "Sample",
              "text": "This advisory is a sample. Its maker, products and flaws do not exist." },
            { "category": "summary", "title": "Risk evaluation", "text": spec.summary },
        ],
        "publisher": {
            "category": "coordinator",
            "name": "Sample Coordinator",
            "namespace": "https://coordinator.example",
        },
        "references": [{
            "category": "self",
            "summary": format!("{} JSON", spec.id),
            "url": format!("https://coordinator.example/white/2026/{file_name}"),
        }],
        "title": spec.title,
        "tracking": {
            "current_release_date": date(revisions.last()),
            "generator": { "engine": { "name": "tallyward-lab", "version": env!("CARGO_PKG_VERSION") } },
            "id": spec.id,
            "initial_release_date": date(revisions.first()),
            "revision_history": history,
            "status": "final",
            "version": revisions.len().to_string(),
        },
    })
}

/// A product and the branches below it.
type Products<'a> = (&'a str, Vec<Value>);

/// Vendor, product and version as three levels of branches; leaves of one product stand under one branch.
fn tree(spec: &Spec) -> Vec<Value> {
    let mut vendors: Vec<(&str, Vec<Products<'_>>)> = Vec::new();
    for (at, leaf) in spec.leaves.iter().enumerate() {
        let branch = json!({
            "category": leaf.category,
            "name": leaf.expression,
            "product": {
                "name": format!("{} {}: {}", leaf.vendor, leaf.product, leaf.expression),
                "product_id": product_id(at),
            },
        });
        let products = entry(&mut vendors, &leaf.vendor);
        entry(products, &leaf.product).push(branch);
    }
    let branch = |category: &str, name: &str, inside: Vec<Value>| json!({ "category": category, "name": name, "branches": inside });
    vendors
        .into_iter()
        .map(|(vendor, products)| {
            let inside =
                products.into_iter().map(|(name, leaves)| branch("product_name", name, leaves)).collect();
            branch("vendor", vendor, inside)
        })
        .collect()
}

/// The list kept under `name`, made when it is new; the order of first mention is kept.
fn entry<'a, 'n, T>(all: &'a mut Vec<(&'n str, Vec<T>)>, name: &'n str) -> &'a mut Vec<T> {
    let at = all.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
        all.push((name, Vec::new()));
        all.len() - 1
    });
    &mut all[at].1
}

fn product_id(leaf: usize) -> String {
    format!("SAMPLEPID-{:04}", leaf + 1)
}

fn vulnerability(flaw: &Flaw) -> Value {
    let ids = |leaves: &[usize]| leaves.iter().copied().map(product_id).collect::<Vec<_>>();
    let affected = ids(&flaw.known_affected);
    let mut status = json!({ "known_affected": affected });
    if !flaw.fixed.is_empty() {
        status["fixed"] = json!(ids(&flaw.fixed));
    }
    if !flaw.known_not_affected.is_empty() {
        status["known_not_affected"] = json!(ids(&flaw.known_not_affected));
    }
    let remediations: Vec<Value> = flaw
        .remediations
        .iter()
        .map(|remedy| json!({ "category": remedy.category, "details": remedy.details, "product_ids": affected }))
        .collect();
    json!({
        "cve": flaw.cve,
        "cwe": { "id": flaw.cwe_id, "name": flaw.cwe },
        "notes": [{ "category": "summary", "title": "Vulnerability summary", "text": flaw.text }],
        "product_status": status,
        "remediations": remediations,
        "scores": [{
            "cvss_v3": {
                "version": "3.1",
                "vectorString": flaw.vector,
                "baseScore": flaw.score,
                "baseSeverity": flaw.severity,
            },
            "products": affected,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Tables;

    #[test]
    fn every_version_in_circulation_has_one_verdict() {
        let models = Tables::load().models;
        for spec in specs().iter().chain([revised()]) {
            for truth in spec.verdicts.iter().filter(|truth| !truth.open) {
                let model = models.iter().find(|model| model.id == truth.model).unwrap();
                for version in &model.versions {
                    let lists = [&truth.affected, &truth.not_affected, &truth.unknown];
                    let count = lists.iter().filter(|list| list.contains(version)).count();
                    assert_eq!(count, 1, "{} {} {version}", spec.id, model.id);
                }
                let named =
                    spec.leaves.iter().any(|leaf| leaf.vendor == model.maker && leaf.product == model.model);
                assert!(named, "{} judges {} but no leaf names it", spec.id, model.id);
            }
        }
    }

    #[test]
    fn scores_follow_from_their_vectors() {
        for flaw in specs().iter().flat_map(|spec| &spec.vulnerabilities) {
            let score = base_score(&flaw.vector);
            assert!((score - flaw.score).abs() < 1e-9, "{}: {score} from {}", flaw.cve, flaw.vector);
            let word = match flaw.score {
                9.0.. => "CRITICAL",
                7.0.. => "HIGH",
                _ => "MEDIUM",
            };
            assert_eq!(flaw.severity, word, "{}", flaw.cve);
            assert!(flaw.cve.starts_with("CVE-2099-"), "a number nobody takes for a real one");
        }
    }

    /// CVSS 3.1, section 7.1, for an unchanged scope.
    fn base_score(vector: &str) -> f64 {
        let metric = |name: &str| vector.split('/').find_map(|part| part.strip_prefix(name)).unwrap();
        let harm = |name: &str| match metric(name) {
            "H" => 0.56,
            "L" => 0.22,
            _ => 0.0,
        };
        assert_eq!(metric("S:"), "U");
        let impact = 6.42 * (1.0 - (1.0 - harm("C:")) * (1.0 - harm("I:")) * (1.0 - harm("A:")));
        let reach = match metric("AV:") {
            "N" => 0.85,
            "A" => 0.62,
            "L" => 0.55,
            _ => 0.2,
        };
        let effort = if metric("AC:") == "L" { 0.77 } else { 0.44 };
        let rights = match metric("PR:") {
            "N" => 0.85,
            "L" => 0.62,
            _ => 0.27,
        };
        let help = if metric("UI:") == "N" { 0.85 } else { 0.62 };
        let sum: f64 = impact + 8.22 * reach * effort * rights * help;
        (sum.min(10.0) * 10.0).ceil() / 10.0
    }
}

//! An advisory written here, as a CSAF 2.0 document.
//!
//! Reading back what was written gives the same products, statements, remedies, scores and references. A
//! manuscript may be unfinished: it is written all the same, and [`check`](crate::check) names what is missing.

mod tree;
mod vulnerability;

pub(crate) use vulnerability::severity;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tallyward_core::advisory::{Product, Reference, Vulnerability};
use tallyward_core::time::Timestamp;

/// One entry of the revision history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// `1`, `2` …, or `0` while a draft.
    pub number: String,
    /// When.
    pub date: Timestamp,
    /// What it brought.
    pub summary: String,
}

/// An advisory as its writer knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manuscript {
    /// Name of who publishes it.
    pub publisher: String,
    /// `vendor`, `coordinator`, `user`, `translator`, `discoverer` or `other`; `other` when empty.
    #[serde(default)]
    pub publisher_category: String,
    /// Web address under the publisher's control, which makes its ids unique.
    pub namespace: String,
    /// Tracking id.
    pub id: String,
    /// Title.
    pub title: String,
    /// `draft`, `interim` or `final`.
    pub status: String,
    /// Traffic Light Protocol label; empty for none.
    #[serde(default)]
    pub tlp: String,
    /// Language of the text, such as `en`; empty for none.
    #[serde(default)]
    pub language: String,
    /// What it is about.
    #[serde(default)]
    pub summary: String,
    /// Revision history, oldest first. The last entry gives the document its version and date.
    pub revisions: Vec<Revision>,
    /// The products, with their version texts verbatim. A leaf whose category is not given gets one by its text.
    pub products: Vec<Product>,
    /// The vulnerabilities. A remedy or score for no product in particular is written for all of them.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Links.
    #[serde(default)]
    pub references: Vec<Reference>,
}

/// The manuscript as a `csaf_security_advisory` of CSAF 2.0, indented, with sorted members.
#[must_use]
pub fn write_csaf(manuscript: &Manuscript) -> String {
    let mut root = Map::new();
    root.insert("document".to_owned(), document(manuscript));
    if !manuscript.products.is_empty() {
        root.insert("product_tree".to_owned(), tree::tree(&manuscript.products));
    }
    if !manuscript.vulnerabilities.is_empty() {
        let written = manuscript.vulnerabilities.iter().map(|one| vulnerability::written(manuscript, one));
        root.insert("vulnerabilities".to_owned(), written.collect());
    }
    // The alternate form of a JSON value is indented.
    format!("{:#}\n", Value::Object(root))
}

fn document(manuscript: &Manuscript) -> Value {
    let category = Some(manuscript.publisher_category.as_str()).filter(|text| !text.is_empty());
    let mut document = json!({
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "title": manuscript.title,
        "publisher": {
            "category": category.unwrap_or("other"),
            "name": manuscript.publisher,
            "namespace": manuscript.namespace,
        },
        "tracking": tracking(manuscript),
    });
    put(&mut document, "lang", &manuscript.language);
    if !manuscript.summary.is_empty() {
        document["notes"] = json!([{"category": "summary", "text": manuscript.summary}]);
    }
    let moved =
        |one: &&Reference| manuscript.vulnerabilities.iter().any(|flaw| vulnerability::holds(flaw, one));
    let references: Vec<Value> =
        manuscript.references.iter().filter(|one| !moved(one)).map(reference).collect();
    if !references.is_empty() {
        document["references"] = references.into();
    }
    // CSAF 2.0 knows TLP 1.0: CLEAR was called WHITE, and AMBER+STRICT did not exist.
    match manuscript.tlp.as_str() {
        "" => {}
        "CLEAR" => document["distribution"] = json!({"tlp": {"label": "WHITE"}}),
        "AMBER+STRICT" => {
            document["distribution"] = json!({"tlp": {"label": "AMBER"}, "text": "TLP:AMBER+STRICT"});
        }
        label => document["distribution"] = json!({"tlp": {"label": label}}),
    }
    document
}

fn tracking(manuscript: &Manuscript) -> Value {
    let history: Vec<Value> = manuscript
        .revisions
        .iter()
        .map(|one| json!({"number": one.number, "date": one.date.to_string(), "summary": one.summary}))
        .collect();
    let mut tracking = json!({
        "id": manuscript.id,
        "status": manuscript.status,
        "revision_history": history,
        "generator": {"engine": {"name": "Tallyward"}},
    });
    // A draft's own entry (version 0) is no release.
    let first = manuscript.revisions.iter().find(|one| one.number != "0").or(manuscript.revisions.first());
    if let (Some(first), Some(last)) = (first, manuscript.revisions.last()) {
        tracking["version"] = last.number.clone().into();
        tracking["initial_release_date"] = first.date.to_string().into();
        tracking["current_release_date"] = last.date.to_string().into();
    }
    tracking
}

fn reference(reference: &Reference) -> Value {
    json!({"category": "external", "url": reference.url, "summary": reference.summary})
}

/// Sets `key` unless the text is empty: CSAF has no empty texts.
fn put(object: &mut Value, key: &str, text: &str) {
    if !text.is_empty() {
        object[key] = text.into();
    }
}

//! What a document offers as remedy, as text.

use crate::fix::fixed_versions;
use tallyward_core::advisory::{Advisory, Remediation};

/// A remedy for one product, worded by the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemedyText {
    /// The text, verbatim.
    pub text: String,
    /// A link; may be empty.
    pub url: String,
    /// Date as written; may be empty.
    pub date: String,
    /// The document's category, for the record. A `vendor_fix` may well say that there will be none.
    pub category: String,
    /// Versions the text says in plain words hold the fix; usually none.
    pub fixed_versions: Vec<String>,
    /// Whether the text says in plain words that no fix exists or will come.
    pub says_none: bool,
}

/// The remedies the document gives for a vulnerability and a product id, in its order. Whether one of them is
/// a fix is for its reader to judge: the category never is believed.
#[must_use]
pub fn remedy(advisory: &Advisory, vulnerability: &str, product_id: &str) -> Vec<RemedyText> {
    let vulnerabilities = advisory.vulnerabilities.iter().filter(|entry| entry.id == vulnerability);
    let remediations = vulnerabilities.flat_map(|entry| &entry.remediations);
    remediations.filter(|remediation| is_for(remediation, product_id)).map(as_text).collect()
}

fn is_for(remediation: &Remediation, product_id: &str) -> bool {
    remediation.products.is_empty() || remediation.products.iter().any(|id| id == product_id)
}

fn as_text(remediation: &Remediation) -> RemedyText {
    RemedyText {
        text: remediation.text.clone(),
        url: remediation.url.clone(),
        date: remediation.date.clone(),
        category: remediation.category.clone(),
        fixed_versions: fixed_versions(&remediation.text),
        says_none: says_none(&remediation.text),
    }
}

/// Whether a text says in plain words that no fix exists or will come.
pub(crate) fn says_none(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "will not be issuing",
        "will not issue",
        "will not be releasing",
        "will not release",
        "will not provide",
        "will not be providing",
        "will not be fixed",
        "will not be patched",
        "will not be updated",
        "will not receive",
        "no fix is",
        "no fix will",
        "no fix available",
        "no patch is",
        "no patch will",
        "no update is planned",
        "no updates are planned",
        "no plans to",
        "does not plan to",
        "does not intend to",
        "not capable of accepting the",
        "no longer supported by",
        "cannot be updated",
        "cannot be patched",
    ];
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    WORDS.iter().any(|words| folded.contains(words))
}

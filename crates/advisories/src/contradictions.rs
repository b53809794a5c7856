//! Two things one document says that cannot both hold.
//!
//! Both readings are kept; matching then answers *unknown* for the version in question and asks for the
//! maker's word. A contradiction without a product is a note to the reader and changes no verdict.

use crate::fix::{bare_name_and_version, in_sentence, sentences, without_brackets};
use crate::remedy::says_none;
use crate::{helpers, misnamed, sisters};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::advisory::{Advisory, Contradiction, Product, ProductStatus, Remediation, Vulnerability};
use tallyward_versions::{Clause, ClauseVerdict, Facts, Node, Op};

/// The contradictions that the advisory's own words show, in document order, each once.
pub(crate) fn find(advisory: &Advisory) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut clauses = Clauses::default();
    let by_id: BTreeMap<&str, &Product> =
        advisory.products.iter().rev().map(|product| (product.id.as_str(), product)).collect();
    for vulnerability in &advisory.vulnerabilities {
        opposed(vulnerability, &by_id, &mut found);
        fixed_leaf_yet_affected(vulnerability, &by_id, &mut clauses, &mut found);
        for remediation in &vulnerability.remediations {
            fixed_yet_affected(vulnerability, remediation, &by_id, &mut clauses, &mut found);
        }
    }
    no_fix_under_fix(advisory, &mut found);
    sisters::swapped(advisory, &mut found);
    misnamed::products(advisory, &mut found);
    helpers::versions(advisory, &mut found);
    let mut seen = BTreeSet::new();
    found.retain(|entry| {
        seen.insert((
            entry.vulnerability.clone(),
            entry.product.clone(),
            entry.version.clone(),
            entry.text.clone(),
        ))
    });
    found
}

/// The groups of CSAF 2.0 clause 6.1.6, of which a product may be in only one.
fn camp(status: ProductStatus) -> Option<&'static str> {
    match status {
        ProductStatus::FirstAffected | ProductStatus::KnownAffected | ProductStatus::LastAffected => {
            Some("affected")
        }
        ProductStatus::FirstFixed | ProductStatus::Fixed => Some("fixed"),
        ProductStatus::KnownNotAffected => Some("not affected"),
        ProductStatus::UnderInvestigation => Some("under investigation"),
        ProductStatus::Recommended => None,
    }
}

fn opposed(vulnerability: &Vulnerability, by_id: &BTreeMap<&str, &Product>, found: &mut Vec<Contradiction>) {
    let mut camps: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for statement in &vulnerability.statements {
        camps.entry(&statement.product).or_default().extend(camp(statement.status));
    }
    for (product, said) in camps.into_iter().filter(|(_, said)| said.len() > 1) {
        let said = said.into_iter().collect::<Vec<_>>().join(" and as ");
        found.push(Contradiction {
            vulnerability: vulnerability.id.clone(),
            product: product.to_owned(),
            version: String::new(),
            text: format!(
                "For {}, {} (product id {product:?}) is listed as {said}.",
                vulnerability.id,
                by_id
                    .get(product)
                    .map_or_else(|| "a product that no leaf defines".to_owned(), |leaf| called(leaf)),
            ),
        });
    }
}

/// Product and version as the leaf has them.
pub(crate) fn called(leaf: &Product) -> String {
    let parts = [leaf.vendor.trim(), leaf.product.trim(), leaf.version.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A leaf with one version is listed as fixed, and another leaf of the product covers that version as affected.
fn fixed_leaf_yet_affected(
    vulnerability: &Vulnerability,
    by_id: &BTreeMap<&str, &Product>,
    clauses: &mut Clauses,
    found: &mut Vec<Contradiction>,
) {
    let leaves = |wanted: &str| -> Vec<&Product> {
        let listed = vulnerability.statements.iter().filter(|entry| camp(entry.status) == Some(wanted));
        listed.filter_map(|entry| by_id.get(entry.product.as_str()).copied()).collect()
    };
    let mut affected: BTreeMap<(&str, &str), Vec<&Product>> = BTreeMap::new();
    for leaf in leaves("affected").into_iter().filter(|leaf| leaf.relation.is_none()) {
        affected.entry((&leaf.vendor, &leaf.product)).or_default().push(leaf);
    }
    for fixed in leaves("fixed").into_iter().filter(|leaf| leaf.relation.is_none()) {
        // Of ranges only their ends could be asked, which an open bound does not hold; single versions can.
        let Some(version) = clauses.single(&fixed.version) else { continue };
        let same = affected.get(&(fixed.vendor.as_str(), fixed.product.as_str()));
        for leaf in same.into_iter().flatten().filter(|leaf| leaf.id != fixed.id) {
            if clauses.covers(leaf, &version) {
                found.push(Contradiction {
                    vulnerability: vulnerability.id.clone(),
                    product: leaf.id.clone(),
                    version: version.clone(),
                    text: format!(
                        "For {}, {} is listed as fixed (product id {:?}) and is within what is listed as affected: {:?} (product id {:?}).",
                        vulnerability.id, called(fixed), fixed.id, leaf.version, leaf.id
                    ),
                });
            }
        }
    }
}

/// A version that a remedy calls fixed and the product's own clause calls affected.
fn fixed_yet_affected(
    vulnerability: &Vulnerability,
    remediation: &Remediation,
    by_id: &BTreeMap<&str, &Product>,
    clauses: &mut Clauses,
    found: &mut Vec<Contradiction>,
) {
    let stated = stated_fixes(remediation);
    if stated.is_empty() {
        return;
    }
    let affected = vulnerability.statements.iter().filter(|entry| camp(entry.status) == Some("affected"));
    let leaves: Vec<&Product> = affected
        .filter(|entry| remediation.products.is_empty() || remediation.products.contains(&entry.product))
        .filter_map(|entry| by_id.get(entry.product.as_str()).copied())
        .collect();
    let names: BTreeSet<&str> = leaves.iter().map(|leaf| leaf.product.as_str()).collect();
    for (sentence, version) in stated {
        if !speaks_of(&sentence, vulnerability) {
            continue;
        }
        let in_text = |text: &str| -> BTreeSet<&str> {
            by_id.values().map(|leaf| leaf.product.as_str()).filter(|name| mentions(text, name)).collect()
        };
        // "For A 2.x and B 4.1 or prior, fixed in A 3.1": the fix is of the product named right before it.
        let near = in_text(&words_before(&sentence, &version));
        let named = if near.is_empty() { in_text(&sentence) } else { near };
        for leaf in &leaves {
            let meant = named.contains(leaf.product.as_str()) || (named.is_empty() && names.len() == 1);
            if meant && clauses.covers(leaf, &version) {
                found.push(Contradiction {
                    vulnerability: vulnerability.id.clone(),
                    product: leaf.id.clone(),
                    version: version.clone(),
                    text: format!(
                        "For {}, {} {} is listed as affected by {:?}, but the remedy says: {:?}",
                        vulnerability.id,
                        leaf.product,
                        version,
                        leaf.version,
                        short_sentence(&sentence)
                    ),
                });
            }
        }
    }
}

/// The few words that lead up to a version.
fn words_before(sentence: &str, version: &str) -> String {
    const NEAR: usize = 6;
    let before = sentence.rsplit_once(version).map_or("", |(before, _)| before);
    let mut words: Vec<&str> = before.split_whitespace().rev().take(NEAR).collect();
    words.reverse();
    words.join(" ")
}

fn short_sentence(sentence: &str) -> String {
    const KEPT: usize = 240;
    match sentence.char_indices().nth(KEPT) {
        Some((end, _)) => format!("{}…", &sentence[..end]),
        None => sentence.to_owned(),
    }
}

/// The fix versions of a remedy with the sentence that states each.
fn stated_fixes(remediation: &Remediation) -> Vec<(String, String)> {
    let mut stated = Vec::new();
    for sentence in sentences(&remediation.text) {
        stated.extend(in_sentence(sentence).into_iter().map(|version| (sentence.to_owned(), version)));
    }
    // "Service Tool: v1.10" under `vendor_fix`: an item of a list of fixed versions.
    if stated.is_empty() && remediation.category == "vendor_fix" {
        stated.extend(
            bare_name_and_version(&remediation.text).map(|(_, version)| (remediation.text.clone(), version)),
        );
    }
    stated
}

/// A sentence that lists what it fixes (CVE or CWE numbers) speaks only of those.
fn speaks_of(sentence: &str, vulnerability: &Vulnerability) -> bool {
    let words = sentence.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    let listed: Vec<&str> =
        words.filter(|word| word.starts_with("CVE-") || word.starts_with("CWE-")).collect();
    let cwe = vulnerability.cwe.split_whitespace().next().unwrap_or_default();
    listed.is_empty() || listed.iter().any(|word| *word == vulnerability.id || *word == cwe)
}

/// Whether a sentence names a product: by every word of its name outside brackets, or by its abbreviation.
fn mentions(sentence: &str, product: &str) -> bool {
    let words: BTreeSet<String> = words(sentence).collect();
    let plain = without_brackets(product);
    let mut name = self::words(&plain).peekable();
    if name.peek().is_some() && name.all(|word| words.contains(&word)) {
        return true;
    }
    let spoken = sentence.split(|letter: char| !letter.is_alphanumeric());
    spoken.filter(|word| is_abbreviation(word)).any(|word| abbreviates(word, product))
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

fn is_abbreviation(word: &str) -> bool {
    word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// ISCV for IntelliSpace Cardiovascular: the letters stand in the name in order, and every capital of the
/// name is one of them.
fn abbreviates(word: &str, name: &str) -> bool {
    let plain = without_brackets(name);
    let mut letters = plain.chars().map(|letter| letter.to_ascii_uppercase());
    let in_order = word.chars().all(|letter| letters.any(|found| found == letter));
    let capitals: Vec<char> = plain.chars().filter(char::is_ascii_uppercase).collect();
    let mut left = word.chars();
    let spoken = capitals.iter().all(|capital| left.any(|letter| letter == *capital));
    in_order && capitals.len() > 1 && spoken && word.chars().next() == capitals.first().copied()
}

/// `vendor_fix` whose text says there will be none: a note on the document, since the text itself is shown.
fn no_fix_under_fix(advisory: &Advisory, found: &mut Vec<Contradiction>) {
    let named = |remediation: &Remediation| {
        let leaf = remediation.products.iter().find_map(|id| advisory.product(id));
        let more = remediation.products.len().saturating_sub(1);
        match leaf {
            Some(leaf) if more > 0 => format!("For {} and {more} more: ", called(leaf)),
            Some(leaf) => format!("For {}: ", called(leaf)),
            None => String::new(),
        }
    };
    let all = advisory.vulnerabilities.iter().flat_map(|entry| &entry.remediations);
    for remediation in all.filter(|entry| entry.category == "vendor_fix") {
        if let Some(sentence) = sentences(&remediation.text).find(|sentence| says_none(sentence)) {
            found.push(Contradiction {
                vulnerability: String::new(),
                product: String::new(),
                version: String::new(),
                text: format!(
                    "{}filed under vendor_fix, but the text says there is none: {:?}",
                    named(remediation),
                    short_sentence(sentence)
                ),
            });
        }
    }
}

/// Clauses parsed once a document.
#[derive(Default)]
struct Clauses {
    parsed: BTreeMap<String, Clause>,
}

impl Clauses {
    /// The version, when a text is one single version and nothing else.
    fn single(&mut self, text: &str) -> Option<String> {
        let clause = self.parsed.entry(text.to_owned()).or_insert_with(|| Clause::parse(text));
        match clause.tree() {
            Node::Version(Op::Equal, version) => Some(version.text().to_owned()),
            _ => None,
        }
    }

    fn covers(&mut self, leaf: &Product, version: &str) -> bool {
        if leaf.version.is_empty() {
            return false;
        }
        let clause = self.parsed.entry(leaf.version.clone()).or_insert_with(|| Clause::parse(&leaf.version));
        // A clause for every version says nothing about a fix that came later than it was written.
        let facts =
            Facts { product: Some(leaf.product.as_str()), version: Some(version), ..Facts::default() };
        !clause.covers_everything() && clause.decide(&facts).verdict == ClauseVerdict::Affected
    }
}

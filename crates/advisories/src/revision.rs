//! What a revision changed.

use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::advisory::{Advisory, Product, ProductStatus, Vulnerability};

/// Whether two revisions say the same, whatever their number, date and bytes.
///
/// An advisory read before format, publisher's category, severity and the like were kept has none of them; read
/// again unchanged it must not pass for a changed one, so these count only where both sides have them.
#[must_use]
pub fn same_content(a: &Advisory, b: &Advisory) -> bool {
    let both_kept = kept_all(a) && kept_all(b);
    let bare = |advisory: &Advisory| {
        let mut bare = Advisory {
            revision: String::new(),
            revised: None,
            status: String::new(),
            hash: String::new(),
            format: String::new(),
            history: Vec::new(),
            ..advisory.clone()
        };
        if !both_kept {
            bare.publisher_category.clear();
            bare.namespace.clear();
            bare.severity.clear();
            bare.language.clear();
            for score in bare.vulnerabilities.iter_mut().flat_map(|entry| &mut entry.scores) {
                score.severity.clear();
            }
        }
        bare
    };
    bare(a) == bare(b)
}

/// Whether it was read since the format, and with it the rest a document says of itself, is kept.
fn kept_all(advisory: &Advisory) -> bool {
    !advisory.format.is_empty()
}

/// What `new` says otherwise than `old`, in short sentences; empty when nothing a reader would notice changed.
///
/// Products are compared by vendor, product and version text, not by id: ids may be numbered anew.
#[must_use]
pub fn changes(old: &Advisory, new: &Advisory) -> Vec<String> {
    let mut lines = Vec::new();
    text(&mut lines, "The title", &old.title, &new.title);
    text(&mut lines, "The document's status", &old.status, &new.status);
    if kept_all(old) && kept_all(new) {
        text(&mut lines, "The publisher's severity", &old.severity, &new.severity);
    }
    let (before, after) = (leaves(old), leaves(new));
    lines.extend(after.difference(&before).map(|leaf| format!("New product: {leaf}.")));
    lines.extend(before.difference(&after).map(|leaf| format!("No longer listed: {leaf}.")));
    let (was, is) = (by_id(old), by_id(new));
    for (id, entry) in &is {
        match was.get(id) {
            None => lines.push(format!("New vulnerability: {id}.")),
            Some(former) => vulnerability(&mut lines, (old, former), (new, entry)),
        }
    }
    lines.extend(was.keys().filter(|id| !is.contains_key(*id)).map(|id| format!("No longer listed: {id}.")));
    if old.summary != new.summary {
        lines.push("The summary is worded anew.".to_owned());
    }
    if old.references != new.references {
        lines.push("The references changed.".to_owned());
    }
    lines
}

fn text(lines: &mut Vec<String>, what: &str, old: &str, new: &str) {
    if old != new {
        lines.push(format!("{what} was {old:?}, is {new:?}."));
    }
}

fn leaf(product: &Product) -> String {
    let parts = [&product.vendor, &product.product, &product.version];
    let named: Vec<&str> =
        parts.into_iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    named.join(" ")
}

fn leaves(advisory: &Advisory) -> BTreeSet<String> {
    advisory.products.iter().map(leaf).collect()
}

fn by_id(advisory: &Advisory) -> BTreeMap<&str, Vec<&Vulnerability>> {
    let mut entries: BTreeMap<&str, Vec<&Vulnerability>> = BTreeMap::new();
    for entry in &advisory.vulnerabilities {
        entries.entry(&entry.id).or_default().push(entry);
    }
    entries
}

type Entry<'a> = (&'a Advisory, &'a Vec<&'a Vulnerability>);

fn vulnerability(lines: &mut Vec<String>, old: Entry<'_>, new: Entry<'_>) {
    let id = new.1.first().map_or("", |entry| entry.id.as_str());
    let (before, after) = (statements(old), statements(new));
    lines.extend(after.difference(&before).map(|(leaf, said)| format!("{id}: {leaf} is now {said}.")));
    lines.extend(before.difference(&after).map(|(leaf, said)| format!("{id}: {leaf} is no longer {said}.")));
    let (before, after) = (remedies(old.1), remedies(new.1));
    lines.extend(after.difference(&before).map(|text| format!("{id}: new remedy: {text:?}.")));
    lines.extend(before.difference(&after).map(|text| format!("{id}: remedy withdrawn: {text:?}.")));
    let (before, after) = (vectors(old.1), vectors(new.1));
    lines.extend(after.difference(&before).map(|vector| format!("{id}: new score {vector}.")));
    lines.extend(before.difference(&after).map(|vector| format!("{id}: score withdrawn {vector}.")));
    if old.1.iter().map(|entry| &entry.description).ne(new.1.iter().map(|entry| &entry.description)) {
        lines.push(format!("{id}: the description is worded anew."));
    }
}

fn statements(entry: Entry<'_>) -> BTreeSet<(String, &'static str)> {
    let name = |id: &str| entry.0.product(id).map_or_else(|| format!("product id {id:?}"), leaf);
    let all = entry.1.iter().flat_map(|entry| &entry.statements);
    all.map(|statement| (name(&statement.product), said(statement.status))).collect()
}

fn said(status: ProductStatus) -> &'static str {
    match status {
        ProductStatus::FirstAffected => "the first version known to be affected",
        ProductStatus::KnownAffected => "known to be affected",
        ProductStatus::LastAffected => "the last version known to be affected",
        ProductStatus::FirstFixed => "the first version with a fix",
        ProductStatus::Fixed => "fixed",
        ProductStatus::KnownNotAffected => "known not to be affected",
        ProductStatus::Recommended => "recommended",
        ProductStatus::UnderInvestigation => "under investigation",
    }
}

fn remedies<'a>(entries: &[&'a Vulnerability]) -> BTreeSet<&'a str> {
    entries.iter().flat_map(|entry| &entry.remediations).map(|remedy| remedy.text.as_str()).collect()
}

fn vectors<'a>(entries: &[&'a Vulnerability]) -> BTreeSet<&'a str> {
    entries.iter().flat_map(|entry| &entry.scores).map(|score| score.vector.as_str()).collect()
}

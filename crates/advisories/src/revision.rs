//! What a revision changed.

use crate::clause_change::ClauseChange;
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
/// A silent change, other content under the same revision, is said first. Products are compared by vendor, product
/// and version text, not by id: ids may be numbered anew.
#[must_use]
pub fn changes(old: &Advisory, new: &Advisory) -> Vec<String> {
    let mut lines = Vec::new();
    if old.revision == new.revision && !same_content(old, new) {
        lines.push(silent(old, new));
    }
    text(&mut lines, "The title", &old.title, &new.title);
    text(&mut lines, "The document's status", &old.status, &new.status);
    if kept_all(old) && kept_all(new) {
        text(&mut lines, "The publisher's severity", &old.severity, &new.severity);
    }
    let replaced = products(&mut lines, old, new);
    named_otherwise(&mut lines, old, new, &replaced);
    let (was, is) = (by_id(old), by_id(new));
    let added: Vec<&str> = is.keys().filter(|id| !was.contains_key(*id)).copied().collect();
    let dropped: Vec<&str> = was.keys().filter(|id| !is.contains_key(*id)).copied().collect();
    counted(&mut lines, "New vulnerability", "vulnerabilities added", &added);
    for (id, entry) in &is {
        if let Some(former) = was.get(id) {
            vulnerability(&mut lines, (old, former), (new, entry), &replaced);
        }
    }
    counted(&mut lines, "No longer listed", "vulnerabilities no longer listed", &dropped);
    if old.summary != new.summary {
        lines.push("The summary is worded anew.".to_owned());
    }
    if old.references != new.references {
        lines.push("The references changed.".to_owned());
    }
    lines
}

fn silent(old: &Advisory, new: &Advisory) -> String {
    if old.hash == new.hash {
        return "The file is the same; the program reads it otherwise than before.".to_owned();
    }
    format!("The content changed although the revision is still {:?}.", new.revision)
}

fn text(lines: &mut Vec<String>, what: &str, old: &str, new: &str) {
    if old != new {
        lines.push(format!("{what} was {old:?}, is {new:?}."));
    }
}

/// One item in a sentence of its own, several with their count before them.
fn counted(lines: &mut Vec<String>, one: &str, several: &str, items: &[impl AsRef<str>]) {
    match items {
        [] => {}
        [only] => lines.push(format!("{one}: {}.", only.as_ref())),
        items => {
            let named: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
            lines.push(format!("{} {several}: {}.", items.len(), named.join("; ")));
        }
    }
}

/// Says which products came and went, and whose clause is another. Answers the leaves of which only the clause is
/// another, the old by its name with the new.
fn products(lines: &mut Vec<String>, old: &Advisory, new: &Advisory) -> BTreeMap<String, String> {
    let (before, after) = (clauses(old), clauses(new));
    let (mut added, mut dropped) = (Vec::new(), Vec::new());
    let (mut replaced, mut changed) = (BTreeMap::new(), Vec::new());
    let none = BTreeSet::new();
    for named in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (before.get(named).unwrap_or(&none), after.get(named).unwrap_or(&none));
        let gone: Vec<&str> = was.difference(is).copied().collect();
        let come: Vec<&str> = is.difference(was).copied().collect();
        if let ([old], [new]) = (gone.as_slice(), come.as_slice()) {
            let word = ClauseChange::between(old, new).word();
            changed.push(format!("The clause of {} {word} from {old:?} to {new:?}.", joined(named, "")));
            replaced.insert(joined(named, old), joined(named, new));
        } else {
            dropped.extend(gone.iter().map(|version| joined(named, version)));
            added.extend(come.iter().map(|version| joined(named, version)));
        }
    }
    counted(lines, "New product", "products added", &added);
    counted(lines, "No longer listed", "products no longer listed", &dropped);
    lines.extend(changed);
    replaced
}

/// Says which products of both are named by other numbers than before: these decide which devices are meant.
fn named_otherwise(
    lines: &mut Vec<String>,
    old: &Advisory,
    new: &Advisory,
    replaced: &BTreeMap<String, String>,
) {
    let after = identifiers(new);
    for (named, was) in identifiers(old) {
        let named = replaced.get(&named).unwrap_or(&named);
        let Some(is) = after.get(named) else { continue };
        let come: Vec<&str> = is.difference(&was).copied().collect();
        let gone: Vec<&str> = was.difference(is).copied().collect();
        counted(lines, &format!("{named} is now named by"), &format!("identifiers now name {named}"), &come);
        let (one, several) =
            (format!("{named} is no longer named by"), format!("identifiers no longer name {named}"));
        counted(lines, &one, &several, &gone);
    }
}

/// What leaves are named by beside their names, whatever member it stands in.
fn identifiers(advisory: &Advisory) -> BTreeMap<String, BTreeSet<&str>> {
    let mut found: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for one in &advisory.products {
        let lists = [&one.model_numbers, &one.skus, &one.serial_numbers, &one.generic_uris, &one.other_ids];
        let texts = lists.into_iter().flatten().map(String::as_str);
        found.entry(leaf(one)).or_default().extend(texts);
    }
    found
}

/// Version texts by vendor and product.
fn clauses(advisory: &Advisory) -> BTreeMap<(&str, &str), BTreeSet<&str>> {
    let mut clauses: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for leaf in &advisory.products {
        let named = (leaf.vendor.trim(), leaf.product.trim());
        clauses.entry(named).or_default().insert(leaf.version.trim());
    }
    clauses
}

fn joined((vendor, product): &(&str, &str), version: &str) -> String {
    let named: Vec<&str> = [*vendor, *product, version].into_iter().filter(|part| !part.is_empty()).collect();
    named.join(" ")
}

fn leaf(product: &Product) -> String {
    joined(&(product.vendor.trim(), product.product.trim()), product.version.trim())
}

fn by_id(advisory: &Advisory) -> BTreeMap<&str, Vec<&Vulnerability>> {
    let mut entries: BTreeMap<&str, Vec<&Vulnerability>> = BTreeMap::new();
    for entry in &advisory.vulnerabilities {
        entries.entry(&entry.id).or_default().push(entry);
    }
    entries
}

type Entry<'a> = (&'a Advisory, &'a Vec<&'a Vulnerability>);

fn vulnerability(
    lines: &mut Vec<String>,
    old: Entry<'_>,
    new: Entry<'_>,
    replaced: &BTreeMap<String, String>,
) {
    let id = new.1.first().map_or("", |entry| entry.id.as_str());
    let under_new_name = |(leaf, said): (String, _)| (replaced.get(&leaf).cloned().unwrap_or(leaf), said);
    let before: BTreeSet<_> = statements(old).into_iter().map(under_new_name).collect();
    let after = statements(new);
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

//! Mandatory tests about languages and profiles: 6.1.12, 6.1.15, 6.1.26 to 6.1.28.

use super::flaws::Groups;
use super::{Findings, language, list, text, texts};
use crate::error::short;
use serde_json::Value;
use std::collections::HashSet;

const INCIDENT: &str = "csaf_security_incident_response";
const INFORMATION: &str = "csaf_informational_advisory";
const ADVISORY: &str = "csaf_security_advisory";
const VEX: &str = "csaf_vex";

pub(super) fn check(root: &Value, found: &mut Findings) {
    let Some(document) = root.get("document") else { return };
    languages(document, found);
    let category = text(document, "category").unwrap_or_default();
    name(category, found);
    match category {
        INCIDENT | INFORMATION => informing(root, document, category, found),
        ADVISORY | VEX => advising(root, category, found),
        _ => {}
    }
}

/// 6.1.12, 6.1.15 and 6.1.28.
fn languages(document: &Value, found: &mut Findings) {
    for key in ["lang", "source_lang"] {
        if let Some(part) = text(document, key).and_then(language::unregistered) {
            let text = format!("{:?} is no registered part of a language tag here", short(&part));
            found.add("6.1.12", format!("/document/{key}"), text);
        }
    }
    let (language, source) = (text(document, "lang"), text(document, "source_lang"));
    let publisher = document.get("publisher").and_then(|publisher| text(publisher, "category"));
    if publisher == Some("translator") && source.is_none() {
        let text = "a translation without source_lang".to_owned();
        found.add("6.1.15", "/document/publisher/category".to_owned(), text);
    }
    if language.is_some() && language == source {
        let text = "translated from the language it is in".to_owned();
        found.add("6.1.28", "/document/source_lang".to_owned(), text);
    }
}

/// 6.1.26: no category that only looks like one of the standard's.
fn name(category: &str, found: &mut Findings) {
    let profiles = ["csaf_base", INCIDENT, INFORMATION, ADVISORY, VEX];
    if profiles.contains(&category) {
        return;
    }
    let lower = category.to_lowercase();
    let bare: String = lower.chars().filter(|it| !it.is_whitespace() && !"-_".contains(*it)).collect();
    let taken = ["securityincidentresponse", "informationaladvisory", "securityadvisory", "vex"];
    if lower.starts_with("csaf_") || taken.contains(&bare.as_str()) {
        let text = format!("{:?} looks like a category of the standard and is none", short(category));
        found.add("6.1.26", "/document/category".to_owned(), text);
    }
}

/// 6.1.27.1 to 6.1.27.3.
fn informing(root: &Value, document: &Value, category: &str, found: &mut Findings) {
    let notes = list(document, "notes").iter().filter_map(|note| text(note, "category"));
    if !notes.into_iter().any(|it| matches!(it, "description" | "details" | "general" | "summary")) {
        let text = format!("a {category} needs a note that is a description, details, general or a summary");
        found.add("6.1.27.1", "/document/notes".to_owned(), text);
    }
    // A reference without a category is an external one by default; the test asks for the word itself.
    if !list(document, "references").iter().any(|one| text(one, "category") == Some("external")) {
        let text = format!("a {category} needs a reference of the category external");
        found.add("6.1.27.2", "/document/references".to_owned(), text);
    }
    if category == INFORMATION && root.get("vulnerabilities").is_some() {
        let text = format!("a {category} has no vulnerabilities");
        found.add("6.1.27.3", "/vulnerabilities".to_owned(), text);
    }
}

/// 6.1.27.4 to 6.1.27.11.
fn advising(root: &Value, category: &str, found: &mut Findings) {
    for (test, key) in [("6.1.27.4", "product_tree"), ("6.1.27.11", "vulnerabilities")] {
        if root.get(key).is_none() {
            found.add(test, String::new(), format!("a {category} needs {key}"));
        }
    }
    let groups = Groups::of(root);
    for (index, one) in list(root, "vulnerabilities").iter().enumerate() {
        let place = format!("/vulnerabilities/{index}");
        let mut needs = |test: &str, what: &str| {
            found.add(test, place.clone(), format!("a vulnerability of a {category} needs {what}"));
        };
        if one.get("notes").is_none() {
            needs("6.1.27.5", "notes");
        }
        let status = one.get("product_status");
        if category == ADVISORY {
            if status.is_none() {
                needs("6.1.27.6", "product_status");
            }
            continue;
        }
        let said = ["fixed", "known_affected", "known_not_affected", "under_investigation"];
        if !status.is_some_and(|status| said.iter().any(|key| status.get(key).is_some())) {
            needs("6.1.27.7", "a status fixed, known_affected, known_not_affected or under_investigation");
        }
        if one.get("cve").is_none() && one.get("ids").is_none() {
            needs("6.1.27.8", "a CVE or another id");
        }
        if let Some(status) = status {
            justified(one, status, &groups, &place, found);
        }
    }
}

/// 6.1.27.9 and 6.1.27.10: "not affected" says why, "affected" says what to do.
fn justified<'a>(one: &'a Value, status: &Value, groups: &Groups<'a>, place: &str, found: &mut Findings) {
    let impact = |item: &&Value| text(item, "category") == Some("impact");
    let reasons: HashSet<&str> = list(one, "threats")
        .iter()
        .filter(impact)
        .chain(list(one, "flags"))
        .flat_map(|item| groups.products(item))
        .collect();
    let actions: HashSet<&str> =
        list(one, "remediations").iter().flat_map(|item| groups.products(item)).collect();
    for (test, key, known, what) in [
        ("6.1.27.9", "known_not_affected", &reasons, "a flag or an impact"),
        ("6.1.27.10", "known_affected", &actions, "a remediation"),
    ] {
        for (at, id) in texts(status, key).enumerate().filter(|(_, id)| !known.contains(id)) {
            let text = format!("product id {:?} is {key} without {what}", short(id));
            found.add(test, format!("{place}/product_status/{key}/{at}"), text);
        }
    }
}

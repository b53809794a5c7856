//! The documents are CSAF 2.0 and say what the table says.

use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;
use tallyward_core::testkit::shared;
use tallyward_lab::{Plan, build};

/// Faults of `value` against a JSON schema, as far as this subset goes: types, required members, members,
/// items, enumerations, counts, uniqueness, references inside and between the files of one folder tree.
/// Patterns and formats are left to the assertions below.
fn faults(value: &Value, schema: &Value, root: &Value, place: &str, out: &mut Vec<String>) {
    if let Some(target) = schema["$ref"].as_str() {
        if let Some(pointer) = target.strip_prefix('#') {
            return faults(
                value,
                root.pointer(pointer).expect("the schema refers to itself rightly"),
                root,
                place,
                out,
            );
        }
        return;
    }
    let kind = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Number(_) => "number",
        _ => "other",
    };
    if schema["type"].as_str().is_some_and(|wanted| wanted != kind) {
        out.push(format!("{place}: {kind} instead of {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
        out.push(format!("{place}: {value} is not in the enumeration"));
    }
    if let Some(members) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                out.push(format!("{place}: {name} is missing"));
            }
        }
        for (name, member) in members {
            match schema["properties"].get(name) {
                Some(inner) => faults(member, inner, root, &format!("{place}/{name}"), out),
                None if schema["properties"].is_object() => out.push(format!("{place}: {name} is not known")),
                None => {}
            }
        }
    }
    if let Some(items) = value.as_array() {
        if schema["minItems"].as_u64().is_some_and(|least| (items.len() as u64) < least) {
            out.push(format!("{place}: too few"));
        }
        let distinct: HashSet<String> = items.iter().map(Value::to_string).collect();
        if schema["uniqueItems"] == true && distinct.len() != items.len() {
            out.push(format!("{place}: an item twice"));
        }
        for (at, item) in items.iter().enumerate() {
            faults(item, &schema["items"], root, &format!("{place}/{at}"), out);
        }
    }
    if schema["minLength"]
        .as_u64()
        .is_some_and(|least| value.as_str().is_some_and(|text| (text.len() as u64) < least))
    {
        out.push(format!("{place}: too short"));
    }
}

fn documents() -> Vec<(String, Value)> {
    let house = build(&Plan::default());
    let mut all = house.advisories();
    all.push(house.advisory_update());
    all.into_iter()
        .map(|(name, bytes)| (name, serde_json::from_slice(&bytes).expect("documents are JSON")))
        .collect()
}

fn json(path: &Path) -> Value {
    let bytes = std::fs::read(path).expect("the schema can be read");
    serde_json::from_slice(&bytes).expect("the schema is JSON")
}

#[test]
fn every_document_fits_the_published_schema() {
    let Some(folder) = shared("csaf_schema/csaf_2.0") else { return };
    let schema = json(&folder.join("json_schema/csaf_json_schema.json"));
    let cvss = json(&folder.join("referenced_schema/first/cvss-v3.1.json"));
    for (name, document) in documents() {
        let mut found = Vec::new();
        faults(&document, &schema, &schema, "", &mut found);
        for score in document["vulnerabilities"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|flaw| flaw["scores"].as_array().unwrap())
        {
            faults(&score["cvss_v3"], &cvss, &cvss, "cvss_v3", &mut found);
        }
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn the_schema_check_can_fail() {
    let Some(folder) = shared("csaf_schema/csaf_2.0") else { return };
    let schema = json(&folder.join("json_schema/csaf_json_schema.json"));
    let (_, mut document) = documents().remove(0);
    document["document"]["tracking"]["status"] = "finished".into();
    document["document"].as_object_mut().unwrap().remove("title");
    let mut found = Vec::new();
    faults(&document, &schema, &schema, "", &mut found);
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn references_meet_and_nothing_contradicts_itself_by_id() {
    for (name, document) in documents() {
        let tracking = &document["document"]["tracking"];
        assert_eq!(format!("{}.json", tracking["id"].as_str().unwrap().to_lowercase()), name);
        let history = tracking["revision_history"].as_array().unwrap();
        assert_eq!(history.last().unwrap()["number"], tracking["version"]);
        assert_eq!(history.last().unwrap()["date"], tracking["current_release_date"]);
        let mut defined = HashSet::new();
        collect(&document["product_tree"]["branches"], &mut defined);
        for flaw in document["vulnerabilities"].as_array().unwrap() {
            let groups = flaw["product_status"].as_object().unwrap();
            let used: Vec<&str> = groups
                .values()
                .flat_map(|group| group.as_array().unwrap())
                .filter_map(Value::as_str)
                .collect();
            assert_eq!(used.len(), used.iter().collect::<HashSet<_>>().len(), "{name}: one status an id");
            assert!(used.iter().all(|id| defined.contains(*id)), "{name}");
        }
    }
}

fn collect(branches: &Value, defined: &mut HashSet<String>) {
    for branch in branches.as_array().into_iter().flatten() {
        collect(&branch["branches"], defined);
        if let Some(id) = branch["product"]["product_id"].as_str() {
            assert!(defined.insert(id.to_owned()), "{id} defined twice");
        }
    }
}

#[test]
fn the_update_is_a_second_revision_of_the_first_document() {
    let house = build(&Plan::default());
    let (name, bytes) = house.advisory_update();
    let old = house.advisories().into_iter().find(|(known, _)| *known == name).unwrap().1;
    let (old, new): (Value, Value) =
        (serde_json::from_slice(&old).unwrap(), serde_json::from_slice(&bytes).unwrap());
    let tracking = |document: &Value, member: &str| document["document"]["tracking"][member].clone();
    assert_eq!((tracking(&old, "version"), tracking(&new, "version")), ("1".into(), "2".into()));
    assert_eq!(tracking(&old, "initial_release_date"), tracking(&new, "initial_release_date"));
    assert_ne!(tracking(&old, "current_release_date"), tracking(&new, "current_release_date"));
}

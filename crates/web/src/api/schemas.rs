//! Schemas of the views. A test holds them against what the API answers.

use super::views::{Property, VIEWS};
use super::views_fetched::FETCHED;
use super::views_rules::RULES;
use serde_json::{Map, Value, json};
use tallyward_core::{Field, Presence, Verdict};

/// All schemas.
pub(super) fn schemas() -> Value {
    let mut all = Map::new();
    for (name, description, properties) in VIEWS.iter().chain(RULES).chain(FETCHED) {
        all.insert((*name).to_owned(), object(name, description, properties));
    }
    let fields: Vec<&str> = Field::ALL.iter().map(|field| field.code()).collect();
    all.insert("Verdict".into(), json!({ "enum": Verdict::ALL.map(Verdict::code) }));
    all.insert("Presence".into(), json!({ "enum": Presence::ALL.map(Presence::code) }));
    all.insert("Field".into(), json!({ "enum": fields, "description": "One field of a device." }));
    all.insert("MissingFact".into(), json!({
        "type": "object", "description": "A fact that would settle an unknown verdict; `fact` names its kind, further properties its subject.",
        "properties": { "fact": { "type": "string" } }, "required": ["fact"]
    }));
    all.insert("Voice".into(), json!({
        "type": "object",
        "description": "Who says a value: v value, s source (kind and name), b how the source knows, p place in it, f and l first and last moment it was said to hold, r when it was written down first (all microseconds since 1970-01-01T00:00:00Z), n how often, o older than the field's class allows.",
        "properties": {
            "v": { "type": "string" }, "s": { "$ref": "#/components/schemas/Source" }, "b": { "type": "string" }, "p": { "type": "string" },
            "f": { "type": "integer" }, "l": { "type": "integer" }, "r": { "type": "integer" }, "n": { "type": "integer" }, "o": { "type": "boolean" }
        },
        "required": ["v", "s", "b", "f", "l", "r", "n"]
    }));
    all.insert("Advisory".into(), json!({
        "type": "object",
        "description": "The document as read: product leaves, vulnerabilities, statements, remedies and scores, verbatim. Dates are microseconds since 1970-01-01T00:00:00Z.",
        "properties": { "id": { "type": "string" }, "title": { "type": "string" }, "revision": { "type": "string" }, "products": { "type": "array" }, "vulnerabilities": { "type": "array" } },
        "required": ["id", "title", "revision", "products", "vulnerabilities"]
    }));
    Value::Object(all)
}

fn object(title: &str, description: &str, properties: &[Property]) -> Value {
    let typed: Map<String, Value> =
        properties.iter().map(|(name, short)| ((*name).to_owned(), schema(short))).collect();
    let required: Vec<&str> =
        properties.iter().map(|(name, _)| *name).filter(|name| !SOMETIMES.contains(&(title, name))).collect();
    json!({ "type": "object", "description": description, "properties": typed, "required": required, "additionalProperties": false })
}

/// Properties that are absent when there is nothing to say.
const SOMETIMES: [(&str, &str); 9] = [
    ("Reading", "component"),
    ("Reading", "minutes"),
    ("Reason", "quote"),
    ("Problem", "field"),
    ("Part", "version"),
    ("Part", "supplier"),
    ("Part", "purl"),
    ("Part", "cpe"),
    ("Part", "reference"),
];

fn schema(short: &str) -> Value {
    if let Some(inner) = short.strip_suffix('?') {
        return json!({ "anyOf": [schema(inner), { "type": "null" }] });
    }
    if let Some(inner) = short.strip_suffix("[]") {
        return json!({ "type": "array", "items": schema(inner) });
    }
    if let Some(inner) = short.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let parts: Vec<Value> = inner.split(',').map(schema).collect();
        return json!({ "type": "array", "prefixItems": parts, "minItems": parts.len(), "maxItems": parts.len() });
    }
    if let Some(name) = short.strip_prefix('@') {
        return json!({ "$ref": format!("#/components/schemas/{name}") });
    }
    match short {
        "moment" => json!({ "type": "string", "format": "date-time" }),
        "handle" => json!({ "type": "integer", "description": "The number of the handle: 1042 for D1042." }),
        plain => json!({ "type": plain }),
    }
}

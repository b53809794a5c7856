//! The API answers what its description says.

use crate::house::{Browser, full};
use axum::http::StatusCode;
use serde_json::Value;
use std::path::PathBuf;
use tallyward_app::query::FindingQuery;

fn committed() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test may be told to renew a committed file")]
fn openapi_committed_is_openapi_served() {
    let now = format!("{:#}\n", tallyward_web::openapi());
    if std::env::var("TALLYWARD_UPDATE").is_ok() {
        std::fs::create_dir_all(committed().parent().unwrap()).unwrap();
        std::fs::write(committed(), &now).unwrap();
    }
    let held = std::fs::read_to_string(committed()).unwrap_or_default();
    assert!(
        held == now,
        "docs/reference/openapi.json is not what the program serves; look at the change, then renew it with\n  \
         TALLYWARD_UPDATE=1 cargo test -p tallyward-web openapi"
    );
}

#[test]
fn openapi_references_lead_somewhere() {
    let description = tallyward_web::openapi();
    let text = description.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(description.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn every_endpoint_answers_as_described() {
    let house = full();
    let browser = Browser::signed_in(house, "reader").await;
    let line = house.app.findings(&FindingQuery::default()).unwrap().page.rows.remove(0);
    let notice = house.app.notices().unwrap().remove(0).id;
    let letter = house.app.letters().unwrap().remove(0).id;
    let sbom = house.app.sboms().unwrap().remove(0).id;
    let description = tallyward_web::openapi();
    let mut called = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        if item["get"].is_null() {
            continue;
        }
        let id = if path.starts_with("/notices") {
            notice.clone()
        } else if path.starts_with("/letters") {
            letter.clone()
        } else if path.starts_with("/sboms") {
            sbom.clone()
        } else if path.starts_with("/advisories") || path.starts_with("/untold") {
            line.advisory.clone()
        } else {
            line.device.to_string()
        };
        let concrete = path
            .replace("{kind}", "advisory")
            .replace("{device}", &line.device.to_string())
            .replace("{advisory}", &line.advisory)
            .replace("{vulnerability}", &line.vulnerability)
            .replace("{id}", &id);
        let answer = browser.get(&format!("/api/v1{concrete}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{concrete}: {}", answer.body);
        let value: Value = serde_json::from_str(&answer.body).unwrap();
        let schema = &item["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        holds(&description, schema, &value, path);
        called += 1;
    }
    assert!(called >= 15, "{called}");
    let odd = browser.get("/api/v1/findings?limit=0").await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    let problem: Value = serde_json::from_str(&odd.body).unwrap();
    holds(&description, &serde_json::json!({ "$ref": "#/components/schemas/Problem" }), &problem, "problem");
}

/// Whether `value` is what `schema` says: the part of JSON Schema 2020-12 that the description uses.
pub(crate) fn holds(whole: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        return holds(whole, whole.pointer(&reference[1..]).unwrap(), value, at);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let pick = usize::from(value.is_null());
        return holds(whole, &choices[pick], value, at);
    }
    if let Some(values) = schema["enum"].as_array() {
        assert!(values.contains(value), "{at}: {value} is none of those listed");
        return;
    }
    match schema["type"].as_str().unwrap() {
        "object" => object_holds(whole, schema, value, at),
        "array" => {
            let items = value.as_array().unwrap_or_else(|| panic!("{at}: expected a list, got {value}"));
            for (position, item) in items.iter().enumerate() {
                match schema["prefixItems"].get(position) {
                    Some(one) => holds(whole, one, item, &format!("{at}[{position}]")),
                    None if schema["items"].is_object() => {
                        holds(whole, &schema["items"], item, &format!("{at}[]"))
                    }
                    None => {}
                }
            }
        }
        "string" => assert!(value.is_string(), "{at}: expected a text, got {value}"),
        "integer" => assert!(value.is_i64() || value.is_u64(), "{at}: expected a whole number, got {value}"),
        "number" => assert!(value.is_number(), "{at}: expected a number, got {value}"),
        "boolean" => assert!(value.is_boolean(), "{at}: expected yes or no, got {value}"),
        "null" => assert!(value.is_null(), "{at}: expected nothing, got {value}"),
        other => panic!("{at}: the description uses {other}"),
    }
    if schema["format"] == "date-time" {
        assert!(value.as_str().unwrap().parse::<tallyward_core::Timestamp>().is_ok(), "{at}: {value}");
    }
}

fn object_holds(whole: &Value, schema: &Value, value: &Value, at: &str) {
    let object = value.as_object().unwrap_or_else(|| panic!("{at}: expected an object, got {value}"));
    for name in schema["required"].as_array().unwrap() {
        assert!(object.contains_key(name.as_str().unwrap()), "{at}: {name} is missing");
    }
    for (name, part) in object {
        match schema["properties"].get(name) {
            Some(one) if one.is_object() => holds(whole, one, part, &format!("{at}.{name}")),
            _ => assert_ne!(
                schema["additionalProperties"],
                Value::Bool(false),
                "{at}: {name} is not described"
            ),
        }
    }
}

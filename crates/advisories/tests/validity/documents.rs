//! A valid document with something of everything, and the ways to break it, one for each mandatory test at least.

use serde_json::{Value, json};

/// A valid `csaf_vex`.
pub fn valid() -> Value {
    json!({
        "document": {
            "category": "csaf_vex", "csaf_version": "2.0", "title": "T", "lang": "de-CH", "source_lang": "en",
            "publisher": {"category": "translator", "name": "House", "namespace": "https://example.org"},
            "distribution": {"tlp": {"label": "GREEN"}},
            "notes": [{"category": "summary", "text": "S"}],
            "references": [{"category": "external", "url": "https://example.org/a?b=%20#c", "summary": "A"}],
            "tracking": {
                "id": "H-1", "version": "2", "status": "final",
                "initial_release_date": "2024-01-01T00:00:00Z",
                "current_release_date": "2024-02-01T00:00:00.5+01:00",
                "revision_history": [
                    {"number": "1", "date": "2024-01-01T00:00:00Z", "summary": "First."},
                    {"number": "2", "date": "2024-02-01T00:00:00.5+01:00", "summary": "More."},
                ],
            },
        },
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Acme", "branches": [
                {"category": "product_name", "name": "Pump", "branches": [
                    {"category": "product_version", "name": "4.1", "product": {
                        "product_id": "P1", "name": "Pump 4.1",
                        "product_identification_helper": {
                            "cpe": "cpe:2.3:h:acme:pump:4.1:*:*:*:*:*:*:*", "purl": "pkg:generic/acme/pump@4.1",
                            "model_numbers": ["AP-3*"], "serial_numbers": ["1?"],
                            "hashes": [{"filename": "a", "file_hashes": [
                                {"algorithm": "sha256", "value": "0123456789abcdef0123456789abcdef"},
                                {"algorithm": "md5", "value": "0123456789abcdef0123456789abcdef"}]}],
                        }}},
                    {"category": "product_version_range", "name": "vers:intdot/<4.0",
                     "product": {"product_id": "P2", "name": "Pump < 4.0"}}]}]}],
            "full_product_names": [{"product_id": "P3", "name": "Link"}, {"product_id": "P4", "name": "Hub"}],
            "relationships": [
                {"category": "installed_on", "product_reference": "P3", "relates_to_product_reference": "P1",
                 "full_product_name": {"product_id": "R1", "name": "Link on Pump"}},
                {"category": "installed_with", "product_reference": "R1", "relates_to_product_reference": "P4",
                 "full_product_name": {"product_id": "R2", "name": "Link on Pump with Hub"}},
            ],
            "product_groups": [{"group_id": "G1", "product_ids": ["P1", "P2"]},
                               {"group_id": "G2", "product_ids": ["P3", "P4"]}],
        },
        "vulnerabilities": [{
            "cve": "CVE-2024-12345",
            "cwe": {"id": "CWE-79",
                "name": "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"},
            "notes": [{"category": "description", "text": "D"}],
            "involvements": [
                {"party": "vendor", "status": "open", "date": "2024-01-01T00:00:00Z"},
                {"party": "user", "status": "open", "date": "2024-01-01T00:00:00Z"}],
            "product_status": {"known_affected": ["P1", "P2"], "known_not_affected": ["P3", "P4"], "fixed": ["R1"]},
            "remediations": [{"category": "vendor_fix", "details": "Update.", "group_ids": ["G1"]}],
            "flags": [{"label": "component_not_present", "product_ids": ["P3"]}],
            "threats": [{"category": "impact", "details": "None.", "group_ids": ["G2"]}],
            "scores": [
                {"products": ["P1"], "cvss_v3": {
                    "version": "3.1", "baseScore": 9.8, "baseSeverity": "CRITICAL",
                    "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/RC:C",
                    "attackVector": "NETWORK", "temporalScore": 8.8, "temporalSeverity": "HIGH"}},
                {"products": ["P2"], "cvss_v2": {"version": "2.0", "baseScore": 7.5,
                    "vectorString": "AV:N/AC:L/Au:N/C:P/I:P/A:P", "accessComplexity": "LOW"}},
                {"products": ["P2"], "cvss_v3": {"version": "3.0", "baseScore": 6.4, "baseSeverity": "MEDIUM",
                    "vectorString": "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N"}},
            ],
        }],
    })
}

/// Ways to break it: the test that must fail, and what is set where. `null` takes away.
pub fn breaks() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("structure", "/document/title", json!("")),
        ("structure", "/document/title", Value::Null),
        ("structure", "/document/csaf_version", json!("1.2")),
        ("structure", "/document/publisher/category", json!("maker")),
        ("structure", "/document/publisher/namespace", json!("example.org")),
        ("structure", "/document/tracking/id", json!(" H-1")),
        ("structure", "/document/tracking/initial_release_date", json!("2024-02-30T00:00:00Z")),
        ("structure", "/document/tracking/initial_release_date", json!("2024-02-01")),
        ("structure", "/document/tracking/revision_history", json!([])),
        ("structure", "/document/tracking/version", json!("2.0")),
        ("structure", "/document/distribution/tlp/label", json!("CLEAR")),
        ("structure", "/document/notes/0/category", json!("note")),
        ("structure", "/document/references/0/url", json!("http://a b")),
        ("structure", "/document/lang", json!("en_US")),
        ("structure", "/document/category", json!("vex_")),
        ("structure", "/product_tree/branches/0/branches/0/category", json!("product")),
        ("structure", "/product_tree/branches/0/branches/0/branches", Value::Null),
        ("structure", "/product_tree/product_groups/0/product_ids", json!(["P1"])),
        ("structure", "/product_tree/full_product_names/0/name", json!(7)),
        ("structure", "/product_tree/relationships/0/category", json!("part_of")),
        (
            "structure",
            "/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/cpe",
            json!("cpe:2.3:h:acme"),
        ),
        (
            "structure",
            "/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/model_numbers",
            json!(["A", "A"]),
        ),
        (
            "structure",
            "/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/hashes/0/file_hashes/0/value",
            json!("0123456789abcdef0123456789abcdeg"),
        ),
        ("structure", "/vulnerabilities/0/cve", json!("CVE-24-1")),
        ("structure", "/vulnerabilities/0/cwe/id", json!("CWE-079")),
        ("structure", "/vulnerabilities/0/product_status/fixed", json!(["R1", "R1"])),
        ("structure", "/vulnerabilities/0/product_status/fixed", json!([])),
        ("structure", "/vulnerabilities/0/remediations/0/category", json!("fix")),
        ("structure", "/vulnerabilities/0/flags/0/label", json!("not_present")),
        ("structure", "/vulnerabilities/0/scores/0/products", Value::Null),
        ("structure", "/vulnerabilities", json!([])),
        ("6.1.1", "/vulnerabilities/0/scores/0/products/0", json!("P9")),
        ("6.1.1", "/vulnerabilities/0/remediations/0/product_ids", json!(["P9"])),
        ("6.1.1", "/vulnerabilities/0/product_status/recommended", json!(["P9"])),
        ("6.1.1", "/product_tree/product_groups/1/product_ids/0", json!("P9")),
        ("6.1.1", "/product_tree/relationships/0/product_reference", json!("P9")),
        ("6.1.2", "/product_tree/full_product_names/0/product_id", json!("P1")),
        ("6.1.3", "/product_tree/relationships/0/product_reference", json!("R2")),
        ("6.1.3", "/product_tree/relationships/1/relates_to_product_reference", json!("R2")),
        ("6.1.4", "/vulnerabilities/0/threats/0/group_ids/0", json!("G9")),
        ("6.1.5", "/product_tree/product_groups/1/group_id", json!("G1")),
        ("6.1.6", "/vulnerabilities/0/product_status/fixed/0", json!("P1")),
        ("6.1.6", "/vulnerabilities/0/product_status/under_investigation", json!(["R1"])),
        (
            "6.1.7",
            "/vulnerabilities/0/scores/0/cvss_v3",
            json!({"version": "3.0", "baseScore": 6.4, "baseSeverity": "MEDIUM",
            "vectorString": "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", "+products": "P2"}),
        ),
        ("6.1.8", "/vulnerabilities/0/scores/0/cvss_v3/vectorString", json!("CVSS:3.1/AV:Q")),
        (
            "6.1.8",
            "/vulnerabilities/0/scores/0/cvss_v3/vectorString",
            json!("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        ),
        ("6.1.8", "/vulnerabilities/0/scores/0/cvss_v3/baseSeverity", Value::Null),
        ("6.1.8", "/vulnerabilities/0/scores/0/cvss_v3/attackVector", json!("AIR")),
        ("6.1.8", "/vulnerabilities/0/scores/1/cvss_v2/baseScore", json!(11)),
        ("6.1.9", "/vulnerabilities/0/scores/0/cvss_v3/baseScore", json!(9.7)),
        ("6.1.9", "/vulnerabilities/0/scores/0/cvss_v3/baseSeverity", json!("HIGH")),
        ("6.1.9", "/vulnerabilities/0/scores/0/cvss_v3/temporalScore", json!(8.7)),
        ("6.1.9", "/vulnerabilities/0/scores/1/cvss_v2/baseScore", json!(7.4)),
        ("6.1.9", "/vulnerabilities/0/scores/2/cvss_v3/environmentalScore", json!(6.5)),
        ("6.1.10", "/vulnerabilities/0/scores/0/cvss_v3/attackVector", json!("LOCAL")),
        ("6.1.10", "/vulnerabilities/0/scores/1/cvss_v2/accessComplexity", json!("HIGH")),
        ("6.1.11", "/vulnerabilities/0/cwe/id", json!("CWE-99999")),
        ("6.1.11", "/vulnerabilities/0/cwe/name", json!("Cross-site Scripting")),
        ("6.1.12", "/document/lang", json!("ez")),
        ("6.1.12", "/document/source_lang", json!("en-QL")),
        (
            "6.1.13",
            "/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/purl",
            json!("pkg:generic/a?1=b"),
        ),
        ("6.1.14", "/document/tracking/revision_history/0/date", json!("2024-03-01T00:00:00Z")),
        ("6.1.15", "/document/source_lang", Value::Null),
        ("6.1.16", "/document/tracking/version", json!("1")),
        ("6.1.17", "/document/tracking/version", json!("0")),
        ("6.1.18", "/document/tracking/revision_history/0/number", json!("0")),
        ("6.1.19", "/document/tracking/revision_history/1/number", json!("2.0.0-rc.1")),
        ("6.1.20", "/document/tracking/version", json!("2.0.0-rc.1")),
        ("6.1.21", "/document/tracking/revision_history/1/number", json!("3")),
        ("6.1.22", "/document/tracking/revision_history/1/number", json!("1")),
        ("6.1.23", "/vulnerabilities/+", Value::Null),
        ("6.1.24", "/vulnerabilities/0/involvements/1/party", json!("vendor")),
        (
            "6.1.25",
            "/product_tree/branches/0/branches/0/branches/0/product/product_identification_helper/hashes/0/file_hashes/1/algorithm",
            json!("sha256"),
        ),
        ("6.1.26", "/document/category", json!("csaf_other")),
        ("6.1.26", "/document/category", json!("Security Advisory")),
        ("6.1.27.1", "/document", json!({"+category": "csaf_informational_advisory", "notes": null})),
        (
            "6.1.27.2",
            "/document",
            json!({"+category": "csaf_security_incident_response", "references": null}),
        ),
        ("6.1.27.3", "/document/category", json!("csaf_informational_advisory")),
        ("6.1.27.4", "/product_tree", Value::Null),
        ("6.1.27.5", "/vulnerabilities/0/notes", Value::Null),
        ("6.1.27.6", "/document", json!({"+category": "csaf_security_advisory", "-status": null})),
        ("6.1.27.7", "/vulnerabilities/0/product_status", json!({"recommended": ["P1"]})),
        ("6.1.27.8", "/vulnerabilities/0/cve", Value::Null),
        ("6.1.27.9", "/vulnerabilities/0/threats/0/category", json!("exploit_status")),
        (
            "6.1.27.10",
            "/vulnerabilities/0/remediations/0",
            json!({"category": "vendor_fix", "details": "x", "product_ids": ["P1"]}),
        ),
        ("6.1.27.11", "/vulnerabilities", Value::Null),
        ("6.1.28", "/document/source_lang", json!("de-CH")),
        ("6.1.29", "/vulnerabilities/0/remediations/0/group_ids", Value::Null),
        ("6.1.30", "/document/tracking/version", json!("2.0.0")),
        ("6.1.31", "/product_tree/branches/0/branches/0/branches/0/name", json!("<= 4.1")),
        ("6.1.31", "/product_tree/branches/0/branches/0/branches/0/name", json!("4.1 and prior")),
        ("6.1.32", "/vulnerabilities/0/flags/0/product_ids", Value::Null),
        (
            "6.1.33",
            "/vulnerabilities/0/flags",
            json!([
            {"label": "component_not_present", "product_ids": ["P3"]},
            {"label": "vulnerable_code_not_present", "group_ids": ["G2"]}]),
        ),
    ]
}

/// The valid document with one thing broken.
pub fn broken(place: &str, value: &Value) -> Value {
    let mut document = valid();
    if place == "/vulnerabilities/+" {
        let again = document["vulnerabilities"][0].clone();
        document["vulnerabilities"].as_array_mut().unwrap().push(again);
        return document;
    }
    let (above, last) = place.rsplit_once('/').unwrap();
    // Several things at once, where one alone breaks nothing: "+" sets, null takes away.
    match value.as_object() {
        Some(parts) if parts.keys().any(|key| key.starts_with('+')) => several(&mut document, place, parts),
        _ => {
            let holder = document.pointer_mut(above).unwrap();
            set(holder, last, value);
        }
    }
    document
}

fn set(holder: &mut Value, key: &str, value: &Value) {
    match holder {
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
        Value::Object(members) if value.is_null() => drop(members.remove(key)),
        other => other[key] = value.clone(),
    }
}

fn several(document: &mut Value, place: &str, parts: &serde_json::Map<String, Value>) {
    for (key, value) in parts {
        match key.as_str() {
            "+products" => set(&mut document["vulnerabilities"][0]["scores"][0], "products", &json!([value])),
            "-status" => set(&mut document["vulnerabilities"][0], "product_status", &Value::Null),
            "+category" => {
                set(&mut document["document"], "category", value);
                // The other profiles forbid or do not need what the document has besides.
                if value == "csaf_informational_advisory" {
                    set(document, "vulnerabilities", &Value::Null);
                }
            }
            key => set(document.pointer_mut(place).unwrap(), key, value),
        }
    }
}

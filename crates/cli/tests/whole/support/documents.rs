//! Advisories that tests write.

use serde_json::json;

/// Revision `revision` of an advisory on the Norvik Vista 7 that says `clause` of its versions: file name and bytes.
pub fn document(revision: &str, clause: &str) -> (String, Vec<u8>) {
    let product = json!({ "name": "Vista", "product_id": "P1" });
    let range = json!({ "category": "product_version_range", "name": clause, "product": product });
    let named = json!({ "category": "product_name", "name": "Vista 7", "branches": [range] });
    let document = json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "publisher": { "category": "vendor", "name": "Norvik", "namespace": "https://norvik.example" },
            "title": "Norvik Vista 7",
            "tracking": {
                "id": "NV-1",
                "status": "final",
                "version": revision,
                "initial_release_date": "2026-01-01T00:00:00Z",
                "current_release_date": "2026-01-01T00:00:00Z",
                "revision_history": [{ "date": "2026-01-01T00:00:00Z", "number": revision, "summary": "x" }],
            },
        },
        "product_tree": { "branches": [{ "category": "vendor", "name": "Norvik", "branches": [named] }] },
        "vulnerabilities": [{ "cve": "CVE-2026-1000", "product_status": { "known_affected": ["P1"] } }],
    });
    ("nv-1.json".to_owned(), serde_json::to_vec(&document).unwrap())
}

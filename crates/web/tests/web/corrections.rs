//! A contradiction on an advisory's page leads to its correction, and says when one has settled it.

use crate::house::{Browser, empty, person};
use axum::http::{StatusCode, header};
use serde_json::json;

/// Listed as affected up to 3.2, with a remedy that calls 3.1 the fix.
fn document() -> Vec<u8> {
    let products = json!(["P1"]);
    let leaf = json!({ "category": "product_version_range", "name": "<= 3.2",
        "product": { "name": "Norvik Vista 12 <= 3.2", "product_id": "P1" } });
    let product = json!({ "category": "product_name", "name": "Vista 12", "branches": [leaf] });
    let tree = json!({ "branches": [{ "category": "vendor", "name": "Norvik", "branches": [product] }] });
    let flaw = json!({
        "cve": "CVE-2026-0001",
        "notes": [{ "category": "description", "text": "A flaw." }],
        "product_status": { "known_affected": products },
        "remediations": [{ "category": "vendor_fix", "product_ids": products,
            "details": "Fixed in version 3.1." }],
    });
    let day = "2026-03-02T10:00:00Z";
    let document = json!({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Norvik Vista 12",
            "publisher": { "category": "vendor", "name": "Norvik", "namespace": "https://norvik.example" },
            "tracking": { "id": "NORVIK-1", "status": "final", "version": "1", "initial_release_date": day,
                "current_release_date": day,
                "revision_history": [{ "number": "1", "date": day, "summary": "First." }] },
        },
        "product_tree": tree,
        "vulnerabilities": [flaw],
    });
    document.to_string().into_bytes()
}

#[tokio::test]
async fn a_contradiction_offers_its_correction_and_says_when_it_is_settled() {
    let house = empty();
    house.app.import_advisories(&person("lead"), vec![("one.json".to_owned(), document())]).unwrap();
    let found = house.app.advisory("NORVIK-1").unwrap().advisory.contradictions;
    assert_eq!(found.len(), 1, "{found:?}");

    let reader = Browser::signed_in(&house, "reader").await;
    let page = reader.get("/advisories/NORVIK-1").await;
    assert!(page.body.contains("Where it contradicts itself"), "{}", page.body);
    assert!(!page.body.contains("Correct this passage"), "a reader is offered nothing");

    let lead = Browser::signed_in(&house, "lead").await;
    let page = lead.get("/advisories/NORVIK-1").await;
    let link = page.body.split("href=\"").find(|rest| rest.starts_with("/advisories/NORVIK-1?correct="));
    let link = link.and_then(|rest| rest.split('"').next()).expect("an offer").replace("&amp;", "&");
    let (path, form) = link.split_once('#').expect("it leads to the form");
    let page = lead.get(path).await;
    assert!(page.body.contains(&format!("id=\"{form}\" open")), "the form is open");
    assert!(page.body.contains("value=\"P1\" selected"), "with the product in question");
    let csrf = page.csrf();

    let fields = |clause| {
        [
            ("csrf", csrf.as_str()),
            ("advisory", "NORVIK-1"),
            ("what", "clause"),
            ("leaf", "P1"),
            ("clause", clause),
            ("why", "Letter of the maker"),
        ]
    };
    let answer = lead.post("/advisories/correct", &fields("< 3.1")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = lead.get(answer.header(header::LOCATION)).await;
    assert!(page.body.contains("Settled by a correction here"), "{}", page.body);
    assert!(!page.body.contains("Correct this passage"), "there is nothing left to correct");
    assert!(page.body.contains("Letter of the maker") && page.body.contains("in force"));
    let all = reader.get("/advisories/corrections").await;
    assert!(all.body.contains("NORVIK-1") && !all.body.contains("Take it back"), "{}", all.body);
}

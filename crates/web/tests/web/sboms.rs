//! Parts lists on the console.

use crate::house::{Browser, empty, encode, full};
use axum::http::{StatusCode, header};
use serde_json::json;

#[tokio::test]
async fn a_list_shows_its_flaws_its_devices_and_what_was_held_against_nothing() {
    let house = full();
    let browser = Browser::signed_in(house, "reader").await;
    let line = house.app.sboms().unwrap().remove(0);
    let list = browser.get("/sboms").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.body.contains(&format!("/sboms/{}", line.id)), "{}", list.body);
    assert!(!list.body.contains("action=\"/sboms/import\""), "a reader adds nothing");

    let page = browser.get(&format!("/sboms/{}", line.id)).await;
    for text in
        ["CVE-2026-link", "nobody has said", "held against nothing", "https://advisories.example/1", "9.8"]
    {
        assert!(page.body.contains(text), "{text}\n{}", page.body);
    }
    assert!(!page.body.contains("/remove\""));
    let device = house.app.sbom(&line.id).unwrap().devices[0].id;
    let device = browser.get(&format!("/devices/{device}")).await;
    assert!(device.body.contains("What is inside?") && device.body.contains("CVE-2026-tls"));

    let found = browser.get(&format!("/sboms?part={}", encode("pkg:npm/li"))).await;
    assert!(found.body.contains("1 part</strong>") && found.body.contains(&line.model), "{}", found.body);
    let csv = browser.get(&format!("/sboms/{}/parts.csv", line.id)).await;
    assert!(csv.header(header::CONTENT_TYPE).starts_with("text/csv"));
    assert_eq!(csv.body.lines().count(), 5, "{}", csv.body);
    for text in ["kernel,5.10,,,,not looked up: no package URL", "calm,1.0.0,,pkg:npm/calm@1.0.0,,none known"]
    {
        assert!(csv.body.contains(text), "{text}\n{}", csv.body);
    }
    assert!(browser.get("/sboms.csv").await.body.contains(&line.id));
    assert_eq!(browser.get("/sboms/none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_lead_adds_and_removes_one_and_is_told_what_a_document_does_not_say() {
    let house = empty();
    let browser = Browser::signed_in(&house, "lead").await;
    let start = browser.get("/sboms").await;
    assert!(start.body.contains("No parts list yet"));
    let csrf = start.csrf();
    let list = json!({"bomFormat": "CycloneDX", "components": [{"name": "a", "purl": "pkg:npm/a@1.0.0"}]})
        .to_string();
    let silent = browser.upload("/sboms/import", &[("csrf", &csrf)], ("a.json", list.as_bytes())).await;
    assert!(silent.body.contains("say of which maker it is"), "{}", silent.body);
    let named = [("csrf", csrf.as_str()), ("maker", "Acme"), ("model", "Pump 3"), ("version", "4.1")];
    let added = browser.upload("/sboms/import", &named, ("a.json", list.as_bytes())).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let path = added.header(header::LOCATION).to_owned();
    let page = browser.get(&path).await;
    assert!(page.body.contains("Pump 3") && page.body.contains("No known flaws of packages are on file"));
    assert_eq!(
        browser.post(&format!("{path}/remove"), &[("csrf", "wrong")]).await.status,
        StatusCode::FORBIDDEN
    );
    let removed = browser.post(&format!("{path}/remove"), &[("csrf", &csrf)]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
}

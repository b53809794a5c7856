//! Letters on the page: hostile text stays text, the original is saved and never shown.

use crate::house::{Browser, empty, person};
use axum::http::{StatusCode, header};

#[tokio::test]
async fn a_hostile_letter_is_shown_as_text_and_handed_out_as_a_file() {
    let house = empty();
    let page = "<html><body><h1>Notice</h1><p>CVE-2026-11111 &lt;script&gt;alert(1)&lt;/script&gt;</p><img src=x onerror=alert(2)></body></html>";
    let name = "evil\"\r\nX-Bad: 1.html";
    let intake =
        house.app.take_letters(&person("lead"), vec![(name.to_owned(), page.as_bytes().to_vec())]).unwrap();
    let id = &intake.taken[0];
    let browser = Browser::signed_in(&house, "reader").await;
    let shown = browser.get(&format!("/letters/{id}")).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.body.contains("&lt;script&gt;alert(1)"), "{}", shown.body);
    assert!(!shown.body.contains("<script>alert") && !shown.body.contains("onerror=alert(2)>"));
    assert!(shown.body.contains("CVE-2026-11111") && shown.body.contains(id.as_str()));
    let list = browser.get("/letters").await;
    assert!(list.body.contains(&format!("/letters/{id}")));
    assert!(!list.body.contains("/letters/import"), "a reader is shown no form");

    let file = browser.get(&format!("/letters/{id}/original")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.header(header::CONTENT_TYPE), "application/octet-stream");
    assert_eq!(file.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(
        file.header(header::CONTENT_DISPOSITION),
        format!("attachment; filename=\"letter-{}.html\"", &id[..12])
    );
    assert_eq!(file.body, page);
    assert_eq!(browser.get("/letters/none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_label_is_shown_with_what_it_allows_and_a_letter_without_one_shows_none() {
    let house = empty();
    let bundle = r#"{"type":"bundle","objects":[{"type":"report","id":"report--00000000-0000-4000-8000-000000000002",
        "name":"Pumps <b>", "object_marking_refs":["marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"]}]}"#;
    let files = vec![
        ("isac.json".to_owned(), bundle.as_bytes().to_vec()),
        ("plain.txt".to_owned(), b"Pumps".to_vec()),
    ];
    let intake = house.app.take_letters(&person("lead"), files).unwrap();
    let browser = Browser::signed_in(&house, "reader").await;
    let shown = browser.get(&format!("/letters/{}", intake.taken[0])).await.body;
    assert!(shown.contains("TLP:AMBER+STRICT") && shown.contains("stays within the organisation"), "{shown}");
    assert!(shown.contains("Pumps &lt;b&gt;") && !shown.contains("Pumps <b>"));
    assert!(!browser.get(&format!("/letters/{}", intake.taken[1])).await.body.contains("TLP:"));
    assert_eq!(browser.get("/letters").await.body.matches("TLP:AMBER+STRICT").count(), 1);
}

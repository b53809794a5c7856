//! Bundles on the page.

use crate::house::{Browser, empty, person};
use axum::http::StatusCode;
use tallyward_app::bundle::Audience;
use tallyward_lab::{Plan, build};

#[tokio::test]
async fn a_bundle_is_written_and_read_on_the_page() {
    let (sender, reader) = (empty(), empty());
    let documents = build(&Plan { devices: 5, ..Plan::default() }).advisories();
    let first = documents.iter().find(|(name, _)| name.ends_with(".json")).unwrap().1.clone();
    sender.app.import_advisories(&person("lead"), documents).unwrap();
    let id = sender.app.advisories().unwrap()[0].id.clone();

    // The page of an advisory hands its document out byte for byte.
    let lead = Browser::signed_in(&sender, "lead").await;
    let shown = lead.get(&format!("/advisories/{id}")).await.body;
    assert!(shown.contains(&format!("/advisories/{id}/original")) && shown.contains("TLP:CLEAR"), "{shown}");
    let kept: Vec<Vec<u8>> = sender
        .app
        .advisories()
        .unwrap()
        .iter()
        .map(|line| sender.app.advisory_original(&line.id).unwrap().1)
        .collect();
    assert!(kept.contains(&first));
    let original = lead.get(&format!("/advisories/{id}/original")).await;
    assert_eq!(original.status, StatusCode::OK);
    assert!(kept.iter().any(|bytes| bytes == original.body.as_bytes()));

    let token = lead.get("/settings/bundles").await.csrf();
    let written =
        lead.post("/settings/bundles/write", &[("csrf", token.as_str()), ("publisher", "House <one>")]).await;
    assert_eq!(written.status, StatusCode::OK);
    assert_eq!(sender.app.audit_log(None, 1).unwrap()[0].action, "bundle.write");

    // The reader's lead may not trust the key; the administrator may, and then it is read, and again changes nothing.
    let file = written.body.as_bytes();
    let theirs = Browser::signed_in(&reader, "lead").await;
    let token = theirs.get("/settings/bundles").await.csrf();
    let refused =
        theirs.upload("/settings/bundles/read", &[("csrf", token.as_str())], ("b.json", file)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("a key that is not trusted for bundles"), "{}", refused.body);
    assert!(reader.app.advisories().unwrap().is_empty());
    let mark = tallyward_app::signing::fingerprint(&sender.app.public_key().unwrap());
    let with = [("csrf", token.as_str()), ("trust", mark.as_str())];
    let refused = theirs.upload("/settings/bundles/read", &with, ("b.json", file)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let admin = Browser::signed_in(&reader, "admin").await;
    let token = admin.get("/settings/bundles").await.csrf();
    let with = [("csrf", token.as_str()), ("trust", mark.as_str())];
    let read = admin.upload("/settings/bundles/read", &with, ("b.json", file)).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.body);
    assert!(read.body.contains("House &lt;one&gt;") && read.body.contains("12 documents"), "{}", read.body);
    assert_eq!(reader.app.advisories().unwrap().len(), 12);
    let page = admin.get("/settings/bundles").await.body;
    assert!(page.contains(&mark) && page.contains("Read no more"));

    // What the reader holds in a newer revision stands.
    let (line, document) = {
        let (_, bytes) = reader.app.advisory_original(&id).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let date = reader.app.advisory(&id).unwrap().advisory.revised.unwrap();
        let newer = text.replace(&date.to_string()[..10], "2031-01-01");
        assert_ne!(newer, text);
        (id.clone(), newer.into_bytes())
    };
    reader.app.import_advisories(&person("lead"), vec![("newer.json".to_owned(), document)]).unwrap();
    let again = admin.upload("/settings/bundles/read", &[("csrf", token.as_str())], ("b.json", file)).await;
    assert!(again.body.contains("<dt>Newer here</dt><dd>1</dd>"), "{}", again.body);
    assert!(reader.app.advisory(&line).unwrap().advisory.revised.unwrap().to_string().starts_with("2031"));
}

#[test]
fn an_older_house_learns_which_originals_are_missing() {
    let house = empty();
    let documents = build(&Plan { devices: 5, ..Plan::default() }).advisories();
    house.app.import_advisories(&person("lead"), documents).unwrap();
    let (signed, report) = house.app.write_bundle(&person("lead"), "x", Audience::Anybody).unwrap();
    assert_eq!((report.documents, report.without_original.len(), report.labelled.len()), (12, 0, 0));
    assert!(house.app.write_bundle(&person("reader"), "x", Audience::Anybody).is_err());
    assert_eq!(signed.kind, "advisory bundle");
}

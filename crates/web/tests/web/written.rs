//! Writing an advisory on the page: of a letter, previewed, handed over, agreed to by somebody else.

use crate::house::{Browser, filled, person};
use axum::http::{StatusCode, header};

const FORM: [(&str, &str); 15] = [
    ("title", "Pump takes commands from anybody"),
    ("summary", "<script>alert(1)</script> Told by letter."),
    ("maker", "Halden Medical"),
    ("product", "Infuse 8 LVP"),
    ("version", "before 99"),
    ("says", "affected"),
    ("flaws", ""),
    ("flaw", "CVE-2026-11111"),
    ("vector", ""),
    ("description", "No sign-in is asked for."),
    ("remedy_kind", "mitigation"),
    ("remedy", "Close port 5000."),
    ("publisher", "Test House"),
    ("namespace", "https://house.example"),
    ("tlp", "AMBER"),
];

fn hidden(body: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let start = body.find(&mark).unwrap_or_else(|| panic!("{name} is on the page")) + mark.len();
    body[start..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_advisory_is_written_of_a_letter_and_agreed_to_by_somebody_else() {
    let house = filled();
    let mail = "From: psirt@halden.example\nSubject: Infuse 8 LVP notice\n\nHalden Medical Infuse 8 LVP, CVE-2026-11111.\n";
    let taken = house.app.take_letters(&person("lead"), vec![("n.eml".to_owned(), mail.into())]).unwrap();
    let letter = &taken.taken[0];
    let lead = Browser::signed_in(&house, "lead").await;
    let admin = Browser::signed_in(&house, "admin").await;
    let reader = Browser::signed_in(&house, "reader").await;

    let fresh = lead.get(&format!("/written/new?letter={letter}")).await;
    assert_eq!(fresh.status, StatusCode::OK, "{}", fresh.body);
    assert!(fresh.body.contains("value=\"Infuse 8 LVP\"") && fresh.body.contains("value=\"CVE-2026-11111\""));
    let shown = reader.get("/written/new").await;
    assert!(!shown.body.contains("name=\"title\""), "a reader is shown no form");

    let csrf = fresh.csrf();
    let with = |more: &[(&'static str, String)]| -> Vec<(&'static str, String)> {
        let mut all: Vec<(&'static str, String)> = vec![("csrf", csrf.clone()), ("letter", letter.clone())];
        all.extend(FORM.iter().map(|(name, value)| (*name, (*value).to_owned())));
        all.extend(more.iter().cloned());
        all
    };
    let post = async |browser: &Browser, path: &str, fields: Vec<(&'static str, String)>| {
        let pairs: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(path, &pairs).await
    };

    let part = post(&lead, "/written/preview/part", with(&[])).await;
    assert_eq!(part.status, StatusCode::OK);
    assert!(part.body.contains("affected") && !part.body.contains("<html"), "{}", part.body);
    assert!(!part.body.contains("0 devices</strong> affected"), "it touches somebody: {}", part.body);
    let whole = post(&lead, "/written/preview", with(&[])).await;
    assert!(whole.body.contains("Not saved yet") && whole.body.contains("value=\"before 99\""));
    assert!(whole.body.contains("&lt;script&gt;alert(1)") && !whole.body.contains("<script>alert"));
    assert!(house.app.written().unwrap().is_empty());
    let forged = lead.post("/written", &[("title", "x")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);

    let begun = post(&lead, "/written", with(&[])).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let path = begun.header(header::LOCATION).split('?').next().unwrap().to_owned();
    let id = path.rsplit('/').next().unwrap().to_owned();
    let page = lead.get(&path).await;
    assert!(page.body.contains("Hand over what is saved"), "{}", page.body);
    let seen = hidden(&page.body, "seen");
    let over = post(&lead, &format!("{path}/hand-over"), vec![("csrf", csrf.clone()), ("seen", seen)]).await;
    assert_eq!(over.status, StatusCode::SEE_OTHER, "{}", over.body);

    let own = lead.get(&path).await;
    assert!(!own.body.contains(&format!("{path}/agree")), "its writer is shown no button");
    let seen = hidden(&own.body, "seen");
    let agree = format!("{path}/agree");
    let refused = post(&lead, &agree, vec![("csrf", csrf.clone()), ("seen", seen.clone())]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("somebody else"));

    let second = admin.get(&path).await;
    assert!(second.body.contains("I have read it and agree, as Ada Admin"), "{}", second.body);
    let fields = vec![("csrf", second.csrf()), ("seen", hidden(&second.body, "seen"))];
    let agreed = post(&admin, &agree, fields).await;
    assert_eq!(agreed.status, StatusCode::SEE_OTHER, "{}", agreed.body);
    assert!(agreed.header(header::LOCATION).starts_with("/advisories/"));
    assert_eq!(admin.get(&format!("/advisories/{id}")).await.status, StatusCode::OK);

    let file = reader.get(&format!("{path}/csaf.json")).await;
    assert_eq!(file.header(header::CONTENT_TYPE), "application/json");
    assert!(file.header(header::CONTENT_DISPOSITION).contains("test-house-2026-0001.json"));
    assert_eq!(file.body, house.app.written_csaf(&id).unwrap());
    let told = reader.get(&format!("/letters/{letter}")).await;
    assert!(told.body.contains(&path), "the letter leads to what was written of it");
}

#[tokio::test]
async fn what_cannot_be_kept_is_shown_again_as_typed() {
    let house = crate::house::empty();
    let lead = Browser::signed_in(&house, "lead").await;
    let csrf = lead.get("/written/new").await.csrf();
    let long = "x".repeat(20_001);
    let refused =
        lead.post("/written", &[("csrf", &csrf), ("title", "Kept as typed"), ("summary", &long)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"Kept as typed\""), "nothing typed is lost");
    assert_eq!(lead.get("/written/none").await.status, StatusCode::NOT_FOUND);
}

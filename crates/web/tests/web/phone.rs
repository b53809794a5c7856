//! Reading a field at the device.

use crate::house::{Browser, filled, full};
use axum::http::{StatusCode, header};
use tallyward_app::round::RoundQuery;

#[tokio::test]
async fn what_is_typed_at_the_device_settles_what_waited() {
    let house = &filled();
    let list = house.app.worklist().unwrap();
    let version = |item: &&tallyward_app::views::WorkItem| {
        item.field == Some(tallyward_core::Field::SoftwareVersion) && item.settles > 0
    };
    let id = list.items.iter().find(version).unwrap().devices[0].id;
    let path = format!("/w/{id}/software_version");
    assert_eq!(Browser::new(house).get(&path).await.status, StatusCode::SEE_OTHER, "only after signing in");
    let phone = Browser::signed_in(house, "lead").await;
    let page = phone.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.len() < 30_000 && !page.body.contains("<script"));
    assert!(
        page.body.contains("Nobody has written down where") && page.body.contains("not while on a patient")
    );
    let csrf = page.csrf();
    let asked =
        phone.post(&path, &[("csrf", csrf.as_str()), ("what", "read"), ("value", "2024-03-05")]).await;
    assert!(asked.body.contains("looks like a date") && asked.body.contains("name=\"sure\""));
    let done = phone.post(&path, &[("csrf", csrf.as_str()), ("what", "read"), ("value", "0.0.1")]).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(
        done.body.contains("Recorded: Software version 0.0.1") && done.body.contains("▲ affected"),
        "{}",
        done.body
    );
    assert_eq!(house.app.to_read(id, tallyward_core::Field::SoftwareVersion).unwrap().held, "0.0.1");
}

#[tokio::test]
async fn a_printed_code_typed_back_leads_to_its_question() {
    let house = full();
    assert_eq!(Browser::new(house).get("/w").await.status, StatusCode::SEE_OTHER, "only after signing in");
    let lead = Browser::signed_in(house, "lead").await;
    let paper = lead.get("/worklist/print").await;
    let round = house.app.round(&RoundQuery { most: Some(300), ..RoundQuery::default() }).unwrap();
    assert_eq!(paper.body.matches("class=\"barcode\"").count(), round.lines.len());
    let code = round.lines[0].code();
    assert!(paper.body.contains(&format!("<figcaption>{code}</figcaption>")));
    let page = lead.get("/w").await;
    assert!(page.status == StatusCode::OK && page.body.len() < 30_000 && !page.body.contains("<script"));
    let lower = format!("https://elsewhere.example/w/{}", code.to_lowercase());
    for typed in [code.as_str(), lower.as_str()] {
        let found = lead.get(&format!("/w?code={}", crate::house::encode(typed))).await;
        assert_eq!(found.status, StatusCode::SEE_OTHER, "{typed}");
        assert_eq!(found.header(header::LOCATION), format!("/w/{code}"), "never to another site");
    }
    let wrong = lead.get("/w?code=%3Cb%3Ex").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Expected what stands below") && wrong.body.contains("value=\"&lt;b&gt;x\""));
    let stranger = lead.get("/w?code=D999999/software_version").await;
    assert!(stranger.body.contains("There is no device D999999"), "{}", stranger.body);
}

#[tokio::test]
async fn a_budget_is_kept_on_page_paper_and_csv() {
    let house = full();
    let lead = Browser::signed_in(house, "lead").await;
    let query = RoundQuery { minutes: Some(20), untimed: Some(5), ..RoundQuery::default() };
    let round = house.app.round(&query).unwrap();
    assert!(round.lines.len() == 4 && round.minutes == 20 && round.waiting > 4, "{}", round.lines.len());
    let view = "minutes=20&untimed=5";
    let page = lead.get(&format!("/worklist?{view}")).await;
    let paper = lead.get(&format!("/worklist/print?{view}")).await;
    let csv = lead.get(&format!("/worklist.csv?{view}")).await;
    for line in &round.lines {
        assert!(page.body.contains(&format!("/w/{}", line.code())), "{}", line.code());
        assert!(paper.body.contains(&line.code()) && csv.body.contains(&line.code()), "{}", line.code());
    }
    assert_eq!(paper.body.matches("class=\"barcode\"").count(), 4);
    let left_out = house.app.round(&RoundQuery { minutes: Some(20), ..RoundQuery::default() }).unwrap();
    assert!(left_out.lines.is_empty(), "nobody has timed any");
    let told = lead.get("/worklist?minutes=20").await;
    assert!(told.body.contains("Nothing to read here") && told.body.contains("Nobody has timed"));
    assert_eq!(lead.get("/worklist?minutes=soon").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unit = &round.lines[0].device.unit;
    let there = lead.get(&format!("/worklist.csv?unit={}", crate::house::encode(unit))).await;
    let all = lead.get("/worklist.csv").await;
    assert!(there.body.lines().count() > 1 && there.body.lines().count() < all.body.lines().count());
}

//! The untold on the page: who waits, signing why not, closing refused with the reason.

use crate::house::{Browser, filled};
use axum::http::{StatusCode, header};
use tallyward_app::untold::{ArrivalKind, ArrivalState};

#[tokio::test]
async fn signing_and_closing_on_the_page() {
    let house = filled();
    let rows = house.app.untold().unwrap().rows;
    let row = rows.iter().find(|row| row.kind == ArrivalKind::Advisory && row.waiting > 0).unwrap();
    let path = format!("/untold/advisory/{}", row.id);
    let (lead, admin, reader) = (
        Browser::signed_in(&house, "lead").await,
        Browser::signed_in(&house, "admin").await,
        Browser::signed_in(&house, "reader").await,
    );
    let list = reader.get("/untold").await;
    assert!(list.body.contains(&path), "{}", list.body);
    let csv = reader.get("/untold.csv").await;
    assert!(csv.header(header::CONTENT_TYPE).starts_with("text/csv"));
    assert_eq!(csv.body.as_bytes(), house.app.export_untold().unwrap());
    let shown = reader.get(&path).await;
    assert!(shown.body.contains("It cannot be closed") && !shown.body.contains("/sign\""), "{}", shown.body);
    assert!(!admin.get(&path).await.body.contains("/sign\""), "signing is for leads");

    let page = lead.get(&path).await;
    let csrf = page.csrf();
    let refused = lead.post(&format!("{path}/close"), &[("csrf", &csrf), ("because", "")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let waits = row.groups.iter().find(|group| group.telling.waits()).unwrap();
    assert!(refused.body.contains(&waits.name()), "it says who: {}", refused.body);

    let values: Vec<String> = row
        .groups
        .iter()
        .filter(|group| group.telling.waits())
        .map(|group| format!("{}|{}", group.mark, group.key))
        .collect();
    for value in &values {
        assert!(page.body.contains(&format!("value=\"{value}\"")), "{value}");
    }
    let mut fields: Vec<(&str, &str)> = vec![("csrf", &csrf), ("because", "Told <b>by</b> telephone.")];
    fields.extend(values.iter().map(|value| ("group", value.as_str())));
    let signed = lead.post(&format!("{path}/sign"), &fields).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    let page = lead.get(&path).await;
    assert!(page.body.contains("Told &lt;b&gt;by&lt;/b&gt; telephone."), "{}", page.body);
    let closed = lead.post(&format!("{path}/close"), &[("csrf", &csrf), ("because", "")]).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.body);
    assert_eq!(house.app.arrival(ArrivalKind::Advisory, &row.id).unwrap().state, ArrivalState::Closed);
    assert!(lead.get("/untold?state=closed").await.body.contains(&path));
    let again = lead.post(&format!("{path}/reopen"), &[("csrf", &csrf)]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);

    let letter = house.app.letters().unwrap().remove(0).id;
    let path = format!("/untold/letter/{letter}");
    let unknown =
        lead.post(&format!("/letters/{letter}/about"), &[("csrf", &csrf), ("advisory", "none")]).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let about =
        lead.post(&format!("/letters/{letter}/about"), &[("csrf", &csrf), ("advisory", &row.id)]).await;
    assert_eq!(about.status, StatusCode::SEE_OTHER, "{}", about.body);
    assert!(lead.get(&path).await.body.contains(&row.id));
    assert_eq!(lead.get("/untold/other/x").await.status, StatusCode::NOT_FOUND);
    assert_eq!(lead.get("/untold/advisory/none").await.status, StatusCode::NOT_FOUND);
}

//! Reading a field at the device.

use crate::house::{Browser, full};
use axum::http::StatusCode;

#[tokio::test]
async fn what_is_typed_at_the_device_settles_what_waited() {
    let house = full();
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
        done.body.contains("Recorded: Software version 0.0.1") && done.body.contains("settled"),
        "{}",
        done.body
    );
    assert_eq!(house.app.to_read(id, tallyward_core::Field::SoftwareVersion).unwrap().held, "0.0.1");
}

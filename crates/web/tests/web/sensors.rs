//! Sensors: made on the console, sending through the API, shown with what they cannot see.

use crate::house::{Browser, House, empty, person};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use tallyward_app::query::DeviceQuery;
use tallyward_app::sensors::pack;
use tallyward_core::{Episode, Evidence, Field, Flow, IngestId, Key, Mac, Source, SourceKind, Timestamp};
use tallyward_discovery::batch::{Batch, FORMAT, Health, SeenFlow, ingest};
use tower::ServiceExt;

const RUN: IngestId = IngestId(77);

fn now(house: &House) -> Timestamp {
    Timestamp::from_micros(house.clock.0.load(Ordering::Relaxed))
}

/// A batch that tells of the cards of these numbers.
fn batch(house: &House, sequence: u64, cards: std::ops::Range<u32>) -> Batch {
    let at = now(house);
    let seen = |subject: Key, field, value: String| Evidence {
        subject,
        field,
        value,
        source: Source { kind: SourceKind::WireNetwork, name: "ED-1".to_owned() },
        basis: "DHCP option 12".to_owned(),
        episodes: vec![Episode {
            ingest: ingest(RUN, sequence),
            first: at,
            last: at,
            count: 1,
            recorded_at: at,
            place: String::new(),
        }],
    };
    let evidence = cards
        .flat_map(|number| {
            let [_, b, c, d] = number.to_be_bytes();
            let mac = Mac([0, 0x09, 0x5c, b, c, d]);
            let name = seen(Key::Mac(mac), Field::HostName, format!("monitor-{number}"));
            [name, seen(Key::Mac(mac), Field::MacAddress, mac.to_string())]
        })
        .collect();
    let end = |last: u8| tallyward_core::flow::Endpoint { address: [10, 0, 1, last].into(), mac: None };
    let flow = Flow {
        client: end(7),
        server: end(250),
        transport: 6,
        port: 104,
        service: "dicom".to_owned(),
        first: at,
        last: at,
        packets: 10 * sequence,
        bytes: 1_000 * sequence,
        count: 1,
        seen_by: vec!["ED-1".to_owned()],
    };
    let health = Health {
        version: "0.1.0".to_owned(),
        reads: "eth1".to_owned(),
        started: at,
        packets: 60_000,
        recent: (60_000, 60),
        both_sides: 100,
        first_packet: Some(at),
        last_packet: Some(at),
        subnets: BTreeMap::from([("10.0.1.0/24".to_owned(), at)]),
        ..Health::default()
    };
    Batch {
        format: FORMAT,
        sensor: "ED-1".to_owned(),
        run: RUN,
        sequence,
        made_at: at,
        health,
        evidence,
        flows: vec![SeenFlow { ingest: ingest(RUN, 1), flow }],
    }
}

async fn send(house: &House, token: &str, body: Vec<u8>) -> (StatusCode, Value) {
    let request = Request::builder()
        .method("POST")
        .uri("/api/v1/sensors/ED-1/batches")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap();
    let answer = Browser::new(house).router.oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

fn devices(house: &House) -> u64 {
    house.app.devices(&DeviceQuery::default()).unwrap().page.total
}

#[tokio::test]
async fn a_batch_counts_once_however_often_and_in_whatever_order_it_comes() {
    let house = empty();
    let token = house.app.add_sensor(&person("admin"), "ED-1", "Emergency").unwrap();
    let batches: Vec<Vec<u8>> =
        [(2, 500..1_000), (1, 0..600)].map(|(number, cards)| pack(&batch(&house, number, cards))).into();
    for packed in &batches {
        let (status, answer) = send(&house, &token, packed.clone()).await;
        assert_eq!((status, &answer["seen_before"]), (StatusCode::OK, &Value::Bool(false)), "{answer}");
    }
    assert_eq!(devices(&house), 1_000);
    let flows = |house: &House| {
        let mut all = Vec::new();
        house.app.store().each_flow(&mut |flow| all.push(flow.clone())).unwrap();
        all
    };
    let before = (devices(&house), flows(&house), house.app.store().audit_head().unwrap());
    assert_eq!(before.1[0].packets, 20, "counts are of the episode, not added up");
    for packed in &batches {
        let (status, answer) = send(&house, &token, packed.clone()).await;
        assert_eq!((status, &answer["seen_before"]), (StatusCode::OK, &Value::Bool(true)), "{answer}");
    }
    assert_eq!((devices(&house), flows(&house), house.app.store().audit_head().unwrap()), before);
    assert!(house.app.settle_sensors().unwrap(), "something came");
    assert!(!house.app.settle_sensors().unwrap(), "and that was settled");
}

#[tokio::test]
async fn only_the_sensor_itself_may_send_and_nonsense_is_told() {
    let house = empty();
    let token = house.app.add_sensor(&person("admin"), "ED-1", "").unwrap();
    assert!(house.app.add_sensor(&person("lead"), "OR-2", "").is_err());
    assert!(house.app.add_sensor(&person("admin"), "ED-1", "").is_err(), "its token would die unseen");
    let other = house.app.add_sensor(&person("admin"), "OR-2", "").unwrap();
    let good = pack(&batch(&house, 1, 0..1));
    for wrong in ["", "tws_0", other.as_str()] {
        assert_eq!(send(&house, wrong, good.clone()).await.0, StatusCode::FORBIDDEN, "{wrong}");
    }
    let (status, answer) = send(&house, &token, b"no batch".to_vec()).await;
    assert_eq!((status, &answer["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &Value::from("batch")));
    let newer = Batch { format: 2, ..batch(&house, 1, 0..1) };
    let (_, answer) = send(&house, &token, pack(&newer)).await;
    assert!(answer["detail"].as_str().unwrap().contains("same version"), "{answer}");
    let (status, _) = send(&house, &token, vec![0; (16 << 20) + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let ahead = Batch { made_at: Timestamp::from_micros(i64::MAX), ..batch(&house, 1, 0..1) };
    assert_eq!(send(&house, &token, pack(&ahead)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(devices(&house), 0, "nothing of it was taken");
    assert_eq!(send(&house, &token, good.clone()).await.0, StatusCode::OK);
    house.app.revoke_sensor(&person("admin"), "ED-1").unwrap();
    assert_eq!(send(&house, &token, pack(&batch(&house, 2, 0..1))).await.0, StatusCode::FORBIDDEN);
    assert_eq!(devices(&house), 1, "what it brought stays");
}

#[tokio::test]
async fn the_page_shows_the_token_once_and_then_how_the_sensor_is() {
    let house = empty();
    let browser = Browser::signed_in(&house, "admin").await;
    let csrf = browser.get("/settings/sensors").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("name", "ED-1"), ("site", "Emergency <core>")];
    let made = browser.post("/settings/sensors/add", &fields).await;
    let start = made.body.find("tws_").expect("the token is shown");
    let token = made.body[start..].split('<').next().unwrap().trim().to_owned();
    assert!(made.body.contains("tallyward sensor --interface eth1 --name ED-1"));
    let page = browser.get("/settings/sensors").await;
    assert!(!page.body.contains("tws_") && page.body.contains("nothing sent yet"));
    assert!(page.body.contains("Emergency &lt;core&gt;"));
    assert_eq!(send(&house, &token, pack(&batch(&house, 1, 0..3))).await.0, StatusCode::OK);
    let page = browser.get("/settings/sensors").await;
    assert!(page.body.contains("● good") && page.body.contains("1,000"), "packets a second");
    let mut poor = batch(&house, 2, 0..3);
    poor.health.one_side = 900;
    assert_eq!(send(&house, &token, pack(&poor)).await.0, StatusCode::OK);
    let page = browser.get("/settings/sensors").await;
    assert!(page.body.contains("copies one direction"));
    house.clock.0.fetch_add(20 * 60 * 1_000_000, Ordering::Relaxed);
    let overview = browser.get("/").await;
    assert!(overview.body.contains("sensor ED-1 has sent nothing since"));
    let csv = browser.get("/settings/sensors.csv").await;
    assert!(csv.body.lines().nth(1).unwrap().starts_with("ED-1,Emergency <core>,silent"), "{}", csv.body);
    let reader = Browser::signed_in(&house, "reader").await;
    assert!(!reader.get("/settings/sensors").await.body.contains("Make its token"));
    let actions = house.app.store().audit(None, true, 10).unwrap();
    let begun = actions.iter().filter(|row| row.action == "sensor.begin").count();
    assert_eq!(begun, 1, "one event a run");
}

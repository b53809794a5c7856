//! Runs over a source that a test plays.

use crate::house::{Browser, House, empty, person};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use std::sync::Mutex;
use tallyward_app::ports::{FetchError, FetchRequest, Fetched, Fetcher};
use tallyward_app::{Doing, Health, Require, Source, SourceKind, SyncReport};
use tallyward_lab::Plan;

const BASE: &str = "https://advisories.example/";

type Instead<'a> = dyn Fn(&str) -> Option<Result<Fetched, FetchError>> + Send + Sync + 'a;

/// A folder of files; what it does at a request besides is up to the test.
struct Folder<'a> {
    files: BTreeMap<String, Vec<u8>>,
    asked: Mutex<Vec<String>>,
    instead: Box<Instead<'a>>,
}

impl Fetcher for Folder<'_> {
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let name = request.url.strip_prefix(BASE).unwrap().to_owned();
        self.asked.lock().unwrap().push(name.clone());
        if let Some(instead) = (self.instead)(&name) {
            return instead;
        }
        let file = self.files.get(&name);
        let status = if file.is_some() { 200 } else { 404 };
        let body = file.cloned().unwrap_or_default();
        Ok(Fetched { status, url: request.url.clone(), body, ..Fetched::default() })
    }
}

impl Folder<'_> {
    /// Documents asked for since the last call, without what lies beside them.
    fn documents(&self) -> usize {
        std::mem::take(&mut *self.asked.lock().unwrap()).iter().filter(|name| name.ends_with(".json")).count()
    }
}

/// The sample's twelve advisories in a folder.
fn folder<'a>(
    instead: impl Fn(&str) -> Option<Result<Fetched, FetchError>> + Send + Sync + 'a,
) -> Folder<'a> {
    let mut files: BTreeMap<String, Vec<u8>> =
        tallyward_lab::build(&Plan { devices: 5, ..Plan::default() }).advisories().into_iter().collect();
    let listing: String = files.keys().map(|name| format!("{name}\n")).collect();
    files.insert("index.txt".to_owned(), listing.into_bytes());
    Folder { files, asked: Mutex::default(), instead: Box::new(instead) }
}

fn add(house: &House) {
    let source = Source {
        name: "made".into(),
        kind: SourceKind::Directory,
        url: BASE.to_owned(),
        ..Source::default()
    };
    house.app.add_source(&person("admin"), source).unwrap();
}

fn sync(house: &House, folder: &Folder<'_>) -> SyncReport {
    house.app.sync(&person("admin"), "made", folder, false, &|_| {}).unwrap()
}

#[test]
fn a_source_removed_during_its_run_does_not_come_back() {
    let house = empty();
    add(&house);
    let removing = folder(|name| {
        if name.ends_with(".json") && !house.app.sources().unwrap().is_empty() {
            house.app.remove_source(&person("admin"), "made").unwrap();
        }
        None
    });
    let report = sync(&house, &removing);
    assert_eq!(report.error, "the source was removed while it was fetched");
    assert!(house.app.sources().unwrap().is_empty());
    // Another one under the name begins anew: nothing of the former's progress is left.
    house.clock.0.fetch_add(1_000_000, std::sync::atomic::Ordering::Relaxed);
    add(&house);
    let report = sync(&house, &folder(|_| None));
    assert_eq!((report.looked_at, report.unchanged, report.error.as_str()), (12, 12, ""));
}

#[test]
fn a_run_stops_when_the_server_is_away_and_goes_on_when_it_is_back() {
    let house = empty();
    add(&house);
    let away = |name: &str| {
        let url = format!("{BASE}{name}");
        name.ends_with(".json").then_some(Err(FetchError::Away { url, why: "connection refused".into() }))
    };
    let gone = folder(away);
    let report = sync(&house, &gone);
    assert_eq!(gone.documents(), 3);
    assert!(report.error.starts_with("stopped after 3 failures in a row to reach the server; the last: "));
    assert!(report.error.ends_with("cannot be reached: connection refused"));
    let health = house.app.source("made").unwrap();
    assert_eq!((health.error, health.failures, health.last_success), (report.error, 1, None));

    // Failures apart from each other, and answers that only concern their document, do not end a run.
    let every_other = Mutex::new(0_usize);
    let flaky = folder(|name| {
        let mut count = every_other.lock().unwrap();
        *count += usize::from(name.ends_with(".json"));
        if (*count).is_multiple_of(2) { away(name) } else { None }
    });
    let report = sync(&house, &flaky);
    assert_eq!((flaky.documents(), report.new.len()), (12, 6));
    assert!(report.error.ends_with("cannot be reached: connection refused"), "{}", report.error);
    let forbidden =
        folder(|name| name.ends_with(".json").then(|| Ok(Fetched { status: 403, ..Fetched::default() })));
    let report = sync(&house, &forbidden);
    assert_eq!(forbidden.documents(), 12);
    assert!(report.error.ends_with("answers 403"), "{}", report.error);

    let report = sync(&house, &folder(|_| None));
    assert_eq!((report.new.len(), report.error.as_str()), (6, ""));
    assert_eq!(house.app.source("made").unwrap().failures, 0);
}

#[tokio::test]
async fn the_page_shows_health_and_refusals_and_an_administrator_asks_for_a_run() {
    let house = empty();
    let admin = Browser::signed_in(&house, "admin").await;
    assert!(admin.get("/settings/sources").await.body.contains("Nothing is fetched yet"));
    add(&house);
    assert!(admin.get("/settings/sources").await.body.contains("Nothing was fetched yet."));
    let mut damaged = folder(|_| None);
    let name = damaged.files.keys().find(|name| name.ends_with(".json")).unwrap().clone();
    damaged.files.insert(name.clone(), b"{\"document\": <b>".to_vec());
    sync(&house, &damaged);
    let page = admin.get("/settings/sources").await;
    for part in [" class=\"num\">11</td>", "<a href=\"#refused\">1</a>", &format!("{BASE}{name}"), "Sync now"]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("<b>"), "what a document says is text");

    let asked = [("csrf", page.csrf()), ("source", "made".to_owned())];
    let asked: Vec<(&str, &str)> = asked.iter().map(|(key, value)| (*key, value.as_str())).collect();
    assert_eq!(admin.post("/settings/sources", &asked).await.status, StatusCode::SEE_OTHER);
    let page = admin.get("/settings/sources").await.body;
    assert!(page.contains("waits to be fetched") && !page.contains(">Sync now<"));
    assert_eq!(house.app.take_asked(), ["made"]);
    assert!(house.app.take_asked().is_empty());
    assert_eq!(house.app.audit_log(None, 1).unwrap()[0].action, "source.ask");

    // A lead sees the same without the button, and is refused when posting anyway.
    let lead = Browser::signed_in(&house, "lead").await;
    let page = lead.get("/settings/sources").await;
    assert!(page.body.contains(&name) && !page.body.contains("Sync now"));
    let posted = lead.post("/settings/sources", &[("csrf", &page.csrf()), ("source", "made")]).await;
    assert_eq!(posted.status, StatusCode::FORBIDDEN);
    assert!(house.app.take_asked().is_empty());

    let during = folder(|name| {
        let doing = house.app.source_lines().unwrap()[0].doing;
        assert_eq!(doing, Doing::Running, "{name}");
        None
    });
    sync(&house, &during);
    assert_eq!(house.app.source_lines().unwrap()[0].doing, Doing::Nothing);
    assert!(lead.get("/settings/sources").await.body.contains("Nothing that was fetched is refused."));
    sync(&house, &folder(|_| Some(Err(FetchError::Away { url: BASE.into(), why: "no route".into() }))));
    let page = lead.get("/settings/sources").await.body;
    assert!(
        page.contains("made was not read whole") && page.contains("cannot be reached: no route"),
        "{page}"
    );
    let overview = || house.app.overview().unwrap().attention;
    let told = overview();
    let line = told.iter().find(|one| one.link == "/settings/sources").unwrap();
    assert_eq!(line.text, "the source made was not read whole; advisories may be missing");
    assert!(!line.urgent, "it was whole a moment ago");
    house.clock.0.fetch_add(48 * 3_600 * 1_000_000, std::sync::atomic::Ordering::Relaxed);
    assert!(overview().iter().any(|one| one.link == "/settings/sources" && one.urgent));
}

#[tokio::test]
async fn an_administrator_adds_and_removes_sources_on_the_page_and_nobody_else() {
    let house = empty();
    let admin = Browser::signed_in(&house, "admin").await;
    let token = admin.get("/settings/sources").await.csrf();
    let typed = |name: &'static str, url: &'static str, pause: &'static str| {
        let fields = [
            ("csrf", token.as_str()),
            ("name", name),
            ("url", url),
            ("kind", "directory"),
            ("require", "hash"),
        ];
        fields.into_iter().chain([("pause", pause), ("internal", "yes")]).collect::<Vec<_>>()
    };
    for (name, url, pause, field) in [
        ("", BASE, "100", "name"),
        ("a b", BASE, "100", "name"),
        ("made", "ftp://x.example/", "100", "url"),
        ("made", "http://x.example/", "100", "url"),
        ("made", BASE, "soon", "pause"),
        ("made", BASE, "60001", "pause"),
    ] {
        let answer = admin.post("/settings/sources/add", &typed(name, url, pause)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?} {url} {pause}");
        assert!(answer.body.contains(&format!("href=\"#{field}\"")), "{}", answer.body);
        assert!(answer.body.contains(&format!("value=\"{url}\"")), "nothing typed is lost");
    }
    assert!(house.app.sources().unwrap().is_empty());
    let added = admin.post("/settings/sources/add", &typed("made", BASE, "0")).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let source = house.app.source("made").unwrap();
    assert_eq!(
        (source.kind, source.require, source.internal, source.clear_text, source.pause_ms),
        (SourceKind::Directory, Require::Hash, true, false, 0)
    );
    assert_eq!(house.app.audit_log(None, 1).unwrap()[0].action, "source.add");

    // Lists of attacks and letters come without hashes, and asking for one is said to be wrong.
    for kind in ["kev", "taxii"] {
        let of_kind = |require: &'static str| {
            let mut fields = typed(kind, BASE, "0");
            fields[3] = ("kind", kind);
            fields[4] = ("require", require);
            fields
        };
        let answer = admin.post("/settings/sources/add", &of_kind("hash")).await;
        assert!(answer.body.contains("href=\"#require\""), "{}", answer.body);
        assert_eq!(admin.post("/settings/sources/add", &of_kind("none")).await.status, StatusCode::SEE_OTHER);
        assert_eq!(house.app.source(kind).unwrap().kind.code(), kind);
        house.app.remove_source(&person("admin"), kind).unwrap();
    }

    let lead = Browser::signed_in(&house, "lead").await;
    let page = lead.get("/settings/sources").await;
    assert!(!page.body.contains("Add a source") && !page.body.contains("Remove"), "{}", page.body);
    let csrf = page.csrf();
    for (path, fields) in [
        ("/settings/sources/remove", vec![("csrf", csrf.as_str()), ("source", "made")]),
        (
            "/settings/sources/add",
            vec![
                ("csrf", csrf.as_str()),
                ("name", "other"),
                ("url", BASE),
                ("kind", "directory"),
                ("require", "none"),
                ("pause", "0"),
            ],
        ),
    ] {
        assert_eq!(lead.post(path, &fields).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(house.app.sources().unwrap().len(), 1);
    let gone = admin.post("/settings/sources/remove", &[("csrf", token.as_str()), ("source", "made")]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert!(house.app.sources().unwrap().is_empty());
}

#[tokio::test]
async fn health_is_told_by_the_api_and_as_files() {
    let house = empty();
    add(&house);
    let mut damaged = folder(|_| None);
    let names: Vec<String> = damaged.files.keys().filter(|name| name.ends_with(".json")).cloned().collect();
    damaged.files.insert(names[0].clone(), b"=1+1".to_vec());
    // Two of them are dated after the source was added: one hour and five hours before they arrive.
    let now = house.app.now();
    house.clock.0.fetch_add(6 * 3_600 * 1_000_000, std::sync::atomic::Ordering::Relaxed);
    let dates = [(&names[1], now.plus_seconds(3_600)), (&names[2], now.plus_seconds(5 * 3_600))];
    let listing = names.iter().map(|name| {
        let later = dates.iter().find(|(dated, _)| *dated == name).map(|(_, at)| *at);
        format!("\"{name}\",\"{}\"\n", later.unwrap_or(now.plus_seconds(-1_000)))
    });
    damaged.files.insert("changes.csv".to_owned(), listing.collect::<String>().into_bytes());
    sync(&house, &damaged);
    let browser = Browser::signed_in(&house, "reader").await;
    let answer = browser.get("/api/v1/sources").await;
    let told: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let description = tallyward_web::openapi();
    let schema =
        &description["paths"]["/sources"]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    crate::api::holds(&description, schema, &told, "/sources");
    let line = &told[0];
    assert_eq!((line["health"].as_str(), line["age_hours"].as_i64()), (Some("good"), Some(0)), "{line}");
    assert_eq!(line["refused"][0]["url"], format!("{BASE}{}", names[0]));
    let delay = &line["delay"];
    assert_eq!(
        (delay["measured"].as_u64(), delay["median_hours"].as_f64(), delay["worst_hours"].as_f64()),
        (Some(2), Some(3.0), Some(5.0))
    );
    assert!(browser.get("/settings/sources").await.body.contains("3.0 h, 5.0 h"));
    let csv = browser.get("/settings/sources.csv").await.body;
    assert!(csv.contains("made,directory,https://advisories.example/,good,"), "{csv}");
    assert!(csv.trim_end().ends_with(",0,11,1,2,3.00,5.00,0,0"), "{csv}");
    let csv = browser.get("/settings/refused.csv").await.body;
    assert!(csv.lines().nth(1).unwrap().starts_with(&format!("made,{BASE}{}", names[0])), "{csv}");

    // Left alone for two days, it is stale and says so.
    house.clock.0.fetch_add(48 * 3_600 * 1_000_000, std::sync::atomic::Ordering::Relaxed);
    let browser = Browser::signed_in(&house, "reader").await;
    assert!(browser.get("/settings/sources").await.body.contains("made is not up to date"));
    assert_eq!(house.app.source_lines().unwrap()[0].health, Health::Stale);
}

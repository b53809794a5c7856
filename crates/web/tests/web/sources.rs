//! Runs over a source that a test plays.

use crate::house::{House, empty, person};
use std::collections::BTreeMap;
use std::sync::Mutex;
use tallyward_app::ports::{FetchError, FetchRequest, Fetched, Fetcher};
use tallyward_app::{Source, SourceKind, SyncReport};
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

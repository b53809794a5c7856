//! The whole program with a large fleet: advisories taken in, one device's new version, pages.
//!
//! `cargo bench -p tallyward-web --bench whole`; `TALLYWARD_BENCH_DEVICES` says how many devices (100,000 when absent),
//! and `TALLYWARD_BENCH_DIR` a folder in which the filled store is kept for the next run. Devices and advisories are the
//! lab's, the store is a file, and every use case goes through `App` as the console does. Pages go through the
//! router without a socket.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tallyward_app::ports::{Clock, Entropy, Mail, Mailer, SendOutcome};
use tallyward_app::query::DeviceQuery;
use tallyward_app::sboms::SbomOf;
use tallyward_app::{App, Role, Site, Who};
use tallyward_core::{DeviceId, Field, Timestamp};
use tallyward_lab::scale::{ADVISORIES, Catalogue, Documents, PRODUCTS, ScaleFleet};
use tallyward_store::SqliteStore;
use tallyward_web::{ConsoleOptions, router};
use tower::ServiceExt;

const PASSWORD: &str = "three unrelated words";
/// Rows of one list; an import holds its list in memory.
const LIST: usize = 50_000;
/// How often a use case is measured.
const TIMES: usize = 20;
/// How often a page is asked for.
const ASKED: usize = 100;
/// Models with a parts list, parts of each list, and packages with a known flaw.
const PARTS_LISTS: usize = 200;
const PARTS: usize = 150;
const FLAWED: usize = 1_000;
const PAGES: [&str; 14] = [
    "/untold",
    "/sboms",
    "/",
    "/devices",
    "/findings",
    "/findings?verdict=unknown",
    "/findings?unit=U007",
    "/advisories",
    "/advisories/LAB-00007",
    "/worklist",
    "/review",
    "/backtest",
    "/changes",
    "/api/v1/findings?limit=50",
];

struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let since = std::time::UNIX_EPOCH.elapsed().expect("a clock past 1970");
        Timestamp::from_micros(i64::try_from(since.as_micros()).expect("a clock before the year 200,000"))
    }
}

struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        let started = WallClock.now().micros().unsigned_abs();
        for chunk in bytes.chunks_mut(8) {
            let step = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(started);
            let mixed = step.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) ^ step;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

struct NoMail;

impl Mailer for NoMail {
    fn describe(&self) -> String {
        "nowhere".to_owned()
    }

    fn send(&self, _: &Mail) -> SendOutcome {
        SendOutcome::NotSent { detail: "a bench sends nothing".to_owned() }
    }
}

fn main() {
    let devices = read_env("TALLYWARD_BENCH_DEVICES").and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let kept = read_env("TALLYWARD_BENCH_DIR").map(PathBuf::from);
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = kept.unwrap_or_else(|| scratch.path().to_owned());
    let catalogue = Catalogue::new(7, PRODUCTS);
    let filled = folder.join(format!("fleet-{devices}.db"));
    if !filled.exists() {
        fill(&filled, &catalogue, devices);
    }
    let work = folder.join("work.db");
    for end in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(format!("{}{end}", work.display()));
    }
    let bytes = std::fs::copy(&filled, &work).expect("room for a copy of the store");
    println!("{devices} devices, {} MB on disk", bytes / 1_000_000);
    let app = open(&work);
    app.devices(&DeviceQuery::default()).expect("the list is read");
    println!("opened, first list read: {} MB resident", memory("VmRSS"));
    advisories(&app, &catalogue);
    versions(&app, devices);
    anew(&app);
    parts_lists(&app, &catalogue);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("threads");
    runtime.block_on(pages(&app));
    println!("at the end {} MB resident, at most {} MB", memory("VmRSS"), memory("VmHWM"));
}

#[expect(clippy::disallowed_methods, reason = "a bench is its own command line")]
fn read_env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[expect(clippy::disallowed_methods, reason = "a bench measures")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let done = work();
    (done, begun.elapsed())
}

fn open(path: &Path) -> App {
    let store = SqliteStore::open(path).expect("a store");
    let site = Site { name: "Scale".into(), time_zone: "Etc/UTC".into(), ..Site::default() };
    App::new(
        Arc::new(store),
        Arc::new(NoMail),
        Arc::new(WallClock),
        Arc::new(Counter(AtomicU64::new(1))),
        site,
    )
}

fn desk() -> Who {
    Who { name: "Ada Admin".to_owned(), login: "admin".to_owned(), role: Role::Administrator }
}

/// A store with the devices of the lab and an account, and no advisories.
fn fill(path: &Path, catalogue: &Catalogue, devices: usize) {
    let app = open(path);
    let link = app.first_link().expect("a link").expect("nobody is here yet");
    app.create_first(link.rsplit('/').next().unwrap_or_default(), "admin", "Ada Admin", PASSWORD)
        .expect("an account");
    let lab = ScaleFleet::new(catalogue, devices);
    let (_, took) = timed(|| {
        for first in (0..devices).step_by(LIST) {
            let list = list(&lab, first..devices.min(first + LIST));
            let staged = app.stage_list("cmms.csv", list).expect("a list");
            let mut mapping = app.preview_list(&staged, None).expect("columns that are known").mapping;
            mapping.source = "CMMS export".to_owned();
            let report = app.apply_list(&Who::program(), &staged, &mapping).expect("applied");
            println!("  {} rows more, {} MB resident", report.created, memory("VmRSS"));
        }
    });
    println!("filled in {:.1} s, dry runs included", took.as_secs_f64());
}

fn list(lab: &ScaleFleet<'_>, rows: std::ops::Range<usize>) -> Vec<u8> {
    let mut list = String::from(
        "Asset Tag,Manufacturer,Model,Model Number,Serial,Software Version,Manufacture Date,Department,Room\n",
    );
    for number in rows {
        let device = lab.device(number);
        let (unit, room) = (number % 400, number % 7_919);
        let _ = writeln!(
            list,
            "T{number:07},{},{},{},SN{number:08},{},{},U{unit:03},R{room}",
            device.maker, device.model, device.model_number, device.version, device.manufactured
        );
    }
    list.into_bytes()
}

/// The documents taken in at once, then some one by one, then some of them revised.
fn advisories(app: &App, catalogue: &Catalogue) {
    let documents = Documents::new(catalogue, "2026-11-01T00:00:00Z".parse().expect("a moment"));
    let file = |number: usize| (format!("{number}.json"), documents.document(number));
    let all: Vec<_> = (0..ADVISORIES).map(file).collect();
    let (intake, took) = timed(|| app.import_advisories(&desk(), all).expect("taken in"));
    println!(
        "{} advisories at once: {:.1} s, {:.2} ms each; {} configurations with findings; {} MB resident, at most {} MB",
        intake.new.len(),
        took.as_secs_f64(),
        took.as_secs_f64() * 1e3 / ADVISORIES as f64,
        intake.verdicts_changed,
        memory("VmRSS"),
        memory("VmHWM")
    );
    let one = |bytes: Vec<u8>| {
        let file = vec![("one.json".to_owned(), bytes)];
        let (intake, took) = timed(|| app.import_advisories(&desk(), file).expect("taken in"));
        assert_eq!(intake.new.len() + intake.changed.len(), 1, "a document that is new here");
        took
    };
    show("one new advisory", (ADVISORIES..ADVISORIES + TIMES).map(|number| one(documents.document(number))));
    let revised = (ADVISORIES + TIMES..2 * ADVISORIES).filter(|number| documents.revisions(*number) > 1);
    let older = revised.map(|number| documents.revision(number, 1));
    show("one revision of an advisory", older.take(TIMES).map(one));
}

fn versions(app: &App, devices: usize) {
    let enter = |nth: usize| {
        let device = DeviceId(1_001 + (nth * devices / TIMES) as u64);
        let entered = || app.enter_fact(&desk(), device, Field::SoftwareVersion, &format!("91.{nth}"));
        let (settled, took) = timed(entered);
        settled.expect("entered");
        took
    };
    show("one device's new version", (0..TIMES).map(enter));
}

/// Everything judged again, and every draft worked out again.
fn anew(app: &App) {
    let ids: Vec<String> = app.advisories().expect("listed").into_iter().map(|line| line.id).collect();
    let drafts = |_| timed(|| app.refresh_drafts().expect("worked out")).1;
    show("every draft worked out again", (0..3).map(drafts));
    let judge = |_| timed(|| app.match_documents(&desk(), &ids).expect("judged")).1;
    show("every verdict and every draft again", (0..3).map(judge));
}

fn parts_lists(app: &App, catalogue: &Catalogue) {
    let lab = ScaleFleet::new(catalogue, PARTS_LISTS);
    let file = |number: usize| {
        let device = lab.device(number);
        let part = |at: usize| {
            let name = (number * 7 + at * 13) % (3 * FLAWED);
            format!(
                r#"{{"type":"library","name":"part{name}","version":"1.{at}.0","purl":"pkg:npm/part{name}@1.{at}.0"}}"#
            )
        };
        let parts = (0..PARTS).map(part).collect::<Vec<_>>().join(",");
        let (maker, model, version) = (&device.maker, &device.model, &device.version);
        let list = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{{"component":{{"type":"device",
            "name":"{model}","version":"{version}","supplier":{{"name":"{maker}"}}}}}},"components":[{parts}]}}"#
        );
        (format!("{number}.json"), list.into_bytes())
    };
    let taken = app.add_sboms(&desk(), (0..PARTS_LISTS).map(file).collect(), &SbomOf::default());
    println!("{} parts lists", taken.expect("taken in").taken.len());
    let flaw = |number: usize| {
        let record = format!(
            r#"{{"id":"LABF-{number}","modified":"2026-11-01T00:00:00Z","published":"2026-11-01T00:00:00Z","summary":"A flaw",
            "affected":[{{"package":{{"ecosystem":"npm","name":"part{number}"}},"ranges":[{{"type":"SEMVER",
            "events":[{{"introduced":"0"}},{{"fixed":"1.100.0"}}]}}]}}]}}"#
        );
        (format!("LABF-{number}.json"), record.into_bytes())
    };
    let intake = app.import_advisories(&desk(), (0..FLAWED).map(flaw).collect()).expect("taken in");
    println!("{:?}", intake.flaws);
}

async fn pages(app: &App) {
    let options = ConsoleOptions { secure_cookies: false, answers_here: true };
    let router = router(app.clone(), options);
    let form = format!("login=admin&password={}", PASSWORD.replace(' ', "%20"));
    let request = Request::post("/sign-in").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = router.clone().oneshot(request.body(Body::from(form)).expect("a request")).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "signed in");
    let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("text");
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    for path in PAGES {
        let (first, bytes) = page(&router, &cookie, path).await;
        let (mut took, began) = (Vec::new(), processor());
        for _ in 0..ASKED {
            took.push(page(&router, &cookie, path).await.0);
        }
        let used = processor() - began;
        let name = format!("{path} ({} kB; first {:.0} ms)", bytes / 1_000, first.as_secs_f64() * 1e3);
        told(&name, took, used);
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures")]
async fn page(router: &Router, cookie: &str, path: &str) -> (Duration, usize) {
    let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).expect("a request");
    let begun = Instant::now();
    let answer = router.clone().oneshot(request).await.expect("an answer");
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a whole answer");
    let took = begun.elapsed();
    assert_eq!(status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&body));
    (took, body.len())
}

fn show(what: &str, took: impl Iterator<Item = Duration>) {
    let began = processor();
    let took: Vec<Duration> = took.collect();
    told(what, took, processor() - began);
}

/// Wall times, and the processor's time of one on average: what it would take at least if nobody else were there.
fn told(what: &str, mut took: Vec<Duration>, processor: f64) {
    took.sort();
    let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    let mean = processor / took.len() as f64;
    println!(
        "{what}: least {:.1} ms, median {:.1} ms, p95 {:.1} ms, most {:.1} ms; processor {mean:.1} ms",
        at(0),
        at(50),
        at(95),
        at(100)
    );
}

/// Milliseconds of the processor this process has used (Linux, in steps of 10; 0 elsewhere).
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
}

/// A line of the process's status, in MB (Linux; 0 elsewhere).
fn memory(line: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    found.and_then(|text| text.split_whitespace().next()?.parse::<usize>().ok()).unwrap_or_default() / 1_024
}

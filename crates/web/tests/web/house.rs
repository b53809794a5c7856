//! A small sample hospital behind the console, with a clock, a mailer and randomness that tests control.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tallyward_app::ports::{Clock, Entropy, Mail, Mailer, SendOutcome};
use tallyward_app::query::DeviceQuery;
use tallyward_app::sboms::SbomOf;
use tallyward_app::views::DeviceLine;
use tallyward_app::{App, Role, Site, Who};
use tallyward_core::Timestamp;
use tallyward_lab::Plan;
use tallyward_store::SqliteStore;
use tallyward_web::{ConsoleOptions, router};
use tower::ServiceExt;

pub const PASSWORD: &str = "three unrelated words";

pub struct TestClock(pub AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let step = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            let mixed = step.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) ^ step;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[derive(Default)]
pub struct Postbox(pub Mutex<Vec<Mail>>);

impl Mailer for Postbox {
    fn describe(&self) -> String {
        "a postbox of the tests".to_owned()
    }

    fn send(&self, mail: &Mail) -> SendOutcome {
        self.0.lock().unwrap().push(mail.clone());
        SendOutcome::Accepted { detail: "kept".to_owned(), receipt: true }
    }
}

/// The house and what the tests may turn.
pub struct House {
    pub app: App,
    pub clock: Arc<TestClock>,
    pub postbox: Arc<Postbox>,
}

pub const fn who(name: &str) -> Role {
    match name.as_bytes() {
        b"admin" => Role::Administrator,
        b"lead" => Role::Lead,
        _ => Role::Reader,
    }
}

/// A house with accounts and nothing else, in shadow mode.
pub fn empty() -> House {
    let clock = Arc::new(TestClock(AtomicI64::new(Plan::default().now.micros())));
    let postbox = Arc::new(Postbox::default());
    let store = SqliteStore::open_in_memory().unwrap();
    let site = Site {
        name: "Test House".into(),
        time_zone: "America/Chicago".into(),
        call: "555-0100".into(),
        ..Site::default()
    };
    let mailer = Arc::clone(&postbox) as Arc<dyn Mailer>;
    let time = Arc::clone(&clock) as Arc<dyn Clock>;
    let app = App::new(Arc::new(store), mailer, time, Arc::new(Counter(AtomicU64::new(7))), site);
    let link = app.first_link().unwrap().unwrap();
    app.create_first(link.rsplit('/').next().unwrap(), "admin", "Ada Admin", PASSWORD).unwrap();
    for (login, name) in [("lead", "Lea Lead"), ("reader", "Rea Reader")] {
        app.create_account(&person("admin"), login, name, who(login), PASSWORD).unwrap();
    }
    House { app, clock, postbox }
}

pub fn person(login: &str) -> Who {
    Who { name: format!("{login} of the tests"), login: login.to_owned(), role: who(login) }
}

/// The sample hospital, live, with what can be released released and sent. Made once, for tests that leave it as it is.
pub fn full() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(filled)
}

/// The sample hospital made anew, for a test that changes what others look at.
pub fn filled() -> House {
    let house = empty();
    let app = &house.app;
    let lab = tallyward_lab::build(&Plan { devices: 80, ..Plan::default() });
    let program = Who::program();
    app.import_units(&program, lab.units_csv().as_bytes()).unwrap();
    app.import_contacts(&program, lab.contacts_csv().as_bytes()).unwrap();
    app.import_places(&program, lab.places_csv().as_bytes()).unwrap();
    let staged = app.stage_list("cmms.csv", lab.cmms_csv()).unwrap();
    let mut mapping = app.preview_list(&staged, None).unwrap().mapping;
    mapping.source = "CMMS export".to_owned();
    app.apply_list(&program, &staged, &mapping).unwrap();
    app.read_capture(&program, "traffic.pcapng", "sensor-1", &lab.capture()).unwrap();
    app.import_advisories(&program, lab.advisories()).unwrap();
    let mail =
        "From: psirt@maker.example\nSubject: A notice\n\nHalden Medical Infuse 8 LVP, CVE-2026-00001.\n";
    app.take_letters(&program, vec![("notice.eml".to_owned(), mail.into())]).unwrap();
    add_parts_list(app);
    app.refresh_drafts().unwrap();
    let lead = person("lead");
    for what in ["tables", "contacts", "templates"] {
        app.sign_off(&lead, what).unwrap();
    }
    app.go_live(&lead).unwrap();
    for draft in app.drafts().unwrap().iter().step_by(2) {
        let _ = app.release(&lead, &draft.id);
    }
    house.clock.0.fetch_add(60_000_000, Ordering::Relaxed);
    app.send_due().unwrap();
    house.clock.0.fetch_add(600_000_000, Ordering::Relaxed);
    house
}

/// A parts list of a model and version that a device has, and records of flaws of two of its parts.
fn add_parts_list(app: &App) {
    let query = DeviceQuery { limit: Some(200), ..DeviceQuery::default() };
    let rows = app.devices(&query).unwrap().page.rows;
    let whole =
        |line: &&DeviceLine| !line.maker.is_empty() && !line.model.is_empty() && !line.version.is_empty();
    let device = rows.iter().find(whole).unwrap();
    let of =
        SbomOf { maker: device.maker.clone(), model: device.model.clone(), version: device.version.clone() };
    let part = |name: &str, version: &str| {
        serde_json::json!({
            "bom-ref": name, "name": name, "version": version, "purl": format!("pkg:npm/{name}@{version}"),
        })
    };
    let list = serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:1", "version": 1,
        "components": [part("link", "1.0.0"), part("tls", "main"), part("calm", "1.0.0"), {"name": "kernel", "version": "5.10"}]});
    app.add_sboms(&Who::program(), vec![("parts.json".to_owned(), list.to_string().into_bytes())], &of)
        .unwrap();
    let record = |package: &str| {
        serde_json::json!({"id": format!("GHSA-{package}"), "aliases": [format!("CVE-2026-{package}")],
        "modified": "2026-01-01T00:00:00Z", "summary": "A long message is read past its end.",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "references": [{"type": "ADVISORY", "url": "https://advisories.example/1"}],
        "affected": [{"package": {"ecosystem": "npm", "name": package}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}]}]})
    };
    let records = serde_json::json!({"vulns": [record("link"), record("tls")]});
    app.import_advisories(&Who::program(), vec![("osv.json".to_owned(), records.to_string().into_bytes())])
        .unwrap();
}

/// The answer tokens in the mails sent so far.
pub fn tokens(house: &House) -> Vec<String> {
    let mails = house.postbox.0.lock().unwrap();
    mails
        .iter()
        .filter_map(|mail| {
            let rest = &mail.text[mail.text.find("/a/")? + 3..];
            let end = rest.find(|letter: char| letter.is_whitespace() || letter == '>').unwrap_or(rest.len());
            Some(rest[..end].to_owned())
        })
        .collect()
}

/// A browser with one cookie.
pub struct Browser {
    pub router: Router,
    pub cookie: String,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The first `csrf` token on the page.
    pub fn csrf(&self) -> String {
        let mark = "name=\"csrf\" value=\"";
        let start = self.body.find(mark).expect("the page has a form") + mark.len();
        self.body[start..].split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub fn new(house: &House) -> Self {
        let options = ConsoleOptions { secure_cookies: false, answers_here: true };
        Self { router: router(house.app.clone(), options), cookie: String::new() }
    }

    pub async fn signed_in(house: &House, login: &str) -> Self {
        let mut browser = Self::new(house);
        let answer = browser.post("/sign-in", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser.cookie = answer.header(header::SET_COOKIE).split(';').next().unwrap().to_owned();
        browser
    }

    pub async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !self.cookie.is_empty() {
            request = request.header(header::COOKIE, &self.cookie);
        }
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", Vec::new()).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
        self.send("POST", path, "application/x-www-form-urlencoded", body.join("&").into_bytes()).await
    }

    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend_from_slice(
                format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .as_bytes(),
            );
        }
        body.extend_from_slice(
            format!(
                "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\r\n",
                file.0
            )
            .as_bytes(),
        );
        body.extend_from_slice(file.1);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=edge", body).await
    }
}

pub fn encode(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

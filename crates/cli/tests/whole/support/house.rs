//! A house in memory with a clock, a mailer and randomness that the tests turn.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tallyward_app::ports::{Clock, Entropy, Mail, Mailer, SendOutcome, Store};
use tallyward_app::query::DeviceQuery;
use tallyward_app::views::{ImportReport, Mapping, StoredDevice};
use tallyward_app::{App, Role, Site, Who};
use tallyward_core::{Evidence, Timestamp};
use tallyward_lab::{Hospital, Plan, build};
use tallyward_store::SqliteStore;

/// A clock that stands still until it is moved.
pub struct SetClock(AtomicI64);

impl SetClock {
    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// Bytes that never repeat.
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let step = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            let mixed = (step ^ (step >> 3)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ step;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Keeps every message that an attempt was made with, and answers as it was told to.
#[derive(Default)]
pub struct Recorder {
    tried: Mutex<Vec<Mail>>,
    next: Mutex<VecDeque<SendOutcome>>,
}

impl Recorder {
    /// What was handed to the mailer so far.
    pub fn tried(&self) -> Vec<Mail> {
        self.tried.lock().unwrap().clone()
    }

    /// What was handed to it since this was last asked.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.tried.lock().unwrap())
    }

    /// Answers the next attempts so; afterwards it takes everything again.
    pub fn answers(&self, outcomes: impl IntoIterator<Item = SendOutcome>) {
        self.next.lock().unwrap().extend(outcomes);
    }
}

impl Mailer for Recorder {
    fn describe(&self) -> String {
        "a recorder of the tests".to_owned()
    }

    fn send(&self, mail: &Mail) -> SendOutcome {
        self.tried.lock().unwrap().push(mail.clone());
        let told = self.next.lock().unwrap().pop_front();
        told.unwrap_or(SendOutcome::Accepted { detail: "250 taken".to_owned(), receipt: true })
    }
}

/// The use cases on a store in memory.
pub struct House {
    pub app: App,
    pub clock: Arc<SetClock>,
    pub post: Arc<Recorder>,
    pub store: Arc<SqliteStore>,
}

/// The clinical lead of the tests.
pub fn lead() -> Who {
    Who { name: "Dr. Ines Maro".to_owned(), login: "maro".to_owned(), role: Role::Lead }
}

/// An administrator.
pub fn administrator() -> Who {
    Who { name: "Kai Brenner".to_owned(), login: "brenner".to_owned(), role: Role::Administrator }
}

/// A reader.
pub fn reader() -> Who {
    Who { name: "Uma Salt".to_owned(), login: "salt".to_owned(), role: Role::Reader }
}

/// The lab's hospital of so many devices.
pub fn hospital(seed: u64, devices: usize) -> Hospital {
    build(&Plan { seed, devices, ..Plan::default() })
}

impl House {
    /// Nothing on file; the clock stands at the end of the lab's traffic.
    pub fn empty() -> Self {
        let store = Arc::new(SqliteStore::open_in_memory().unwrap());
        Self::on(store, "http://127.0.0.1:8080")
    }

    /// On this store, with answer pages at `url`.
    pub fn on(store: Arc<SqliteStore>, url: &str) -> Self {
        let post = Arc::new(Recorder::default());
        let mailer = Arc::clone(&post) as Arc<dyn Mailer>;
        let (app, clock) = app(Arc::clone(&store), mailer, url);
        Self { app, clock, post, store }
    }

    /// With the lab's names, units, people, places, list, traffic and advisories; in shadow mode.
    pub fn of(hospital: &Hospital) -> Self {
        let mut house = Self::empty();
        house.app = furnish(house.app, hospital);
        house
    }

    /// As [`House::of`], signed off and live.
    pub fn live(hospital: &Hospital) -> Self {
        let house = Self::of(hospital);
        go_live(&house.app);
        house
    }

    /// Takes in a list under a mapping, or under the one it guesses.
    pub fn list(&self, name: &str, bytes: &[u8], adjust: impl FnOnce(&mut Mapping)) -> ImportReport {
        import_list(&self.app, name, bytes, adjust)
    }

    /// Every device as it is stored, without its handle, in an order of its own.
    pub fn bodies(&self) -> Vec<String> {
        let mut bodies: Vec<String> = self.rows().into_iter().map(|row| row.1).collect();
        bodies.sort();
        bodies
    }

    /// Every device: handle and body.
    pub fn rows(&self) -> BTreeMap<u64, String> {
        let mut query = DeviceQuery { limit: Some(1_000), ..DeviceQuery::default() };
        let mut rows = BTreeMap::new();
        loop {
            let page = self.store.devices(&query).unwrap();
            rows.extend(page.rows.into_iter().map(|row| (row.put.id.0, row.put.body)));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return rows,
            }
        }
    }

    /// What the devices are, leaving aside handles and which reading of which file said so.
    pub fn devices(&self) -> Vec<String> {
        let mut devices: Vec<String> = self.rows().values().map(|body| plain(body)).collect();
        devices.sort();
        devices
    }

    /// All evidence, in order.
    pub fn evidence(&self) -> Vec<Evidence> {
        let keys = self.store.subjects(None, 1_000_000).unwrap();
        self.store.component(&keys).unwrap()
    }
}

/// Keys, values with who stands for and against each, presence and place.
fn plain(body: &str) -> String {
    let stored: StoredDevice = serde_json::from_str(body).unwrap();
    let voices = |voices: &[tallyward_core::Voice]| {
        let mut said: Vec<String> =
            voices.iter().map(|voice| format!("{}<{:?}", voice.value, voice.source)).collect();
        said.sort();
        said.dedup();
        said
    };
    let mut keys: Vec<String> = stored.device.keys.iter().map(ToString::to_string).collect();
    keys.sort();
    let fields: Vec<String> = stored
        .device
        .fields
        .iter()
        .map(|(field, held)| {
            let (support, dissent, also) = (voices(&held.support), voices(&held.dissent), voices(&held.also));
            format!("{field}={} {support:?} {dissent:?} {also:?}", held.value)
        })
        .collect();
    let mut contested: Vec<String> =
        stored.device.contested.iter().map(|one| format!("{}/{}", one.ours, one.theirs)).collect();
    contested.sort();
    contested.dedup();
    format!("{keys:?} {fields:?} {:?} {:?} {contested:?}", stored.presence, stored.place)
}

/// The use cases on this store and mailer, with a clock that stands at the end of the lab's traffic.
pub fn app(store: Arc<SqliteStore>, mailer: Arc<dyn Mailer>, url: &str) -> (App, Arc<SetClock>) {
    let clock = Arc::new(SetClock(AtomicI64::new(Plan::default().now.micros())));
    let site = Site {
        name: "House of the tests".to_owned(),
        time_zone: "America/Chicago".to_owned(),
        base_url: url.to_owned(),
        answer_url: url.to_owned(),
        mail_from: "tallyward@house.example".to_owned(),
        call: "555-0100".to_owned(),
    };
    let time = Arc::clone(&clock) as Arc<dyn Clock>;
    (App::new(store, mailer, time, Arc::new(Counter(AtomicU64::new(7))), site), clock)
}

/// Takes in everything the lab prints.
pub fn furnish(app: App, hospital: &Hospital) -> App {
    let app = app.with_aliases(&hospital.maker_aliases_csv(), &hospital.model_aliases_csv()).unwrap();
    let who = Who::program();
    app.import_units(&who, hospital.units_csv().as_bytes()).unwrap();
    app.import_contacts(&who, hospital.contacts_csv().as_bytes()).unwrap();
    app.import_places(&who, hospital.places_csv().as_bytes()).unwrap();
    import_list(&app, "cmms.csv", &hospital.cmms_csv(), |mapping| mapping.complete = true);
    app.read_capture(&who, "traffic.pcapng", "sensor-1", &hospital.capture()).unwrap();
    app.import_advisories(&who, hospital.advisories()).unwrap();
    app
}

/// Signs everything and leaves shadow mode.
pub fn go_live(app: &App) {
    for what in ["tables", "contacts", "templates"] {
        app.sign_off(&lead(), what).unwrap();
    }
    app.go_live(&lead()).unwrap();
}

/// Takes in a list under the mapping it guesses, adjusted.
pub fn import_list(app: &App, name: &str, bytes: &[u8], adjust: impl FnOnce(&mut Mapping)) -> ImportReport {
    let staged = app.stage_list(name, bytes.to_vec()).unwrap();
    let mut mapping = app.preview_list(&staged, None).unwrap().mapping;
    adjust(&mut mapping);
    app.apply_list(&Who::program(), &staged, &mapping).unwrap()
}

/// The token of the answer link in a message.
pub fn token(text: &str) -> String {
    let start = text.find("/a/1.").expect("the message has an answer link") + 3;
    let fits = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    text[start..].chars().take_while(fits).collect()
}

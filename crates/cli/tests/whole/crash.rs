//! Killed on the spot, at moments nobody chose: what was confirmed stays, what was sent is sent once.

use crate::support::files::walk;
use crate::support::house::{House, furnish, go_live, hospital, lead};
use crate::support::mailbox::MailServer;
use crate::support::program::{Running, arg, eventually, free_port, run, tallyward};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tallyward_app::App;
use tallyward_app::ports::{Mailer, SendOutcome, Store as _};
use tallyward_store::{SqliteStore, verify_audit};
use tempfile::tempdir;

/// Rows enough that the import takes several commits.
const ROWS: usize = 5_000;
const ROUNDS: u64 = 6;

/// A list with a device a row.
fn big_list() -> Vec<u8> {
    let mut text = String::from("Asset Tag,Manufacturer,Model,Serial Number,MAC Address,Department\n");
    for row in 0..ROWS {
        let unit = ["ICU", "ED", "OR"][row % 3];
        let mac = format!("00:1b:c5:{:02x}:{:02x}:01", row / 256, row % 256);
        text.push_str(&format!("K-{row:05},Norvik,Vista 12,SNK{row:07},{mac},{unit}\n"));
    }
    text.into_bytes()
}

/// What the store in `data` holds, without handles and without the moment at which it was said.
fn held(data: &Path) -> Vec<String> {
    let store = Arc::new(SqliteStore::open(&data.join("tallyward.db")).unwrap());
    verify_audit(&*store, None).unwrap();
    let house = House::on(store, "http://127.0.0.1:1");
    house.devices()
}

/// A number that looks random and is the same in every run.
fn drawn(round: u64) -> u64 {
    (round + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33
}

#[test]
fn an_import_killed_at_any_moment_is_finished_by_the_next() {
    let home = tempdir().unwrap();
    let list = home.path().join("list.csv");
    std::fs::write(&list, big_list()).unwrap();
    let import =
        |data: &Path| tallyward(home.path(), &["--data", arg(data), "import", "list", arg(&list), "--json"]);
    let straight = home.path().join("straight");
    #[expect(clippy::disallowed_methods, reason = "the moments of killing are drawn within a measured run")]
    let begun = std::time::Instant::now();
    let report: Value = {
        let output = import(&straight).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let length = begun.elapsed();
    assert_eq!(report["created"], ROWS as u64);
    let wanted = held(&straight);
    assert_eq!(wanted.len(), ROWS);

    let data = home.path().join("killed");
    let mut killed = 0;
    for round in 0..ROUNDS {
        let mut running = Running::start(import(&data));
        let share = drawn(round) % 900 + 50;
        std::thread::sleep(length.mul_f64(share as f64 / 1_000.0));
        killed += u32::from(running.kill());
        // A killed store opens, its log is whole, and it holds whole devices only.
        if data.join("tallyward.db").exists() {
            let so_far = held(&data);
            assert!(so_far.iter().all(|device| wanted.binary_search(device).is_ok()), "round {round}");
        }
    }
    assert!(killed > 1, "the import was over before it could be killed");
    import(&data).output().unwrap();
    assert_eq!(held(&data), wanted, "the end is that of an undisturbed run");
    run(home.path(), &["--data", arg(&data), "audit", "verify"]).expect_code(0);
    let again = run(home.path(), &["--data", arg(&data), "import", "list", arg(&list), "--json"])
        .expect_code(0)
        .json();
    assert_eq!(again["unchanged"], ROWS as u64);
}

/// A store in `data` with as many notices as can be released, queued and not sent; the clock of what is in it is
/// the machine's, because the program goes on with it. Answers how many deliveries wait.
fn queued(data: &Path) -> usize {
    std::fs::create_dir_all(data).unwrap();
    let store = Arc::new(SqliteStore::open(&data.join("tallyward.db")).unwrap());
    let mailer: Arc<dyn Mailer> = Arc::new(Silent);
    let site = tallyward_app::Site { mail_from: "tallyward@house.example".to_owned(), ..Default::default() };
    let app = App::new(Arc::clone(&store) as _, mailer, Arc::new(Machine), Arc::new(Random), site);
    let lab = tallyward_lab::build(&tallyward_lab::Plan {
        now: tallyward_app::ports::Clock::now(&Machine),
        ..hospital(7, 400).plan
    });
    let app = furnish(app, &lab);
    go_live(&app);
    for draft in app.drafts().unwrap() {
        let _ = app.release(&lead(), &draft.id);
    }
    usize::try_from(store.count(tallyward_app::change::DocKind::Delivery, Some("queued")).unwrap()).unwrap()
}

struct Silent;

impl Mailer for Silent {
    fn describe(&self) -> String {
        "silence".to_owned()
    }

    fn send(&self, _: &tallyward_app::ports::Mail) -> SendOutcome {
        panic!("nothing is sent while the house is furnished")
    }
}

struct Machine;

impl tallyward_app::ports::Clock for Machine {
    #[expect(
        clippy::disallowed_methods,
        reason = "the program that goes on with this store has no other clock"
    )]
    fn now(&self) -> tallyward_core::Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        tallyward_core::Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
    }
}

struct Random;

impl tallyward_app::ports::Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

/// Deliveries of the store in `data`: id, state and attempts.
fn deliveries(data: &Path) -> BTreeMap<String, (String, u64, u64)> {
    let store = SqliteStore::open_read_only(&data.join("tallyward.db")).unwrap();
    let rows = store
        .list(tallyward_app::change::DocKind::Delivery, &tallyward_app::ports::ListDocs::default())
        .unwrap();
    rows.into_iter()
        .map(|row| {
            let body: Value = serde_json::from_str(&row.body).unwrap();
            let number = |name: &str| body[name].as_u64().unwrap();
            (row.id, (row.index, number("attempts"), number("unknown")))
        })
        .collect()
}

/// Starts `serve` on the store and kills it after a drawn while, again and again, until nothing is waiting.
fn serve_and_kill(home: &Path, data: &Path, environment: &[(&str, String)], longest: u64) -> u32 {
    let mut killed = 0;
    for round in 0..40 {
        let listen = format!("127.0.0.1:{}", free_port());
        let mut command = tallyward(home, &["--data", arg(data), "serve", "--listen", &listen]);
        command.envs(environment.iter().map(|(name, value)| (*name, value.as_str())));
        let mut running = Running::start(command);
        if round < 8 {
            // Sending begins about when it listens, however long this machine takes to start it.
            eventually("the server", || TcpStream::connect(&listen).ok());
            std::thread::sleep(Duration::from_millis(drawn(round) % longest));
            killed += u32::from(running.kill());
            continue;
        }
        // Left alone now: what can be sent gets sent.
        let waiting = |state: &str| state == "queued" || state == "sending";
        eventually("the queue to empty", || {
            deliveries(data).values().all(|(state, _, unknown)| !waiting(state) || *unknown > 0).then_some(())
        });
        running.kill();
        return killed;
    }
    killed
}

#[test]
fn a_sending_run_killed_at_any_moment_leaves_each_message_once_in_the_outbox() {
    let home = tempdir().unwrap();
    let data = home.path().join("data");
    let waiting = queued(&data);
    assert!(waiting > 15, "{waiting}");
    let killed = serve_and_kill(home.path(), &data, &[], 250);
    assert!(killed > 3, "{killed}");
    let files: Vec<PathBuf> = walk(&data.join("outbox"));
    let named =
        |id: &str| files.iter().filter(|path| path.file_stem().is_some_and(|stem| stem == id)).count();
    let all = deliveries(&data);
    assert!(all.len() >= waiting);
    for (id, (state, attempts, _)) in &all {
        assert!(named(id) <= 1, "{id}");
        assert!(*state != "sent" || named(id) == 1, "{id} is called sent and is not there");
        assert!(*attempts <= 3, "{id}: {attempts} attempts");
    }
    // A message killed twice in mid-attempt is "unknown": it may lie there, and it is said so. No other may.
    for path in files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "eml")) {
        let id = path.file_stem().unwrap().to_string_lossy();
        let state = all.get(&*id).map(|one| one.0.as_str());
        assert!(matches!(state, Some("sent" | "unknown")), "{id} lies there and is called {state:?}");
    }
    run(home.path(), &["--data", arg(&data), "audit", "verify"]).expect_code(0);
}

#[test]
fn a_sending_run_killed_at_any_moment_repeats_an_unknown_mail_at_most_once() {
    let home = tempdir().unwrap();
    let Some(server) = MailServer::start(&home.path().join("mail"), 0.04) else { return };
    let data = home.path().join("data");
    let waiting = queued(&data);
    let environment = [
        ("TALLYWARD_MAIL_HOST", "127.0.0.1".to_owned()),
        ("TALLYWARD_MAIL_PORT", server.port.to_string()),
        ("TALLYWARD_MAIL_SECURITY", "none".to_owned()),
        ("TALLYWARD_MAIL_FROM", "tallyward@house.example".to_owned()),
    ];
    serve_and_kill(home.path(), &data, &environment, 500);
    let mut received: BTreeMap<String, usize> = BTreeMap::new();
    for mail in server.received() {
        let text = String::from_utf8(mail.message).unwrap();
        let id = text.split_once("Message-ID: <").unwrap().1.split_once('@').unwrap().0.to_owned();
        *received.entry(id).or_default() += 1;
    }
    let all = deliveries(&data);
    assert!(all.len() >= waiting);
    let mut repeated = 0;
    for (id, (state, attempts, unknown)) in &all {
        let came = received.get(id).copied().unwrap_or(0);
        assert!(came <= 2, "{id} came {came} times");
        assert!(
            came <= 1 + usize::try_from(*unknown).unwrap(),
            "{id}: a repetition is one of an unknown outcome"
        );
        assert!(state != "sent" || came >= 1, "{id} is called sent and never came");
        assert!(*attempts <= 3, "{id}: {attempts} attempts");
        repeated += usize::from(came == 2);
    }
    assert!(received.keys().all(|id| all.contains_key(id)), "nothing left that is not on record");
    assert!(all.values().any(|one| one.2 > 0), "some kill fell between an announcement and its answer");
    assert!(received.len() > waiting / 2, "{} of {waiting} came, {repeated} of them twice", received.len());
}

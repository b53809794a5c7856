//! A process killed at any moment loses nothing it has confirmed.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tallyward_app::change::{ChangeSet, DocKind};
use tallyward_app::ports::Store;
use tallyward_app::testkit::{config, device, doc, event};
use tallyward_store::{SqliteStore, verify_audit};

/// Names the store to the child process; without it the child's part does nothing.
const STORE: &str = "TALLYWARD_CRASH_TEST_STORE";
const ROUNDS: u64 = 10;

#[expect(clippy::disallowed_methods, reason = "how the parent tells the child its store")]
fn store_of_child() -> Option<String> {
    std::env::var(STORE).ok()
}

/// The child's part: commits for ever and prints the id of each commit once it is confirmed.
#[test]
fn child_commits_until_killed() {
    let Some(path) = store_of_child() else { return };
    let store = SqliteStore::open(Path::new(&path)).unwrap();
    let first = store.count(DocKind::Delivery, None).unwrap() + 1;
    let mut out = std::io::stdout();
    for id in first..first + 100_000 {
        let change = ChangeSet {
            configs: vec![config(1, &[])],
            devices: (0..id % 40).map(|at| device(id * 100 + at, 1)).collect(),
            docs: vec![doc(
                DocKind::Delivery,
                &format!("{id:08}"),
                "sent",
                &"x".repeat((id % 7 * 900) as usize),
            )],
            audit: vec![event(&format!("delivery {id}"))],
            ..ChangeSet::default()
        };
        store.commit(change).unwrap();
        writeln!(out, "\nconfirmed {id}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_process_loses_nothing_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut confirmed = 0;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_commits_until_killed", "--nocapture", "--test-threads=1"])
            .env(STORE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            let ids =
                lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("confirmed ")?.parse().ok());
            ids.last().unwrap_or(0u64)
        });
        // Moments spread over opening, committing and checkpointing; no clock decides the outcome.
        std::thread::sleep(Duration::from_millis(20 + round * 7919 % 400));
        child.kill().unwrap();
        child.wait().unwrap();
        confirmed = reader.join().unwrap().max(confirmed);

        let store = SqliteStore::open(&path).unwrap();
        let kept = store.count(DocKind::Delivery, None).unwrap();
        assert!(kept == confirmed || kept == confirmed + 1, "{confirmed} confirmed, {kept} kept");
        confirmed = kept;
        assert_eq!(verify_audit(&store, None).unwrap().entries, kept, "each commit with its audit entry");
        let devices: u64 = (1..=kept).map(|id| id % 40).sum();
        let page = store.devices(&Default::default()).unwrap();
        assert_eq!(page.total, devices, "each commit with its devices");
        store.backup_to(&folder.path().join(format!("{round}.backup"))).unwrap();
    }
    assert!(confirmed > ROUNDS, "the rounds were too short to say anything: {confirmed} commits");
}

//! The sample hospital goes the whole way and reaches the counts it was drawn with; backup and restore.

use crate::support::files::walk;
use crate::support::program::{Ran, arg, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use tallyward_lab::{Expectations, Plan, build};
use tempfile::tempdir;

fn demo(home: &Path, dir: &Path, more: &[&str]) -> Ran {
    run(home, &[&["demo", "--no-serve", "--json", "--dir", arg(dir)], more].concat()).expect_code(0)
}

/// Devices by presence, findings by verdict.
fn counts(summary: &Value) -> BTreeMap<String, u64> {
    let presence = summary["presence"].as_array().unwrap().iter();
    presence
        .map(|one| (one["label"].as_str().unwrap().to_owned(), one["value"].as_u64().unwrap()))
        .chain(
            ["affected", "unknown", "not_affected"]
                .map(|verdict| (verdict.to_owned(), summary["findings"][verdict].as_u64().unwrap())),
        )
        .collect()
}

/// The same counts as the lab knows them by construction.
fn expected() -> BTreeMap<String, u64> {
    let hospital = build(&Plan::default());
    let truth: Expectations = hospital.expectations();
    let network = hospital.infrastructure.len();
    [
        ("known", truth.known),
        // The router's own card is in no list.
        ("stranger", truth.strangers + network),
        ("ghost", truth.ghosts),
        ("not observable", truth.not_observable),
        ("moved", truth.moved),
        ("zombie", truth.zombies),
        ("affected", truth.affected),
        // What hangs on a day of manufacture that no list here gives is unknown.
        ("unknown", truth.unknown + truth.open),
        ("not_affected", truth.not_affected),
    ]
    .into_iter()
    .map(|(name, count)| (name.to_owned(), count as u64))
    .collect()
}

#[test]
fn the_sample_hospital_reaches_the_counts_it_was_drawn_with() {
    let home = tempdir().unwrap();
    let dir = home.path().join("sample house");
    let first = demo(home.path(), &dir, &[]).json();
    assert_eq!(counts(&first), expected());
    let truth = build(&Plan::default()).expectations();
    assert_eq!(first["devices"], truth.devices as u64 + 1);
    assert_eq!(first["advisories"], truth.advisories as u64);
    for some in ["drafts", "notices", "answered"] {
        assert!(first[some].as_u64().unwrap() > 0, "every screen has something to show: {some}");
    }
    assert!(first["answered"].as_u64() < first["notices"].as_u64(), "and somebody who has not answered");
    let outbox = walk(&dir.join("outbox")).len();

    let again = demo(home.path(), &dir, &[]).json();
    assert_eq!(again, first, "a second run resumes");
    assert_eq!(walk(&dir.join("outbox")).len(), outbox);

    // Something of the user's own in the folder survives a fresh start.
    std::fs::write(dir.join("mine.txt"), "keep").unwrap();
    let password = std::fs::read(dir.join("demo.json")).unwrap();
    let fresh = demo(home.path(), &dir, &["--fresh"]).json();
    assert_eq!(counts(&fresh), counts(&first));
    assert_ne!(std::fs::read(dir.join("demo.json")).unwrap(), password, "it did start over");
    assert_eq!(std::fs::read_to_string(dir.join("mine.txt")).unwrap(), "keep");

    let plain = run(home.path(), &["demo", "--no-serve", "--dir", arg(&dir)]).expect_code(0);
    let lines = plain.out.lines().filter(|line| !line.trim().is_empty()).count();
    assert!((8..=16).contains(&lines), "about twelve lines:\n{}", plain.out);
    checks(home.path(), &dir);
    backups(home.path(), &dir, &first);
}

fn checks(home: &Path, dir: &Path) {
    let ran = run(home, &["--data", arg(dir), "audit", "verify", "--json"]).expect_code(0).json();
    assert!(ran["entries"].as_u64().unwrap() > 20);
    let head = ran["head"].as_str().unwrap().to_owned();
    run(home, &["--data", arg(dir), "audit", "verify", "--head", &head]).expect_code(0);
    let other = "5".repeat(head.len());
    run(home, &["--data", arg(dir), "audit", "verify", "--head", &other]).expect_code(1);

    let doctor = run(home, &["--data", arg(dir), "doctor", "--json"]).expect_code(1).json();
    let checks = doctor.as_array().unwrap();
    let of = |what: &str| checks.iter().find(|check| check["what"] == what).unwrap();
    for good in
        ["time zone", "audit log", "account", "devices", "advisories", "contacts", "places", "units", "mode"]
    {
        assert_eq!(of(good)["ok"], true, "{}", of(good));
    }
    for bad in ["mail", "answer links"] {
        assert_eq!(of(bad)["ok"], false, "{}", of(bad));
        assert!(!of(bad)["mend"].as_str().unwrap().is_empty(), "and it says how to mend it");
    }
}

fn backups(home: &Path, dir: &Path, first: &Value) {
    let file = home.join("house.backup");
    run(home, &["--data", arg(dir), "backup", arg(&file)]).expect_code(0);
    run(home, &["--data", arg(dir), "backup", arg(&file)]).expect_code(3);
    let other = home.join("elsewhere");
    run(home, &["--data", arg(&other), "restore", arg(&file)]).expect_code(0);
    std::fs::copy(dir.join("demo.json"), other.join("demo.json")).unwrap();
    // The alias tables of the sample lie beside the store; the store itself came out of the backup.
    std::fs::create_dir(other.join("sample")).unwrap();
    for name in ["maker-aliases.csv", "model-aliases.csv"] {
        std::fs::copy(dir.join("sample").join(name), other.join("sample").join(name)).unwrap();
    }
    assert_eq!(counts(&demo(home, &other, &[]).json()), counts(first));
    run(home, &["--data", arg(&other), "audit", "verify"]).expect_code(0);

    let before = std::fs::read(other.join("tallyward.db")).unwrap();
    run(home, &["--data", arg(&other), "restore", arg(&file)]).expect_code(3);
    let whole = std::fs::read(&file).unwrap();
    let damaged = home.join("damaged.backup");
    for at in [100, whole.len() / 3, whole.len() / 2, whole.len() - 10] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        std::fs::write(&damaged, bytes).unwrap();
        let ran = run(home, &["--data", arg(&other), "restore", "--force", arg(&damaged)]).expect_code(3);
        assert!(ran.err.contains("damaged.backup"), "{}", ran.err);
        assert_eq!(
            std::fs::read(other.join("tallyward.db")).unwrap(),
            before,
            "byte {at}: the store is untouched"
        );
    }
    std::fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
    run(home, &["--data", arg(&other), "restore", "--force", arg(&damaged)]).expect_code(3);
    assert_eq!(std::fs::read(other.join("tallyward.db")).unwrap(), before);
    run(home, &["--data", arg(&other), "restore", "--force", arg(&file)]).expect_code(0);
    assert!(other.join("tallyward.db.replaced").exists(), "the old one is moved aside");
}

#[test]
fn doctor_on_an_empty_folder_says_what_is_missing() {
    let home = tempdir().unwrap();
    let ran = run(home.path(), &["--data", "data", "doctor"]).expect_code(1);
    assert!(ran.out.contains("MEND store"), "{}", ran.out);
    assert!(walk(home.path()).is_empty(), "looking makes nothing");
    std::fs::write(home.path().join("units.csv"), "code,name\nICU,Intensive care\n").unwrap();
    run(home.path(), &["--data", "data", "import", "units", "units.csv"]).expect_code(0);
    let ran = run(home.path(), &["--data", "data", "doctor"]).expect_code(1);
    for part in ["MEND", "account", "devices", "advisories", "contacts", "places", "shadow mode", "->"] {
        assert!(ran.out.contains(part), "{part:?} in\n{}", ran.out);
    }
}

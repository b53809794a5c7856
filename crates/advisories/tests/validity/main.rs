//! Validity: every mandatory test fails on a document made to fail it, none on a valid one; and an independent
//! validator, where it is installed, says the same of every document.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: its helpers may fail, and the validator's folder is named by the environment"
)]

#[path = "../common/mod.rs"]
mod common;
mod documents;

use documents::{breaks, broken, valid};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use tallyward_advisories::{MAX_FINDINGS, check};

fn tests(document: &Value) -> BTreeSet<String> {
    check(document.to_string().as_bytes()).into_iter().map(|finding| finding.test).collect()
}

#[test]
fn the_valid_one_is_valid() {
    assert_eq!(check(valid().to_string().as_bytes()), []);
}

#[test]
fn every_break_is_found_by_its_test() {
    for (test, place, value) in breaks() {
        let findings = check(broken(place, &value).to_string().as_bytes());
        assert!(findings.iter().any(|one| one.test == test), "{test} {place} {value}: {findings:?}");
    }
}

#[test]
fn every_mandatory_test_is_broken_once() {
    let broken: BTreeSet<&str> = breaks().iter().map(|(test, ..)| *test).collect();
    let profiles = (1..=11).map(|number| format!("6.1.27.{number}"));
    for test in (1..=33).filter(|number| *number != 27).map(|number| format!("6.1.{number}")).chain(profiles)
    {
        assert!(broken.contains(test.as_str()), "{test}");
    }
}

#[test]
fn a_finding_names_its_place() {
    let document = broken("/vulnerabilities/0/product_status/fixed/0", &"P1".into());
    let findings = check(document.to_string().as_bytes());
    assert_eq!(findings[0].place, "/vulnerabilities/0/product_status/fixed/0");
    assert_eq!(findings[0].text, "product id \"P1\" is listed as affected and as fixed");
    assert_eq!(check(b"{")[0].test, "json");
}

#[test]
fn the_real_documents_are_valid() {
    for (name, bytes) in common::real() {
        assert_eq!(check(&bytes), [], "{name}");
    }
}

/// The examples that come with the standard.
fn examples() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = tallyward_core::testkit::shared("csaf_examples") else { return Vec::new() };
    let folder = folder.join("csaf_2.0/examples/csaf/csaf_vex");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let json = paths.filter(|path| path.extension().is_some_and(|end| end == "json"));
    json.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}

/// The documents both validators are asked about, with a name each.
fn documents() -> Vec<(String, Value)> {
    let read = |(name, bytes): (String, Vec<u8>)| (name, serde_json::from_slice(&bytes).unwrap());
    let mut all: Vec<(String, Value)> = common::real().into_iter().map(read).collect();
    all.extend(examples().into_iter().map(read));
    all.push(("valid".to_owned(), valid()));
    all.extend(
        breaks().iter().map(|(test, place, value)| (format!("{test} {place} {value}"), broken(place, value))),
    );
    all
}

#[test]
fn an_independent_validator_agrees() {
    let Ok(folder) = std::env::var("TALLYWARD_CSAF_VALIDATOR") else {
        tallyward_core::testkit::skipped("TALLYWARD_CSAF_VALIDATOR names no folder with the validator");
        return;
    };
    let documents = documents();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/validity/validate.mjs");
    let mut node = Command::new("node")
        .args([script, &folder])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed");
    let values: Value = documents.iter().map(|(_, document)| document.clone()).collect();
    node.stdin.take().unwrap().write_all(values.to_string().as_bytes()).unwrap();
    let answer = node.wait_with_output().unwrap();
    assert!(answer.status.success());
    let answers: Vec<BTreeSet<String>> = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(answers.len(), documents.len());
    let mut apart = Vec::new();
    for ((name, document), theirs) in documents.iter().zip(&answers) {
        let ours = tests(document);
        if ours.is_empty() != theirs.is_empty() {
            apart.push(format!("{name}: we say {ours:?}, the other says {theirs:?}"));
        }
    }
    assert_eq!(apart, Vec::<String>::new());
    let valid = answers.iter().filter(|theirs| theirs.is_empty()).count();
    eprintln!("{} documents, {valid} valid, {} not: both say so", answers.len(), answers.len() - valid);
}

static REAL: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(common::real);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever stands anywhere in a document: no panic, bounded, and each place exists.
    #[test]
    fn anything_can_be_checked(
        at in any::<prop::sample::Index>(),
        what in prop::sample::select(vec!["null", "[]", "{}", "7", "\"\"", "\"x\"", "[null]", "[{}]", "true"]),
    ) {
        let mut document = valid();
        let mut places = Vec::new();
        walk(&document, String::new(), &mut places);
        let place = at.get(&places);
        *document.pointer_mut(place).unwrap() = serde_json::from_str(what).unwrap();
        let findings = check(document.to_string().as_bytes());
        prop_assert!(findings.len() <= MAX_FINDINGS);
        for finding in findings {
            prop_assert!(document.pointer(&finding.place).is_some() || finding.test.starts_with("6.1.27"), "{finding:?}");
        }
    }

    #[test]
    fn damaged_real_documents_can_be_checked(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0_u8..8, cut in 0_usize..60,
    ) {
        if REAL.is_empty() {
            return Ok(());
        }
        let mut bytes = which.get(&REAL).1.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        bytes.drain(at..(at + cut).min(bytes.len()));
        prop_assert!(check(&bytes).len() <= MAX_FINDINGS);
    }
}

fn walk(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{place}/{index}"), places);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                walk(member, format!("{place}/{key}"), places);
            }
        }
        _ => {}
    }
    places.push(place);
}

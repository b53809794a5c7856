//! The small tools: clause verdicts and UDI over the labelled files, captures as lines, exit codes.

use crate::support::program::{arg, run, run_with};
use serde_json::{Value, json};
use tallyward_core::testkit::shared;
use tallyward_store::SqliteStore;
use tempfile::tempdir;

#[test]
fn every_labelled_verdict_is_right() {
    let Some(path) = shared("version_verdicts.jsonl") else { return };
    let input = std::fs::read(path).unwrap();
    let home = tempdir().unwrap();
    let ran = run_with(home.path(), &["verdict"], &input).expect_code(0);
    let asked: Vec<Value> = std::str::from_utf8(&input)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let answered = ran.lines();
    assert_eq!(answered.len(), asked.len());
    let mut wrong = Vec::new();
    for (asked, answered) in asked.iter().zip(&answered) {
        assert_eq!(asked["product_id"], answered["product_id"], "a line keeps its own fields and its turn");
        assert!(answered["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{answered}");
        assert!(
            answered["verdict"] != "not_affected" || asked["verdict"] == "not_affected",
            "FALSE NOT AFFECTED: {answered}"
        );
        if asked["verdict"] != answered["verdict"] {
            wrong.push(format!(
                "{} {} on {}: {}",
                asked["tier"], asked["expression"], asked["device_version"], answered
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let of = |tier: &str| asked.iter().filter(|line| line["tier"] == tier).count();
    assert!(of("core") > 0 && of("policy") > 0, "the file holds both tiers");
}

#[test]
fn every_labelled_udi_is_right() {
    let Some(path) = shared("udi/udi_vectors.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let vectors: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lines: Vec<&str> = vectors.iter().map(|one| one["input"].as_str().unwrap()).collect();
    assert!(lines.iter().all(|line| !line.contains('\n')), "one input is one line");
    let home = tempdir().unwrap();
    let input = format!("{}\n", lines.join("\n"));
    // Some of them are not valid, and the exit code says so.
    let ran = run_with(home.path(), &["udi", "parse", "--json"], input.as_bytes()).expect_code(1);
    let answered = ran.lines();
    assert_eq!(answered.len(), vectors.len());
    for (vector, answer) in vectors.iter().zip(&answered) {
        assert_eq!(answer["input"], vector["input"]);
        assert_eq!(answer["valid"], vector["valid"], "{vector}\n{answer}");
        assert_eq!(
            answer.get("error").unwrap_or(&Value::Null),
            vector.get("error").unwrap_or(&Value::Null),
            "{answer}"
        );
        for (name, value) in vector["expected"].as_object().into_iter().flatten() {
            assert_eq!(&answer[name], value, "{name} of {vector}\n{answer}");
        }
    }
}

#[test]
fn a_single_udi_by_argument() {
    let home = tempdir().unwrap();
    let good = "(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234";
    let answer = run(home.path(), &["udi", "parse", "--json", good]).expect_code(0).json();
    assert_eq!((&answer["valid"], &answer["serial"]), (&json!(true), &json!("1234")));
    // The last digit of the DI is the check digit (GS1 General Specifications 7.9).
    let bad = good.replace("51022222233336", "51022222233335");
    let answer = run(home.path(), &["udi", "parse", "--json", &bad]).expect_code(1).json();
    assert_eq!((&answer["valid"], &answer["serial"]), (&json!(false), &json!("1234")), "parsed fields stay");
}

#[test]
fn a_bad_line_is_named_and_the_rest_goes_on() {
    let home = tempdir().unwrap();
    let input = b"{\"expression\":\"<= 4.1\",\"device_version\":\"4.0\",\"mine\":7}\nnot json\n\n[1]\n\
        {\"expression\":7}\n{\"expression\":\"<= 4.1\",\"device_version\":\"4.2\"}\n";
    let ran = run_with(home.path(), &["verdict"], input).expect_code(3);
    let lines = ran.lines();
    assert_eq!(lines.len(), 5);
    assert_eq!((&lines[0]["verdict"], &lines[0]["mine"]), (&json!("affected"), &json!(7)));
    for (answer, line) in lines[1..4].iter().zip([2, 4, 5]) {
        assert_eq!(answer["line"], line);
        assert!(answer["error"].is_string(), "{answer}");
    }
    assert_eq!(lines[4]["verdict"], "not_affected");
    assert!(ran.err.contains("3 lines"), "{}", ran.err);
}

#[test]
fn one_clause_by_argument() {
    let home = tempdir().unwrap();
    let ask = |version: &[&str]| {
        let args = [&["verdict", "--json", "--clause", "<= 4.1"], version].concat();
        run(home.path(), &args).expect_code(0).json()
    };
    assert_eq!(ask(&["--version", "4.0"])["verdict"], "affected");
    assert_eq!(ask(&["--version", "4.10"])["verdict"], "not_affected");
    let unknown = ask(&[]);
    assert_eq!(unknown["verdict"], "unknown");
    assert!(unknown["missing"].as_str().is_some_and(|missing| !missing.is_empty()), "{unknown}");
    let plain = run(home.path(), &["verdict", "--clause", "<= 4.1", "--version", "4.0"]).expect_code(0);
    assert!(plain.out.starts_with("affected:"), "{}", plain.out);
}

#[test]
fn read_prints_devices_with_where_each_value_came_from() {
    let home = tempdir().unwrap();
    let capture = home.path().join("lab.pcapng");
    std::fs::write(&capture, crate::support::house::hospital(3, 30).capture()).unwrap();
    let ran = run(home.path(), &["read", "--json", "--flows", arg(&capture)]).expect_code(0);
    let (mut devices, mut flows) = (0, 0);
    for line in ran.lines() {
        assert_eq!(line["capture"], "lab.pcapng");
        if line.get("flow").is_some() {
            flows += 1;
            continue;
        }
        devices += 1;
        assert!(line["keys"].as_array().is_some_and(|keys| !keys.is_empty()), "{line}");
        let fields = line["fields"].as_array().unwrap();
        assert!(!fields.is_empty(), "{line}");
        for field in fields {
            let text = |name: &str| field[name].as_str().unwrap_or_default().to_owned();
            assert!(!text("field").is_empty() && !text("protocol").is_empty(), "{field}");
            let number = text("place").strip_prefix("packet ").map(str::parse::<u64>);
            assert!(matches!(number, Some(Ok(1..))), "{field}");
        }
    }
    assert!(devices > 10 && flows > 10, "{devices} devices, {flows} flows");
    let without = run(home.path(), &["read", "--json", arg(&capture)]).expect_code(0);
    assert_eq!(without.lines().len(), devices);
}

#[test]
fn exit_codes_are_those_documented() {
    let home = tempdir().unwrap();
    let here = home.path();
    let code = |args: &[&str]| run(here, args).code;
    assert_eq!(code(&["--help"]), 0);
    assert_eq!(code(&["udi", "parse", "nonsense"]), 1, "a check that was asked for failed");
    assert_eq!(code(&["verdict", "--no-such-flag"]), 2, "usage");
    assert_eq!(code(&["import", "list"]), 2, "usage");
    assert_eq!(code(&["read", "missing.pcap"]), 3, "bad input");
    std::fs::write(here.join("junk.pcap"), "this is no capture at all").unwrap();
    let junk = run(here, &["read", "junk.pcap"]);
    assert_eq!(junk.code, 3, "bad input");
    assert!(junk.err.contains("junk.pcap"), "{}", junk.err);
    std::fs::create_dir(here.join("data")).unwrap();
    std::fs::write(here.join("units.csv"), "code,name\nICU,Intensive care\n").unwrap();
    let _held = SqliteStore::open(&here.join("data/tallyward.db")).unwrap();
    let away = run(here, &["--data", "data", "import", "units", "units.csv"]);
    assert_eq!(away.code, 4, "the store is in use: {}", away.err);
    assert!(away.out.is_empty() && !away.err.is_empty());
}

#[test]
fn a_wrong_configuration_names_its_key() {
    let home = tempdir().unwrap();
    std::fs::write(home.path().join("tallyward.toml"), "time_zome = \"UTC\"\n").unwrap();
    let ran = run(home.path(), &["doctor"]).expect_code(2);
    assert!(ran.err.contains("time_zome"), "{}", ran.err);
}

#[test]
fn a_document_is_checked() {
    let home = tempdir().unwrap();
    let bad = home.path().join("bad.json");
    std::fs::write(&bad, r#"{"document": {"csaf_version": "2.0"}}"#).unwrap();
    let ran = run(home.path(), &["advisories", "check", arg(&bad), "--json"]).expect_code(1);
    let answered = ran.lines();
    assert_eq!(answered[0]["valid"], false);
    assert_eq!(answered[0]["findings"][0]["test"], "structure");
    assert_eq!(answered[0]["findings"][0]["place"], "/document");
    let Some(folder) = shared("icsma") else { return };
    let ran = run(home.path(), &["advisories", "check", arg(&folder), "--json"]).expect_code(0);
    assert_eq!(ran.lines().len(), 60);
}

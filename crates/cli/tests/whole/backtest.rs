//! Documents replayed by their own dates, with the real program.

use crate::support::program::{arg, run};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tallyward_core::testkit::shared;
use tempfile::tempdir;

/// A document with one product and one clause, released at `dates[0]` and revised at the others.
fn document(id: &str, clause: &str, dates: &[&str]) -> Value {
    let history: Vec<Value> = dates
        .iter()
        .enumerate()
        .map(|(at, date)| json!({ "number": (at + 1).to_string(), "date": date, "summary": "words" }))
        .collect();
    json!({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": id,
            "publisher": { "category": "vendor", "name": "Quillon", "namespace": "https://example.com" },
            "tracking": {
                "id": id, "status": "final", "version": dates.len().to_string(),
                "initial_release_date": dates[0], "current_release_date": dates[dates.len() - 1],
                "revision_history": history
            }
        },
        "product_tree": { "branches": [{ "category": "vendor", "name": "Quillon", "branches": [
            { "category": "product_name", "name": "Drift Pump 40", "branches": [
                { "category": "product_version_range", "name": clause,
                  "product": { "product_id": "P1", "name": "Quillon Drift Pump 40" } }] }] }] },
        "vulnerabilities": [{ "cve": "CVE-2026-0001", "product_status": { "known_affected": ["P1"] } }]
    })
}

fn write(folder: &Path, name: &str, value: &Value) {
    fs::write(folder.join(name), value.to_string()).unwrap();
}

fn totals(backtest: &Value) -> [u64; 4] {
    ["right", "left_open", "misses", "false_alarms"].map(|name| backtest["compared"][name].as_u64().unwrap())
}

#[test]
fn two_revisions_of_one_document_and_one_that_is_no_document() {
    let home = tempdir().unwrap();
    let folder = home.path().join("advisories");
    fs::create_dir(&folder).unwrap();
    let first = "2026-03-01T09:30:00Z";
    write(
        &folder,
        "b.json",
        &document("QA-1", "< 3.0", &[first, "2026-03-05T00:00:00Z", "2026-03-09T13:00:00Z"]),
    );
    write(&folder, "z.json", &document("QA-1", "< 2.0", &[first]));
    fs::write(folder.join("bad.json"), "{").unwrap();

    let args = ["--json", "backtest", "--advisories", arg(&folder), "--every", "6", "--out", "out"];
    let backtest = run(home.path(), &args).expect_code(3).json();
    assert_eq!(backtest["damaged"][0]["file"], "bad.json");
    let rows = backtest["rows"].as_array().unwrap();
    let said: Vec<(&Value, &Value, &Value)> =
        rows.iter().map(|row| (&row["revision"], &row["received"], &row["earlier_not_at_hand"])).collect();
    assert_eq!(
        said,
        [
            (&json!("1"), &json!("2026-03-01T12:00:00Z"), &json!(0)),
            (&json!("3"), &json!("2026-03-09T18:00:00Z"), &json!(1)),
        ]
    );
    let hours = rows[0]["hours"].as_f64().unwrap();
    assert!((2.5..2.51).contains(&hours), "from 09:30 to 12:00 and the reading: {hours}");

    // Devices made: none, 2.0, 3.0, 3.1, 13.0 of the newest bound, and one of another model.
    assert_eq!(backtest["devices"], 6);
    assert_eq!(rows[0]["right"], 0, "only the newest text is scored");
    assert_eq!(totals(&backtest), [6, 0, 0, 0]);
    assert_eq!(
        (&rows[1]["affected"], &rows[1]["unknown"], &rows[1]["not_affected"]),
        (&json!(1), &json!(1), &json!(3))
    );
    assert_eq!(rows[1]["missing"], json!([{ "what": "software version", "devices": 1 }]));

    let csv = fs::read_to_string(home.path().join("out/backtest.csv")).unwrap();
    assert_eq!(csv.lines().count(), 3, "{csv}");
    assert!(home.path().join("out/backtest.json").exists());
}

#[test]
fn a_wrong_truth_is_told_as_a_miss_and_a_false_alarm() {
    let home = tempdir().unwrap();
    write(home.path(), "one.json", &document("QA-1", "< 3.0", &["2026-03-01"]));
    let line = |version: &str, verdict: &str, id: &str| {
        json!({ "advisory": id, "vendor": "Quillon", "product": "Drift Pump 40", "product_id": "P1",
                "device_version": version, "verdict": verdict })
    };
    let lines = [
        line("9.0", "affected", "QA-1"),
        line("1.0", "not_affected", "QA-1"),
        line("1.0", "affected", "QA-1"),
        line("1.0", "affected", "QA-2"),
    ];
    let text: Vec<String> = lines.iter().map(Value::to_string).chain(["{".to_owned()]).collect();
    fs::write(home.path().join("truth.jsonl"), text.join("\n")).unwrap();
    let args = ["--json", "backtest", "--advisories", "one.json", "--truth", "truth.jsonl"];
    let backtest = run(home.path(), &args).expect_code(3).json();
    assert_eq!(totals(&backtest), [7, 0, 1, 1]);
    assert_eq!(backtest["left_out"], 1, "a document that is not here");
    assert_eq!(backtest["damaged"][0]["place"], "line 5");
}

#[test]
fn ones_own_devices_are_touched_and_not_scored() {
    let home = tempdir().unwrap();
    write(home.path(), "one.json", &document("QA-1", "< 3.0", &["2026-03-01"]));
    let list = "Asset Tag,Manufacturer,Model,Serial,Software Version\nA1,Quillon,Drift Pump 40,S1,2.0\nA2,Quillon,Drift Pump 40,S2,2.0\nA3,Quillon,Drift Pump 40,S3,\n";
    fs::write(home.path().join("list.csv"), list).unwrap();
    let ran =
        run(home.path(), &["backtest", "--advisories", "one.json", "--inventory", "list.csv"]).expect_code(0);
    assert!(ran.out.contains("nothing is scored"), "{}", ran.out);
    let ran =
        run(home.path(), &["--json", "backtest", "--advisories", "one.json", "--inventory", "list.csv"]);
    let backtest = ran.expect_code(0).json();
    let row = &backtest["rows"][0];
    assert_eq!((&row["affected"], &row["unknown"]), (&json!(2), &json!(1)));
    assert_eq!((&backtest["devices"], &backtest["truth_known"]), (&json!(3), &json!(false)));
    assert_eq!(totals(&backtest), [0, 0, 0, 0]);
}

#[test]
fn the_real_documents_without_a_miss_or_a_false_alarm() {
    let (Some(documents), Some(truth)) = (shared("icsma"), shared("version_verdicts.jsonl")) else { return };
    let home = tempdir().unwrap();
    let args = ["--json", "backtest", "--advisories", arg(&documents), "--truth", arg(&truth)];
    let backtest = run(home.path(), &args).expect_code(0).json();
    assert_eq!(backtest["rows"].as_array().unwrap().len(), 60);
    let [right, left_open, misses, false_alarms] = totals(&backtest);
    println!("{right} right, {left_open} left open, {misses} misses, {false_alarms} false alarms");
    assert!(right > 2_000 && left_open < right / 50, "{right} {left_open}");
    assert_eq!((misses, false_alarms), (0, 0), "{}", backtest["rows"]);
    for row in backtest["rows"].as_array().unwrap() {
        let unknown = row["unknown"].as_u64().unwrap();
        assert!(unknown == 0 || !row["missing"].as_array().unwrap().is_empty(), "{row}");
        assert!((0.0..=4.1).contains(&row["hours"].as_f64().unwrap()), "{row}");
    }
}

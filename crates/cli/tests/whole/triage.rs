//! `tallyward triage`: a named person sets an input, everybody reads who and why, and it can be taken back.

use crate::support::program::{arg, run};
use serde_json::Value;
use tempfile::tempdir;

#[test]
fn an_input_set_by_name_changes_the_decision_until_it_is_taken_back() {
    let home = tempdir().unwrap();
    let data = home.path().join("demo");
    run(home.path(), &["demo", "--no-serve", "--dir", arg(&data)]).expect_code(0);
    let on_demo = |rest: &[&str]| run(home.path(), &[&["--json", "--data", arg(&data)], rest].concat());

    let urgent =
        on_demo(&["export", "findings", "--urgent-first", "--outcome", "out_of_cycle"]).expect_code(0);
    let first = urgent.out.lines().nth(1).expect("the sample hospital has an affected device").to_owned();
    let cells: Vec<&str> = first.split(',').collect();
    let finding = [cells[0], cells[6], cells[7]];
    let other = urgent.out.lines().skip(2).find(|line| !line.starts_with(&format!("{},", cells[0])));
    let other: Vec<&str> = other.expect("a second device").split(',').collect();

    let show =
        |finding: [&str; 3]| on_demo(&[&["triage", "show"], &finding[..]].concat()).expect_code(0).json();
    let set = |input: &str, value: &str, by: &str| {
        on_demo(
            &[&["triage", "set"], &finding[..], &[input, value, "--because", "fenced off", "--by", by]]
                .concat(),
        )
    };
    let exposure = |page: &Value| page["inputs"].as_array().unwrap()[1].clone();
    let before = show(finding);
    assert_eq!(exposure(&before)["value"], Value::Null);
    assert_eq!(before["line"]["outcome"], "out_of_cycle");

    let after = set("exposure", "small", "lead").expect_code(0).json();
    let input = exposure(&after);
    assert_eq!(input["value"], "small");
    assert!(input["why"][0].as_str().unwrap().contains("fenced off"), "{input}");
    assert!(!after["line"]["assumed"].as_array().unwrap().contains(&"exposure".into()), "{after}");
    assert_eq!(
        exposure(&show([other[0], other[6], other[7]]))["value"],
        Value::Null,
        "another device is as it was"
    );

    set("exposure", "small", "reader").expect_code(1);
    set("exposure", "huge", "lead").expect_code(3);
    set("weather", "small", "lead").expect_code(3);
    set("exposure", "small", "nobody").expect_code(3);

    set("exposure", "back", "lead").expect_code(0);
    let again = show(finding);
    assert_eq!(again["inputs"], before["inputs"]);
    assert_eq!(again["line"], before["line"]);
    run(home.path(), &["--data", arg(&data), "audit", "verify"]).expect_code(0);
}

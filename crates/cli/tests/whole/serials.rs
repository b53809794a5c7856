//! Clauses that name serial numbers: devices are told apart by theirs while such a clause is on file, and no longer.

use crate::support::documents::document;
use crate::support::house::{House, lead};
use crate::support::program::run;
use serde_json::Value;
use std::collections::BTreeMap;
use tallyward_app::query::FindingQuery;
use tallyward_app::views::FindingLine;
use tallyward_core::{Field, MissingFact, Verdict};

fn lines(house: &House) -> Vec<FindingLine> {
    let query = FindingQuery { limit: Some(100), ..FindingQuery::default() };
    house.app.findings(&query).unwrap().page.rows
}

/// Verdicts by what stands behind the dot of a device's name: its tag.
fn verdicts(house: &House) -> BTreeMap<String, Verdict> {
    let tag = |line: &FindingLine| line.name.rsplit(' ').next().unwrap_or_default().to_owned();
    lines(house).iter().map(|line| (tag(line), line.verdict)).collect()
}

fn configurations(house: &House) -> usize {
    use tallyward_app::ports::Store as _;
    house.store.configs().unwrap().len()
}

const LIST: &[u8] = b"Asset Tag,Manufacturer,Model,Serial Number,Software Version\n\
    T1,Norvik,Vista 7,1500,4.0\n\
    T2,Norvik,Vista 7,2600,4.0\n\
    T3,Norvik,Vista 7,AB1500,4.0\n\
    T4,Norvik,Vista 7,,4.0\n\
    T5,Norvik,Vista 9,1501,4.0\n\
    T6,Norvik,Vista 9,1502,4.0\n";

#[test]
fn a_serial_number_counts_while_a_clause_about_the_product_asks_for_it() {
    let house = House::empty();
    house.list("ward.csv", LIST, |_| {});
    assert_eq!(configurations(&house), 2, "two models of one version each");

    house.app.import_advisories(&lead(), vec![document("1", "<= 4.1")]).unwrap();
    assert!(verdicts(&house).values().all(|verdict| *verdict == Verdict::Affected));
    assert_eq!(configurations(&house), 2);

    house.clock.pass(60);
    let narrowed = document("2", "<= 4.1 with serial numbers 1000 to 2500");
    house.app.import_advisories(&lead(), vec![narrowed.clone()]).unwrap();
    let expected = [
        ("T1", Verdict::Affected),
        ("T2", Verdict::NotAffected),
        ("T3", Verdict::Unknown),
        ("T4", Verdict::Unknown),
    ];
    let expected: BTreeMap<String, Verdict> =
        expected.into_iter().map(|(tag, verdict)| (tag.to_owned(), verdict)).collect();
    assert_eq!(verdicts(&house), expected);
    assert_eq!(configurations(&house), 5, "each Vista 7 is one of its own, the two Vista 9 are still one");

    // The revision is told as the cause, and that it took an alarm back.
    let events = house.app.verdict_changes(1).unwrap().events;
    assert!(events[0].cause.contains("NV-1"), "{}", events[0].cause);
    let went: Vec<_> = events[0].rows.iter().map(|row| (row.was, row.is, row.count)).collect();
    assert_eq!(
        went,
        [
            (Some(Verdict::Affected), Some(Verdict::Unknown), 1),
            (Some(Verdict::Affected), Some(Verdict::Unknown), 1),
            (Some(Verdict::Affected), Some(Verdict::NotAffected), 1)
        ]
    );

    // Without a serial number on file it is work; with one of another shape it takes a person.
    let missing = |tag: &str| {
        let line = lines(&house).into_iter().find(|line| line.name.ends_with(tag)).unwrap();
        let page = house.app.finding(line.device, "NV-1", "CVE-2026-1000").unwrap();
        (line.device, page.missing, page.enter)
    };
    assert_eq!(missing("T3").1, Some(MissingFact::ReadClause));
    let (device, fact, enter) = missing("T4");
    assert_eq!((fact, enter), (Some(MissingFact::SerialNumber), Some(Field::Serial)));
    let worklist = house.app.worklist().unwrap();
    let item = worklist.items.iter().find(|item| item.fact == MissingFact::SerialNumber).unwrap();
    assert_eq!((item.plain.as_str(), item.count, item.field), ("serial number", 1, Some(Field::Serial)));

    house.clock.pass(60);
    let settled = house.app.read_on_device(&lead(), device, Field::Serial, "2501").unwrap();
    assert_eq!((settled.not_affected, settled.waiting), (1, 0));
    assert_eq!(verdicts(&house)["T4"], Verdict::NotAffected);

    // What arrives later is told apart as well.
    house.clock.pass(60);
    let more = b"Asset Tag,Manufacturer,Model,Serial Number,Software Version\nT7,Norvik,Vista 7,1700,4.1\n";
    house.list("more.csv", more, |_| {});
    assert_eq!(verdicts(&house)["T7"], Verdict::Affected);
    let before = (verdicts(&house), configurations(&house));
    house.app.refresh().unwrap();
    assert_eq!((verdicts(&house), configurations(&house)), before);

    // When no clause asks any more, the devices are alike again.
    house.clock.pass(60);
    house.app.import_advisories(&lead(), vec![document("3", "< 4.0")]).unwrap();
    assert!(verdicts(&house).values().all(|verdict| *verdict == Verdict::NotAffected));
    assert_eq!(configurations(&house), 3, "Vista 7 with 4.0, with 4.1, and Vista 9");

    // And told apart once more when one asks again.
    house.clock.pass(60);
    house
        .app
        .import_advisories(&lead(), vec![document("4", "<= 4.1 with serial numbers 1000 to 2500")])
        .unwrap();
    assert_eq!((verdicts(&house), configurations(&house)), before);
}

#[test]
fn the_order_of_list_and_document_does_not_matter() {
    let clause = "<= 4.1 with serial numbers 1000 to 2500";
    let [first, last] = [true, false].map(|document_first| {
        let house = House::empty();
        let import = || drop(house.app.import_advisories(&lead(), vec![document("1", clause)]).unwrap());
        if document_first {
            import();
        }
        house.list("ward.csv", LIST, |_| {});
        if !document_first {
            import();
        }
        (verdicts(&house), configurations(&house))
    });
    assert_eq!(first, last);
    assert_eq!(first.0.len(), 4);
}

#[test]
fn the_command_line_asks_with_a_serial_number() {
    let home = tempfile::tempdir().unwrap();
    for (serial, expected) in [
        (Some("1500"), "affected"),
        (Some("2600"), "not_affected"),
        (Some("15000"), "unknown"),
        (None, "unknown"),
    ] {
        let mut line = vec!["verdict", "--json", "--clause", "serial numbers 1000 to 2500"];
        line.extend(serial.iter().flat_map(|serial| ["--serial", serial]));
        let answer: Value = run(home.path(), &line).expect_code(0).json();
        assert_eq!(answer["verdict"], expected, "{answer}");
        assert_eq!(answer["missing"] == "the serial number", serial.is_none(), "{answer}");
    }
}

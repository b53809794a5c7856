//! Whose verdict changed, and why: held against the findings themselves, before and after.

use crate::support::files::{csv_bytes, csv_rows};
use crate::support::house::{House, hospital, lead};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_app::App;
use tallyward_app::query::{DeviceQuery, FindingQuery};
use tallyward_app::views::VerdictChanges;
use tallyward_core::{DeviceId, Field, Verdict};

type Findings = BTreeMap<(DeviceId, String, String), Verdict>;

fn findings(app: &App) -> Findings {
    let mut query = FindingQuery { limit: Some(1_000), ..FindingQuery::default() };
    let mut all = Findings::new();
    loop {
        let page = app.findings(&query).unwrap().page;
        all.extend(
            page.rows.into_iter().map(|row| ((row.device, row.advisory, row.vulnerability), row.verdict)),
        );
        match page.next {
            Some(next) => query.after = Some(next),
            None => return all,
        }
    }
}

/// The devices whose known finding became another, as the findings themselves show it.
fn really_changed(before: &Findings, after: &Findings) -> BTreeSet<(DeviceId, String, String)> {
    before.iter().filter(|(at, was)| after.get(*at) != Some(*was)).map(|(at, _)| at.clone()).collect()
}

/// The same as the list of changes tells it, of its newest event.
fn listed(changes: &VerdictChanges) -> BTreeSet<(DeviceId, String, String)> {
    let rows = changes.events.iter().take(1).flat_map(|event| &event.rows);
    rows.filter(|row| row.was.is_some())
        .flat_map(|row| row.devices.iter().map(|id| (*id, row.advisory.clone(), row.vulnerability.clone())))
        .collect()
}

/// Devices of `changed` whose finding was `was` and is one of `is` now.
fn went(
    changed: &BTreeSet<(DeviceId, String, String)>,
    [before, after]: [&Findings; 2],
    was: Verdict,
    is: &[Option<Verdict>],
) -> u64 {
    let went = changed.iter().filter(|at| before[*at] == was && is.contains(&after.get(*at).copied()));
    went.map(|at| at.0).collect::<BTreeSet<_>>().len() as u64
}

/// The document with every range narrowed to versions nobody has, as its next revision.
fn narrowed(bytes: &[u8]) -> Vec<u8> {
    fn narrow(value: &mut Value) {
        if let Some(members) = value.as_object_mut() {
            if members.get("category").and_then(Value::as_str) == Some("product_version_range") {
                members.insert("name".to_owned(), Value::from("< 0.0.1"));
            }
            members.values_mut().for_each(narrow);
        } else if let Some(items) = value.as_array_mut() {
            items.iter_mut().for_each(narrow);
        }
    }
    let mut document: Value = serde_json::from_slice(bytes).unwrap();
    narrow(&mut document["product_tree"]);
    document["document"]["tracking"]["version"] = Value::from("2");
    serde_json::to_vec(&document).unwrap()
}

#[test]
fn a_revision_lists_exactly_whose_verdict_changed() {
    let lab = hospital(7, 400);
    let house = House::of(&lab);
    let before = findings(&house.app);
    house.clock.pass(3 * 86_400);
    assert!(house.app.verdict_changes(1).unwrap().events.is_empty(), "nothing happened since yesterday");

    let ranged = |file: &&(String, Vec<u8>)| {
        let id = file.0.trim_end_matches(".json").to_uppercase();
        let text = String::from_utf8_lossy(&file.1);
        text.contains("product_version_range")
            && before.iter().any(|(at, verdict)| at.1 == id && *verdict == Verdict::Affected)
    };
    let files = lab.advisories();
    let (name, bytes) = files.iter().find(ranged).unwrap();
    let bytes = narrowed(bytes);
    let intake = house.app.import_advisories(&lead(), vec![(name.clone(), bytes.clone())]).unwrap();
    assert_eq!(intake.changed.len(), 1, "it is a revision");
    let after = findings(&house.app);
    let changes = house.app.verdict_changes(1).unwrap();
    let really = really_changed(&before, &after);
    assert!(!really.is_empty(), "the revision changes somebody's verdict");
    assert_eq!(listed(&changes), really);
    for row in changes.events.iter().flat_map(|event| &event.rows) {
        assert!(!row.because.is_empty(), "a change says why");
    }
    let csv = String::from_utf8(house.app.export_verdict_changes(1).unwrap()).unwrap();
    assert!(really.iter().all(|(device, ..)| csv.contains(&device.to_string())), "the CSV names them all");

    // The alarms that the revision takes back are counted.
    let on_file = house.app.backtest_on_file(usize::MAX).unwrap();
    let cleared = went(&really, [&before, &after], Verdict::Affected, &[None, Some(Verdict::NotAffected)]);
    let back: Vec<u64> =
        on_file.rows.iter().filter(|row| row.taken_back > 0).map(|row| row.taken_back).collect();
    assert!(cleared > 0, "the revision takes an alarm back");
    assert_eq!(back, [cleared]);
    let row = on_file.rows.iter().find(|row| row.advisory == intake.changed[0].0).unwrap();
    assert_eq!(row.taken_back, cleared);

    // The revision before it is kept, and the same file again changes nothing.
    let page = house.app.advisory(&intake.changed[0].0).unwrap();
    assert_eq!(page.revisions.len(), 1);
    assert_ne!(page.revisions[0].hash, page.advisory.hash);
    house.app.import_advisories(&lead(), vec![("again.json".to_owned(), bytes)]).unwrap();
    assert_eq!(house.app.verdict_changes(1).unwrap().events, changes.events);
}

#[test]
fn a_version_somebody_reads_is_listed_for_that_device_alone() {
    let lab = hospital(7, 400);
    let house = House::of(&lab);
    house.clock.pass(3 * 86_400);
    let before = findings(&house.app);
    let waiting = house.app.worklist().unwrap();
    let item = waiting.items.iter().find(|item| item.field == Some(Field::SoftwareVersion)).unwrap();
    let device = item.devices[0].id;
    house.app.enter_fact(&lead(), device, Field::SoftwareVersion, "99.9").unwrap();
    let after = findings(&house.app);
    let really = really_changed(&before, &after);
    assert!(!really.is_empty() && really.iter().all(|(id, ..)| *id == device), "one answer, one device");
    assert_eq!(listed(&house.app.verdict_changes(1).unwrap()), really);

    let decided = [Some(Verdict::Affected), Some(Verdict::NotAffected)];
    assert_eq!(went(&really, [&before, &after], Verdict::Unknown, &decided), 1, "the reading settles it");
    let on_file = house.app.backtest_on_file(usize::MAX).unwrap().rows;
    let settled: BTreeSet<&str> =
        on_file.iter().filter(|row| row.settled == 1).map(|row| row.advisory.as_str()).collect();
    let wanted: BTreeSet<&str> = really
        .iter()
        .filter(|at| before[*at] == Verdict::Unknown && decided.contains(&after.get(*at).copied()))
        .map(|at| at.1.as_str())
        .collect();
    assert_eq!(settled, wanted);
    assert!(on_file.iter().all(|row| row.taken_back == 0), "a fact about the device takes no alarm back");
}

#[test]
fn a_reading_that_grows_too_old_is_listed_with_whose_verdict_it_took_along() {
    let lab = hospital(7, 400);
    let house = House::of(&lab);
    house.clock.pass(3 * 86_400);
    house.app.refresh().unwrap();
    let before = findings(&house.app);
    house.clock.pass(400 * 86_400);
    house.app.refresh().unwrap();
    let after = findings(&house.app);
    let really = really_changed(&before, &after);
    assert!(
        really
            .iter()
            .any(|at| before[at] == Verdict::NotAffected && after.get(at) == Some(&Verdict::Unknown)),
        "\"not affected\" rests on a reading and ends with it"
    );
    let changes = house.app.verdict_changes(1).unwrap();
    assert!(changes.events[0].cause.starts_with("Time passed"), "{}", changes.events[0].cause);
    assert_eq!(listed(&changes), really);
    house.app.refresh().unwrap();
    assert_eq!(house.app.verdict_changes(1).unwrap().events, changes.events, "nothing more has changed");
}

#[test]
fn a_list_taken_in_lists_whose_verdicts_it_changed() {
    let lab = hospital(7, 400);
    let house = House::of(&lab);
    house.clock.pass(3 * 86_400);
    let before = findings(&house.app);
    let (header, mut rows) = csv_rows(&house.app.export_devices(&DeviceQuery::default()).unwrap());
    let column = header.iter().position(|name| name.eq_ignore_ascii_case("software_version")).unwrap();
    rows.iter_mut().for_each(|row| "0.0.1".clone_into(&mut row[column]));
    let staged = house.app.stage_list("versions.csv", csv_bytes(&header, &rows)).unwrap();
    let mapping = house.app.preview_list(&staged, None).unwrap().mapping;
    house.app.apply_list(&lead(), &staged, &mapping).unwrap();
    let really = really_changed(&before, &findings(&house.app));
    assert!(really.len() > 50, "many at once: {}", really.len());
    let changes = house.app.verdict_changes(1).unwrap();
    assert!(changes.events[0].cause.contains("versions.csv"), "{}", changes.events[0].cause);
    assert_eq!(listed(&changes), really);
}

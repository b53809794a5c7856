//! A document corrected here: verdicts follow, a revision that leaves the passage leaves it, one that touches it asks.

use crate::support::house::{House, hospital, lead, reader};
use crate::support::program::run;
use serde_json::Value;
use tallyward_app::query::FindingQuery;
use tallyward_app::views::{CorrectionAsked, CorrectionState, FindingLine};
use tallyward_app::{App, AppError};
use tallyward_core::Verdict;

const WHY: &str = "The maker's letter of 3 March gives another version.";

fn findings(app: &App, advisory: &str) -> Vec<FindingLine> {
    let query =
        FindingQuery { advisory: Some(advisory.to_owned()), limit: Some(1_000), ..FindingQuery::default() };
    app.findings(&query).unwrap().page.rows
}

fn affected(app: &App, advisory: &str) -> usize {
    findings(app, advisory).iter().filter(|row| row.verdict == Verdict::Affected).count()
}

/// A document whose one clause is a range that devices here fall under: its id, file, leaf and clause.
fn ranged(house: &House, files: &[(String, Vec<u8>)]) -> (String, Value, String, String) {
    files
        .iter()
        .find_map(|(name, bytes)| {
            let id = name.trim_end_matches(".json").to_uppercase();
            let page = house.app.advisory(&id).ok()?;
            let document: Value = serde_json::from_slice(bytes).unwrap();
            let leaf = page.advisory.products.iter().find(|leaf| leaf.category == "product_version_range")?;
            let alone = page.advisory.products.len() == 1;
            (alone && affected(&house.app, &id) > 0)
                .then(|| (id, document, leaf.id.clone(), leaf.version.clone()))
        })
        .expect("the lab has such a document")
}

fn clause(leaf: &str, text: &str) -> CorrectionAsked {
    CorrectionAsked {
        what: "clause".to_owned(),
        product_id: leaf.to_owned(),
        clause: text.to_owned(),
        ..CorrectionAsked::default()
    }
}

/// The document as another revision, with its clause replaced when `clause` says by what.
fn revised(document: &Value, revision: &str, clause: Option<&str>) -> Vec<u8> {
    fn replace(value: &mut Value, clause: &str) {
        if let Some(members) = value.as_object_mut() {
            if members.get("category").and_then(Value::as_str) == Some("product_version_range") {
                members.insert("name".to_owned(), Value::from(clause));
            }
            members.values_mut().for_each(|value| replace(value, clause));
        } else if let Some(items) = value.as_array_mut() {
            items.iter_mut().for_each(|value| replace(value, clause));
        }
    }
    let mut document = document.clone();
    document["document"]["tracking"]["version"] = Value::from(revision);
    document["document"]["title"] = Value::from(format!("Title of revision {revision}"));
    if let Some(clause) = clause {
        replace(&mut document["product_tree"], clause);
    }
    serde_json::to_vec(&document).unwrap()
}

fn take(house: &House, bytes: Vec<u8>) -> Vec<String> {
    house.clock.pass(60);
    let intake = house.app.import_advisories(&lead(), vec![("next.json".to_owned(), bytes)]).unwrap();
    intake.changed.into_iter().flat_map(|(_, told)| told).collect()
}

#[test]
fn a_correction_changes_verdicts_and_asks_again_after_a_revision_of_its_passage() {
    let lab = hospital(7, 400);
    let house = House::of(&lab);
    let (id, document, leaf, text) = ranged(&house, &lab.advisories());
    let before = affected(&house.app, &id);
    house.clock.pass(3 * 86_400);

    assert!(matches!(
        house.app.correct_advisory(&reader(), &id, &clause(&leaf, "< 0.0.1"), WHY),
        Err(AppError::Refused(_))
    ));
    for (asked, why) in
        [(clause(&leaf, "< 0.0.1"), " "), (clause(&leaf, &text), WHY), (clause("no such leaf", "< 1"), WHY)]
    {
        assert!(house.app.correct_advisory(&lead(), &id, &asked, why).is_err());
    }
    assert_eq!((affected(&house.app, &id), house.app.corrections(None).unwrap().len()), (before, 0));

    house.app.correct_advisory(&lead(), &id, &clause(&leaf, "< 0.0.1"), WHY).unwrap();
    assert_eq!(affected(&house.app, &id), 0, "nobody has so old a version");
    let changes = house.app.verdict_changes(1).unwrap();
    let event = &changes.events[0];
    assert!(event.cause.starts_with(&format!("Dr. Ines Maro corrected {id} here: ")), "{}", event.cause);
    let changed: usize = event.rows.iter().map(|row| row.devices.len()).sum();
    assert!(changed > 0);
    let row = findings(&house.app, &id).remove(0);
    let chain = house.app.finding(row.device, &id, &row.vulnerability).unwrap().reasons;
    assert!(chain.iter().any(|reason| reason.text.contains("with one passage corrected")), "{chain:?}");

    // The document stays as it came, and says who reads it otherwise and why.
    let page = house.app.advisory(&id).unwrap();
    assert_eq!(page.advisory.product(&leaf).unwrap().version, text);
    let one = &page.corrections[0];
    assert_eq!(
        (one.state, one.by.as_str(), one.why.as_str()),
        (CorrectionState::InForce, "Dr. Ines Maro", WHY)
    );

    // A revision that leaves the passage.
    let told = take(&house, revised(&document, "2", None));
    assert!(!told.is_empty() && !told.iter().any(|line| line.contains("correction")), "{told:?}");
    assert_eq!(affected(&house.app, &id), 0, "the correction is in force all the same");

    // A revision that touches it: not applied silently, but offered.
    let told = take(&house, revised(&document, "3", Some("vers:all/*")));
    assert!(told.last().unwrap().starts_with("A correction made here is not applied any more"), "{told:?}");
    assert!(affected(&house.app, &id) >= before, "the document's own word holds again");
    let one = house.app.corrections(Some(&id)).unwrap().remove(0);
    assert_eq!(one.state, CorrectionState::LookAgain);
    assert!(one.because.contains("vers:all/*") && one.because.contains(&text), "{}", one.because);
    let finding = house.app.finding(row.device, &id, &row.vulnerability).unwrap();
    assert!(!finding.reasons.iter().any(|reason| reason.text.contains("passage corrected")));

    // Somebody looks and makes it again; then takes it back.
    house.app.renew_correction(&lead(), &one.id).unwrap();
    assert_eq!(affected(&house.app, &id), 0);
    assert!(house.app.renew_correction(&lead(), &one.id).is_err(), "that one has ended");
    let all = house.app.corrections(None).unwrap();
    assert_eq!(
        all.iter().map(|one| one.state).collect::<Vec<_>>(),
        [CorrectionState::InForce, CorrectionState::Ended]
    );
    assert!(house.app.renew_correction(&lead(), &all[0].id).is_err(), "it is in force as it is");
    house.app.end_correction(&lead(), &all[0].id, "Revision 3 is right").unwrap();
    assert!(affected(&house.app, &id) >= before);
    assert!(house.app.corrections(None).unwrap().iter().all(|one| one.state == CorrectionState::Ended));
    let csv = String::from_utf8(house.app.export_corrections().unwrap()).unwrap();
    assert_eq!(csv.lines().count(), 3, "{csv}");
}

#[test]
fn a_correction_outlives_the_process() {
    let lab = hospital(7, 400);
    let house = House::of(&lab);
    let (id, _, leaf, _) = ranged(&house, &lab.advisories());
    house.app.correct_advisory(&lead(), &id, &clause(&leaf, "< 0.0.1"), WHY).unwrap();
    let again = House::on(std::sync::Arc::clone(&house.store), "http://127.0.0.1:8080");
    assert_eq!(again.app.corrections(None).unwrap(), house.app.corrections(None).unwrap());
    let took = again.app.end_correction(&lead(), &again.app.corrections(None).unwrap()[0].id, "wrong");
    assert!(took.is_ok());
}

#[test]
fn from_the_command_line() {
    let home = tempfile::tempdir().unwrap();
    let lab = hospital(7, 60);
    let (_, bytes) = lab.advisories().remove(0);
    std::fs::write(home.path().join("one.json"), &bytes).unwrap();
    let go = |args: &[&str]| run(home.path(), &[&["--json", "--data", "data"], args].concat());
    let taken = go(&["advisories", "one.json"]).expect_code(0).json();
    let id = taken["new"][0].as_str().unwrap().to_owned();
    let document = tallyward_advisories::read_csaf(&bytes, "one.json").unwrap();
    let leaf = &document.products[0];
    let correct = ["advisories", "correct", &id, "clause", "--leaf", &leaf.id, "--clause", "< 0.0.1"];
    go(&correct).expect_code(2);
    go(&[&correct[..], &["--by", "Ines Maro", "--why", WHY]].concat()).expect_code(0);
    let listed = go(&["advisories", "corrections", &id]).expect_code(0).json();
    assert_eq!((&listed[0]["state"], &listed[0]["by"]), (&"in_force".into(), &"Ines Maro".into()));
    let number = listed[0]["id"].as_str().unwrap();
    go(&["advisories", "corrections", "--end", number, "--by", "Ines Maro", "--why", "wrong"]).expect_code(0);
    let listed = go(&["advisories", "corrections"]).expect_code(0).json();
    assert_eq!(listed[0]["state"], "ended");
    let csv = go(&["export", "corrections"]).expect_code(0);
    assert!(csv.out.contains(WHY) && csv.out.contains(&id), "{}", csv.out);
}

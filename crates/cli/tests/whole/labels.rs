//! The label of a document (TLP) decides what of it leaves, by whatever way.

use crate::support::house::{House, hospital, lead};
use crate::support::program::{arg, run};
use tallyward_app::model_book::{MayRead, Reading, Written};
use tallyward_app::query::FindingQuery;
use tallyward_app::views::FindingLine;
use tallyward_app::{AppError, Who};
use tallyward_core::{Field, Verdict};
use tempfile::tempdir;

/// The lab's house with the first advisory that has an affected finding under this label.
fn labelled(label: &str) -> (House, FindingLine) {
    let lab = hospital(7, 120);
    let house = House::of(&lab);
    let query = FindingQuery { verdict: Some(Verdict::Affected), limit: Some(1), ..FindingQuery::default() };
    let finding = house.app.findings(&query).unwrap().page.rows.remove(0);
    let (name, bytes) = lab
        .advisories()
        .into_iter()
        .find(|(_, bytes)| String::from_utf8_lossy(bytes).contains(&format!("\"{}\"", finding.advisory)))
        .unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches("\"WHITE\"").count(), 1);
    let intake = house
        .app
        .import_advisories(
            &Who::program(),
            vec![(name, text.replace("\"WHITE\"", &format!("{label:?}")).into_bytes())],
        )
        .unwrap();
    assert_eq!(intake.changed.len(), 1, "{intake:?}");
    (house, finding)
}

#[test]
fn the_table_of_findings_withholds_what_a_red_document_says() {
    for (label, withheld) in [("RED", true), ("AMBER", false)] {
        let (house, finding) = labelled(label);
        let csv = String::from_utf8(house.app.export_findings(&FindingQuery::default()).unwrap()).unwrap();
        let (of_it, others): (Vec<&str>, Vec<&str>) =
            csv.lines().skip(1).partition(|line| line.contains(&finding.advisory));
        assert!(!of_it.is_empty() && !others.is_empty());
        assert!(
            of_it.iter().all(|line| line.contains("withheld: the advisory is TLP:RED") == withheld),
            "{label}"
        );
        assert!(others.iter().all(|line| !line.contains("withheld")), "{label}");
        assert_eq!(of_it.iter().any(|line| line.contains(&finding.because)), !withheld, "{label}");
    }
}

#[test]
fn a_model_book_that_names_a_document_which_stays_inside_does_not_leave() {
    for (label, leaves) in [("GREEN", true), ("AMBER", false), ("RED", false)] {
        let (house, finding) = labelled(label);
        let reading = Reading {
            field: Field::SoftwareVersion,
            component: String::new(),
            path: format!("Menu, About, as {} says", finding.advisory),
            when: MayRead::WhileInUse,
            minutes: Some(3),
            written: Written { document: "found on the device".to_owned(), ..Written::default() },
        };
        house.app.write_reading(&lead(), "Corvane Systems", "Archivum", reading).unwrap();
        match house.app.export_model_book(&lead(), "A house") {
            Ok(_) => assert!(leaves, "{label}"),
            Err(AppError::Refused(why)) => {
                assert!(!leaves && why.contains("an advisory that stays inside"), "{label}: {why}");
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_bundle_carries_the_lists_of_threats() {
    let (sender, reader) = (tempdir().unwrap(), tempdir().unwrap());
    let kev = r#"{"catalogVersion": "2026.11.01", "dateReleased": "2026-11-01T00:00:00Z",
        "vulnerabilities": [{"cveID": "CVE-2020-1938", "dateAdded": "2026-01-02"}]}"#;
    let epss = "#model_version:v2025.03.14,score_date:2026-11-02T00:00:00+0000\ncve,epss,percentile\nCVE-2020-1938,0.5,0.9\n";
    std::fs::write(sender.path().join("kev.json"), kev).unwrap();
    std::fs::write(sender.path().join("epss.csv"), epss).unwrap();
    run(sender.path(), &["threats", "take", "kev.json", "epss.csv"]).expect_code(0);
    let file = reader.path().join("b.json");
    run(sender.path(), &["bundle", "write", arg(&file)]).expect_code(0);
    let key = run(sender.path(), &["--json", "bundle", "keys"]).expect_code(0).json();
    run(reader.path(), &["bundle", "trust", key["key"].as_str().unwrap()]).expect_code(0);
    run(reader.path(), &["bundle", "read", "b.json"]).expect_code(0);
    let on = |home| run(home, &["--json", "threats", "list"]).expect_code(0).json();
    let (sent, arrived) = (on(sender.path()), on(reader.path()));
    let plain = |list: &serde_json::Value| -> Vec<String> {
        let lists = list.as_array().unwrap().iter();
        lists.map(|one| format!("{} {} {}", one["name"], one["of"], one["flaws"])).collect()
    };
    assert_eq!(plain(&sent).len(), 2, "{sent}");
    assert_eq!(plain(&sent), plain(&arrived));
    let again = run(reader.path(), &["--json", "bundle", "read", "b.json"]).expect_code(0).json();
    let outcomes = again["threats"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap());
    assert_eq!(outcomes.collect::<Vec<_>>(), ["unchanged"; 2]);
}

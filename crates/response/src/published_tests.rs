//! The tables of others are held, cell by cell, against what they published.

use super::*;

/// Rows of a published table without its row number, words written as our codes are.
fn published(name: &str) -> Option<Vec<Vec<String>>> {
    let path = tallyward_core::testkit::shared(name)?;
    let text = std::fs::read_to_string(path).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let code = |cell: &str| cell.replace(" & ", " and ").replace([' ', '-'], "_");
    let rows = reader.records().map(|row| row.unwrap().iter().skip(1).map(code).collect()).collect();
    Some(rows)
}

/// Our rows as the shipped file has them, in its order.
fn ours(name: &str) -> Vec<Vec<String>> {
    let text = Tables::builtin_text(name).unwrap();
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_deployer_table_is_the_published_one() {
    let Some(theirs) = published("ssvc/data/csv/ssvc/deployer_patch_application_priority_1_0_0.csv") else {
        return;
    };
    assert_eq!(theirs.len(), 72);
    assert_eq!(ours("ssvc_deployer"), theirs);
    // What is looked up, not only what is written in the file.
    let tables = Tables::builtin();
    for row in &theirs {
        let key = (
            Exploitation::from_code(&row[0]).unwrap(),
            Exposure::from_code(&row[1]).unwrap(),
            Automatable::from_code(&row[2]).unwrap(),
            HumanImpact::from_code(&row[3]).unwrap(),
        );
        assert_eq!(tables.ssvc[&key].code(), row[4], "{row:?}");
    }
}

#[test]
fn the_table_of_bod_26_04_is_the_published_one() {
    let Some(theirs) = published("ssvc/data/csv/cisa/cisa_bod_26_04_1_0_0.csv") else { return };
    assert_eq!(theirs.len(), 16);
    assert_eq!(ours("bod_26_04"), theirs);
    let tables = Tables::builtin();
    for row in &theirs {
        let key = (
            InKev::from_code(&row[0]).unwrap(),
            PubliclyExposed::from_code(&row[1]).unwrap(),
            Automatable::from_code(&row[2]).unwrap(),
            TechnicalImpact::from_code(&row[3]).unwrap(),
        );
        assert_eq!(tables.bod[&key].code(), row[4], "{row:?}");
    }
}

/// The values of each decision point are those of the version our tables name, in the same order.
#[test]
fn the_values_are_those_of_the_published_decision_points() {
    let check = |file: &str, version: &str, codes: Vec<&str>| {
        let name = format!("ssvc/data/json/decision_points/ssvc/{file}.json");
        let Some(path) = tallyward_core::testkit::shared(&name) else { return };
        let point: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(point["version"], version, "{file}");
        let theirs: Vec<String> = point["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value["name"].as_str().unwrap().to_lowercase().replace([' ', '-'], "_"))
            .collect();
        assert_eq!(codes, theirs, "{file}");
    };
    let codes = HumanImpact::ALL.iter().map(|one| one.code()).collect();
    check("human_impact_2_0_2", "2.0.2", codes);
    check("exploitation_1_1_0", "1.1.0", Exploitation::ALL.iter().map(|one| one.code()).collect());
    check("system_exposure_1_0_1", "1.0.1", Exposure::ALL.iter().map(|one| one.code()).collect());
    check("automatable_2_0_0", "2.0.0", Automatable::ALL.iter().map(|one| one.code()).collect());
    check("technical_impact_1_0_0", "1.0.0", TechnicalImpact::ALL.iter().map(|one| one.code()).collect());
    let outcomes = SsvcOutcome::ALL.iter().map(|one| one.code()).collect();
    check("defer_scheduled_out_of_cycle_immediate_1_0_0", "1.0.0", outcomes);
    let named = |table: &str, version: &str| Tables::builtin_text(table).unwrap().contains(version);
    assert!(named("ssvc_deployer", "HI 2.0.2") && named("human_impact", "HI 2.0.2"));
}

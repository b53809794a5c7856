//! Documents that name products by numbers: the devices with these numbers are found, whatever the names say.

use crate::support::house::{House, lead};
use serde_json::{Value, json};
use tallyward_app::query::FindingQuery;
use tallyward_core::{MissingFact, Verdict};

const DI: &str = "09506000134352";

fn document(id: &str, helper: &Value) -> (String, Vec<u8>) {
    let product = json!({
        "name": "Norvik bedside line below 2.0",
        "product_id": "CSAFPID-1",
        "product_identification_helper": helper,
    });
    let range = json!({ "category": "product_version_range", "name": "< 2.0", "product": product });
    let named = json!({ "category": "product_name", "name": "Bedside line", "branches": [range] });
    let document = json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "publisher": { "category": "vendor", "name": "Norvik", "namespace": "https://norvik.example" },
            "title": "Norvik bedside line",
            "tracking": {
                "id": id,
                "status": "final",
                "version": "1",
                "initial_release_date": "2026-01-01T00:00:00Z",
                "current_release_date": "2026-01-01T00:00:00Z",
                "revision_history": [{ "date": "2026-01-01T00:00:00Z", "number": "1", "summary": "x" }],
            },
        },
        "product_tree": { "branches": [{ "category": "vendor", "name": "Norvik", "branches": [named] }] },
        "vulnerabilities": [{ "cve": "CVE-2026-1000", "product_status": { "known_affected": ["CSAFPID-1"] } }],
    });
    (format!("{id}.json"), serde_json::to_vec(&document).unwrap())
}

const LIST: &str = "Asset Tag,Manufacturer,Model,Model Number,Serial Number,UDI,Software Version\n\
    T1,Norvik,Vista 7,NV-701,AB1,,1.0\n\
    T2,Norvik,Vista 7,NV-701,AB2,,2.1\n\
    T3,Norvik,Ward 3,,AB3,(01)09506000134352(21)AB3,1.0\n\
    T4,Norvik,Ward 3,,AB4,,1.0\n\
    T5,Norvik,,,XY500,,1.0\n\
    T6,Norvik,,,XY501,,1.0\n";

/// Tag, verdict and the first reason of each finding of an advisory, by tag.
fn found(house: &House, advisory: &str) -> Vec<(String, Verdict, String)> {
    let query =
        FindingQuery { advisory: Some(advisory.to_owned()), limit: Some(100), ..FindingQuery::default() };
    let rows = house.app.findings(&query).unwrap().page.rows;
    let mut found: Vec<_> = rows
        .into_iter()
        .map(|line| {
            let tag = line.name.rsplit(' ').next().unwrap_or_default().to_owned();
            let page = house.app.finding(line.device, advisory, "CVE-2026-1000").unwrap();
            (tag, line.verdict, page.reasons[0].text.clone())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn devices_are_found_by_the_numbers_a_document_names() {
    let house = House::empty();
    house.list("ward.csv", LIST.as_bytes(), |_| {});
    let import = |id: &str, helper: Value| {
        house.clock.pass(60);
        house.app.import_advisories(&lead(), vec![document(id, &helper)]).unwrap();
        found(&house, id)
    };

    let by_model = import("NV-1", json!({ "model_numbers": ["NV-9", "NV-7??"] }));
    let verdicts: Vec<_> = by_model.iter().map(|(tag, verdict, _)| (tag.as_str(), *verdict)).collect();
    assert_eq!(verdicts, [("T1", Verdict::Affected), ("T2", Verdict::NotAffected)]);
    assert_eq!(
        by_model[0].2,
        "The advisory lists model number NV-701, as \"NV-7??\". It stands in model_numbers/1 of product \"CSAFPID-1\"."
    );

    let by_di = import(
        "NV-2",
        json!({ "x_generic_uris": [
        { "namespace": "https://www.gs1.org", "uri": format!("https://id.norvik.example/01/{DI}") },
        { "namespace": "https://norvik.example", "uri": "https://norvik.example/x" },
    ] }),
    );
    let [(tag, verdict, why)] = by_di.as_slice() else { panic!("{by_di:?}") };
    assert_eq!((tag.as_str(), *verdict), ("T3", Verdict::Affected), "{why}");
    assert!(why.contains(DI) && why.contains("x_generic_uris/0"), "{why}");
    let shown = &house.app.advisory("NV-2").unwrap().clauses[0].identifiers;
    let expected =
        [format!("device identifiers (UDI-DI): {DI}"), "compared with nothing: generic URIs: 1".to_owned()];
    assert_eq!(shown, &expected);

    let by_serial = import("NV-3", json!({ "serial_numbers": ["XY500"] }));
    let [(tag, verdict, why)] = by_serial.as_slice() else { panic!("{by_serial:?}") };
    assert_eq!((tag.as_str(), *verdict), ("T5", Verdict::Affected), "{why}");
    assert!(why.contains("serial_numbers/0"), "{why}");

    let by_cpe = import("NV-4", json!({ "cpe": "cpe:2.3:h:norvik:ward_3:-:*:*:*:*:*:*:*" }));
    let verdicts: Vec<_> = by_cpe.iter().map(|(tag, verdict, _)| (tag.as_str(), *verdict)).collect();
    assert_eq!(verdicts, [("T3", Verdict::Affected), ("T4", Verdict::Affected)]);

    // What only may be meant waits on the review list.
    let abbreviated = import("NV-5", json!({ "model_numbers": ["NV-7"] }));
    assert!(abbreviated.iter().all(|(_, verdict, _)| *verdict == Verdict::Unknown) && abbreviated.len() == 2);
    let review = house.app.review().unwrap();
    assert!(review.rows.iter().any(|row| row.advisory == "NV-5"), "{:?}", review.rows);

    // Later devices, and a document that goes.
    house.clock.pass(60);
    let more = format!(
        "Asset Tag,Manufacturer,Model,Serial Number,UDI,Software Version\nT7,Norvik,Ward 9,AB7,(01){DI}(21)AB7,3.0\n"
    );
    house.list("more.csv", more.as_bytes(), |_| {});
    let tags = |id: &str| found(&house, id).into_iter().map(|(tag, ..)| tag).collect::<Vec<_>>();
    assert_eq!(tags("NV-2"), ["T3", "T7"]);
    let before: Vec<_> = ["NV-1", "NV-2", "NV-3", "NV-4", "NV-5"].map(|id| found(&house, id)).into();
    house.app.refresh().unwrap();
    let after: Vec<_> = ["NV-1", "NV-2", "NV-3", "NV-4", "NV-5"].map(|id| found(&house, id)).into();
    assert_eq!(before, after);
}

#[test]
fn without_a_serial_number_on_file_it_is_work() {
    let house = House::empty();
    house.list(
        "ward.csv",
        b"Asset Tag,Manufacturer,Model,Software Version\nT1,Norvik,Bedside line,1.0\n",
        |_| {},
    );
    let helper = json!({ "serial_numbers": ["XY5*"] });
    house.app.import_advisories(&lead(), vec![document("NV-1", &helper)]).unwrap();
    let worklist = house.app.worklist().unwrap();
    assert!(worklist.items.iter().any(|item| item.fact == MissingFact::SerialNumber), "{:?}", worklist.items);
    let device = worklist.items[0].devices[0].id;
    house.clock.pass(60);
    house.app.enter_fact(&lead(), device, tallyward_core::Field::Serial, "XY512").unwrap();
    assert_eq!(found(&house, "NV-1")[0].1, Verdict::Affected);
}

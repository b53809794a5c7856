//! Advisories judged as they come, one revision after another, against the last revisions taken in at once.

use crate::support::house::{House, administrator, lead};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use tallyward_app::ports::Store;
use tallyward_app::query::FindingQuery;
use tallyward_core::{DeviceId, Field};
use tallyward_lab::scale::{Catalogue, Documents, ScaleFleet};

const DEVICES: usize = 120;
const DOCUMENTS: usize = 14;

/// The products are few, so that documents meet devices and one another.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(7, 24));

/// Each document in all its revisions.
static REVISIONS: LazyLock<Vec<Vec<Vec<u8>>>> = LazyLock::new(|| {
    let written = Documents::new(&CATALOGUE, "2026-11-01T00:00:00Z".parse().unwrap());
    let of = |number| (1..=written.revisions(number)).map(|nth| written.revision(number, nth)).collect();
    (0..DOCUMENTS - 2).map(of).chain([identified(), serials()]).collect()
});

/// The device identifier of the first devices.
const DI: &str = "09506000134352";

/// A document that names a product by numbers alone, and by others in each revision.
fn identified() -> Vec<Vec<u8>> {
    let number = ScaleFleet::new(&CATALOGUE, DEVICES).device(0).model_number;
    let uri = json!({ "namespace": "https://www.gs1.org", "uri": format!("https://id.example/01/{DI}") });
    let helpers = [
        json!({ "model_numbers": [number] }),
        json!({ "x_generic_uris": [uri], "serial_numbers": ["SN0000*"] }),
        json!({ "serial_numbers": ["SN000003"] }),
    ];
    let document = |(at, helper): (usize, &Value)| {
        document_of(DOCUMENTS - 2, at + 1, "Bedside line", "all versions", helper)
    };
    helpers.iter().enumerate().map(document).collect()
}

/// A document that asks for serial numbers, asks no more, and asks for others.
fn serials() -> Vec<Vec<u8>> {
    let model = ScaleFleet::new(&CATALOGUE, DEVICES).device(0).model;
    let clauses =
        ["serial numbers SN000000 to SN000060", "all versions", "serial numbers SN000030 to SN000090"];
    let document =
        |(at, clause): (usize, &&str)| document_of(DOCUMENTS - 1, at + 1, &model, clause, &json!({}));
    clauses.iter().enumerate().map(document).collect()
}

/// A revision of a document about one product of the maker of the first device.
fn document_of(number: usize, revision: usize, model: &str, clause: &str, helper: &Value) -> Vec<u8> {
    let maker = ScaleFleet::new(&CATALOGUE, DEVICES).device(0).maker;
    let mut product = json!({ "name": "P1", "product_id": "P1" });
    if helper.as_object().is_some_and(|members| !members.is_empty()) {
        product["product_identification_helper"] = helper.clone();
    }
    let range = json!({ "category": "product_version_range", "name": clause, "product": product });
    let named = json!({ "category": "product_name", "name": model, "branches": [range] });
    let vendor = json!({ "category": "vendor", "name": maker, "branches": [named] });
    let flaw = json!({ "cve": "CVE-2026-1000", "product_status": { "known_affected": ["P1"] } });
    let version = revision.to_string();
    let (first, last) = ("2026-10-01T00:00:00Z", format!("2026-10-0{version}T00:00:00Z"));
    let tracking = json!({
        "id": format!("LAB-{number:05}"),
        "status": "final",
        "version": version,
        "initial_release_date": first,
        "current_release_date": last,
        "revision_history": [{ "date": last, "number": version, "summary": "x" }],
    });
    let document = json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "publisher": { "category": "vendor", "name": maker, "namespace": "https://maker.example" },
            "title": "Numbers",
            "tracking": tracking,
        },
        "product_tree": { "branches": [vendor] },
        "vulnerabilities": [flaw],
    });
    serde_json::to_vec(&document).unwrap()
}

fn devices() -> Vec<u8> {
    let fleet = ScaleFleet::new(&CATALOGUE, DEVICES);
    let mut list = String::from(
        "Asset Tag,Manufacturer,Model,Model Number,Serial,UDI,Software Version,Manufacture Date,Department\n",
    );
    for number in 0..DEVICES {
        let one = fleet.device(number);
        let facts = [&one.maker, &one.model, &one.model_number].map(String::as_str).join(",");
        let udi = if number < 20 { format!("(01){DI}(21)SN{number:06}") } else { String::new() };
        list += &format!(
            "T{number:04},{facts},SN{number:06},{udi},{},{},U{}\n",
            one.version,
            one.manufactured,
            number % 3
        );
    }
    list.into_bytes()
}

fn house() -> House {
    let house = House::empty();
    house.list("cmms.csv", &devices(), |_| {});
    house
}

/// What happens to a house.
#[derive(Clone, Debug)]
enum Step {
    /// The next revisions of these documents come in one file each, all at once.
    Documents(Vec<usize>),
    /// Somebody reads a version.
    Version(u64, u8),
    /// An advisory's next revision is preceded by its removal.
    Removed(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let document = 0..DOCUMENTS;
    let step = prop_oneof![
        6 => prop::collection::vec(document.clone(), 1..4).prop_map(Step::Documents),
        3 => (1..=DEVICES as u64, 0u8..9).prop_map(|(device, version)| Step::Version(device, version)),
        1 => document.prop_map(Step::Removed),
    ];
    prop::collection::vec(step, 4..10)
}

fn take_in(house: &House, documents: impl IntoIterator<Item = Vec<u8>>) {
    let files = documents.into_iter().map(|bytes| ("one.json".to_owned(), bytes)).collect();
    house.app.import_advisories(&lead(), files).unwrap();
}

fn read_version(house: &House, device: u64, version: u8) {
    house.clock.pass(1);
    house
        .app
        .enter_fact(&lead(), DeviceId(1_000 + device), Field::SoftwareVersion, &format!("{version}.1.1"))
        .unwrap();
}

/// Another process on the same store, which holds nothing yet.
fn restarted(house: &House) -> House {
    House::on(Arc::clone(&house.store), "http://127.0.0.1:8080")
}

fn untold(house: &House) -> String {
    format!("{:?}", house.app.untold().unwrap().rows)
}

/// Everything said of the devices, and how often.
fn said(house: &House) -> (Vec<String>, Vec<[u32; 3]>, String) {
    let mut query = FindingQuery { limit: Some(1_000), ..FindingQuery::default() };
    let mut findings = Vec::new();
    loop {
        let page = house.store.findings(&query).unwrap();
        findings.extend(page.rows.into_iter().map(|row| {
            let (device, version) = (row.device, row.version);
            let found = [row.advisory, row.vulnerability, row.missing, row.reasons].join("|");
            format!("{device} {version} {found} {:?}", row.verdict)
        }));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let counts = house.store.config_counts().unwrap().into_iter().map(|one| one.by_verdict).collect();
    (findings, counts, format!("{:?}", house.store.finding_counts().unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn step_by_step_ends_where_the_last_revisions_at_once_end(steps in steps()) {
        let stepwise = house();
        let mut next = [0usize; DOCUMENTS];
        let mut versions = Vec::new();
        let mut revision = |document: usize| {
            let at = next[document].min(REVISIONS[document].len() - 1);
            next[document] = at + 1;
            REVISIONS[document][at].clone()
        };
        for step in steps {
            match step {
                Step::Documents(documents) => {
                    let files: Vec<Vec<u8>> = documents.into_iter().map(&mut revision).collect();
                    take_in(&stepwise, files);
                }
                Step::Version(device, version) => {
                    read_version(&stepwise, device, version);
                    versions.push((device, version));
                }
                Step::Removed(document) => {
                    let id = format!("LAB-{document:05}");
                    let _ = stepwise.app.remove_advisory(&administrator(), &id, "a mistake");
                    take_in(&stepwise, [revision(document)]);
                }
            }
            prop_assert_eq!(stepwise.app.refresh_drafts().unwrap(), 0, "drafts of what a step touches are all");
            prop_assert_eq!(untold(&stepwise), untold(&restarted(&stepwise)), "what is held follows each step");
        }
        let at_once = house();
        let newest = (0..DOCUMENTS).filter(|at| next[*at] > 0).map(|at| REVISIONS[at][next[at] - 1].clone());
        for (device, version) in versions {
            read_version(&at_once, device, version);
        }
        take_in(&at_once, newest);
        prop_assert_eq!(said(&stepwise), said(&at_once));
    }
}

#[test]
fn the_documents_touch_these_devices() {
    let house = house();
    let alike = house.store.config_counts().unwrap().len();
    take_in(&house, [REVISIONS[DOCUMENTS - 1][0].clone()]);
    assert!(house.store.config_counts().unwrap().len() > alike, "told apart by serial numbers");
    take_in(&house, REVISIONS.iter().filter_map(|one| one.last().cloned()));
    let counts = house.store.finding_counts().unwrap();
    assert!(counts.affected > 100 && counts.unknown > 20 && counts.not_affected > 20, "{counts:?}");
    assert!(!house.app.drafts().unwrap().is_empty(), "somebody would be told");
}

#[test]
fn a_reading_changes_the_drafts_it_concerns_at_once() {
    let house = house();
    take_in(&house, REVISIONS.iter().filter_map(|one| one.last().cloned()));
    let drafts = || -> Vec<String> {
        house.app.drafts().unwrap().iter().map(|one| format!("{} {}", one.id, one.devices)).collect()
    };
    let mut changed = 0;
    for device in 1..=60 {
        let before = drafts();
        read_version(&house, device, if device % 2 == 0 { 0 } else { 99 });
        assert_eq!(house.app.refresh_drafts().unwrap(), 0, "nothing is left to change after device {device}");
        changed += usize::from(drafts() != before);
    }
    assert!(changed > 2, "{changed}");
}

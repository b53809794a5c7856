//! Parts lists: attached to a model and version, held against known flaws, settled by whoever speaks of the product.

use crate::support::house::{House, hospital, lead, reader};
use crate::support::program::{arg, run};
use serde_json::{Value, json};
use tallyward_app::query::DeviceQuery;
use tallyward_app::sboms::{SbomOf, SbomPage};
use tallyward_app::views::DeviceLine;
use tallyward_app::{AppError, Who};
use tallyward_core::Verdict;
use tempfile::tempdir;

type File = (String, Vec<u8>);

fn file(name: &str, document: &Value) -> File {
    (name.to_owned(), document.to_string().into_bytes())
}

fn list(serial: &str) -> Value {
    json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": format!("urn:uuid:{serial}"), "version": 1,
        "metadata": {"component": {"bom-ref": "product", "name": "Pump 3", "version": "4.1", "manufacturer": {"name": "Acme"}}},
        "components": [
            {"bom-ref": "l", "name": "link", "version": "1.0.0", "purl": "pkg:npm/link@1.0.0"},
            {"bom-ref": "t", "name": "tls", "version": "7", "purl": "pkg:npm/tls@main"},
            {"bom-ref": "s", "name": "safe", "version": "9.0.0", "purl": "pkg:npm/safe@9.0.0"},
            {"bom-ref": "k", "name": "kernel", "version": "5.10"}]})
}

fn record(id: &str, package: &str, modified: &str, fixed: &str) -> Value {
    json!({"id": id, "aliases": [format!("CVE-{id}")], "modified": modified, "summary": "It breaks.",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [{"package": {"ecosystem": "npm", "name": package}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]})
}

fn records() -> Vec<File> {
    ["link", "tls", "safe", "absent"]
        .map(|package| {
            file(&format!("{package}.json"), &record(package, package, "2024-01-01T00:00:00Z", "2.0.0"))
        })
        .to_vec()
}

fn vex(status: &str, maker: &str, model: &str, version: &str) -> File {
    let document = json!({"document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "t",
            "publisher": {"category": "vendor", "name": maker, "namespace": "https://example.org"},
            "tracking": {"id": "VEX-1", "version": "1", "status": "final", "initial_release_date": "2024-01-01T00:00:00Z",
                "current_release_date": "2024-01-01T00:00:00Z", "revision_history": []}},
        "product_tree": {"branches": [{"category": "vendor", "name": maker, "branches": [{"category": "product_name", "name": model,
            "branches": [{"category": "product_version", "name": version, "product": {"product_id": "P", "name": model}}]}]}]},
        "vulnerabilities": [{"cve": "CVE-link", "product_status": {status: ["P"]}}]});
    file("vex.json", &document)
}

/// A device whose maker, model and version are on record.
fn versioned(house: &House) -> DeviceLine {
    let query = DeviceQuery { limit: Some(500), ..DeviceQuery::default() };
    let lines = house.app.devices(&query).unwrap().page.rows;
    let whole =
        |line: &&DeviceLine| !line.maker.is_empty() && !line.model.is_empty() && !line.version.is_empty();
    lines.iter().find(whole).expect("the lab has a device with a version").clone()
}

fn said(page: &SbomPage) -> Vec<(&str, bool, Verdict)> {
    page.hits.iter().map(|hit| (&*hit.name, hit.has_it, hit.verdict)).collect()
}

#[test]
fn a_list_is_of_every_device_of_its_model_and_version_and_an_advisory_settles_its_flaws() {
    let house = House::of(&hospital(7, 400));
    let device = versioned(&house);
    let of =
        SbomOf { maker: device.maker.clone(), model: device.model.clone(), version: device.version.clone() };
    let refused = house.app.add_sboms(&reader(), vec![file("a.json", &list("1"))], &of);
    assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");
    let taken = house.app.add_sboms(&lead(), vec![file("a.json", &list("1"))], &of).unwrap();
    assert_eq!((taken.taken[0].what, taken.taken[0].parts, taken.taken[0].nameless), ("new", 4, 1));
    let id = taken.taken[0].id.clone();
    let again = house.app.add_sboms(&lead(), vec![file("a.json", &list("1"))], &of).unwrap();
    assert_eq!((again.taken[0].what, &again.taken[0].id), ("unchanged", &id));

    // Without records nothing is known, and the page says so.
    let bare = house.app.sbom(&id).unwrap();
    assert_eq!((bare.hits.len(), bare.records), (0, 0));
    assert!(bare.devices.iter().any(|one| one.id == device.id), "{:?}", bare.devices);
    assert_eq!(bare.line.devices, bare.devices.len() as u64);

    let intake = house.app.import_advisories(&lead(), records()).unwrap();
    assert_eq!((intake.flaws.new, intake.new.len(), intake.damaged.len()), (4, 0, 0));
    let page = house.app.sbom(&id).unwrap();
    assert_eq!(said(&page), [("link", true, Verdict::Unknown), ("tls", false, Verdict::Unknown)]);
    assert_eq!(page.hits[0].scores[0].base, "9.8");
    assert!(page.hits[0].missing.contains("maker's word"), "{:?}", page.hits[0]);
    let (line, hits) = house.app.sboms_of_device(device.id).unwrap().remove(0);
    assert_eq!((line.id, hits.len()), (id.clone(), 2));
    // A hit is no finding: nobody has said anything of the product yet.
    let before = house.app.advisories().unwrap().len();

    for (status, verdict) in
        [("known_not_affected", Verdict::NotAffected), ("known_affected", Verdict::Affected)]
    {
        house
            .app
            .import_advisories(&lead(), vec![vex(status, &device.maker, &device.model, &device.version)])
            .unwrap();
        let page = house.app.sbom(&id).unwrap();
        let link = page.hits.iter().find(|hit| hit.name == "link").unwrap();
        assert_eq!((link.verdict, link.missing.is_empty()), (verdict, true), "{:?}", link.reasons);
        assert!(link.reasons[1].text.contains("VEX-1"));
    }
    assert_eq!(house.app.advisories().unwrap().len(), before + 1);
    let found = house.app.find_in_sboms("LINK").unwrap();
    assert_eq!((found.parts.len(), found.parts[0].devices, found.flaws.len()), (1, page.line.devices, 0));
    let found = house.app.find_in_sboms("cve-LINK").unwrap();
    assert_eq!((found.parts.len(), found.flaws.len(), &*found.flaws[0].hit.name), (0, 1, "link"));

    let log = house.app.audit_log(None, 50).unwrap();
    assert!(log.iter().any(|one| one.action == "sbom.add" && one.subject == format!("sbom {id}")));
    assert!(log.iter().any(|one| one.action == "part_flaws.take" && one.after.starts_with("4 records")));
    house.app.remove_sbom(&lead(), &id).unwrap();
    assert!(house.app.sboms().unwrap().is_empty());
    assert!(matches!(house.app.sbom(&id), Err(AppError::NotFound { .. })));
}

#[test]
fn records_follow_their_newest_word_and_a_withdrawn_one_is_none() {
    let house = House::empty();
    let taken = house.app.add_sboms(&lead(), vec![file("a.json", &list("1"))], &SbomOf::default()).unwrap();
    assert_eq!((&*taken.taken[0].maker, &*taken.taken[0].version), ("Acme", "4.1"));
    let id = &taken.taken[0].id;
    let take = |document: &Value| {
        let intake =
            house.app.import_advisories(&Who::program(), vec![file("r.json", document)]).unwrap().flaws;
        let hits = house.app.sbom(id).unwrap().hits.len();
        ([intake.new, intake.changed, intake.unchanged, intake.unplaced], hits)
    };
    assert_eq!(take(&record("1", "link", "2024-02-01T00:00:00Z", "2.0.0")), ([1, 0, 0, 0], 1));
    assert_eq!(take(&record("1", "link", "2024-02-01T00:00:00Z", "2.0.0")), ([0, 0, 1, 0], 1));
    // Older than what is on file; then newer, with a fix that spares this version, and of another package.
    assert_eq!(take(&record("1", "link", "2024-01-01T00:00:00Z", "0.1.0")), ([0, 0, 1, 0], 1));
    assert_eq!(take(&record("1", "link", "2024-03-01T00:00:00Z", "1.0.0")), ([0, 1, 0, 0], 0));
    assert_eq!(take(&record("1", "link", "2024-04-01T00:00:00Z", "2.0.0")), ([0, 1, 0, 0], 1));
    assert_eq!(take(&record("1", "other", "2024-05-01T00:00:00Z", "2.0.0")), ([0, 1, 0, 0], 0));
    let mut back = record("1", "link", "2024-06-01T00:00:00Z", "2.0.0");
    assert_eq!(take(&back), ([0, 1, 0, 0], 1));
    back["modified"] = json!("2024-07-01T00:00:00Z");
    back["withdrawn"] = json!("2024-07-01T00:00:00Z");
    assert_eq!(take(&back), ([0, 1, 0, 0], 0));
    // Two words on one record in one file: the newer one holds.
    let both = json!({"vulns": [record("2", "link", "2024-01-01T00:00:00Z", "2.0.0"), record("2", "link", "2024-02-01T00:00:00Z", "0.1.0")]});
    assert_eq!(take(&both), ([1, 1, 0, 0], 0));
    let mut placeless = record("3", "link", "2024-01-01T00:00:00Z", "2.0.0");
    placeless["affected"] = json!([{"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}]);
    assert_eq!(take(&placeless), ([0, 0, 0, 1], 0));
}

#[test]
fn several_records_of_one_flaw_are_one_and_the_catalogue_of_attacks_is_told_beside() {
    let house = House::empty();
    let id =
        house.app.add_sboms(&lead(), vec![file("a.json", &list("1"))], &SbomOf::default()).unwrap().taken[0]
            .id
            .clone();
    let mut other = record("PYSEC-1", "link", "2024-01-01T00:00:00Z", "0.1.0");
    let mut worse = record("GHSA-1", "link", "2024-01-01T00:00:00Z", "2.0.0");
    for one in [&mut other, &mut worse] {
        one["aliases"] = json!(["CVE-2024-0001"]);
    }
    other["affected"][0]["ranges"][0]["events"] = json!([{"fixed": "0.1.0"}]);
    house.app.import_advisories(&lead(), vec![file("r.json", &json!({"vulns": [other, worse]}))]).unwrap();
    let hits = || house.app.sbom(&id).unwrap().hits;
    let one = hits().remove(0);
    assert_eq!((hits().len(), one.has_it, one.in_kev, &*one.flaw), (1, true, None, "CVE-2024-0001"));
    assert_eq!(
        (one.records, one.aliases),
        (vec!["GHSA-1".to_owned(), "PYSEC-1".to_owned()], vec!["GHSA-1".to_owned(), "PYSEC-1".to_owned()])
    );
    for (listed, expected) in [("CVE-2024-0002", false), ("CVE-2024-0001", true)] {
        let kev = json!({"catalogVersion": expected.to_string(), "dateReleased": format!("2026-01-0{}T00:00:00Z", 1 + u8::from(expected)),
            "vulnerabilities": [{"cveID": listed, "dateAdded": "2026-01-02"}]});
        house.app.take_threats(&lead(), vec![file("kev.json", &kev)]).unwrap();
        assert_eq!(hits()[0].in_kev, Some(expected));
    }
    let found = house.app.find_in_sboms("pysec-1").unwrap();
    assert_eq!(found.flaws.len(), 1);
}

#[test]
fn an_advisory_that_names_a_package_reaches_the_lists_that_hold_it() {
    let house = House::empty();
    let taken = house.app.add_sboms(&lead(), vec![file("a.json", &list("1"))], &SbomOf::default()).unwrap();
    let id = &taken.taken[0].id;
    let naming = |status: &str, clause: &str, purl: &str| {
        let helper = json!({ "purl": purl });
        let leaf = json!({"product_id": "P", "name": "link", "product_identification_helper": helper});
        let branch = json!({"category": "product_version_range", "name": clause, "product": leaf});
        let named = json!({"category": "product_name", "name": "Link", "branches": [branch]});
        let document = json!({"document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Link breaks",
                "publisher": {"category": "vendor", "name": "Linkers", "namespace": "https://example.org"},
                "tracking": {"id": "LNK-1", "version": clause, "status": "final", "initial_release_date": "2024-01-01T00:00:00Z",
                    "current_release_date": "2024-01-01T00:00:00Z", "revision_history": []}},
            "product_tree": {"branches": [{"category": "vendor", "name": "Linkers", "branches": [named]}]},
            "vulnerabilities": [{"cve": "CVE-2024-7777", "product_status": {status: ["P"]}}]});
        house.app.import_advisories(&lead(), vec![file("lnk.json", &document)]).unwrap();
        let page = house.app.sbom(id).unwrap();
        page.hits.into_iter().map(|hit| (hit.flaw, hit.records, hit.has_it, hit.verdict)).collect::<Vec<_>>()
    };
    let hit =
        |has_it: bool| vec![("CVE-2024-7777".to_owned(), vec!["LNK-1".to_owned()], has_it, Verdict::Unknown)];
    assert_eq!(naming("known_affected", "< 2.0.0", "pkg:npm/link"), hit(true));
    assert_eq!(naming("known_affected", "vers:npm/<1.0.0", "pkg:npm/link"), []);
    assert_eq!(naming("under_investigation", "<= 1.0.0", "pkg:npm/link"), hit(false));
    assert_eq!(naming("known_not_affected", "<= 1.0.0", "pkg:npm/link"), []);
    assert_eq!(naming("known_affected", "< 2.0.1", "pkg:npm/linked"), []);
    // A part is no device: nobody's finding comes of it.
    assert_eq!(house.app.advisory("LNK-1").unwrap().counts.findings.affected, 0);
}

#[test]
fn one_bad_list_holds_up_nothing_and_names_what_is_missing() {
    let house = House::empty();
    let mut unnamed = list("2");
    unnamed["metadata"] = json!({});
    let files = vec![
        file("a.json", &list("1")),
        ("b.json".to_owned(), b"{".to_vec()),
        file("c.json", &unnamed),
        file("d.json", &records()[0].0.clone().into()),
    ];
    let all = house.app.add_sboms(&lead(), files, &SbomOf::default()).unwrap();
    assert_eq!(all.taken.len(), 1);
    let told: Vec<(&str, &str)> = all.damaged.iter().map(|bad| (&*bad.file, &*bad.place)).collect();
    assert_eq!(told[..2], [("b.json", "line 1, column 1"), ("c.json", "maker")]);
    assert_eq!(told[2].0, "d.json");
}

#[test]
fn from_the_command_line() {
    let home = tempdir().unwrap();
    let write = |(name, bytes): &File| {
        std::fs::write(home.path().join(name), bytes).unwrap();
        name.clone()
    };
    let sbom = write(&file("sbom.json", &list("1")));
    let data = home.path().join("data");
    let tallyward = |args: &[&str]| run(home.path(), &[&["--data", arg(&data)], args].concat());
    let added = tallyward(&["sboms", "add", &sbom, "--model", "Pump 4", "--json"]).expect_code(0).json();
    assert_eq!(added["taken"][0]["model"], "Pump 4");
    let id = added["taken"][0]["id"].as_str().unwrap().to_owned();
    for one in records() {
        write(&one);
    }
    let taken = tallyward(&["advisories", "link.json", "tls.json"]).expect_code(0);
    assert!(taken.out.contains("flaws of packages: 2 new"), "{}", taken.out);
    let shown = tallyward(&["sboms", "show", &id]).expect_code(0).out;
    for text in ["4 parts, 1 without", "unknown  CVE-link  link 1.0.0  9.8  It breaks.", "nobody has said"] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    let lines = tallyward(&["sboms", "list", "--json"]).expect_code(0).json();
    assert_eq!((&lines[0]["unknown"], &lines[0]["flawed"]), (&json!(2), &json!(2)));
    assert!(tallyward(&["sboms", "find", "link"]).expect_code(0).out.contains("Pump 4"));
    assert!(tallyward(&["advisories", &sbom]).expect_code(3).out.contains("attach it to its model"));
    tallyward(&["sboms", "add", "link.json"]).expect_code(3);
    tallyward(&["sboms", "remove", &id]).expect_code(0);
    tallyward(&["sboms", "show", &id]).expect_code(3);
}

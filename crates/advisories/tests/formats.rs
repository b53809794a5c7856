//! Formats beside CSAF: OpenVEX, CycloneDX VEX, openFDA recalls. What each says, and what it must not be made to say.

mod vex_files;

use serde_json::{Value, json};
use tallyward_advisories::{Documents, read_document};
use tallyward_core::advisory::{Advisory, PACKAGE, ProductStatus, RECALLED_UNITS};

fn read(document: &Value) -> Documents {
    read_document(document.to_string().as_bytes(), "a.json").expect("a readable document")
}

fn only(document: &Value) -> Advisory {
    let mut documents = read(document);
    assert_eq!((documents.advisories.len(), documents.lost.len()), (1, 0));
    documents.advisories.remove(0)
}

/// `(product, version, category, status)` of every statement.
fn said(advisory: &Advisory) -> Vec<(&str, &str, &str, ProductStatus)> {
    let all = advisory.vulnerabilities.iter().flat_map(|entry| &entry.statements);
    all.map(|statement| {
        let leaf = advisory.product(&statement.product).expect("every statement has its leaf");
        (&*leaf.product, &*leaf.version, &*leaf.category, statement.status)
    })
    .collect()
}

fn openvex(statements: &Value) -> Value {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "Acme PSIRT",
        "role": "vendor", "timestamp": "2024-01-01T00:00:00Z", "version": 3, "statements": statements})
}

#[test]
fn openvex_is_read() {
    let advisory = only(&openvex(&json!([
        {"vulnerability": {"name": "GHSA-1", "aliases": ["CVE-2024-1"], "description": "d"},
         "products": [{"@id": "https://example.org/p3", "identifiers": {"cpe23": "cpe:2.3:h:acme:pump_3:4.1:*:*:*:*:*:*:*"}}],
         "status": "affected", "action_statement": "Update."},
        {"vulnerability": {"name": "CVE-2024-2"}, "status": "not_affected", "justification": "component_not_present",
         "products": [{"@id": "pkg:apk/wolfi/git@2.39"}, {"@id": "https://example.org/p4"}]},
        {"vulnerability": {"name": "CVE-2024-3"}, "status": "fixed", "supplier": "Acme", "products": [{"@id": "https://example.org/p4"}]},
    ])));
    assert_eq!(
        [&advisory.id, &advisory.revision, &advisory.format, &advisory.publisher],
        ["https://example.org/vex/1", "3", "openvex", "Acme PSIRT"]
    );
    let first = &advisory.vulnerabilities[0];
    assert_eq!(
        (&*first.id, &*first.title, &*first.remediations[0].text),
        ("CVE-2024-1", "GHSA-1", "Update.")
    );
    assert_eq!(
        said(&advisory),
        [
            ("pump 3", "4.1", "product_version", ProductStatus::KnownAffected),
            ("https://example.org/p4", "", PACKAGE, ProductStatus::KnownNotAffected),
            ("git", "2.39", PACKAGE, ProductStatus::KnownNotAffected),
            ("https://example.org/p4", "", PACKAGE, ProductStatus::Fixed),
        ]
    );
    assert_eq!(advisory.products[0].vendor, "acme");
    assert_eq!(advisory.vulnerabilities[1].threats, ["flag: component_not_present"]);
    assert!(advisory.contradictions.is_empty(), "{:?}", advisory.contradictions);
}

#[test]
fn in_openvex_the_newest_word_holds_and_two_of_one_time_are_at_odds() {
    let statement = |status: &str, time: &str| {
        json!({"vulnerability": {"name": "CVE-2024-1"}, "status": status, "justification": "component_not_present",
            "products": [{"@id": "cpe:/h:acme:pump:4"}], "timestamp": time})
    };
    let (early, late) = ("2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z");
    let advisory = only(&openvex(&json!([statement("not_affected", late), statement("affected", early)])));
    assert_eq!(said(&advisory), [("pump", "4", "product_version", ProductStatus::KnownNotAffected)]);
    let documents = read(&openvex(&json!([statement("not_affected", late), statement("affected", late)])));
    assert_eq!(said(&documents.advisories[0]).len(), 2);
}

#[test]
fn openvex_that_says_too_little_stays_open() {
    let documents = read(&openvex(&json!([
        {"vulnerability": {"name": "CVE-2024-1"}, "status": "safe", "products": [{"@id": "cpe:/h:acme:pump:4"}]},
        {"vulnerability": {"name": "CVE-2024-2"}, "status": "affected"},
        {"vulnerability": {"name": "CVE-2024-3"}, "status": "not_affected", "products": [{"@id": "cpe:/h:acme:pump:4"}]},
        {"vulnerability": {"name": "CVE-2024-4"}, "status": "not_affected", "impact_statement": "No such part.",
         "products": [{"@id": "cpe:/h:acme:pump:4", "subcomponents": [{"@id": "pkg:maven/log4j@2"}]}]},
        {"vulnerability": {"name": "CVE-2024-5"}, "status": "affected",
         "products": [{"@id": "cpe:/h:acme:pump:4", "identifiers": {"purl": "pkg:generic/acme/pump@5"}}]},
    ])));
    let advisory = &documents.advisories[0];
    assert_eq!(advisory.vulnerabilities[0].statements[0].status, ProductStatus::UnderInvestigation);
    let narrowed = advisory.product(&advisory.vulnerabilities[3].statements[0].product).unwrap();
    assert!(narrowed.relation.is_some() && narrowed.name.contains("log4j"), "{narrowed:?}");
    let texts: Vec<String> = documents.noted.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(texts.join("\n"), @r#"
    a.json, line 1 column 131 (/statements/0): status "safe" is none of OpenVEX's; read as under investigation
    a.json, line 1 column 229 (/statements/1): the statement names no product; nothing can be matched
    a.json, line 1 column 289 (/statements/2): not_affected without justification or impact statement, one of which OpenVEX asks for
    a.json, line 1 column 595 (/statements/4/products/0): The ids of one product name different versions: pkg:generic/acme/pump@5, cpe:/h:acme:pump:4.
    "#);
    assert!(advisory.contradictions.iter().any(|entry| entry.text.contains("different versions")));
}

fn cyclonedx(vulnerabilities: &Value) -> Value {
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:1-2", "version": 2,
        "metadata": {"timestamp": "2024-01-01T00:00:00Z", "component": {"name": "Pump 3", "version": "4.1",
            "bom-ref": "pump", "type": "device", "manufacturer": {"name": "Acme"}}},
        "components": [{"name": "openssl", "version": "1.1", "bom-ref": "ssl", "type": "library"}],
        "vulnerabilities": vulnerabilities})
}

#[test]
fn cyclonedx_is_read_and_only_its_subject_is_a_product() {
    use ProductStatus::{KnownAffected, KnownNotAffected, UnderInvestigation};
    let advisory = only(&cyclonedx(&json!([
        {"id": "CVE-2024-1", "analysis": {"state": "not_affected", "justification": "code_not_present", "response": ["update"]},
         "affects": [{"ref": "pump"}, {"ref": "ssl"}, {"ref": "urn:cdx:9-9/1#pkg:maven/log4j@2"}, {"ref": "urn:cdx:1-2/2#pump"}]},
        {"id": "CVE-2024-2", "analysis": {"state": "exploitable"}, "cwes": [611], "recommendation": "Update to 4.3.",
         "ratings": [{"method": "CVSSv31", "score": 7.5, "vector": "AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N"}],
         "affects": [{"ref": "pump", "versions": [{"range": "vers:generic/>=4.0|<4.3"}, {"version": "4.3", "status": "unaffected"}]}]},
        {"id": "CVE-2024-3", "affects": [{"ref": "pump"}]},
    ])));
    assert_eq!(
        [&advisory.id, &advisory.revision, &advisory.format, &advisory.title],
        ["urn:uuid:1-2", "2", "cyclonedx 1.6", "Pump 3 4.1"]
    );
    assert_eq!(
        said(&advisory),
        [
            ("Pump 3", "4.1", "product_version", KnownNotAffected),
            ("openssl", "1.1", PACKAGE, KnownNotAffected),
            ("Pump 3", "4.1", "product_version", KnownNotAffected),
            ("log4j", "2", PACKAGE, KnownNotAffected),
            ("Pump 3", "4.3", "product_version", KnownNotAffected),
            ("Pump 3", "vers:generic/>=4.0|<4.3", "product_version", KnownAffected),
            ("Pump 3", "4.1", "product_version", UnderInvestigation),
        ]
    );
    let combined = |id: &str| advisory.product(id).unwrap().relation.is_some();
    assert_eq!(
        [combined("pump"), combined("ssl"), combined("urn:cdx:9-9/1#pkg:maven/log4j@2")],
        [false, true, true]
    );
    let second = &advisory.vulnerabilities[1];
    assert_eq!((&*second.cwe, &*second.scores[0].version), ("CWE-611", "3.1"));
    assert_eq!(second.scores[0].disagreement(), None);
}

#[test]
fn a_version_marked_affected_under_an_analysis_that_clears_is_a_contradiction() {
    let advisory = only(&cyclonedx(&json!([{"id": "CVE-2024-1", "analysis": {"state": "not_affected"},
        "affects": [{"ref": "pump", "versions": [{"version": "4.1", "status": "affected"}]}]}])));
    assert_eq!(advisory.contradictions.len(), 1);
    assert_eq!(advisory.contradictions[0].product, "pump 4.1");
}

/// Every real CycloneDX VEX document: each vulnerability keeps its statements, nothing is lost.
#[test]
fn every_real_cyclonedx_vex_is_read() {
    let files = vex_files::vex();
    for (name, bytes) in &files {
        let plain: Value = serde_json::from_slice(bytes).unwrap();
        let documents = read_document(bytes, name).unwrap();
        let advisory = &documents.advisories[0];
        let listed = plain["vulnerabilities"].as_array().unwrap();
        assert_eq!(advisory.vulnerabilities.len(), listed.len(), "{name}");
        for (entry, plain) in advisory.vulnerabilities.iter().zip(listed) {
            assert_eq!(entry.statements.is_empty(), plain.get("affects").is_none(), "{name}");
        }
    }
    assert!(files.is_empty() || files.len() == 25, "{}", files.len());
}

/// A recall shaped as openFDA's, in our own words.
fn enforcement(number: &str, codes: &str) -> Value {
    json!({"status": "Ongoing", "classification": "Class II", "product_type": "Devices", "event_id": "90001",
        "recalling_firm": "Acme Medical, Inc.", "recall_number": number, "product_description": "Acme Pump 3",
        "product_quantity": "12 units", "reason_for_recall": "The alarm may stay silent.", "code_info": codes,
        "recall_initiation_date": "20240131", "report_date": "20240301", "distribution_pattern": "Two states", "openfda": {}})
}

#[test]
fn a_recall_becomes_a_clause_only_where_it_says_so_plainly() {
    let cases = [
        ("All units.", "product_name", ""),
        ("ALL serial  numbers", "product_name", ""),
        ("Software version 4.1", "product_version_range", "4.1"),
        ("software versions: < 4.2", "product_version_range", "< 4.2"),
        ("Software version 4.1, serial numbers 100 to 200", RECALLED_UNITS, ""),
        ("All lots of catalog number 7", RECALLED_UNITS, ""),
        ("Lot 5008", RECALLED_UNITS, ""),
        ("4.1", RECALLED_UNITS, ""),
        ("", RECALLED_UNITS, ""),
    ];
    for (codes, category, version) in cases {
        let advisory = only(&json!({"meta": {}, "results": [enforcement("Z-0001-2024", codes)]}));
        let leaf = &advisory.products[0];
        assert_eq!((&*leaf.category, &*leaf.version), (category, version), "{codes:?}");
        assert_eq!(leaf.vendor, "Acme Medical, Inc.");
    }
}

#[test]
fn recalls_are_read_one_by_one_and_the_damaged_named() {
    let recall = json!({"product_res_number": "Z-0003-2024", "recall_status": "Open, Classified",
        "event_date_initiated": "2024-01-31", "event_date_posted": "2024-03-01", "product_description": "Acme Pump 3",
        "code_info": "Lot 1", "recalling_firm": "Acme", "reason_for_recall": "r", "action": "Return it.",
        "root_cause_description": "Software design"});
    let drug = json!({"recall_number": "D-1", "product_type": "Drugs"});
    let results =
        json!([enforcement("Z-1", "Lot 1"), 7, drug, {"x": 1}, enforcement("Z-1", "Lot 2"), recall]);
    let documents = read(&json!({"results": results}));
    let ids: Vec<&str> = documents.advisories.iter().map(|advisory| &*advisory.id).collect();
    assert_eq!(ids, ["FDA-ENFORCEMENT-Z-1", "FDA-RECALL-Z-0003-2024"]);
    let (first, last) = (&documents.advisories[0], &documents.advisories[1]);
    assert_eq!(
        [&*first.severity, &*first.revision, &*first.format],
        ["Class II", "2024-03-01", "openfda enforcement"]
    );
    assert_eq!(first.released.unwrap().to_string(), "2024-01-31T00:00:00Z");
    assert_eq!(last.vulnerabilities[0].remediations[0].text, "Return it.");
    assert_eq!(last.status, "Open, Classified");
    assert_ne!(first.hash, last.hash);
    let lost: Vec<&str> = documents.lost.iter().map(|error| &*error.pointer).collect();
    assert_eq!(lost, ["/results/1", "/results/2", "/results/3", "/results/4"]);
}

#[test]
fn what_is_none_of_them_is_refused_with_what_was_expected() {
    let say = |text: &str| read_document(text.as_bytes(), "x.json").unwrap_err().to_string();
    let lines = [
        say("{}"),
        say("[1]"),
        say(r#"{"bomFormat": "SPDX"}"#),
        say(r#"{"bomFormat": "CycloneDX", "components": []}"#),
        say(r#"{"@context": "https://example.org", "statements": []}"#),
        say(r#"{"@context": "https://openvex.dev/ns/v0.2.0", "statements": []}"#),
        say(r#"{"results": []}"#),
        say(r#"{"results": [{"recall_number": ""}]}"#),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    x.json, line 1 column 1: expected CSAF (document), OpenVEX (@context and statements), CycloneDX (bomFormat), openFDA recalls (results) or OSV (id, modified and affected), found an object
    x.json, line 1 column 1: expected CSAF (document), OpenVEX (@context and statements), CycloneDX (bomFormat), openFDA recalls (results) or OSV (id, modified and affected), found a list
    x.json, line 1 column 1: bomFormat is not CycloneDX
    x.json, line 1 column 1: a list of parts (SBOM), and no advisory; attach it to its model and version instead
    x.json, line 1 column 1: @context is "https://example.org"; expected OpenVEX's, https://openvex.dev/ns
    x.json, line 1 column 1: the document has no id; expected a text in @id
    x.json, line 1 column 1: results without any recall of a device
    x.json, line 1 column 14 (/results/0): the recall has no number; expected a text in recall_number
    "#);
}

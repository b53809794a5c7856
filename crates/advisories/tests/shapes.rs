//! Shapes that CISA's medical documents do not use: groups, relationships, other status groups, CSAF 2.1.

use tallyward_advisories::{changes, read_csaf, read_csaf_noting, remedy, same_content};
use tallyward_core::advisory::{Advisory, ProductStatus, Statement};

const DOCUMENT: &str = r##"{
  "document": {
    "category": "csaf_vex", "csaf_version": "2.1", "title": "T", "lang": "en", "aggregate_severity": {"text": "High"},
    "publisher": {"category": "vendor", "name": "Acme", "namespace": "https://example.org"},
    "distribution": {"tlp": {"label": "CLEAR"}},
    "tracking": {"id": "A-1", "version": "1.0.0", "status": "final", "revision_history": [{"number": "1.0.0", "date": "2024-01-01T00:00:00Z", "summary": "First."}],
      "initial_release_date": "2024-01-01T00:00:00Z", "current_release_date": "2024-02-01T00:00:00+01:00"}
  },
  "product_tree": {
    "branches": [{"category": "vendor", "name": "Acme", "branches": [
      {"category": "product_family", "name": "Pumps", "branches": [
        {"category": "product_name", "name": "Pump 3", "product": {"name": "Acme Pump 3", "product_id": "P3",
          "product_identification_helper": {"model_numbers": ["AP-3"], "cpe": "cpe:2.3:h:acme:pump_3:-:*:*:*:*:*:*:*"}},
         "branches": [
          {"category": "product_version", "name": "4.1", "branches": [
            {"category": "service_pack", "name": "SP2", "product": {"name": "n", "product_id": "P3-41"}}]},
          {"category": "architecture", "name": "arm", "branches": [
            {"category": "product_version_range", "name": "<4", "product": {"name": "n", "product_id": "P3-arm"}}]}]}]}]}],
    "full_product_names": [{"name": "Acme Link 2", "product_id": "L2"}],
    "relationships": [{"category": "installed_on", "product_reference": "L2",
      "relates_to_product_reference": "P3", "full_product_name": {"name": "Link on Pump", "product_id": "L2-P3"}}],
    "product_groups": [{"group_id": "G", "product_ids": ["P3", "P3-41"]}]
  },
  "vulnerabilities": [{
    "ids": [{"system_name": "Acme", "text": "ACME-7"}],
    "cwes": [{"id": "CWE-1", "name": "x"}, {"id": "CWE-2", "name": "y"}],
    "notes": [{"category": "description", "text": "d1"}, {"category": "other", "text": "no"}],
    "product_status": {"known_affected": ["P3"], "fixed": ["P3-41"], "known_not_affected": ["L2"],
      "under_investigation": ["L2-P3"], "unknown": ["P3-arm"]},
    "flags": [{"label": "component_not_present", "product_ids": ["L2"]}],
    "threats": [{"category": "impact", "details": "none"}],
    "remediations": [{"category": "vendor_fix", "details": "Update to 4.1 SP2.", "group_ids": ["G"]}],
    "metrics": [{"content": {"cvss_v4": {"version": "4.0", "vectorString": "CVSS:4.0/AV:N", "baseScore": 9.0}}, "products": ["P3"]}],
    "references": [{"summary": "v4", "url": "https://www.first.org/cvss/calculator/4.0#CVSS:4.0/AV:L"}]
  }]
}"##;

#[test]
fn every_shape_is_read() {
    let (advisory, defects) = read_csaf_noting(DOCUMENT.as_bytes(), "a.json").unwrap();
    assert_eq!(defects, []);
    let about = [&advisory.format, &advisory.publisher_category, &advisory.namespace];
    assert_eq!(about, ["csaf 2.1", "vendor", "https://example.org"]);
    assert_eq!([&advisory.language, &advisory.severity, &advisory.tlp], ["en", "High", "CLEAR"]);
    let history: Vec<_> = advisory.history.iter().map(|entry| (&*entry.number, &*entry.summary)).collect();
    assert_eq!(history, [("1.0.0", "First.")]);
    let leaf = |id: &str| advisory.product(id).unwrap();
    assert_eq!((leaf("P3").product.as_str(), leaf("P3").version.as_str()), ("Pump 3", ""));
    assert_eq!(
        (leaf("P3").model_numbers.as_slice(), leaf("P3").other_ids.len()),
        (&["AP-3".to_owned()][..], 1)
    );
    assert_eq!((leaf("P3-41").vendor.as_str(), leaf("P3-41").version.as_str()), ("Acme", "4.1 SP2"));
    assert_eq!((leaf("P3-arm").product.as_str(), leaf("P3-arm").version.as_str()), ("Pump 3 arm", "<4"));
    assert_eq!(
        (leaf("L2").product.as_str(), leaf("L2").category.as_str()),
        ("Acme Link 2", "full_product_name")
    );
    let relation = leaf("L2-P3").relation.clone().unwrap();
    assert_eq!(relation, ("installed_on".to_owned(), "L2".to_owned(), "P3".to_owned()));
    let vulnerability = &advisory.vulnerabilities[0];
    assert_eq!((vulnerability.id.as_str(), vulnerability.cwe.as_str()), ("ACME-7", "CWE-1 x; CWE-2 y"));
    assert_eq!(vulnerability.description, "d1");
    let said = |product: &str, status| {
        assert!(
            vulnerability.statements.contains(&Statement { product: product.to_owned(), status }),
            "{product}"
        );
    };
    said("P3", ProductStatus::KnownAffected);
    said("P3-41", ProductStatus::Fixed);
    said("L2", ProductStatus::KnownNotAffected);
    said("P3-arm", ProductStatus::UnderInvestigation);
    assert_eq!(vulnerability.threats, ["impact: none", "flag: component_not_present"]);
    let scores: Vec<_> =
        vulnerability.scores.iter().map(|score| (score.vector.as_str(), score.base.as_str())).collect();
    assert_eq!(scores, [("CVSS:4.0/AV:N", "9.0"), ("CVSS:4.0/AV:L", "")]);
    let fixes = remedy(&advisory, "ACME-7", "P3-41");
    assert_eq!(fixes[0].fixed_versions, ["4.1 SP2"]);
    assert!(remedy(&advisory, "ACME-7", "L2").is_empty());
    assert_eq!(advisory.revised.unwrap().to_string(), "2024-01-31T23:00:00Z");
}

#[test]
fn an_id_defined_twice_and_an_undefined_one_are_named_with_their_place() {
    let twice = DOCUMENT.replace("\"product_id\": \"L2\"", "\"product_id\": \"P3\"");
    let (advisory, defects) = read_csaf_noting(twice.as_bytes(), "a.json").unwrap();
    insta::assert_snapshot!(defects.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"), @r#"
    a.json, line 19 column 28 (/product_tree/full_product_names/0): product id "P3" is defined twice: as "Acme Pump 3" and as "Acme Link 2"
    a.json, line 20 column 23 (/product_tree/relationships/0): the relationship names product id "L2", which no leaf defines
    a.json, line 28 column 93 (/vulnerabilities/0/product_status/known_not_affected/0): the status names product id "L2", which no leaf of the product tree defines
    "#);
    let about: Vec<&str> = advisory.contradictions.iter().map(|entry| entry.product.as_str()).collect();
    assert_eq!(about, ["L2", "P3"]);
}

#[test]
fn a_status_group_nobody_knows_keeps_its_products_in_sight() {
    let odd = DOCUMENT.replace("\"known_affected\"", "\"known_bffected\"");
    let (advisory, defects) = read_csaf_noting(odd.as_bytes(), "a.json").unwrap();
    assert!(defects[0].to_string().contains("known_bffected"), "{defects:?}");
    let statement = Statement { product: "P3".to_owned(), status: ProductStatus::UnderInvestigation };
    assert!(advisory.vulnerabilities[0].statements.contains(&statement));
}

#[test]
fn a_product_in_two_camps_is_a_contradiction() {
    let both = DOCUMENT.replace("\"fixed\": [\"P3-41\"]", "\"fixed\": [\"P3\"]");
    let advisory = read_csaf(both.as_bytes(), "a.json").unwrap();
    assert_eq!(advisory.contradictions.len(), 1);
    assert_eq!(
        advisory.contradictions[0].text,
        "For ACME-7, Acme Pump 3 (product id \"P3\") is listed as affected and as fixed."
    );
}

#[test]
fn what_is_no_csaf_document_is_refused_with_its_place() {
    let say = |text: &str| read_csaf(text.as_bytes(), "x.json").unwrap_err().to_string();
    let deep = format!("{{\"a\": {}", "[".repeat(100));
    let lines = [
        say("{\n \"document\": nul }"),
        say("[]"),
        say("{\"document\": {\"csaf_version\": \"1.2\"}}"),
        say("{\"document\":\n {\"csaf_version\": \"2.0\", \"tracking\": {\"id\": \" \"}}}"),
        say(&deep),
        read_csaf(b"{\n\xff}", "x.json").unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    x.json, line 2 column 17: not JSON: expected ident
    x.json, line 1 column 1: expected a CSAF document with a document section, found a list
    x.json, line 1 column 31 (/document/csaf_version): CSAF version "1.2"; expected 2.0 or 2.1
    x.json, line 2 column 38 (/document/tracking): the document has no id; expected a text in tracking.id
    x.json, line 1 column 70: nested deeper than 64 levels; no advisory needs that
    x.json, line 2 column 1: this byte is no UTF-8; advisories are JSON in UTF-8
    "#);
}

/// Each way in which a document may contradict itself, with both sides named.
#[test]
fn contradictions_name_product_version_and_both_sides() {
    let texts = |document: &str| -> Vec<String> {
        let advisory = read_csaf(document.as_bytes(), "a.json").unwrap();
        advisory
            .contradictions
            .into_iter()
            .map(|entry| format!("{} {}: {}", entry.product, entry.version, entry.text))
            .collect()
    };
    let mut all = texts(&DOCUMENT.replace("\"group_ids\": [\"G\"]", "\"product_ids\": [\"P9\"]"));
    all.extend(texts(&DOCUMENT.replace("\"product_reference\": \"L2\"", "\"product_reference\": \"L2-P3\"")));
    all.extend(texts(&DOCUMENT.replace("\"Pump 3\"", "\"Version\"")).into_iter().take(1));
    // A fixed version inside what is affected.
    let fixed = DOCUMENT
        .replace("\"patch_level\"", "\"x\"")
        .replace(
            "{\"category\": \"product_version\", \"name\": \"4.1\", \"branches\": [\n            {\"category\": \"service_pack\", \"name\": \"SP2\", \"product\": {\"name\": \"n\", \"product_id\": \"P3-41\"}}]}",
            "{\"category\": \"product_version\", \"name\": \"4.1\", \"product\": {\"name\": \"n\", \"product_id\": \"P3-41\"}}, {\"category\": \"product_version_range\", \"name\": \"<= 4.2\", \"product\": {\"name\": \"n\", \"product_id\": \"P3-42\"}}",
        )
        .replace("\"known_affected\": [\"P3\"]", "\"known_affected\": [\"P3-42\"]");
    assert!(fixed.contains("P3-42"));
    all.extend(texts(&fixed));
    let swapped = DOCUMENT.replace(
        "\"vulnerabilities\": [{",
        "\"vulnerabilities\": [{\"cve\": \"CVE-2024-1000\", \"notes\": [{\"category\": \"description\", \"text\": \"CVE-2024-2000 lets.\"}]}, {\"cve\": \"CVE-2024-2000\", \"remediations\": [{\"category\": \"mitigation\", \"details\": \"CVE-2024-1000: update.\", \"product_ids\": [\"P3\"]}]}, {",
    );
    all.extend(texts(&swapped));
    insta::assert_snapshot!(all.join("\n"), @r#"
    P9 : For ACME-7, a remedy is for product id "P9", which no leaf of the product tree defines.
    L2-P3 : product id "L2-P3" ("Link on Pump") is made of itself by its relationships
    P3 : The tree lists "Version" as a product of "Acme" (Acme Version), but that is a word that stands in for a product.
    P3-42 4.1: For ACME-7, Acme Pump 3 4.1 is listed as fixed (product id "P3-41") and is within what is listed as affected: "<= 4.2" (product id "P3-42").
     : The ids seem swapped: what stands under CVE-2024-1000 speaks of CVE-2024-2000, and what stands under CVE-2024-2000 speaks of CVE-2024-1000.
    "#);
}

/// A body stored before the document's format, publisher's category, severity, language and history were kept.
#[test]
fn an_older_stored_body_is_still_read_and_is_no_change() {
    let new = read_csaf(DOCUMENT.as_bytes(), "a.json").unwrap();
    let mut body = serde_json::to_value(&new).unwrap();
    for kept in ["format", "publisher_category", "namespace", "severity", "language", "history"] {
        assert!(body.as_object_mut().unwrap().remove(kept).is_some(), "{kept} is stored");
    }
    let old: Advisory = serde_json::from_value(body).unwrap();
    assert_eq!((old.format.as_str(), old.history.len(), &old.products), ("", 0, &new.products));
    assert!(same_content(&old, &new) && same_content(&new, &old));
    assert_eq!(changes(&old, &new), Vec::<String>::new());
    // Between two that were both read since, a severity counts; numbers and history never do.
    let graver = Advisory { severity: "Critical".to_owned(), revision: "9".to_owned(), ..new.clone() };
    assert!(!same_content(&new, &graver));
    assert_eq!(changes(&new, &graver), ["The publisher's severity was \"High\", is \"Critical\"."]);
    assert!(same_content(&new, &Advisory { history: Vec::new(), ..new.clone() }));
    // An older body that says something else is still a change.
    let other = Advisory { title: "U".to_owned(), ..old };
    assert!(!same_content(&other, &new));
}

#[test]
fn a_revision_tells_by_which_other_numbers_a_product_is_named() {
    let read = |document: &str| read_csaf(document.as_bytes(), "a.json").unwrap();
    let old = read(DOCUMENT);
    let more = DOCUMENT.replace(
        r#""model_numbers": ["AP-3"],"#,
        r#""model_numbers": ["AP-4"], "serial_numbers": ["1*"], "skus": ["S-1"], "hashes": [{"filename": "f.bin"}],
           "x_generic_uris": [{"namespace": "https://gs1.org", "uri": "https://example.org/01/09506000134352"}],"#,
    );
    let new = read(&more);
    let leaf = new.product("P3").unwrap();
    assert_eq!(
        (leaf.skus.as_slice(), leaf.hashed_files.as_slice()),
        (&["S-1".to_owned()][..], &["f.bin".to_owned()][..])
    );
    assert!(!same_content(&old, &new));
    let told = changes(&old, &new);
    assert_eq!(
        told[1..],
        [
            "4 identifiers now name Acme Pump 3: 1*; AP-4; S-1; https://example.org/01/09506000134352.",
            "Acme Pump 3 is no longer named by: AP-3.",
        ]
    );
}

//! What the real medical advisories say is what we hold.

mod common;

use common::real;
use serde_json::Value;
use std::collections::BTreeMap;
use tallyward_advisories::{changes, read_csaf, read_csaf_noting, remedy, same_content};
use tallyward_core::advisory::{Advisory, ProductStatus};

fn advisories() -> Vec<Advisory> {
    real().iter().map(|(name, bytes)| read_csaf(bytes, name).expect("a real document is read")).collect()
}

#[test]
fn all_sixty_are_read_without_a_defect() {
    let documents = real();
    if documents.is_empty() {
        return;
    }
    assert_eq!(documents.len(), 60);
    for (name, bytes) in documents {
        let (advisory, defects) = read_csaf_noting(&bytes, &name).unwrap();
        assert_eq!(defects, [], "{name}");
        assert_eq!(advisory.id.to_lowercase(), name.trim_end_matches(".json"));
        assert!(!advisory.title.is_empty(), "{name}");
        assert!(advisory.released <= advisory.revised && advisory.released.is_some(), "{name}");
        assert_eq!(advisory.tlp, "WHITE");
        assert_eq!(advisory.hash.len(), 64);
    }
}

#[test]
fn every_leaf_is_verbatim() {
    let Some(path) = tallyward_core::testkit::shared("icsma_leaf_expressions.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let mut expected: Vec<Vec<String>> = Vec::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let keys = ["advisory", "product_id", "vendor", "product", "category", "expression"];
        expected.push(keys.iter().map(|key| line[key].as_str().unwrap().to_owned()).collect());
    }
    let mut found: Vec<Vec<String>> = Vec::new();
    for advisory in advisories() {
        for leaf in &advisory.products {
            let cells = [&advisory.id, &leaf.id, &leaf.vendor, &leaf.product, &leaf.category, &leaf.version];
            found.push(cells.map(Clone::clone).to_vec());
        }
    }
    expected.sort();
    found.sort();
    assert_eq!(found.len(), 323);
    assert_eq!(found, expected);
}

/// Counts the statements, remedies and scores again in the raw tree, by another way than the reader's.
#[test]
fn nothing_of_a_vulnerability_is_lost() {
    for (name, bytes) in real() {
        let raw: Value = serde_json::from_slice(&bytes).unwrap();
        let advisory = read_csaf(&bytes, &name).unwrap();
        let raws = raw["vulnerabilities"].as_array().unwrap();
        assert_eq!(raws.len(), advisory.vulnerabilities.len(), "{name}");
        for (raw, read) in raws.iter().zip(&advisory.vulnerabilities) {
            assert_eq!(raw["cve"].as_str().unwrap(), read.id);
            let affected = raw["product_status"]["known_affected"].as_array().unwrap();
            let mut ids: Vec<&str> = affected.iter().map(|id| id.as_str().unwrap()).collect();
            ids.sort_unstable();
            ids.dedup();
            let held: Vec<&str> = read.statements.iter().map(|entry| entry.product.as_str()).collect();
            assert_eq!(ids, held, "{name}");
            assert!(read.statements.iter().all(|entry| entry.status == ProductStatus::KnownAffected));
            let texts = raw["remediations"].as_array().map_or(Vec::new(), Clone::clone);
            assert_eq!(texts.len(), read.remediations.len());
            for (raw, held) in texts.iter().zip(&read.remediations) {
                assert_eq!(raw["details"].as_str().unwrap(), held.text);
                assert_eq!(raw["product_ids"].as_array().map_or(0, Vec::len), held.products.len());
            }
            let vectors: Vec<&str> = raw["scores"].as_array().map_or(Vec::new(), |scores| {
                scores.iter().filter_map(|s| s["cvss_v3"]["vectorString"].as_str()).collect()
            });
            assert_eq!(vectors, read.scores.iter().map(|score| score.vector.as_str()).collect::<Vec<_>>());
            assert!(read.scores.iter().all(|score| score.base.parse::<f64>().is_ok()));
        }
    }
}

#[test]
fn the_contradictions_of_the_real_documents() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for advisory in advisories() {
        for entry in &advisory.contradictions {
            let leaf = advisory.product(&entry.product).map_or("the document", |leaf| &leaf.product);
            *counts.entry(format!("{}: {leaf} {:?}", advisory.id, entry.version)).or_default() += 1;
        }
    }
    if counts.is_empty() && real().is_empty() {
        return;
    }
    let lines: Vec<String> = counts.iter().map(|(what, count)| format!("{count} x {what}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    1 x ICSMA-18-086-01: Version ""
    1 x ICSMA-18-107-01: the document ""
    1 x ICSMA-18-226-01: IntelliSpace Cardiovascular "3.1"
    1 x ICSMA-18-347-01: the document ""
    8 x ICSMA-20-254-01: Patient Information Center iX (PICiX) "C.03"
    1 x ICSMA-21-187-01: Vue Motion "12.2.1.5"
    1 x ICSMA-21-187-01: Vue MyVue "12.2.1.5"
    2 x ICSMA-21-187-01: Vue MyVue "12.2.8.100"
    3 x ICSMA-21-187-01: Vue PACS "12.2.8.0"
    9 x ICSMA-21-187-01: Vue PACS "12.2.8.100"
    4 x ICSMA-21-187-01: Vue Speech "12.2.8.0"
    "#);
}

#[test]
fn a_remedy_is_a_text_and_its_category_is_no_promise() {
    let Some(advisory) = advisories().into_iter().find(|advisory| advisory.id == "ICSMA-18-347-01") else {
        return;
    };
    let vulnerability = &advisory.vulnerabilities[0];
    let leaf = advisory.products.iter().find(|leaf| leaf.product == "CareLink 9790 Programmer").unwrap();
    let remedies = remedy(&advisory, &vulnerability.id, &leaf.id);
    let ended = remedies.iter().find(|remedy| remedy.text.contains("no longer supported")).unwrap();
    assert_eq!(ended.category, "vendor_fix");
    assert!(ended.says_none && ended.fixed_versions.is_empty());
}

#[test]
fn a_revision_says_what_it_changed() {
    let Some(old) = advisories().into_iter().find(|advisory| advisory.id == "ICSMA-21-161-01") else {
        return;
    };
    let mut new = old.clone();
    new.revision = "9".to_owned();
    new.hash = "0".repeat(64);
    assert!(same_content(&old, &new));
    assert_eq!(changes(&old, &new), Vec::<String>::new());
    new.products[0].version = "< 2.3".to_owned();
    let dropped = new.vulnerabilities.pop().unwrap().id;
    assert!(!same_content(&old, &new));
    let lines = changes(&old, &new);
    let widened = r#"The clause of ZOLL Defibrillator Dashboard widened from "< 2.2" to "< 2.3"."#.to_owned();
    assert_eq!(lines, [widened, format!("No longer listed: {dropped}.")], "the statements did not change");
    new.revision.clone_from(&old.revision);
    let silent = format!("The content changed although the revision is still {:?}.", old.revision);
    assert_eq!(changes(&old, &new)[0], silent);
}

#[test]
fn several_products_are_counted_before_they_are_named() {
    let Some(old) = advisories().into_iter().find(|advisory| advisory.id == "ICSMA-21-187-01") else {
        return;
    };
    let mut new = old.clone();
    new.revision = "9".to_owned();
    new.products.clear();
    let lines = changes(&old, &new);
    let distinct: std::collections::BTreeSet<_> =
        old.products.iter().map(|leaf| (&leaf.vendor, &leaf.product, &leaf.version)).collect();
    assert!(
        lines[0].starts_with(&format!("{} products no longer listed: Philips ", distinct.len())),
        "{lines:?}"
    );
    let lines = changes(&new, &old);
    assert!(lines[0].contains(&format!("{} products added: ", distinct.len())), "{lines:?}");
}

//! Damaged real documents: never a panic, never a lost place, never more than the document holds.

mod common;
mod vex_files;

use proptest::prelude::*;
use std::sync::LazyLock;
use tallyward_advisories::{changes, read_csaf, read_csaf_noting, read_document, same_content};

static REAL: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(common::real);

/// Real CycloneDX documents, and made ones of the formats of which there is none at hand.
static OTHERS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let mut others = vex_files::vex();
    others.push(("openvex.json".to_owned(), OPENVEX.as_bytes().to_vec()));
    others.push(("openfda.json".to_owned(), OPENFDA.as_bytes().to_vec()));
    others
});

const OPENVEX: &str = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1",
 "author": "Acme PSIRT", "timestamp": "2024-01-01T00:00:00Z", "version": 1, "statements": [
  {"vulnerability": {"name": "CVE-2024-1", "aliases": ["GHSA-1"]}, "status": "affected", "action_statement": "Update.",
   "products": [{"@id": "https://example.org/p", "identifiers": {"cpe23": "cpe:2.3:h:acme:pump_3:4.1:*:*:*:*:*:*:*",
     "purl": "pkg:generic/acme/pump@4.1?arch=arm"}, "subcomponents": [{"@id": "pkg:maven/log4j@2"}]}]},
  {"vulnerability": "CVE-2024-2", "status": "not_affected", "justification": "component_not_present", "supplier": "Acme",
   "timestamp": "2024-02-01T00:00:00Z", "products": ["pkg:apk/wolfi/git@2.39", {"@id": "cpe:/o:acme:pump:4%2e1"}]}]}"#;

const OPENFDA: &str = r#"{"meta": {"last_updated": "2024-03-01"}, "results": [
  {"status": "Ongoing", "classification": "Class II", "product_type": "Devices", "recalling_firm": "Acme, Inc.",
   "recall_number": "Z-0001-2024", "product_description": "Acme Pump 3", "reason_for_recall": "The alarm stays silent.",
   "code_info": "Software version 4.1", "recall_initiation_date": "20240131", "report_date": "20240301", "openfda": {}},
  {"product_res_number": "Z-0002-2024", "recall_status": "Terminated", "event_date_initiated": "2024-01-31",
   "product_description": "Acme Pump 4", "code_info": "Lot 5008", "recalling_firm": "Acme", "action": "Return it."}]}"#;

/// The bytes with one kind of damage.
fn damage(bytes: &[u8], other: &[u8], kind: u8, at: usize, length: usize) -> Vec<u8> {
    let at = at % bytes.len();
    let end = (at + length).min(bytes.len());
    let mut damaged = bytes.to_vec();
    match kind {
        0 => damaged.truncate(at),
        1 => damaged[at] ^= 1 << (length % 8),
        2 => drop(damaged.splice(at..end, other[at.min(other.len())..].iter().copied().take(length))),
        3 => drop(damaged.splice(at..at, bytes[at..end].iter().copied())),
        4 => drop(damaged.drain(at..end)),
        _ => damaged = bytes.repeat(2),
    }
    damaged
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn damage_is_named_with_its_place(
        which in any::<prop::sample::Index>(), with in any::<prop::sample::Index>(),
        kind in 0_u8..6, at in any::<usize>(), length in 1_usize..200,
    ) {
        if REAL.is_empty() {
            return Ok(());
        }
        let (name, bytes) = which.get(&REAL);
        let damaged = damage(bytes, &with.get(&REAL).1, kind, at, length);
        let lines = damaged.split(|byte| *byte == b'\n').count();
        match read_csaf_noting(&damaged, name) {
            Ok((advisory, defects)) => {
                prop_assert!(!advisory.id.trim().is_empty());
                prop_assert!(advisory.products.len() <= damaged.len() / 8);
                for defect in defects {
                    prop_assert!(defect.line >= 1 && defect.line <= lines && defect.column >= 1);
                    prop_assert!(defect.what.len() < 600, "{}", defect.what);
                }
            }
            Err(error) => {
                prop_assert!(error.line >= 1 && error.line <= lines && error.column >= 1);
                prop_assert!(error.what.len() < 600 && &error.name == name, "{}", error);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_revision_against_itself_says_nothing_and_a_mutated_one_is_told_of(
        which in any::<prop::sample::Index>(), at in any::<usize>(), bit in 0_u8..7,
    ) {
        if REAL.is_empty() {
            return Ok(());
        }
        let (name, bytes) = which.get(&REAL);
        let old = read_csaf(bytes, name).unwrap();
        prop_assert_eq!(changes(&old, &old), Vec::<String>::new());
        let mut damaged = bytes.clone();
        let at = at % bytes.len();
        damaged[at] ^= 1 << bit;
        let Ok(new) = read_csaf(&damaged, name) else { return Ok(()) };
        let (there, back) = (changes(&old, &new), changes(&new, &old));
        let silent = old.revision == new.revision && !same_content(&old, &new);
        let said = |lines: &[String]| lines.first().is_some_and(|line| line.starts_with("The content changed"));
        prop_assert_eq!((said(&there), said(&back)), (silent, silent));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever became of it: no panic, a place for every flaw, no statement without its leaf, no text multiplied.
    #[test]
    fn other_formats_survive_damage(
        which in any::<prop::sample::Index>(), with in any::<prop::sample::Index>(),
        kind in 0_u8..6, at in any::<usize>(), length in 1_usize..200,
    ) {
        let (name, bytes) = which.get(&OTHERS);
        let damaged = damage(bytes, &with.get(&OTHERS).1, kind, at, length);
        let lines = damaged.split(|byte| *byte == b'\n').count();
        let flaws = match read_document(&damaged, name) {
            Ok(documents) => {
                prop_assert!(!documents.advisories.is_empty());
                for advisory in &documents.advisories {
                    prop_assert!(!advisory.id.trim().is_empty());
                    prop_assert!(!advisory.format.is_empty());
                    let all = advisory.vulnerabilities.iter().flat_map(|entry| &entry.statements);
                    for statement in all {
                        prop_assert!(advisory.product(&statement.product).is_some(), "{}", statement.product);
                    }
                }
                let size = serde_json::to_string(&documents.advisories).unwrap().len();
                prop_assert!(size <= damaged.len() * 8 + 4_000, "{size} from {}", damaged.len());
                documents.lost.into_iter().chain(documents.noted).collect()
            }
            Err(error) => vec![error],
        };
        for flaw in flaws {
            prop_assert!(flaw.line >= 1 && flaw.line <= lines && flaw.column >= 1);
            prop_assert!(flaw.what.len() < 1_200, "{}", flaw.what);
        }
    }
}

#[test]
fn a_document_cut_anywhere_is_refused_at_its_end() {
    let Some((name, bytes)) = REAL.first() else { return };
    for end in (0..bytes.len().saturating_sub(2)).step_by(101) {
        let error = read_csaf_noting(&bytes[..end], name).unwrap_err();
        let lines = bytes[..end].split(|byte| *byte == b'\n').count();
        assert!(error.line + 1 >= lines, "{error}");
    }
}

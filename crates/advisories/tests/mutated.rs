//! Damaged real documents: never a panic, never a lost place, never more than the document holds.

mod common;

use proptest::prelude::*;
use std::sync::LazyLock;
use tallyward_advisories::{changes, read_csaf, read_csaf_noting, same_content};

static REAL: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(common::real);

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

#[test]
fn a_document_cut_anywhere_is_refused_at_its_end() {
    let Some((name, bytes)) = REAL.first() else { return };
    for end in (0..bytes.len().saturating_sub(2)).step_by(101) {
        let error = read_csaf_noting(&bytes[..end], name).unwrap_err();
        let lines = bytes[..end].split(|byte| *byte == b'\n').count();
        assert!(error.line + 1 >= lines, "{error}");
    }
}

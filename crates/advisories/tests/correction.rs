//! Corrections of a document: what they find, what they change, and when they may not.

mod common;

use proptest::prelude::*;
use std::sync::LazyLock;
use tallyward_advisories::{Correction, Edit, Fate, Leaf, apply, read_csaf};
use tallyward_core::advisory::{Advisory, Product, ProductStatus, Remediation, Statement, Vulnerability};

fn leaf(id: &str, product: &str, version: &str) -> Product {
    Product {
        id: id.to_owned(),
        vendor: "Acme".to_owned(),
        product: product.to_owned(),
        version: version.to_owned(),
        ..Product::default()
    }
}

fn said(product: &str, status: ProductStatus) -> Statement {
    Statement { product: product.to_owned(), status }
}

fn remedy(text: &str, products: &[&str]) -> Remediation {
    Remediation {
        category: "vendor_fix".to_owned(),
        text: text.to_owned(),
        products: products.iter().map(|one| (*one).to_owned()).collect(),
        url: String::new(),
        date: String::new(),
    }
}

/// A pump whose remedy calls 2.0 fixed while the clause calls it affected, and a monitor.
fn document() -> Advisory {
    Advisory {
        id: "A-1".to_owned(),
        revision: "1".to_owned(),
        products: vec![leaf("P1", "Pump", "<= 2.0"), leaf("P2", "Monitor", "< 5.0")],
        vulnerabilities: vec![Vulnerability {
            id: "CVE-2026-1".to_owned(),
            statements: vec![
                said("P1", ProductStatus::KnownAffected),
                said("P2", ProductStatus::KnownAffected),
            ],
            remediations: vec![
                remedy("Version 2.0 fixes this vulnerability.", &["P1"]),
                remedy("Ask Acme.", &["P1", "P2"]),
            ],
            ..Vulnerability::default()
        }],
        ..Advisory::default()
    }
}

fn with(advisory: &Advisory, id: &str, edit: Edit) -> Correction {
    Correction::of(advisory, at(id), edit).expect("the passage is there")
}

fn at(id: &str) -> Leaf {
    Leaf { id: id.to_owned(), ..Leaf::default() }
}

fn stale(advisory: &Advisory, correction: &Correction) -> String {
    let (left, fates) = apply(advisory, std::slice::from_ref(correction));
    assert_eq!(&left, advisory, "what is not applied changes nothing");
    match &fates[0] {
        Fate::Stale(why) => why.clone(),
        Fate::Applied => panic!("applied to a passage it was not made for: {}", correction.sentence()),
    }
}

fn clause(text: &str) -> Edit {
    Edit::Version(text.to_owned())
}

#[test]
fn a_clause_corrected_is_no_contradiction_any_more() {
    let text = "The clause was off by one";
    let mut document = document();
    let (plain, _) = apply(&document, &[]);
    assert_eq!(plain, document);
    // As the reader finds it, with one thing wrong in the file itself.
    let correction = with(&document, "P1", clause("< 2.0"));
    let (corrected, _) = apply(&document, &[with(&document, "P2", clause("< 5.1"))]);
    document.contradictions = corrected.contradictions;
    assert!(document.contradictions.iter().any(|one| one.version == "2.0"), "{:?}", document.contradictions);
    let mut file = document.contradictions[0].clone();
    (file.product, file.version, file.text) = ("P9".to_owned(), String::new(), text.to_owned());
    document.contradictions.push(file);
    let (corrected, fates) = apply(&document, std::slice::from_ref(&correction));
    assert_eq!(fates, [Fate::Applied]);
    assert_eq!(corrected.products[0].version, "< 2.0");
    assert_eq!(corrected.contradictions.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), [text]);
    assert_eq!(correction.sentence(), r#"The clause of Acme Pump is read as "< 2.0", not as "<= 2.0"."#);
}

#[test]
fn a_revision_that_leaves_the_passage_leaves_the_correction() {
    let correction = with(&document(), "P1", clause("< 2.0"));
    let mut revision = document();
    revision.revision = "2".to_owned();
    revision.products[1].version = "< 6.0".to_owned();
    assert_eq!(apply(&revision, std::slice::from_ref(&correction)).1, [Fate::Applied]);
    // Ids numbered anew: found by its words.
    revision.products[0].id = "P7".to_owned();
    let (corrected, fates) = apply(&revision, std::slice::from_ref(&correction));
    assert_eq!((fates, corrected.products[0].version.as_str()), (vec![Fate::Applied], "< 2.0"));
    // Two that read alike: which is meant cannot be said.
    revision.products.push(leaf("P8", "Pump", "<= 2.0"));
    assert_eq!(stale(&revision, &correction), "Several leaves now read Acme Pump <= 2.0.");
}

#[test]
fn a_revision_that_touches_the_passage_stops_the_correction() {
    let correction = with(&document(), "P1", clause("< 2.0"));
    let mut revision = document();
    revision.products[0].version = "<= 2.5".to_owned();
    let why = r#"The document now says "Acme Pump <= 2.5" where it said "Acme Pump <= 2.0"."#;
    assert_eq!(stale(&revision, &correction), why);
    revision.products.remove(0);
    assert_eq!(stale(&revision, &correction), "The document no longer lists Acme Pump <= 2.0.");
}

#[test]
fn a_leaf_left_out_takes_what_is_said_of_it_along_and_no_more() {
    let correction = with(&document(), "P1", Edit::Drop);
    let (corrected, fates) = apply(&document(), std::slice::from_ref(&correction));
    assert_eq!(fates, [Fate::Applied]);
    assert_eq!(corrected.products, document().products[1..]);
    let flaw = &corrected.vulnerabilities[0];
    assert_eq!(flaw.statements, [said("P2", ProductStatus::KnownAffected)]);
    assert_eq!(flaw.remediations, [remedy("Ask Acme.", &["P2"])], "a remedy for it alone is not one for all");
    // A vulnerability that a revision adds was not judged when the leaf was left out.
    let mut revision = document();
    revision.vulnerabilities.push(Vulnerability {
        id: "CVE-2026-2".to_owned(),
        statements: vec![said("P1", ProductStatus::KnownAffected)],
        ..Vulnerability::default()
    });
    assert!(stale(&revision, &correction).contains("known affected for CVE-2026-2"));
    // What another product rests on stays.
    revision = document();
    let mut pair = leaf("P3", "Pump in rack", "");
    pair.relation = Some(("installed_on".to_owned(), "P1".to_owned(), "P2".to_owned()));
    revision.products.push(pair);
    assert!(stale(&revision, &correction).contains("\"P3\" rests on"));
}

#[test]
fn one_status_takes_the_place_of_all() {
    let mut document = document();
    document.vulnerabilities[0].statements.push(said("P1", ProductStatus::Fixed));
    let flaw = "CVE-2026-1".to_owned();
    let fixed = Edit::Status { vulnerability: flaw.clone(), status: Some(ProductStatus::Fixed) };
    let correction = with(&document, "P1", fixed.clone());
    let (corrected, fates) = apply(&document, std::slice::from_ref(&correction));
    assert_eq!(fates, [Fate::Applied]);
    let of = corrected.vulnerabilities[0].statements.iter().filter(|one| one.product == "P1");
    assert_eq!(of.collect::<Vec<_>>(), [&said("P1", ProductStatus::Fixed)]);
    assert!(Correction::of(&corrected, at("P1"), fixed).is_err(), "it says so already");
    document.vulnerabilities[0].statements.pop();
    assert!(stale(&document, &correction).contains("it said: known affected for CVE-2026-1, fixed for"));
    let unlisted = Edit::Status { vulnerability: "CVE-1".to_owned(), status: None };
    assert!(Correction::of(&document, at("P1"), unlisted).is_err());
}

#[test]
fn a_leaf_added_gives_way_to_the_documents_own() {
    let new = Leaf {
        id: "house-1".to_owned(),
        vendor: "Acme".to_owned(),
        product: "Pump XL".to_owned(),
        version: "< 3.0".to_owned(),
    };
    let edit = Edit::Add(vec![("CVE-2026-1".to_owned(), ProductStatus::KnownAffected)]);
    let correction = Correction::of(&document(), new, edit).unwrap();
    let (corrected, fates) = apply(&document(), std::slice::from_ref(&correction));
    assert_eq!(fates, [Fate::Applied]);
    assert_eq!(corrected.products[2].name, "Acme Pump XL < 3.0");
    assert!(corrected.vulnerabilities[0].statements.contains(&said("house-1", ProductStatus::KnownAffected)));
    let mut revision = document();
    revision.products.push(leaf("P3", "Pump XL", "< 3.0"));
    assert!(stale(&revision, &correction).contains("itself"));
}

#[test]
fn nothing_is_corrected_into_itself_and_no_missing_leaf() {
    for (id, edit) in [("P1", clause("<= 2.0")), ("P9", clause("< 1")), ("P9", Edit::Drop)] {
        assert!(Correction::of(&document(), at(id), edit).is_err());
    }
}

static REAL: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(common::real);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Corrections of a real document against a damaged one: applied only where their passage is what it was.
    #[test]
    fn a_damaged_revision_never_takes_a_correction_for_another_passage(
        which in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(),
        at_byte in any::<usize>(), bit in 0_u8..7, kind in 0_u8..4,
    ) {
        if REAL.is_empty() {
            return Ok(());
        }
        let (name, bytes) = which.get(&REAL);
        let old = read_csaf(bytes, name).unwrap();
        if old.products.is_empty() || old.vulnerabilities.is_empty() {
            return Ok(());
        }
        let product = place.get(&old.products);
        let edit = match kind {
            0 => clause("< 99.1"),
            1 => Edit::Name { vendor: "Acme".to_owned(), product: "Pump".to_owned() },
            2 => Edit::Status { vulnerability: old.vulnerabilities[0].id.clone(), status: None },
            _ => Edit::Drop,
        };
        let Ok(correction) = Correction::of(&old, at(&product.id), edit) else { return Ok(()) };
        prop_assert_eq!(apply(&old, std::slice::from_ref(&correction)).1, [Fate::Applied]);
        let mut damaged = bytes.clone();
        damaged[at_byte % bytes.len()] ^= 1 << bit;
        let Ok(new) = read_csaf(&damaged, name) else { return Ok(()) };
        let held = new.products.iter().any(|leaf| {
            (&leaf.vendor, &leaf.product, &leaf.version) == (&product.vendor, &product.product, &product.version)
        });
        let (corrected, fates) = apply(&new, std::slice::from_ref(&correction));
        match &fates[0] {
            Fate::Applied => prop_assert!(held && corrected != new),
            Fate::Stale(why) => prop_assert!(corrected == new && !why.is_empty()),
        }
    }
}

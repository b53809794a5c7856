//! The lab at scale reads as what it says it is.

use std::collections::BTreeSet;
use tallyward_core::Timestamp;
use tallyward_lab::scale::{ADVISORIES, Catalogue, Documents, PRODUCTS, ScaleFleet};

#[test]
fn the_documents_have_the_shape_of_the_real_ones() {
    let catalogue = Catalogue::new(7, PRODUCTS);
    let documents = Documents::new(&catalogue, "2026-11-01T00:00:00Z".parse::<Timestamp>().unwrap());
    let (mut leaves, mut all, mut contradicting, mut revised) = (0, 0, 0, 0);
    for number in 0..ADVISORIES {
        let advisory = tallyward_advisories::read_csaf(&documents.document(number), "lab").unwrap();
        leaves += advisory.products.len();
        all += advisory.products.iter().filter(|leaf| leaf.version == "vers:all/*").count();
        contradicting += usize::from(!advisory.contradictions.is_empty());
        revised += usize::from(documents.revisions(number) > 1);
    }
    println!("{leaves} clauses, {all} of them all versions, {contradicting} contradict themselves");
    assert!((15_000..17_000).contains(&leaves), "{leaves}");
    assert!((41..46).contains(&(all * 100 / leaves)), "{all} of {leaves}");
    assert!((30..100).contains(&contradicting), "{contradicting}");
    assert!((550..750).contains(&revised), "{revised}");
}

#[test]
fn an_earlier_revision_says_no_more_than_a_later_one() {
    let catalogue = Catalogue::new(7, 500);
    let documents = Documents::new(&catalogue, "2026-11-01T00:00:00Z".parse::<Timestamp>().unwrap());
    let number = (0..).find(|number| documents.revisions(*number) > 2).unwrap();
    let read = |revision| {
        tallyward_advisories::read_csaf(&documents.revision(number, revision), "lab").unwrap().products.len()
    };
    assert!(read(1) <= read(2) && read(2) <= read(3));
    assert_eq!(documents.document(number), documents.document(number), "the same seed gives the same bytes");
}

#[test]
fn distinct_configurations_grow_with_the_square_root() {
    let catalogue = Catalogue::new(7, PRODUCTS);
    let fleet = ScaleFleet::new(&catalogue, 10_000);
    let used: BTreeSet<usize> = (0..fleet.len()).map(|device| fleet.configuration_of(device)).collect();
    assert_eq!(used.len(), fleet.distinct());
    assert_eq!(fleet.distinct(), 1_000);
    assert_eq!(ScaleFleet::new(&catalogue, 10_000_000).distinct(), 31_622);
    assert!(fleet.configuration_of(9_999) < fleet.distinct());
}

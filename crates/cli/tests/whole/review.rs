//! The review list: what a person says of a possible match holds, and only that.

use crate::support::house::{House, hospital, lead, reader};
use tallyward_app::AppError;
use tallyward_app::query::FindingQuery;
use tallyward_core::{MissingFact, Verdict};

#[test]
fn a_possible_match_waits_for_a_person_and_is_settled_by_one() {
    let house = House::of(&hospital(7, 400));
    let lists = b"Asset Tag,Manufacturer,Model,Serial Number,Software Version\nTAG-9001,Norvik,Vista,SN900100,U61\nTAG-9002,Norvik,Vista,SN900101,U61\n";
    house.list("ward.csv", lists, |_| {});
    let list = house.app.review().unwrap();
    assert!(!list.rows.is_empty(), "a family name only may be an advisory's product");
    for row in &list.rows {
        assert!(!row.why.is_empty() && row.findings > 0 && row.devices > 0, "{row:?}");
    }
    let row = &list.rows[0];
    let waiting = |house: &House| {
        let query =
            FindingQuery { verdict: Some(Verdict::Unknown), limit: Some(1_000), ..FindingQuery::default() };
        let rows = house.app.findings(&query).unwrap().page.rows;
        let fact = MissingFact::SameProduct { product: row.product.clone() }.plain();
        rows.iter().filter(|one| one.missing.as_deref() == Some(&fact) && one.model == row.named).count()
            as u64
    };
    assert_eq!(waiting(&house), row.findings, "as many findings wait as the list says");

    let refused = house.app.decide_possible(&reader(), &row.advisory, &row.product, &row.named, true);
    assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");
    let unheard = house.app.decide_possible(&lead(), &row.advisory, "Acme Nothing", &row.named, true);
    assert!(matches!(unheard, Err(AppError::NotFound { .. })), "{unheard:?}");

    house.clock.pass(60);
    house.app.decide_possible(&lead(), &row.advisory, &row.product, &row.named, true).unwrap();
    assert_eq!(waiting(&house), 0, "the answer settles every finding that waited for it");
    let left = house.app.review().unwrap().rows;
    assert_eq!(left.len(), list.rows.len() - 1);
    let changes = house.app.verdict_changes(1).unwrap();
    assert!(changes.events[0].cause.contains("maro"), "{}", changes.events[0].cause);
    let csv = String::from_utf8(house.app.export_review().unwrap()).unwrap();
    assert_eq!(csv.lines().count(), left.len() + 1);
}

//! Serial numbers tell devices apart only where a clause asks for them, and then as if they always had.

use proptest::prelude::*;
use std::collections::BTreeMap;
use tallyward_core::advisory::{Advisory, Product, ProductStatus, Statement, Vulnerability};
use tallyward_core::verdict::Verdict;
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Configuration, Fleet, Matcher, Resolver, VersionState};
use tallyward_versions::{Clause, ClauseVerdict, Facts, Quality};

/// An advisory on one product with these clauses.
fn advisory(id: &str, product: &str, clauses: &[String]) -> Advisory {
    let leaf = |(at, clause): (usize, &String)| Product {
        id: format!("P{at}"),
        name: format!("{product} {clause}"),
        vendor: "Norvik".to_owned(),
        product: product.to_owned(),
        version: clause.clone(),
        category: "product_version_range".to_owned(),
        ..Product::default()
    };
    let statements = (0..clauses.len())
        .map(|at| Statement { product: format!("P{at}"), status: ProductStatus::KnownAffected })
        .collect();
    Advisory {
        id: id.to_owned(),
        products: clauses.iter().enumerate().map(leaf).collect(),
        vulnerabilities: vec![Vulnerability {
            id: "CVE-2026-1000".to_owned(),
            statements,
            ..Vulnerability::default()
        }],
        ..Advisory::default()
    }
}

fn vista(model: &str, serial: Option<&str>) -> Configuration {
    Configuration {
        maker: "Norvik".to_owned(),
        model: model.to_owned(),
        software_version: "4.0".to_owned(),
        version_state: VersionState::Fresh,
        serial: serial.map(str::to_owned),
        ..Configuration::default()
    }
}

fn resolver() -> Resolver {
    Resolver::new(Aliases::builtin(), &[])
}

#[test]
fn only_products_whose_clauses_ask_are_told_apart() {
    let mut fleet: Fleet<usize> = Fleet::new(Matcher::new(&[], resolver()));
    for at in 0..100 {
        fleet.set_device(at, vista("Vista 7", Some(&format!("1{at:03}"))));
        fleet.set_device(100 + at, vista("Vista 9", Some(&format!("1{at:03}"))));
    }
    assert_eq!(fleet.groups().count(), 2);
    fleet.add_advisory(advisory("A", "Vista 7", &["< 4.1".to_owned()]));
    assert_eq!(fleet.groups().count(), 2);
    fleet.add_advisory(advisory("B", "Vista 7", &["S/N 1050 and below".to_owned()]));
    assert_eq!(fleet.groups().count(), 101);
    let verdict = |fleet: &Fleet<usize>, device: usize| {
        let of = |judged: &&tallyward_matching::Judged| judged.advisory == "B";
        fleet.verdicts_of(&device).iter().find(of).map(|judged| judged.verdict)
    };
    assert_eq!(verdict(&fleet, 50), Some(Verdict::Affected));
    assert_eq!(verdict(&fleet, 51), Some(Verdict::NotAffected));
    assert_eq!(verdict(&fleet, 150), None);
    // A revision without serial numbers makes them alike again.
    fleet.add_advisory(advisory("B", "Vista 7", &["< 4.1".to_owned()]));
    assert_eq!(fleet.groups().count(), 2);
    assert_eq!(verdict(&fleet, 51), Some(Verdict::Affected));
}

fn serial() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        4 => "(AB)?1[0-9]{3}".prop_map(Some),
        1 => prop::sample::select(vec!["", "N/A", "SN: 1200", "AB-1200", "1200B", "01200", "see label"])
            .prop_map(|text| Some(text.to_owned())),
    ]
}

fn clause() -> impl Strategy<Value = String> {
    let span = ("(AB)?1[0-9]{3}", "(AB)?1[0-9]{3}", 0..8_u8).prop_map(|(from, to, kind)| match kind {
        0 => format!("serial numbers {from} to {to}"),
        1 => format!("S/N {from} and below"),
        2 => format!("serial no. >= {from}"),
        3 => format!("SN {from}, {to}"),
        4 => format!("<= 4.0 with serial numbers {from} through {to}"),
        5 => format!("serial numbers between {from} and {to}, made in spring"),
        6 => format!("serial numbers {from} to {to} except {from}"),
        _ => format!("serial {from}{to}"),
    });
    prop_oneof![6 => span, 1 => Just("< 4.1".to_owned()), 1 => Just("< 3.0".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_device_is_judged_by_its_own_serial_number_in_any_order(
        serials in prop::collection::vec(serial(), 1..8),
        clauses in prop::collection::vec(prop::collection::vec(clause(), 1..3), 1..4),
        turn in any::<bool>(),
    ) {
        let advisories: Vec<Advisory> =
            clauses.iter().enumerate().map(|(at, clauses)| advisory(&format!("A{at}"), "Vista 7", clauses)).collect();
        let matcher = Matcher::new(&advisories, resolver());
        let mut fleet: Fleet<usize> = Fleet::new(Matcher::new(&[], resolver()));
        let mut order: Vec<usize> = (0..serials.len()).collect();
        if turn {
            order.reverse();
        }
        let (early, late) = order.split_at(order.len() / 2);
        for at in early {
            fleet.set_device(*at, vista("Vista 7", serials[*at].as_deref()));
        }
        for advisory in &advisories {
            fleet.add_advisory(advisory.clone());
        }
        for at in late {
            fleet.set_device(*at, vista("Vista 7", serials[*at].as_deref()));
        }
        for (at, serial) in serials.iter().enumerate() {
            let whole = vista("Vista 7", serial.as_deref());
            let alone: BTreeMap<String, Verdict> =
                matcher.decide(&whole).into_iter().map(|one| (one.advisory, one.verdict)).collect();
            let held: BTreeMap<String, Verdict> =
                fleet.verdicts_of(&at).iter().map(|one| (one.advisory.clone(), one.verdict)).collect();
            prop_assert_eq!(&alone, &held);
            for (advisory, clauses) in clauses.iter().enumerate() {
                let facts = Facts { version: Some("4.0"), serial: serial.as_deref().filter(|text| !text.is_empty()), ..Facts::default() };
                let each: Vec<ClauseVerdict> = clauses.iter().map(|text| Clause::parse(text).decide(&facts).verdict).collect();
                let understood = clauses.iter().all(|text| Clause::parse(text).quality() != Quality::NeedsPerson);
                if held[&format!("A{advisory}")] == Verdict::NotAffected {
                    prop_assert!(understood && each.iter().all(|one| *one == ClauseVerdict::NotAffected));
                }
            }
        }
    }
}

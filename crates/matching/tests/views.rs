//! Decisions, status groups, the worklist and the products nobody here holds.

mod common;

use common::{REAL, device, resolver};
use std::collections::BTreeSet;
use tallyward_core::advisory::{Advisory, Contradiction, Product, ProductStatus, Statement, Vulnerability};
use tallyward_core::decision::{Decision, Judgement};
use tallyward_core::device::{Device, Held, Voice};
use tallyward_core::evidence::{Source, SourceKind};
use tallyward_core::field::Field;
use tallyward_core::time::Timestamp;
use tallyward_core::verdict::{MissingFact, Verdict};
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{
    Component, Configuration, Fleet, Matcher, Resolution, Resolver, VersionState, spoken_version, unmatched,
    worklist,
};

fn leaf(id: &str, product: &str, version: &str) -> Product {
    let category = "product_version_range".to_owned();
    let (vendor, product, version) = ("Acme".to_owned(), product.to_owned(), version.to_owned());
    Product { id: id.to_owned(), vendor, product, version, category, ..Product::default() }
}

fn advisory(products: Vec<Product>, statements: &[(&str, ProductStatus)]) -> Advisory {
    let statement = |(product, status): &(&str, ProductStatus)| Statement {
        product: (*product).to_owned(),
        status: *status,
    };
    let statements = statements.iter().map(statement).collect();
    let vulnerability = Vulnerability { id: "V-1".to_owned(), statements, ..Vulnerability::default() };
    Advisory { id: "A-1".to_owned(), products, vulnerabilities: vec![vulnerability], ..Advisory::default() }
}

fn verdict(advisory: &Advisory, version: &str) -> (Verdict, Option<MissingFact>) {
    let matcher = Matcher::new(std::slice::from_ref(advisory), resolver());
    let judged = matcher.decide(&device("Acme", "Pump 3", version));
    assert_eq!(judged.len(), 1, "{judged:?}");
    (judged[0].verdict, judged[0].missing.clone())
}

#[test]
fn status_groups() {
    use ProductStatus::{Fixed, KnownAffected, KnownNotAffected, UnderInvestigation};
    let both = vec![leaf("1", "Pump 3", "< 4"), leaf("2", "Pump 3", "4.2")];
    let fixed = advisory(both.clone(), &[("1", KnownAffected), ("2", Fixed)]);
    assert_eq!(verdict(&fixed, "3.9"), (Verdict::Affected, None));
    assert_eq!(verdict(&fixed, "4.2"), (Verdict::NotAffected, None));
    let at_odds = advisory(
        vec![leaf("1", "Pump 3", "<= 4.2"), leaf("2", "Pump 3", "4.2")],
        &[("1", KnownAffected), ("2", Fixed)],
    );
    assert_eq!(verdict(&at_odds, "4.2"), (Verdict::Unknown, Some(MissingFact::AskMaker)));
    assert_eq!(verdict(&at_odds, "4.1"), (Verdict::Affected, None));
    let never = advisory(both.clone(), &[("2", KnownNotAffected)]);
    assert_eq!(verdict(&never, "4.2"), (Verdict::NotAffected, None));
    // Nothing is said of 3.9: that is no "not affected".
    assert_eq!(verdict(&never, "3.9").0, Verdict::Unknown);
    let open = advisory(both, &[("1", UnderInvestigation)]);
    assert_eq!(verdict(&open, "3.9").0, Verdict::Unknown);
    let everything = advisory(vec![leaf("1", "Pump 3", "")], &[("1", KnownAffected)]);
    assert_eq!(verdict(&everything, "9.9"), (Verdict::Affected, None));
}

#[test]
fn a_fix_without_a_version_clears_nobody() {
    use ProductStatus::{FirstFixed, Fixed, KnownAffected, KnownNotAffected};
    for status in [Fixed, FirstFixed] {
        let fixed = advisory(vec![leaf("1", "Pump 3", " ")], &[("1", status)]);
        assert_eq!(verdict(&fixed, "3.9"), (Verdict::Unknown, Some(MissingFact::ReadClause)));
    }
    let both = vec![leaf("1", "Pump 3", "< 4"), leaf("2", "Pump 3", "")];
    let fixed = advisory(both, &[("1", KnownAffected), ("2", Fixed)]);
    assert_eq!(verdict(&fixed, "3.9"), (Verdict::Affected, None));
    assert_eq!(verdict(&fixed, "4.2"), (Verdict::NotAffected, None));
    let never = advisory(vec![leaf("1", "Pump 3", "")], &[("1", KnownNotAffected)]);
    assert_eq!(verdict(&never, "3.9"), (Verdict::NotAffected, None));
}

#[test]
fn of_two_parts_of_one_kind_the_worse_counts() {
    let advisory = advisory(vec![leaf("1", "Radio Kit", ">= 3.0")], &[("1", ProductStatus::KnownAffected)]);
    let part =
        |version: &str| Component { name: "Radio Kit".to_owned(), version: version.to_owned(), stale: false };
    let decide = |versions: &[&str]| {
        let components = versions.iter().map(|version| part(version)).collect();
        let pump = Configuration { components, ..device("Zenith", "Pump 3", "1.0") };
        Matcher::new(std::slice::from_ref(&advisory), resolver()).decide(&pump)[0].verdict
    };
    assert_eq!(decide(&["1.2"]), Verdict::NotAffected);
    assert_eq!(decide(&["1.2", "3.1"]), Verdict::Affected);
    assert_eq!(decide(&["", "1.2"]), Verdict::Unknown);
}

#[test]
fn a_contradicted_version_is_unknown_and_others_are_not() {
    let mut advisory = advisory(vec![leaf("1", "Pump 3", "<= 4.2")], &[("1", ProductStatus::KnownAffected)]);
    advisory.contradictions.push(Contradiction {
        vulnerability: "V-1".to_owned(),
        product: "1".to_owned(),
        version: "4.2".to_owned(),
        text: "listed as affected and as the fix".to_owned(),
    });
    assert_eq!(verdict(&advisory, "4.2"), (Verdict::Unknown, Some(MissingFact::AskMaker)));
    assert_eq!(verdict(&advisory, "4.1"), (Verdict::Affected, None));
    assert_eq!(verdict(&advisory, "4.3"), (Verdict::NotAffected, None));
}

#[test]
fn products_that_are_more_or_less_than_a_model() {
    let pump = device("Acme", "Pump 3", "1.0");
    let resolve = |product: &str| resolver().resolve(&pump, &Advisory::default(), &leaf("1", product, ""));
    let exact = |product| {
        assert!(matches!(resolve(product), Resolution::Exact { .. }), "{product}: {:?}", resolve(product))
    };
    let possible = |product| {
        assert!(matches!(resolve(product), Resolution::Possible { .. }), "{product}: {:?}", resolve(product))
    };
    exact("Pump 3");
    exact("ACME pump-3");
    exact("Acme Pump 3 (AP3)");
    exact("Pump 3 (including EC)");
    possible("Pump 3 (not including EC)");
    possible("Pump 3 (WLAN only)");
    possible("Pump 3 Plus");
    possible("Imaging and infusion products");
    assert_eq!(resolve("Ventilator 7"), Resolution::No);
    let numbered = Product { model_numbers: vec!["AP-300".to_owned()], ..leaf("1", "Pump", "") };
    let with_number = |number: &str| Configuration { model_number: number.to_owned(), ..pump.clone() };
    let by_number = |number: &str| resolver().resolve(&with_number(number), &Advisory::default(), &numbered);
    assert!(matches!(by_number("ap 300"), Resolution::Exact { .. }));
    assert!(!matches!(by_number("AP-400"), Resolution::Exact { .. }));
}

#[test]
fn a_person_settles_a_product_both_ways() {
    let Some(advisory) = REAL.iter().find(|advisory| advisory.id == "ICSMA-17-009-01A") else { return };
    let configuration = device("St. Jude Medical", "EX1150", "8.2.3");
    let decide = |same: bool| {
        let judgement = Judgement::Product {
            vendor: "St. Jude Medical".to_owned(),
            product: "RF models EX1150".to_owned(),
            maker: "St. Jude Medical".to_owned(),
            model: "EX1150".to_owned(),
            same,
        };
        let (at, id, by) = (Timestamp::default(), "d1".to_owned(), "M. Lopez".to_owned());
        let decision = Decision { at, id, by, reason: String::new(), judgement };
        let resolver = Resolver::new(Aliases::builtin(), &[&decision]);
        Matcher::new(std::slice::from_ref(advisory), resolver).decide(&configuration)
    };
    let settled = decide(true);
    assert_eq!(settled[0].verdict, Verdict::NotAffected);
    assert_eq!(settled[0].reasons[0].text, "M. Lopez decided that this is the same product.");
    assert_eq!(decide(false), []);
}

fn small_fleet() -> Fleet<&'static str> {
    let mut fleet = Fleet::new(Matcher::new(&REAL, resolver()));
    for id in ["p1", "p2", "p3"] {
        fleet.set_device(id, device("Hillrom", "Connex Spot Monitor", ""));
    }
    fleet.set_device("p4", device("Hillrom", "Connex Spot Monitor", "1.51"));
    fleet.set_device("x1", device("BD", "Infusion pump", "1.0"));
    fleet
}

#[test]
fn the_worklist_asks_first_what_settles_most() {
    if REAL.is_empty() {
        return;
    }
    let fleet = small_fleet();
    let list = worklist(fleet.groups(), fleet.matcher());
    let first = &list[0];
    assert_eq!(
        (first.model.as_str(), &first.missing),
        ("Connex Spot Monitor", &MissingFact::SoftwareVersion)
    );
    assert_eq!(first.devices, BTreeSet::from(["p1", "p2", "p3"]));
    let open = fleet.findings().filter(|(_, judged)| judged.verdict == Verdict::Unknown).count();
    let settled: usize =
        list.iter().filter(|item| item.missing != MissingFact::Identity).map(|item| item.settles).sum();
    assert_eq!(settled, open);
    assert!(list.windows(2).all(|pair| pair[0].settles >= pair[1].settles));
    let nobody: Vec<_> = list.iter().filter(|item| item.missing == MissingFact::Identity).collect();
    assert_eq!(nobody[0].devices, BTreeSet::from(["x1"]));
    // One missing fact on the device, not one for every product of its maker.
    assert!(fleet.verdicts_of(&"x1").is_empty());
}

#[test]
fn what_nobody_here_holds_is_listed_with_its_neighbours() {
    if REAL.is_empty() {
        return;
    }
    let advisories: Vec<&Advisory> = REAL.iter().collect();
    let here =
        [device("Hillrom", "Connex Spot Monitor", "1.51"), device("Philips", "IntelliVue MX750", "N.1")];
    let missing = unmatched(&advisories, &here, &resolver());
    let find = |product: &str| missing.iter().find(|entry| entry.product == product);
    assert!(find("Welch Allyn Connex Spot Monitor (CSM)").is_none());
    assert!(find("IntelliVue patient monitor MX400-MX850").is_none());
    let vitals = find("Welch Allyn Connex Vital Signs Monitor (CVSM)").unwrap();
    assert_eq!(vitals.nearest[0].model, "Connex Spot Monitor");
    // Every product of every advisory is matched or listed.
    for advisory in &advisories {
        for leaf in &advisory.products {
            let held = here.iter().any(|device| resolver().resolve(device, advisory, leaf) != Resolution::No);
            let listed = missing.iter().any(|entry| {
                entry.advisory == advisory.id && (entry.product == leaf.product || leaf.product == "Version")
            });
            assert!(held || listed, "{} {}", advisory.id, leaf.product);
        }
    }
}

fn told(value: &str, day: &str) -> Held {
    let at: Timestamp = day.parse().expect("a date");
    let source = Source { kind: SourceKind::WireDevice, name: "sensor".to_owned() };
    let voice = Voice {
        value: value.to_owned(),
        source,
        basis: "DICOM C-STORE".to_owned(),
        place: String::new(),
        first: at,
        last: at,
        recorded_at: at,
        count: 1,
        stale: false,
    };
    Held { value: value.to_owned(), support: vec![voice], dissent: Vec::new(), also: Vec::new() }
}

#[test]
fn a_device_becomes_a_configuration_and_its_version_ages() {
    let mut device = Device::default();
    device.fields.insert(Field::Manufacturer, told("Hill-Rom", "2026-01-01"));
    device.fields.insert(Field::Model, told("CSM", "2026-01-01"));
    device.fields.insert(Field::SoftwareVersion, told("8.2.1", "2026-01-01"));
    let at = |day: &str| Configuration::of(&device, &Aliases::builtin(), 90, day.parse().unwrap());
    let young = at("2026-01-04");
    assert_eq!((young.maker.as_str(), young.model.as_str()), ("Hillrom", "Connex Spot Monitor"));
    assert_eq!(young.version_state, VersionState::Fresh);
    assert_eq!(at("2026-06-01").version_state, VersionState::Stale);
    let said = spoken_version(&device, "2026-01-04".parse().unwrap());
    assert_eq!(said, "This device has 8.2.1 (DICOM C-STORE, 3 days ago).");
}

#[test]
fn a_revision_takes_the_place_of_the_one_before() {
    let Some(advisory) = REAL.iter().find(|advisory| advisory.id == "ICSMA-21-152-01") else { return };
    let mut fleet = small_fleet();
    assert_eq!(fleet.add_advisory(advisory.clone()), Vec::<usize>::new());
    let before = fleet.verdicts_of(&"p4").len();
    let mut revised = advisory.clone();
    for leaf in revised.products.iter_mut().filter(|leaf| leaf.product.contains("Spot Monitor")) {
        leaf.version = "< 1.50".to_owned();
    }
    let touched = fleet.add_advisory(revised);
    let holders: BTreeSet<_> =
        touched.iter().flat_map(|group| &fleet.group(*group).unwrap().devices).copied().collect();
    // The clause quoted changed for all of that model, the verdict for the one with a version.
    assert_eq!(holders, BTreeSet::from(["p1", "p2", "p3", "p4"]));
    assert_eq!(fleet.verdicts_of(&"p4").len(), before);
    let of_it = |judged: &&tallyward_matching::Judged| judged.advisory == advisory.id;
    assert!(
        fleet.verdicts_of(&"p4").iter().filter(of_it).all(|judged| judged.verdict == Verdict::NotAffected)
    );
    assert_eq!(fleet.matcher().advisories().count(), REAL.len());
}

#[test]
fn the_real_advisories_yield_all_three_answers() {
    if REAL.is_empty() {
        return;
    }
    let mut counts = [0_usize; 3];
    let matcher = Matcher::new(&REAL, resolver());
    for advisory in REAL.iter() {
        for leaf in &advisory.products {
            for version in ["", "0.0.1", "99.0"] {
                for judged in matcher.decide(&device(&leaf.vendor, &leaf.product, version)) {
                    counts[Verdict::ALL.iter().position(|verdict| *verdict == judged.verdict).unwrap()] += 1;
                }
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

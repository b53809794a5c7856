//! What holds for every configuration and every set of advisories.

#[path = "common/any.rs"]
mod any;
mod common;

use any::configuration;
use common::{REAL, resolver};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tallyward_core::advisory::{Advisory, ProductStatus};
use tallyward_core::verdict::Verdict;
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Configuration, Fleet, Judged, Matcher, Resolution, VersionState};
use tallyward_versions::{Clause, ClauseVerdict, DateKind, Facts};

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| Matcher::new(&REAL, resolver()));

type Key = (String, String);

fn by_key(judged: Vec<Judged>) -> BTreeMap<Key, Judged> {
    judged
        .into_iter()
        .map(|judged| ((judged.advisory.clone(), judged.vulnerability.clone()), judged))
        .collect()
}

/// The advisory with its leaves, statements and vulnerabilities turned about.
fn turned(advisory: &Advisory, by: usize) -> Advisory {
    let mut turned = advisory.clone();
    turned.products.reverse();
    let middle = by % turned.products.len().max(1);
    turned.products.rotate_left(middle);
    turned.vulnerabilities.reverse();
    for vulnerability in &mut turned.vulnerabilities {
        vulnerability.statements.reverse();
    }
    turned
}

/// Works a "not affected" out again, by the resolver and the clauses alone.
fn check_not_affected(configuration: &Configuration, advisory: &Advisory, judged: &Judged) {
    let vulnerability = advisory
        .vulnerabilities
        .iter()
        .find(|entry| entry.id == judged.vulnerability)
        .expect("a verdict names what the document holds");
    let mut exact = 0;
    for statement in &vulnerability.statements {
        assert_eq!(statement.status, ProductStatus::KnownAffected, "the only status of these documents");
        let leaf = advisory.product(&statement.product).expect("a verdict names what the document holds");
        let clause = Clause::parse(&leaf.version);
        match MATCHER.resolver().resolve(configuration, advisory, leaf) {
            Resolution::No => {}
            Resolution::Possible { why, .. } => panic!("not affected on a guess: {why} {judged:?}"),
            Resolution::Exact { component, .. } => {
                exact += 1;
                if component.is_some() {
                    continue;
                }
                let fresh = configuration.version_state == VersionState::Fresh;
                let facts = Facts {
                    product: Some(&leaf.product),
                    version: Some(configuration.software_version.as_str()).filter(|_| fresh),
                    model: Some(configuration.model_number.as_str()).filter(|number| !number.is_empty()),
                    os: Some(configuration.operating_system.as_str()).filter(|system| !system.is_empty()),
                    date: Some(configuration.manufacture_date.as_str()).filter(|date| !date.is_empty()),
                    date_kind: Some(DateKind::Manufactured),
                    component: configuration.components.first().map(|_| "Wireless Battery Modules"),
                    component_version: configuration.components.first().map(|part| part.version.as_str()),
                    ..Facts::default()
                };
                assert_eq!(
                    clause.decide(&facts).verdict,
                    ClauseVerdict::NotAffected,
                    "{} {judged:?}",
                    leaf.version
                );
            }
        }
    }
    assert!(exact > 0, "not affected without an exact product: {judged:?}");
}

/// The configuration without one of its facts.
fn without(configuration: &Configuration, fact: u8) -> Configuration {
    let mut less = configuration.clone();
    match fact {
        0 => {
            less.software_version.clear();
            less.version_state = VersionState::Missing;
        }
        1 => less.model_number.clear(),
        2 => less.components.clear(),
        3 => less.operating_system.clear(),
        4 => less.manufacture_date.clear(),
        5 => less.model.clear(),
        6 => less.maker.clear(),
        _ if less.version_state == VersionState::Fresh => less.version_state = VersionState::Stale,
        _ => {}
    }
    less
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn every_verdict_has_reasons_and_unknown_names_the_missing_fact(configuration in configuration()) {
        for judged in MATCHER.decide(&configuration) {
            prop_assert!(!judged.reasons.is_empty() && !judged.products.is_empty(), "{judged:?}");
            prop_assert_eq!(judged.verdict == Verdict::Unknown, judged.missing.is_some(), "{:?}", judged);
        }
    }

    #[test]
    fn not_affected_is_never_a_guess(configuration in configuration()) {
        for judged in MATCHER.decide(&configuration) {
            if judged.verdict == Verdict::NotAffected {
                let advisory = REAL.iter().find(|advisory| advisory.id == judged.advisory).unwrap();
                check_not_affected(&configuration, advisory, &judged);
            }
        }
    }

    #[test]
    fn knowing_less_never_clears(configuration in configuration(), fact in 0_u8..8) {
        let more = by_key(MATCHER.decide(&configuration));
        for (key, less) in by_key(MATCHER.decide(&without(&configuration, fact))) {
            if less.verdict == Verdict::NotAffected {
                let before = more.get(&key).map(|judged| judged.verdict);
                prop_assert_eq!(before, Some(Verdict::NotAffected), "{:?}", less);
            }
        }
    }

    #[test]
    fn the_order_of_advisories_and_leaves_does_not_matter(configuration in configuration(), by in 0_usize..60) {
        prop_assume!(!REAL.is_empty());
        let own = MATCHER.decide(&configuration);
        // Only documents that concern the configuration, so that a case stays quick, and one that need not.
        let concerned = |advisory: &&Advisory| own.iter().any(|judged| judged.advisory == advisory.id);
        let mut some: Vec<Advisory> = REAL.iter().filter(concerned).map(|advisory| turned(advisory, by)).collect();
        some.push(turned(&REAL[by % REAL.len()], by));
        some.dedup_by(|a, b| a.id == b.id);
        let middle = by % some.len();
        some.rotate_left(middle);
        let other = Matcher::new(&some, resolver());
        prop_assert_eq!(by_key(other.decide(&configuration)), by_key(own));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_fleet_built_bit_by_bit_says_what_each_device_would_alone(
        configurations in prop::collection::vec(configuration(), 1..12), cut in 0_usize..60,
    ) {
        prop_assume!(!REAL.is_empty());
        let cut = cut % REAL.len();
        let mut fleet = Fleet::new(Matcher::new(&REAL[..cut], resolver()));
        let half = configurations.len() / 2;
        for (id, configuration) in configurations[..half].iter().enumerate() {
            // Somebody else's facts first: setting a device again must leave no trace.
            fleet.set_device(id, configurations[half].clone());
            fleet.set_device(id, configuration.clone());
        }
        for advisory in &REAL[cut..] {
            let before: Vec<Vec<Judged>> = (0..half).map(|id| fleet.verdicts_of(&id).to_vec()).collect();
            fleet.add_advisory(advisory.clone());
            for (id, before) in before.iter().enumerate() {
                let others: Vec<_> = fleet.verdicts_of(&id).iter().filter(|judged| judged.advisory != advisory.id).collect();
                prop_assert_eq!(before.iter().collect::<Vec<_>>(), others);
            }
        }
        for (id, configuration) in configurations.iter().enumerate().skip(half) {
            fleet.set_device(id, configuration.clone());
        }
        for (id, configuration) in configurations.iter().enumerate() {
            prop_assert_eq!(by_key(fleet.verdicts_of(&id).to_vec()), by_key(MATCHER.decide(configuration)));
        }
        let each: usize = configurations.iter().map(|configuration| MATCHER.decide(configuration).len()).sum();
        prop_assert_eq!(fleet.findings().count(), each);
    }

    #[test]
    fn aliases_and_configurations_are_a_fixed_point(configuration in configuration()) {
        let aliases = Aliases::builtin();
        prop_assert_eq!(&aliases.canonical_maker(&configuration.maker).name, &configuration.maker);
        let text = serde_json::to_string(&configuration).unwrap();
        prop_assert_eq!(serde_json::from_str::<Configuration>(&text).unwrap(), configuration);
    }
}

#[test]
fn the_fold_is_commutative_associative_and_idempotent() {
    for a in Verdict::ALL {
        assert_eq!(a.fold(a), a);
        for b in Verdict::ALL {
            assert_eq!(a.fold(b), b.fold(a));
            for c in Verdict::ALL {
                assert_eq!(a.fold(b).fold(c), a.fold(b.fold(c)));
            }
        }
    }
}

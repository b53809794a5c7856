//! Ranges that name the order of their versions (`vers`), decided by it, and the laws of every such order.

mod common;

use common::version;
use proptest::prelude::*;
use std::cmp::Ordering;
use tallyward_versions::{Clause, ClauseVerdict, Facts, Missing, Quality, Scheme};

/// Each row ascends; versions joined by `=` mean the same. The orders of packages have theirs in `schemes.rs`.
const ASCENDING: &[(Scheme, &str)] = &[
    (Scheme::Intdot, "0.9 1=1.0=01.0=1.0beta 1.0002=1.2 1.10 1.10.1 2"),
    (Scheme::Lexicographic, "1.10 1.9 A a b"),
    (
        Scheme::Datetime,
        "2024-02-29T01:00:00+02:00 2024-02-28T23:59:59Z 2024-02-29T00:00:00Z=2024-02-29T02:00:00.0+02:00 2024-03-01T00:00:00.25Z",
    ),
];

#[test]
fn plain_types_stand_as_the_specification_says() {
    for (scheme, row) in ASCENDING {
        let ranked: Vec<(usize, &str)> = row
            .split(' ')
            .enumerate()
            .flat_map(|(rank, same)| same.split('=').map(move |one| (rank, one)))
            .collect();
        for (a, left) in &ranked {
            for (b, right) in &ranked {
                assert_eq!(scheme.compare(left, right), Some(a.cmp(b)), "{scheme}: {left} {right}");
            }
        }
    }
    for (scheme, texts) in [
        (Scheme::Intdot, &["", "a", ".1", "1..2", "v1"][..]),
        (Scheme::Lexicographic, &["", "a b", "é"]),
        (
            Scheme::Datetime,
            &["2024-02-30T00:00:00Z", "2024-02-03", "2024-02-03T00:00Z", "2024-02-03T24:00:00Z"],
        ),
    ] {
        for text in texts {
            assert!(!scheme.reads(text), "{scheme} reads {text:?}");
        }
        assert!(!scheme.reads(&"1.".repeat(400)), "{scheme}");
    }
}

fn ask(clause: &str, device: &str) -> (ClauseVerdict, String, Option<Missing>) {
    let decision = Clause::parse(clause).decide(&Facts { version: Some(device), ..Facts::default() });
    (decision.verdict, decision.reason, decision.missing)
}

#[test]
fn ranges_are_decided_by_the_order_they_name() {
    use ClauseVerdict::{Affected, NotAffected, Unknown};
    for (clause, device, expected) in [
        ("vers:deb/>=1.2|<2", "1.10-3", Affected),
        ("vers:deb/>=1.2|<2", "2~rc1", Affected),
        ("vers:deb/>=1.2|<2", "1.1.9-1", NotAffected),
        ("vers:deb/<1:2.0-1", "1:2.0-0.1", Affected),
        // The list may have dropped the epoch, or the release.
        ("vers:deb/<1:2.0-1", "3.0-1", Unknown),
        ("vers:deb/<1:2.0-1", "1.0-1", Affected),
        ("vers:deb/>=1:2.0-1", "1.0-1", NotAffected),
        ("vers:apk/<2.0-r3", "2.0-r2", Affected),
        ("vers:apk/<2.0-r3", "2.0", Unknown),
        ("vers:deb/<2.0-3", "2.0", Unknown),
        ("vers:deb/<=2.0", "2.0-3", Unknown),
        ("vers:rpm/<2.0-3.el9", "2.0-2.el9", Affected),
        ("vers:rpm/<2.0-3.el9", "2.1", NotAffected),
        ("vers:semver/>=1.0.0|<2.0.0", "v1.9.0", Affected),
        ("vers:semver/>=1.0.0|<2.0.0", "2.0.0-rc.1", Affected),
        ("vers:semver/<2.1.3", "2.1", Affected),
        ("vers:semver/>=2.1.3", "2.1", Unknown),
        ("vers:semver/>=2.1.3", "2.0", NotAffected),
        ("vers:semver/2.1.3", "2.1", Unknown),
        ("vers:semver/<2.1.3", "Rev B", Unknown),
        ("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.3", Affected),
        ("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.4", NotAffected),
        ("vers:pypi/>=1.0|!=1.3|<2.0", "1.3.0", NotAffected),
        ("vers:pypi/>=1.0|!=1.3|<2.0", "1.4rc1", Affected),
        ("vers:maven/<=1.0", "1.0-rc1", Affected),
        ("vers:maven/<=1.0", "1.0-sp1", NotAffected),
        ("vers:golang/<v1.2.0", "v1.1.9", Affected),
        ("vers:golang/<v1.2.0", "1.2.0", NotAffected),
        ("vers:intdot/<4.10", "4.9", Affected),
        ("vers:intdot/<4.10", "SW 4.12", NotAffected),
        ("vers:intdot/<4.10", "4.12 and 4.1", Unknown),
        ("vers:intdot/<4.10", "4.12-4.1", Unknown),
        ("vers:lexicographic/<b", "c", NotAffected),
        ("vers:lexicographic/<b", "C", Unknown),
        ("vers:lexicographic/<V3", "Version V4", Unknown),
        ("vers:datetime/<2024-03-01T00:00:00Z", "2024-03-01T01:00:00+02:00", Affected),
        ("vers:datetime/<2024-03-01T00:00:00Z", "2024-03-01", Unknown),
        ("vers:none/*", "1", NotAffected),
        ("vers:deb/*", "anything", Affected),
        ("VERS:Deb/<2", "1", Affected),
        ("vers:deb/1%2B1", "1+1", Affected),
    ] {
        let (verdict, reason, missing) = ask(clause, device);
        assert_eq!(verdict, expected, "{clause} {device}: {reason}");
        assert_eq!(missing.is_some(), verdict == Unknown, "{clause} {device}");
    }
}

#[test]
fn an_unknown_type_and_a_broken_rule_say_what_they_are() {
    for (clause, says) in [
        ("vers:frobnicate/<2", "\"frobnicate\""),
        ("vers:conan/<2.0", "\"conan\""),
        ("vers:invalid/<2", "\"invalid\""),
        ("vers:deb/<2|>=1", "does not stand before"),
        ("vers:deb/>=1|>=2", "do not take turns"),
        ("vers:deb/1|<2", "do not take turns"),
        ("vers:deb/>1|2|<3", "do not take turns"),
        ("vers:deb/1|1", "does not stand before"),
        ("vers:pypi/1.0|1.0.0", "does not stand before"),
        ("vers:semver/<2", "\"2\" is no version of the type semver"),
        ("vers:deb/!=2", "left out"),
        ("vers:deb/", "no version"),
        ("vers:deb/1||2", "no version"),
        ("vers:deb", "without constraints"),
    ] {
        let parsed = Clause::parse(clause);
        assert_eq!(parsed.quality(), Quality::NeedsPerson, "{clause}");
        let (verdict, reason, missing) = ask(clause, "1.5");
        assert_eq!((verdict, missing), (ClauseVerdict::Unknown, Some(Missing::Person)), "{clause}");
        assert!(reason.contains(says), "{clause}: {reason}");
    }
    assert!(ask("vers:deb/<2", "1").1.contains("order of deb"));
}

fn pair(scheme: Scheme) -> impl Strategy<Value = (Scheme, [String; 3])> {
    [version(scheme), version(scheme), version(scheme)].prop_map(move |versions| (scheme, versions))
}

fn any_pair() -> impl Strategy<Value = (Scheme, [String; 3])> {
    prop::sample::select(Scheme::all().collect::<Vec<_>>()).prop_flat_map(pair)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn every_order_is_total((scheme, [a, b, c]) in any_pair()) {
        let order = |a: &str, b: &str| scheme.compare(a, b).expect("a version of the kind");
        prop_assert_eq!(order(&a, &a), Ordering::Equal);
        prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
        let (ab, bc, ac) = (order(&a, &b), order(&b, &c), order(&a, &c));
        if ab == bc || bc == Ordering::Equal {
            prop_assert_eq!(ac, ab, "{}: {} {} {}", scheme, a, b, c);
        } else if ab == Ordering::Equal {
            prop_assert_eq!(ac, bc, "{}: {} {} {}", scheme, a, b, c);
        }
    }

    #[test]
    fn a_range_holds_what_its_bounds_say((scheme, [low, device, high]) in any_pair()) {
        let clause = format!("vers:{scheme}/>={}|<{}", encoded(&low), encoded(&high));
        let sorted = scheme.compare(&low, &high) == Some(Ordering::Less);
        let parsed = Clause::parse(&clause);
        prop_assert_eq!(parsed.quality() == Quality::Exact, sorted, "{}", clause);
        let again = Clause::parse(&parsed.to_string());
        prop_assert_eq!(again.tree(), parsed.tree());
        prop_assert!(!sorted || parsed.to_string() == clause, "{} printed as {}", clause, parsed);
        let inside = scheme.compare(&low, &device) != Some(Ordering::Greater) && scheme.compare(&device, &high) == Some(Ordering::Less);
        match parsed.decide(&Facts { version: Some(&device), ..Facts::default() }).verdict {
            ClauseVerdict::Affected => prop_assert!(sorted && inside, "{} affected {}", clause, device),
            ClauseVerdict::NotAffected => prop_assert!(sorted && !inside, "{} cleared {}", clause, device),
            ClauseVerdict::Unknown => {}
        }
    }

    #[test]
    fn no_order_is_guessed_for_any_text(a in "\\PC{0,12}", b in "\\PC{0,12}") {
        for scheme in Scheme::all() {
            let (there, back) = (scheme.compare(&a, &b), scheme.compare(&b, &a));
            prop_assert_eq!(there, back.map(Ordering::reverse));
            prop_assert_eq!(there.is_some(), scheme.reads(&a) && scheme.reads(&b));
        }
    }
}

fn encoded(version: &str) -> String {
    version
        .chars()
        .map(|c| if "<>=!*|%".contains(c) { format!("%{:02X}", u32::from(c)) } else { c.to_string() })
        .collect()
}

//! What holds for every clause and every device.

use proptest::prelude::*;
use std::cmp::Ordering;
use tallyward_core::testkit::shared;
use tallyward_versions::{Clause, ClauseVerdict, DateKind, Facts, Node, Quality, Question, compare};

/// Clauses as people write them, for runs without the shared data and as seeds for mutation beside it.
const SEEDS: &[&str] = &[
    "<= 4.1",
    ">= 4.01 | <= 4.34",
    "<= U61 |<= L81",
    "Rev B-M",
    "2.3.6 and below",
    "14.x",
    "<= 12.2.x.x",
    "4.20 | 4.20 SR1 | 4.30",
    "< 1.8.4 Service Pack 01",
    "distributed  < april 1, 2018",
    "MMT-523(K) / MMT-723(K) Paradigm",
    "v8.x model 35700BAX2",
    "v9.x (with Wireless Battery Module >= v22D19 | <= v22D28)",
    "Version A, Firmware A.03.09",
    "<= 3.1 | <= 4.2",
    "4.1 | 4.2 (with wireless option)",
    "Windows 10 Professional Operating System, U.S. release",
    "vers:generic/<1.0|>=2.0|!=2.3|<=2.5",
    "vers:deb/>=1:1.2~rc1|<2.0-3",
    "vers:semver/1.0.0|>=2.0.0|!=2.3.0|<3.0.0",
    "vers:rpm/<=4.1-2.el9",
    "vers:intdot/<4.10",
    "vers:maven/>1.0-rc1|<=4.1",
    "vers:oddity/<4",
    "serial numbers 1000 to 2000",
    "S/N AB1234 and below",
    "<= 4.1 with serial numbers 1000, 1005 and 1100 to 1200",
    "Software version 4.1, serial numbers AB1000 - AB2000",
    "* (end-of-life 2011)",
    "any{version{<= 1};condition{a\\;b}}",
];

fn expressions() -> Vec<String> {
    let mut all: Vec<String> = SEEDS.iter().map(|&seed| seed.to_owned()).collect();
    if let Some(path) = shared("icsma_leaf_expressions.jsonl") {
        let text = std::fs::read_to_string(path).expect("shared data is readable");
        all.extend(
            text.lines().map(|line| serde_json::from_str::<Question>(line).expect("a leaf").expression),
        );
    }
    all.sort();
    all.dedup();
    all
}

/// Cuts, doubles, swaps and splices characters and pieces of real expressions.
fn mutated() -> impl Strategy<Value = String> {
    let pick = prop::sample::select(expressions());
    let extra = prop::sample::select(vec![
        " and ",
        " or ",
        "|",
        ",",
        "(",
        ")",
        " prior to ",
        "<=",
        ">",
        "x",
        " with ",
        "{",
        "}",
        ";",
        "\\",
        "-",
        " to ",
        "4.1",
        " Build 1",
        "é",
        "Rev ",
        " model ",
        "/",
        "*",
        "vers:all/",
        "vers:deb/",
        "vers:pypi/>=",
        "%2B",
        "!=",
        " serial numbers ",
        " S/N AB1234 ",
        "1000 to 2000",
        "remark{",
        "+",
    ]);
    (pick.clone(), pick, extra, any::<[prop::sample::Index; 3]>(), 0..6_u8).prop_map(
        |(a, b, extra, at, how)| {
            let mut chars: Vec<char> = a.chars().collect();
            let place = at[0].index(chars.len());
            match how {
                0 => chars.truncate(place),
                1 => drop(chars.remove(place)),
                2 => drop(chars.splice(place..place, extra.chars())),
                3 => drop(chars.splice(place.., b.chars().skip(at[1].index(b.chars().count())))),
                4 => chars.extend(extra.chars().chain(b.chars())),
                _ => chars.swap(place, at[1].index(a.chars().count())),
            }
            chars.into_iter().collect()
        },
    )
}

fn clause_text() -> impl Strategy<Value = String> {
    prop_oneof![5 => mutated(), 2 => prop::sample::select(expressions()), 1 => ".{0,60}", 1 => "[ -~]{0,40}"]
}

fn version() -> impl Strategy<Value = String> {
    let part =
        prop_oneof![(0_u32..30).prop_map(|n| n.to_string()), (0_u32..30).prop_map(|n| format!("{n:02}"))];
    let head = prop::sample::select(vec!["", "", "", "v", "R", "U", "BT", "B.", "C.", "012U"]);
    let tail = prop::sample::select(vec![
        "",
        "",
        "",
        "",
        "A",
        "b",
        " SR1",
        " Build 10",
        " beta",
        ".x",
        " Build 9",
        "L1",
    ]);
    (head, prop::collection::vec(part, 1..4), tail)
        .prop_map(|(head, parts, tail)| format!("{head}{}{tail}", parts.join(".")))
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![6 => version(), 1 => ".{0,20}", 1 => prop::sample::select(vec!["N/A", "SW 4.1", "4,1", "Rev. J", "see label", "A.03.09"]).prop_map(str::to_owned)]
}

#[derive(Debug, Clone)]
struct Known {
    fields: [Option<String>; 8],
    kind: Option<DateKind>,
}

impl Known {
    fn facts(&self) -> Facts<'_> {
        let [version, model, hardware_version, component, component_version, os, date, serial] =
            self.fields.each_ref().map(Option::as_deref);
        Facts {
            product: None,
            version,
            model,
            hardware_version,
            component,
            component_version,
            os,
            date,
            date_kind: self.kind,
            settled: &[],
            serial,
        }
    }
}

fn known() -> impl Strategy<Value = Known> {
    let some = |words: &'static [&'static str]| {
        prop::option::of(prop::sample::select(words).prop_map(str::to_owned))
    };
    let fields = (
        prop::option::of(cell()),
        some(&["MMT-523", "35700BAX3", "882300", "MX100", "A51200", "Spectrum"]),
        some(&["A", "B", "2"]),
        some(&["Wireless Battery Module", "GE MobileLink", "Dock"]),
        prop::option::of(cell()),
        some(&["Windows 7", "Windows 10 Professional", "Linux"]),
        some(&["2017-06-30", "2018-04", "2020", "2018-04-01", "soon"]),
        some(&["1500", "0999", "15000", "AB1234", "SN: AB1300", "1500A", "N/A", "CD-77"]),
    );
    let kind = prop::option::of(prop::sample::select(vec![DateKind::Manufactured, DateKind::Distributed]));
    (fields, kind)
        .prop_map(|((a, b, c, d, e, f, g, h), kind)| Known { fields: [a, b, c, d, e, f, g, h], kind })
}

fn without_person(node: &Node) -> bool {
    !matches!(node, Node::Person(_)) && node.children().iter().all(without_person)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn reading_is_total_and_keeps_the_text(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let clause = Clause::parse(&text);
        prop_assert_eq!(clause.text(), text.as_ref());
        let _ = clause.decide(&Facts { version: Some(&text), ..Facts::default() });
    }

    #[test]
    fn printing_then_parsing_gives_the_same_tree(text in clause_text()) {
        let clause = Clause::parse(&text);
        let printed = clause.to_string();
        let again = Clause::parse(&printed);
        prop_assert_eq!(again.tree(), clause.tree(), "printed as {}", printed);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn a_clause_for_a_person_never_excludes(text in clause_text(), known in known()) {
        let clause = Clause::parse(&text);
        let verdict = clause.decide(&known.facts()).verdict;
        prop_assert_eq!(clause.quality() == Quality::NeedsPerson, matches!(clause.tree(), Node::Person(_)));
        if clause.quality() == Quality::NeedsPerson {
            prop_assert_ne!(verdict, ClauseVerdict::NotAffected);
        } else {
            prop_assert!(without_person(clause.tree()));
        }
    }

    #[test]
    fn one_more_fact_settles_but_never_turns_round(text in clause_text(), known in known(), hide in 0..8_usize) {
        let clause = Clause::parse(&text);
        let more = clause.decide(&known.facts()).verdict;
        let mut less = known.clone();
        less.fields[hide] = None;
        let less = clause.decide(&less.facts()).verdict;
        prop_assert!(less == more || less == ClauseVerdict::Unknown || more == ClauseVerdict::Unknown, "{less} became {more}");
        let unkinded = Known { kind: None, ..known };
        let vouched = clause.decide(&unkinded.facts()).verdict;
        prop_assert!(vouched == more || vouched == ClauseVerdict::Unknown || more == ClauseVerdict::Unknown);
    }

    #[test]
    fn not_knowing_the_version_is_unknown(text in clause_text()) {
        let clause = Clause::parse(&text);
        prop_assume!(!clause.covers_everything());
        let verdict = clause.decide(&Facts::default()).verdict;
        let nothing = *clause.tree() == Node::Nothing;
        prop_assert!(verdict != ClauseVerdict::NotAffected || nothing, "{verdict}");
    }

    #[test]
    fn order_is_antisymmetric_and_reflexive(a in version(), b in version()) {
        prop_assert_eq!(compare(&a, &b), compare(&b, &a).map(Ordering::reverse));
        prop_assert!(matches!(compare(&a, &a), Some(Ordering::Equal) | None));
    }

    #[test]
    fn order_is_transitive_where_defined(a in version(), b in version(), c in version()) {
        if let (Some(ab), Some(bc), Some(ac)) = (compare(&a, &b), compare(&b, &c), compare(&a, &c)) {
            if ab == bc {
                prop_assert_eq!(ac, ab, "{} {} {}", a, b, c);
            }
            if ab == Ordering::Equal {
                prop_assert_eq!(ac, bc, "{} {} {}", a, b, c);
            }
        }
    }

    #[test]
    fn raising_the_version_never_falls_under_an_upper_bound(bound in version(), a in version(), b in version(), strict: bool) {
        let Some(order) = compare(&a, &b) else { return Ok(()) };
        let (low, high) = if order == Ordering::Greater { (b, a) } else { (a, b) };
        let decide = |sign: &str, version: &str| {
            let clause = Clause::parse(&format!("{sign} {bound}"));
            clause.decide(&Facts { version: Some(version), ..Facts::default() }).verdict
        };
        let upper = if strict { "<" } else { "<=" };
        prop_assert!(decide(upper, &low) != ClauseVerdict::NotAffected || decide(upper, &high) != ClauseVerdict::Affected);
        let lower = if strict { ">" } else { ">=" };
        prop_assert!(decide(lower, &low) != ClauseVerdict::Affected || decide(lower, &high) != ClauseVerdict::NotAffected);
    }
}

/// Hostile texts at and beyond the limit: done in a moment, whatever they hold.
#[test]
fn length_bounds_the_work() {
    for piece in [
        "1|",
        "<=1|",
        "(",
        "4.1 (eol)",
        "with ",
        "SP ",
        "x.",
        "any{",
        "v1 with a ",
        "1 ",
        "\\",
        "A/",
        "1.0,",
        "or ",
    ] {
        for length in [4096, 4097, 70_000] {
            let text: String = piece.repeat(length / piece.len() + 1).chars().take(length).collect();
            let clause = Clause::parse(&text);
            let _ = clause.decide(&Facts { version: Some("1.1"), ..Facts::default() });
            assert_eq!(Clause::parse(&clause.to_string()).tree(), clause.tree(), "{piece}");
            assert!(length <= 4096 || clause.quality() == Quality::NeedsPerson, "{piece}");
        }
    }
}

//! Every leaf of the real medical advisories, asked about a device that is its product beyond doubt and states a
//! version: it is decided, or it is unknown and names the fact that is missing; and that fact moves it.

#[path = "common/real.rs"]
mod real;

use real::REAL;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::advisory::{Advisory, Product};
use tallyward_core::decision::{Decision, Judgement};
use tallyward_core::time::Timestamp;
use tallyward_core::verdict::{MissingFact, Verdict};
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Component, Configuration, Judged, Matcher, Resolver, VersionState, product_name};
use tallyward_versions::{Clause, Node, Quality};

/// The leaf alone, with all that its document says of it.
fn alone(advisory: &Advisory, leaf: &Product) -> Advisory {
    let mut one = advisory.clone();
    one.products = vec![leaf.clone()];
    for vulnerability in &mut one.vulnerabilities {
        vulnerability.statements.retain(|statement| statement.product == leaf.id);
    }
    one
}

/// Asks the leaf alone, a person having said that the device is its product.
fn ask(advisory: &Advisory, leaf: &Product, configuration: &Configuration) -> Vec<Judged> {
    let same = Decision {
        at: Timestamp::from_seconds(0),
        id: "same".to_owned(),
        by: "reader".to_owned(),
        reason: String::new(),
        judgement: Judgement::Product {
            vendor: leaf.vendor.clone(),
            product: product_name(advisory, leaf),
            maker: leaf.vendor.clone(),
            model: leaf.product.clone(),
            same: true,
        },
    };
    let resolver = Resolver::new(Aliases::builtin(), &[&same]);
    let judged = Matcher::new(&[alone(advisory, leaf)], resolver).decide(configuration);
    for one in &judged {
        assert_eq!(one.missing.is_some(), one.verdict == Verdict::Unknown, "{one:?}");
        assert!(one.reasons.len() > 1 && one.reasons.iter().all(|reason| reason.text.len() > 8), "{one:?}");
    }
    judged
}

/// A device of that product with a version: the first the clause names, else 1.0.
fn device(leaf: &Product, clause: &Clause) -> Configuration {
    Configuration {
        maker: Aliases::builtin().canonical_maker(&leaf.vendor).name,
        model: leaf.product.clone(),
        software_version: clause.named_versions().first().copied().unwrap_or("1.0").to_owned(),
        version_state: VersionState::Fresh,
        ..Configuration::default()
    }
}

fn each<'a>(node: &'a Node, see: &mut impl FnMut(&'a Node)) {
    see(node);
    node.children().iter().for_each(|child| each(child, see));
}

/// The configuration with the missing fact supplied, where a device can supply it.
fn supplied(mut configuration: Configuration, fact: &MissingFact, clause: &Clause) -> Option<Configuration> {
    match fact {
        MissingFact::ModelNumber => each(clause.tree(), &mut |node| {
            if let Node::Model(models) = node {
                configuration.model_number.clone_from(&models[0]);
            }
        }),
        // A device's record has a date of manufacture and no other.
        MissingFact::Date { kind } if kind.contains("manufacture") => {
            configuration.manufacture_date = "1990-01-01".to_owned()
        }
        MissingFact::HardwareVersion => configuration.hardware_version = "1.0".to_owned(),
        MissingFact::OperatingSystem => configuration.operating_system = "Windows 7".to_owned(),
        MissingFact::ComponentVersion { component } => {
            let (name, version) = (component.clone(), "1.0".to_owned());
            configuration.components = vec![Component { name, version, stale: false }];
        }
        _ => return None,
    }
    Some(configuration)
}

/// What settles the leaf, in the words of the table.
fn column(missing: Option<&MissingFact>) -> &'static str {
    match missing {
        None => "a version",
        Some(MissingFact::ModelNumber) => "model number",
        Some(MissingFact::Date { .. }) => "date",
        Some(
            MissingFact::ComponentVersion { .. }
            | MissingFact::OperatingSystem
            | MissingFact::HardwareVersion,
        ) => "hardware, system or part",
        Some(MissingFact::Condition { .. }) => "a condition",
        Some(MissingFact::ReadClause) => "a reader",
        Some(MissingFact::AskMaker) => "the maker",
        Some(MissingFact::ExactVersion) => "exact build",
        Some(_) => "something else",
    }
}

/// The styles of the leaves, as they were labelled apart from this code.
fn styles() -> BTreeMap<(String, String), String> {
    let Some(path) = tallyward_core::testkit::shared("icsma_leaf_expressions.jsonl") else {
        return BTreeMap::new();
    };
    let text = std::fs::read_to_string(path).expect("the labelled expressions are readable");
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line"));
    let cell = |line: &serde_json::Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    lines.map(|line| ((cell(&line, "advisory"), cell(&line, "product_id")), cell(&line, "style"))).collect()
}

const COLUMNS: [&str; 9] = [
    "nothing",
    "a version",
    "model number",
    "date",
    "hardware, system or part",
    "a condition",
    "exact build",
    "a reader",
    "the maker",
];

#[derive(Default)]
struct Row {
    leaves: usize,
    quality: BTreeMap<Quality, usize>,
    settled: BTreeMap<&'static str, usize>,
}

fn table(rows: &BTreeMap<String, Row>) -> String {
    let mut sum = Row::default();
    let mut lines =
        vec![format!("| style | leaves | exact | tolerant | needs a person | {} |", COLUMNS.join(" | "))];
    lines.push(format!("|---{}|", "|---".repeat(4 + COLUMNS.len())));
    let line = |name: &str, row: &Row| {
        let quality = [Quality::Exact, Quality::Tolerant, Quality::NeedsPerson];
        let counts = quality.iter().map(|one| row.quality.get(one).copied().unwrap_or(0));
        let settled = COLUMNS.iter().map(|one| row.settled.get(one).copied().unwrap_or(0));
        let cells: Vec<String> =
            std::iter::once(row.leaves).chain(counts).chain(settled).map(|n| n.to_string()).collect();
        format!("| {} | {} |", name.replace('|', "\\|"), cells.join(" | "))
    };
    let mut ordered: Vec<(&String, &Row)> = rows.iter().collect();
    ordered.sort_by_key(|(name, row)| (std::cmp::Reverse(row.leaves), *name));
    for (name, row) in ordered {
        lines.push(line(name, row));
        sum.leaves += row.leaves;
        row.quality.iter().for_each(|(key, count)| *sum.quality.entry(*key).or_default() += count);
        row.settled.iter().for_each(|(key, count)| *sum.settled.entry(key).or_default() += count);
    }
    lines.push(line("**all**", &sum));
    lines.join("\n")
}

#[test]
fn every_real_leaf_is_decided_or_names_what_is_missing() {
    if REAL.is_empty() {
        return;
    }
    assert_eq!(REAL.len(), 60);
    let styles = styles();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for (advisory, leaf) in REAL.iter().flat_map(|one| one.products.iter().map(move |leaf| (one, leaf))) {
        let clause = Clause::parse(&leaf.version);
        let configuration = device(leaf, &clause);
        let judged = ask(advisory, leaf, &configuration);
        let place = format!("{} {} {:?}", advisory.id, leaf.product, leaf.version);
        assert!(!judged.is_empty(), "{place} is spoken of by no vulnerability");
        let missing: BTreeSet<Option<&MissingFact>> = judged.iter().map(|one| one.missing.as_ref()).collect();
        for fact in missing.iter().flatten() {
            let Some(more) = supplied(configuration.clone(), fact, &clause) else { continue };
            let again = ask(advisory, leaf, &more);
            assert!(
                again.iter().all(|one| one.missing.as_ref() != Some(*fact)),
                "{place}: {fact:?} does not help: {again:?}"
            );
        }
        let settles = match missing.into_iter().next_back().flatten() {
            None if clause.covers_everything() => "nothing",
            open => column(open),
        };
        assert!(COLUMNS.contains(&settles), "{place}: {judged:?}");
        let style = styles[&(advisory.id.clone(), leaf.id.clone())].clone();
        let row = rows.entry(style).or_default();
        row.leaves += 1;
        *row.quality.entry(clause.quality()).or_default() += 1;
        *row.settled.entry(settles).or_default() += 1;
    }
    let table = table(&rows);
    println!("{table}");
    let documented = include_str!("../../../docs/topics/clauses.md");
    assert!(documented.contains(&table), "docs/topics/clauses.md does not hold this table:\n{table}");
}

#[test]
fn without_a_version_only_clauses_that_cover_everything_are_decided() {
    for (advisory, leaf) in REAL.iter().flat_map(|one| one.products.iter().map(move |leaf| (one, leaf))) {
        let clause = Clause::parse(&leaf.version);
        let mut nothing = device(leaf, &clause);
        nothing.software_version.clear();
        nothing.version_state = VersionState::Missing;
        for one in ask(advisory, leaf, &nothing) {
            assert_ne!(one.verdict, Verdict::NotAffected, "{one:?}");
            let may_be_decided = clause.covers_everything() || leaf.product.contains(leaf.version.trim());
            assert!(one.verdict == Verdict::Unknown || may_be_decided, "{} {one:?}", leaf.product);
        }
    }
}

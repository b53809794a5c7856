//! Reading and deciding every real clause expression. `cargo bench -p tallyward-versions`.

use tallyward_core::testkit::shared;
use tallyward_versions::{Clause, Facts, Question};

fn main() {
    divan::main();
}

fn expressions() -> Vec<String> {
    let Some(path) = shared("icsma_leaf_expressions.jsonl") else { return Vec::new() };
    let text = std::fs::read_to_string(path).expect("shared data is readable");
    text.lines()
        .filter_map(|line| serde_json::from_str::<Question>(line).ok())
        .map(|line| line.expression)
        .collect()
}

#[divan::bench]
fn parse(bencher: divan::Bencher<'_, '_>) {
    let expressions = expressions();
    bencher
        .counter(divan::counter::ItemsCount::new(expressions.len()))
        .bench(|| expressions.iter().map(|text| Clause::parse(text)).collect::<Vec<_>>());
}

#[divan::bench]
fn decide(bencher: divan::Bencher<'_, '_>) {
    let clauses: Vec<Clause> = expressions().iter().map(|text| Clause::parse(text)).collect();
    let facts = Facts { version: Some("SW 4.1.2"), model: Some("MX100"), ..Facts::default() };
    bencher
        .counter(divan::counter::ItemsCount::new(clauses.len()))
        .bench(|| clauses.iter().map(|clause| clause.decide(&facts).verdict).collect::<Vec<_>>());
}

//! Real clauses: the labelled verdicts, and every expression of 60 medical advisories.

use serde::Deserialize;
use std::collections::BTreeMap;
use tallyward_core::testkit::shared;
use tallyward_versions::{Clause, ClauseVerdict, Facts, Quality, Question};

#[derive(Deserialize)]
struct Labelled {
    #[serde(flatten)]
    question: Question,
    verdict: ClauseVerdict,
    tier: String,
}

fn lines(name: &str) -> Vec<String> {
    let Some(path) = shared(name) else { return Vec::new() };
    let text = std::fs::read_to_string(path).expect("shared data is readable");
    text.lines().filter(|line| line.starts_with('{')).map(str::to_owned).collect()
}

#[test]
fn every_labelled_verdict_is_right() {
    let mut wrong = Vec::new();
    let mut seen = BTreeMap::new();
    for line in lines("version_verdicts.jsonl") {
        let labelled: Labelled = serde_json::from_str(&line).expect("a labelled line");
        let decision = labelled.question.decide();
        *seen.entry(labelled.tier.clone()).or_insert(0) += 1;
        assert!(!decision.reason.is_empty());
        assert_eq!(decision.missing.is_some(), decision.verdict == ClauseVerdict::Unknown, "{line}");
        if decision.verdict != labelled.verdict {
            wrong.push(format!("{line}\n  got {decision:?}"));
        }
    }
    eprintln!("labelled verdicts: {seen:?}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_real_expression_is_kept_and_most_are_understood() {
    #[derive(Deserialize)]
    struct Leaf {
        expression: String,
    }
    let lines = lines("icsma_leaf_expressions.jsonl");
    let mut shares: BTreeMap<Quality, usize> = BTreeMap::new();
    let mut person = Vec::new();
    for line in &lines {
        let leaf: Leaf = serde_json::from_str(line).expect("a leaf");
        let clause = Clause::parse(&leaf.expression);
        assert_eq!(clause.text(), leaf.expression);
        let printed = clause.to_string();
        assert_eq!(Clause::parse(&printed).tree(), clause.tree(), "{} printed as {printed}", leaf.expression);
        *shares.entry(clause.quality()).or_default() += 1;
        if clause.quality() == Quality::NeedsPerson {
            person.push(leaf.expression);
        }
        let nobody = clause.decide(&Facts::default()).verdict;
        let expected =
            if clause.covers_everything() { ClauseVerdict::Affected } else { ClauseVerdict::Unknown };
        assert_eq!(nobody, expected, "{printed}");
    }
    for (quality, count) in &shares {
        eprintln!(
            "{quality}: {count} of {} ({:.1} %)",
            lines.len(),
            100.0 * *count as f64 / lines.len() as f64
        );
    }
    eprintln!("for a person: {person:?}");
    assert!(person.len() * 100 <= lines.len(), "more than one in a hundred real expressions needs a person");
}

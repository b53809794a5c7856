//! The chain from facts over rules to conclusions, for somebody who asks why.

use super::alike::{Alike, alike};
use super::apply::is_stated;
use super::conclude::{Conclusion, HOLDS_FROM, Kept, conclusions, guessed, is_old, settle};
use super::is_conclusion;
use super::rule::{GIVEN, Score};
use super::tables::RuleTables;
use crate::reconcile::Rules;
use std::collections::BTreeMap;
use tallyward_core::{Device, Field, Held, SourceKind, Timestamp, Voice};

/// One step: a fact, what read it, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    /// What the fact leads to.
    pub value: String,
    /// How far it can be relied on; nothing for what a source states outright.
    pub score: Option<Score>,
    /// The rule as `table line 7`; empty for what is stated.
    pub rule: String,
    /// Where the fact behind the rule comes from.
    pub rule_source: String,
    /// The field the fact stands in.
    pub fact: Field,
    /// The fact: its value, who said it, how, where and when.
    pub said: Voice,
    /// Older than its field allows, so that fresher facts speak alone.
    pub old: bool,
}

/// What is known of one field, and why.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Answer {
    /// The field.
    pub field: Field,
    /// The value that holds; `None` when the conclusions contradict each other or are too weak.
    pub value: Option<String>,
    /// Whether a source states it, so that conclusions only support or contradict.
    pub stated: bool,
    /// The score of the best conclusion behind it; nothing when it is stated.
    pub score: Option<Score>,
    /// What leads to the value, best first.
    pub why: Vec<Step>,
    /// What contradicts it, or itself when nothing holds.
    pub against: Vec<Step>,
    /// Conclusions too weak to hold or to contradict.
    pub hints: Vec<Step>,
}

/// Everything the tables conclude about a device.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// Fields in the order of a device page.
    pub answers: Vec<Answer>,
    /// What does not fit together, a sentence each.
    pub contradictions: Vec<String>,
    /// The tables with their versions.
    pub tables: String,
}

impl Explanation {
    /// The answer about one field.
    #[must_use]
    pub fn of(&self, field: Field) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.field == field)
    }
}

/// Why `device` is held to be what it is, under the tables of `rules` at `as_of`. Conclusions that stand in the
/// device already are worked out again, so an old projection explains itself by the rules of today.
#[must_use]
pub fn explain(device: &Device, rules: &Rules, as_of: Timestamp) -> Explanation {
    let tables = rules.classification();
    let fields = stated_only(&device.fields);
    let found = conclusions(&fields, tables, &mut Kept::default(), true);
    let mut about: BTreeMap<Field, Vec<&Conclusion>> = BTreeMap::new();
    for one in &found {
        about.entry(one.field).or_default().push(one);
    }
    let mut answers = Vec::new();
    for &field in Field::ALL.iter().filter(|field| **field == Field::NicMaker || GIVEN.contains(field)) {
        let held = fields.get(&field);
        let found = about.remove(&field).unwrap_or_default();
        // Who made the card is on the page anyway; here it stands only when a rule says it.
        if found.is_empty() && (held.is_none() || field == Field::NicMaker) {
            continue;
        }
        let max_age = rules.weight(field, SourceKind::Guess).max_age_days;
        let old = |one: &Conclusion| is_old(&one.said, max_age, as_of);
        let (strong, weak): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.score >= HOLDS_FROM);
        let hints: Vec<Step> = weak.iter().map(|one| step(one, old(one))).collect();
        let answer = match held {
            Some(held) if is_stated(held) || field.is_many() => {
                stated(field, held, &strong, hints, &old, tables)
            }
            held => concluded(field, held, &strong, hints, &old, tables),
        };
        answers.push(answer);
    }
    let contradictions = answers.iter().filter_map(sentence).collect();
    Explanation { answers, contradictions, tables: tables.version().to_owned() }
}

fn step(one: &Conclusion, old: bool) -> Step {
    let rule = match (one.file.as_str(), one.line) {
        ("", _) => "guess made while reading".to_owned(),
        (file, 0) => file.to_owned(),
        (file, line) => format!("{file} line {line}"),
    };
    Step {
        value: one.value.clone(),
        score: Some(one.score),
        rule,
        rule_source: one.rule_source.clone(),
        fact: one.fact,
        said: one.said.clone(),
        old,
    }
}

fn outright(field: Field, said: &Voice) -> Step {
    Step {
        value: said.value.clone(),
        score: None,
        rule: String::new(),
        rule_source: String::new(),
        fact: field,
        said: said.clone(),
        old: said.stale,
    }
}

fn stated(
    field: Field,
    held: &Held,
    strong: &[&Conclusion],
    hints: Vec<Step>,
    old: &dyn Fn(&Conclusion) -> bool,
    tables: &RuleTables,
) -> Answer {
    let mut why: Vec<Step> =
        held.support.iter().chain(&held.also).map(|said| outright(field, said)).collect();
    let mut against = Vec::new();
    for said in &held.dissent {
        // Another spelling of one maker is no contradiction.
        let fits = alike(field, &held.value, &said.value, tables.aliases()) != Alike::Different;
        if fits { &mut why } else { &mut against }.push(outright(field, said));
    }
    for one in strong {
        let fits =
            field.is_many() || alike(field, &held.value, &one.value, tables.aliases()) != Alike::Different;
        if fits { &mut why } else { &mut against }.push(step(one, old(one)));
    }
    let value = held.values().collect::<Vec<_>>().join("; ");
    Answer { field, value: Some(value), stated: is_stated(held), score: None, why, against, hints }
}

fn concluded(
    field: Field,
    held: Option<&Held>,
    strong: &[&Conclusion],
    hints: Vec<Step>,
    old: &dyn Fn(&Conclusion) -> bool,
    tables: &RuleTables,
) -> Answer {
    if field.is_many() {
        let mut values: Vec<&str> = strong.iter().map(|one| one.value.as_str()).collect();
        values.dedup();
        let value = (!values.is_empty()).then(|| values.join("; "));
        let why = strong.iter().map(|one| step(one, old(one))).collect();
        let score = strong.first().map(|one| one.score);
        return Answer { field, value, stated: false, score, why, against: Vec::new(), hints };
    }
    let guesses: Vec<Conclusion> = held
        .iter()
        .flat_map(|held| held.support.iter().chain(&held.dissent))
        .map(|said| guessed(field, said))
        .collect();
    let fresh: Vec<&Conclusion> = strong.iter().copied().filter(|one| !old(one)).collect();
    let speak_alone = !fresh.is_empty();
    if strong.is_empty()
        && let Some(held) = held
    {
        // No rule speaks: the guess is all there is.
        let why = guesses.iter().map(|one| step(one, one.said.stale)).collect();
        let value = Some(held.value.clone());
        return Answer {
            field,
            value,
            stated: false,
            score: Some(HOLDS_FROM),
            why,
            against: Vec::new(),
            hints,
        };
    }
    let all = if speak_alone { fresh } else { strong.to_vec() };
    let settled = settle(field, &all, &guesses, tables.aliases());
    let steps = |from: &[&Conclusion]| from.iter().map(|one| step(one, old(one))).collect::<Vec<Step>>();
    let mut hints = hints;
    if speak_alone {
        hints.extend(strong.iter().filter(|one| old(one)).map(|one| step(one, true)));
    }
    Answer {
        field,
        value: settled.value.map(str::to_owned),
        stated: false,
        score: settled.value.and(settled.support.first()).map(|best| best.score),
        why: steps(&settled.support),
        against: steps(&settled.dissent),
        hints,
    }
}

/// What contradicts what, in a sentence; nothing when all fits.
fn sentence(answer: &Answer) -> Option<String> {
    let said = |step: &Step| match step.rule.is_empty() {
        true => format!("{} says {} ({})", step.said.source.name, step.value, step.said.basis),
        false => {
            format!(
                "{} {:?} means {} ({})",
                step.fact.label(),
                short(&step.said.value),
                step.value,
                step.said.basis
            )
        }
    };
    let label = answer.field.label();
    let against = answer.against.iter().find(|step| !step.old)?;
    match (&answer.value, answer.why.first()) {
        (Some(_), Some(why)) => Some(format!("{label}: {}, but {}.", said(why), said(against))),
        _ => {
            let other = answer.against.iter().find(|other| other.value != against.value)?;
            Some(format!("{label}: {}, but {}. Nothing holds.", said(against), said(other)))
        }
    }
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The fields as sources said them, without what rules had concluded.
fn stated_only(fields: &BTreeMap<Field, Held>) -> BTreeMap<Field, Held> {
    let mut kept = BTreeMap::new();
    for (&field, held) in fields {
        let said = |voices: &[Voice]| {
            voices.iter().filter(|voice| !is_conclusion(voice)).cloned().collect::<Vec<_>>()
        };
        let (mut support, mut dissent, mut also) =
            (said(&held.support), said(&held.dissent), said(&held.also));
        let mut value = held.value.clone();
        if support.is_empty() {
            // A conclusion held; what stood against it or beside it stands alone now.
            let rest = if dissent.is_empty() { &mut also } else { &mut dissent };
            if rest.is_empty() {
                continue;
            }
            support.push(rest.remove(0));
            support[0].value.clone_into(&mut value);
        }
        kept.insert(field, Held { value, support, dissent, also });
    }
    kept
}

//! From facts to conclusions, and from conclusions to what holds.

use super::alike::{Alike, alike};
use super::rule::Score;
use super::rules_source;
use super::tables::{Hit, RuleTables};
use crate::aliases::Aliases;
use crate::oui;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::rc::Rc;
use tallyward_core::{Field, Held, Mac, Timestamp, Voice};

/// A conclusion below this score never holds; it is a hint for whoever asks.
pub const HOLDS_FROM: Score = Score(40);
/// So much the best must stand above the next that contradicts it, or neither holds.
pub const MARGIN: u8 = 15;
/// What a reviewed medical prefix of a MAC address says about the maker of the device.
const MEDICAL_CARD: Score = Score(60);
/// What any other prefix says about it: the maker of the card, mostly somebody else.
const ANY_CARD: Score = Score(10);
/// How sure it is who holds a registered prefix.
const REGISTERED: Score = Score(90);
/// What a guess of a dissector counts, which carries no score of its own.
const GUESSED: Score = HOLDS_FROM;
/// Distinct facts whose matches are kept over the devices of one run.
const MOST_KEPT: usize = 50_000;

/// What one rule concludes from one fact about one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// The field it is about.
    pub field: Field,
    /// The value.
    pub value: String,
    /// How far the rule can be relied on.
    pub score: Score,
    /// The table; empty for a guess that a dissector made itself.
    pub file: String,
    /// Line of the table, from 1; 0 when the table has none.
    pub line: u64,
    /// Where the fact behind the rule comes from.
    pub rule_source: String,
    /// The field the fact stands in.
    pub fact: Field,
    /// Who said the fact, how, where and when.
    pub said: Voice,
}

impl Conclusion {
    /// As a voice among others. `stale` when the fact is older than its field's class allows.
    pub(super) fn voice(&self, stale: bool) -> Voice {
        if self.file.is_empty() {
            return Voice { stale, ..self.said.clone() };
        }
        Voice {
            value: self.value.clone(),
            source: rules_source(),
            basis: format!(
                "{} line {}, score {}: {} {:?}",
                self.file,
                self.line,
                self.score,
                self.fact.label(),
                excerpt(&self.said.value)
            ),
            stale,
            ..self.said.clone()
        }
    }

    /// Best first; the rest makes the order total and free of the order of evidence.
    fn order(&self) -> impl Ord + '_ {
        (Reverse(self.score), &self.value, &self.file, self.line, self.fact, &self.said)
    }
}

fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Matches of facts, kept over many devices: a fleet says the same few thousand things.
#[derive(Default)]
pub(crate) struct Kept {
    /// By field, then by value.
    by_fact: FxHashMap<Field, FxHashMap<String, Rc<Vec<Hit>>>>,
    count: usize,
}

impl Kept {
    fn hits(&mut self, tables: &RuleTables, field: Field, value: &str) -> Rc<Vec<Hit>> {
        if let Some(hits) = self.by_fact.get(&field).and_then(|by_value| by_value.get(value)) {
            return Rc::clone(hits);
        }
        if self.count >= MOST_KEPT {
            self.by_fact.clear();
            self.count = 0;
        }
        let hits = Rc::new(tables.hits(field, value));
        self.by_fact.entry(field).or_default().insert(value.to_owned(), Rc::clone(&hits));
        self.count += 1;
        hits
    }
}

/// Everything the rules conclude from `fields`, best first, each conclusion once. Conclusions among the fields must
/// have been taken out before.
pub(super) fn conclusions(
    fields: &BTreeMap<Field, Held>,
    tables: &RuleTables,
    kept: &mut Kept,
    hints: bool,
) -> Vec<Conclusion> {
    let mut found = Vec::new();
    for (&fact, held) in fields {
        let reads = tables.reads(fact, hints);
        if !reads && fact != Field::MacAddress {
            continue;
        }
        for said in held.support.iter().chain(&held.also).chain(&held.dissent) {
            if fact == Field::MacAddress {
                card(said, tables, hints, &mut found);
                if !fields.contains_key(&Field::NicMaker) {
                    newer_card(said, tables, &mut found);
                }
            }
            if reads {
                read_fact(fact, said, tables, kept, hints, &mut found);
            }
        }
    }
    found.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
    found.dedup();
    found
}

/// Within one table the first line that fits decides a field, so special cases stand above general ones.
fn read_fact(
    fact: Field,
    said: &Voice,
    tables: &RuleTables,
    kept: &mut Kept,
    hints: bool,
    found: &mut Vec<Conclusion>,
) {
    let hits = kept.hits(tables, fact, &said.value);
    let mut settled: Vec<(usize, Field, usize)> = Vec::new();
    for hit in hits.iter() {
        let (file, rule) = tables.rule(hit);
        if !rule.basis.is_empty() && !said.basis.to_lowercase().contains(&rule.basis) {
            continue;
        }
        for (field, value) in &hit.gives {
            // One line may give several values of a field that has several.
            let by_another = |(file, settled, rule): &(usize, Field, usize)| {
                (*file, *settled) == (hit.file, *field) && (*rule != hit.rule || !field.is_many())
            };
            if settled.iter().any(by_another) {
                continue;
            }
            settled.push((hit.file, *field, hit.rule));
            if !hints && rule.score < HOLDS_FROM {
                continue;
            }
            found.push(Conclusion {
                field: *field,
                value: value.clone(),
                score: rule.score,
                file: file.to_owned(),
                line: rule.line,
                rule_source: rule.source.clone(),
                fact,
                said: said.clone(),
            });
        }
    }
}

/// The maker of the card itself, by a newer registry, where the compiled one named nobody.
fn newer_card(said: &Voice, tables: &RuleTables, found: &mut Vec<Conclusion>) {
    let Ok(mac) = said.value.parse::<Mac>() else { return };
    let Some(holder) = tables.registry().newer_holder(mac) else { return };
    found.push(Conclusion {
        field: Field::NicMaker,
        value: holder.to_owned(),
        score: REGISTERED,
        file: "IEEE registry".to_owned(),
        line: 0,
        rule_source: tables.registry().version(),
        fact: Field::MacAddress,
        said: said.clone(),
    });
}

/// What a network card says about the maker of what it sits in.
fn card(said: &Voice, tables: &RuleTables, hints: bool, found: &mut Vec<Conclusion>) {
    let Ok(mac) = said.value.parse::<Mac>() else { return };
    let conclusion = |field, value: &str, score, file: &str, line, source: &str| Conclusion {
        field,
        value: value.to_owned(),
        score,
        file: file.to_owned(),
        line,
        rule_source: source.to_owned(),
        fact: Field::MacAddress,
        said: said.clone(),
    };
    if let Some(medical) = oui::medical_holder(mac) {
        found.push(conclusion(
            Field::Manufacturer,
            medical.maker,
            MEDICAL_CARD,
            "medical_oui.csv",
            medical.line,
            medical.source,
        ));
    } else if hints && let Some(holder) = tables.registry().holder(mac) {
        found.push(conclusion(
            Field::Manufacturer,
            &holder,
            ANY_CARD,
            "IEEE registry",
            0,
            "holder of the prefix",
        ));
    }
}

/// What holds of one field after all conclusions about it.
#[derive(Clone, Debug, Default)]
pub(super) struct Settled<'c> {
    /// The value that holds, if one does.
    pub(super) value: Option<&'c str>,
    /// Who leads to it, best first.
    pub(super) support: Vec<&'c Conclusion>,
    /// Who contradicts it, or each other when nothing holds.
    pub(super) dissent: Vec<&'c Conclusion>,
}

/// Weighs conclusions about one field with one value. `found` is best first; hints are left out by the caller.
/// `guesses` of dissectors decide nothing between conclusions: they stand with what agrees, and may say it more
/// finely (the build of a Windows), or with what contradicts.
pub(super) fn settle<'c>(
    field: Field,
    found: &[&'c Conclusion],
    guesses: &'c [Conclusion],
    aliases: &Aliases,
) -> Settled<'c> {
    let Some(best) = found.first() else { return Settled::default() };
    let relation = |a: &str, b: &str| alike(field, a, b, aliases);
    let rival = found.iter().find(|other| relation(&best.value, &other.value) == Alike::Different);
    let clear = rival.is_none_or(|rival| best.score.0 >= rival.score.0.saturating_add(MARGIN));
    if !clear {
        return Settled { value: None, support: Vec::new(), dissent: found.to_vec() };
    }
    // The one that says most among those that can all be true together.
    let all = || found.iter().copied().chain(guesses);
    let together: Vec<&Conclusion> =
        all().filter(|one| relation(&best.value, &one.value) != Alike::Different).collect();
    let finest = together.iter().copied().fold(*best, |held, one| {
        let finer = relation(&held.value, &one.value) == Alike::Finer;
        let quarrel = together.iter().any(|other| relation(&one.value, &other.value) == Alike::Different);
        if finer && !quarrel { one } else { held }
    });
    let (mut support, dissent): (Vec<_>, Vec<_>) =
        all().partition(|one| relation(&finest.value, &one.value) != Alike::Different);
    // Who says the value that holds speaks first.
    support.sort_by_key(|one| one.value != finest.value);
    Settled { value: Some(&finest.value), support, dissent }
}

/// A guess that a dissector wrote into the evidence itself, as a conclusion without a rule.
pub(super) fn guessed(field: Field, said: &Voice) -> Conclusion {
    Conclusion {
        field,
        value: said.value.clone(),
        score: GUESSED,
        file: String::new(),
        line: 0,
        rule_source: String::new(),
        fact: field,
        said: said.clone(),
    }
}

/// Whether a fact is too old to conclude `max_age_days` later.
pub(super) fn is_old(said: &Voice, max_age_days: Option<i64>, as_of: Timestamp) -> bool {
    max_age_days.is_some_and(|days| as_of.days_since(said.last) > days)
}

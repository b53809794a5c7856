//! Conclusions laid under what sources said.

use super::alike::{Alike, alike};
use super::conclude::{Conclusion, HOLDS_FROM, Kept, conclusions, guessed, is_old, settle};
use super::tables::RuleTables;
use std::collections::BTreeMap;
use tallyward_core::{Field, Held, SourceKind, Timestamp, Voice};

/// Adds to `fields` what the rules conclude from them. A field somebody stated keeps its value and its supporters;
/// what contradicts it is dissent, after everybody else's. `max_age_days` says of a field how old a fact may be to
/// conclude it.
pub(crate) fn apply(
    fields: &mut BTreeMap<Field, Held>,
    tables: &RuleTables,
    kept: &mut Kept,
    max_age_days: &dyn Fn(Field) -> Option<i64>,
    as_of: Timestamp,
) {
    let found = conclusions(fields, tables, kept, false);
    let mut about: BTreeMap<Field, Vec<&Conclusion>> = BTreeMap::new();
    for one in found.iter().filter(|one| one.score >= HOLDS_FROM) {
        about.entry(one.field).or_default().push(one);
    }
    for (field, found) in about {
        let old = |one: &&Conclusion| is_old(&one.said, max_age_days(field), as_of);
        // Old facts speak only where no fresh one does.
        let mut fresh: Vec<&Conclusion> = found.iter().copied().filter(|one| !old(one)).collect();
        let stale = fresh.is_empty();
        if stale {
            fresh = found;
        }
        if field.is_many() {
            add_many(fields, field, &fresh, stale);
        } else {
            match fields.remove(&field) {
                Some(held) if is_stated(&held) => {
                    fields.insert(field, with_dissent(held, field, &fresh, stale, tables));
                }
                held => {
                    let guesses: Vec<Conclusion> = held
                        .iter()
                        .flat_map(|held| held.support.iter().chain(&held.dissent))
                        .map(|said| guessed(field, said))
                        .collect();
                    let settled = settle(field, &fresh, &guesses, tables.aliases());
                    let value = settled.value.map(str::to_owned);
                    let voices = |from: &[&Conclusion]| {
                        from.iter().map(|one| one.voice(stale)).collect::<Vec<Voice>>()
                    };
                    // Where they contradict each other nothing holds, a dissector's guess no more than the rest.
                    let concluded = value.map(|value| Held {
                        value,
                        support: voices(&settled.support),
                        dissent: voices(&settled.dissent),
                        also: Vec::new(),
                    });
                    fields.extend(concluded.map(|held| (field, held)));
                }
            }
        }
    }
}

/// Whether anybody stated the value, rather than a dissector guessing it.
pub(super) fn is_stated(held: &Held) -> bool {
    held.support.iter().any(|voice| voice.source.kind != SourceKind::Guess)
}

fn with_dissent(
    mut held: Held,
    field: Field,
    found: &[&Conclusion],
    stale: bool,
    tables: &RuleTables,
) -> Held {
    if stale {
        return held;
    }
    let against =
        |one: &&&Conclusion| alike(field, &held.value, &one.value, tables.aliases()) == Alike::Different;
    let against: Vec<Voice> = found.iter().filter(against).map(|one| one.voice(stale)).collect();
    held.dissent.extend(against);
    held
}

/// A field with several values takes every conclusion that says something new.
fn add_many(fields: &mut BTreeMap<Field, Held>, field: Field, found: &[&Conclusion], stale: bool) {
    for one in found {
        let voice = one.voice(stale);
        match fields.get_mut(&field) {
            None => {
                let held = Held {
                    value: voice.value.clone(),
                    support: vec![voice],
                    dissent: Vec::new(),
                    also: Vec::new(),
                };
                fields.insert(field, held);
            }
            Some(held) if held.values().any(|value| crate::reconcile::agree(field, value, &voice.value)) => {}
            Some(held) => held.also.push(voice),
        }
    }
}

//! Which makers and models held here a letter names.

use crate::App;
use crate::app::parse;
use crate::change::DocKind;
use crate::error::Result;
use crate::fleet::Config;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::collections::BTreeMap;
use tallyward_advisories::Letter;
use tallyward_identity::aliases::Aliases;
use tallyward_identity::text::{fold, squash};

/// Words of the longest name that is looked for.
const LONGEST: usize = 6;
/// A model's name that stands without its maker must be so long, with letters and digits, to be taken for a name.
const TELLING: usize = 5;

/// A maker or model held here that a letter names: to be confirmed by a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Proposal {
    /// Maker here.
    pub maker: String,
    /// Model here; empty when only the maker is named.
    pub model: String,
    /// How many devices here.
    pub devices: u64,
    /// Which words made it a proposal.
    pub why: String,
}

struct Held {
    maker: String,
    model: String,
    devices: u64,
    /// Squashed names of the model.
    names: Vec<String>,
}

/// The makers and models of the fleet, ready to be looked for.
pub(crate) struct Holdings<'a> {
    aliases: &'a Aliases,
    models: Vec<Held>,
    /// Squashed spellings of makers held here, with the maker.
    makers: Vec<(String, String)>,
}

impl App {
    /// What is held here, by name.
    pub(crate) fn holdings(&self) -> Result<Holdings<'_>> {
        let mut counted: BTreeMap<(String, String), u64> = BTreeMap::new();
        for row in self.store.configs()? {
            let facts = parse::<Config>(DocKind::Setting, &row.id.0.to_string(), &row.body)?.facts;
            if !facts.maker.is_empty() || !facts.model.is_empty() {
                *counted.entry((facts.maker, facts.model)).or_default() += row.devices;
            }
        }
        Ok(Holdings::of(&self.aliases, counted))
    }
}

impl<'a> Holdings<'a> {
    fn of(aliases: &'a Aliases, counted: BTreeMap<(String, String), u64>) -> Self {
        let mut spelled: FxHashMap<(&str, &str), Vec<&str>> = FxHashMap::default();
        for (maker, spelling, model) in aliases.model_spellings() {
            spelled.entry((maker, model)).or_default().push(spelling);
        }
        let mut makers: FxHashSet<(String, String)> = FxHashSet::default();
        let mut models = Vec::with_capacity(counted.len());
        for ((maker, model), devices) in counted {
            let key = squash(&maker);
            let others = spelled.get(&(key.as_str(), model.as_str())).into_iter().flatten();
            let mut names: Vec<String> = others.map(|spelling| (*spelling).to_owned()).collect();
            names.push(squash(&model));
            names.retain(|name| !name.is_empty());
            makers.insert((key, maker.clone()));
            models.push(Held { maker, model, devices, names });
        }
        let held: FxHashSet<&str> = models.iter().map(|one| one.maker.as_str()).collect();
        for (spelling, maker) in aliases.maker_spellings().filter(|(_, maker)| held.contains(maker)) {
            makers.insert((spelling.to_owned(), maker.to_owned()));
        }
        let mut makers: Vec<(String, String)> = makers.into_iter().filter(|one| !one.0.is_empty()).collect();
        makers.sort();
        Self { aliases, models, makers }
    }

    /// What of it a letter names. A model counts when its maker, or one above it, is named too, or when its own name is
    /// telling enough.
    pub fn named_in(&self, letter: &Letter) -> Vec<Proposal> {
        let phrases = phrases(&format!("{}\n{}\n{}", letter.sender, letter.subject, letter.text));
        let mut named: Vec<&str> = self
            .makers
            .iter()
            .filter(|(spelling, _)| phrases.contains(spelling))
            .map(|(_, maker)| maker.as_str())
            .collect();
        named.dedup();
        let mut proposals = Vec::new();
        let mut with_model: FxHashSet<&str> = FxHashSet::default();
        for held in &self.models {
            let Some(name) = held.names.iter().find(|name| phrases.contains(*name)) else { continue };
            let related = named.iter().find(|maker| self.aliases.same_group(maker, &held.maker));
            let why = match related {
                _ if named.contains(&held.maker.as_str()) => "maker and model are named".to_owned(),
                Some(maker) => format!("the model is named, and {maker}, a related maker"),
                None if is_telling(name) => "the model is named, its maker is not".to_owned(),
                None => continue,
            };
            with_model.insert(&held.maker);
            proposals.push(Proposal {
                maker: held.maker.clone(),
                model: held.model.clone(),
                devices: held.devices,
                why,
            });
        }
        named.sort_unstable();
        named.dedup();
        for maker in named.into_iter().filter(|maker| !with_model.contains(maker)) {
            let devices = self.models.iter().filter(|one| one.maker == maker).map(|one| one.devices).sum();
            proposals.push(Proposal {
                maker: maker.to_owned(),
                model: String::new(),
                devices,
                why: "the maker is named, none of its models here".to_owned(),
            });
        }
        proposals.sort();
        proposals
    }
}

fn is_telling(name: &str) -> bool {
    name.chars().count() >= TELLING
        && name.chars().any(|letter| letter.is_ascii_digit())
        && name.chars().any(char::is_alphabetic)
}

/// Every run of words of a text up to the longest name, without blanks.
fn phrases(text: &str) -> FxHashSet<String> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let mut found = FxHashSet::default();
    for first in 0..words.len() {
        let mut phrase = String::new();
        for word in words[first..].iter().take(LONGEST) {
            phrase.push_str(word);
            found.insert(phrase.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let mut aliases = Aliases::default();
        aliases.extend_from_csv("alias,maker\nHaldenMed,Halden Medical\nNorvik AS,Norvik\n").unwrap();
        aliases.extend_models_from_csv("maker,alias,model\nNorvik,V12,Vista 12\n").unwrap();
        let counted =
            [(("Halden Medical", "Infuse 8 LVP"), 3), (("Norvik", "Vista 12"), 2), (("Norvik", "One"), 5)];
        let counted = counted.into_iter().map(|((a, b), n)| ((a.to_owned(), b.to_owned()), n)).collect();
        let letter = Letter { text: text.to_owned(), ..Letter::default() };
        let found = Holdings::of(&aliases, counted).named_in(&letter);
        found.into_iter().map(|one| format!("{}|{}|{}", one.maker, one.model, one.devices)).collect()
    }

    #[test]
    fn names_are_found_in_the_spellings_of_the_tables_at_word_bounds() {
        assert_eq!(named("The INFUSE-8 LVP pump"), ["Halden Medical|Infuse 8 LVP|3"]);
        assert_eq!(named("Norvik's V12: see below"), Vec::<String>::new(), "the possessive is another word");
        assert_eq!(named("Norvik AS says: V12 monitors"), ["Norvik|Vista 12|2"]);
        assert_eq!(named("V12 monitors"), Vec::<String>::new(), "too short without its maker");
        assert_eq!(named("one of these"), Vec::<String>::new());
        assert_eq!(named("From HaldenMed, about one thing"), ["Halden Medical||3"]);
        assert_eq!(named("Xinfuse 8 LVPs"), Vec::<String>::new());
    }
}

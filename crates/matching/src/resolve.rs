//! Is this model the advisory's product?
//!
//! *Exact* needs a maker that is the same and a name, number or list that says so in the maker's own words or
//! in a reviewed table. Anything short of it that is more than chance is *possible*. A named person's decision
//! settles both ways.

use crate::codes::squashed;
use crate::conditions::Conditions;
use crate::configuration::{Component, Configuration};
use crate::target::{Target, telling_words};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use tallyward_core::advisory::{Advisory, Product};
use tallyward_core::decision::{Decision, Judgement};
use tallyward_identity::aliases::{Aliases, How};
use tallyward_identity::text::{fold, squash};
use tallyward_versions::Settled;

/// Whether a configuration is a product of an advisory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolution {
    /// It is, beyond doubt.
    Exact {
        /// Why, in a sentence.
        why: String,
        /// The component of the device that is the product, when it is not the device itself.
        component: Option<String>,
    },
    /// It may be; a person has to say.
    Possible {
        /// Why, in a sentence.
        why: String,
    },
    /// Nothing speaks for it.
    No,
}

impl Resolution {
    fn exact(why: impl Into<String>) -> Self {
        Self::Exact { why: why.into(), component: None }
    }

    fn possible(why: impl Into<String>) -> Self {
        Self::Possible { why: why.into() }
    }
}

/// How the makers of a device and a product stand to each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Makers {
    Same,
    Group,
    /// The product's own name holds the device's maker, though the advisory lists it under another.
    OnProduct,
    NotKnown,
    Different,
}

/// Folded vendor and product, as decisions name them.
type ProductKey = (String, String);
/// Folded maker and model.
pub(crate) type ModelKey = (String, String);

/// Resolves products by exact names, reviewed aliases, and people's decisions.
#[derive(Clone, Debug)]
pub struct Resolver {
    aliases: Aliases,
    decided: FxHashMap<ModelKey, FxHashMap<ProductKey, (bool, String)>>,
    conditions: Conditions,
}

/// A configuration prepared for comparing with many targets.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub maker: String,
    pub model: String,
    model_number: String,
    maker_key: String,
    /// Squashed names that are this model.
    names: BTreeSet<String>,
    /// Whether the reviewed tables know the model.
    is_reviewed: bool,
    parts: Vec<Part>,
    number: String,
    codes: Vec<String>,
    words: BTreeSet<String>,
    mark: u64,
    /// The model as decisions name it, when there is one about it.
    decided: Option<ModelKey>,
    /// The same, when somebody has settled a condition for the model.
    conditioned: Option<ModelKey>,
}

/// Software inside a device that may itself be the product.
#[derive(Clone, Debug)]
struct Part {
    name: String,
    key: String,
    words: BTreeSet<String>,
}

impl Subject {
    /// Whether anything tells this model from the maker's others.
    pub fn is_identified(&self) -> bool {
        !self.number.is_empty() || !self.words.is_empty()
    }

    pub fn telling_words(&self) -> &BTreeSet<String> {
        &self.words
    }

    /// Whether any product may be one of its parts.
    pub fn has_parts(&self) -> bool {
        !self.parts.is_empty()
    }
}

impl Resolver {
    /// A resolver with these aliases and the decisions in force, in order of time: a later one wins.
    #[must_use]
    pub fn new(aliases: Aliases, decisions: &[&Decision]) -> Self {
        let key = |maker: &str, model: &str| {
            let canonical = aliases.canonical_maker(maker).name;
            let model = aliases.canonical_model(&canonical, model).name;
            (squash(&canonical), squash(&model))
        };
        let conditions = Conditions::of(decisions, key);
        let mut decided: FxHashMap<ModelKey, FxHashMap<ProductKey, (bool, String)>> = FxHashMap::default();
        for decision in decisions {
            if let Judgement::Product { vendor, product, maker, model, same } = &decision.judgement {
                decided
                    .entry(key(maker, model))
                    .or_default()
                    .insert(product_key(vendor, product), (*same, decision.by.clone()));
            }
        }
        Self { aliases, decided, conditions }
    }

    pub(crate) fn aliases(&self) -> &Aliases {
        &self.aliases
    }

    /// Whether a configuration is the product of one leaf.
    #[must_use]
    pub fn resolve(&self, configuration: &Configuration, advisory: &Advisory, leaf: &Product) -> Resolution {
        self.decide(&self.subject(configuration), &Target::of(advisory, leaf, &self.aliases))
    }

    pub(crate) fn subject(&self, configuration: &Configuration) -> Subject {
        let canonical = if configuration.maker.is_empty() {
            String::new()
        } else {
            self.aliases.canonical_maker(&configuration.maker).name
        };
        let spoken =
            if configuration.model.is_empty() { &configuration.description } else { &configuration.model };
        let by_name = self.aliases.canonical_model(&canonical, &configuration.model);
        let by_number = self.aliases.canonical_model(&canonical, &configuration.model_number);
        let mut names = BTreeSet::new();
        if !configuration.model.is_empty() {
            names.insert(squash(&configuration.model));
            names.insert(squash(&by_name.name));
        }
        if by_number.how != How::Unknown {
            names.insert(squash(&by_number.name));
        }
        names.remove("");
        let is_reviewed = by_name.how != How::Unknown || by_number.how != How::Unknown;
        let codes = spoken.split_whitespace().map(squashed).filter(|code| is_code(code));
        let words = telling_words(spoken, std::slice::from_ref(&canonical));
        let key = (squash(&canonical), squash(&by_name.name));
        Subject {
            model: configuration.model.clone(),
            model_number: configuration.model_number.clone(),
            names,
            number: squash(&configuration.model_number),
            codes: codes.collect(),
            mark: mark(&words),
            words,
            maker_key: key.0.clone(),
            conditioned: self.conditions.know(&key).then(|| key.clone()),
            decided: self.decided.contains_key(&key).then_some(key),
            is_reviewed,
            parts: parts(configuration),
            maker: canonical,
        }
    }

    pub(crate) fn decide(&self, subject: &Subject, target: &Target) -> Resolution {
        if let Some((same, by)) = self.decided(subject, target) {
            return match same {
                true => Resolution::exact(format!("{by} decided that this is the same product.")),
                false => Resolution::No,
            };
        }
        let makers = self.makers(subject, target);
        let found = if makers == Makers::Different { Resolution::No } else { named(subject, target, makers) };
        match found {
            Resolution::No => component(&subject.parts, target),
            found => found,
        }
    }

    fn decided(&self, subject: &Subject, target: &Target) -> Option<(bool, &str)> {
        let decided = self.decided.get(subject.decided.as_ref()?)?;
        let (same, by) = decided.get(&product_key(&target.vendor, &target.product))?;
        Some((*same, by))
    }

    /// What a person has settled for this model in one advisory.
    pub(crate) fn settled(&self, subject: &Subject, advisory: &str) -> Vec<Settled<'_>> {
        subject.conditioned.as_ref().map_or_else(Vec::new, |key| self.conditions.settled(key, advisory))
    }

    /// Products a person has decided about for this model.
    pub(crate) fn decided_products(&self, subject: &Subject) -> impl Iterator<Item = &ProductKey> {
        subject.decided.as_ref().and_then(|key| self.decided.get(key)).into_iter().flat_map(FxHashMap::keys)
    }

    fn makers(&self, subject: &Subject, target: &Target) -> Makers {
        let maker = &subject.maker;
        let same = |other: &String| *other == subject.maker_key;
        if maker.is_empty() {
            Makers::NotKnown
        } else if target.maker_keys.iter().any(same) {
            Makers::Same
        } else if target.named_maker_keys.iter().any(same) {
            Makers::OnProduct
        } else if target.makers.iter().any(|other| self.aliases.same_group(maker, other)) {
            Makers::Group
        } else {
            Makers::Different
        }
    }
}

/// One bit a word, so that two sets without a common word are told apart at a glance.
pub(crate) fn mark(words: &BTreeSet<String>) -> u64 {
    let bit = |word: &String| {
        let mut hasher = rustc_hash::FxHasher::default();
        word.hash(&mut hasher);
        1_u64 << (hasher.finish() % 64)
    };
    words.iter().map(bit).fold(0, |mark, bit| mark | bit)
}

pub(crate) fn product_key(vendor: &str, product: &str) -> ProductKey {
    (fold(vendor), fold(product))
}

/// A model code: at least three signs, with a digit, or two when letters and digits mix.
fn is_code(code: &str) -> bool {
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    digits > 0 && (code.len() >= 3 || (code.len() == 2 && digits == 1))
}

/// The answer by name, number and list, for makers that are not different.
fn named(subject: &Subject, target: &Target, makers: Makers) -> Resolution {
    match strong(subject, target) {
        Some(Strong { why, doubt: None }) if makers == Makers::Same && !target.is_loose => {
            Resolution::exact(why)
        }
        Some(Strong { why, doubt }) => Resolution::possible(match (doubt, makers) {
            (Some(doubt), _) => doubt,
            (None, Makers::Same) => "The advisory names it without vendor and version of its own.".to_owned(),
            (None, Makers::Group) => {
                format!("{why} But it stands under a related maker, {:?}.", target.vendor.trim())
            }
            (None, Makers::OnProduct) => {
                format!("{why} But it is listed under another maker, {:?}.", target.vendor.trim())
            }
            (None, _) => format!("{why} But nobody knows this device's maker."),
        }),
        None => likeness(subject, target, makers),
    }
}

/// A name, number or list that says it is the product; `doubt` when something speaks against it.
struct Strong {
    why: String,
    doubt: Option<String>,
}

fn strong(subject: &Subject, target: &Target) -> Option<Strong> {
    let number_known = !subject.number.is_empty();
    let shown = &target.product;
    if number_known && target.numbers.contains(&subject.number) {
        return Some(Strong {
            why: format!("The advisory lists model number {}.", subject.model_number),
            doubt: None,
        });
    }
    let other_number = (number_known && !target.numbers.is_empty()).then(|| {
        format!("The advisory means {shown:?}, with other model numbers than {}.", subject.model_number)
    });
    let narrowed =
        || Some(format!("The advisory means {shown:?}, which may not be every device of this model."));
    // A plus sign is no ornament: the maker sells both.
    let plus = (subject.model.contains('+') != target.product.contains('+'))
        .then(|| format!("The advisory means {shown:?}, and only one of the two is a \"+\" model."));
    if subject.names.iter().any(|name| target.names.contains(name)) {
        let by_title = if target.by_title { " in its title" } else { "" };
        return Some(Strong {
            why: format!("The advisory names this model{by_title}: {shown:?}."),
            doubt: plus.or(other_number),
        });
    }
    if subject.names.iter().any(|name| target.narrowed.contains(name)) {
        return Some(Strong { why: format!("The advisory names this model: {shown:?}."), doubt: narrowed() });
    }
    let long_enough = subject.number.len() >= 4 && is_code(&subject.number);
    if long_enough && target.codes.contains(&subject.number) {
        let doubt = other_number.or_else(|| target.is_narrowed.then(narrowed).flatten());
        return Some(Strong { why: format!("The advisory names this model number: {shown:?}."), doubt });
    }
    // Several models in one text: the code must be listed, and every other word of the model must stand there.
    let listed = subject.codes.iter().any(|code| target.codes.contains(code));
    let rest = || {
        subject.words.iter().all(|word| target.words.contains(word) || target.codes.contains(&squashed(word)))
    };
    if listed && target.codes.is_list() && rest() {
        let doubt = other_number.or_else(|| target.is_narrowed.then(narrowed).flatten());
        return Some(Strong {
            why: format!("The advisory lists this model among several: {shown:?}."),
            doubt,
        });
    }
    None
}

/// Likeness is never more than possible.
fn likeness(subject: &Subject, target: &Target, makers: Makers) -> Resolution {
    let shown = &target.product;
    let (mine, theirs) = (&subject.words, &target.words);
    if mine.is_empty() && subject.number.is_empty() {
        return Resolution::No;
    }
    // The reviewed tables know both, as different models.
    let apart =
        subject.is_reviewed && !target.reviewed.is_empty() && target.reviewed.is_disjoint(&subject.names);
    if apart && makers == Makers::Same {
        return Resolution::No;
    }
    let apart = subject.mark & target.mark == 0;
    let shared = if apart { 0 } else { mine.intersection(theirs).count() };
    let smaller = mine.len().min(theirs.len());
    let code = subject.codes.iter().any(|code| code.len() >= 3 && target.codes.contains(code));
    let held = subject.names.iter().any(|name| {
        name.len() >= 5
            && (target.squashed.contains(name.as_str())
                || target.names.iter().any(|other| other.len() >= 5 && name.contains(other.as_str())))
    });
    let telling = shared > 0 && mine.intersection(theirs).any(|word| word.len() >= 3);
    let within = shared == smaller && smaller > 0 && telling;
    let mostly = shared >= 2 && shared * 3 >= smaller * 2;
    // A product of generic words only ("imaging products") may be any of the maker's.
    let anything = theirs.is_empty() && target.is_range && makers == Makers::Same;
    let enough = match makers {
        Makers::NotKnown => code || held || (within && shared >= 2),
        _ => code || held || within || mostly || anything,
    };
    if enough {
        Resolution::possible(format!("The advisory means {shown:?}, which may be this model."))
    } else {
        Resolution::No
    }
}

/// The components and the operating system, by name.
fn parts(configuration: &Configuration) -> Vec<Part> {
    let names = configuration.components.iter().map(|component| component.name.as_str());
    let bare =
        names.chain([configuration.operating_system.as_str()]).map(|name| Component::read(name, false).name);
    let parts = bare.map(|name| Part { key: squash(&name), words: telling_words(&name, &[]), name });
    parts.filter(|part| !part.key.is_empty()).collect()
}

/// Third-party software inside a device: the advisory's product is one of its components.
fn component(parts: &[Part], target: &Target) -> Resolution {
    let is_product = |part: &&Part| target.names.contains(&part.key) || target.whole == part.key;
    if let Some(part) = parts.iter().find(is_product) {
        return Resolution::Exact {
            why: format!("This device holds {}, which the advisory names.", part.name),
            component: Some(part.name.clone()),
        };
    }
    let may_be = |part: &&Part| {
        !target.words.is_empty()
            && part.words.iter().any(|word| word.len() >= 4)
            && part.words.iter().all(|word| target.words.contains(word))
    };
    match parts.iter().find(may_be) {
        Some(part) => Resolution::possible(format!(
            "This device holds {}, which may be {:?}.",
            part.name, target.product
        )),
        None => Resolution::No,
    }
}

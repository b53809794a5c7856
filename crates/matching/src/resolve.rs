//! Is this model the advisory's product?
//!
//! *Exact* needs a maker that is the same and a name, number or list that says so in the maker's own words or
//! in a reviewed table. Anything short of it that is more than chance is *possible*. A named person's decision
//! settles both ways.

use crate::codes::squashed;
use crate::conditions::Conditions;
use crate::configuration::{Component, Configuration};
use crate::identifiers::{Found, Ground, Identifier, Identifiers, surest};
use crate::target::{Target, telling_words};
use crate::wildcard::plain;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use tallyward_core::advisory::{Advisory, Product};
use tallyward_core::decision::{Decision, Judgement};
use tallyward_identity::aliases::{Aliases, How};
use tallyward_identity::junk::is_junk_serial;
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
        /// The identifier of the document it rests on, when it rests on one and not on names.
        ground: Option<Ground>,
    },
    /// It may be; a person has to say.
    Possible {
        /// Why, in a sentence.
        why: String,
        /// The identifier of the document that speaks for it, when one does.
        ground: Option<Ground>,
    },
    /// Nothing speaks for it.
    No,
}

impl Resolution {
    fn exact(why: impl Into<String>) -> Self {
        Self::Exact { why: why.into(), component: None, ground: None }
    }

    fn possible(why: impl Into<String>) -> Self {
        Self::Possible { why: why.into(), ground: None }
    }

    /// The identifier it rests on.
    pub(crate) fn ground(&self) -> Option<&Ground> {
        match self {
            Self::Exact { ground, .. } | Self::Possible { ground, .. } => ground.as_ref(),
            Self::No => None,
        }
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
    pub maker_key: String,
    /// Squashed names that are this model.
    names: BTreeSet<String>,
    /// Whether the reviewed tables know the model.
    is_reviewed: bool,
    parts: Vec<Part>,
    number: String,
    /// Model numbers as helpers list them, made comparable, each with how it is shown.
    pub numbers: Vec<(String, String)>,
    /// The same of the serial number; `None` when none is on file or nothing asks for it.
    pub serial: Option<(String, String)>,
    /// Device identifier; empty when not known or no document names it.
    pub di: String,
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

    /// Whether a squashed name is this model.
    pub fn is_named(&self, name: &str) -> bool {
        self.names.contains(name)
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
        let mut numbers = vec![(plain(&configuration.model_number), configuration.model_number.clone())];
        // Lists often hold the number in the column of the model.
        let (model, shown) = (plain(&configuration.model), &configuration.model);
        if model.len() >= 4 && is_code(&model) && model != numbers[0].0 {
            numbers.push((model, shown.clone()));
        }
        numbers.retain(|(number, _)| !number.is_empty());
        let serial = configuration.serial.as_deref().map(str::trim).filter(|serial| !is_junk_serial(serial));
        let key = (squash(&canonical), squash(&by_name.name));
        Subject {
            model: configuration.model.clone(),
            model_number: configuration.model_number.clone(),
            names,
            number: squash(&configuration.model_number),
            numbers,
            serial: serial
                .map(|shown| (plain(shown), shown.to_owned()))
                .filter(|(serial, _)| !serial.is_empty()),
            di: configuration.di.clone().unwrap_or_default(),
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
        let found = match makers {
            Makers::Different => elsewhere(subject, target),
            makers => named(subject, target, makers),
        };
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

/// The answer by identifier, name, number and list, for makers that are not different.
fn named(subject: &Subject, target: &Target, makers: Makers) -> Resolution {
    let Some(Strong { why, doubt, ground }) = strong(subject, target, makers) else {
        return likeness(subject, target, makers);
    };
    // A device identifier names the maker too.
    let is_worldwide = ground.as_ref().is_some_and(|ground| ground.identifier == Identifier::Di);
    let vendor = target.vendor.trim();
    let doubt = doubt.or_else(|| match makers {
        Makers::Group if !is_worldwide => {
            Some(format!("{why} But it stands under a related maker, {vendor:?}."))
        }
        Makers::OnProduct if !is_worldwide => {
            Some(format!("{why} But it is listed under another maker, {vendor:?}."))
        }
        Makers::NotKnown if !is_worldwide => Some(format!("{why} But nobody knows this device's maker.")),
        _ => {
            target.is_loose.then(|| "The advisory names it without vendor and version of its own.".to_owned())
        }
    });
    match doubt {
        None => Resolution::Exact { why, component: None, ground },
        Some(why) => Resolution::Possible { why, ground },
    }
}

/// A product of another maker is possible only when the document itself is at odds about who made it.
fn elsewhere(subject: &Subject, target: &Target) -> Resolution {
    let Some(ids) = &target.ids else { return Resolution::No };
    let found = ids.by_di(subject).or_else(|| ids.by_cpe(subject));
    found.map_or(Resolution::No, |Found { ground, why, .. }| Resolution::Possible {
        why: format!("{why} But it is listed under another maker, {:?}.", target.vendor.trim()),
        ground: Some(ground),
    })
}

/// A name, number or list that says it is the product; `doubt` when something speaks against it.
struct Strong {
    why: String,
    doubt: Option<String>,
    ground: Option<Ground>,
}

fn strong(subject: &Subject, target: &Target, makers: Makers) -> Option<Strong> {
    let by_name = by_name(subject, target);
    let Some(ids) = &target.ids else { return by_name };
    let by_serial = by_serial(subject, target, makers, by_name.is_some(), ids);
    let found = [ids.by_di(subject), by_serial, ids.by_number(subject), ids.by_cpe(subject)];
    let Some(Found { ground, why, doubt, .. }) = surest(found.into_iter().flatten()) else { return by_name };
    // The names must not say that it is another model.
    let apart = is_another(subject, target).then(|| but_called(&why, subject, target));
    let identified = Strong { why, doubt: doubt.or(apart), ground: Some(ground) };
    if identified.doubt.is_none() { Some(identified) } else { by_name.or(Some(identified)) }
}

/// One maker may give a serial number twice, on different products. So the name must agree, unless the document writes
/// the number whole and nothing tells which model this is.
fn by_serial(
    subject: &Subject,
    target: &Target,
    makers: Makers,
    is_named: bool,
    ids: &Identifiers,
) -> Option<Found> {
    let found = ids.by_serial(subject)?;
    let alike = is_named || likeness(subject, target, makers) != Resolution::No;
    let (unknown, whole) = (!subject.is_identified(), found.is_whole);
    if is_named || (whole && (alike || unknown)) {
        return Some(found);
    }
    let doubt = Some(but_called(&found.why, subject, target));
    (whole || alike || unknown).then_some(Found { doubt, ..found })
}

fn but_called(why: &str, subject: &Subject, target: &Target) -> String {
    let here = if subject.model.is_empty() { "not known here".to_owned() } else { subject.model.clone() };
    format!("{why} But it calls the product {:?}, and the model is {here}.", target.product)
}

/// Whether the reviewed tables know both, as different models.
fn is_another(subject: &Subject, target: &Target) -> bool {
    subject.is_reviewed && !target.reviewed.is_empty() && target.reviewed.is_disjoint(&subject.names)
}

fn by_name(subject: &Subject, target: &Target) -> Option<Strong> {
    let shown = &target.product;
    let named = |why: String, doubt: Option<String>| Some(Strong { why, doubt, ground: None });
    let other_number = || {
        let ids = target.ids.as_ref()?;
        let number = (!subject.number.is_empty() && ids.other_number(subject)).then(|| {
            format!("The advisory means {shown:?}, with other model numbers than {}.", subject.model_number)
        });
        let di =
            || format!("The advisory means {shown:?}, with other device identifiers than {}.", subject.di);
        number.or_else(|| ids.other_di(subject).then(di))
    };
    let narrowed =
        || Some(format!("The advisory means {shown:?}, which may not be every device of this model."));
    // A plus sign is no ornament: the maker sells both.
    let plus = (subject.model.contains('+') != target.product.contains('+'))
        .then(|| format!("The advisory means {shown:?}, and only one of the two is a \"+\" model."));
    if subject.names.iter().any(|name| target.names.contains(name)) {
        let by_title = if target.by_title { " in its title" } else { "" };
        return named(
            format!("The advisory names this model{by_title}: {shown:?}."),
            plus.or_else(other_number),
        );
    }
    if subject.names.iter().any(|name| target.narrowed.contains(name)) {
        return named(format!("The advisory names this model: {shown:?}."), narrowed());
    }
    let doubt = || other_number().or_else(|| target.is_narrowed.then(narrowed).flatten());
    let long_enough = subject.number.len() >= 4 && is_code(&subject.number);
    if long_enough && target.codes.contains(&subject.number) {
        return named(format!("The advisory names this model number: {shown:?}."), doubt());
    }
    // Several models in one text: the code must be listed, and every other word of the model must stand there.
    let listed = subject.codes.iter().any(|code| target.codes.contains(code));
    let rest = || {
        subject.words.iter().all(|word| target.words.contains(word) || target.codes.contains(&squashed(word)))
    };
    if listed && target.codes.is_list() && rest() {
        return named(format!("The advisory lists this model among several: {shown:?}."), doubt());
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
    if is_another(subject, target) && makers == Makers::Same {
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
    let by_cpe = |part: &&Part| target.ids.as_ref().is_some_and(|ids| ids.names().contains(&part.key));
    if let Some(part) = parts.iter().find(is_product) {
        return Resolution::Exact {
            why: format!("This device holds {}, which the advisory names.", part.name),
            component: Some(part.name.clone()),
            ground: None,
        };
    }
    let may_be = |part: &&Part| {
        !target.words.is_empty()
            && part.words.iter().any(|word| word.len() >= 4)
            && part.words.iter().all(|word| target.words.contains(word))
    };
    match parts.iter().find(|part| may_be(part) || by_cpe(part)) {
        Some(part) => Resolution::possible(format!(
            "This device holds {}, which may be {:?}.",
            part.name, target.product
        )),
        None => Resolution::No,
    }
}

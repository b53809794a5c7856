//! Every table in force, and what its rules say of one fact.

use super::conclude::HOLDS_FROM;
use super::recog::Recog;
use super::registry::Registry;
use super::rule::{Rule, RuleError, RuleFile, Score, fill};
use crate::aliases::Aliases;
use regex::{RegexSet, RegexSetBuilder};
use std::sync::{Arc, LazyLock};
use tallyward_core::Field;

/// The tables that ship with the program, by name.
const BUILTIN: [(&str, &str); 9] = [
    ("dicom.csv", include_str!("../../data/rules/dicom.csv")),
    ("dhcp.csv", include_str!("../../data/rules/dhcp.csv")),
    ("snmp.csv", include_str!("../../data/rules/snmp.csv")),
    ("web.csv", include_str!("../../data/rules/web.csv")),
    ("greetings.csv", include_str!("../../data/rules/greetings.csv")),
    ("announced.csv", include_str!("../../data/rules/announced.csv")),
    ("stacks.csv", include_str!("../../data/rules/stacks.csv")),
    ("windows.csv", include_str!("../../data/rules/windows.csv")),
    ("cards.csv", include_str!("../../data/rules/cards.csv")),
];

/// The tables that ship, compiled once.
static SHIPPED: LazyLock<RuleTables> = LazyLock::new(|| {
    let mut files = Vec::new();
    for (name, text) in BUILTIN {
        let (file, errors) = RuleFile::read(name, text);
        assert!(errors.is_empty(), "a shipped rule table cannot be used: {}", errors[0]);
        files.push(file);
    }
    RuleTables::of(files, Vec::new(), Registry::default())
});

/// Memory all patterns over one field may take together, in bytes.
const SET_SIZE: usize = 64 << 20;
/// Of one fact so many bytes are looked at.
const FACT_BYTES: usize = 1024;

/// A table, to show.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TableInfo {
    /// File name.
    pub name: String,
    /// Version line of the table; empty when it has none.
    pub version: String,
    /// Where its facts come from.
    pub source: String,
    /// How many rules it has.
    pub rules: usize,
}

/// The rules over one field.
#[derive(Debug, Default)]
struct OfField {
    /// In the order of files, then lines: (file, rule).
    rules: Vec<(usize, usize)>,
    set: RegexSet,
    /// Whether any rule is more than a hint.
    strong: bool,
}

/// Rule tables in force. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RuleTables {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    files: Vec<RuleFile>,
    /// What the folder of recog files held, when one is in use.
    recog: Vec<Recog>,
    registry: Registry,
    /// By number of the field.
    by_field: Vec<OfField>,
    aliases: Aliases,
    version: String,
}

impl PartialEq for RuleTables {
    fn eq(&self, other: &Self) -> bool {
        self.inner.version == other.inner.version
    }
}

impl Eq for RuleTables {}

/// What one rule says of one fact.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) file: usize,
    pub(super) rule: usize,
    /// Field and value, groups filled.
    pub(super) gives: Vec<(Field, String)>,
}

impl RuleTables {
    /// The tables that ship with the program.
    ///
    /// # Panics
    /// Never for a program that passed its tests: the tables are part of it.
    #[must_use]
    pub fn builtin() -> Self {
        SHIPPED.clone()
    }

    /// These tables with one of the house's own laid over them. Lines that cannot be used come back as errors; the
    /// rest is in force.
    #[must_use]
    pub fn with_own(&self, name: &str, text: &str) -> (Self, Vec<RuleError>) {
        let (file, errors) = RuleFile::read(name, text);
        let mut files = self.inner.files.clone();
        files.insert(0, file);
        (Self::of(files, self.inner.recog.clone(), self.inner.registry.clone()), errors)
    }

    /// These tables with fingerprints of recog files after them and a newer registry of network cards.
    #[must_use]
    pub fn with(&self, recog: Vec<Recog>, registry: Registry) -> Self {
        let mut files = self.inner.files.clone();
        files.extend(recog.iter().map(|one| one.file().clone()));
        Self::of(files, recog, registry)
    }

    /// A table of the house's own, looked at alone: how many rules it has and which lines cannot be used.
    #[must_use]
    pub fn check(name: &str, text: &str) -> (TableInfo, Vec<RuleError>) {
        let (file, errors) = RuleFile::read(name, text);
        (info(&file), errors)
    }

    fn of(files: Vec<RuleFile>, recog: Vec<Recog>, registry: Registry) -> Self {
        let mut by_field: Vec<OfField> = Field::ALL.iter().map(|_| OfField::default()).collect();
        for (at, file) in files.iter().enumerate() {
            for (number, rule) in file.rules.iter().enumerate() {
                let of = &mut by_field[rule.fact as usize];
                of.rules.push((at, number));
                of.strong |= rule.score >= HOLDS_FROM;
            }
        }
        for of in &mut by_field {
            let patterns = of.rules.iter().map(|(file, rule)| files[*file].rules[*rule].pattern.as_str());
            // Too large together they are tried one by one: slower, and the same answers.
            let built = RegexSetBuilder::new(patterns).size_limit(SET_SIZE).dfa_size_limit(SET_SIZE).build();
            of.set = built.unwrap_or_else(|_| RegexSet::empty());
        }
        let mut version = String::new();
        for file in &files {
            version.push_str(&format!("{} {} {:016x}; ", file.name, file.version, fingerprint(file)));
        }
        version.push_str(&format!("cards {}", registry.version()));
        Self {
            inner: Arc::new(Inner { files, recog, registry, by_field, aliases: Aliases::builtin(), version }),
        }
    }

    /// Names, versions and fingerprints of all tables, in one line.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.inner.version
    }

    /// Every table, the house's own first.
    #[must_use]
    pub fn infos(&self) -> Vec<TableInfo> {
        self.inner.files.iter().map(info).collect()
    }

    /// The recog files in use, with what of them was not understood.
    #[must_use]
    pub fn recog(&self) -> &[Recog] {
        &self.inner.recog
    }

    /// The registry of network cards.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// The text of a shipped table.
    #[must_use]
    pub fn builtin_text(name: &str) -> Option<&'static str> {
        BUILTIN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    pub(super) fn aliases(&self) -> &Aliases {
        &self.inner.aliases
    }

    /// Whether any rule reads this field; without `hints`, any that can hold.
    pub(super) fn reads(&self, field: Field, hints: bool) -> bool {
        let of = &self.inner.by_field[field as usize];
        of.strong || hints && !of.rules.is_empty()
    }

    pub(super) fn rule(&self, hit: &Hit) -> (&str, &Rule) {
        let file = &self.inner.files[hit.file];
        (&file.name, &file.rules[hit.rule])
    }

    /// What the rules say of one value of a field, whatever its basis, in the order of files and lines.
    pub(super) fn hits(&self, field: Field, value: &str) -> Vec<Hit> {
        let of = &self.inner.by_field[field as usize];
        let value = if field == Field::Banner { bare_greeting(value) } else { value };
        let mut end = value.len().min(FACT_BYTES);
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        let value = &value[..end];
        let rules = |at: usize| of.rules[at];
        if of.set.len() == of.rules.len() {
            of.set.matches(value).iter().filter_map(|at| self.hit(rules(at), value)).collect()
        } else {
            of.rules.iter().filter_map(|rule| self.hit(*rule, value)).collect()
        }
    }

    fn hit(&self, (file, number): (usize, usize), value: &str) -> Option<Hit> {
        let rule = &self.inner.files[file].rules[number];
        let caught = rule.pattern.captures(value)?;
        let gives: Vec<(Field, String)> =
            rule.gives.iter().filter_map(|(field, texts)| Some((*field, first(texts, &caught)?))).collect();
        (!gives.is_empty()).then_some(Hit { file, rule: number, gives })
    }
}

/// The first of several values whose groups all caught something.
fn first(texts: &[String], caught: &regex::Captures<'_>) -> Option<String> {
    texts.iter().find_map(|text| fill(text, caught))
}

fn info(file: &RuleFile) -> TableInfo {
    TableInfo {
        name: file.name.clone(),
        version: file.version.clone(),
        source: file.source.clone(),
        rules: file.rules.len(),
    }
}

/// A greeting without what its protocol puts before it: `SSH-2.0-` (RFC 4253 section 4.2), `220 ` (RFC 959 section 4.2).
fn bare_greeting(value: &str) -> &str {
    if let Some(rest) = value.strip_prefix("SSH-") {
        return rest.split_once('-').map_or(value, |(_, software)| software);
    }
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    match value.get(digits..) {
        Some(rest) if digits == 3 && rest.starts_with([' ', '-']) => &rest[1..],
        _ => value,
    }
}

/// A number that changes with every rule of a file (FNV-1a, 64 bits): it tells tables apart, it protects nothing.
fn fingerprint(file: &RuleFile) -> u64 {
    let mut number = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            number = (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for Rule { fact, basis, pattern, gives, score: Score(score), line, .. } in &file.rules {
        add(fact.code());
        add(basis);
        add(pattern.as_str());
        for (field, values) in gives {
            add(field.code());
            values.iter().for_each(|value| add(value));
        }
        add(&format!("{score} {line}"));
    }
    number
}

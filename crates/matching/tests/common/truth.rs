//! The truth set of product resolution (`data/truth/products.csv`) and how the resolver does on it.

use std::collections::BTreeMap;
use std::fmt;
use tallyward_core::advisory::{Advisory, Product};
use tallyward_core::device::{Device, Held};
use tallyward_core::field::Field;
use tallyward_core::time::Timestamp;
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Configuration, Resolution, Resolver};

/// A part of the truth set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// Its maker was looked at while the resolver was mended.
    Tuning,
    /// Its maker was not.
    HeldOut,
    /// Its label was argued over after the resolver had been asked, so it counts for nothing.
    Disputed,
}

/// One labelled pair.
pub struct Pair {
    /// Which part of the set it belongs to.
    pub set: Set,
    vendor: String,
    product: String,
    maker: String,
    model: String,
    number: String,
    /// `same`, `different` or `cannot tell`.
    pub label: String,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { maker, model, number, vendor, product, .. } = self;
        write!(f, "{maker:?} {model:?} {number:?} against {vendor:?} {product:?}")
    }
}

/// All pairs, in the order of the file.
pub fn pairs() -> Vec<Pair> {
    let text = include_str!("../../data/truth/products.csv");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let read = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.expect("a row of the truth set");
        let [set, _, vendor, product, maker, model, number, label] =
            std::array::from_fn(|column| row[column].to_owned());
        let set = match set.as_str() {
            "tuning" => Set::Tuning,
            "held out" => Set::HeldOut,
            "disputed" => Set::Disputed,
            other => panic!("no set is called {other:?}"),
        };
        assert!(matches!(label.as_str(), "same" | "different" | "cannot tell"), "{label:?}");
        Pair { set, vendor, product, maker, model, number, label }
    };
    reader.records().map(read).collect()
}

impl Pair {
    /// What the resolver answers, on the way a device goes.
    pub fn resolve(&self, resolver: &Resolver, aliases: &Aliases) -> Resolution {
        let mut device = Device::default();
        let fields = [
            (Field::Manufacturer, &self.maker),
            (Field::Model, &self.model),
            (Field::ModelNumber, &self.number),
        ];
        for (field, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            let held =
                Held { value: value.clone(), support: Vec::new(), dissent: Vec::new(), also: Vec::new() };
            device.fields.insert(field, held);
        }
        let configuration = Configuration::of(&device, aliases, 90, Timestamp::from_seconds(0));
        let leaf = Product {
            vendor: self.vendor.clone(),
            product: self.product.clone(),
            category: "product_version_range".to_owned(),
            ..Product::default()
        };
        resolver.resolve(&configuration, &Advisory::default(), &leaf)
    }
}

/// How the answers stand to the labels.
#[derive(Default)]
pub struct Score {
    counts: BTreeMap<(String, &'static str), usize>,
    /// Pairs called the same that are not, and pairs that are the same and were not found.
    pub wrong: Vec<String>,
}

impl Score {
    /// Asks the resolver about every pair that `chosen` takes.
    pub fn of(pairs: &[Pair], chosen: impl Fn(&Pair) -> bool) -> Self {
        let aliases = Aliases::builtin();
        let resolver = Resolver::new(aliases.clone(), &[]);
        let mut score = Self::default();
        for pair in pairs.iter().filter(|pair| chosen(pair)) {
            let answer = match pair.resolve(&resolver, &aliases) {
                Resolution::Exact { .. } => "exact",
                Resolution::Possible { .. } => "possible",
                Resolution::No => "no",
            };
            *score.counts.entry((pair.label.clone(), answer)).or_default() += 1;
            let is_same = pair.label == "same";
            if (answer == "exact" && !is_same) || (answer == "no" && is_same) {
                score.wrong.push(format!("{pair} ({}): {answer}", pair.label));
            }
        }
        score
    }

    fn count(&self, label: &str, answer: &'static str) -> usize {
        self.counts.get(&(label.to_owned(), answer)).copied().unwrap_or_default()
    }

    /// Of the pairs called the same, in thousandths, how many are.
    pub fn precision(&self) -> usize {
        let right = self.count("same", "exact");
        let all = right + self.count("different", "exact") + self.count("cannot tell", "exact");
        right * 1000 / all.max(1)
    }

    /// Of the pairs that are the same, in thousandths, how many were found exactly or possibly.
    pub fn recall(&self) -> usize {
        let found = self.count("same", "exact") + self.count("same", "possible");
        found * 1000 / (found + self.count("same", "no")).max(1)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<12} {:>6} {:>9} {:>6}", "", "exact", "possible", "no")?;
        for label in ["same", "different", "cannot tell"] {
            let [exact, possible, no] = ["exact", "possible", "no"].map(|answer| self.count(label, answer));
            writeln!(f, "{label:<12} {exact:>6} {possible:>9} {no:>6}")?;
        }
        let (precision, recall) = (self.precision(), self.recall());
        let shown = |part: usize| format!("{}.{:03}", part / 1000, part % 1000);
        write!(f, "precision of same {}, recall with possible {}", shown(precision), shown(recall))
    }
}

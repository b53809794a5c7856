//! A product of an advisory, prepared for comparing.

use crate::codes::Codes;
use crate::identifiers::Identifiers;
use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;
use tallyward_core::advisory::{Advisory, PACKAGE, Product};
use tallyward_identity::aliases::{Aliases, How};
use tallyward_identity::text::{fold, squash};

/// Words that name a kind of thing, not a thing (`data/generic_words.csv`).
static GENERIC: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../data/generic_words.csv").lines();
    lines.filter(|line| !line.starts_with('#')).skip(1).map(str::trim).collect()
});

/// Words that narrow a product, so that a device of that name may still be outside.
const NARROWING: &[&str] = &[
    "not",
    "excluding",
    "except",
    "only",
    "without",
    "with",
    "integrated",
    "installed",
    "part",
    "number",
    "and",
    "wlan",
];

/// The words of `text` that tell products apart, without those of the makers.
pub(crate) fn telling_words(text: &str, makers: &[String]) -> BTreeSet<String> {
    let maker_words: HashSet<String> = makers.iter().flat_map(|maker| words(maker)).collect();
    words(text).filter(|word| !GENERIC.contains(word.as_str()) && !maker_words.contains(word)).collect()
}

fn words(text: &str) -> std::vec::IntoIter<String> {
    let words: Vec<String> =
        fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.into_iter()
}

/// Vendor and product of a leaf, with everything worked out that comparing needs.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Vendor and product as the advisory writes them.
    pub vendor: String,
    pub product: String,
    /// Canonical makers of the vendor text.
    pub makers: Vec<String>,
    /// The same, squashed, for comparing.
    pub maker_keys: Vec<String>,
    /// Makers that only the product text names.
    pub named_makers: Vec<String>,
    pub named_maker_keys: Vec<String>,
    /// Models the reviewed tables know this text as, squashed; empty when they do not know it.
    pub reviewed: BTreeSet<String>,
    /// Names that are this product and nothing narrower, squashed.
    pub names: BTreeSet<String>,
    /// Names that are this product but for a narrowing remark, squashed.
    pub narrowed: BTreeSet<String>,
    /// What it is named by beside its name.
    pub ids: Option<Box<Identifiers>>,
    /// Codes in the product text.
    pub codes: Codes,
    /// Whether the text narrows the product.
    pub is_narrowed: bool,
    /// Words that tell it from the maker's other products.
    pub words: BTreeSet<String>,
    /// One bit a word, for telling apart at a glance.
    pub mark: u64,
    /// The product text without blanks and signs.
    pub squashed: String,
    /// Whether the leaf stands outside the vendor tree, so that its one name may hold a version.
    pub is_loose: bool,
    /// Whether the text means a whole range of products ("imaging products").
    pub is_range: bool,
    /// Vendor and product together, squashed.
    pub whole: String,
    /// Whether the product was named only by the document's title.
    pub by_title: bool,
}

impl Target {
    pub fn of(advisory: &Advisory, leaf: &Product, aliases: &Aliases) -> Self {
        let by_title = is_by_title(leaf);
        let product = product_name(advisory, leaf);
        let is_loose =
            matches!(leaf.category.as_str(), "full_product_name" | PACKAGE) || leaf.relation.is_some();
        let vendor = if leaf.vendor.is_empty() { &product } else { &leaf.vendor };
        let known = |text: &str| {
            let found = aliases.makers_in(text).into_iter();
            found.filter(|maker| maker.how != How::Unknown).map(|maker| maker.name).collect::<Vec<_>>()
        };
        let mut makers: Vec<String> = aliases.makers_in(vendor).into_iter().map(|maker| maker.name).collect();
        if leaf.vendor.is_empty() {
            makers = first_words_maker(&product, aliases);
        }
        let mut named_makers = known(&product);
        named_makers.extend(first_words_maker(&product, aliases));
        named_makers.retain(|maker| !makers.contains(maker));
        named_makers.dedup();
        // A maker that belongs to the vendor and stands on the product: the vendor speaks for it.
        let (own, others) = named_makers
            .into_iter()
            .partition::<Vec<_>, _>(|named| makers.iter().any(|maker| aliases.same_group(maker, named)));
        makers.extend(own);
        let mut all = makers.clone();
        all.push(leaf.vendor.clone());
        let brackets = Brackets::of(&product);
        let words = telling_words(&brackets.plain, &all);
        let mut target = Self {
            is_narrowed: brackets.narrows || narrows(&brackets.plain),
            codes: Codes::read(&product),
            mark: crate::resolve::mark(&words),
            words,
            squashed: squash(&product),
            maker_keys: makers.iter().map(|maker| squash(maker)).collect(),
            named_maker_keys: others.iter().map(|maker| squash(maker)).collect(),
            reviewed: BTreeSet::new(),
            is_range: self::words(&product)
                .any(|word| matches!(word.as_str(), "products" | "devices" | "systems")),
            whole: squash(&format!("{} {product}", leaf.vendor)),
            ids: Identifiers::of(advisory, leaf, aliases).map(Box::new),
            vendor: leaf.vendor.clone(),
            product,
            makers,
            named_makers: others,
            names: BTreeSet::new(),
            narrowed: BTreeSet::new(),
            is_loose,
            by_title,
        };
        target.name(&brackets, aliases);
        target
    }

    /// Fills the names. The whole text, and what the reviewed tables make of it, are always the product; the text
    /// without its brackets only when these do not narrow it.
    fn name(&mut self, brackets: &Brackets, aliases: &Aliases) {
        let makers: Vec<String> = self.makers.iter().chain(&self.named_makers).cloned().collect();
        self.names.insert(squash(&self.product));
        for maker in &makers {
            let whole = aliases.canonical_model(maker, &self.product);
            self.names.insert(squash(&whole.name));
            let plain = aliases.canonical_model(maker, &brackets.plain);
            for known in [&whole, &plain].into_iter().filter(|known| known.how != How::Unknown) {
                self.reviewed.insert(squash(&known.name));
            }
            let into = if self.is_narrowed { &mut self.narrowed } else { &mut self.names };
            into.insert(squash(&plain.name));
            into.extend(brackets.short.iter().map(|short| squash(short)));
        }
        self.names.remove("");
        self.narrowed.remove("");
    }
}

fn is_by_title(leaf: &Product) -> bool {
    fold(&leaf.product) == "version" || leaf.product.trim().is_empty()
}

/// What a leaf's product is called, as people's decisions name it: its own text, or what the document's title names
/// when the leaf has none or only the word "Version".
#[must_use]
pub fn product_name(advisory: &Advisory, leaf: &Product) -> String {
    if is_by_title(leaf) { without_title_words(&advisory.title) } else { leaf.product.clone() }
}

/// A maker whose name is the first words of a text.
fn first_words_maker(text: &str, aliases: &Aliases) -> Vec<String> {
    const LONGEST: usize = 4;
    let words: Vec<&str> = text.split_whitespace().take(LONGEST).collect();
    let found = (1..=words.len()).rev().map(|count| aliases.canonical_maker(&words[..count].join(" ")));
    found.filter(|maker| maker.how != How::Unknown).map(|maker| maker.name).take(1).collect()
}

fn narrows(text: &str) -> bool {
    words(text).any(|word| NARROWING.contains(&word.as_str()))
}

fn without_title_words(title: &str) -> String {
    let kept = title.split_whitespace().filter(|word| {
        let folded = fold(word);
        !matches!(folded.as_str(), "vulnerability" | "vulnerabilities" | "update" | "multiple")
    });
    let text = kept.collect::<Vec<_>>().join(" ");
    // "(Update B)" leaves "B)" behind.
    text.split(" B)").next().unwrap_or_default().trim().to_owned()
}

/// A product text parted into what stands outside and inside its round brackets.
struct Brackets {
    plain: String,
    /// Abbreviations among the bracketed.
    short: Vec<String>,
    /// Whether a bracket narrows the product. Abbreviations, codes and "including …" do not.
    narrows: bool,
}

impl Brackets {
    fn of(product: &str) -> Self {
        let mut brackets = Self { plain: String::new(), short: Vec::new(), narrows: false };
        let mut rest = product;
        while let Some((before, after)) = rest.split_once('(') {
            brackets.plain.push_str(before);
            let (inside, behind) = after.split_once(')').unwrap_or((after, ""));
            brackets.inside(inside.trim_matches(['(', ' ']));
            rest = behind;
        }
        brackets.plain.push_str(rest);
        brackets.plain = brackets.plain.split_whitespace().collect::<Vec<_>>().join(" ");
        brackets
    }

    fn inside(&mut self, inside: &str) {
        let letters = inside.chars().filter(|letter| letter.is_alphabetic()).count();
        let capitals = inside.chars().filter(|letter| letter.is_uppercase()).count();
        let one_word = !inside.contains(char::is_whitespace);
        let is_code = one_word && inside.bytes().any(|byte| byte.is_ascii_digit());
        let is_short = one_word && !is_code && letters >= 2 && capitals * 2 >= letters;
        let widens = fold(inside).starts_with("including") && !narrows(inside);
        if is_short {
            self.short.push(inside.to_owned());
        } else if !(widens || is_code || inside.is_empty()) {
            self.narrows = true;
        }
    }
}

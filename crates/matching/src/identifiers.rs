//! What a document names a product by beside its name: the identification helper of CSAF (clause 3.1.3.3), and device
//! identifiers (UDI-DI) wherever they are written.
//!
//! Hashes name files and no device's record has any; generic URIs are only looked through for a device identifier.

use crate::resolve::Subject;
use crate::wildcard::{Likeness, Pattern, TELLING};
use std::collections::BTreeMap;
use tallyward_core::Cpe;
use tallyward_core::advisory::{Advisory, Product, RECALLED_UNITS};
use tallyward_identity::aliases::Aliases;
use tallyward_identity::text::squash;
use tallyward_identity::udi::normal_gtin;

/// Which identifier of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identifier {
    /// UDI device identifier.
    Di,
    /// Serial number.
    Serial,
    /// Model number.
    Model,
    /// Stock keeping unit.
    Sku,
    /// CPE name.
    Cpe,
}

impl Identifier {
    const fn word(self) -> &'static str {
        match self {
            Self::Di => "device identifier",
            Self::Serial => "serial number",
            Self::Model => "model number",
            Self::Sku => "stock keeping unit",
            Self::Cpe => "CPE name",
        }
    }
}

/// An identifier that a resolution rests on, and where in the document it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ground {
    /// Which.
    pub identifier: Identifier,
    /// The member of the identification helper and the place in it, such as `model_numbers/0`; `code_info` in a recall.
    pub place: String,
}

/// A number a document lists.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    identifier: Identifier,
    pattern: Pattern,
    text: String,
    place: String,
}

/// A CPE name as a maker and names of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CpeName {
    /// Vendor and product as it has them; leaves of one product share it whatever their versions.
    text: String,
    maker: String,
    names: Vec<String>,
    is_narrowed: bool,
}

/// All numbers of a kind. Those without wildcards are looked up, so that a document that lists every unit it means is no
/// burden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Numbers {
    whole: BTreeMap<String, Listed>,
    wild: Vec<Listed>,
}

/// All identifiers of one leaf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identifiers {
    numbers: Numbers,
    serials: Numbers,
    /// Device identifiers as GTIN of 14 digits, with the place they stand in.
    dis: BTreeMap<String, String>,
    cpe: Option<CpeName>,
}

/// What an identifier says of a device.
pub(crate) struct Found {
    pub ground: Ground,
    pub why: String,
    /// Whether the document writes it whole, without wildcards.
    pub is_whole: bool,
    /// What speaks against it.
    pub doubt: Option<String>,
}

impl Identifiers {
    /// Those of a leaf; `None` when it has none.
    pub fn of(advisory: &Advisory, leaf: &Product, aliases: &Aliases) -> Option<Self> {
        let mut numbers = Numbers::default();
        numbers.add(Identifier::Model, "model_numbers", &leaf.model_numbers);
        numbers.add(Identifier::Sku, "skus", &leaf.skus);
        let mut serials = Numbers::default();
        serials.add(Identifier::Serial, "serial_numbers", &leaf.serial_numbers);
        let mut dis = BTreeMap::new();
        for (di, place) in device_identifiers(advisory, leaf) {
            dis.entry(di).or_insert(place);
        }
        let cpe = leaf.other_ids.iter().find_map(|text| CpeName::of(text, aliases));
        let found = Self { numbers, serials, dis, cpe };
        (found != Self::default()).then_some(found)
    }

    /// The device identifiers, 14 digits each.
    pub fn dis(&self) -> impl Iterator<Item = &str> {
        self.dis.keys().map(String::as_str)
    }

    /// The canonical maker of the CPE name.
    pub fn maker(&self) -> Option<&str> {
        self.cpe.as_ref().map(|cpe| cpe.maker.as_str())
    }

    /// The names of the CPE name, squashed.
    pub fn names(&self) -> &[String] {
        self.cpe.as_ref().map_or(&[], |cpe| cpe.names.as_slice())
    }

    /// A device identifier names one product of one maker, worldwide.
    pub fn by_di(&self, subject: &Subject) -> Option<Found> {
        let di = subject.di.as_str();
        let place = self.dis.get(di)?;
        let why = format!("The advisory lists this device's device identifier (UDI-DI), {di}.");
        let ground = Ground { identifier: Identifier::Di, place: place.clone() };
        Some(Found { ground, why, is_whole: true, doubt: None })
    }

    /// Whether it lists device identifiers and the device's own is not among them.
    pub fn other_di(&self, subject: &Subject) -> bool {
        !subject.di.is_empty() && !self.dis.is_empty() && self.by_di(subject).is_none()
    }

    /// Serial numbers are unique within a line of products only.
    pub fn by_serial(&self, subject: &Subject) -> Option<Found> {
        let (serial, shown) = subject.serial.as_ref()?;
        self.serials.best(serial, shown)
    }

    /// By model number and stock keeping unit. They are unique within a maker only.
    pub fn by_number(&self, subject: &Subject) -> Option<Found> {
        let numbers = subject.numbers.iter();
        surest(numbers.filter_map(|(number, shown)| self.numbers.best(number, shown)))
    }

    /// Whether it lists model numbers and the device's own, which is known, is not among them.
    pub fn other_number(&self, subject: &Subject) -> bool {
        self.numbers != Numbers::default()
            && self.by_number(subject).is_none_or(|found| found.doubt.is_some())
    }

    /// By vendor and product of the CPE name, through the alias tables. Its version is read as a clause, if at all.
    pub fn by_cpe(&self, subject: &Subject) -> Option<Found> {
        let cpe = self.cpe.as_ref()?;
        let is_it =
            squash(&cpe.maker) == subject.maker_key && cpe.names.iter().any(|name| subject.is_named(name));
        let doubt =
            || format!("The advisory's CPE name, {:?}, may mean one edition of this model only.", cpe.text);
        is_it.then(|| Found {
            ground: Ground { identifier: Identifier::Cpe, place: "cpe".to_owned() },
            why: format!("The advisory's CPE name is this model: {:?}.", cpe.text),
            is_whole: true,
            doubt: cpe.is_narrowed.then(doubt),
        })
    }
}

/// The first without a doubt, else the first.
pub(crate) fn surest(found: impl Iterator<Item = Found>) -> Option<Found> {
    let mut found: Vec<Found> = found.collect();
    let sure = found.iter().position(|found| found.doubt.is_none()).unwrap_or(0);
    (sure < found.len()).then(|| found.swap_remove(sure))
}

impl Numbers {
    fn add(&mut self, identifier: Identifier, member: &str, texts: &[String]) {
        for (at, text) in texts.iter().enumerate() {
            let Some(pattern) = Pattern::read(text) else { continue };
            let (whole, place) = (pattern.whole(), format!("{member}/{at}"));
            let listed = Listed { identifier, pattern, text: text.clone(), place };
            match whole {
                Some(number) => {
                    self.whole.entry(number).or_insert(listed);
                }
                None => self.wild.push(listed),
            }
        }
    }

    /// The listed number that says most of a device's: the same, then one whose wildcards cover it, then one that may be
    /// its beginning, then one of hardly anything but wildcards.
    fn best(&self, number: &str, shown: &str) -> Option<Found> {
        let wild = |wanted: Likeness| self.wild.iter().find(|one| one.pattern.likeness(number) == wanted);
        let (one, is_sure) = match self.whole.get(number).or_else(|| wild(Likeness::Is)) {
            Some(one) => (one, true),
            None => (self.abbreviated(number).or_else(|| wild(Likeness::MayBe))?, false),
        };
        let word = one.identifier.word();
        let as_written =
            if one.text.trim() == shown { String::new() } else { format!(", as {:?}", one.text) };
        let doubt = || {
            format!(
                "The advisory lists {word} {:?}, which is too short to tell whether it means {shown}.",
                one.text
            )
        };
        Some(Found {
            ground: Ground { identifier: one.identifier, place: one.place.clone() },
            why: format!("The advisory lists {word} {shown}{as_written}."),
            is_whole: one.pattern.is_whole(),
            doubt: (!is_sure).then(doubt),
        })
    }

    /// The longest listed number that the device's begins with.
    fn abbreviated(&self, number: &str) -> Option<&Listed> {
        let beginnings = number.char_indices().skip(TELLING).map(|(end, _)| &number[..end]);
        beginnings.filter_map(|beginning| self.whole.get(beginning)).last()
    }
}

impl CpeName {
    fn of(text: &str, aliases: &Aliases) -> Option<Self> {
        let cpe = Cpe::read(text)?;
        if cpe.vendor.is_empty() {
            return None;
        }
        let maker = aliases.canonical_maker(&cpe.vendor).name;
        // Lists of flaws name the software of a device after it.
        let bare = ["firmware", "software"].into_iter().find_map(|word| cpe.product.strip_suffix(word));
        let product = bare.map(str::trim).filter(|bare| !bare.is_empty()).unwrap_or(&cpe.product);
        let canonical = aliases.canonical_model(&maker, product).name;
        let mut names: Vec<String> =
            [cpe.product.as_str(), product, &canonical].into_iter().map(squash).collect();
        names.sort();
        names.dedup();
        names.retain(|name| !name.is_empty());
        let text = format!("{} {}", cpe.vendor, cpe.product);
        Some(Self { text, maker, names, is_narrowed: !cpe.narrowed.is_empty() })
    }
}

/// What a document names a product by beside its name, in lines for a person, the identifiers that are compared with
/// nothing last.
#[must_use]
pub fn spoken_identifiers(advisory: &Advisory, leaf: &Product) -> Vec<String> {
    let of = |start: &str| -> Vec<&str> {
        leaf.other_ids.iter().map(String::as_str).filter(|id| id.starts_with(start)).collect()
    };
    let texts = |texts: &'_ [String]| texts.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let dis: Vec<String> = device_identifiers(advisory, leaf).into_iter().map(|(di, _)| di).collect();
    let mut lines: Vec<String> = [
        ("device identifiers (UDI-DI)", texts(&dis)),
        ("model numbers", texts(&leaf.model_numbers)),
        ("stock keeping units", texts(&leaf.skus)),
        ("serial numbers", texts(&leaf.serial_numbers)),
        ("CPE name", of("cpe:").join(", ")),
        ("package URL", of("pkg:").join(", ")),
    ]
    .into_iter()
    .filter(|(_, said)| !said.is_empty())
    .map(|(word, said)| format!("{word}: {}", cut(&said)))
    .collect();
    let with_di = |uri: &&String| runs_of_digits(uri).any(|(_, run)| gtin_14(run).is_some());
    let uris = leaf.generic_uris.len() - leaf.generic_uris.iter().filter(with_di).count();
    let counted = |count: usize, word: &str| (count > 0).then(|| format!("{word}: {count}"));
    let unused: Vec<String> =
        [counted(leaf.hashed_files.len(), "hashes of files"), counted(uris, "generic URIs")]
            .into_iter()
            .flatten()
            .collect();
    if !unused.is_empty() {
        lines.push(format!("compared with nothing: {}", unused.join(", ")));
    }
    lines
}

fn cut(text: &str) -> String {
    const SHOWN: usize = 300;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Device identifiers: GTIN of 13 or 14 digits among model numbers and stock keeping units, of 14 digits in generic
/// URIs, and in the text of a recall behind a word that says so.
fn device_identifiers(advisory: &Advisory, leaf: &Product) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (member, texts) in [("model_numbers", &leaf.model_numbers), ("skus", &leaf.skus)] {
        for (at, text) in texts.iter().enumerate() {
            let text = text.trim();
            if let Some(di) = normal_gtin(text).filter(|_| text.len() >= 13) {
                found.push((di, format!("{member}/{at}")));
            }
        }
    }
    for (at, uri) in leaf.generic_uris.iter().enumerate() {
        let runs = runs_of_digits(uri).filter_map(|(_, run)| gtin_14(run));
        found.extend(runs.map(|di| (di, format!("x_generic_uris/{at}"))));
    }
    if leaf.category == RECALLED_UNITS || advisory.format.starts_with("openfda") {
        let dis = labelled(&leaf.name).chain(labelled(&leaf.product));
        found.extend(dis.map(|di| (di, "code_info".to_owned())));
    }
    found
}

fn gtin_14(run: &str) -> Option<String> {
    normal_gtin(run).filter(|_| run.len() == 14)
}

/// GTIN of 14 digits behind "UDI", "DI", "GTIN" or "(01)", and further ones in a row.
fn labelled(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut in_row = 0;
    runs_of_digits(text).filter_map(move |(at, run)| {
        let before = text.get(in_row..at).unwrap_or_default();
        let separated = in_row > 0 && before.len() <= 8 && !before.bytes().any(|byte| byte.is_ascii_digit());
        let said = says_di(&text[..at]) || (separated && is_joint(before));
        let di = gtin_14(run).filter(|_| said);
        if di.is_some() {
            in_row = at + run.len();
        }
        di
    })
}

/// Whether a text ends with a word for a device identifier, signs aside.
fn says_di(before: &str) -> bool {
    if before.ends_with("(01)") {
        return true;
    }
    let end =
        before.trim_end_matches(|sign: char| sign.is_whitespace() || matches!(sign, ':' | '#' | '(' | '='));
    let word = end.rsplit(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    ["udi", "di", "gtin"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn is_joint(between: &str) -> bool {
    let words =
        between.trim_matches(|sign: char| sign.is_whitespace() || matches!(sign, ',' | ';' | '/' | '&'));
    matches!(words, "" | "and" | "or")
}

/// Runs of digits with where they begin.
fn runs_of_digits(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(|letter: char| letter.is_ascii_digit())?;
        let length = text[start..].bytes().take_while(u8::is_ascii_digit).count();
        at = start + length;
        Some((start, &text[start..at]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_identifiers_stand_behind_a_word_for_them() {
        let found = |text: &str| labelled(text).collect::<Vec<_>>();
        let (one, two) = ("09506000134352", "09506000134369");
        assert_eq!(found(&format!("UDI-DI: {one}, {two}; lot 09506000134376")), [one, two]);
        assert_eq!(found(&format!("All serial numbers, UDI (01){one}(21)123")), [one]);
        assert_eq!(found(&format!("Lot {one}")), [""; 0]);
        assert_eq!(found("UDI-DI: 09506000134353"), [""; 0], "wrong check digit");
        assert_eq!(found(&format!("GTIN {one} é {two}")), [one]);
    }
}

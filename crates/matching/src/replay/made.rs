//! Devices made so that the truth about them is known.
//!
//! The versions come from the bounds a document itself names, and what is so is worked out here by comparing
//! whole numbers: on purpose not by the room that reads clauses, which is what is being tested. Only bounds are
//! used about which no two readers differ: dotted whole numbers, all versions, one bound or two. Of a product
//! with any other clause only what a plain clause already settles is claimed.

use crate::configuration::{Configuration, VersionState};
use crate::replay::score::{Expected, Truth};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::advisory::{Advisory, ProductStatus};
use tallyward_identity::aliases::Aliases;

/// Devices and what is so of them.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The devices.
    pub devices: Vec<Configuration>,
    /// What is so; of a device and a document that share a product text.
    pub expected: Vec<Expected>,
}

/// A clause about which no two readers differ.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Plain {
    All,
    One(Vec<u64>),
    /// Bounds with whether they are inclusive.
    Range(Option<(Vec<u64>, bool)>, Option<(Vec<u64>, bool)>),
}

/// What a document says of one product text.
#[derive(Default)]
struct Says {
    covers: Vec<Plain>,
    clears: Vec<Plain>,
    /// Whether something else is said too, so that nothing may be called not affected.
    more: bool,
}

/// Makes devices of every product that `documents` name: without a version, and with versions at, below and above each
/// bound, the versions called fixed among them; and one device of each vendor that is none of its products.
#[must_use]
pub fn made(documents: &[Advisory], aliases: &Aliases) -> Made {
    let mut products: BTreeMap<(&str, &str), Vec<(&Advisory, Says)>> = BTreeMap::new();
    for document in documents {
        for (product, says) in products_of(document) {
            products.entry(product).or_default().push((document, says));
        }
    }
    let mut made = Made::default();
    for ((vendor, product), documents) in &products {
        let plain = documents.iter().flat_map(|(_, says)| says.covers.iter().chain(&says.clears));
        let versions: BTreeSet<Vec<u64>> = plain.flat_map(around).collect();
        for version in std::iter::once(None).chain(versions.iter().map(Some)) {
            let device = index(made.devices.len());
            let expected = documents.iter().filter_map(|(document, says)| {
                Some(Expected { device, advisory: document.id.clone(), leaf: None, truth: says.of(version)? })
            });
            made.expected.extend(expected);
            made.devices.push(configuration(aliases, vendor, product, version));
        }
    }
    let vendors: BTreeSet<&str> = products.keys().map(|(vendor, _)| *vendor).collect();
    for vendor in vendors.into_iter().filter(|vendor| !vendor.is_empty()) {
        let device = index(made.devices.len());
        made.expected.extend(documents.iter().map(|document| Expected {
            device,
            advisory: document.id.clone(),
            leaf: None,
            truth: Truth::NotAffected,
        }));
        made.devices.push(configuration(aliases, vendor, NONE_OF_THEM, Some(&vec![1, 0])));
    }
    made
}

/// A model that no document names.
const NONE_OF_THEM: &str = "Qyzzex 7741";

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn configuration(
    aliases: &Aliases,
    vendor: &str,
    product: &str,
    version: Option<&Vec<u64>>,
) -> Configuration {
    // A device has one maker, also where the document names several at once.
    let first = aliases.makers_in(vendor).into_iter().next();
    let maker = first.map_or_else(|| aliases.canonical_maker(vendor).name, |maker| maker.name);
    Configuration {
        model: aliases.canonical_model(&maker, product).name,
        maker,
        software_version: version.map(|parts| written(parts)).unwrap_or_default(),
        version_state: if version.is_some() { VersionState::Fresh } else { VersionState::Missing },
        ..Configuration::default()
    }
}

fn written(parts: &[u64]) -> String {
    parts.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

fn products_of(document: &Advisory) -> BTreeMap<(&str, &str), Says> {
    let mut of: BTreeMap<(&str, &str), Says> = BTreeMap::new();
    for leaf in &document.products {
        let statements = document.vulnerabilities.iter().flat_map(|flaw| &flaw.statements);
        let statuses: BTreeSet<ProductStatus> =
            statements.filter(|said| said.product == leaf.id).map(|said| said.status).collect();
        // Some documents have the word at the level of the product; no device is called so.
        let unnamed = leaf.product.is_empty() || leaf.product.trim().eq_ignore_ascii_case("version");
        if statuses.is_empty() || unnamed || leaf.relation.is_some() {
            continue;
        }
        let says = of.entry((leaf.vendor.as_str(), leaf.product.as_str())).or_default();
        let plain = Plain::read(&leaf.version);
        for status in statuses {
            match (status, &plain) {
                (ProductStatus::KnownAffected, Some(plain)) => says.covers.push(plain.clone()),
                (ProductStatus::Fixed | ProductStatus::KnownNotAffected, Some(plain)) => {
                    says.clears.push(plain.clone());
                }
                _ => says.more = true,
            }
        }
    }
    of
}

impl Says {
    /// What is so of a device with this version; `None` when it is not claimed.
    fn of(&self, version: Option<&Vec<u64>>) -> Option<Truth> {
        let holds = |clauses: &[Plain]| match version {
            Some(version) => clauses.iter().any(|clause| clause.holds(version)),
            None => clauses.contains(&Plain::All),
        };
        let cleared = if version.is_none() { !self.clears.is_empty() } else { holds(&self.clears) };
        match (holds(&self.covers), cleared) {
            // The document is at odds with itself, or may be.
            (true, true) => None,
            (true, false) => Some(Truth::Affected),
            (false, _) if self.more || self.covers.is_empty() => None,
            (false, _) if version.is_none() => Some(Truth::Open),
            (false, _) => Some(Truth::NotAffected),
        }
    }
}

impl Plain {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "vers:all/*" {
            return Some(Self::All);
        }
        if let Some(only) = parts(text) {
            return Some(Self::One(only));
        }
        let (mut low, mut high) = (None, None);
        for part in text.split('|').map(str::trim) {
            let side = if part.starts_with('>') { &mut low } else { &mut high };
            let bare = part.strip_prefix(['<', '>'])?;
            let (bound, inclusive) = bare.strip_prefix('=').map_or((bare, false), |bound| (bound, true));
            if side.replace((parts(bound.trim())?, inclusive)).is_some() {
                return None;
            }
        }
        match (&low, &high) {
            (Some((low, _)), Some((high, _))) if low.len() != high.len() || low >= high => None,
            _ => Some(Self::Range(low, high)),
        }
    }

    fn holds(&self, version: &[u64]) -> bool {
        let compared = |bound: &[u64]| padded(version, bound.len()).cmp(&padded(bound, version.len()));
        match self {
            Self::All => true,
            Self::One(only) => compared(only).is_eq(),
            Self::Range(low, high) => {
                let above = |(bound, inclusive): &(Vec<u64>, bool)| {
                    compared(bound).is_gt() || (*inclusive && compared(bound).is_eq())
                };
                let below = |(bound, inclusive): &(Vec<u64>, bool)| {
                    compared(bound).is_lt() || (*inclusive && compared(bound).is_eq())
                };
                low.as_ref().is_none_or(above) && high.as_ref().is_none_or(below)
            }
        }
    }
}

fn padded(parts: &[u64], length: usize) -> Vec<u64> {
    let mut padded = parts.to_vec();
    padded.resize(length.max(parts.len()), 0);
    padded
}

/// Dotted whole numbers of two to five parts, without leading zeros, which read two ways.
fn parts(text: &str) -> Option<Vec<u64>> {
    let whole = |part: &str| {
        let plain = !part.is_empty() && part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit());
        (plain && (part == "0" || !part.starts_with('0'))).then(|| part.parse().ok()).flatten()
    };
    let parts: Option<Vec<u64>> = text.split('.').map(whole).collect();
    parts.filter(|parts| (2..=5).contains(&parts.len()))
}

/// Versions at, just below, just above and far above what a clause names, all as deep as it is.
fn around(clause: &Plain) -> Vec<Vec<u64>> {
    let bounds: Vec<&Vec<u64>> = match clause {
        Plain::All => return vec![vec![1, 0]],
        Plain::One(only) => vec![only],
        Plain::Range(low, high) => low.iter().chain(high).map(|(bound, _)| bound).collect(),
    };
    let mut versions = Vec::new();
    for bound in bounds {
        versions.push(bound.clone());
        versions.extend(stepped(bound));
        // Ten above in the part before the last, so that 8.12 against 8.2 is asked too.
        let mut far = bound.clone();
        far[bound.len() - 2] += 10;
        versions.push(far);
    }
    versions
}

/// One below, where the last part that is not zero allows it, and one above.
fn stepped(bound: &[u64]) -> Vec<Vec<u64>> {
    let mut above = bound.to_vec();
    above[bound.len() - 1] += 1;
    let mut versions = vec![above];
    if let Some(at) = bound.iter().rposition(|part| *part > 0) {
        let mut below = bound.to_vec();
        below[at] -= 1;
        versions.push(below);
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_clauses_are_read() {
        for text in
            ["", "< 2.01", "<= N", "3.36 | 3.40", "v9.x", "<= 7", "<= 4.0 | <= 5.0", ">= 5.0 | <= 4.0"]
        {
            assert_eq!(Plain::read(text), None, "{text}");
        }
        let clause = Plain::read(">= 4.0 | < 4.6").unwrap();
        let holds: Vec<bool> =
            [[3, 9], [4, 0], [4, 5], [4, 6], [4, 16]].iter().map(|version| clause.holds(version)).collect();
        assert_eq!(holds, [false, true, true, false, false]);
    }

    #[test]
    fn versions_stand_at_and_around_the_bound() {
        let versions = around(&Plain::read("< 8.2.2").unwrap());
        let texts: BTreeSet<String> = versions.iter().map(|version| written(version)).collect();
        assert_eq!(texts, ["8.2.1", "8.2.2", "8.2.3", "8.12.2"].map(str::to_owned).into());
    }
}

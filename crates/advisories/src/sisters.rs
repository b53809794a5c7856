//! Ids swapped between vulnerabilities of one document.
//!
//! The description or a remedy of one names only the other, and that of the other only the first. One that names
//! its own id among others, or a pair of which only one strays, is no swap: texts do refer to sisters.

use std::collections::BTreeMap;
use tallyward_core::advisory::{Advisory, Contradiction, Vulnerability};

pub(crate) fn swapped(advisory: &Advisory, found: &mut Vec<Contradiction>) {
    let strays: BTreeMap<&str, &str> = advisory
        .vulnerabilities
        .iter()
        .filter_map(|one| Some((one.id.as_str(), stray(one)?)))
        .filter(|(own, other)| own != other)
        .collect();
    for (own, other) in &strays {
        if own < other && strays.get(other) == Some(own) {
            found.push(Contradiction {
                vulnerability: (*own).to_owned(),
                product: String::new(),
                version: String::new(),
                text: format!(
                    "The ids seem swapped: what stands under {own} speaks of {other}, and what stands under {other} speaks of {own}."
                ),
            });
        }
    }
}

/// The one other id that all texts of a vulnerability speak of.
fn stray(one: &Vulnerability) -> Option<&str> {
    let texts = [one.title.as_str(), one.description.as_str()];
    let remedies = one.remediations.iter().map(|remedy| remedy.text.as_str());
    let mut named = texts.into_iter().chain(remedies).flat_map(ids);
    let first = named.next().filter(|id| *id != one.id)?;
    named.all(|id| id == first).then_some(first)
}

/// The CVE ids in a text.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
        .filter(|word| word.starts_with("CVE-"))
}

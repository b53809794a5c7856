//! Documents taken in one after another, as they were published, over devices that stand still.
//!
//! A replay answers what would have been: when a document would have been here at a stated pace of syncs, whom it
//! would have touched, and, where the truth is known by construction, where the answer would have been wrong.
//!
//! Key decision: **a sync at the very moment of publication does not bring the document.** Most documents bear a
//! day and no hour; counting from the day's start to the next sync after it never flatters.

mod made;
mod score;

pub use made::{Made, made};
pub use score::{Expected, Marks, Truth};

use crate::configuration::Configuration;
use crate::fleet::Fleet;
use crate::matcher::Matcher;
use std::collections::BTreeMap;
use tallyward_core::advisory::Advisory;
use tallyward_core::time::Timestamp;
use tallyward_core::verdict::{MissingFact, Verdict};

/// The moment of the first sync after `published`, when syncs are `every` seconds apart, counted from midnight UTC
/// of 1970-01-01. A pace of less than a second is a second.
#[must_use]
pub fn next_sync(published: Timestamp, every: i64) -> Timestamp {
    let every = every.max(1);
    Timestamp::from_seconds(published.seconds().div_euclid(every).saturating_add(1).saturating_mul(every))
}

/// Puts documents in the order in which they were published: by the date of the revision, then id, revision and
/// hash. One without a date comes first, since nothing says that it was late.
pub fn in_order_of_publication(documents: &mut [Advisory]) {
    documents.sort_by(|a, b| {
        (a.revised, &a.id)
            .cmp(&(b.revised, &b.id))
            .then_with(|| number(a).cmp(&number(b)))
            .then_with(|| a.hash.cmp(&b.hash))
    });
}

/// A revision's number as numbers, so that 10 comes after 9 and 1.10 after 1.9.
fn number(advisory: &Advisory) -> (Vec<u64>, &str) {
    let parts = advisory.revision.split('.').map(|part| part.parse().unwrap_or(0)).collect();
    (parts, &advisory.revision)
}

/// Devices by what became of them; each once, the worst verdict of a document counting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// With an affected finding.
    pub affected: u64,
    /// With an unknown finding and no affected one.
    pub unknown: u64,
    /// With findings that are all not affected.
    pub not_affected: u64,
}

/// What one document came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Devices.
    pub touched: Touched,
    /// For the unknown devices: which fact is missing, and on how many.
    pub missing: BTreeMap<MissingFact, u64>,
}

/// Devices that stand still while documents come in.
pub struct Replay {
    fleet: Fleet<u32>,
    counts: Vec<u64>,
}

impl Replay {
    /// Devices as configurations, with how many hold each. They are named by their place in the list.
    #[must_use]
    pub fn new(matcher: Matcher, devices: impl IntoIterator<Item = (Configuration, u64)>) -> Self {
        let (mut fleet, mut counts) = (Fleet::new(matcher), Vec::new());
        for (at, (configuration, count)) in (0..).zip(devices) {
            fleet.set_device(at, configuration);
            counts.push(count);
        }
        Self { fleet, counts }
    }

    /// Takes in one document; it replaces an earlier revision of its own.
    pub fn take(&mut self, document: Advisory) -> Outcome {
        let id = document.id.clone();
        self.fleet.add_advisory(document);
        self.outcome(&id)
    }

    /// What a document comes to now.
    #[must_use]
    pub fn outcome(&self, advisory: &str) -> Outcome {
        let mut outcome = Outcome::default();
        for group in self.fleet.groups() {
            let of_this = || group.verdicts.iter().filter(|judged| judged.advisory == advisory);
            let Some(worst) = of_this().map(|judged| judged.verdict).reduce(Verdict::fold) else { continue };
            let devices = group.devices.iter().map(|device| self.counts[*device as usize]).sum::<u64>();
            match worst {
                Verdict::Affected => outcome.touched.affected += devices,
                Verdict::NotAffected => outcome.touched.not_affected += devices,
                Verdict::Unknown => {
                    outcome.touched.unknown += devices;
                    let facts: std::collections::BTreeSet<&MissingFact> =
                        of_this().filter_map(|judged| judged.missing.as_ref()).collect();
                    for fact in facts {
                        *outcome.missing.entry(fact.clone()).or_default() += devices;
                    }
                }
            }
        }
        outcome
    }

    /// Holds what is said of `advisory` against what is expected of it.
    #[must_use]
    pub fn marks(&self, advisory: &str, expected: &[Expected]) -> Marks {
        let mut marks = Marks::default();
        for one in expected.iter().filter(|one| one.advisory == advisory) {
            let count = self.counts.get(one.device as usize).copied().unwrap_or_default();
            marks.add(one, self.fleet.verdicts_of(&one.device), count);
        }
        marks
    }

    /// The devices and their verdicts.
    #[must_use]
    pub fn fleet(&self) -> &Fleet<u32> {
        &self.fleet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_sync_is_after_publication_and_at_most_one_pace_away() {
        let four = 4 * 3_600;
        assert_eq!(next_sync(at("2023-03-06T16:35:54Z"), four), at("2023-03-06T20:00:00Z"));
        assert_eq!(
            next_sync(at("2023-03-06T00:00:00Z"), four),
            at("2023-03-06T04:00:00Z"),
            "not the one at that moment"
        );
        assert_eq!(next_sync(at("1969-12-31T23:59:59Z"), four), at("1970-01-01T00:00:00Z"));
        assert_eq!(next_sync(at("2023-03-06T00:00:00Z"), 0), at("2023-03-06T00:00:01Z"));
    }

    #[test]
    fn revision_ten_comes_after_revision_nine() {
        let of = |revision: &str| Advisory { revision: revision.to_owned(), ..Advisory::default() };
        let mut documents = vec![of("10"), of("9"), of("1.10"), of("1.9")];
        in_order_of_publication(&mut documents);
        let order: Vec<&str> = documents.iter().map(|one| one.revision.as_str()).collect();
        assert_eq!(order, ["1.9", "1.10", "9", "10"]);
    }
}

//! Products of advisories that no device here resolves to. Silence is never "not affected": they are listed,
//! with the models that come nearest, for a person to look at.

use crate::configuration::Configuration;
use crate::resolve::{Resolution, Resolver, Subject};
use crate::target::Target;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::advisory::Advisory;
use tallyward_identity::text::squash;

/// Most candidates given for one product.
const MOST: usize = 3;

/// A model here that comes near a product.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Canonical maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// How near, in hundredths: 100 would be the same words of the same maker.
    pub nearness: u32,
}

/// A product of an advisory with no model here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmatched {
    /// Id of the advisory.
    pub advisory: String,
    /// Vendor as written.
    pub vendor: String,
    /// Product as written; the bare product id when no leaf defines it.
    pub product: String,
    /// The nearest models, nearest first; may be empty.
    pub nearest: Vec<Candidate>,
}

/// The products of `advisories` that no configuration resolves to, exactly or possibly, in document order, each
/// vendor and product once per advisory. Ids that a status names and no leaf defines are among them.
#[must_use]
pub fn unmatched(
    advisories: &[&Advisory],
    configurations: &[Configuration],
    resolver: &Resolver,
) -> Vec<Unmatched> {
    // Only names matter here, so versions are folded away first.
    let named: BTreeSet<Configuration> = configurations.iter().map(Configuration::naming).collect();
    let subjects: Vec<Subject> = named.iter().map(|configuration| resolver.subject(configuration)).collect();
    let mut found = Vec::new();
    let mut known: BTreeMap<(String, String), Option<Vec<Candidate>>> = BTreeMap::new();
    for advisory in advisories {
        let mut seen = BTreeSet::new();
        for leaf in advisory.products.iter().filter(|leaf| seen.insert((&leaf.vendor, &leaf.product))) {
            let target = Target::of(advisory, leaf, resolver.aliases());
            let key = (target.vendor.clone(), target.product.clone());
            let nearest = known.entry(key).or_insert_with(|| {
                let hit = |subject: &Subject| resolver.decide(subject, &target) != Resolution::No;
                (!subjects.iter().any(hit)).then(|| nearest(&subjects, &target))
            });
            if let Some(nearest) = nearest {
                found.push(Unmatched {
                    advisory: advisory.id.clone(),
                    vendor: leaf.vendor.clone(),
                    product: target.product,
                    nearest: nearest.clone(),
                });
            }
        }
        let stated = advisory.vulnerabilities.iter().flat_map(|entry| &entry.statements);
        let undefined: BTreeSet<&str> =
            stated.map(|entry| entry.product.as_str()).filter(|id| advisory.product(id).is_none()).collect();
        found.extend(undefined.into_iter().map(|id| Unmatched {
            advisory: advisory.id.clone(),
            vendor: String::new(),
            product: id.to_owned(),
            nearest: Vec::new(),
        }));
    }
    found
}

fn nearest(subjects: &[Subject], target: &Target) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> =
        subjects.iter().filter_map(|subject| near(subject, target)).collect();
    candidates.sort_by(|a, b| (b.nearness, &a.maker, &a.model).cmp(&(a.nearness, &b.maker, &b.model)));
    candidates.dedup();
    candidates.truncate(MOST);
    candidates
}

/// Shared telling words (Jaccard), halved for another maker; a model of the same maker is always a little near.
fn near(subject: &Subject, target: &Target) -> Option<Candidate> {
    let words = subject.telling_words();
    let shared = words.intersection(&target.words).count();
    let all = words.union(&target.words).count().max(1);
    let same = target.makers.iter().any(|maker| squash(maker) == squash(&subject.maker));
    let likeness = u32::try_from(shared * 90 / all).unwrap_or(90);
    let nearness = if same { likeness + 10 } else { likeness / 2 };
    let model = &subject.model;
    (nearness > 0 && !model.is_empty()).then(|| Candidate {
        maker: subject.maker.clone(),
        model: model.clone(),
        nearness,
    })
}

//! What a flaw of a part comes to for the product that holds it.
//!
//! That the part is there is no verdict: whether the flaw can be reached in this product, only somebody who knows the
//! product can say. So a hit alone is unknown; an advisory about the product and its version settles it either way.

use super::{Standing, Stands};
use crate::fold::Judged;
use tallyward_core::advisory::{Advisory, ProductStatus};
use tallyward_core::part::{Part, PartFlaw, PartsList};
use tallyward_core::purl::percent_decoded;
use tallyward_core::verdict::{Reason, Verdict};

/// What an advisory says of one flaw in the product and version of a parts list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word {
    /// Id of the advisory.
    pub advisory: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// Whether it says so of this version outright, and not by leaving it out.
    pub is_outright: bool,
}

/// A verdict on a product because of one part and one flaw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// How it came about; never empty.
    pub reasons: Vec<Reason>,
    /// What would settle it; empty exactly when it is settled.
    pub missing: String,
}

/// What the advisories say of a flaw in the product of a parts list. `judged` is what they say of the product and
/// version as such; statements about the part inside the product are found by the list's own names.
#[must_use]
pub fn words<'a>(
    list: &PartsList,
    part: &Part,
    flaw: &PartFlaw,
    judged: &[Judged],
    advisories: impl Iterator<Item = &'a Advisory>,
) -> Vec<Word> {
    let is_meant = |id: &str| flaw.ids().any(|known| known.eq_ignore_ascii_case(id));
    let mut words = Vec::new();
    for advisory in advisories {
        let of_product =
            judged.iter().filter(|one| one.advisory == advisory.id && is_meant(&one.vulnerability));
        words.extend(of_product.map(|one| Word {
            advisory: one.advisory.clone(),
            verdict: one.verdict,
            is_outright: one.verdict != Verdict::NotAffected || is_outright(advisory, one),
        }));
        words.extend(inside(list, part, advisory, &is_meant));
    }
    words.sort();
    words.dedup();
    words
}

/// Whether a clearing verdict rests on a statement that this version is fixed or never was affected.
fn is_outright(advisory: &Advisory, judged: &Judged) -> bool {
    let entries = advisory.vulnerabilities.iter().filter(|entry| entry.id == judged.vulnerability);
    let mut statements = entries.flat_map(|entry| &entry.statements);
    statements.any(|statement| clears(statement.status) && judged.products.contains(&statement.product))
}

fn clears(status: ProductStatus) -> bool {
    matches!(status, ProductStatus::Fixed | ProductStatus::FirstFixed | ProductStatus::KnownNotAffected)
}

/// What a `CycloneDX` document says of this part, or of the product, by a reference into this very list.
fn inside(list: &PartsList, part: &Part, advisory: &Advisory, is_meant: &dyn Fn(&str) -> bool) -> Vec<Word> {
    // The version of what a name of this list means, when it means the part or the product.
    let version_of = |name: &str| match name {
        "" => None,
        name if name == part.reference => Some(part.version.as_str()),
        name if name == list.subject => Some(list.version.as_str()),
        _ => None,
    };
    let own = advisory.id == list.id && advisory.revision == list.revision;
    // Whether a leaf leads here, and then whether it is of another version than the list's.
    let leads_here = |id: &str| {
        let leaf = advisory.product(id)?;
        let (kind, reference, _) = leaf.relation.as_ref()?;
        let name = match kind.as_str() {
            "component_of" if own => linked(list, reference).unwrap_or_else(|| reference.clone()),
            "described_elsewhere" => linked(list, reference)?,
            _ => return None,
        };
        let version = version_of(&name)?;
        Some(!leaf.version.is_empty() && leaf.version != version)
    };
    let entries =
        advisory.vulnerabilities.iter().filter(|entry| is_meant(&entry.id) || is_meant(&entry.title));
    let statements = entries.flat_map(|entry| &entry.statements);
    let words = statements.filter_map(|statement| {
        let of_another_version = leads_here(&statement.product)?;
        let verdict = match statement.status {
            _ if of_another_version => Verdict::Unknown,
            status if clears(status) => Verdict::NotAffected,
            ProductStatus::Recommended => return None,
            ProductStatus::UnderInvestigation => Verdict::Unknown,
            _ => Verdict::Affected,
        };
        Some(Word { advisory: advisory.id.clone(), verdict, is_outright: true })
    });
    words.collect()
}

/// The name behind a BOM-Link (`urn:cdx:serial/revision#name`) that leads into this revision of this list.
fn linked(list: &PartsList, link: &str) -> Option<String> {
    let (document, name) = link.strip_prefix("urn:cdx:")?.split_once('#')?;
    let (serial, revision) = document.split_once('/')?;
    let own = list.id.strip_prefix("urn:uuid:").unwrap_or(&list.id);
    (!own.is_empty() && serial.eq_ignore_ascii_case(own) && revision == list.revision)
        .then(|| percent_decoded(name))
}

/// The verdict on the product: any word that it is affected wins, then any that leaves it open; cleared it is only by an
/// outright word. A part that a record spares is not asked about. That an advisory leaves this version out while the list of this version holds the part is no word.
#[must_use]
pub fn judge_product(stands: &Stands, words: &[Word]) -> PartVerdict {
    let mut reasons = vec![Reason::plain(match stands.standing {
        Standing::Has => format!("Has the flaw: {}.", stands.why),
        Standing::Open => format!("Whether it has the flaw is open: {}.", stands.why),
        Standing::Spared => format!("Does not have the flaw: {}.", stands.why),
    })];
    let named = |verdict: Verdict| -> Vec<&str> {
        let with = words.iter().filter(|word| word.verdict == verdict && word.is_outright);
        with.map(|word| word.advisory.as_str()).collect()
    };
    let silent: Vec<&str> =
        words.iter().filter(|word| !word.is_outright).map(|word| word.advisory.as_str()).collect();
    let verdict = match (named(Verdict::Affected), named(Verdict::Unknown), named(Verdict::NotAffected)) {
        (affected, ..) if !affected.is_empty() => {
            reasons.push(said(&affected, "that this version of the product is affected"));
            Verdict::Affected
        }
        (_, unknown, _) if !unknown.is_empty() => {
            reasons.push(said(&unknown, "something of the product that leaves it open"));
            Verdict::Unknown
        }
        (_, _, cleared) if !cleared.is_empty() => {
            reasons.push(said(&cleared, "that this version of the product is not affected, or fixed"));
            Verdict::NotAffected
        }
        _ => Verdict::Unknown,
    };
    let missing = match verdict {
        Verdict::Unknown if stands.standing == Standing::Open => "whether the part has the flaw".to_owned(),
        Verdict::Unknown if words.is_empty() => {
            "the maker's word whether it can be reached in this product; nobody has said".to_owned()
        }
        Verdict::Unknown => "the maker's word whether it can be reached in this product".to_owned(),
        _ => String::new(),
    };
    if verdict == Verdict::Unknown && !silent.is_empty() {
        let text = "to be about other versions, and yet the list of this version holds the part";
        reasons.push(said(&silent, text));
    }
    PartVerdict { verdict, reasons, missing }
}

fn said(advisories: &[&str], what: &str) -> Reason {
    let mut named: Vec<&str> = advisories.to_vec();
    named.dedup();
    let says = if named.len() == 1 { "says" } else { "say" };
    Reason::plain(format!("{} {says} {what}.", named.join(", ")))
}

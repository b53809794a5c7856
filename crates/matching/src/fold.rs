//! From what each leaf says to one verdict for a device and a vulnerability.
//!
//! Any affected leaf makes it affected; else any open one makes it unknown; else it is not affected. A fixed or
//! known-not-affected leaf that covers the device clears it only when no affected leaf disagrees.

use crate::conditions::{INVESTIGATED, RECALLED, SERIAL};
use crate::identifiers::Identifier;
use crate::leaf::Reading;
use crate::resolve::Resolution;
use tallyward_core::advisory::{Advisory, Contradiction, PACKAGE, Product, ProductStatus, RECALLED_UNITS};
use tallyward_core::verdict::{MissingFact, Reason, Verdict};
use tallyward_versions::{Clause, ClauseVerdict, Settled};

/// Most leaves whose reasons are shown; further ones are counted.
const SHOWN_LEAVES: usize = 3;

/// The verdict on one configuration and one vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Judged {
    /// Id of the advisory.
    pub advisory: String,
    /// Id of the vulnerability.
    pub vulnerability: String,
    /// The verdict.
    pub verdict: Verdict,
    /// How it came about, for a person to follow; never empty.
    pub reasons: Vec<Reason>,
    /// What would settle it; present exactly when the verdict is unknown.
    pub missing: Option<MissingFact>,
    /// Ids of the leaves it rests on, ordered.
    pub products: Vec<String>,
}

/// A leaf that concerns a configuration, with how it was resolved and what its clause says.
pub(crate) struct Hit<'a> {
    pub leaf: &'a Product,
    pub clause: &'a Clause,
    pub resolution: &'a Resolution,
    pub reading: &'a Reading,
    /// The device's serial number, when it is known and counts.
    pub serial: Option<&'a str>,
}

/// What one leaf adds to the verdict on one vulnerability.
struct Said<'a> {
    leaf: &'a Product,
    verdict: Verdict,
    missing: Option<MissingFact>,
    reasons: Vec<Reason>,
    /// Whether it clears only by saying that this version is fixed or never was affected.
    clears: bool,
    /// Whether it may be set aside when another leaf speaks.
    weak: bool,
}

/// Folds the statements of one vulnerability about leaves that concern a configuration; `None` when none does.
pub(crate) fn fold(
    advisory: &Advisory,
    vulnerability: &str,
    statements: &[(ProductStatus, Hit<'_>)],
    settled: &[Settled<'_>],
) -> Option<Judged> {
    let mut said: Vec<Said<'_>> = statements
        .iter()
        .filter_map(|(status, hit)| say(advisory, vulnerability, *status, hit, settled))
        .collect();
    if said.iter().any(|entry| !entry.weak) {
        said.retain(|entry| !entry.weak);
    }
    conflict(&mut said);
    said.sort_by(|a, b| {
        (&a.leaf.id, a.verdict, &a.missing, &a.reasons).cmp(&(&b.leaf.id, b.verdict, &b.missing, &b.reasons))
    });
    let verdict = said.iter().map(|entry| entry.verdict).reduce(Verdict::fold)?;
    let deciding: Vec<&Said<'_>> = said.iter().filter(|entry| entry.verdict == verdict).collect();
    // A fact about the device settles more than the question whether it is the same product.
    let by_use = |fact: &&MissingFact| (matches!(fact, MissingFact::SameProduct { .. }), (*fact).clone());
    let missing = deciding.iter().filter_map(|entry| entry.missing.as_ref()).min_by_key(by_use).cloned();
    let mut products: Vec<String> = deciding.iter().map(|entry| entry.leaf.id.clone()).collect();
    products.dedup();
    Some(Judged {
        advisory: advisory.id.clone(),
        vulnerability: vulnerability.to_owned(),
        verdict,
        reasons: reasons(&deciding, missing.as_ref()),
        missing,
        products,
    })
}

/// The reasons of the deciding leaves that name the missing fact, each sentence once, the deciding one last; the others are counted.
fn reasons(deciding: &[&Said<'_>], missing: Option<&MissingFact>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    let naming = deciding.iter().filter(|entry| entry.missing.as_ref() == missing);
    let mut shown = 0;
    for entry in naming.take(SHOWN_LEAVES) {
        shown += 1;
        for reason in &entry.reasons {
            if !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
    }
    let all = deciding.len();
    if all > shown {
        let alike = if missing.is_some() { "leave it open" } else { "come to the same" };
        let first = if shown == 1 { "the first is".to_owned() } else { format!("the first {shown} are") };
        let text = format!("{all} entries of the advisory {alike}; {first} shown.");
        // The last reason is the one that decides, and stands alone where there is room for one.
        reasons.insert(0, Reason::plain(text));
    }
    reasons
}

/// One leaf clears the device, another says it is affected: the document is at odds with itself.
fn conflict(said: &mut [Said<'_>]) {
    let cleared = said.iter().any(|entry| entry.clears && entry.verdict == Verdict::NotAffected);
    let affected = said.iter().any(|entry| !entry.clears && entry.verdict == Verdict::Affected);
    if !(cleared && affected) {
        return;
    }
    for entry in said {
        if entry.verdict != Verdict::Unknown {
            entry.verdict = Verdict::Unknown;
            entry.missing = Some(MissingFact::AskMaker);
        }
    }
}

fn say<'a>(
    advisory: &'a Advisory,
    vulnerability: &str,
    status: ProductStatus,
    hit: &Hit<'a>,
    settled: &[Settled<'_>],
) -> Option<Said<'a>> {
    let mut said = match status {
        ProductStatus::KnownAffected | ProductStatus::FirstAffected | ProductStatus::LastAffected => {
            affected(advisory, status, hit)
        }
        ProductStatus::Fixed | ProductStatus::FirstFixed | ProductStatus::KnownNotAffected => {
            cleared(status, hit)
        }
        ProductStatus::UnderInvestigation => investigated(hit),
        ProductStatus::Recommended => return None,
    };
    doubt_product(&mut said, hit, settled);
    doubt_document(&mut said, advisory, vulnerability, hit);
    Some(said)
}

fn start<'a>(hit: &Hit<'a>, verdict: Verdict, missing: Option<MissingFact>) -> Said<'a> {
    let (Resolution::Exact { why, .. } | Resolution::Possible { why, .. }) = hit.resolution else {
        // Leaves that resolve to no are never hits.
        return Said {
            leaf: hit.leaf,
            verdict: Verdict::Unknown,
            missing,
            reasons: Vec::new(),
            clears: false,
            weak: true,
        };
    };
    let product = format!("{} {}", hit.leaf.vendor.trim(), hit.leaf.product.trim());
    let why = match hit.resolution.ground() {
        Some(ground) if hit.leaf.relation.is_some() => {
            format!("{why} It stands in {} of {:?} or one of its parts.", ground.place, hit.leaf.id)
        }
        Some(ground) => format!("{why} It stands in {} of product {:?}.", ground.place, hit.leaf.id),
        None => why.clone(),
    };
    let mut reasons = vec![Reason::quoting(why, product.trim())];
    reasons.push(Reason::quoting(hit.reading.reason.clone(), hit.clause.text()));
    Said { leaf: hit.leaf, verdict, missing, reasons, clears: false, weak: false }
}

fn affected<'a>(advisory: &Advisory, status: ProductStatus, hit: &Hit<'a>) -> Said<'a> {
    let mut said = match hit.reading.verdict {
        ClauseVerdict::Affected => start(hit, Verdict::Affected, None),
        ClauseVerdict::Unknown => start(hit, Verdict::Unknown, hit.reading.missing.clone()),
        ClauseVerdict::NotAffected if hit.reading.fresh == ClauseVerdict::NotAffected => {
            start(hit, Verdict::NotAffected, None)
        }
        ClauseVerdict::NotAffected => {
            let mut said = start(hit, Verdict::Unknown, Some(MissingFact::FresherVersion));
            said.reasons.push(Reason::plain("That reading is too old or too weak to clear the device."));
            said
        }
    };
    // "Affected from here on" or "up to here" say nothing about a single other version.
    if status != ProductStatus::KnownAffected && said.verdict == Verdict::NotAffected {
        said.verdict = Verdict::Unknown;
        said.missing = Some(MissingFact::ReadClause);
        said.reasons.push(Reason::plain("The advisory names only one end of the affected versions."));
    } else if advisory.speaks_only_of_listed() && said.verdict == Verdict::NotAffected {
        said.verdict = Verdict::Unknown;
        said.missing = Some(MissingFact::AskMaker);
        said.reasons.push(Reason::plain("The document speaks of the versions it lists and of no others."));
        said.weak = true;
    }
    said
}

fn cleared<'a>(status: ProductStatus, hit: &Hit<'a>) -> Said<'a> {
    let word = if status == ProductStatus::KnownNotAffected { "not affected" } else { "fixed" };
    // A product that never was affected may be named without a version. A fix without one does not say from which
    // version on it holds.
    let says_where = status == ProductStatus::KnownNotAffected || !hit.clause.text().trim().is_empty();
    let covers = says_where && hit.reading.verdict == ClauseVerdict::Affected;
    let mut said = if covers && hit.reading.fresh == ClauseVerdict::Affected {
        start(hit, Verdict::NotAffected, None)
    } else if covers {
        start(hit, Verdict::Unknown, Some(MissingFact::FresherVersion))
    } else {
        let missing = hit.reading.missing.clone().unwrap_or(MissingFact::ReadClause);
        start(hit, Verdict::Unknown, Some(missing))
    };
    said.reasons.push(Reason::plain(match (covers, said.verdict) {
        _ if !says_where => "The advisory lists it as fixed but not in which version.".to_owned(),
        (true, Verdict::NotAffected) => format!("The advisory lists it as {word}."),
        (true, _) => {
            format!(
                "The advisory lists it as {word}, but the reading is too old or too weak to clear the device."
            )
        }
        (false, _) => format!("The advisory lists only this as {word} and says nothing of other versions."),
    }));
    said.clears = true;
    said.weak = !covers;
    said
}

fn investigated<'a>(hit: &Hit<'a>) -> Said<'a> {
    let text = INVESTIGATED.to_owned();
    let mut said = start(hit, Verdict::Unknown, Some(MissingFact::Condition { text }));
    said.reasons.push(Reason::plain("The maker has not yet said whether it is affected."));
    said.weak =
        hit.reading.verdict == ClauseVerdict::NotAffected && hit.reading.fresh == ClauseVerdict::NotAffected;
    said
}

/// A product that only may be the same leaves everything open, as does a leaf about a combination, about some serial
/// numbers, about units named by lots or codes, or about a package: the configuration does not say which.
fn doubt_product(said: &mut Said<'_>, hit: &Hit<'_>, settled: &[Settled<'_>]) {
    if matches!(hit.resolution, Resolution::Possible { .. }) {
        let product = format!("{} {}", hit.leaf.vendor.trim(), hit.leaf.product.trim());
        said.weak |= said.clears;
        said.verdict = Verdict::Unknown;
        said.missing = Some(MissingFact::SameProduct { product: product.trim().to_owned() });
        said.reasons.truncate(1);
    } else if let Some((category, ..)) = &hit.leaf.relation {
        let text = format!("{} ({})", hit.leaf.name, category.replace('_', " "));
        doubt_combination(said, text, settled);
    } else if hit.leaf.category == RECALLED_UNITS {
        said.verdict = Verdict::Unknown;
        said.missing = Some(MissingFact::Condition { text: RECALLED.to_owned() });
        said.reasons.truncate(1);
        let why = "Which devices are recalled stands in the recall's own words; a person has to see whether this is one.";
        said.reasons.push(Reason::quoting(why, hit.leaf.name.clone()));
    } else if hit.leaf.category == PACKAGE && said.verdict != Verdict::Unknown {
        said.verdict = Verdict::Unknown;
        let text = format!("what this device holds is this very package: {}", hit.leaf.name);
        said.missing = Some(MissingFact::Condition { text });
    } else if !hit.leaf.serial_numbers.is_empty() {
        doubt_serial(said, hit);
    }
}

/// A leaf that lists serial numbers is about these devices. Whether the list is whole, nobody says.
fn doubt_serial(said: &mut Said<'_>, hit: &Hit<'_>) {
    let is_listed = hit.resolution.ground().is_some_and(|ground| ground.identifier == Identifier::Serial);
    if is_listed || said.verdict == Verdict::Unknown {
        return;
    }
    said.verdict = Verdict::Unknown;
    said.missing = Some(match hit.serial {
        None => MissingFact::SerialNumber,
        Some(serial) => {
            let why = format!(
                "The advisory lists serial numbers, and {serial} is none of them as they are written."
            );
            said.reasons.push(Reason::plain(why));
            MissingFact::Condition { text: SERIAL.to_owned() }
        }
    });
}

/// Whether the device is the combination, only a person knows. One that it is not says nothing of it.
fn doubt_combination(said: &mut Said<'_>, text: String, settled: &[Settled<'_>]) {
    match settled.iter().find(|one| one.text == text) {
        Some(one) if one.holds => {
            said.reasons.push(Reason::plain(format!("It is that combination, as {}.", one.says)));
        }
        Some(one) if !said.clears => {
            said.verdict = Verdict::NotAffected;
            said.missing = None;
            said.reasons.push(Reason::plain(format!("It is not that combination, as {}.", one.says)));
        }
        _ => {
            said.verdict = Verdict::Unknown;
            said.missing = Some(MissingFact::Condition { text });
        }
    }
}

/// Where the document contradicts itself about this leaf, or about the very version, nothing is settled.
fn doubt_document(said: &mut Said<'_>, advisory: &Advisory, vulnerability: &str, hit: &Hit<'_>) {
    let about = |entry: &&Contradiction| {
        entry.product == hit.leaf.id
            && (entry.vulnerability.is_empty() || entry.vulnerability == vulnerability)
            && (entry.version.is_empty() || may_be(&hit.reading.version, &entry.version))
    };
    if said.verdict == Verdict::Unknown && said.missing.is_some() {
        return;
    }
    if let Some(entry) = advisory.contradictions.iter().find(about) {
        said.verdict = Verdict::Unknown;
        said.missing = Some(MissingFact::AskMaker);
        said.reasons.push(Reason::quoting("The advisory contradicts itself here.", entry.text.clone()));
    }
}

/// Whether the device's version is, or cannot be told from, the version in question.
fn may_be(version: &str, in_question: &str) -> bool {
    let facts = tallyward_versions::Facts { version: Some(version), ..Default::default() };
    !version.is_empty() && Clause::parse(in_question).decide(&facts).verdict != ClauseVerdict::NotAffected
}

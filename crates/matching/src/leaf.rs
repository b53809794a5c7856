//! What one leaf's clause says of one configuration.

use crate::configuration::{Component, Configuration};
use tallyward_core::verdict::MissingFact;
use tallyward_identity::text::{fold, squash};
use tallyward_versions::{Clause, ClauseVerdict, DateKind, Facts, Missing, Settled};

/// A clause's answer for one configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub verdict: ClauseVerdict,
    /// The answer when everything too old to clear a device is set aside.
    pub fresh: ClauseVerdict,
    pub reason: String,
    pub missing: Option<MissingFact>,
    /// The version that was looked at; empty when none is known.
    pub version: String,
}

/// Reads a clause for a configuration. `component` names the component that is the product itself.
pub(crate) fn read(
    clause: &Clause,
    product: &str,
    configuration: &Configuration,
    component: Option<&str>,
    settled: &[Settled<'_>],
) -> Reading {
    // A leaf without version text says nothing about versions: it means them all.
    if clause.text().trim().is_empty() {
        return Reading {
            verdict: ClauseVerdict::Affected,
            fresh: ClauseVerdict::Affected,
            reason: "The advisory sets no limit of version.".to_owned(),
            missing: None,
            version: String::new(),
        };
    }
    let now = decide(clause, product, configuration, component, settled);
    let fresh = if configuration.has_stale() {
        decide(clause, product, &configuration.fresh_only(), component, settled).verdict
    } else {
        now.verdict
    };
    Reading { fresh, ..now }
}

/// A device may hold several of the component that is the product: the worst answer holds.
fn decide(
    clause: &Clause,
    product: &str,
    configuration: &Configuration,
    component: Option<&str>,
    settled: &[Settled<'_>],
) -> Reading {
    let versions = match component {
        Some(name) => part_versions(configuration, name),
        None => vec![configuration.software_version.clone()],
    };
    let answers =
        versions.into_iter().map(|version| decide_for(clause, product, configuration, version, settled));
    let worst = answers.min_by_key(|answer| badness(answer.verdict));
    worst.unwrap_or_else(|| decide_for(clause, product, configuration, String::new(), settled))
}

fn decide_for(
    clause: &Clause,
    product: &str,
    configuration: &Configuration,
    version: String,
    settled: &[Settled<'_>],
) -> Reading {
    let some = |text: &'_ str| if text.is_empty() { None } else { Some(text.to_owned()) };
    let (number, model) = (some(&configuration.model_number), some(&configuration.model));
    let facts = Facts {
        product: Some(product),
        version: Some(version.as_str()).filter(|version| !version.is_empty()),
        model: number.as_deref(),
        serial: configuration.serial.as_deref().and_then(filled),
        hardware_version: filled(&configuration.hardware_version),
        component: None,
        component_version: None,
        os: filled(&configuration.operating_system),
        date: filled(&configuration.manufacture_date),
        date_kind: Some(DateKind::Manufactured),
        settled,
    };
    let mut decision = clause.decide(&facts);
    if let Some(Missing::Component(asked)) = decision.missing.clone() {
        let parts =
            configuration.components.iter().filter(|part| is_part(part, &asked) && !part.version.is_empty());
        let answer = |part: &Component| {
            clause.decide(&Facts { component: Some(&asked), component_version: Some(&part.version), ..facts })
        };
        // A device may hold several of one kind (two battery modules): the worst answer holds.
        decision = parts.map(answer).min_by_key(|answer| badness(answer.verdict)).unwrap_or(decision);
    }
    // A model's name may show that a clause covers it. That it does not, only a number shows: clauses list numbers.
    if decision.verdict != ClauseVerdict::Affected && model.is_some() {
        let named = clause.decide(&Facts { model: model.as_deref(), ..facts });
        if named.verdict == ClauseVerdict::Affected {
            decision = named;
        }
    }
    Reading {
        verdict: decision.verdict,
        fresh: decision.verdict,
        reason: sentence(&decision.reason),
        missing: decision.missing.map(fact),
        version,
    }
}

fn badness(verdict: ClauseVerdict) -> u8 {
    match verdict {
        ClauseVerdict::Affected => 0,
        ClauseVerdict::Unknown => 1,
        ClauseVerdict::NotAffected => 2,
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Versions of the component, or of the operating system, that is the product; none when it is not there.
fn part_versions(configuration: &Configuration, name: &str) -> Vec<String> {
    let is_it = |part: &Component| squash(&part.name) == squash(name);
    let held = configuration.components.iter().filter(|part| is_it(part));
    let versions: Vec<String> = held.map(|part| part.version.clone()).collect();
    if versions.is_empty() {
        let system = Component::read(&configuration.operating_system, false);
        return Some(system).filter(is_it).map(|part| part.version).into_iter().collect();
    }
    versions
}

/// Whether a device's component is the one a clause asks for: every word of the shorter name is in the longer,
/// plurals aside.
fn is_part(part: &Component, asked: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        fold(text)
            .split(' ')
            .map(|word| word.trim_end_matches('s').to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    };
    let (ours, theirs) = (words(&part.name), words(asked));
    let (short, long) = if ours.len() <= theirs.len() { (ours, theirs) } else { (theirs, ours) };
    !short.is_empty() && short.iter().all(|word| long.contains(word))
}

/// The clause room's missing fact in the words of `core`.
pub(crate) fn fact(missing: Missing) -> MissingFact {
    match missing {
        Missing::Version => MissingFact::SoftwareVersion,
        Missing::Model => MissingFact::ModelNumber,
        Missing::Serial => MissingFact::SerialNumber,
        Missing::Date(kind) => {
            MissingFact::Date { kind: kind.to_string().trim_start_matches("date ").to_owned() }
        }
        Missing::Component(component) => MissingFact::ComponentVersion { component },
        Missing::HardwareVersion => MissingFact::HardwareVersion,
        Missing::OperatingSystem => MissingFact::OperatingSystem,
        Missing::Condition(text) => MissingFact::Condition { text },
        Missing::Person => MissingFact::ReadClause,
        Missing::Finer => MissingFact::ExactVersion,
    }
}

/// A sentence begins with a capital and ends with a stop. A value at its start stays as it was written.
fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let first = text.split(' ').next().unwrap_or_default();
    if first.bytes().any(|byte| byte.is_ascii_digit()) || first.len() < 2 {
        return format!("{text}.");
    }
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).chain(['.']).collect())
}

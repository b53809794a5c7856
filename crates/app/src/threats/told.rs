//! What the tables of threats say of one flaw, as inputs of triage and as sentences.

use super::{ENRICHMENT, EPSS, Enrichments, KEV};
use crate::known::Flaw;
use std::collections::BTreeMap;
use tallyward_advisories::threat::{Enrichment, Epss, EpssScore, Kev, KevEntry, cve_id};
use tallyward_core::{Advisory, Vulnerability};
use tallyward_response::{
    Automatable, BodInputs, Exploitation, InKev, Tables, TechnicalImpact, automatable_hint, bod, impact_hint,
};

/// The tables on file.
#[derive(Default)]
pub(crate) struct OnFile {
    pub kev: Option<Kev>,
    pub epss: Option<Epss>,
    pub enrichments: Enrichments,
}

impl OnFile {
    /// How many CVE ids of these advisories each table names.
    pub(crate) fn here(&self, advisories: &[Advisory]) -> BTreeMap<&'static str, usize> {
        let flaws = advisories.iter().flat_map(|one| &one.vulnerabilities);
        let ids: std::collections::BTreeSet<String> = flaws.filter_map(|flaw| cve_id(&flaw.id)).collect();
        let count = |names: &dyn Fn(&str) -> bool| ids.iter().filter(|id| names(id)).count();
        BTreeMap::from([
            (KEV, count(&|id| self.kev.as_ref().is_some_and(|kev| kev.entries.contains_key(id)))),
            (EPSS, count(&|id| self.epss.as_ref().is_some_and(|epss| epss.scores.contains_key(id)))),
            (ENRICHMENT, count(&|id| self.enrichments.contains_key(id))),
        ])
    }

    /// What triage needs of a flaw, and whence it is. KEV is believed over an enrichment, an enrichment over the
    /// vectors of scores; what none of them says stays unknown.
    pub(crate) fn of(&self, tables: &Tables, flaw: &Vulnerability) -> Flaw {
        let mut known = Flaw {
            impact: impact_hint(flaw),
            automatable: automatable_hint(flaw),
            exploitation: None,
            said: Vec::new(),
            beside: Vec::new(),
        };
        let Some(id) = cve_id(&flaw.id) else { return known };
        let enrichment = self.enrichments.get(&id);
        let mut technical_impact = None;
        if let Some(one) = enrichment {
            known.exploitation = Exploitation::from_code(&one.exploitation);
            known.automatable = Automatable::from_code(&one.automatable).or(known.automatable);
            technical_impact = TechnicalImpact::from_code(&one.technical_impact);
            known.said.extend(enriched(one));
        }
        if let Some(kev) = &self.kev {
            match kev.entries.get(&id) {
                Some(entry) => {
                    known.exploitation = Some(Exploitation::Active);
                    known.said.insert(0, listed(kev, entry));
                }
                None => known.beside.push(format!("Not in KEV {}.", kev.version)),
            }
        }
        known.beside.extend(self.epss.as_ref().and_then(|epss| chance(epss, &id)));
        if self.kev.is_some() || enrichment.is_some() {
            let in_kev = |kev: &Kev| if kev.entries.contains_key(&id) { InKev::Yes } else { InKev::No };
            let inputs = BodInputs {
                in_kev: self.kev.as_ref().map(in_kev),
                publicly_exposed: None,
                automatable: known.automatable,
                technical_impact,
            };
            known.beside.push(bod(tables, &inputs).sentence());
        }
        known
    }
}

fn listed(kev: &Kev, entry: &KevEntry) -> String {
    let since = if entry.added.is_empty() { String::new() } else { format!(" since {}", entry.added) };
    let extort = if entry.ransomware { ", also to extort" } else { "" };
    format!(
        "Listed{since} in CISA's catalogue of exploited flaws (KEV {}): used in attacks{extort}.",
        kev.version
    )
}

/// What an enrichment says, with by whom and of when it is: an old "no known attack" is worth less.
fn enriched(one: &Enrichment) -> Option<String> {
    let said: Vec<&str> = [
        Exploitation::from_code(&one.exploitation).map(Exploitation::label),
        Automatable::from_code(&one.automatable).map(Automatable::label),
        TechnicalImpact::from_code(&one.technical_impact).map(TechnicalImpact::label),
    ]
    .into_iter()
    .flatten()
    .collect();
    let by = if one.by.is_empty() { "somebody" } else { &one.by };
    (!said.is_empty()).then(|| format!("{by} said of it on {}: {}.", one.at.date(), said.join("; ")))
}

fn chance(epss: &Epss, id: &str) -> Option<String> {
    let EpssScore(chance, percentile) = *epss.scores.get(id)?;
    Some(format!(
        "EPSS of {}: a chance of {} of attacks within 30 days; {} of all scored flaws have no higher one.",
        epss.scored.date(),
        percent(chance),
        percent(percentile),
    ))
}

/// Millionths as a percentage with two places, never rounded to certainty.
fn percent(millionths: u32) -> String {
    match millionths {
        0 => "0 %".to_owned(),
        1_000_000 => "100 %".to_owned(),
        1..50 => "less than 0.01 %".to_owned(),
        999_950..1_000_000 => "more than 99.99 %".to_owned(),
        other => {
            let hundredths = (other + 50) / 100;
            format!("{}.{:02} %", hundredths / 100, hundredths % 100)
        }
    }
}

#[cfg(test)]
#[path = "told_tests.rs"]
mod tests;

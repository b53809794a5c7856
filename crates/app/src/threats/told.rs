//! What the tables of threats say of one flaw, as inputs of triage and as sentences.

use super::{ENRICHMENT, EPSS, Enrichments, KEV};
use crate::known::Flaw;
use crate::triage::{Judged, flaw_id};
use std::collections::BTreeMap;
use tallyward_advisories::threat::{Enrichment, Epss, EpssScore, Kev, KevEntry, cve_id};
use tallyward_core::{Advisory, Timestamp, TriageAbout, Vulnerability};
use tallyward_response::{
    Automatable, Exploitation, InKev, Tables, TechnicalImpact, automatable_hint, impact_hint,
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
    pub(crate) fn here<'a>(
        &self,
        advisories: impl Iterator<Item = &'a Advisory>,
    ) -> BTreeMap<&'static str, usize> {
        let flaws = advisories.flat_map(|one| &one.vulnerabilities);
        let ids: std::collections::BTreeSet<String> = flaws.filter_map(|flaw| cve_id(&flaw.id)).collect();
        let count = |names: &dyn Fn(&str) -> bool| ids.iter().filter(|id| names(id)).count();
        BTreeMap::from([
            (KEV, count(&|id| self.kev.as_ref().is_some_and(|kev| kev.entries.contains_key(id)))),
            (EPSS, count(&|id| self.epss.as_ref().is_some_and(|epss| epss.scores.contains_key(id)))),
            (ENRICHMENT, count(&|id| self.enrichments.contains_key(id))),
        ])
    }

    /// What triage needs of a flaw, and whence it is. What a named person set counts first; then KEV is believed over
    /// an enrichment, an enrichment over the vectors of scores. What none of them says stays unknown, and so does a
    /// "no known attack" that is too old.
    pub(crate) fn of(&self, tables: &Tables, flaw: &Vulnerability, judged: &Judged, now: Timestamp) -> Flaw {
        let id = cve_id(&flaw.id);
        let enrichment = id.as_ref().and_then(|id| self.enrichments.get(id));
        let mut told = Flaw { impact: impact_hint(flaw), ..Flaw::default() };
        told.technical_impact = enrichment.and_then(|one| TechnicalImpact::from_code(&one.technical_impact));
        self.exploitation(tables, id.as_deref(), enrichment, now, &mut told);
        automatable(flaw, enrichment, &mut told);
        if let Some(id) = &id {
            self.beside(tables, id, now, &mut told);
        }
        let vulnerability = flaw_id(&flaw.id);
        if let Some(set) = judged.get(&TriageAbout::Exploitation { vulnerability: vulnerability.clone() }) {
            let value = Exploitation::from_code(&set.value);
            let mut why = set.sentence();
            if value < told.exploitation {
                why.push_str(&format!(" Against it stands: {}", told.exploitation_why));
            }
            (told.exploitation, told.exploitation_why) = (value, why);
        }
        if let Some(set) = judged.get(&TriageAbout::Automatable { vulnerability }) {
            (told.automatable, told.automatable_why) = (Automatable::from_code(&set.value), set.sentence());
        }
        told
    }

    fn exploitation(
        &self,
        tables: &Tables,
        id: Option<&str>,
        enrichment: Option<&Enrichment>,
        now: Timestamp,
        told: &mut Flaw,
    ) {
        let entry = self.kev.as_ref().zip(id).and_then(|(kev, id)| Some((kev, kev.entries.get(id)?)));
        let said = enrichment.and_then(enriched);
        let value = enrichment.and_then(|one| Exploitation::from_code(&one.exploitation));
        let outdated = enrichment.filter(|_| value == Some(Exploitation::None)).and_then(|one| {
            let (days, age) = (now.days_since(one.at), tables.age("no_known_attack"));
            (days > age.days).then(|| {
                format!(
                    "That there was no known attack is {days} days old and counts as not known after {}, because {}.",
                    age.days, age.because
                )
            })
        });
        told.said.extend(entry.map(|(kev, entry)| listed(kev, entry)));
        told.said.extend(said.clone());
        told.said.extend(outdated.clone().filter(|_| entry.is_none()));
        (told.exploitation, told.exploitation_why) = match (entry, value, outdated) {
            (Some((kev, entry)), ..) => (Some(Exploitation::Active), listed(kev, entry)),
            (None, Some(_), Some(outdated)) => (None, [said.unwrap_or_default(), outdated].join(" ")),
            (None, Some(value), None) => (Some(value), said.unwrap_or_default()),
            (None, None, _) => (None, self.silent(id)),
        };
    }

    /// Why nothing is known of attacks.
    fn silent(&self, id: Option<&str>) -> String {
        match (id, self.kev.is_some() || !self.enrichments.is_empty()) {
            (None, _) => "It has no CVE id, by which lists of attacks name flaws.",
            (Some(_), false) => "No list of attacks is on file.",
            (Some(_), true) => "No list on file says how it is used; that does not mean that it is not.",
        }
        .to_owned()
    }

    /// What the lists say besides, with their age.
    fn beside(&self, tables: &Tables, id: &str, now: Timestamp, told: &mut Flaw) {
        if let Some(kev) = &self.kev {
            let old = stale(tables, KEV, kev.released, now);
            if kev.entries.contains_key(id) {
                told.in_kev = Some(InKev::Yes);
            } else if let Some(old) = old {
                told.beside.push(format!(
                    "Not in KEV {}, which is {old}: whether it is in KEV now is not known.",
                    kev.version
                ));
            } else {
                told.in_kev = Some(InKev::No);
                told.beside.push(format!("Not in KEV {}.", kev.version));
            }
        }
        if let Some(epss) = &self.epss {
            let old =
                stale(tables, EPSS, epss.scored, now).map(|old| format!(" It is {old}.")).unwrap_or_default();
            told.beside.push(match chance(epss, id) {
                Some(chance) => chance + &old,
                None => format!("EPSS of {} does not score it.{old}", epss.scored.date()),
            });
        }
    }
}

/// How old a list is, when it is older than the table of ages allows.
pub(super) fn stale(tables: &Tables, list: &str, of: Timestamp, now: Timestamp) -> Option<String> {
    let days = now.days_since(of);
    (days > tables.age(list).days).then(|| format!("{days} days old"))
}

fn automatable(flaw: &Vulnerability, enrichment: Option<&Enrichment>, told: &mut Flaw) {
    let said = enrichment.and_then(|one| Some((Automatable::from_code(&one.automatable)?, enriched(one)?)));
    (told.automatable, told.automatable_why) = match (said, automatable_hint(flaw)) {
        (Some((value, why)), _) => (Some(value), why),
        (None, Some((value, rule))) => (Some(value), format!("{}{}.", rule[..1].to_uppercase(), &rule[1..])),
        (None, None) if flaw.scores.is_empty() => {
            (None, "No enrichment is on file, and the document has no score.".to_owned())
        }
        (None, None) => {
            (None, "No enrichment is on file, and the vectors of the scores leave it open.".to_owned())
        }
    };
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

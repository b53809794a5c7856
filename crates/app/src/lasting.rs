//! "Not affected" expires: on which readings it rests, and from when on they no longer clear the device.

use crate::App;
use crate::app::parse;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::fleet::{Config, version_max_age};
use crate::known::Known;
use crate::ports::FindingRow;
use crate::views::StoredDevice;
use tallyward_core::{Field, Timestamp, Verdict, Voice};
use tallyward_identity::reconcile::Rules;
use tallyward_matching::{Configuration, VersionState};

/// A kind of reading that a verdict may rest on: how a person calls it, its fields, and how to let it grow old.
type Reading = (&'static str, &'static [Field], fn(&mut Configuration));

const READINGS: [Reading; 3] = [
    ("software version", &[Field::SoftwareVersion], |facts| facts.version_state = VersionState::Stale),
    ("components", &[Field::ComponentVersion, Field::DicomToolkit], |facts| {
        facts.components.iter_mut().for_each(|component| component.stale = true);
    }),
    ("operating system", &[Field::OperatingSystem], |facts| facts.operating_system_stale = true),
];

impl App {
    /// For a *not affected*: a sentence for each reading it rests on, with its age and the day from which on it no
    /// longer clears the device. Empty for other verdicts, and for one that rests on no reading that grows old.
    pub(crate) fn lasting(&self, known: &Known, row: &FindingRow) -> Result<Vec<String>> {
        if row.verdict != Verdict::NotAffected {
            return Ok(Vec::new());
        }
        let held = self
            .store
            .device(row.device)?
            .ok_or_else(|| AppError::not_found("device", row.device.to_string()))?;
        let stored: StoredDevice = parse(DocKind::Setting, &row.device.to_string(), &held.put.body)?;
        let most = version_max_age(&row.class);
        let facts = Configuration::of(&stored.device, &self.aliases, most, self.now());
        let config = Config { facts, class: row.class.clone(), supported_until: String::new() };
        let rules = self.rules()?;
        let mut sentences = Vec::new();
        for (name, fields, age) in READINGS {
            if !self.rests_on(known, &config, row, age) {
                continue;
            }
            for field in fields {
                let voices = stored.device.fields.get(field).into_iter();
                let voices = voices.flat_map(|held| held.support.first().into_iter().chain(&held.also));
                let limit = |voice: &Voice| limit(&rules, *field, voice, most);
                if let Some(voice) = voices.min_by_key(|voice| voice.last.plus_days(limit(voice))) {
                    sentences.push(sentence(name, voice, limit(voice), self.now()));
                }
            }
        }
        Ok(sentences)
    }

    /// Whether the verdict would be another if this kind of reading were too old.
    fn rests_on(
        &self,
        known: &Known,
        config: &Config,
        row: &FindingRow,
        age: fn(&mut Configuration),
    ) -> bool {
        let verdict = |facts: &Configuration| {
            let judged = known.matcher.decide(facts).into_iter();
            judged
                .filter(|one| one.advisory == row.advisory && one.vulnerability == row.vulnerability)
                .map(|one| one.verdict)
                .next()
        };
        let mut aged = config.facts.clone();
        age(&mut aged);
        aged != config.facts && verdict(&config.facts) != verdict(&aged)
    }
}

/// Days for which this reading clears: what the device's class allows, and what the kind of source does.
fn limit(rules: &Rules, field: Field, voice: &Voice, class: i64) -> i64 {
    rules.weight(field, voice.source.kind).max_age_days.map_or(class, |source| source.min(class))
}

fn sentence(name: &str, voice: &Voice, limit: i64, now: Timestamp) -> String {
    let days = now.days_since(voice.last).max(0);
    let age = match days {
        0 => "today".to_owned(),
        1 => "a day ago".to_owned(),
        _ => format!("{days} days ago"),
    };
    // A reading counts for so many whole days; the day after, it no longer does.
    let ends = voice.last.plus_days(limit + 1).date();
    format!(
        "It rests on the {name} {} of {} ({}, {age}). A reading of that kind clears this class of device for \
         {limit} days: from {ends} on it no longer does, and the verdict becomes unknown until somebody reads it again.",
        voice.value,
        voice.last.date(),
        voice.basis,
    )
}

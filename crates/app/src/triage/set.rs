//! A named person sets an input of triage, or takes that back.

use super::judged::flaw_id;
use crate::App;
use crate::app::{doc, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::who::{Role, Who};
use tallyward_core::{ClinicalLevel, Decision, DeviceId, Judgement, TriageAbout};
use tallyward_response::{Automatable, Exploitation, Exposure, Rubric};

/// Longest reason, in characters.
const REASON: usize = 300;

/// An input of triage that a person may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriageInput {
    /// Whether the flaw is used in attacks; for the flaw wherever it is.
    Exploitation,
    /// Who can reach the device; for every flaw of the device.
    Exposure,
    /// Whether an attack can be run without a person at each target; for the flaw wherever it is.
    Automatable,
    /// What the flaw could do to a patient; for the flaw in every device of the class.
    ClinicalLevel,
    /// Answers to MITRE's rubric for medical devices, kept beside the decision; for the flaw wherever it is.
    Rubric,
}

impl TriageInput {
    /// All that decide, in the order of the tree.
    pub const TREE: [Self; 4] = [Self::Exploitation, Self::Exposure, Self::Automatable, Self::ClinicalLevel];
    /// All.
    pub const ALL: [Self; 5] =
        [Self::Exploitation, Self::Exposure, Self::Automatable, Self::ClinicalLevel, Self::Rubric];

    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exploitation => "exploitation",
            Self::Exposure => "exposure",
            Self::Automatable => "automatable",
            Self::ClinicalLevel => "clinical_level",
            Self::Rubric => "rubric",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// The values it may have: code and words; none where it is no choice.
    #[must_use]
    pub fn values(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Exploitation => Exploitation::ALL.iter().map(|one| (one.code(), one.label())).collect(),
            Self::Exposure => Exposure::ALL.iter().map(|one| (one.code(), one.label())).collect(),
            Self::Automatable => Automatable::ALL.iter().map(|one| (one.code(), one.label())).collect(),
            Self::ClinicalLevel => {
                ClinicalLevel::ALL.iter().map(|one| (one.code(), level_words(*one))).collect()
            }
            Self::Rubric => Vec::new(),
        }
    }

    /// The value as it is kept.
    fn kept(self, value: &str) -> Result<String> {
        if self == Self::Rubric {
            let rubric = Rubric::read(value).map_err(|why| AppError::invalid("value", why))?;
            return Ok(rubric.to_string());
        }
        let values = self.values();
        if values.iter().any(|(code, _)| *code == value) {
            return Ok(value.to_owned());
        }
        let known: Vec<&str> = values.iter().map(|(code, _)| *code).collect();
        Err(AppError::invalid("value", format!("{value:?}: expected one of {}", known.join(", "))))
    }

    /// What a judgement on it is about, for a finding.
    pub(crate) fn about(self, device: DeviceId, class: &str, vulnerability: &str) -> TriageAbout {
        let vulnerability = flaw_id(vulnerability);
        match self {
            Self::Exploitation => TriageAbout::Exploitation { vulnerability },
            Self::Automatable => TriageAbout::Automatable { vulnerability },
            Self::Exposure => TriageAbout::Exposure { device },
            Self::ClinicalLevel => TriageAbout::ClinicalLevel { class: class.to_owned(), vulnerability },
            Self::Rubric => TriageAbout::Rubric { vulnerability },
        }
    }
}

/// A clinical level in a few words.
pub(crate) const fn level_words(level: ClinicalLevel) -> &'static str {
    match level {
        ClinicalLevel::C0 => "C0, nothing",
        ClinicalLevel::C1 => "C1, privacy only",
        ClinicalLevel::C2 => "C2, diagnosis or work delayed",
        ClinicalLevel::C3 => "C3, therapy with a fallback, or alarms lost",
        ClinicalLevel::C4 => "C4, life support or therapy without a fallback",
    }
}

impl App {
    /// Sets an input of triage from a finding, or with no value takes back what somebody set. It names no revision,
    /// so it outlives them. The clinical level is a clinical act: only a lead sets it.
    #[expect(
        clippy::too_many_arguments,
        reason = "a finding is named by three, and each of the rest is asked for"
    )]
    pub fn set_triage(
        &self,
        who: &Who,
        device: DeviceId,
        advisory: &str,
        vulnerability: &str,
        input: TriageInput,
        value: Option<&str>,
        because: &str,
    ) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot set an input of triage".to_owned()));
        }
        if input == TriageInput::ClinicalLevel && who.role != Role::Lead {
            return Err(AppError::Refused("only a lead sets a clinical level".to_owned()));
        }
        let because: String = because.trim().chars().take(REASON).collect();
        if because.is_empty() {
            return Err(AppError::invalid("because", "say why, for those who read it later"));
        }
        let row = self.finding_row(device, advisory, vulnerability)?;
        let about = input.about(row.device, &row.class, vulnerability);
        let writing = lock(&self.state.fleet);
        let before = self.known()?.judged.get(&about).cloned();
        let judgement = match value {
            Some(value) => Judgement::Triage { about: about.clone(), value: input.kept(value)? },
            None => match &before {
                Some(set) => Judgement::Revoke { decision: set.decision.clone() },
                None => return Err(AppError::invalid("value", "nobody has set it")),
            },
        };
        let decision = Decision {
            at: self.now(),
            id: format!("triage-{}", self.random_hex(8)),
            by: who.name.clone(),
            reason: because.clone(),
            judgement,
        };
        let mut event = self.event(who, "triage.set", subject(&about));
        event.before = before.map(|set| set.value).unwrap_or_default();
        event.after = format!("{} {}: {because}", input.code(), value.unwrap_or("taken back"));
        let docs = vec![doc(DocKind::Decision, decision.id.clone(), "", &decision)];
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        self.forget_known();
        drop(writing);
        self.refresh_drafts()?;
        Ok(())
    }
}

fn subject(about: &TriageAbout) -> String {
    match about {
        TriageAbout::Exploitation { vulnerability }
        | TriageAbout::Automatable { vulnerability }
        | TriageAbout::Rubric { vulnerability } => vulnerability.clone(),
        TriageAbout::Exposure { device } => format!("device {device}"),
        TriageAbout::ClinicalLevel { class, vulnerability } => format!("{vulnerability} in {class}"),
    }
}

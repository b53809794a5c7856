//! The inputs of triage of one finding, each with its value and why it has it.

use super::set::{TriageInput, level_words};
use super::{Desk, SetInput};
use crate::App;
use crate::ports::FindingRow;
use crate::views::TriageLine;
use tallyward_core::ClinicalLevel;
use tallyward_response::{
    Automatable, DeviceClass, Exploitation, Exposure, Triage, TriageInputs, clinical_level,
};

/// A value and why it has it.
struct Found {
    value: Option<String>,
    words: Option<String>,
    why: Vec<String>,
}

impl App {
    /// The inputs of a finding, in the order of the tree.
    pub(crate) fn triage_lines(&self, desk: &Desk, row: &FindingRow, triage: &Triage) -> Vec<TriageLine> {
        TriageInput::TREE.into_iter().map(|input| self.triage_line(desk, row, triage, input)).collect()
    }

    fn triage_line(&self, desk: &Desk, row: &FindingRow, triage: &Triage, input: TriageInput) -> TriageLine {
        let set = desk.known.judged.get(&input.about(row.device, &row.class, &row.vulnerability));
        let flaw = desk.known.flaw(&row.advisory, &row.vulnerability);
        let class = DeviceClass::of(&row.class);
        let found = match input {
            TriageInput::Exploitation => Found {
                value: flaw.and_then(|flaw| flaw.exploitation).map(|one| one.code().to_owned()),
                words: flaw.and_then(|flaw| flaw.exploitation).map(|one| one.label().to_owned()),
                why: flaw.map(|flaw| vec![flaw.exploitation_why.clone()]).unwrap_or_default(),
            },
            TriageInput::Automatable => Found {
                value: flaw.and_then(|flaw| flaw.automatable).map(|one| one.code().to_owned()),
                words: flaw.and_then(|flaw| flaw.automatable).map(|one| one.label().to_owned()),
                why: flaw.map(|flaw| vec![flaw.automatable_why.clone()]).unwrap_or_default(),
            },
            TriageInput::Exposure => exposure(desk, row, set),
            TriageInput::Rubric => Found { value: None, words: None, why: Vec::new() },
            TriageInput::ClinicalLevel => {
                let level = set.and_then(|set| ClinicalLevel::from_code(&set.value));
                let impact = flaw.and_then(|flaw| flaw.impact);
                let inputs = TriageInputs { level, impact, ..TriageInputs::unknown(class) };
                let (found, mut why) = clinical_level(&self.tables, &inputs);
                if let Some(set) = set {
                    why = vec![set.sentence()];
                }
                why.push(format!("By the table of human impact that is {}.", triage.impact.label()));
                let known = level.is_some() || impact.is_some();
                Found {
                    value: known.then(|| found.code().to_owned()),
                    words: known.then(|| level_words(found).to_owned()),
                    why,
                }
            }
        };
        let default = self.tables.default_of(input.code()).filter(|_| found.value.is_none());
        TriageLine {
            input: input.code(),
            label: label(input),
            taken: default.map(|(value, _)| words(input, value, triage)),
            taken_because: default.map(|(_, because)| because.to_owned()).unwrap_or_default(),
            value: found.value,
            words: found.words,
            why: found.why,
            set_by: set.map(|set| set.by.clone()),
            holds_for: match input {
                TriageInput::Exposure => "this device, for all its flaws".to_owned(),
                TriageInput::ClinicalLevel => {
                    format!("this flaw in every {}", self.tables.class(class).one)
                }
                _ => "this flaw, wherever it is".to_owned(),
            },
        }
    }
}

fn exposure(desk: &Desk, row: &FindingRow, set: Option<&SetInput>) -> Found {
    let seen = desk.exposures.of(row.device);
    let value = desk.exposure(row.device);
    let why = match set {
        Some(set) => [set.sentence()].into_iter().chain(seen.why.iter().cloned()).collect(),
        None => seen.why.clone(),
    };
    Found {
        value: value.map(|one| one.code().to_owned()),
        words: value.map(|one| one.label().to_owned()),
        why,
    }
}

const fn label(input: TriageInput) -> &'static str {
    match input {
        TriageInput::Exploitation => "Exploitation",
        TriageInput::Exposure => "Exposure",
        TriageInput::Automatable => "Automatable",
        TriageInput::ClinicalLevel => "Human impact",
        TriageInput::Rubric => "MITRE's rubric",
    }
}

/// A default of the table in words.
fn words(input: TriageInput, value: &str, triage: &Triage) -> String {
    let known = match input {
        TriageInput::Exploitation => Exploitation::from_code(value).map(Exploitation::label),
        TriageInput::Exposure => Exposure::from_code(value).map(Exposure::label),
        TriageInput::Automatable => Automatable::from_code(value).map(Automatable::label),
        TriageInput::ClinicalLevel => Some(level_words(triage.clinical)),
        TriageInput::Rubric => None,
    };
    known.unwrap_or(value).to_owned()
}

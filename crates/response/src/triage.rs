//! How serious a finding is, for patients and for engineers, and where it goes.

use crate::axis::{Automatable, Channel, Exploitation, Exposure, HumanImpact};
use crate::class::DeviceClass;
use crate::impact::ImpactHint;
use crate::tables::Tables;
use serde::{Deserialize, Serialize};
use tallyward_core::{ClinicalLevel, SsvcOutcome, Tier};

/// What triage is told. `None` means nobody knows; the defaults table then answers, and the result says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriageInputs {
    /// Device class.
    pub class: DeviceClass,
    /// Whether the flaw is used in attacks.
    pub exploitation: Option<Exploitation>,
    /// Who can reach the device.
    pub exposure: Option<Exposure>,
    /// Whether an attack can be run without a person at each target.
    pub automatable: Option<Automatable>,
    /// Clinical level set by a named clinician; wins over the table.
    pub level: Option<ClinicalLevel>,
    /// What the published scores say the flaw can touch.
    pub impact: Option<ImpactHint>,
    /// Whether there is something to do at the bedside this shift, when somebody has said.
    pub bedside_action: Option<bool>,
    /// A malfunction that reaches patients has been confirmed.
    pub malfunction_confirmed: bool,
}

impl TriageInputs {
    /// Nothing known but the class.
    #[must_use]
    pub const fn unknown(class: DeviceClass) -> Self {
        Self {
            class,
            exploitation: None,
            exposure: None,
            automatable: None,
            level: None,
            impact: None,
            bedside_action: None,
            malfunction_confirmed: false,
        }
    }
}

/// The answer, with every step that led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triage {
    /// Clinical level.
    pub clinical: ClinicalLevel,
    /// Human impact derived from it.
    pub impact: HumanImpact,
    /// Outcome of the SSVC deployer table; where an input is not known, with its stated default.
    pub outcome: SsvcOutcome,
    /// The calmest and the strictest outcome that the table has for some value of the inputs nobody knows; none
    /// when it is one and the same.
    #[serde(default)]
    pub range: Option<(SsvcOutcome, SsvcOutcome)>,
    /// The row of that table, such as `E:active/EXP:open/A:yes/HI:very_high`.
    pub vector: String,
    /// Tier.
    pub tier: Tier,
    /// Whether there is something to do at the bedside this shift.
    pub bedside_action: bool,
    /// Where the finding goes.
    pub channel: Channel,
    /// Whether it interrupts somebody now.
    pub interrupts: bool,
    /// Each step as a sentence.
    pub why: Vec<String>,
    /// Names of the inputs nobody knew, for which a default was taken.
    pub assumed: Vec<String>,
}

/// Triage of one finding. Total; a higher clinical level with all else equal never gives a calmer tier.
#[must_use]
pub fn triage(tables: &Tables, inputs: &TriageInputs) -> Triage {
    let mut log = Log { tables, why: Vec::new(), assumed: Vec::new() };
    let clinical = clinical(&mut log, inputs);
    let exploitation =
        log.or_default(inputs.exploitation, "exploitation", Exploitation::from_code, Exploitation::Active);
    let exposure = log.or_default(inputs.exposure, "exposure", Exposure::from_code, Exposure::Open);
    let automatable =
        log.or_default(inputs.automatable, "automatable", Automatable::from_code, Automatable::Yes);
    let impact = tables.impact[&clinical];
    let outcome = tables.ssvc[&(exploitation, exposure, automatable, impact)];
    log.say(format!(
        "Attacks: {}; network: {}; {}; human impact {}: the SSVC deployer table says {}.",
        exploitation.label(),
        exposure.label(),
        automatable.label(),
        impact.label(),
        outcome.code().replace('_', " "),
    ));
    let range = range(tables, inputs, impact);
    if let Some((calmest, strictest)) = range {
        let [calmest, strictest, handled] =
            [calmest, strictest, outcome].map(|one| one.code().replace('_', " "));
        log.say(format!(
            "With every value that an input not known may have, the table says from {calmest} to {strictest}; until it is known it is handled as {handled}."
        ));
    }
    let mut tier = tables.tiers[&(clinical, outcome)];
    log.say(format!(
        "{} with {} gives tier {}.",
        clinical.code(),
        outcome.code().replace('_', " "),
        tier.code()
    ));
    if inputs.malfunction_confirmed {
        tier = tier.min(if clinical >= ClinicalLevel::C3 { Tier::T0 } else { Tier::T1 });
        log.say(format!(
            "A malfunction that reaches patients is confirmed: tier {} whatever the score.",
            tier.code()
        ));
    }
    let bedside_action = bedside(&mut log, inputs);
    let channel = channel(&mut log, inputs, clinical, tier, bedside_action);
    let interrupts = channel == Channel::Notice && tier <= Tier::T1;
    let vector = format!(
        "E:{}/EXP:{}/A:{}/HI:{}",
        exploitation.code(),
        exposure.code(),
        automatable.code(),
        impact.code()
    );
    let Log { why, assumed, .. } = log;
    Triage {
        clinical,
        impact,
        outcome,
        range,
        vector,
        tier,
        bedside_action,
        channel,
        interrupts,
        why,
        assumed,
    }
}

/// The outcomes of the table over every value of what is not known, calmest and strictest, when they differ.
fn range(tables: &Tables, inputs: &TriageInputs, impact: HumanImpact) -> Option<(SsvcOutcome, SsvcOutcome)> {
    fn values<T: Copy>(known: Option<T>, all: &[T]) -> Vec<T> {
        known.map_or_else(|| all.to_vec(), |known| vec![known])
    }
    let impacts = if inputs.level.is_some() || inputs.impact.is_some() {
        vec![impact]
    } else {
        // What the flaw reaches is not known: anything from nothing to the worst of the class.
        let row = tables.level(inputs.class);
        let levels = [ClinicalLevel::C0, row.privacy, row.therapy, row.diagnosis, row.monitoring]
            .map(|level| tables.impact[&level]);
        levels.into_iter().chain([impact]).collect()
    };
    let mut found = Vec::new();
    for exploitation in values(inputs.exploitation, Exploitation::ALL) {
        for exposure in values(inputs.exposure, Exposure::ALL) {
            for automatable in values(inputs.automatable, Automatable::ALL) {
                found.extend(
                    impacts.iter().map(|impact| tables.ssvc[&(exploitation, exposure, automatable, *impact)]),
                );
            }
        }
    }
    let (calmest, strictest) = (found.iter().min()?, found.iter().max()?);
    (calmest != strictest).then_some((*calmest, *strictest))
}

/// The clinical level that triage takes, with its reasons: as a clinician set it, else by the table of the class.
#[must_use]
pub fn clinical_level(tables: &Tables, inputs: &TriageInputs) -> (ClinicalLevel, Vec<String>) {
    let mut log = Log { tables, why: Vec::new(), assumed: Vec::new() };
    let level = clinical(&mut log, inputs);
    (level, log.why)
}

struct Log<'a> {
    tables: &'a Tables,
    why: Vec<String>,
    assumed: Vec<String>,
}

impl Log<'_> {
    fn say(&mut self, text: impl Into<String>) {
        self.why.push(text.into());
    }

    /// Takes the default of `input` and says so; the value as the defaults table writes it.
    fn assume(&mut self, input: &str) -> String {
        self.assumed.push(input.to_owned());
        let (value, because) = self
            .tables
            .defaults
            .get(input)
            .map_or(("", "no default is on record"), |row| (&row.value, &row.because));
        let (value, because) = (value.to_owned(), because.to_owned());
        let input = input.replace('_', " ");
        // A default that points at a table of classes is finished by the sentence that follows.
        if value.starts_with("class_") {
            self.say(format!("Not known: {input}. Then {because}."));
        } else {
            self.say(format!("Not known: {input}. Taken as {}, because {because}.", value.replace('_', " ")));
        }
        value
    }

    fn or_default<T>(
        &mut self,
        known: Option<T>,
        input: &str,
        read: impl Fn(&str) -> Option<T>,
        worst: T,
    ) -> T {
        known.unwrap_or_else(|| read(&self.assume(input)).unwrap_or(worst))
    }
}

fn clinical(log: &mut Log, inputs: &TriageInputs) -> ClinicalLevel {
    if let Some(level) = inputs.level {
        log.say(format!("A named clinician set the clinical level to {}.", level.code()));
        return level;
    }
    let name = &log.tables.class(inputs.class).one;
    let row = log.tables.level(inputs.class);
    let (level, text) = match inputs.impact {
        Some(hint) if hint.reaches_function() => {
            let level = row.function().max(row.privacy);
            let how =
                if hint.credentials && hint.integrity.max(hint.availability) == crate::impact::Effect::None {
                    "opens passwords, keys or a way in, so it can touch how the device works"
                } else {
                    "can touch how the device works"
                };
            (level, format!("The flaw {how}: {} for this class ({name}).", level.code()))
        }
        Some(hint) if hint.confidentiality > crate::impact::Effect::None => (
            row.privacy,
            format!("The flaw lets data be read and nothing else: {} (privacy).", row.privacy.code()),
        ),
        Some(_) => (ClinicalLevel::C0, "The scores say the flaw touches nothing: C0.".to_owned()),
        None => {
            let value = log.assume("clinical_level");
            let worst = row.function().max(row.privacy);
            let level = ClinicalLevel::from_code(&value).unwrap_or(worst);
            (level, format!("That is {} for this class ({name}).", level.code()))
        }
    };
    log.say(text);
    level
}

fn bedside(log: &mut Log, inputs: &TriageInputs) -> bool {
    if let Some(action) = inputs.bedside_action {
        let word = if action { "something" } else { "nothing" };
        log.say(format!("Somebody has said that there is {word} to do at the bedside this shift."));
        return action;
    }
    let value = log.assume("bedside_action");
    let action = match value.as_str() {
        "yes" => true,
        "no" => false,
        _ => log.tables.bedside(inputs.class).something_to_do,
    };
    let word = if action { "something" } else { "nothing" };
    log.say(format!("By that table there is {word} to do at the bedside this shift."));
    action
}

fn channel(
    log: &mut Log,
    inputs: &TriageInputs,
    clinical: ClinicalLevel,
    tier: Tier,
    action: bool,
) -> Channel {
    let (channel, text) = if inputs.malfunction_confirmed {
        (Channel::Notice, "A confirmed malfunction is told to those who use the device.")
    } else if clinical == ClinicalLevel::C1 {
        (Channel::Privacy, "Only privacy is touched: it goes to the privacy officer.")
    } else {
        let channel = log.tables.channels[&(tier, action)];
        let text = match channel {
            Channel::Notice => "There is something to do at the bedside: a notice is drafted for release.",
            Channel::Huddle => "Nobody is interrupted: one line on the huddle sheet.",
            Channel::Digest => "Nobody is interrupted: it goes to the digest.",
            Channel::Technical => "Nobody at the bedside is told: it goes to biomed and security.",
            Channel::Privacy => "It goes to the privacy officer.",
        };
        (channel, text)
    };
    log.say(text);
    channel
}

#[cfg(test)]
#[path = "triage_tests.rs"]
mod tests;

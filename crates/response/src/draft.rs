//! Drafts: what a notice would say, worked out and waiting for a person.

use crate::audience::Recipient;
use crate::class::DeviceClass;
use crate::follow::NoticeRef;
use crate::plain;
use crate::tables::Tables;
use crate::technical;
use crate::triage::Triage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tallyward_core::{Advisory, ClinicalLevel, Tier, Unit, Vulnerability};

/// Longest subject, in characters.
pub const MAX_SUBJECT: usize = 60;
/// Most lines in the clinical body.
pub const MAX_LINES: usize = 6;
/// Longest line of the clinical body, in characters.
pub const MAX_LINE: usize = 240;
/// Stands in every clinical body.
pub const NEVER_DISCONNECT: &str = "Do not disconnect it from a patient.";

/// Who says whether a device may be used on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "authority", content = "name", rename_all = "snake_case")]
pub enum Authority {
    /// The manufacturer.
    Maker,
    /// A regulator.
    Regulator,
    /// A clinical lead of this hospital, by name.
    Lead(String),
}

impl Authority {
    /// As the subject of "says so".
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Maker => "The maker".to_owned(),
            Self::Regulator => "The regulator".to_owned(),
            Self::Lead(name) => format!("Our lead {}", plain::line(name, 40)),
        }
    }

    /// Whether somebody answers for it: a lead needs a name.
    #[must_use]
    pub fn is_named(&self) -> bool {
        !matches!(self, Self::Lead(name) if name.trim().is_empty())
    }
}

/// Keep using it or not, and who says so. "No instruction yet" is a legal answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "instruction", rename_all = "snake_case")]
pub enum Instruction {
    /// Use it as before.
    KeepUsing {
        /// Who says so.
        by: Authority,
        /// What they add, in plain words; may be empty.
        #[serde(default)]
        text: String,
    },
    /// Use it, with the care the text asks for.
    UseWithCare {
        /// Who says so.
        by: Authority,
        /// What care.
        text: String,
    },
    /// Take a spare, then stop using it.
    StopAndSwap {
        /// Who says so.
        by: Authority,
        /// What they add; may be empty.
        #[serde(default)]
        text: String,
    },
    /// Nobody has said yet.
    NoneYet {
        /// When there will be word, written out with its time zone.
        next_word_at: String,
    },
}

impl Instruction {
    /// Who says so; none when nobody has said.
    #[must_use]
    pub const fn authority(&self) -> Option<&Authority> {
        match self {
            Self::KeepUsing { by, .. } | Self::UseWithCare { by, .. } | Self::StopAndSwap { by, .. } => {
                Some(by)
            }
            Self::NoneYet { .. } => None,
        }
    }

    /// The line of the body.
    #[must_use]
    pub fn line(&self) -> String {
        let said = |order: &str, by: &Authority, text: &str| {
            let text = plain::sentence(&plain::line(text, 110));
            [order, &format!("{} says so.", by.plain()), &text].map(str::trim).join(" ").trim().to_owned()
        };
        match self {
            Self::KeepUsing { by, text } => {
                format!("{} {NEVER_DISCONNECT}", said("KEEP USING IT.", by, text))
            }
            Self::UseWithCare { by, text } => {
                format!("{} {NEVER_DISCONNECT}", said("KEEP USING IT, WITH CARE.", by, text))
            }
            Self::StopAndSwap { by, text } => format!(
                "{} {NEVER_DISCONNECT} Let the spare run first.",
                said("SWAP IT FOR A SPARE, THEN STOP USING IT.", by, text)
            ),
            Self::NoneYet { .. } => format!("KEEP USING IT OR NOT? No instruction yet. {NEVER_DISCONNECT}"),
        }
    }
}

/// Where one device is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// Asset tag; empty when none is on record.
    pub tag: String,
    /// Room; empty when none is on record.
    pub room: String,
}

/// The affected devices of one model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelLine {
    /// Maker and model, as on the label.
    pub model: String,
    /// How many are affected.
    pub count: u32,
    /// Where each is, as far as is known.
    pub spots: Vec<Spot>,
}

/// The one number to call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Who answers: `Biomed`.
    pub who: String,
    /// Telephone number or extension.
    pub phone: String,
}

/// Everything a draft is made of.
#[derive(Clone, Copy, Debug)]
pub struct DraftInputs<'a> {
    /// The tables in force.
    pub tables: &'a Tables,
    /// The advisory.
    pub advisory: &'a Advisory,
    /// Those of its vulnerabilities that touch the devices.
    pub vulnerabilities: &'a [&'a Vulnerability],
    /// The unit whose people read it.
    pub unit: &'a Unit,
    /// Device class.
    pub class: DeviceClass,
    /// The affected devices, by model.
    pub models: &'a [ModelLine],
    /// Name of the shared pool the devices come from; none when they belong to the unit.
    pub pool: Option<&'a str>,
    /// Triage of the worst of the findings.
    pub triage: &'a Triage,
    /// Keep using it or not.
    pub instruction: &'a Instruction,
    /// Whom to call.
    pub call: &'a Call,
    /// Who would receive it.
    pub audience: &'a [Recipient],
    /// The time now, written out with its zone: `23 Nov, 15:04 CET`.
    pub now: &'a str,
    /// When there will be next word, written out with its zone.
    pub next_word: &'a str,
}

/// What sort of message it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftKind {
    /// A first message.
    #[default]
    Notice,
    /// Mends an earlier one.
    Correction,
    /// Ends an earlier one.
    StandDown,
}

/// A text worked out by the software. Nobody receives it before [`crate::release()`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What sort.
    pub kind: DraftKind,
    /// The notice it ends or mends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers_to: Option<NoticeRef>,
    /// Advisory id.
    pub advisory: String,
    /// Its revision.
    pub revision: String,
    /// Unit code.
    pub unit: String,
    /// Device class.
    pub class: DeviceClass,
    /// Tier.
    pub tier: Tier,
    /// At most [`MAX_SUBJECT`] characters.
    pub subject: String,
    /// The clinical body: at most [`MAX_LINES`] lines, no flaw number.
    pub lines: Vec<String>,
    /// The version for biomed and security.
    pub technical: Vec<String>,
    /// Who would receive it.
    pub audience: Vec<Recipient>,
    /// The affected devices in full, for the list beside the text.
    pub models: Vec<ModelLine>,
    /// Keep using it or not.
    pub instruction: Instruction,
    /// Whom to call.
    pub call: Call,
    /// Names in the text that a reader cannot do without (models, unit); the reading grade leaves them out.
    pub names: Vec<String>,
    /// Hash of the tables it was made with.
    pub tables: String,
}

impl Draft {
    /// The clinical body as one text.
    #[must_use]
    pub fn body(&self) -> String {
        self.lines.join("\n")
    }

    /// One advisory, one unit, one device class: two drafts with the same key tell the same people the same
    /// thing, and only one may be open.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}|{}|{}", self.unit, self.class.code(), self.advisory)
    }

    /// How many devices it is about.
    #[must_use]
    pub fn count(&self) -> u32 {
        total(&self.models)
    }
}

/// Works out the draft of a first notice.
#[must_use]
pub fn draft(inputs: &DraftInputs) -> Draft {
    let mut lines = vec![devices_line(inputs), harm_line(inputs), inputs.instruction.line()];
    lines.push(steps_line(inputs));
    lines.push(call_line(inputs.call));
    lines.push(next_word_line(inputs.instruction, inputs.next_word));
    compose(inputs, DraftKind::Notice, None, &subject(inputs, ""), lines)
}

/// Puts a draft together; cleans every line once more, whatever it was made of.
pub(crate) fn compose(
    inputs: &DraftInputs,
    kind: DraftKind,
    refers_to: Option<NoticeRef>,
    subject: &str,
    lines: Vec<String>,
) -> Draft {
    let mut lines: Vec<String> =
        lines.iter().map(|text| plain::line(text, MAX_LINE)).filter(|text| !text.is_empty()).collect();
    lines.truncate(MAX_LINES);
    let mut names: Vec<String> = inputs.models.iter().map(|line| plain::line(&line.model, 60)).collect();
    names.push(unit_name(inputs.unit));
    if let Some(pool) = inputs.pool {
        names.push(plain::line(pool, 40));
    }
    if let Some(by) = inputs.instruction.authority() {
        names.push(by.plain());
    }
    Draft {
        kind,
        refers_to,
        advisory: inputs.advisory.id.clone(),
        revision: inputs.advisory.revision.clone(),
        unit: inputs.unit.code.clone(),
        class: inputs.class,
        tier: inputs.triage.tier,
        subject: plain::line(subject, MAX_SUBJECT),
        lines,
        technical: technical::lines(inputs),
        audience: inputs.audience.to_vec(),
        models: inputs.models.to_vec(),
        instruction: inputs.instruction.clone(),
        call: inputs.call.clone(),
        names,
        tables: inputs.tables.hash(),
    }
}

/// `Act this shift: 4 infusion pumps in ICU A`.
pub(crate) fn subject(inputs: &DraftInputs, prefix: &str) -> String {
    let tier = &inputs.tables.rung(inputs.triage.tier).name;
    let count = total(inputs.models);
    format!("{prefix}{tier}: {count} {} in {}", class_words(inputs, count), unit_name(inputs.unit))
}

fn total(models: &[ModelLine]) -> u32 {
    models.iter().fold(0, |sum, line| sum.saturating_add(line.count))
}

fn class_words<'a>(inputs: &DraftInputs<'a>, count: u32) -> &'a str {
    let row = inputs.tables.class(inputs.class);
    if count == 1 { &row.one } else { &row.many }
}

fn unit_name(unit: &Unit) -> String {
    plain::line(if unit.name.trim().is_empty() { &unit.code } else { &unit.name }, 40)
}

/// Which of the reader's devices, and where.
pub(crate) fn devices_line(inputs: &DraftInputs) -> String {
    let count = total(inputs.models);
    let mut models: Vec<String> =
        inputs.models.iter().take(3).map(|line| plain::line(&line.model, 32)).collect();
    if inputs.models.len() > models.len() {
        models.push(format!("{} more models", inputs.models.len() - models.len()));
    }
    let what = format!("{count} {}: {}.", class_words(inputs, count), plain::list(&models));
    let room = MAX_LINE.saturating_sub(what.chars().count() + 40);
    match inputs.pool {
        Some(pool) => {
            let pool = plain::line(pool, 30);
            format!(
                "{what} Shared pool {pool}: any may come to you. Tags: {}",
                tags(inputs.models, room.saturating_sub(pool.chars().count() + 30))
            )
        }
        None => format!("{what} {}", rooms(inputs.models, room)),
    }
}

/// `Room 12: P-1, P-2; room 14: P-3.`, shortened to fit with a count of what is left out.
fn rooms(models: &[ModelLine], budget: usize) -> String {
    let mut by_room: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for spot in models.iter().flat_map(|line| &line.spots) {
        let room = plain::line(&spot.room, 24);
        by_room.entry(room).or_default().push(plain::line(&spot.tag, 20));
    }
    // A room that is not on record sorts first; it is of least use to somebody who has to walk there.
    let (nowhere, known): (Vec<_>, Vec<_>) = by_room.into_iter().partition(|(room, _)| room.is_empty());
    let entries = known.into_iter().chain(nowhere).map(|(room, tags)| {
        let here = tags.len();
        let tags: Vec<String> = tags.into_iter().filter(|tag| !tag.is_empty()).collect();
        let place = if room.is_empty() { "Room not on record".to_owned() } else { format!("Room {room}") };
        let text = if tags.is_empty() {
            format!("{place} ({here})")
        } else {
            format!("{place}: {}", tags.join(", "))
        };
        (here, text)
    });
    fit(entries, "; ", budget, total(models))
}

fn tags(models: &[ModelLine], budget: usize) -> String {
    let entries = models
        .iter()
        .flat_map(|line| &line.spots)
        .map(|spot| plain::line(&spot.tag, 20))
        .filter(|tag| !tag.is_empty())
        .map(|tag| (1, tag));
    fit(entries, ", ", budget, total(models))
}

/// Joins entries while they fit and says how many devices are left out.
fn fit(entries: impl Iterator<Item = (usize, String)>, joint: &str, budget: usize, total: u32) -> String {
    let mut text = String::new();
    let mut shown = 0usize;
    for (devices, entry) in entries {
        let entry = plain::clip(&entry, budget.max(20));
        if !text.is_empty() && text.chars().count() + entry.chars().count() + joint.len() > budget {
            break;
        }
        if !text.is_empty() {
            text.push_str(joint);
        }
        text.push_str(&entry);
        shown = shown.saturating_add(devices);
    }
    let left = usize::try_from(total).unwrap_or(usize::MAX).saturating_sub(shown);
    match (text.is_empty(), left) {
        (true, _) => "Where they are is not on record; ask us.".to_owned(),
        (false, 0) => plain::sentence(&text),
        (false, left) => format!("{text}; and {left} more on the list."),
    }
}

/// What it could do to a patient.
pub(crate) fn harm_line(inputs: &DraftInputs) -> String {
    let harm = match inputs.triage.clinical {
        ClinicalLevel::C1 => "could show patient data to others",
        ClinicalLevel::C0 => return "The flaw does not touch patients, as far as is known.".to_owned(),
        _ => inputs.tables.level(inputs.class).harm.as_str(),
    };
    if harm.is_empty() {
        return "What could it do to a patient? The maker has not said.".to_owned();
    }
    format!("A flaw in the software {}", plain::sentence(&plain::line(harm, 90)))
}

/// What to do now: the steps of the table.
pub(crate) fn steps_line(inputs: &DraftInputs) -> String {
    let steps = &inputs.tables.bedside(inputs.class).steps;
    let steps: Vec<String> =
        steps.iter().take(3).map(|step| plain::sentence(&plain::line(step, 70))).collect();
    match steps.as_slice() {
        [] => "Do now: nothing at the bedside.".to_owned(),
        steps => format!("Do now: {}", steps.join(" ")),
    }
}

/// Whom to call.
pub(crate) fn call_line(call: &Call) -> String {
    format!("Call {}: {}.", plain::line(&call.who, 40), plain::line(&call.phone, 30))
}

/// When there is next word.
pub(crate) fn next_word_line(instruction: &Instruction, next_word: &str) -> String {
    let at = match instruction {
        Instruction::NoneYet { next_word_at } => next_word_at,
        _ => next_word,
    };
    plain::sentence(&format!("Next word: {}", plain::line(at, 60)))
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;

//! Drafts: what a notice would say, worked out and waiting for a person.

use crate::audience::Recipient;
use crate::class::DeviceClass;
use crate::follow::NoticeRef;
use crate::lines::{
    call_line, devices_line, harm_line, next_word_line, steps_line, subject, total, unit_name,
};
use crate::plain;
use crate::tables::Tables;
use crate::technical;
use crate::triage::Triage;
use serde::{Deserialize, Serialize};
use tallyward_core::{Advisory, Tier, Unit, Vulnerability};

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

    /// The line of the body, about `count` devices.
    #[must_use]
    pub fn line(&self, count: u32) -> String {
        let them = if count == 1 { "IT" } else { "THEM" };
        let spare = if count == 1 { "A SPARE" } else { "SPARES" };
        let said = |order: &str, by: &Authority, text: &str| {
            let text = plain::sentence(&plain::line(text, 110));
            [order, &format!("{} says so.", by.plain()), &text].map(str::trim).join(" ").trim().to_owned()
        };
        match self {
            Self::KeepUsing { by, text } => {
                format!("{} {NEVER_DISCONNECT}", said(&format!("KEEP USING {them}."), by, text))
            }
            Self::UseWithCare { by, text } => {
                format!("{} {NEVER_DISCONNECT}", said(&format!("KEEP USING {them}, WITH CARE."), by, text))
            }
            Self::StopAndSwap { by, text } => format!(
                "{} {NEVER_DISCONNECT} Let the spare run first.",
                said(&format!("SWAP {them} FOR {spare}, THEN STOP USING {them}."), by, text)
            ),
            Self::NoneYet { .. } => {
                format!("KEEP USING {them} OR NOT? No instruction yet. {NEVER_DISCONNECT}")
            }
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

    /// The same draft in a lead's words. Nothing is cleaned here: what does not fit is for [`crate::lint()`] to
    /// say, so that no word of a person is changed behind their back. Empty lines are dropped. To change the
    /// instruction, the number or the devices, work the draft out again from its inputs.
    #[must_use]
    pub fn reworded(&self, subject: &str, lines: &[String]) -> Self {
        let lines = lines.iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
        Self { subject: subject.trim().to_owned(), lines, ..self.clone() }
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
    let mut lines =
        vec![devices_line(inputs), harm_line(inputs), inputs.instruction.line(total(inputs.models))];
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
    let mut rooms: Vec<String> =
        inputs.models.iter().flat_map(|line| &line.spots).map(|spot| plain::line(&spot.room, 24)).collect();
    rooms.sort_unstable();
    rooms.dedup();
    // Only names can be hard words; the body shows no more than a few rooms.
    names.extend(rooms.into_iter().filter(|room| room.contains(char::is_alphabetic)).take(64));
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

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;

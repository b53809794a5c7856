//! Drafts, notices, answers, huddle sheets and as-is paths.

use super::Moment;
use serde::{Deserialize, Serialize};
use tallyward_core::DeviceId;

/// One draft waiting for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DraftLine {
    /// Id.
    pub id: String,
    /// Subject, at most 60 characters.
    pub subject: String,
    /// Advisory id.
    pub advisory: String,
    /// Unit code; empty for biomed and security.
    pub unit: String,
    /// `clinical` or `technical`.
    pub audience: String,
    /// `notice`, `correction` or `stand-down`.
    pub kind: String,
    /// Tier code.
    pub tier: String,
    /// Clinical level code.
    pub clinical: String,
    /// How many devices it names.
    pub devices: usize,
    /// How many people it would reach.
    pub people: usize,
    /// When it was worked out.
    pub since: Moment,
    /// Complaints that block release.
    pub blocked: usize,
}

/// A draft beside the devices it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DraftPage {
    /// The row as listed.
    pub line: DraftLine,
    /// Text as the reader sees it, at most six lines.
    pub lines: Vec<String>,
    /// Text for biomed and security.
    pub technical: Vec<String>,
    /// Recipients and why each is one.
    pub recipients: Vec<(String, String)>,
    /// Units reached.
    pub units: Vec<String>,
    /// Devices named: handle, name, room.
    pub devices: Vec<(DeviceId, String, String)>,
    /// Complaints of the lints: rule, text, whether it blocks.
    pub complaints: Vec<(String, String, bool)>,
    /// How triage was worked out.
    pub triage: Vec<String>,
    /// The edit form's present values.
    pub edit: DraftEdit,
    /// Why it cannot be released now, if so.
    pub refusal: Option<String>,
    /// What was shown, as a hash: a release names it, so that nobody releases what they did not see.
    pub seen: String,
    /// When this was true.
    pub as_of: Moment,
}

/// What a lead may change in a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftEdit {
    /// Keep using it: `none_yet`, `keep`, `care`, `stop`.
    pub instruction: String,
    /// Who says so: `maker`, `regulator`, `lead`.
    pub authority: String,
    /// The instruction's own words, optional.
    pub text: String,
    /// Next word in so many hours.
    pub next_word_hours: u32,
    /// What to do now: up to three short steps, one a line.
    pub steps: String,
}

/// One notice in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticeLine {
    /// Id.
    pub id: String,
    /// Subject.
    pub subject: String,
    /// Advisory id.
    pub advisory: String,
    /// Unit code.
    pub unit: String,
    /// `clinical` or `technical`.
    pub audience: String,
    /// `notice`, `correction` or `stand-down`.
    pub kind: String,
    /// Tier code.
    pub tier: String,
    /// `released`, `sent`, `delivered`, `acknowledged`, `done`, `stood down`, `corrected`.
    pub state: String,
    /// Who released it.
    pub released_by: String,
    /// When.
    pub released: Moment,
    /// First sent.
    pub sent: Option<Moment>,
    /// First delivered.
    pub delivered: Option<Moment>,
    /// First acknowledged.
    pub acknowledged: Option<Moment>,
    /// Done.
    pub done: Option<Moment>,
    /// When an answer is due.
    pub due: Option<Moment>,
    /// Due has passed without an answer.
    pub overdue: bool,
    /// An answer that needs a person: not ours, wrong person, need help.
    pub raised: Option<String>,
}

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryLine {
    /// Id, the Message-ID's local part.
    pub id: String,
    /// To whom, by name.
    pub to: String,
    /// Address.
    pub address: String,
    /// Why this person.
    pub why: String,
    /// `first`, `reminder` or `escalation`.
    pub step: String,
    /// `queued`, `sent`, `failed`, `unknown`.
    pub state: String,
    /// Attempts made.
    pub attempts: u32,
    /// Detail of the last attempt.
    pub detail: String,
    /// Queued.
    pub queued: Moment,
    /// Sent.
    pub sent: Option<Moment>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnswerLine {
    /// When.
    pub at: Moment,
    /// `got it`, `doing it`, `done`, `not ours`, `wrong person`, `need help`.
    pub answer: String,
    /// Initials given.
    pub initials: String,
    /// How strong: `link`, `sign-in` …
    pub strength: String,
    /// Whose link it was.
    pub link_of: String,
    /// It came so fast that it may be a machine.
    pub suspicious: bool,
}

/// A notice with its clocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticePage {
    /// The row as listed.
    pub line: NoticeLine,
    /// The text that was released.
    pub lines: Vec<String>,
    /// Text for biomed and security.
    pub technical: Vec<String>,
    /// Devices named.
    pub devices: Vec<(DeviceId, String, String)>,
    /// Deliveries.
    pub deliveries: Vec<DeliveryLine>,
    /// Answers, oldest first.
    pub answers: Vec<AnswerLine>,
    /// Steps of the ladder: what, when due, when done.
    pub ladder: Vec<(String, Moment, Option<Moment>)>,
    /// Notices that end or mend this one, or that it ends or mends: id and kind.
    pub related: Vec<(String, String)>,
    /// How this hazard reached the unit before, and how long that took, for comparison; minutes.
    pub as_is_minutes: Option<u32>,
    /// Minutes from release to the first answer here.
    pub here_minutes: Option<u32>,
    /// When this was true.
    pub as_of: Moment,
}

/// The page behind a signed link, without sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerPage {
    /// Name of the house.
    pub site: String,
    /// Subject.
    pub subject: String,
    /// The released lines.
    pub lines: Vec<String>,
    /// Name under it.
    pub released_by: String,
    /// When, in the site's time zone, with its name.
    pub released: String,
    /// `notice`, `correction` or `stand-down`.
    pub kind: String,
    /// Set when a later notice has ended or mended this one: its text.
    pub superseded: Option<String>,
    /// Answers given so far through any link of this notice: when (site zone), answer, initials.
    pub answers: Vec<(String, String, String)>,
    /// Whether it may still be answered.
    pub open: bool,
}

/// One line of a huddle sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HuddleItem {
    /// The line.
    pub text: String,
    /// Advisory id, for the desk; not printed.
    pub advisory: String,
    /// Tier code.
    pub tier: String,
    /// `new`, `open`, `ended`.
    pub state: String,
}

/// The daily huddle sheet of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HuddleSheet {
    /// Unit code and name.
    pub unit: String,
    /// Name of the unit.
    pub name: String,
    /// The day, in the site's time zone.
    pub day: String,
    /// Items, most urgent first.
    pub items: Vec<HuddleItem>,
    /// Number to call.
    pub call: String,
    /// Whether the sheet is only a preview because of shadow mode.
    pub shadow: bool,
}

/// One step of an as-is path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathStep {
    /// Who passes it on.
    pub by: String,
    /// By what.
    pub channel: String,
    /// How long that takes, minutes.
    pub minutes: u32,
}

/// How a recall or hazard reaches a unit today.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathEntry {
    /// Unit code.
    pub unit: String,
    /// `recall` or `hazard`.
    pub kind: String,
    /// Steps in order.
    pub steps: Vec<PathStep>,
    /// Remarks.
    #[serde(default)]
    pub remark: String,
    /// Recorded on, RFC 3339; filled in here.
    #[serde(default)]
    pub recorded: String,
    /// Recorded by; filled in here.
    #[serde(default)]
    pub by: String,
}

/// As-is paths beside what was measured here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PathPage {
    /// Recorded baselines, newest first per unit.
    pub entries: Vec<PathEntry>,
    /// Unit, minutes as it was, median minutes from release to answer here, notices counted.
    pub compared: Vec<(String, u32, Option<u32>, usize)>,
    /// Units without a baseline.
    pub missing: Vec<String>,
}

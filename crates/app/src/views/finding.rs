//! Findings and the facts they wait for.

use super::{Moment, RemedyMark, ScoreLine};
use crate::query::Page;
use serde::Serialize;
use tallyward_core::{DeviceId, MissingFact, Reason, Verdict};

/// One device and one vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingLine {
    /// Device.
    pub device: DeviceId,
    /// Its display name.
    pub name: String,
    /// Maker and model.
    pub model: String,
    /// Unit code.
    pub unit: String,
    /// Room.
    pub room: String,
    /// Software version it was judged on.
    pub version: String,
    /// Advisory id.
    pub advisory: String,
    /// Vulnerability id.
    pub vulnerability: String,
    /// Verdict.
    pub verdict: Verdict,
    /// The last reason, which decided it.
    pub because: String,
    /// What is missing, in plain words.
    pub missing: Option<String>,
    /// Clinical level code, such as `C3`.
    pub clinical: String,
    /// SSVC outcome code.
    pub outcome: String,
    /// Tier code.
    pub tier: String,
    /// The calmest SSVC outcome code over every value of what is not known; as `outcome` when all is known.
    pub calmest: String,
    /// The strictest one.
    pub strictest: String,
    /// The row of the SSVC table it is handled by, such as `E:active/EXP:open/A:yes/HI:very_high`.
    pub vector: String,
    /// Names of the inputs nobody knows, for which the row has a stated default.
    pub assumed: Vec<String>,
}

/// An input of triage on a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TriageLine {
    /// `exploitation`, `exposure`, `automatable` or `clinical_level`.
    pub input: &'static str,
    /// Its name in the tree.
    pub label: &'static str,
    /// Code of its value; none when nobody knows.
    pub value: Option<String>,
    /// The value in words.
    pub words: Option<String>,
    /// What is taken for it as long as nobody knows, in words.
    pub taken: Option<String>,
    /// Why that is taken, completing "because …".
    pub taken_because: String,
    /// By which rule it has its value, or why it has none.
    pub why: Vec<String>,
    /// Who set it, when a person did.
    pub set_by: Option<String>,
    /// What a value that somebody sets here holds for.
    pub holds_for: String,
}

/// A page of findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingList {
    /// Rows, total and cursor.
    #[serde(flatten)]
    pub page: Page<FindingLine>,
    /// When this was true.
    pub as_of: Moment,
}

/// What a named person said of a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettledCondition {
    /// Id of the judgement, for taking it back.
    pub decision: String,
    /// The condition as the clause words it.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// A finding with its chain of reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingPage {
    /// The row as listed.
    pub line: FindingLine,
    /// Title of the advisory.
    pub title: String,
    /// The chain, first to last.
    pub reasons: Vec<Reason>,
    /// The fact that would settle it.
    pub missing: Option<MissingFact>,
    /// Field to enter, when the missing fact is one a person can type here.
    pub enter: Option<tallyward_core::Field>,
    /// The condition it waits for, when a person may say for the model whether it holds.
    pub condition: Option<String>,
    /// What was said of conditions of this advisory for this model.
    pub settled: Vec<SettledCondition>,
    /// The software version on record, with who says so and who says otherwise.
    pub software: Option<super::FieldLine>,
    /// For a *not affected*: on which readings it rests, how old they are, and from when on they no longer clear.
    pub rests_on: Vec<String>,
    /// How triage was worked out, sentence by sentence, with defaults taken.
    pub triage: Vec<String>,
    /// The inputs of triage, each with its value and why it has it.
    pub inputs: Vec<TriageLine>,
    /// What lists of threats and CISA BOD 26-04 say of the flaw besides; decides nothing in triage.
    pub beside: Vec<String>,
    /// Answers to MITRE's rubric for medical devices with edition and vector, as kept; empty when nobody gave them.
    pub rubric: String,
    /// What the document offers as remedy: category and text, verbatim.
    pub remedies: Vec<(String, String)>,
    /// Scores worked out from their vectors, with what the document claims.
    pub scores: Vec<ScoreLine>,
    /// How far the remedy is, when somebody marked it.
    pub remedy: Option<RemedyMark>,
    /// Contradictions of the document about this product.
    pub contradictions: Vec<String>,
    /// When this was true.
    pub as_of: Moment,
}

/// A device on the worklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorklistDevice {
    /// Device.
    pub id: DeviceId,
    /// Display name.
    pub name: String,
    /// Asset tag.
    pub tag: String,
    /// Unit code.
    pub unit: String,
    /// Room.
    pub room: String,
    /// Site.
    pub site: String,
    /// Findings of this device that wait for the fact.
    pub settles: u64,
}

/// A fact to find out, for devices that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkItem {
    /// The fact.
    pub fact: MissingFact,
    /// In plain words: `software version`.
    pub plain: String,
    /// Field to enter, when it can be typed in.
    pub field: Option<tallyward_core::Field>,
    /// Maker and model of the devices.
    pub model: String,
    /// Canonical maker, empty when not known.
    pub maker: String,
    /// Canonical model, empty when not known.
    pub bare_model: String,
    /// Where to read it on this model, from the model book; none when nobody has written it down.
    pub reading: Option<crate::model_book::Reading>,
    /// How many findings an answer for all of them settles.
    pub settles: u64,
    /// One of the advisories that wait.
    pub advisory: String,
    /// The devices shown, ordered by site, unit, room.
    pub devices: Vec<WorklistDevice>,
    /// How many devices wait in all.
    pub count: u64,
}

/// The worklist, the facts that settle most first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Worklist {
    /// The facts shown.
    pub items: Vec<WorkItem>,
    /// How many facts there are in all.
    pub total: u64,
    /// Unknown findings in all.
    pub waiting: u64,
    /// When this was true.
    pub as_of: Moment,
}

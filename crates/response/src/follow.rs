//! Messages that mend or end an earlier notice; they go to the same people.

use crate::draft::{Draft, DraftInputs, DraftKind, Instruction, compose};
use crate::lines::{call_line, devices_line, harm_line, next_word_line, steps_line, subject, total};
use crate::plain;
use serde::{Deserialize, Serialize};

/// An earlier notice, as a later one refers to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRef {
    /// Its id.
    pub id: String,
    /// When it was sent, written out with its zone.
    pub sent: String,
    /// Its subject.
    pub subject: String,
}

impl NoticeRef {
    fn plain(&self) -> String {
        format!("our notice {} of {}", plain::line(&self.id, 24), plain::line(&self.sent, 30))
    }
}

/// What a stand-down says. `inputs.audience` must be those who received the notice.
#[derive(Clone, Copy, Debug)]
pub struct StandDownInputs<'a> {
    /// As for a first notice; the instruction says how the devices are used from now on.
    pub inputs: &'a DraftInputs<'a>,
    /// The notice it ends.
    pub notice: &'a NoticeRef,
    /// Why it ends, in plain words: "The pumps have the new software".
    pub because: &'a str,
}

/// Works out the draft of a stand-down.
#[must_use]
pub fn stand_down(stand_down: &StandDownInputs) -> Draft {
    let StandDownInputs { inputs, notice, because } = *stand_down;
    let last = match inputs.instruction {
        Instruction::NoneYet { .. } => next_word_line(inputs.instruction, inputs.next_word),
        _ => format!("Next word: none planned. Written {}.", plain::line(inputs.now, 40)),
    };
    let lines = vec![
        format!("This ends {}. {}", notice.plain(), plain::sentence(&plain::line(because, 120))),
        devices_line(inputs),
        inputs.instruction.line(total(inputs.models)),
        "Do now: go back to your usual checks.".to_owned(),
        call_line(inputs.call),
        last,
    ];
    let subject =
        format!("Stand-down: {}", subject(inputs, "").split_once(": ").map_or("", |(_, rest)| rest));
    compose(inputs, DraftKind::StandDown, Some(notice.clone()), &subject, lines)
}

/// What a correction says. `inputs.audience` must be those who received the notice.
#[derive(Clone, Copy, Debug)]
pub struct CorrectionInputs<'a> {
    /// What holds now.
    pub inputs: &'a DraftInputs<'a>,
    /// The notice it mends.
    pub notice: &'a NoticeRef,
    /// What was wrong, in plain words: "Room 14 was left out".
    pub what_was_wrong: &'a str,
}

/// Works out the draft of a correction: it says what was wrong and takes the place of the notice.
#[must_use]
pub fn correction(correction: &CorrectionInputs) -> Draft {
    let CorrectionInputs { inputs, notice, what_was_wrong } = *correction;
    let wrong = plain::sentence(&plain::line(what_was_wrong, 120));
    let lines = vec![
        format!("This replaces {}. {wrong}", notice.plain()),
        devices_line(inputs),
        format!("{} {}", harm_line(inputs), steps_line(inputs)),
        inputs.instruction.line(total(inputs.models)),
        call_line(inputs.call),
        next_word_line(inputs.instruction, inputs.next_word),
    ];
    compose(inputs, DraftKind::Correction, Some(notice.clone()), &subject(inputs, "Corrected. "), lines)
}

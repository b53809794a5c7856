//! The lines of a clinical body, each from what it is made of.

use crate::draft::{Call, DraftInputs, Instruction, MAX_LINE, ModelLine};
use crate::plain;
use std::collections::BTreeMap;
use tallyward_core::{ClinicalLevel, Unit};

/// `Act this shift: 4 infusion pumps in ICU A`.
pub(crate) fn subject(inputs: &DraftInputs, prefix: &str) -> String {
    let tier = &inputs.tables.rung(inputs.triage.tier).name;
    let count = total(inputs.models);
    format!("{prefix}{tier}: {count} {} in {}", class_words(inputs, count), unit_name(inputs.unit))
}

pub(crate) fn total(models: &[ModelLine]) -> u32 {
    models.iter().fold(0, |sum, line| sum.saturating_add(line.count))
}

fn class_words<'a>(inputs: &DraftInputs<'a>, count: u32) -> &'a str {
    let row = inputs.tables.class(inputs.class);
    if count == 1 { &row.one } else { &row.many }
}

pub(crate) fn unit_name(unit: &Unit) -> String {
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
    let number = if count == 1 { String::new() } else { format!("{count} ") };
    let what = format!("Your {number}{} ({}).", class_words(inputs, count), plain::list(&models));
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
        let place = place_words(&room);
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

/// `Room 4-11`; a room that is named rather than numbered (`OR 3`, `Data centre`) stands as it is.
fn place_words(room: &str) -> String {
    let numbered = !room.contains(' ') && room.contains(|c: char| c.is_ascii_digit());
    match room {
        "" => "No room on record".to_owned(),
        _ if numbered => format!("Room {room}"),
        _ => room.to_owned(),
    }
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

/// What to do now: the steps of the table, or how to swap when that is the instruction.
pub(crate) fn steps_line(inputs: &DraftInputs) -> String {
    if matches!(inputs.instruction, Instruction::StopAndSwap { .. }) {
        return "Do now: get a spare. Start it. Then set the old one aside for us.".to_owned();
    }
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

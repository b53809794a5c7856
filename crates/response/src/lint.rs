//! Whether a text is fit to be read at a bedside. A draft that fails cannot be released.

use crate::draft::{Draft, DraftKind, Instruction, MAX_LINE, MAX_LINES, MAX_SUBJECT, NEVER_DISCONNECT};
use crate::plain;
use crate::readability;
use crate::tables::Tables;
use serde::{Deserialize, Serialize};

/// Highest Flesch-Kincaid grade of a clinical body.
pub const MAX_GRADE: f64 = 8.0;
/// Highest grade of a single line, so that one hard sentence cannot hide among five easy ones.
pub const MAX_LINE_GRADE: f64 = 12.0;

/// What a complaint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// A flaw number or a score in the clinical text.
    FlawNumber,
    /// More than six lines, an empty body, or a line or subject that is too long.
    Length,
    /// No answer to "keep using it?", or nobody who says so.
    KeepUsing,
    /// The sentence that a device on a patient stays connected is missing.
    StayConnected,
    /// Not exactly one number to call.
    OneNumber,
    /// No time with a zone for the next word.
    NextWord,
    /// Too hard to read.
    Reading,
    /// Looks like data of a patient.
    PatientData,
    /// An order to stop or unplug that nobody with the right has given.
    StopOrder,
    /// A correction or stand-down that does not name the notice it mends or ends.
    Reference,
    /// Two tasks that contradict each other.
    Contradiction,
}

/// One thing wrong with a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// Which rule.
    pub rule: Rule,
    /// What is wrong, where, and what to do.
    pub text: String,
    /// Whether it keeps the draft from being released.
    pub blocks: bool,
}

/// Whether any complaint keeps the draft from being released.
#[must_use]
pub fn blocks(complaints: &[Complaint]) -> bool {
    complaints.iter().any(|complaint| complaint.blocks)
}

/// Reads a draft, as worked out or as a lead changed it, and lists what is wrong. Empty when it is fit.
#[must_use]
pub fn lint(tables: &Tables, draft: &Draft) -> Vec<Complaint> {
    let mut found = Vec::new();
    let mut block = |rule, text: String| found.push(Complaint { rule, text, blocks: true });
    numbers(draft, &mut block);
    length(draft, &mut block);
    keep_using(draft, &mut block);
    one_number(draft, &mut block);
    next_word(draft, &mut block);
    patient_data(draft, &mut block);
    stop_orders(draft, &mut block);
    reference(draft, &mut block);
    reading(tables, draft, &mut block);
    found
}

type Block<'a> = &'a mut dyn FnMut(Rule, String);

fn texts(draft: &Draft) -> impl Iterator<Item = (String, &str)> {
    let subject = std::iter::once(("the subject".to_owned(), draft.subject.as_str()));
    subject
        .chain(draft.lines.iter().enumerate().map(|(at, text)| (format!("line {}", at + 1), text.as_str())))
}

fn reading(tables: &Tables, draft: &Draft, block: Block) {
    let whole = readability::count(tables, &draft.body(), &draft.names).grade();
    if whole > MAX_GRADE {
        let text = format!(
            "reads at school grade {whole:.1}, at most {MAX_GRADE:.0} is allowed: use shorter words and sentences"
        );
        block(Rule::Reading, text);
        return;
    }
    for (at, line) in draft.lines.iter().enumerate() {
        let grade = readability::count(tables, line, &draft.names).grade();
        if grade > MAX_LINE_GRADE {
            let text = format!(
                "line {} reads at school grade {grade:.1}, at most {MAX_LINE_GRADE:.0} is allowed: use shorter words",
                at + 1
            );
            block(Rule::Reading, text);
        }
    }
}

fn numbers(draft: &Draft, block: Block) {
    for (place, text) in texts(draft) {
        if plain::names_a_number(text) {
            block(
                Rule::FlawNumber,
                format!("{place} names a flaw number or a score; it belongs in the technical version"),
            );
        }
    }
}

fn length(draft: &Draft, block: Block) {
    if draft.lines.is_empty() || draft.lines.len() > MAX_LINES {
        block(Rule::Length, format!("has {} lines, expected 1 to {MAX_LINES}", draft.lines.len()));
    }
    if draft.subject.trim().is_empty() || draft.subject.chars().count() > MAX_SUBJECT {
        block(Rule::Length, format!("the subject must have 1 to {MAX_SUBJECT} characters"));
    }
    for (place, text) in texts(draft) {
        if text.contains(['\n', '\r']) || text.chars().count() > MAX_LINE {
            block(Rule::Length, format!("{place} must be one line of at most {MAX_LINE} characters"));
        }
    }
}

fn keep_using(draft: &Draft, block: Block) {
    let said = match draft.instruction.authority() {
        Some(by) => {
            if !by.is_named() {
                block(Rule::KeepUsing, "a lead is said to have decided, but no name is given".to_owned());
            }
            draft.lines.iter().any(|line| line.to_lowercase().contains(&by.plain().to_lowercase()))
        }
        None => draft.lines.iter().any(|line| line.to_lowercase().contains("no instruction yet")),
    };
    if !said {
        let who = draft
            .instruction
            .authority()
            .map_or("\"no instruction yet\"".to_owned(), |by| format!("who says so ({})", by.plain()));
        block(Rule::KeepUsing, format!("no line says whether to keep using it with {who}"));
    }
    let body = draft.body().to_lowercase();
    let order = match draft.instruction {
        Instruction::KeepUsing { .. } | Instruction::UseWithCare { .. } => "keep using",
        Instruction::StopAndSwap { .. } => "stop using",
        Instruction::NoneYet { .. } => "no instruction yet",
    };
    if !body.contains(order) {
        block(Rule::KeepUsing, format!("no line holds the words \"{order}\""));
    }
    if !draft.body().contains(NEVER_DISCONNECT) {
        block(Rule::StayConnected, format!("the sentence {NEVER_DISCONNECT:?} is missing"));
    }
}

fn one_number(draft: &Draft, block: Block) {
    let phone = plain::line(&draft.call.phone, 30);
    if phone.chars().filter(char::is_ascii_digit).count() < 3 {
        block(Rule::OneNumber, "no telephone number to call is set".to_owned());
        return;
    }
    let lines = draft.lines.iter().filter(|line| line.contains(&phone)).count();
    if lines != 1 {
        block(
            Rule::OneNumber,
            format!("the number {phone} must stand in exactly one line, it stands in {lines}"),
        );
    }
    for line in &draft.lines {
        if let Some(other) = other_phone(&line.replace(&phone, "")) {
            block(Rule::OneNumber, format!("a second number to call ({other}); give one"));
        }
    }
}

/// A number that follows a word for calling, or one written the international way.
fn other_phone(line: &str) -> Option<String> {
    const WORDS: [&str; 10] =
        ["call", "phone", "tel", "telephone", "dial", "ring", "page", "ext", "extension", "pager"];
    let tokens: Vec<&str> = line.split_whitespace().collect();
    let digits = |token: &str| token.chars().filter(char::is_ascii_digit).count();
    for (at, token) in tokens.iter().enumerate() {
        let word = token.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let near = tokens[at + 1..]
            .iter()
            .take(3)
            .find(|next| digits(next) >= 3 && !next.contains(|c: char| c.is_alphabetic()));
        if let Some(number) = near.filter(|_| WORDS.contains(&word.as_str())) {
            return Some((*number).to_owned());
        }
        // `+01:00` is a time zone.
        if token.trim_start_matches('(').starts_with('+') && digits(token) >= 2 && !token.contains(':') {
            return Some((*token).to_owned());
        }
    }
    None
}

fn next_word(draft: &Draft, block: Block) {
    let Some(line) = draft.lines.iter().find(|line| line.to_lowercase().contains("next word")) else {
        block(Rule::NextWord, "no line says when there is next word".to_owned());
        return;
    };
    if !has_zoned_time(line) {
        block(Rule::NextWord, format!("{line:?} has no time with a time zone, such as 15:00 CET"));
    }
}

/// Whether a clock time is followed, within two words, by a zone: two to five capital letters, `UTC+1`, `+01:00`.
fn has_zoned_time(line: &str) -> bool {
    let tokens: Vec<&str> =
        line.split_whitespace().map(|token| token.trim_matches(['(', ')', ',', ';', '.'])).collect();
    let time = |token: &str| {
        let Some((hours, minutes)) = token.split_once(':') else { return false };
        let number = |text: &str, below: u32| {
            text.len() <= 2 && !text.is_empty() && text.parse::<u32>().is_ok_and(|n| n < below)
        };
        number(hours, 24) && minutes.get(..2).is_some_and(|two| number(two, 60)) && minutes.len() <= 4
    };
    let zone = |token: &str| {
        let letters: String = token.chars().take_while(char::is_ascii_alphabetic).collect();
        let rest = &token[letters.len()..];
        let offset =
            |text: &str| text.starts_with(['+', '-', '−']) && text.chars().any(|c| c.is_ascii_digit());
        let named = (2..=5).contains(&letters.len())
            && letters.chars().all(|c| c.is_ascii_uppercase())
            && !matches!(letters.as_str(), "AM" | "PM");
        (named && (rest.is_empty() || offset(rest))) || (letters.is_empty() && offset(rest))
    };
    tokens
        .iter()
        .enumerate()
        .any(|(at, token)| time(token) && tokens[at + 1..].iter().take(2).any(|next| zone(next)))
}

fn patient_data(draft: &Draft, block: Block) {
    const LABELS: [&str; 12] = [
        "mrn",
        "dob",
        "ssn",
        "nhs number",
        "nhs no",
        "date of birth",
        "birth date",
        "patient name",
        "patient id",
        "medical record",
        "born on",
        "hospital number",
    ];
    for (place, text) in texts(draft) {
        let lower = text.to_lowercase();
        let spaced = format!(" {} ", lower.replace(|c: char| !c.is_alphanumeric(), " "));
        let label = LABELS.iter().find(|label| spaced.contains(&format!(" {label} ")));
        if let Some(label) = label {
            block(Rule::PatientData, format!("{place} looks like patient data ({label}); take it out"));
        } else if text.split_whitespace().any(social_number) {
            block(
                Rule::PatientData,
                format!("{place} holds a number shaped like a social security number; take it out"),
            );
        }
    }
}

/// `123-45-6789`.
fn social_number(token: &str) -> bool {
    let token = token.trim_matches(|c: char| !c.is_ascii_digit());
    let parts: Vec<&str> = token.split('-').collect();
    matches!(parts.as_slice(), [a, b, c] if [a.len(), b.len(), c.len()] == [3, 2, 4])
        && token.chars().all(|c| c.is_ascii_digit() || c == '-')
}

fn stop_orders(draft: &Draft, block: Block) {
    let may = matches!(&draft.instruction, Instruction::StopAndSwap { by, .. } if by.is_named());
    let mut found = false;
    for (place, text) in texts(draft) {
        let lower = text.to_lowercase().replace('’', "'");
        if let Some(order) = lower.split(['.', '!', '?', ';', ':', ',']).find_map(stop_order) {
            found = true;
            if !may {
                block(
                    Rule::StopOrder,
                    format!(
                        "{place} orders to {order:?}, which only the maker, the regulator or a named lead may do: set that instruction, or take it out"
                    ),
                );
            }
        }
        if may && lower.contains("keep using") {
            block(
                Rule::Contradiction,
                format!("{place} says to keep using it, the instruction says to stop"),
            );
        }
    }
    if may && draft.kind == DraftKind::StandDown {
        block(
            Rule::Contradiction,
            "a stand-down ends the matter, its instruction is to stop using".to_owned(),
        );
    }
    if may && !found {
        block(Rule::Contradiction, "the instruction is to stop and swap, no line says so".to_owned());
    }
}

/// The order to stop, unplug or take away in one clause, if it gives one and does not forbid it.
fn stop_order(clause: &str) -> Option<String> {
    /// Orders wherever they stand.
    const ORDERS: [&str; 10] = [
        "stop using",
        "do not use",
        "don't use",
        "unplug",
        "disconnect",
        "shut down",
        "power down",
        "out of service",
        "out of use",
        "swap",
    ];
    /// Orders when a clause begins with them: "stop the pump", not "could stop an infusion".
    const FIRST: [&str; 7] = ["stop", "remove", "pull", "halt", "cease", "quit", "swap"];
    /// Orders together with "off" shortly after.
    const OFF: [&str; 4] = ["turn", "switch", "power", "take"];
    /// Words that may stand between a prohibition and what it forbids.
    const FILL: [&str; 7] = ["take", "put", "it", "them", "the", "pump", "device"];
    let words: Vec<&str> =
        clause.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
    // "Do not wait, unplug it" orders; "do not take it out of use" forbids.
    let forbidden = |before: &[&str]| {
        let mut back = before.iter().rev().skip_while(|word| FILL.contains(word));
        back.next().is_some_and(|word| ["not", "never", "don't"].contains(word))
    };
    for order in ORDERS {
        let parts: Vec<&str> = order.split(' ').collect();
        let at = words.windows(parts.len()).position(|window| window == parts);
        if at.is_some_and(|at| !forbidden(&words[..at])) {
            return Some(order.to_owned());
        }
    }
    if let Some(first) = words.first().filter(|first| FIRST.contains(first)) {
        return Some((*first).to_owned());
    }
    words.iter().enumerate().find_map(|(at, word)| {
        let off = OFF.contains(word) && words[at + 1..].iter().take(4).any(|next| *next == "off");
        (off && !forbidden(&words[..at])).then(|| format!("{word} off"))
    })
}

fn reference(draft: &Draft, block: Block) {
    match (&draft.refers_to, draft.kind) {
        (_, DraftKind::Notice) => {}
        (None, _) => block(Rule::Reference, "does not name the notice it mends or ends".to_owned()),
        (Some(notice), _)
            if notice.id.trim().is_empty() || !draft.body().contains(&plain::line(&notice.id, 24)) =>
        {
            block(Rule::Reference, format!("no line names the notice {:?} it mends or ends", notice.id));
        }
        _ => {}
    }
}

//! The GS1 application identifiers: how long a value is, of which characters, with which check.

use super::check::{gs1_check_digit, gs1_check_pair};
use super::date::{Day, Today, digits};
use super::error::UdiError;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

static TABLE: LazyLock<FxHashMap<String, Rule>> = LazyLock::new(load);

/// What GS1 says of one application identifier.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// A value of predefined length needs no separator after it (GS1 General Specifications 7.8.5).
    pub(super) predefined: bool,
    /// False for values that are checked and then dropped: they are about people or money.
    pub(super) keep: bool,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    set: Set,
    least: usize,
    most: usize,
    test: Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    Numeric,
    Set82,
    Set39,
    Base64Url,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    None,
    CheckDigit,
    CheckPair,
    Day,
    DayOrMonth,
    HourMinute,
    Below(u16),
}

/// The application identifier a text begins with. No identifier is the beginning of another, so at most one fits.
pub(super) fn leading(text: &str) -> Option<(&str, &'static Rule)> {
    (2..=4).find_map(|length| {
        let code = text.get(..length)?;
        TABLE.get(code).map(|rule| (code, rule))
    })
}

/// The rule of exactly this identifier.
pub(super) fn rule(code: &str) -> Option<&'static Rule> {
    TABLE.get(code)
}

impl Rule {
    /// The most characters a value may have.
    pub(super) fn most(&self) -> usize {
        self.parts.iter().map(|part| part.most).sum()
    }

    fn least(&self) -> usize {
        self.parts.iter().map(|part| part.least).sum()
    }

    /// Checks a whole value that begins at character `at`; the first fault is returned.
    pub(super) fn check(&self, code: &str, value: &str, at: usize, today: Today) -> Result<(), UdiError> {
        let field = || format!("AI {code}");
        let length = value.chars().count();
        if length > self.most() {
            return Err(UdiError::ValueTooLong { field: field(), limit: self.most(), at });
        }
        if length < self.least() {
            return Err(UdiError::ValueTooShort { field: field(), least: self.least(), at });
        }
        let mut rest = value;
        let mut at = at;
        for part in &self.parts {
            if rest.is_empty() && part.least == 0 {
                break;
            }
            let end = rest.char_indices().nth(part.most).map_or(rest.len(), |(index, _)| index);
            let (piece, tail) = rest.split_at(end);
            let width = piece.chars().count();
            // An optional part that has begun must be complete.
            let least = if part.least == 0 && part.test != Test::None { part.most } else { part.least };
            if width < least {
                return Err(UdiError::ValueTooShort { field: field(), least, at });
            }
            part.check(code, piece, at, today)?;
            rest = tail;
            at += width;
        }
        Ok(())
    }
}

impl Part {
    fn check(&self, code: &str, piece: &str, at: usize, today: Today) -> Result<(), UdiError> {
        if let Some((index, character)) = piece.chars().enumerate().find(|&(_, found)| !self.set.holds(found))
        {
            let (field, allowed) = (format!("AI {code}"), self.set.name());
            return Err(UdiError::CharacterNotAllowed { field, character, allowed, at: at + index });
        }
        let not_a_date = |shape| {
            Err(UdiError::DateInvalid { field: format!("AI {code}"), text: piece.to_owned(), shape, at })
        };
        match self.test {
            Test::Day if Day::from_yymmdd(piece, today, false).is_none() => not_a_date("YYMMDD"),
            Test::DayOrMonth if Day::from_yymmdd(piece, today, true).is_none() => {
                not_a_date("YYMMDD, day 00 for the end of the month")
            }
            Test::HourMinute if !is_hour_minute(piece) => not_a_date("HHMM"),
            Test::Below(bound) if digits(piece).is_none_or(|number| number >= bound) => {
                not_a_date("HH, MM or SS")
            }
            Test::CheckDigit => check_digit(code, piece),
            Test::CheckPair => check_pair(piece, at),
            _ => Ok(()),
        }
    }
}

impl Set {
    fn holds(self, character: char) -> bool {
        let letter_or_digit = character.is_ascii_alphanumeric();
        match self {
            Self::Numeric => character.is_ascii_digit(),
            Self::Set82 => letter_or_digit || "!\"%&'()*+,-./:;<=>?_".contains(character),
            Self::Set39 => (letter_or_digit && !character.is_ascii_lowercase()) || "#-/".contains(character),
            Self::Base64Url => letter_or_digit || "-_=".contains(character),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Numeric => "digits",
            Self::Set82 => "GS1 character set 82",
            Self::Set39 => "GS1 character set 39",
            Self::Base64Url => "base64url characters",
        }
    }
}

fn is_hour_minute(piece: &str) -> bool {
    digits(piece).is_some_and(|number| number / 100 < 24 && number % 100 < 60)
}

fn check_digit(code: &str, piece: &str) -> Result<(), UdiError> {
    let Some((body, found)) = piece.char_indices().next_back().map(|(index, last)| (&piece[..index], last))
    else {
        return Ok(());
    };
    match gs1_check_digit(body) {
        Some(expected) if expected != found => Err(match code {
            "01" | "02" | "03" | "8006" | "8026" => UdiError::GtinCheckDigit { found, expected },
            _ => UdiError::CheckCharacter {
                field: "a GS1 key",
                found: found.to_string(),
                expected: expected.to_string(),
            },
        }),
        _ => Ok(()),
    }
}

fn check_pair(piece: &str, at: usize) -> Result<(), UdiError> {
    let Some((body, found)) = piece.len().checked_sub(2).and_then(|end| piece.split_at_checked(end)) else {
        return Err(UdiError::ValueTooShort { field: "a model number".into(), least: 3, at });
    };
    match gs1_check_pair(body) {
        Some(pair) if pair.iter().collect::<String>() != found => Err(UdiError::CheckCharacter {
            field: "a model number",
            found: found.to_owned(),
            expected: pair.iter().collect(),
        }),
        Some(_) => Ok(()),
        None => Err(UdiError::ValueTooShort { field: "a model number".into(), least: 3, at }),
    }
}

fn load() -> FxHashMap<String, Rule> {
    let mut table = FxHashMap::default();
    for row in crate::table::rows(include_str!("../../data/gs1_ai.csv"), "gs1_ai.csv") {
        let [from, to, predefined, format, keep, _meaning] = row.as_slice() else {
            unreachable!("gs1_ai.csv has six columns")
        };
        let rule = Rule {
            predefined: predefined == "yes",
            keep: keep == "yes",
            parts: format.split(' ').map(part).collect(),
        };
        let bounds = (digits(from).expect("gs1_ai.csv: from"), digits(to).expect("gs1_ai.csv: to"));
        for number in bounds.0..=bounds.1 {
            table.insert(format!("{number:0width$}", width = from.len()), rule.clone());
        }
    }
    table
}

/// Reads `N14,csum`, `X..20`, `N4?`.
fn part(text: &str) -> Part {
    let (text, optional) = text.strip_suffix('?').map_or((text, false), |text| (text, true));
    let (shape, test) = text.split_once(',').unwrap_or((text, ""));
    let (set, length) = shape.split_at(1);
    let set = match set {
        "N" => Set::Numeric,
        "X" => Set::Set82,
        "Y" => Set::Set39,
        _ => Set::Base64Url,
    };
    let (least, most) = match length.strip_prefix("..") {
        Some(most) => (1, most),
        None => (length.parse().expect("gs1_ai.csv: length"), length),
    };
    let test = match test {
        "csum" => Test::CheckDigit,
        "pair" => Test::CheckPair,
        "yymmdd" => Test::Day,
        "yymmd0" => Test::DayOrMonth,
        "hhmm" => Test::HourMinute,
        "hh" => Test::Below(24),
        "mm" => Test::Below(60),
        _ => Test::None,
    };
    let most = most.parse().expect("gs1_ai.csv: length");
    Part { set, least: if optional { 0 } else { least }, most, test }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_identifier_begins_another() {
        assert!(TABLE.len() > 500);
        for code in TABLE.keys() {
            let shorter = (2..code.len()).filter(|&length| TABLE.contains_key(&code[..length]));
            assert_eq!(shorter.count(), 0, "{code}");
        }
    }

    #[test]
    fn the_table_agrees_with_the_published_dictionary() {
        let Some(path) = tallyward_core::testkit::shared("gs1/gs1-syntax-dictionary.txt") else { return };
        let text = std::fs::read_to_string(path).unwrap();
        let mut compared = 0;
        for line in text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())) {
            let mut words = line.split('#').next().unwrap().split_whitespace().peekable();
            let codes = words.next().unwrap();
            let flags = words.next_if(|word| !word.starts_with(['N', 'X', 'Y', 'Z'])).unwrap_or_default();
            let most: usize = words
                .map(|word| word.trim_start_matches('[').split([',', ']']).next().unwrap())
                .filter(|word| word.starts_with(['N', 'X', 'Y', 'Z']))
                .map_while(|word| word[1..].trim_start_matches("..").parse::<usize>().ok())
                .sum();
            let code = codes.split('-').next().unwrap();
            let rule = rule(code).unwrap_or_else(|| panic!("{code} is missing"));
            assert_eq!((rule.most(), rule.predefined), (most, flags.contains('*')), "{line}");
            compared += 1;
        }
        assert!(compared > 180);
    }
}

//! One table of rules, read from text.

use regex::{Regex, RegexBuilder};
use std::fmt;
use tallyward_core::Field;

/// Fields a rule may give: what a thing is. Never what names one device (serial, tag, address) and never who has it.
pub const GIVEN: [Field; 10] = [
    Field::Manufacturer,
    Field::Model,
    Field::ModelNumber,
    Field::DeviceClass,
    Field::SoftwareVersion,
    Field::HardwareVersion,
    Field::ComponentVersion,
    Field::OperatingSystem,
    Field::DicomToolkit,
    Field::NetworkRole,
];

/// Memory one compiled pattern may take, in bytes.
const PATTERN_SIZE: usize = 1 << 20;
/// Rules a table may have.
const MOST_RULES: usize = 20_000;

/// How far a rule can be relied on: 0.00 to 1.00, kept in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(pub u8);

impl Score {
    /// Reads `0.35`, `1` or `0.5`.
    fn read(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let part: u8 = if digits { format!("{part:0<2}").parse().ok()? } else { return None };
        match (whole, part) {
            ("0", part) => Some(Self(part)),
            ("1", 0) => Some(Self(100)),
            _ => None,
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl serde::Serialize for Score {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(f64::from(self.0) / 100.0)
    }
}

/// One rule of a table.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// The fact it reads.
    pub(super) fact: Field,
    /// What the basis of the fact must contain, in lower case; empty for any.
    pub(super) basis: String,
    pub(super) pattern: Regex,
    /// What it gives: of several values of a field the first whose groups caught something. Values may hold `$1`.
    pub(super) gives: Vec<(Field, Vec<String>)>,
    pub(super) score: Score,
    /// Where the fact behind the rule comes from.
    pub(super) source: String,
    /// Line of its file, from 1.
    pub(super) line: u64,
}

/// A table in the order of its file.
#[derive(Clone, Debug)]
pub(super) struct RuleFile {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) source: String,
    pub(super) rules: Vec<Rule>,
}

/// A line of a rule table that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{file}, line {line}: {what}")]
pub struct RuleError {
    /// Which table.
    pub file: String,
    /// Line, from 1; 0 for the whole file.
    pub line: u64,
    /// What is wrong and what was expected.
    pub what: String,
}

/// The header every table has.
const HEADER: [&str; 6] = ["fact", "basis", "pattern", "gives", "score", "source"];

impl RuleFile {
    /// Reads a table, every line apart: those that cannot be used come back as errors with their line.
    pub(super) fn read(name: &str, text: &str) -> (Self, Vec<RuleError>) {
        let note = |what: &str| {
            let notes = text.lines().map_while(|line| line.trim_start_matches('\u{feff}').strip_prefix('#'));
            notes
                .filter_map(|note| note.trim().strip_prefix(what)?.strip_prefix(':'))
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let mut file = Self {
            name: name.to_owned(),
            version: note("version"),
            source: note("source"),
            rules: Vec::new(),
        };
        let mut errors = Vec::new();
        let mut bad = |line, what: String| {
            errors.push(RuleError { file: name.to_owned(), line, what });
        };
        let mut header = false;
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    bad(error.position().map_or(0, csv::Position::line), format!("not CSV: {error}"));
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            if !header {
                header = true;
                if record.iter().ne(HEADER) {
                    bad(line, format!("expected the header {}", HEADER.join(",")));
                    return (file, errors);
                }
                continue;
            }
            if file.rules.len() == MOST_RULES {
                bad(line, format!("more than {MOST_RULES} rules; the rest is not read"));
                break;
            }
            match rule(&record.iter().collect::<Vec<_>>(), line) {
                Ok(rule) => file.rules.push(rule),
                Err(what) => bad(line, what),
            }
        }
        if !header {
            bad(0, format!("empty: expected the header {}", HEADER.join(",")));
        }
        (file, errors)
    }
}

fn rule(cells: &[&str], line: u64) -> Result<Rule, String> {
    let &[fact, basis, text, gives, score, source] = cells else {
        return Err(format!(
            "{} cells where {} were expected ({})",
            cells.len(),
            HEADER.len(),
            HEADER.join(", ")
        ));
    };
    let fact =
        fact.parse::<Field>().map_err(|_| format!("{fact:?} is no field, expected such as user_agent"))?;
    if fact == Field::Key {
        return Err("a rule cannot read the ties between names".to_owned());
    }
    let score = Score::read(score).ok_or_else(|| format!("{score:?} is no score, expected 0.00 to 1.00"))?;
    if source.is_empty() {
        return Err("no source: say where the fact behind the rule comes from".to_owned());
    }
    let pattern = pattern(text)?;
    let gives = given(gives, &pattern)?;
    Ok(Rule { fact, basis: basis.to_lowercase(), pattern, gives, score, source: source.to_owned(), line })
}

/// Compiles one pattern within bounds.
fn pattern(text: &str) -> Result<Regex, String> {
    pattern_with(text, false, false, false)
}

/// As [`pattern`], with the switches of other engines: without case, `.` over line ends, `^` and `$` at line ends.
pub(super) fn pattern_with(text: &str, any_case: bool, dot_all: bool, lines: bool) -> Result<Regex, String> {
    if text.is_empty() {
        return Err("the pattern is empty".to_owned());
    }
    // Switches stand in the text itself, because the set of all patterns is built from their texts.
    let switches: String = [(any_case, 'i'), (dot_all, 's'), (lines, 'm')]
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, flag)| *flag)
        .collect();
    let text = if switches.is_empty() { text.to_owned() } else { format!("(?{switches}){text}") };
    let pattern = RegexBuilder::new(&text).size_limit(PATTERN_SIZE).build();
    let pattern = pattern.map_err(|error| {
        // The library draws the place over several lines; its last one says what is wrong.
        let text = error.to_string();
        let said = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        format!("the pattern cannot be used: {said}")
    })?;
    if pattern.is_match("") {
        return Err("the pattern fits the empty text, so it would fit everything".to_owned());
    }
    Ok(pattern)
}

fn given(text: &str, pattern: &Regex) -> Result<Vec<(Field, Vec<String>)>, String> {
    let mut gives = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (field, value) = part
            .split_once('=')
            .ok_or_else(|| format!("{part:?} gives nothing, expected field=value; field=value"))?;
        let (field, value) = (field.trim(), value.trim());
        let field = field.parse::<Field>().ok().filter(|field| GIVEN.contains(field)).ok_or_else(|| {
            format!("a rule cannot give {field:?}, only {}", GIVEN.map(Field::code).join(", "))
        })?;
        let values: Vec<String> = value.split('|').map(|one| one.trim().to_owned()).collect();
        for value in &values {
            if value.is_empty() {
                return Err(format!("{field} is given no value"));
            }
            if field == Field::DeviceClass && crate::device_class::by_code(value).is_none() {
                return Err(format!("{value:?} is no device class, expected such as infusion_pump"));
            }
            if let Some(number) = captures_in(value).find(|number| *number >= pattern.captures_len()) {
                return Err(format!("${number} stands in the value, but the pattern has no such group"));
            }
        }
        gives.push((field, values));
    }
    if gives.is_empty() {
        return Err("the rule gives nothing, expected field=value".to_owned());
    }
    Ok(gives)
}

/// The group numbers a value refers to as `$1` or `${1}`.
pub(super) fn captures_in(value: &str) -> impl Iterator<Item = usize> {
    value.split('$').skip(1).filter_map(|after| {
        let digits: String = after.trim_start_matches('{').chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
}

/// Fills `$1` and `${1}` in `value` from what the pattern caught; `None` when a group it asks for caught nothing.
pub(super) fn fill(value: &str, caught: &regex::Captures<'_>) -> Option<String> {
    let mut filled = String::with_capacity(value.len());
    let mut parts = value.split('$');
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (number, rest) = match part.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((number, rest)) => (number, rest),
            None => part.split_at(part.bytes().take_while(u8::is_ascii_digit).count()),
        };
        match number.parse::<usize>() {
            Ok(number) => {
                let caught = caught.get(number)?.as_str().trim();
                if caught.is_empty() {
                    return None;
                }
                filled.push_str(caught);
                filled.push_str(rest);
            }
            Err(_) => {
                filled.push('$');
                filled.push_str(part);
            }
        }
    }
    let filled = filled.split_whitespace().collect::<Vec<_>>().join(" ");
    (!filled.is_empty()).then_some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &str) -> (RuleFile, Vec<RuleError>) {
        RuleFile::read("t.csv", &format!("# version: 3\n# source: made\n{}\n{rows}", HEADER.join(",")))
    }

    #[test]
    fn a_table_has_version_source_and_lines() {
        let (file, errors) =
            read("user_agent,,Windows NT 6\\.1,operating_system=Windows 7,0.6,\"seen, often\"\n");
        assert_eq!(errors, []);
        assert_eq!((file.version.as_str(), file.source.as_str()), ("3", "made"));
        assert_eq!((file.rules[0].line, file.rules[0].score), (4, Score(60)));
    }

    #[test]
    fn a_bad_line_is_refused_with_its_number_and_the_rest_is_kept() {
        for (row, expected) in [
            ("cookie,,x,model=y,0.5,s", "is no field"),
            ("key,,x,model=y,0.5,s", "cannot read the ties"),
            ("banner,,(,model=y,0.5,s", "cannot be used"),
            ("banner,,x*,model=y,0.5,s", "fits the empty text"),
            ("banner,,,model=y,0.5,s", "the pattern is empty"),
            ("banner,,x,serial=y,0.5,s", "cannot give"),
            ("banner,,x,model=$1,0.5,s", "no such group"),
            ("banner,,x,device_class=toaster,0.5,s", "is no device class"),
            ("banner,,x,model,0.5,s", "expected field=value"),
            ("banner,,x,,0.5,s", "gives nothing"),
            ("banner,,x,model=y,1.2,s", "is no score"),
            ("banner,,x,model=y,0.5,", "no source"),
            ("banner,,x,model=y", "4 cells"),
            ("banner,,(a{9999}){999},model=y,0.5,s", "cannot be used"),
        ] {
            let (file, errors) = read(&format!("{row}\nbanner,,ok,model=z,0.5,s\n"));
            assert_eq!((errors.len(), errors[0].line), (1, 4), "{row}: {errors:?}");
            assert!(errors[0].what.contains(expected), "{row}: {}", errors[0]);
            assert_eq!(file.rules.len(), 1);
        }
        assert_eq!(RuleFile::read("t.csv", "").1.len(), 1);
        assert_eq!(RuleFile::read("t.csv", "a,b\n").1[0].line, 1);
    }

    #[test]
    fn scores_are_hundredths() {
        for (text, score) in [("0", Some(0)), ("0.4", Some(40)), ("0.05", Some(5)), ("1.00", Some(100))] {
            assert_eq!(Score::read(text).map(|score| score.0), score, "{text}");
        }
        for text in ["", "2", "1.01", "0.123", "-0.1", "60", "0.+1", "."] {
            assert_eq!(Score::read(text), None, "{text}");
        }
        assert_eq!(Score(5).to_string(), "0.05");
    }

    #[test]
    fn groups_fill_values_and_an_empty_group_gives_nothing() {
        let pattern = Regex::new(r"^(\w+)/(\d*)(x)?$").unwrap();
        let caught = pattern.captures("nginx/12").unwrap();
        assert_eq!(fill("${1} $2 $", &caught).as_deref(), Some("nginx 12 $"));
        assert_eq!(fill("$3", &caught), None);
        assert_eq!(fill("$2", &pattern.captures("a/").unwrap()), None);
    }
}

//! A version text cut into its segments.

use crate::words::{self, Role};
use std::fmt;

/// Longest version text read, in bytes. Real ones stay under 40; a longer one is no version.
pub(crate) const LONGEST_VERSION: usize = 200;

/// What follows a release without being a release of its own. Sorts after the bare release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// "Build 10".
    Build,
    /// "Service Pack 01", "SP1".
    ServicePack,
    /// "SR1".
    ServiceRelease,
    /// "MR".
    MaintenanceRelease,
    /// "Hotfix 2".
    Hotfix,
    /// "Patch 3".
    Patch,
    /// "Update 4".
    Update,
}

/// One segment of a version. Letters are kept in upper case, digits as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Digits, compared as an integer of any size.
    Number(String),
    /// A letter that stands alone or before a separator: a revision, ordered alphabetically (`B.02`).
    Revision(char),
    /// Letters glued to the digits that follow: a numbering series (`U61`, `R4.1`); only the same series compares.
    Series(String),
    /// One letter glued behind digits (`2.4A`); sorts after the bare number.
    Suffix(char),
    /// A build, service pack and the like, with its number when it has one.
    Tag(Tag, Option<String>),
    /// A pre-release word with its number; its order against its own release is not defined here.
    Pre(String, Option<String>),
    /// A word without an order ("MCE", "Edition"); both sides must have the same.
    Word(String),
    /// `x`, `X` or `*`: any continuation.
    Wild,
}

/// A version text and its segments.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Version {
    text: String,
    parts: Vec<Part>,
    marked: bool,
    part_number: Option<usize>,
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version({:?} {:?})", self.text, self.parts)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digits,
    Letters,
    Star,
}

struct Run<'a> {
    kind: Kind,
    text: &'a str,
    /// What stands between this run and the one before; empty when glued.
    gap: &'a str,
}

impl Run<'_> {
    fn glued(&self) -> bool {
        self.gap.is_empty()
    }
}

impl Version {
    /// Cuts `text` into segments at `. _ - /`, blanks and the borders of digits and letters. A leading `v` is
    /// dropped. `None` when it holds anything else, is empty, or is longer than any version.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST_VERSION {
            return None;
        }
        let body = unmarked(text);
        let runs = runs(body)?;
        let parts = parts(&runs)?;
        let marked = body.len() != text.len();
        let part_number = if marked { None } else { part_number(&runs) };
        Some(Self { text: text.to_owned(), parts, marked, part_number })
    }

    /// The text as written, ends trimmed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The segments in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether the text was marked as a version by a leading `v`.
    pub(crate) fn marked(&self) -> bool {
        self.marked
    }

    /// For a part number without separators (`012U000040`), what stands before its last digits, and these.
    pub(crate) fn part_number(&self) -> Option<(&str, &str)> {
        self.part_number.map(|at| self.text.split_at(at))
    }

    /// The segments before the first wildcard, and whether there was one.
    pub(crate) fn train(&self) -> (&[Part], bool) {
        match self.parts.iter().position(|part| *part == Part::Wild) {
            Some(at) => (&self.parts[..at], true),
            None => (&self.parts, false),
        }
    }

    /// The version without its wildcards, to order two bounds.
    pub(crate) fn untrained(&self) -> Self {
        Self { parts: self.train().0.to_vec(), ..self.clone() }
    }

    pub(crate) fn has_words(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Word(_)))
    }

    /// The series letters the text opens with, if any.
    pub(crate) fn series(&self) -> Option<&str> {
        match (self.part_number(), self.parts.first()) {
            (Some((series, _)), _) => Some(series),
            (None, Some(Part::Series(series))) => Some(series),
            _ => None,
        }
    }
}

/// `text` without a leading `v` that marks a version ("v6", "V 4.1", "v.4").
fn unmarked(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(['v', 'V']) else { return text };
    let rest = rest.strip_prefix('.').unwrap_or(rest).trim_start();
    if rest.starts_with(|c: char| c.is_ascii_digit()) { rest } else { text }
}

fn runs(text: &str) -> Option<Vec<Run<'_>>> {
    let kind_of = |c: char| match c {
        '0'..='9' => Some(Kind::Digits),
        'a'..='z' | 'A'..='Z' => Some(Kind::Letters),
        '*' => Some(Kind::Star),
        _ => None,
    };
    let mut runs: Vec<Run<'_>> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(|c| kind_of(c).is_some()).unwrap_or(rest.len());
        let (gap, tail) = rest.split_at(start);
        let Some(kind) = tail.chars().next().and_then(kind_of) else {
            // One full stop at the end of a cell or a sentence is no segment.
            return if gap == "." && !runs.is_empty() { Some(runs) } else { None };
        };
        let end = tail.find(|c| kind_of(c) != Some(kind)).unwrap_or(tail.len());
        let (run, tail) = tail.split_at(end);
        if !gap.is_empty() && !gap_is_sound(gap, runs.last()) {
            return None;
        }
        runs.push(Run { kind, text: run, gap });
        rest = tail;
    }
    if runs.is_empty() { None } else { Some(runs) }
}

/// One separator or blanks between two segments; behind a word also the marks of a label ("Build #10", "Rev. B").
fn gap_is_sound(gap: &str, before: Option<&Run<'_>>) -> bool {
    let Some(before) = before else { return false };
    if gap.chars().all(char::is_whitespace) || matches!(gap, "." | "_" | "-" | "/") {
        return true;
    }
    before.kind == Kind::Letters
        && before.text.len() > 1
        && gap.chars().all(|c| c.is_whitespace() || matches!(c, '.' | ':' | '#'))
}

fn parts(runs: &[Run<'_>]) -> Option<Vec<Part>> {
    let mut parts = Vec::with_capacity(runs.len());
    let mut at = 0;
    while let Some(run) = runs.get(at) {
        let next = runs.get(at + 1);
        match run.kind {
            Kind::Digits => parts.push(Part::Number(run.text.to_owned())),
            Kind::Star if at == 0 || run.glued() || next.is_some_and(Run::glued) => return None,
            Kind::Star => parts.push(Part::Wild),
            Kind::Letters => {
                at += letters(run, &runs[at + 1..], at == 0, &mut parts)?;
            }
        }
        at += 1;
    }
    if parts.is_empty() { None } else { Some(parts) }
}

/// Reads the letters of `run`; says how many of the following runs it used up.
fn letters(run: &Run<'_>, rest: &[Run<'_>], first: bool, parts: &mut Vec<Part>) -> Option<usize> {
    let next = rest.first();
    let next_glued = next.is_some_and(|next| next.glued());
    if let Some((part, used)) = named(run, rest, first) {
        parts.push(part);
        return Some(used);
    }
    let upper = run.text.to_ascii_uppercase();
    if upper.bytes().all(|b| b == b'X') && !first {
        // `12.2x` may be a suffix or a wildcard: not readable without a person.
        if run.glued() || next_glued {
            return None;
        }
        parts.push(Part::Wild);
        return Some(0);
    }
    let letter = upper.chars().next().filter(|_| upper.len() == 1);
    let glued = run.glued() && !first;
    if glued && matches!(upper.as_str(), "ST" | "ND" | "RD" | "TH") && !next_glued {
        return Some(0);
    }
    let next_digits = next.is_some_and(|next| next.kind == Kind::Digits);
    parts.push(match letter {
        _ if next_glued => Part::Series(upper),
        Some(letter) if glued => Part::Suffix(letter),
        Some(letter) => Part::Revision(letter),
        None if first && next_digits => Part::Series(upper),
        None => Part::Word(upper),
    });
    Some(0)
}

/// A tag or a pre-release word with the number behind it.
fn named(run: &Run<'_>, rest: &[Run<'_>], first: bool) -> Option<(Part, usize)> {
    let word = run.text.to_ascii_lowercase();
    let pair = rest
        .first()
        .filter(|next| next.kind == Kind::Letters)
        .map(|next| format!("{word} {}", next.text.to_ascii_lowercase()));
    let (tag, used) = match (pair.as_deref().and_then(tag), tag(&word)) {
        (Some(tag), _) => (Some(tag), 1),
        (None, single) => (single, 0),
    };
    let behind = rest.get(used);
    let number = behind.filter(|next| next.kind == Kind::Digits).map(|next| next.text.to_owned());
    let all = used + usize::from(number.is_some());
    // "MR355" at the start is a series; two letters are a tag only behind a release.
    let series = first && word.len() == 2 && behind.is_some_and(Run::glued);
    match tag {
        Some(tag) if !series => Some((Part::Tag(tag, number), all)),
        _ if words::is(&word, Role::Pre) => Some((Part::Pre(word, number), all)),
        _ => None,
    }
}

fn tag(phrase: &str) -> Option<Tag> {
    let tags = [
        (Role::TagBuild, Tag::Build),
        (Role::TagServicePack, Tag::ServicePack),
        (Role::TagServiceRelease, Tag::ServiceRelease),
        (Role::TagMaintenanceRelease, Tag::MaintenanceRelease),
        (Role::TagHotfix, Tag::Hotfix),
        (Role::TagPatch, Tag::Patch),
        (Role::TagUpdate, Tag::Update),
    ];
    tags.into_iter().find(|(role, _)| words::is(phrase, *role)).map(|(_, tag)| tag)
}

/// Where the last digits of a part number begin: digits, letters, digits, nothing between.
fn part_number(runs: &[Run<'_>]) -> Option<usize> {
    let [head, middle, tail] = runs else { return None };
    let shape = head.kind == Kind::Digits && middle.kind == Kind::Letters && tail.kind == Kind::Digits;
    let word = middle.text.to_ascii_lowercase();
    let plain = tag(&word).is_none() && !words::is(&word, Role::Pre);
    (shape && plain && middle.glued() && tail.glued()).then(|| head.text.len() + middle.text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(digits: &str) -> Part {
        Part::Number(digits.to_owned())
    }

    fn parts_of(text: &str) -> Vec<Part> {
        Version::parse(text).expect(text).parts().to_vec()
    }

    #[test]
    fn segments_of_real_versions() {
        assert_eq!(parts_of("v6.05"), [number("6"), number("05")]);
        assert_eq!(parts_of("B.06.18"), [Part::Revision('B'), number("06"), number("18")]);
        assert_eq!(parts_of("U61"), [Part::Series("U".into()), number("61")]);
        assert_eq!(parts_of("HD 16"), parts_of("HD16"));
        let r41l1 =
            [Part::Series("R".into()), number("4"), number("1"), Part::Series("L".into()), number("1")];
        assert_eq!(parts_of("R4.1L1"), r41l1);
        assert_eq!(
            parts_of("1.8.4 Service Pack 01"),
            [number("1"), number("8"), number("4"), Part::Tag(Tag::ServicePack, Some("01".into()))]
        );
        assert_eq!(
            parts_of("2023.3_Build_9342"),
            [number("2023"), number("3"), Part::Tag(Tag::Build, Some("9342".into()))]
        );
        assert_eq!(
            parts_of("1.1.3 MR Build 11")[3..],
            [Part::Tag(Tag::MaintenanceRelease, None), Part::Tag(Tag::Build, Some("11".into()))]
        );
        assert_eq!(parts_of("12.2.x.x")[2..], [Part::Wild, Part::Wild]);
        assert_eq!(parts_of("5.89.05b")[3], Part::Suffix('B'));
    }

    #[test]
    fn part_numbers_keep_their_series() {
        let version = Version::parse("012U000040").expect("a part number");
        assert_eq!(version.part_number(), Some(("012U", "000040")));
        assert_eq!(Version::parse("v17D19").expect("a version").part_number(), None);
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "",
            " ",
            "-",
            "4,1",
            ">4",
            "4..1",
            "4. 1",
            "4.1 / 2.0",
            "~4",
            "4.1?",
            "（4）",
            "-4",
            "12.2x",
            "*",
        ] {
            assert!(Version::parse(text).is_none(), "{text:?}");
        }
        assert!(Version::parse(&"1.".repeat(400)).is_none());
    }
}

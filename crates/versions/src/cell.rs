//! A device's version as inventories hold it. What is not plainly one version is not read.

use crate::date::Date;
use crate::segment::Version;
use crate::value;
use crate::words::{self, Role};

/// What a version cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Nothing, or a word that says nothing ("N/A", "see label").
    Empty,
    /// Text that is not plainly one version; the folded text.
    Unreadable(String),
    /// One version, and the folded text without its label.
    Read(Version, String),
}

impl Cell {
    pub(crate) fn read(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Empty };
        if text.len() > 4 * crate::segment::LONGEST_VERSION {
            return Self::Unreadable(String::new());
        }
        let folded = words::fold(text);
        if folded.is_empty() || words::is(&folded, Role::Junk) {
            return Self::Empty;
        }
        let body = unlabelled(text.trim());
        let folded = words::fold(body);
        match Version::parse(body).filter(|_| is_one_version(body)) {
            Some(version) => Self::Read(version, folded),
            None => Self::Unreadable(folded),
        }
    }

    /// Whether the cell says just what `text` says.
    pub(crate) fn says(&self, text: &str) -> bool {
        match self {
            Self::Empty => false,
            Self::Unreadable(folded) | Self::Read(_, folded) => {
                !folded.is_empty() && *folded == words::fold(text)
            }
        }
    }
}

/// `text` without the labels before it ("SW 4.1", "Version: 4.1", "Rev. B").
pub(crate) fn unlabelled(text: &str) -> &str {
    let mut text = text;
    for _ in 0..3 {
        let stripped = words::phrases(Role::CellLabel).filter_map(|label| {
            let head = text.get(..label.len())?;
            let rest = text.get(label.len()..)?;
            let marked = rest.starts_with(|c: char| c.is_whitespace() || matches!(c, ':' | '.' | '#' | '='));
            let body =
                rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '.' | '#' | '='));
            (head.eq_ignore_ascii_case(label) && marked && !body.is_empty()).then_some(body)
        });
        match stripped.min_by_key(|body| body.len()) {
            Some(body) => text = body,
            None => break,
        }
    }
    text
}

/// Two versions in one cell, a range or a date would all cut into segments; they are not one version.
pub(crate) fn is_one_version(text: &str) -> bool {
    if text.contains('/')
        || value::letter_range(text).is_some()
        || value::is_dash_range(text)
        || is_date(text)
    {
        return false;
    }
    let mut before: Option<&str> = None;
    text.split_whitespace().all(|word| {
        let sound = match before {
            None => true,
            Some(before) => {
                let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic());
                let number = word.trim_start_matches('#').bytes().all(|b| b.is_ascii_digit());
                let before = before.trim_end_matches([':', '.', '#']);
                // "653 MCE 3.1": the word keeps it apart from every version without that word.
                let capitals = before.bytes().all(|b| b.is_ascii_uppercase());
                let named = capitals && (2..=4).contains(&before.len()) && !is_glued_tag(before);
                (number && letters(before)) || letters(word) || is_glued_tag(word) || named
            }
        };
        before = Some(word);
        sound
    })
}

fn is_glued_tag(word: &str) -> bool {
    let low = word.to_ascii_lowercase();
    let letters = low.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['.', '#', ':', '-']);
    let roles = [Role::TagBuild, Role::TagServicePack, Role::TagServiceRelease, Role::TagHotfix, Role::Pre];
    roles.into_iter().chain([Role::TagMaintenanceRelease]).any(|role| words::is(letters, role))
}

fn is_date(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('.').map(str::len).collect();
    let dotted = lengths == [2, 2, 4] && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    dotted || (text.len() == 10 && Date::iso(text).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_label_is_dropped() {
        for (text, version) in [
            ("v 4.1 ", "4.1"),
            ("SW 4.1", "4.1"),
            ("Software Version: 4.1", "4.1"),
            ("Rev. B", "B"),
            ("Version 4.1.", "4.1"),
            ("fw: A.03.09", "A.03.09"),
        ] {
            assert!(
                Cell::read(Some(text)).says(version) || Cell::read(Some(text)).says(&format!("{version}.")),
                "{text}"
            );
            assert!(matches!(Cell::read(Some(text)), Cell::Read(..)), "{text}");
        }
    }

    #[test]
    fn what_is_not_plainly_one_version_is_not_read() {
        for text in [
            "4,1",
            "4.1 / 2.0",
            "4.1/2.0",
            "4.1 2.0",
            "4.1 and 4.2",
            "> 4.0",
            "4.1?",
            "~4.1",
            "4.1-4.3",
            "B-M",
            "2017-06-30",
            "30.06.2017",
            "4.1 (old)",
            "4.1;4.2",
            "approx. 4.1",
            "'4.1",
            "=4.1",
            "4.1 U61",
        ] {
            assert!(
                matches!(Cell::read(Some(text)), Cell::Unreadable(_)),
                "{text:?} {:?}",
                Cell::read(Some(text))
            );
        }
        for text in ["", " ", "N/A", "unknown", "-", "See Label", "n.a.", "?", "\u{a0}"] {
            assert_eq!(Cell::read(Some(text)), Cell::Empty, "{text:?}");
        }
    }
}

//! The order of two versions inside one comparable series, and nothing beyond it.

use crate::segment::{Part, Version};
use std::cmp::Ordering;

/// How one version stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    /// They differ in a segment both have.
    Decided(Ordering),
    /// The left one agrees in every segment of the right one and goes on.
    LeftFiner,
    /// The right one agrees in every segment of the left one and goes on.
    RightFiner,
    Apart(Apart),
}

/// Why two versions have no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apart {
    /// Both name a series, and not the same one.
    OtherSeries,
    /// Numbering of another kind: a series against a bare number, a letter against a number.
    Numbering,
    /// A pre-release against its own release.
    PreRelease,
    /// Words without an order.
    Words,
    /// The device's own version ends in a wildcard.
    Open,
}

/// A way to read leading zeros. `2.01` is segments 2, 1; some makers mean 2.0.1, some a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Segments,
    SplitZeros,
    Decimal,
}

/// The order of versions `a` and `b`; `None` when they are not of one comparable series, when either is not
/// readable as a version, or when leading zeros allow two orders. Antisymmetric, and transitive where defined.
#[must_use]
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    order(&Version::parse(a)?, &Version::parse(b)?)
}

/// [`compare`] on versions already read.
pub(crate) fn order(a: &Version, b: &Version) -> Option<Ordering> {
    if a.train().1 || b.train().1 {
        return None;
    }
    let mut answer = None;
    for reading in readings(a, b) {
        let ordering = match relate(a, b, reading) {
            Relation::Equal => Ordering::Equal,
            Relation::Decided(ordering) => ordering,
            Relation::LeftFiner => Ordering::Greater,
            Relation::RightFiner => Ordering::Less,
            Relation::Apart(_) => return None,
        };
        if answer.is_some_and(|known| known != ordering) {
            return None;
        }
        answer = Some(ordering);
    }
    answer
}

/// The readings that could differ for this pair: more than one only where a numeric version has leading zeros.
pub(crate) fn readings(a: &Version, b: &Version) -> impl Iterator<Item = Reading> + use<> {
    let numeric = |version: &Version| {
        matches!(version.parts().first(), Some(Part::Number(_))) && version.part_number().is_none()
    };
    let padded = numeric(a) && numeric(b) && (has_padding(a) || has_padding(b));
    let decimal = padded && decimal(a).is_some() && decimal(b).is_some();
    [(Reading::Segments, true), (Reading::SplitZeros, padded), (Reading::Decimal, decimal)]
        .into_iter()
        .filter_map(|(reading, wanted)| wanted.then_some(reading))
}

fn has_padding(version: &Version) -> bool {
    version.parts().iter().skip(1).any(|part| matches!(part, Part::Number(digits) if is_padded(digits)))
}

fn is_padded(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

fn decimal(version: &Version) -> Option<(&str, &str)> {
    match version.parts() {
        [Part::Number(whole), Part::Number(fraction)] => Some((whole, fraction)),
        _ => None,
    }
}

/// How `left` stands to `right` under one reading. A wildcard in `right` ends it; in `left` it leaves it open.
pub(crate) fn relate(left: &Version, right: &Version, reading: Reading) -> Relation {
    if let (Some(left), Some(right)) = (left.part_number(), right.part_number()) {
        return relate_part_numbers(left, right);
    }
    // A part number and a dotted version share digits by accident only; a leading v says it is a version after all.
    let stray = |this: &Version, other: &Version| this.part_number().is_some() && !other.marked();
    if stray(left, right) || stray(right, left) {
        return Relation::Apart(Apart::Numbering);
    }
    if is_long_bare(left) != is_long_bare(right) && !(long_head(left) && long_head(right)) {
        return Relation::Apart(Apart::Numbering);
    }
    if (left.has_words() || right.has_words()) && !words(left).eq(words(right)) {
        return Relation::Apart(Apart::Words);
    }
    if let (Reading::Decimal, Some(left), Some(right)) = (reading, decimal(left), decimal(right)) {
        return relate_decimals(left, right);
    }
    let (left, open) = left.train();
    let (right, _) = right.train();
    match reading {
        Reading::SplitZeros => relate_parts(&split_zeros(left), &split_zeros(right), open),
        _ => relate_parts(left, right, open),
    }
}

/// One bare number of five digits and more is rather a catalogue or serial number than a release.
fn is_long_bare(version: &Version) -> bool {
    matches!(version.parts(), [Part::Number(digits)] if digits.len() >= 5)
}

fn long_head(version: &Version) -> bool {
    matches!(version.parts().first(), Some(Part::Number(digits)) if digits.len() >= 5)
}

fn words(version: &Version) -> impl Iterator<Item = &str> {
    version.parts().iter().filter_map(|part| match part {
        Part::Word(word) => Some(word.as_str()),
        _ => None,
    })
}

fn relate_part_numbers(left: (&str, &str), right: (&str, &str)) -> Relation {
    if !left.0.eq_ignore_ascii_case(right.0) {
        return Relation::Apart(Apart::OtherSeries);
    }
    decided(order_digits(left.1, right.1))
}

fn relate_decimals(left: (&str, &str), right: (&str, &str)) -> Relation {
    let fraction = |digits: &str| digits.trim_end_matches('0').to_owned();
    decided(order_digits(left.0, right.0).then_with(|| fraction(left.1).cmp(&fraction(right.1))))
}

fn decided(ordering: Ordering) -> Relation {
    if ordering == Ordering::Equal { Relation::Equal } else { Relation::Decided(ordering) }
}

fn split_zeros(parts: &[Part]) -> Vec<Part> {
    let mut split = Vec::with_capacity(parts.len() + 2);
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Number(digits) if at > 0 && is_padded(digits) => {
                let rest = digits.trim_start_matches('0');
                let zeros = digits.len() - rest.len();
                split.extend((0..zeros).map(|_| Part::Number("0".to_owned())));
                if !rest.is_empty() {
                    split.push(Part::Number(rest.to_owned()));
                }
            }
            other => split.push(other.clone()),
        }
    }
    split
}

fn relate_parts(left: &[Part], right: &[Part], open: bool) -> Relation {
    for at in 0..left.len().max(right.len()) {
        let relation = match (left.get(at), right.get(at)) {
            (Some(left), Some(right)) => relate_pair(left, right, at == 0),
            (Some(part), None) => relate_end(part, Relation::LeftFiner),
            (None, Some(_)) if open => Relation::Apart(Apart::Open),
            (None, Some(part)) => relate_end(part, Relation::RightFiner),
            (None, None) => Relation::Equal,
        };
        if relation != Relation::Equal {
            return relation;
        }
    }
    if open { Relation::Apart(Apart::Open) } else { Relation::Equal }
}

/// One side has ended: a missing segment counts as zero, a suffix or a build sorts after its release.
fn relate_end(part: &Part, finer: Relation) -> Relation {
    match part {
        Part::Number(digits) if digits.bytes().all(|b| b == b'0') => Relation::Equal,
        Part::Pre(..) => Relation::Apart(Apart::PreRelease),
        Part::Word(_) => Relation::Apart(Apart::Words),
        _ => finer,
    }
}

fn relate_pair(left: &Part, right: &Part, first: bool) -> Relation {
    match (left, right) {
        (Part::Number(a), Part::Number(b)) => decided(order_digits(a, b)),
        (Part::Revision(a), Part::Revision(b)) | (Part::Suffix(a), Part::Suffix(b)) => decided(a.cmp(b)),
        (Part::Series(a), Part::Series(b)) if a == b => Relation::Equal,
        (Part::Series(_), Part::Series(_)) if first => Relation::Apart(Apart::OtherSeries),
        (Part::Tag(a, m), Part::Tag(b, n)) if a == b => match (m, n) {
            (Some(m), Some(n)) => decided(order_digits(m, n)),
            (None, None) => Relation::Equal,
            _ => Relation::Apart(Apart::Numbering),
        },
        (Part::Pre(a, m), Part::Pre(b, n)) if a == b && m.is_some() == n.is_some() => {
            decided(order_digits(m.as_deref().unwrap_or("0"), n.as_deref().unwrap_or("0")))
        }
        (Part::Word(a), Part::Word(b)) if a == b => Relation::Equal,
        (Part::Pre(..), _) | (_, Part::Pre(..)) => Relation::Apart(Apart::PreRelease),
        _ => Relation::Apart(Apart::Numbering),
    }
}

/// Digits as integers of any size.
pub(crate) fn order_digits(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_order() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, expected) in [
            ("4.12", "4.4", Greater),
            ("BN10", "BN9", Greater),
            ("8.10", "8.9", Greater),
            ("2.0.14", "2.0.14.0", Equal),
            ("A.09.99", "B.06.18", Less),
            ("2.4", "2.4A", Less),
            ("2.4A", "2.4b", Less),
            ("1.8.4", "1.8.4 Service Pack 01", Less),
            ("2018-1", "2020-2", Less),
            ("99999999999999999999999999", "100000000000000000000000000", Less),
            ("R3.2L1", "R4.1L1", Less),
            ("v4", "4", Equal),
        ] {
            assert_eq!(compare(a, b), Some(expected), "{a} {b}");
            assert_eq!(compare(b, a), Some(expected.reverse()), "{b} {a}");
        }
    }

    #[test]
    fn no_order_across_series_and_readings() {
        for (a, b) in [
            ("012U000040", "028U000039"),
            ("U61", "L81"),
            ("4.1", "R4.1L1"),
            ("2.01", "2.0.3"),
            ("2.003", "2.01"),
            ("2.0", "2.0 beta"),
            ("2.4.1", "2.4A"),
            ("653 MCE 3.1", "3.1"),
            ("A", "4"),
            ("4.x", "4.1"),
        ] {
            assert_eq!(compare(a, b), None, "{a} {b}");
            assert_eq!(compare(b, a), None, "{b} {a}");
        }
    }
}

//! Alpine packages: `numbers[letter][_suffix[number]]…[-rN]`, as apk compares them.

use super::{is_number, take_while};
use crate::order::order_digits;
use std::cmp::Ordering;

/// One piece of a version. The kinds stand in the order in which they may follow one another; of two versions that
/// agree so far, the one whose next piece is of an earlier kind is the greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Number,
    Letter,
    Suffix,
    SuffixNumber,
    Revision,
    End,
}

struct Piece<'a> {
    kind: Kind,
    text: &'a str,
}

/// Suffixes before the release itself, then those behind it.
const BEFORE: [&str; 4] = ["alpha", "beta", "pre", "rc"];
const BEHIND: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    for at in 0.. {
        let (left, right) = (a.get(at)?, b.get(at)?);
        let order =
            if left.kind == right.kind { same_kind(at, left, right) } else { other_kind(left, right) };
        if order.is_ne() || left.kind == Kind::End {
            return Some(order);
        }
    }
    None
}

/// The pieces, closed by an [`Kind::End`].
fn read(text: &str) -> Option<Vec<Piece<'_>>> {
    let (text, revision) = text.rsplit_once("-r").map_or((text, None), |(text, number)| (text, Some(number)));
    let mut suffixes = text.split('_');
    let mut pieces = Vec::new();
    let numbers = suffixes.next()?;
    let (dotted, letter) = take_while(numbers, |c| c.is_ascii_digit() || c == '.');
    for number in dotted.split('.') {
        pieces.push(Piece { kind: Kind::Number, text: is_number(number).then_some(number)? });
    }
    if !letter.is_empty() {
        let is_one = letter.len() == 1 && letter.bytes().all(|byte| byte.is_ascii_lowercase());
        pieces.push(Piece { kind: Kind::Letter, text: is_one.then_some(letter)? });
    }
    for suffix in suffixes {
        let (word, number) = take_while(suffix, |c| c.is_ascii_lowercase());
        rank(word)?;
        pieces.push(Piece { kind: Kind::Suffix, text: word });
        if !number.is_empty() {
            pieces.push(Piece { kind: Kind::SuffixNumber, text: is_number(number).then_some(number)? });
        }
    }
    if let Some(number) = revision {
        pieces.push(Piece { kind: Kind::Revision, text: is_number(number).then_some(number)? });
    }
    pieces.push(Piece { kind: Kind::End, text: "" });
    Some(pieces)
}

/// Where a suffix stands against no suffix, which is zero.
fn rank(suffix: &str) -> Option<i8> {
    let at =
        |words: &[&str]| words.iter().position(|word| *word == suffix).and_then(|at| i8::try_from(at).ok());
    at(&BEFORE).map(|at| at - 4).or_else(|| at(&BEHIND).map(|at| at + 1))
}

fn same_kind(at: usize, a: &Piece<'_>, b: &Piece<'_>) -> Ordering {
    match a.kind {
        // Behind the first, a number with a leading zero reads like the digits of a fraction.
        Kind::Number if at > 0 && (a.text.starts_with('0') || b.text.starts_with('0')) => a.text.cmp(b.text),
        Kind::Number | Kind::SuffixNumber | Kind::Revision => order_digits(a.text, b.text),
        Kind::Letter => a.text.cmp(b.text),
        Kind::Suffix => rank(a.text).cmp(&rank(b.text)),
        Kind::End => Ordering::Equal,
    }
}

fn other_kind(a: &Piece<'_>, b: &Piece<'_>) -> Ordering {
    let is_before =
        |piece: &Piece<'_>| piece.kind == Kind::Suffix && rank(piece.text).is_some_and(|rank| rank < 0);
    match (is_before(a), is_before(b)) {
        (true, _) => Ordering::Less,
        (_, true) => Ordering::Greater,
        _ => b.kind.cmp(&a.kind),
    }
}

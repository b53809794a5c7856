//! Versions, dates and model codes at the cursor of the parser.

use crate::date::{self, Date};
use crate::lex::{Kind, Token, phrase};
use crate::segment::Version;
use crate::words::Role;

/// The text cannot be read by a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotUnderstood;

/// What was read and how many tokens it took; `None` when something else stands there.
pub(crate) type Found<T> = Result<Option<(T, usize)>, NotUnderstood>;

/// A date. A bare month or year counts only where a word said that a date follows (`dated`). A date without a
/// year is not understood: it must not pass for a version.
pub(crate) fn date(tokens: &[Token<'_>], dated: bool) -> Found<Date> {
    let Some(first) = tokens.first().filter(|token| token.is_word()) else { return Ok(None) };
    let text = first.text.trim_end_matches('.');
    if text.matches('/').count() == 2
        && let Some(date) = Date::slashed(text)
    {
        return Ok(Some((date, 1)));
    }
    if (text.len() == 10 || (dated && matches!(text.len(), 4 | 7)))
        && let Some(date) = Date::iso(text)
    {
        return Ok(Some((date, 1)));
    }
    if let Some((month, year)) = text.split_once('/')
        && let (Some(month), Some(year)) = (date::short(month), date::digits(year, 4))
    {
        return Date::new(year, Some(month), None).map(|date| Some((date, 1))).ok_or(NotUnderstood);
    }
    if text.contains('/') && text.split('/').all(|field| date::short(field).is_some()) {
        return Err(NotUnderstood);
    }
    if let Some(month) = date::month_named(first.text) {
        return month_first(&tokens[1..], month);
    }
    day_first(tokens)
}

fn month_first(rest: &[Token<'_>], month: u8) -> Found<Date> {
    if let Some(year) = year(rest.first()) {
        return Date::new(year, Some(month), None).map(|date| Some((date, 2))).ok_or(NotUnderstood);
    }
    let day = day(rest.first()).ok_or(NotUnderstood)?;
    let comma = usize::from(rest.get(1).is_some_and(|token| token.kind == Kind::Comma));
    let year = year(rest.get(1 + comma)).ok_or(NotUnderstood)?;
    Date::new(year, Some(month), Some(day)).map(|date| Some((date, 3 + comma))).ok_or(NotUnderstood)
}

fn day_first(tokens: &[Token<'_>]) -> Found<Date> {
    let Some(day) = day(tokens.first()) else { return Ok(None) };
    let Some(month) = tokens.get(1).and_then(|token| date::month_named(token.text)) else { return Ok(None) };
    let year = year(tokens.get(2)).ok_or(NotUnderstood)?;
    Date::new(year, Some(month), Some(day)).map(|date| Some((date, 3))).ok_or(NotUnderstood)
}

fn day(token: Option<&Token<'_>>) -> Option<u8> {
    date::short(token?.low.trim_end_matches(|c: char| c.is_ascii_alphabetic()))
}

fn year(token: Option<&Token<'_>>) -> Option<u16> {
    date::digits(&token?.low, 4)
}

/// A version with the builds, service packs and the like behind it.
pub(crate) fn version(source: &str, tokens: &[Token<'_>]) -> Found<Version> {
    let Some(first) = tokens.first().filter(|token| token.is_word()) else { return Ok(None) };
    if date::month_named(first.text).is_some() && first.text.len() > 1 {
        return Ok(None);
    }
    let Some(length) = version_length(tokens) else { return Ok(None) };
    if is_dash_range(first.text) || is_slash_list(first.text) {
        return Err(NotUnderstood);
    }
    let text = &source[first.start..tokens[length - 1].end];
    let version = Version::parse(text).filter(|version| version.parts() != [crate::Part::Revision('X')]);
    Ok(version.map(|version| (version, length)))
}

fn version_length(tokens: &[Token<'_>]) -> Option<usize> {
    let first = tokens.first()?;
    let word = |at: usize| tokens.get(at).filter(|token| token.is_word());
    let numeric =
        |at: usize| word(at).is_some_and(|token| token.text.starts_with(|c: char| c.is_ascii_digit()));
    let mut length = if tag_length(tokens).is_some() {
        0
    } else if first.text.contains(|c: char| c.is_ascii_digit()) || first.text.len() == 1 {
        1
    } else if is_short_capitals(first.text) && numeric(1) {
        2
    } else {
        return None;
    };
    loop {
        if let Some(tag) = tokens.get(length..).and_then(tag_length) {
            length += tag;
        } else if length > 0
            && word(length).is_some_and(|token| is_short_capitals(token.text) && token.text.len() > 1)
            && numeric(length + 1)
        {
            length += 2;
        } else if length > 0 && tokens.get(length..).and_then(|rest| phrase(rest, Role::Edition)).is_some() {
            length += 1;
        } else {
            break;
        }
    }
    (length > 0).then_some(length)
}

/// The length of a tag or pre-release word at the start, with its number.
fn tag_length(tokens: &[Token<'_>]) -> Option<usize> {
    let roles = [
        Role::TagBuild,
        Role::TagServicePack,
        Role::TagServiceRelease,
        Role::TagMaintenanceRelease,
        Role::TagHotfix,
        Role::TagPatch,
        Role::TagUpdate,
        Role::Pre,
    ];
    if let Some(length) = roles.into_iter().find_map(|role| phrase(tokens, role)) {
        let number = tokens.get(length).is_some_and(|token| {
            let digits = token.text.trim_start_matches('#');
            token.is_word() && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        });
        return Some(length + usize::from(number));
    }
    // "SR1": the word glued to its number.
    let low = &tokens.first().filter(|token| token.is_word())?.low;
    let word = low.trim_end_matches(|c: char| c.is_ascii_digit());
    let tagged = word.len() > 1
        && word.len() < low.len()
        && roles.into_iter().any(|role| crate::words::is(word, role));
    tagged.then_some(1)
}

fn is_short_capitals(word: &str) -> bool {
    (1..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase())
}

/// Two letters joined by a dash (`B-M`).
pub(crate) fn letter_range(word: &str) -> Option<(&str, &str)> {
    let (from, to) = word.split_once(['-', '–'])?;
    let letter = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_alphabetic());
    (letter(from) && letter(to)).then_some((from, to))
}

/// A dash between two versions or two models: a range or a name, nobody can tell.
pub(crate) fn is_dash_range(word: &str) -> bool {
    let Some((from, to)) = word.split_once('-') else { return false };
    let lettered = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.contains(|c: char| c.is_ascii_digit())
    };
    let model = |text: &str| lettered(text) && text.bytes().filter(u8::is_ascii_digit).count() >= 3;
    let numbered = to.starts_with(|c: char| c.is_ascii_digit());
    (lettered(from) && lettered(to)) || (from.contains('.') && to.contains('.')) || (model(from) && numbered)
}

/// A slash between two versions or two letters: a list as likely as a separator.
fn is_slash_list(word: &str) -> bool {
    let Some((from, to)) = word.split_once('/') else { return false };
    let lettered = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
    (from.contains('.') && to.contains('.')) || (lettered(from) && lettered(to))
}

/// How sure it is that a word is a model or catalogue number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Letters, a dash and three digits, or a letter and five digits.
    Model,
    /// Five bare digits, or letters glued to three: a model or a version.
    Perhaps,
    Other,
}

pub(crate) fn shape(word: &str) -> Shape {
    let code = word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    if !code || is_dash_range(word) {
        return Shape::Other;
    }
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let dash = usize::from(word.as_bytes().get(letters) == Some(&b'-'));
    let digits = word.bytes().skip(letters + dash).take_while(u8::is_ascii_digit).count();
    let marked = letters == 1 && dash == 0 && word.starts_with('V');
    match (letters, dash, digits) {
        (0, 0, 5..) => Shape::Perhaps,
        (1..=5, 1, 3..) | (1..=5, 0, 5..) => Shape::Model,
        (1..=5, 0, 3..) if !marked => Shape::Perhaps,
        _ => Shape::Other,
    }
}

/// A code as used behind a label ("model 35700BAX2"): letters, digits and dashes, with a digit.
pub(crate) fn is_code(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

//! GS1: element strings as scanned, and the bracketed text printed beside the symbol.
//!
//! Without a separator the rest belongs to the open field; a split is never guessed (GS1 General
//! Specifications 7.8). Lower case is kept, day 00 is the last day of its month.

use super::date::{Day, Today};
use super::error::UdiError;
use super::gs1_ai::{Rule, leading, rule};
use super::{GS, Issuer, Udi, put};

/// Data without AIM prefix that begins with a digit. It counts as GS1 when it begins with AI 01 and fourteen
/// digits, when a device identifier is found further on, or when it carries separators; anything else is a
/// plain number, such as the EAN of a carton.
pub(super) fn bare(udi: Udi, text: &str, offset: usize, today: Today) -> Udi {
    let gtin_first =
        text.starts_with("01") && text.len() >= 16 && text.bytes().take(16).all(|byte| byte.is_ascii_digit());
    if gtin_first {
        return element_string(udi, text, offset, today);
    }
    let plain = udi.clone();
    let read = element_string(udi, text, offset, today);
    let separated = text.contains(GS) && read.error == Some(UdiError::NoDeviceIdentifier);
    if read.di.is_some() || separated { read } else { plain.refused(UdiError::NotAUdi) }
}

/// Data with FNC1 as GS. `offset` is how many characters of the input lie before `text`.
pub(super) fn element_string(mut udi: Udi, text: &str, offset: usize, today: Today) -> Udi {
    udi.issuer = Some(Issuer::Gs1);
    let mut rest = text.trim_end_matches([' ', '\t']);
    let mut at = offset + 1;
    loop {
        // A decoder shall tolerate a superfluous separator (7.8.6.3).
        let separators = rest.len() - rest.trim_start_matches(GS).len();
        rest = &rest[separators..];
        at += separators;
        if rest.is_empty() {
            break;
        }
        let Some((code, rule)) = leading(rest) else {
            udi.fault(unknown(rest.chars().take(4).collect(), at));
            break;
        };
        let body = &rest[code.len()..];
        let segment = body.split(GS).next().unwrap_or_default();
        let end = if rule.predefined { first_characters(segment, rule.most()) } else { segment.len() };
        at += code.len();
        element(&mut udi, code, rule, &segment[..end], at, today);
        at += segment[..end].chars().count();
        rest = &body[end..];
    }
    udi.finish()
}

/// Text with the application identifiers in brackets. Brackets are data characters too, so only a bracketed
/// *known* identifier begins a new field. Blanks between fields are tolerated: they are not in set 82.
pub(super) fn bracketed(mut udi: Udi, text: &str, offset: usize, today: Today) -> Udi {
    let Some(first) = bracketed_digits(text) else { return udi.refused(UdiError::NotAUdi) };
    udi.issuer = Some(Issuer::Gs1);
    if rule(first).is_none() {
        let error = unknown(first.to_owned(), offset + 2);
        udi.fault(error);
        return udi;
    }
    let mut rest = text;
    let mut at = offset + 1;
    while let Some((code, rule)) = bracketed_identifier(rest) {
        let body = &rest[code.len() + 2..];
        at += code.len() + 2;
        let end = body
            .match_indices('(')
            .map(|(index, _)| index)
            .find(|&index| bracketed_identifier(&body[index..]).is_some())
            .unwrap_or(body.len());
        let raw = &body[..end];
        let value = raw.trim_end_matches([' ', '\t', GS]);
        let shown = first_characters(value, rule.most());
        match bracketed_digits(&value[shown..]) {
            Some(stranger) if rule.predefined => {
                element(&mut udi, code, rule, &value[..shown], at, today);
                udi.fault(unknown(stranger.to_owned(), at + shown + 1));
            }
            _ => element(&mut udi, code, rule, value, at, today),
        }
        at += raw.chars().count();
        rest = &body[end..];
    }
    udi.finish()
}

/// The bracketed identifier a text begins with, if it is in the table.
pub(super) fn bracketed_identifier(text: &str) -> Option<(&str, &'static Rule)> {
    let code = bracketed_digits(text)?;
    rule(code).map(|rule| (code, rule))
}

fn bracketed_digits(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('(')?;
    let code = &inside[..inside.find(')')?];
    ((2..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

fn unknown(identifier: String, at: usize) -> UdiError {
    UdiError::UnknownIdentifier { identifier, kind: "GS1 application identifier", at }
}

/// The byte length of the first `count` characters.
fn first_characters(text: &str, count: usize) -> usize {
    text.char_indices().nth(count).map_or(text.len(), |(index, _)| index)
}

/// Checks one value and files it. A faulty value is filed as well, so that a person sees what was read.
fn element(udi: &mut Udi, code: &str, rule: &Rule, value: &str, at: usize, today: Today) {
    let padded;
    let mut value = value;
    // Typed labels show the twelve or thirteen digits of a shorter GTIN; the key has fourteen.
    if code == "01" && matches!(value.len(), 12 | 13) && value.bytes().all(|byte| byte.is_ascii_digit()) {
        padded = format!("{value:0>14}");
        value = &padded;
    }
    if let Err(error) = rule.check(code, value, at, today) {
        udi.fault(error);
    }
    if value.is_empty() {
        return;
    }
    let day = |zero| Day::from_yymmdd(value, today, zero);
    let stored = match code {
        "01" => put(&mut udi.di, value.to_owned(), "AI 01", at),
        "10" => put(&mut udi.lot, value.to_owned(), "AI 10", at),
        "21" => put(&mut udi.serial, value.to_owned(), "AI 21", at),
        "11" => day(true).map_or(Ok(()), |day| put(&mut udi.manufactured, day, "AI 11", at)),
        "17" => day(true).map_or(Ok(()), |day| put(&mut udi.expires, day, "AI 17", at)),
        _ if rule.keep => match udi.other.insert(code.to_owned(), value.to_owned()) {
            Some(before) if before != value => Err(UdiError::Repeated { field: format!("AI {code}"), at }),
            _ => Ok(()),
        },
        _ => Ok(()),
    };
    if let Err(error) = stored {
        udi.fault(error);
    }
}

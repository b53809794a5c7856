//! IFA: the Pharmacy Product Number (PPN), the issuer the EU designates besides the three the FDA accepts.
//!
//! Data identifiers in an ISO/IEC 15434 envelope of format 06, as a scanner delivers DataMatrix "macro 06". The
//! check digits agree with IFA's published example; the set of data identifiers and their lengths is general
//! knowledge of IFA's retail and UDI specifications.

use super::check::{gs1_check_digit, is_pzn, ppn_check_digits};
use super::date::{Day, Today};
use super::error::UdiError;
use super::{GS, Issuer, Udi, gs1, put};

/// Record separator, ASCII 30.
const RS: char = '\u{1e}';
/// End of transmission, ASCII 4.
const EOT: char = '\u{4}';

/// An identifier and the fewest and most characters of its value.
const IDENTIFIERS: [(&str, usize, usize); 8] = [
    ("9N", 4, 22),
    ("1T", 1, 20),
    ("8P", 14, 14),
    ("16D", 8, 8),
    ("14D", 8, 8),
    ("S", 1, 20),
    ("D", 6, 6),
    ("Q", 1, 8),
];

/// `text` begins with `[)>`. Format 05 carries GS1 application identifiers, format 06 data identifiers.
pub(super) fn envelope(udi: Udi, text: &str, offset: usize, today: Today) -> Udi {
    let inner = text.strip_prefix("[)>").and_then(|rest| rest.strip_prefix(RS)).unwrap_or_default();
    let content = inner.trim_end_matches([' ', '\t']).trim_end_matches(EOT).trim_end_matches(RS);
    let at = offset + 8;
    if let Some(elements) = content.strip_prefix("05").and_then(|rest| rest.strip_prefix(GS)) {
        return gs1::element_string(udi, elements, at - 1, today);
    }
    match content.strip_prefix("06").and_then(|rest| rest.strip_prefix(GS)) {
        Some(elements) => {
            let parts = positions(elements.split(GS), at, 1);
            read(udi, &parts, today)
        }
        None => udi.refused(UdiError::NotAUdi),
    }
}

/// `text` begins with `9N`, bare or in brackets.
pub(super) fn plain(udi: Udi, text: &str, offset: usize, today: Today) -> Udi {
    let text = text.trim_end_matches([' ', '\t']);
    let Some(bracketed) = text.strip_prefix('(') else {
        let parts = positions(text.split(GS), offset + 1, 1);
        return read(udi, &parts, today);
    };
    // Neither the identifiers nor a PPN holds a bracket, so every "(" that opens an identifier opens a field.
    let mut parts: Vec<(usize, String)> = Vec::new();
    let mut at = offset + 2;
    for piece in bracketed.split('(') {
        let known =
            piece.split_once(')').filter(|(start, _)| IDENTIFIERS.iter().any(|(known, ..)| known == start));
        match (known, parts.last_mut()) {
            (Some((start, value)), _) => parts.push((at, format!("{start}{}", value.trim_end()))),
            (None, Some((_, open))) => {
                open.push('(');
                open.push_str(piece);
            }
            (None, None) => return udi.refused(UdiError::NotAUdi),
        }
        at += piece.chars().count() + 1;
    }
    read(udi, &parts, today)
}

fn positions<'a>(pieces: impl Iterator<Item = &'a str>, start: usize, gap: usize) -> Vec<(usize, String)> {
    let mut at = start;
    pieces
        .map(|piece| {
            let here = at;
            at += piece.chars().count() + gap;
            (here, piece.to_owned())
        })
        .collect()
}

fn read(mut udi: Udi, parts: &[(usize, String)], today: Today) -> Udi {
    udi.issuer = Some(Issuer::Ifa);
    for (at, part) in parts.iter().filter(|(_, part)| !part.is_empty()) {
        if let Err(error) = element(&mut udi, part, *at, today) {
            udi.fault(error);
        }
    }
    udi.finish()
}

fn element(udi: &mut Udi, part: &str, at: usize, today: Today) -> Result<(), UdiError> {
    let Some(&(start, least, most)) = IDENTIFIERS.iter().find(|(start, ..)| part.starts_with(start)) else {
        let identifier = part.chars().take(3).collect();
        return Err(UdiError::UnknownIdentifier { identifier, kind: "IFA data identifier", at });
    };
    let value = &part[start.len()..];
    let at = at + start.len();
    let field = || start.to_owned();
    let bad_date = |shape| UdiError::DateInvalid { field: field(), text: value.to_owned(), shape, at };
    if let Some((index, character)) = value.chars().enumerate().find(|(_, found)| !found.is_ascii_graphic()) {
        let allowed = "printable ASCII";
        return Err(UdiError::CharacterNotAllowed { field: field(), character, allowed, at: at + index });
    }
    let stored = match start {
        "9N" => put(&mut udi.di, value.to_owned(), start, at).and_then(|()| product_number(value, at)),
        "1T" => put(&mut udi.lot, value.to_owned(), start, at),
        "S" => put(&mut udi.serial, value.to_owned(), start, at),
        // Day 00 stands for the month alone, which expires on its last day.
        "D" => put(
            &mut udi.expires,
            Day::from_yymmdd(value, today, true).ok_or_else(|| bad_date("YYMMDD"))?,
            start,
            at,
        ),
        "14D" => {
            put(&mut udi.expires, Day::from_yyyymmdd(value).ok_or_else(|| bad_date("YYYYMMDD"))?, start, at)
        }
        "16D" => put(
            &mut udi.manufactured,
            Day::from_yyyymmdd(value).ok_or_else(|| bad_date("YYYYMMDD"))?,
            start,
            at,
        ),
        _ => {
            udi.other.insert(start.to_owned(), value.to_owned());
            if start == "8P" { trade_item(value) } else { Ok(()) }
        }
    };
    if value.len() > most {
        return Err(UdiError::ValueTooLong { field: field(), limit: most, at });
    }
    if value.len() < least {
        return Err(UdiError::ValueTooShort { field: field(), least, at });
    }
    stored
}

/// Two characters for the agency (PRA code), the national number, two check digits. For agency 11 the national
/// number is a German PZN with a check digit of its own.
fn product_number(value: &str, at: usize) -> Result<(), UdiError> {
    if let Some(index) = value.find(|found: char| !found.is_ascii_uppercase() && !found.is_ascii_digit()) {
        let character = value[index..].chars().next().unwrap_or_default();
        let field = "the product number".to_owned();
        return Err(UdiError::CharacterNotAllowed { field, character, allowed: "0-9 A-Z", at: at + index });
    }
    let Some((body, found)) = value.len().checked_sub(2).map(|end| value.split_at(end)) else {
        return Err(UdiError::ValueTooShort { field: "the product number".into(), least: 4, at });
    };
    let expected = ppn_check_digits(body);
    if found != expected {
        let field = "the product number";
        return Err(UdiError::CheckCharacter { field, found: found.to_owned(), expected });
    }
    match body.strip_prefix("11") {
        Some(pzn) if !is_pzn(pzn) => Err(UdiError::CheckCharacter {
            field: "the PZN inside the product number",
            found: pzn.to_owned(),
            expected: "eight digits with a check digit modulo 11".into(),
        }),
        _ => Ok(()),
    }
}

fn trade_item(value: &str) -> Result<(), UdiError> {
    let Some((body, found)) = value.len().checked_sub(1).and_then(|end| value.split_at_checked(end)) else {
        return Ok(());
    };
    match (gs1_check_digit(body), found.chars().next()) {
        (Some(expected), Some(found)) if expected != found => {
            Err(UdiError::GtinCheckDigit { found, expected })
        }
        _ => Ok(()),
    }
}

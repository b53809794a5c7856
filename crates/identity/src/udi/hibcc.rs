//! HIBCC (ANSI/HIBC 2.6): primary, secondary and concatenated data, and the matching writer.
//!
//! Every character counts, a trailing blank included: the check character itself may be a blank.

use super::check::{hibc_check_character, is_hibc_character};
use super::date::{Day, Month, Today};
use super::error::UdiError;
use super::{Issuer, Udi, put};

/// The most characters of a product number, a lot or a serial number.
const LONGEST: usize = 18;

/// `text` begins with `+` or with the asterisk of Code 39, which is not data.
pub(super) fn parse(mut udi: Udi, text: &str, offset: usize, today: Today) -> Udi {
    let (text, offset) = match text.strip_prefix('*') {
        Some(inner) => (inner.trim_end_matches([' ', '\t']).strip_suffix('*').unwrap_or(inner), offset + 1),
        None => (text, offset),
    };
    let mut ahead = text.chars().skip(1);
    let second = ahead.next();
    if !text.starts_with('+') || !second.is_some_and(|second| second.is_ascii_alphanumeric() || second == '$')
    {
        return udi.refused(UdiError::NotAUdi);
    }
    udi.issuer = Some(Issuer::Hibcc);
    if let Some((index, character)) = text.chars().enumerate().find(|&(_, found)| !is_hibc_character(found)) {
        udi.fault(UdiError::CharacterNotAllowed {
            field: "HIBCC data".into(),
            character,
            allowed: "0-9 A-Z - . blank $ / + %",
            at: offset + index + 1,
        });
        // Characters outside the set have no place to be cut at; the fields would be guesses.
        if !text.is_ascii() {
            return udi;
        }
    }
    let (before, check) = text.split_at(text.len() - 1);
    udi.check = Some(check.to_owned());
    if let Some(expected) = hibc_check_character(before)
        && !check.starts_with(expected)
    {
        udi.fault(UdiError::CheckCharacter {
            field: "the HIBCC data",
            found: check.to_owned(),
            expected: expected.to_string(),
        });
    }
    let body = &before[1.min(before.len())..];
    if second.is_some_and(|second| second.is_ascii_alphabetic()) {
        with_primary(&mut udi, body, offset + 2, today);
    } else {
        alone(&mut udi, body, offset + 2, today);
    }
    udi.finish()
}

/// Primary data, and whatever is joined to it by `/`.
fn with_primary(udi: &mut Udi, body: &str, at: usize, today: Today) {
    let mut fields = body.split('/');
    let first = fields.next().unwrap_or_default();
    if let Err(error) = primary(udi, first, at) {
        udi.fault(error);
    }
    let mut at = at + first.len() + 1;
    for field in fields {
        if let Err(error) = joined(udi, field, at, today) {
            udi.fault(error);
        }
        at += field.len() + 1;
    }
}

/// Secondary data in a symbol of its own: it ends with the link character, the primary's check character.
fn alone(udi: &mut Udi, body: &str, at: usize, today: Today) {
    let cut = body.len().saturating_sub(1);
    let (field, link) = body.split_at(cut);
    udi.other.insert("link".into(), link.to_owned());
    if let Err(error) = secondary(udi, field, at, today) {
        udi.fault(error);
    }
}

/// LIC (4, first a letter), product number (1 to 18), unit of measure (1 digit).
fn primary(udi: &mut Udi, text: &str, at: usize) -> Result<(), UdiError> {
    if let Some(index) = text.find(|found: char| !found.is_ascii_uppercase() && !found.is_ascii_digit()) {
        return Err(not_allowed(text, index, "the HIBCC primary data", "0-9 A-Z", at));
    }
    if text.len() < 6 {
        return Err(UdiError::ValueTooShort { field: "the HIBCC primary data".into(), least: 6, at });
    }
    let (lic, rest) = text.split_at(4);
    let (pcn, unit) = rest.split_at(rest.len() - 1);
    udi.lic = Some(lic.to_owned());
    udi.pcn = Some(pcn.to_owned());
    udi.unit_of_measure = Some(unit.to_owned());
    udi.di = Some(text.to_owned());
    if pcn.len() > LONGEST {
        return Err(too_long("the product number", at + 4));
    }
    if !unit.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(not_allowed(text, text.len() - 1, "the unit of measure", "one digit", at));
    }
    Ok(())
}

/// One field after the primary's `/`.
fn joined(udi: &mut Udi, field: &str, at: usize, today: Today) -> Result<(), UdiError> {
    let day = |text: &str, name: &str| {
        Day::from_yyyymmdd(text).ok_or_else(|| UdiError::DateInvalid {
            field: name.to_owned(),
            text: text.to_owned(),
            shape: "YYYYMMDD",
            at: at + 3,
        })
    };
    if let Some(text) = field.strip_prefix("14D") {
        return put(&mut udi.expires, day(text, "expiry")?, "expiry", at);
    }
    if let Some(text) = field.strip_prefix("16D") {
        return put(&mut udi.manufactured, day(text, "manufacture")?, "manufacture", at);
    }
    if let Some(serial) = field.strip_prefix('S') {
        return value(&mut udi.serial, serial, "the serial number", at + 1);
    }
    if let Some(quantity) = field.strip_prefix('Q') {
        udi.other.insert("quantity".into(), quantity.to_owned());
        return Ok(());
    }
    secondary(udi, field, at, today)
}

/// `$$+` date serial, `$$` date lot, `$+` serial, `$` lot, or five digits YYJJJ and a lot. The two forms with one
/// `$` are for backward compatibility (FDA, UDI formats by issuing agency, version 1.4).
fn secondary(udi: &mut Udi, field: &str, at: usize, today: Today) -> Result<(), UdiError> {
    if let Some(rest) = field.strip_prefix("$$+") {
        let rest = quantity_and_date(udi, rest, at + 3, today)?;
        return value(&mut udi.serial, rest, "the serial number", at + field.len() - rest.len());
    }
    if let Some(rest) = field.strip_prefix("$$") {
        let rest = quantity_and_date(udi, rest, at + 2, today)?;
        return value(&mut udi.lot, rest, "the lot", at + field.len() - rest.len());
    }
    if let Some(rest) = field.strip_prefix("$+") {
        return value(&mut udi.serial, rest, "the serial number", at + 2);
    }
    if let Some(rest) = field.strip_prefix('$') {
        return value(&mut udi.lot, rest, "the lot", at + 1);
    }
    match field.split_at_checked(5) {
        Some((date, lot)) if date.bytes().all(|byte| byte.is_ascii_digit()) => {
            let day = Day::from_yyjjj(date, today).ok_or_else(|| bad_date(date, "YYJJJ", at))?;
            put(&mut udi.expires, day, "expiry", at)?;
            value(&mut udi.lot, lot, "the lot", at + 5)
        }
        _ => Err(UdiError::UnknownIdentifier {
            identifier: field.chars().take(4).collect(),
            kind: "HIBCC data identifier",
            at,
        }),
    }
}

/// Reads an optional quantity (`8` and two digits, `9` and five) and the date; gives back what follows.
fn quantity_and_date<'a>(udi: &mut Udi, text: &'a str, at: usize, today: Today) -> Result<&'a str, UdiError> {
    let width = match text.as_bytes().first() {
        Some(b'8') => 2,
        Some(b'9') => 5,
        _ => return date(udi, text, at, today),
    };
    let quantity = text.get(1..=width).unwrap_or_default();
    if quantity.len() < width || !quantity.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(UdiError::ValueTooShort {
            field: "the quantity (digits)".into(),
            least: width,
            at: at + 1,
        });
    }
    udi.other.insert("quantity".into(), quantity.to_owned());
    let rest = &text[1 + width..];
    if rest.is_empty() { Ok(rest) } else { date(udi, rest, at + 1 + width, today) }
}

/// The date format is told by its first digit; 0 and 1 are no format but the first digit of the month.
fn date<'a>(udi: &mut Udi, text: &'a str, at: usize, today: Today) -> Result<&'a str, UdiError> {
    let (skip, width, shape) = match text.as_bytes().first() {
        Some(b'0' | b'1') => (0, 4, "MMYY"),
        Some(b'2') => (1, 6, "MMDDYY"),
        Some(b'3') => (1, 6, "YYMMDD"),
        Some(b'4') => (1, 8, "YYMMDDHH"),
        Some(b'5') => (1, 5, "YYJJJ"),
        Some(b'6') => (1, 7, "YYJJJHH"),
        Some(b'7') => return Ok(&text[1..]),
        other => {
            return Err(UdiError::UnknownIdentifier {
                identifier: other.map_or_else(String::new, |&byte| char::from(byte).to_string()),
                kind: "HIBCC date format (0 to 7)",
                at,
            });
        }
    };
    let (digits, rest) = text
        .get(skip..)
        .and_then(|text| text.split_at_checked(width))
        .ok_or_else(|| bad_date(&text[skip..], shape, at + skip))?;
    let refuse = || bad_date(digits, shape, at + skip);
    let day = match shape {
        "MMYY" => {
            let month = Month::from_mmyy(digits, today).ok_or_else(refuse)?;
            put(&mut udi.expires_month, month, "expiry", at)?;
            return Ok(rest);
        }
        "MMDDYY" => Day::from_mmddyy(digits, today),
        "YYMMDD" | "YYMMDDHH" => Day::from_yymmdd(&digits[..6], today, false),
        _ => Day::from_yyjjj(&digits[..5], today),
    };
    if shape.ends_with("HH") {
        let hour = &digits[width - 2..];
        if super::date::digits(hour).is_none_or(|hour| hour > 23) {
            return Err(refuse());
        }
        udi.other.insert("expires_hour_gmt".into(), hour.to_owned());
    }
    put(&mut udi.expires, day.ok_or_else(refuse)?, "expiry", at)?;
    Ok(rest)
}

fn value(slot: &mut Option<String>, text: &str, field: &'static str, at: usize) -> Result<(), UdiError> {
    if text.is_empty() {
        return Ok(());
    }
    put(slot, text.to_owned(), field, at)?;
    if text.len() > LONGEST { Err(too_long(field, at)) } else { Ok(()) }
}

fn too_long(field: &str, at: usize) -> UdiError {
    UdiError::ValueTooLong { field: field.to_owned(), limit: LONGEST, at }
}

fn bad_date(text: &str, shape: &'static str, at: usize) -> UdiError {
    UdiError::DateInvalid { field: "expiry".into(), text: text.to_owned(), shape, at }
}

fn not_allowed(text: &str, index: usize, field: &str, allowed: &'static str, at: usize) -> UdiError {
    let character = text[index..].chars().next().unwrap_or_default();
    UdiError::CharacterNotAllowed { field: field.to_owned(), character, allowed, at: at + index }
}

/// What a HIBCC device label carries, for the writer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HibccLabel {
    /// Labeler identification code: four characters, the first a letter.
    pub lic: String,
    /// Product or catalog number: 1 to 18 characters 0-9 A-Z.
    pub pcn: String,
    /// Unit of measure, 0 to 9; 0 is the unit of use.
    pub unit_of_measure: u8,
    /// Last day of use.
    pub expires: Option<Day>,
    /// Day of manufacture.
    pub manufactured: Option<Day>,
    /// Lot, at most 18 characters.
    pub lot: Option<String>,
    /// Serial number, at most 18 characters.
    pub serial: Option<String>,
}

impl HibccLabel {
    /// The data of one symbol: the primary alone, or everything joined by `/`, with the check character.
    /// `None` when a part cannot be carried (wrong length or character).
    #[must_use]
    pub fn data(&self) -> Option<String> {
        let plain = |text: &str, most: usize| {
            (1..=most).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        let parts = [&self.lot, &self.serial];
        let carried = self.lic.len() == 4
            && self.lic.starts_with(|first: char| first.is_ascii_uppercase())
            && plain(&self.lic, 4)
            && plain(&self.pcn, LONGEST)
            && self.unit_of_measure <= 9
            && parts.into_iter().flatten().all(|part| plain(part, LONGEST));
        if !carried {
            return None;
        }
        let mut text = format!("+{}{}{}", self.lic, self.pcn, self.unit_of_measure);
        if self.lot.is_some() || self.expires.is_some() {
            let date = self.expires.map_or_else(|| "7".to_owned(), |day| format!("3{}", day.yymmdd()));
            text.push_str(&format!("/$${date}{}", self.lot.as_deref().unwrap_or_default()));
        }
        if let Some(day) = self.manufactured {
            text.push_str(&format!("/16D{:04}{:02}{:02}", day.year(), day.month(), day.day()));
        }
        if let Some(serial) = &self.serial {
            text.push_str(&format!("/S{serial}"));
        }
        let check = hibc_check_character(&text)?;
        text.push(check);
        Some(text)
    }
}

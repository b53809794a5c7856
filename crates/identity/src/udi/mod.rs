//! Unique device identification: what a label's barcode or its printed text says.
//!
//! One reader for the four issuers the FDA and the EU accept. A faulty label is not thrown away: the fields that
//! could be read are returned together with the first fault, and `valid` says whether they may serve as a key.

mod check;
mod date;
mod error;
mod gs1;
mod gs1_ai;
mod gs1_encode;
mod hibcc;
mod iccbba;
mod ifa;

pub(crate) use check::mod_37_36;
pub use check::{gs1_check_digit, hibc_check_character, normal_gtin, ppn_check_digits};
pub use date::{Day, Month, NotADay, Today};
pub use error::UdiError;
pub use gs1_encode::Gs1Label;
pub use hibcc::HibccLabel;

use crate::junk::is_junk_serial;
use serde::Serialize;
use std::collections::BTreeMap;
use tallyward_core::Key;

/// The longest input that is read, in bytes. The largest GS1 DataMatrix holds 2335 alphanumeric characters.
pub const LONGEST: usize = 2400;

/// Group separator, ASCII 29: how FNC1 appears inside scanned GS1 data, and between ISO/IEC 15434 elements.
pub(crate) const GS: char = '\u{1d}';

/// The agency whose rules an identifier follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Issuer {
    /// GS1: GTIN and application identifiers.
    Gs1,
    /// Health Industry Business Communications Council: LIC, product code, unit of measure.
    Hibcc,
    /// ICCBBA: ISBT 128 for products of human origin.
    Iccbba,
    /// Informationsstelle für Arzneispezialitäten: Pharmacy Product Number. Designated by the EU only.
    Ifa,
}

/// What was read from one UDI. Serialises to a flat object; absent fields are left out, `error` is always there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Udi {
    /// The text as it was given.
    pub input: String,
    /// True when the whole text follows its issuer's rules and every check that it carries is right.
    /// Only then may its fields be used as keys.
    pub valid: bool,
    /// The first fault, as a code. Fields read before and after it are still given.
    pub error: Option<UdiError>,
    /// The fault as a sentence with its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_detail: Option<String>,
    /// Whose rules the text follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Issuer>,
    /// Device identifier: 14-digit GTIN; LIC + product code + unit of measure; ICCBBA 16 (or 10) characters; PPN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub di: Option<String>,
    /// Serial number, verbatim: lower case and punctuation are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Batch or lot, verbatim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// Day of manufacture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufactured: Option<Day>,
    /// Last day of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Day>,
    /// Last month of use, when the label gives no day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_month: Option<Month>,
    /// ICCBBA donation identification number, 13 characters without the flags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub donation_id: Option<String>,
    /// HIBCC labeler identification code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lic: Option<String>,
    /// HIBCC product or catalog number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pcn: Option<String>,
    /// HIBCC unit of measure digit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_of_measure: Option<String>,
    /// HIBCC check character as read; it may be a blank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// Everything else, by application identifier (GS1), data identifier (IFA) or a plain name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, String>,
}

impl Udi {
    fn new(input: &str) -> Self {
        Self {
            input: input.to_owned(),
            valid: false,
            error: None,
            error_detail: None,
            issuer: None,
            di: None,
            serial: None,
            lot: None,
            manufactured: None,
            expires: None,
            expires_month: None,
            donation_id: None,
            lic: None,
            pcn: None,
            unit_of_measure: None,
            check: None,
            other: BTreeMap::new(),
        }
    }

    /// The key that names one physical unit: device identifier and serial number of a faultless UDI. `None` when a check
    /// fails (such a value is dissent, never a key), without a serial, or when the serial is a placeholder.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        let (di, serial) = (self.di.as_ref()?, self.serial.as_ref()?);
        (self.valid && !is_junk_serial(serial))
            .then(|| Key::DiSerial { di: di.clone(), serial: serial.clone() })
    }

    /// Keeps the first fault only: later ones mostly follow from it.
    fn fault(&mut self, error: UdiError) {
        if self.error.is_none() {
            self.error_detail = Some(error.to_string());
            self.error = Some(error);
        }
    }

    fn refused(mut self, error: UdiError) -> Self {
        self.fault(error);
        self
    }

    fn finish(mut self) -> Self {
        if self.di.is_none() {
            self.fault(UdiError::NoDeviceIdentifier);
        }
        self.valid = self.error.is_none();
        self
    }
}

/// Stores `value` in `slot`; a second, different value is a fault.
fn put<T: PartialEq>(slot: &mut Option<T>, value: T, field: &str, at: usize) -> Result<(), UdiError> {
    match slot {
        Some(held) if *held != value => Err(UdiError::Repeated { field: field.to_owned(), at }),
        _ => {
            *slot = Some(value);
            Ok(())
        }
    }
}

/// Reads one UDI in any form of the four issuers: GS1 element string (with or without AIM prefix) or bracketed text,
/// HIBCC primary, secondary and concatenated, ICCBBA single and compound, IFA in its ISO/IEC 15434 envelope,
/// bare or bracketed. Never panics and never guesses where a field without its separator ends.
///
/// A line end is dropped; a trailing blank is not, because it may be HIBCC's check character.
#[must_use]
pub fn parse(input: &str, today: Today) -> Udi {
    let udi = Udi::new(input);
    if input.len() > LONGEST {
        return udi.refused(UdiError::InputTooLong { limit: LONGEST });
    }
    let text = input.trim_end_matches(['\r', '\n']);
    let lead = text.len() - text.trim_start_matches([' ', '\t', '\u{feff}']).len();
    let (text, offset) = (&text[lead..], text[..lead].chars().count());
    if text.trim().is_empty() {
        return udi.refused(UdiError::Empty);
    }
    match aim_prefix(text) {
        Some((prefix, rest)) if is_gs1_prefix(prefix) => gs1::element_string(udi, rest, offset + 3, today),
        Some((_, rest)) if !rest.starts_with(|first: char| first.is_ascii_digit()) => {
            by_shape(udi, rest, offset + 3, today)
        }
        // Digits in a symbol without a leading FNC1 are a plain article number, not application identifiers.
        Some(_) => udi.refused(UdiError::NotAUdi),
        None => by_shape(udi, text, offset, today),
    }
}

/// Chooses the issuer by the first characters; each issuer's begins in a way no other's does.
fn by_shape(udi: Udi, text: &str, offset: usize, today: Today) -> Udi {
    if text.starts_with("[)>") {
        return ifa::envelope(udi, text, offset, today);
    }
    if text.starts_with("(9N)") || text.starts_with("9N") {
        return ifa::plain(udi, text, offset, today);
    }
    match text.chars().next() {
        Some('+' | '*') => hibcc::parse(udi, text, offset, today),
        Some('=' | '&') => iccbba::parse(udi, text, offset),
        Some('(') => gs1::bracketed(udi, text, offset, today),
        Some(GS) => gs1::element_string(udi, &text[1..], offset + 1, today),
        Some('0'..='9') => gs1::bare(udi, text, offset, today),
        _ => udi.refused(UdiError::NotAUdi),
    }
}

/// Splits an AIM symbology identifier (ISO/IEC 15424: `]`, a code letter, a modifier) from the data.
fn aim_prefix(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let is_prefix = bytes.len() >= 3
        && bytes[0] == b']'
        && bytes[1].is_ascii_alphabetic()
        && bytes[2].is_ascii_alphanumeric();
    is_prefix.then(|| text.split_at(3))
}

/// The prefixes that stand for a leading FNC1: DataMatrix, GS1-128, DataBar, QR and DotCode. Case matters.
fn is_gs1_prefix(prefix: &str) -> bool {
    matches!(prefix, "]d2" | "]C1" | "]e0" | "]Q3" | "]J1")
}

#[cfg(test)]
mod tests;

//! What can be wrong with a scanned or typed device identifier.

use serde::{Serialize, Serializer};

/// Why a text is not a faultless UDI. `at` counts characters of the input from 1, so a person can point at it.
///
/// Serialised as its [`code`](UdiError::code); the sentence is its `Display`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UdiError {
    /// Nothing was given.
    #[error("the input is empty; a scanned or typed UDI was expected")]
    Empty,
    /// Longer than any barcode of the four issuers.
    #[error("the input has more than {limit} bytes; no UDI carrier holds that much")]
    InputTooLong {
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// No issuer's grammar begins like this.
    #[error("no UDI issuer's form begins like this (GS1, HIBCC, ICCBBA, IFA)")]
    NotAUdi,
    /// Well formed, but only a production identifier: the device identifier is in another symbol or missing.
    #[error("no device identifier (DI) in it; this looks like the second symbol of a label")]
    NoDeviceIdentifier,
    /// The check digit of a GTIN is wrong.
    #[error("the GTIN's check digit is {found}, but its other digits give {expected}")]
    GtinCheckDigit {
        /// The digit read.
        found: char,
        /// The digit computed.
        expected: char,
    },
    /// Another check digit, character or pair is wrong.
    #[error("the check of {field} is {found:?}, but the rest gives {expected:?}")]
    CheckCharacter {
        /// What carries the check.
        field: &'static str,
        /// The check read.
        found: String,
        /// The check computed.
        expected: String,
    },
    /// A date that is not a date.
    #[error("{text:?} at character {at} is not a date ({field}, expected {shape})")]
    DateInvalid {
        /// What the date is for.
        field: String,
        /// The text read.
        text: String,
        /// How it should look.
        shape: &'static str,
        /// Where.
        at: usize,
    },
    /// A value is longer than its field allows; a separator may be missing.
    #[error("the value of {field} at character {at} is longer than {limit}; is a separator missing?")]
    ValueTooLong {
        /// The field or application identifier.
        field: String,
        /// The most characters it may have.
        limit: usize,
        /// Where.
        at: usize,
    },
    /// A value is missing or shorter than its field requires.
    #[error("the value of {field} at character {at} is shorter than {least}")]
    ValueTooShort {
        /// The field or application identifier.
        field: String,
        /// The fewest characters it may have.
        least: usize,
        /// Where.
        at: usize,
    },
    /// A character the field cannot carry.
    #[error("{character:?} at character {at} is not allowed in {field} (expected {allowed})")]
    CharacterNotAllowed {
        /// The field or application identifier.
        field: String,
        /// The character read.
        character: char,
        /// What is allowed.
        allowed: &'static str,
        /// Where.
        at: usize,
    },
    /// An identifier of a field that is in no table.
    #[error("{identifier:?} at character {at} is not a known {kind}")]
    UnknownIdentifier {
        /// The characters read.
        identifier: String,
        /// What was expected there.
        kind: &'static str,
        /// Where.
        at: usize,
    },
    /// The same field twice with different values.
    #[error("{field} appears again at character {at} with another value")]
    Repeated {
        /// The field or application identifier.
        field: String,
        /// Where.
        at: usize,
    },
    /// A serial number the issuer reserves.
    #[error("serial number {serial:?} is reserved and never assigned")]
    SerialReserved {
        /// The value read.
        serial: String,
    },
    /// A compound message holds another number of structures than it announces.
    #[error("the compound message announces {announced} structures and holds {found}")]
    CompoundIncomplete {
        /// As announced.
        announced: u16,
        /// As counted.
        found: u16,
    },
}

impl UdiError {
    /// The stable machine code, `snake_case`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::InputTooLong { .. } => "input_too_long",
            Self::NotAUdi => "not_a_udi",
            Self::NoDeviceIdentifier => "no_device_identifier",
            Self::GtinCheckDigit { .. } => "gtin_check_digit",
            Self::CheckCharacter { .. } => "check_character",
            Self::DateInvalid { .. } => "date_invalid",
            Self::ValueTooLong { .. } => "value_too_long",
            Self::ValueTooShort { .. } => "value_too_short",
            Self::CharacterNotAllowed { .. } => "character_not_allowed",
            Self::UnknownIdentifier { .. } => "unknown_identifier",
            Self::Repeated { .. } => "repeated",
            Self::SerialReserved { .. } => "serial_reserved",
            Self::CompoundIncomplete { .. } => "compound_incomplete",
        }
    }
}

impl Serialize for UdiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

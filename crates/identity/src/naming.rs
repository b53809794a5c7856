//! The naming protocol: `SSS-TTT-NNNNNC`, fourteen characters.
//!
//! `SSS` is an opaque prefix of the organisation, `TTT` a type code, `NNNNN` a number, `C` an ISO/IEC 7064
//! MOD 37,36 check character over the rest. Place, owner and address are never in a name: they change, the
//! name does not. Fifteen characters is the binding limit (NetBIOS); names that firmware fixes are only linted.

use crate::udi::mod_37_36;
use std::fmt;

/// Letters and digits that cannot be taken for one another: no I, O, 0 or 1.
const CLEAR: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// The most characters a host name may have to serve everywhere (NetBIOS).
const LONGEST: usize = 15;

/// A name that follows the protocol.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// The fourteen characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why no name can be made of the parts given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPart {
    /// The prefix or type code.
    #[error("{0:?} is not three characters of {CLEAR} (the prefix begins with a letter)")]
    Code(String),
    /// The number does not fit five digits or is zero.
    #[error("{0} is not between 1 and 99999")]
    Number(u32),
    /// The check character of this number would be I, O, 0 or 1; such numbers are never issued.
    #[error(
        "number {0} is never issued with these codes (its check character would be confusable); take the next"
    )]
    NeverIssued(u32),
}

/// What is wrong with an existing name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Complaint {
    /// Nothing there.
    #[error("the name is empty")]
    Empty,
    /// More than 15 characters.
    #[error("longer than 15 characters, so NetBIOS cuts it")]
    TooLong,
    /// Something other than letters, digits and inner hyphens (RFC 1123 section 2.1).
    #[error("only letters, digits and inner hyphens are allowed in a host name")]
    Characters,
    /// Not upper case.
    #[error("the protocol writes names in upper case")]
    LowerCase,
    /// Does not begin with a letter.
    #[error("a name begins with a letter")]
    FirstCharacter,
    /// Digits only.
    #[error("a name of digits only is taken for an address or a number")]
    AllNumeric,
    /// Four numbers as in an IPv4 address.
    #[error("it seems to hold an IP address, which changes while the name does not")]
    HoldsAddress,
    /// Another shape than SSS-TTT-NNNNNC.
    #[error("not of the shape SSS-TTT-NNNNNC")]
    Shape,
    /// I, O, 0 or 1 in a code or as check character.
    #[error("a code or the check character uses I, O, 0 or 1, which are misread")]
    Confusable,
    /// The check character does not belong to the rest: a typing error, or not our name.
    #[error("the check character does not belong to the rest")]
    Check,
}

/// The name of the `number`-th device of a type.
///
/// # Errors
/// A code outside the clear alphabet, a number outside 1 to 99999, or a number that is never issued because its
/// check character would be confusable (about one in nine).
pub fn propose(prefix: &str, type_code: &str, number: u32) -> Result<Name, BadPart> {
    let clear = |code: &str| code.len() == 3 && code.chars().all(|character| CLEAR.contains(character));
    if !clear(prefix) || !prefix.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(BadPart::Code(prefix.to_owned()));
    }
    if !clear(type_code) {
        return Err(BadPart::Code(type_code.to_owned()));
    }
    if !(1..=99_999).contains(&number) {
        return Err(BadPart::Number(number));
    }
    let body = format!("{prefix}-{type_code}-{number:05}");
    match mod_37_36(&body) {
        Some(check) if CLEAR.contains(check) => Ok(Name(format!("{body}{check}"))),
        _ => Err(BadPart::NeverIssued(number)),
    }
}

/// Everything a name gets wrong; empty for a name of the protocol. The order is that of [`Complaint`].
#[must_use]
pub fn lint(name: &str) -> Vec<Complaint> {
    if name.is_empty() {
        return vec![Complaint::Empty];
    }
    let legal = name.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
        && !name.starts_with('-')
        && !name.ends_with('-');
    let mut complaints = Vec::new();
    let mut complain = |wrong: bool, complaint| {
        if wrong {
            complaints.push(complaint);
        }
    };
    complain(name.chars().count() > LONGEST, Complaint::TooLong);
    complain(!legal, Complaint::Characters);
    complain(name.chars().any(char::is_lowercase), Complaint::LowerCase);
    complain(!name.starts_with(|first: char| first.is_ascii_alphabetic()), Complaint::FirstCharacter);
    complain(name.chars().all(|character| character.is_ascii_digit()), Complaint::AllNumeric);
    complain(holds_address(name), Complaint::HoldsAddress);
    let upper = name.to_ascii_uppercase();
    if !has_shape(&upper) {
        complain(true, Complaint::Shape);
        return complaints;
    }
    let (body, check) = upper.split_at(13);
    let codes = body[..3].chars().chain(body[4..7].chars()).chain(check.chars());
    complain(codes.into_iter().any(|character| !CLEAR.contains(character)), Complaint::Confusable);
    complain(mod_37_36(body) != check.chars().next(), Complaint::Check);
    complaints
}

fn has_shape(name: &str) -> bool {
    name.len() == 14
        && name.bytes().enumerate().all(|(index, byte)| match index {
            3 | 7 => byte == b'-',
            8..=12 => byte.is_ascii_digit(),
            _ => byte.is_ascii_alphanumeric(),
        })
}

/// Four numbers of 0 to 255 in a row, split by dots, hyphens or underscores.
fn holds_address(name: &str) -> bool {
    let parts: Vec<bool> = name.split(['.', '-', '_']).map(|part| part.parse::<u8>().is_ok()).collect();
    parts.windows(4).any(|four| four.iter().all(|&number| number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_check_character_follows_the_standard() {
        // The example every description of the Global Release Identifier gives: A1-2425G-ABC1234002-M.
        assert_eq!(mod_37_36("A12425GABC1234002"), Some('M'));
    }

    #[test]
    fn names_in_use_are_linted_not_refused() {
        assert_eq!(
            lint("ed-mon-3-room-12-philips"),
            [Complaint::TooLong, Complaint::LowerCase, Complaint::Shape]
        );
        assert!(lint("PUMP-10-20-30-40").contains(&Complaint::HoldsAddress));
        assert!(lint("12345").contains(&Complaint::AllNumeric));
        assert!(lint("PUMP_7").contains(&Complaint::Characters));
        assert_eq!(lint(""), [Complaint::Empty]);
        assert!(propose("MT0", "PMP", 1).is_err());
        assert!(propose("MTX", "PMP", 100_000).is_err());
    }

    proptest! {
        #[test]
        fn a_proposed_name_passes_and_one_wrong_character_is_found(number in 1u32..100_000, at in 0usize..14, to in "[2-9A-HJ-NP-Z]") {
            let Ok(name) = propose("MTX", "PMP", number) else { return Ok(()) };
            prop_assert_eq!(lint(name.as_str()), []);
            let mut wrong = name.as_str().to_owned();
            wrong.replace_range(at..=at, &to);
            prop_assert_eq!(lint(&wrong).is_empty(), wrong == name.as_str());
        }

        #[test]
        fn any_name_can_be_linted(name in any::<String>()) {
            let _ = lint(&name);
        }
    }
}

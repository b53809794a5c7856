//! ICCBBA ST-011 (ISBT 128): data structures one after another, each told by its two first characters.
//!
//! Century digit 9 for the 1900s, the length of the container lot and the alphanumeric donation number are
//! general knowledge of ISBT 128, not read in the standard.

use super::date::{Day, digits};
use super::error::UdiError;
use super::{Issuer, Udi, put};

/// A structure: its identifier, what it is called, fewest and most characters after the identifier.
struct Structure {
    start: &'static str,
    name: &'static str,
    least: usize,
    most: usize,
    lower_case: bool,
}

const STRUCTURES: [Structure; 8] = [
    structure("=/", "the processor product identification", 16, 16, false),
    structure("=,", "the serial number", 6, 6, false),
    structure("=>", "the expiry date", 6, 6, false),
    structure("=}", "the production date", 6, 6, false),
    structure("&,1", "the lot", 1, 18, false),
    structure("=+", "the compound header", 5, 5, false),
    structure("=)", "the container identification", 10, 10, true),
    structure("&)", "the container lot", 1, 18, true),
];
/// The donation number's identifier is `=` alone: the character after it is data already.
const DONATION: Structure = structure("=", "the donation identification number", 15, 15, false);

const fn structure(
    start: &'static str,
    name: &'static str,
    least: usize,
    most: usize,
    lower_case: bool,
) -> Structure {
    Structure { start, name, least, most, lower_case }
}

/// `text` begins with `=` or `&`.
pub(super) fn parse(udi: Udi, text: &str, offset: usize) -> Udi {
    let plain = udi.clone();
    let mut udi = udi;
    udi.issuer = Some(Issuer::Iccbba);
    let mut rest = text.trim_end_matches([' ', '\t']);
    let mut at = offset + 1;
    let mut announced = None;
    let mut found = 0u16;
    while !rest.is_empty() {
        let Some(structure) = leading(rest) else {
            udi.fault(UdiError::UnknownIdentifier {
                identifier: rest.chars().take(3).collect(),
                kind: "ICCBBA data identifier",
                at,
            });
            break;
        };
        let body = &rest[structure.start.len()..];
        let end = body.find(['=', '&']).unwrap_or(body.len());
        let value = &body[..end];
        at += structure.start.len();
        let stored = structure.check(value, at).and_then(|()| {
            if structure.start == "=+" {
                announced = digits(&value[..2]);
                Ok(())
            } else {
                found = found.saturating_add(1);
                store(&mut udi, structure, value, at)
            }
        });
        if let Err(error) = stored {
            udi.fault(error);
        }
        at += value.chars().count();
        rest = &body[end..];
    }
    // A spreadsheet formula also begins with "="; without a device identifier a fault means it is none of ours.
    if udi.di.is_none() && udi.error.is_some() && udi.donation_id.is_none() && udi.lot.is_none() {
        return plain.refused(UdiError::NotAUdi);
    }
    if let Some(announced) = announced
        && announced != found
    {
        udi.fault(UdiError::CompoundIncomplete { announced, found });
    }
    udi.finish()
}

fn leading(text: &str) -> Option<&'static Structure> {
    if let Some(known) = STRUCTURES.iter().find(|structure| text.starts_with(structure.start)) {
        return Some(known);
    }
    let donation = text.strip_prefix('=')?.starts_with(|first: char| first.is_ascii_alphanumeric());
    donation.then_some(&DONATION)
}

impl Structure {
    fn check(&self, value: &str, at: usize) -> Result<(), UdiError> {
        let field = || self.name.to_owned();
        let allowed = |found: char| {
            if self.lower_case {
                found.is_ascii_alphanumeric()
            } else {
                found.is_ascii_uppercase() || found.is_ascii_digit()
            }
        };
        if let Some((index, character)) = value.chars().enumerate().find(|&(_, found)| !allowed(found)) {
            let allowed = if self.lower_case { "letters and digits" } else { "0-9 A-Z" };
            return Err(UdiError::CharacterNotAllowed { field: field(), character, allowed, at: at + index });
        }
        if value.len() > self.most {
            return Err(UdiError::ValueTooLong { field: field(), limit: self.most, at });
        }
        if value.len() < self.least {
            return Err(UdiError::ValueTooShort { field: field(), least: self.least, at });
        }
        Ok(())
    }
}

fn store(udi: &mut Udi, structure: &Structure, value: &str, at: usize) -> Result<(), UdiError> {
    let name = structure.name;
    match structure.start {
        "=/" | "=)" => {
            // FIN: the facility that assigns the product code; the letter O is not used in it.
            if structure.start == "=/" && value[..5].contains('O') {
                return Err(UdiError::CharacterNotAllowed {
                    field: "the facility number".into(),
                    character: 'O',
                    allowed: "0-9 A-N P-Z",
                    at,
                });
            }
            put(&mut udi.di, value.to_owned(), name, at)
        }
        "=," => {
            put(&mut udi.serial, value.to_owned(), name, at)?;
            if value == "000000" {
                Err(UdiError::SerialReserved { serial: value.to_owned() })
            } else {
                Ok(())
            }
        }
        "=>" => put(&mut udi.expires, day(value, name, at)?, name, at),
        "=}" => put(&mut udi.manufactured, day(value, name, at)?, name, at),
        "&,1" | "&)" => put(&mut udi.lot, value.to_owned(), name, at),
        _ => {
            let (number, flags) = value.split_at(13);
            udi.other.insert("donation_flags".into(), flags.to_owned());
            put(&mut udi.donation_id, number.to_owned(), name, at)
        }
    }
}

/// `cyyjjj`: c is the hundreds digit of the year, 0 for the 2000s.
fn day(value: &str, name: &str, at: usize) -> Result<Day, UdiError> {
    let read = || {
        let century = match digits(value.get(..1)?)? {
            9 => 1900,
            hundreds => 2000 + 100 * hundreds,
        };
        Day::from_ordinal(century + digits(value.get(1..3)?)?, digits(value.get(3..)?)?)
    };
    read().ok_or_else(|| UdiError::DateInvalid {
        field: name.to_owned(),
        text: value.to_owned(),
        shape: "cyyjjj",
        at,
    })
}

//! X.509 certificates (RFC 5280 section 4.1) as a TLS endpoint shows them.
//!
//! Copied: of the subject the common name, organisation, organisational unit and serial number; the day on which the certificate ends.
//! Passed over: issuer, keys, extensions, and every other part of the subject. A certificate of a client whose subject has parts that only
//! persons have (given name, surname, user id, mail address) is a person's and nothing of it is copied.

use super::ber::{Ber, Element, OID, SEQUENCE};
use super::{Visit, text_where, wide_text};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// Parts of a subject read.
const MOST_PARTS: usize = 32;
/// The longest subject written out.
const LONGEST: usize = 255;

/// id-at, under which the usual parts of names lie.
const ATTRIBUTE: &[u8] = &[0x55, 4];
/// userID (RFC 4519), and emailAddress (RFC 2985).
const PERSONAL: [&[u8]; 2] =
    [&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1]];

/// What a certificate says of its holder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Common name, organisation, unit and serial number, in their order.
    pub subject: String,
    /// The last day, ISO.
    pub ends: Option<String>,
    /// Whether it is a person.
    pub person: bool,
}

/// Notes what a certificate says of the sender.
pub(crate) fn tell(der: &[u8], client: bool, visit: &mut Visit<'_>) {
    let Some(holder) = read(der).filter(|holder| !(client && holder.person)) else { return };
    if !is_junk(&holder.subject) {
        visit.say(Field::Certificate, &holder.subject, SourceKind::WireNetwork, "TLS certificate subject");
    }
    if let Some(ends) = holder.ends {
        visit.say(Field::CertificateEnds, &ends, SourceKind::WireNetwork, "TLS certificate validity");
    }
}

/// Reads a certificate, or as much of it as is there.
pub(crate) fn read(der: &[u8]) -> Option<Holder> {
    let mut parts = Ber::new(der).want(SEQUENCE)?.inside().want(SEQUENCE)?.inside();
    // Version [0] is left out by the first version.
    let mut part = parts.next()?;
    if part.tag == 0xa0 {
        part = parts.next()?;
    }
    // The part at hand is the certificate's number; signature, issuer, validity and subject follow.
    if part.tag != 0x02 {
        return None;
    }
    parts.want(SEQUENCE)?;
    parts.want(SEQUENCE)?;
    let validity = parts.want(SEQUENCE)?;
    let mut holder = Holder { ends: validity.inside().nth(1).and_then(day), ..Holder::default() };
    holder.read_subject(parts.want(SEQUENCE)?);
    Some(holder)
}

impl Holder {
    fn read_subject(&mut self, subject: Element<'_>) {
        let parts = subject.inside().flat_map(Element::inside).take(MOST_PARTS);
        for part in parts.filter(|part| part.tag == SEQUENCE) {
            let mut part = part.inside();
            let (Some(kind), Some(value)) = (part.want(OID), part.next()) else { continue };
            self.person |= PERSONAL.contains(&kind.body);
            let name = match kind.body.strip_prefix(ATTRIBUTE) {
                Some([3]) => "CN",
                Some([5]) => "serialNumber",
                Some([10]) => "O",
                Some([11]) => "OU",
                // Surname and given name.
                Some([4 | 42]) => {
                    self.person = true;
                    continue;
                }
                _ => continue,
            };
            let Some(value) = string(value) else { continue };
            if self.subject.len() + name.len() + value.len() + 3 <= LONGEST {
                let separator = if self.subject.is_empty() { "" } else { ", " };
                self.subject.push_str(&format!("{separator}{name}={value}"));
            }
        }
    }
}

/// The kinds of string in names; the two-byte kind is Unicode.
fn string(value: Element<'_>) -> Option<String> {
    if value.cut {
        return None;
    }
    match value.tag {
        0x1e => wide_text(value.body, u16::from_be_bytes),
        0x0c | 0x12 | 0x13 | 0x14 | 0x16 | 0x1a => text_where(value.body, |letter| !letter.is_control()),
        _ => None,
    }
}

/// UTCTime, whose years from 50 on are of the last century (RFC 5280 section 4.1.2.5.1), or GeneralizedTime.
fn day(time: Element<'_>) -> Option<String> {
    let digits = std::str::from_utf8(time.body).ok()?;
    let (year, rest) = match time.tag {
        0x17 => {
            let (year, rest) = digits.split_at_checked(2)?;
            let year: u16 = year.parse().ok()?;
            (if year >= 50 { 1900 + year } else { 2000 + year }, rest)
        }
        0x18 => {
            let (year, rest) = digits.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let number =
        |part: Option<&str>| part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok();
    let day = tallyward_identity::udi::Day::new(year, number(rest.get(..2))?, number(rest.get(2..4))?)?;
    Some(day.to_string())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn element(tag: u8, body: &[u8]) -> Vec<u8> {
        let mut out = vec![tag, 0x82];
        out.extend((body.len() as u16).to_be_bytes());
        out.extend(body);
        out
    }

    /// A certificate up to the subject, synthetic: kinds of name by their object identifiers.
    pub(crate) fn made(subject: &[(&[u8], u8, &[u8])], ends: (u8, &[u8])) -> Vec<u8> {
        let parts: Vec<u8> = subject
            .iter()
            .flat_map(|(kind, tag, value)| {
                element(0x31, &element(0x30, &[element(6, kind), element(*tag, value)].concat()))
            })
            .collect();
        let validity = element(0x30, &[element(0x17, b"200101000000Z"), element(ends.0, ends.1)].concat());
        let body = [
            element(0xa0, &element(2, &[2])),
            element(2, &[1]),
            element(0x30, &element(6, &[0x2a])),
            element(
                0x30,
                &element(0x31, &element(0x30, &[element(6, &[0x55, 4, 3]), element(12, b"A CA")].concat())),
            ),
            validity,
            element(0x30, &parts),
        ]
        .concat();
        element(0x30, &element(0x30, &body))
    }

    #[test]
    fn a_subject_gives_names_and_number_and_nothing_else() {
        let der = made(
            &[
                (&[0x55, 4, 6], 0x13, b"DE"),
                (&[0x55, 4, 10], 12, "Maß GmbH".as_bytes()),
                (&[0x55, 4, 3], 0x1e, &[0, b'P', 0, b'1']),
                (&[0x55, 4, 5], 0x13, b"SN-77"),
                (&[0x55, 4, 8], 12, b"Somewhere"),
            ],
            (0x17, b"491231235959Z"),
        );
        let holder = read(&der).unwrap();
        assert_eq!(holder.subject, "O=Maß GmbH, CN=P1, serialNumber=SN-77");
        assert_eq!(holder.ends.as_deref(), Some("2049-12-31"));
        assert!(!holder.person);
    }

    #[test]
    fn days_are_read_in_both_forms_and_only_real_ones() {
        let ends = |tag, text| read(&made(&[], (tag, text))).unwrap().ends;
        assert_eq!(ends(0x17, b"991231235959Z").as_deref(), Some("1999-12-31"));
        assert_eq!(ends(0x18, b"20510203000000Z").as_deref(), Some("2051-02-03"));
        assert_eq!(ends(0x17, b"9913"), None);
        assert_eq!(ends(0x17, b"+1-1+1"), None);
        assert_eq!(ends(0x18, "äöü".as_bytes()), None);
    }

    #[test]
    fn a_person_is_known_by_parts_only_persons_have() {
        for kind in [&[0x55, 4, 4][..], &[0x55, 4, 42], PERSONAL[0], PERSONAL[1]] {
            let der = made(&[(&[0x55, 4, 3], 12, b"Jane Doe"), (kind, 12, b"x")], (0x17, b"491231235959Z"));
            assert!(read(&der).unwrap().person, "{kind:?}");
        }
    }
}

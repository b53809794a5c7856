//! Identifiers of devices in HL7 v2: labels, hardware addresses, and a sender's own names.

use tallyward_core::{Field, Key, Mac, SourceKind, Timestamp};
use tallyward_identity::junk::is_junk_serial;
use tallyward_identity::udi;

/// A device as one field names it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub key: Option<Key>,
    pub fields: Vec<(Field, String, &'static str, SourceKind)>,
}

/// A label's UDI. A label whose checks fail still says something, but names nothing.
pub(super) fn device_label(text: &str, basis: &'static str, time: Timestamp) -> Option<Found> {
    let read = udi::parse(text, udi::Today::from_year(year(time)));
    let di = read.di.clone().filter(|_| read.issuer.is_some() && read.valid)?;
    let mut found = Found::default();
    let mut say = |field, value| found.fields.push((field, value, basis, SourceKind::WireDevice));
    say(Field::Udi, text.to_owned());
    say(Field::Di, di.clone());
    if let Some(day) = read.manufactured {
        say(Field::ManufactureDate, day.to_string());
    }
    if let Some(serial) = read.serial.filter(|serial| !is_junk_serial(serial)) {
        say(Field::Serial, serial.clone());
        found.key = Some(Key::DiSerial { di, serial });
    }
    Some(found)
}

fn year(time: Timestamp) -> u16 {
    time.date().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2000)
}

/// An EUI-64 as a key: the card's own address when it is one widened by FFFE (IEEE guidelines for EUI), else the id itself.
pub(super) fn eui64(text: &str) -> Option<Key> {
    let digits: String = text.chars().filter(|letter| !matches!(letter, ':' | '-' | '.')).collect();
    let number = (digits.len() == 16).then(|| u64::from_str_radix(&digits, 16).ok()).flatten()?;
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    let mac = Mac([a, b, c, f, g, h]);
    match (d, e) {
        // What a device sends whose address nobody set: the same from all of them.
        _ if matches!(number, 0 | u64::MAX) => None,
        (0xff, 0xfe) if mac.is_junk() => None,
        (0xff, 0xfe) => Some(Key::Mac(mac)),
        _ => Some(Key::SystemId { system: "EUI-64".to_owned(), id: digits.to_uppercase() }),
    }
}

/// The date of an HL7 time stamp, `YYYYMMDD…`, as ISO.
pub(super) fn iso_date(text: &str) -> Option<String> {
    let digits = text.get(..8).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let day =
        udi::Day::new(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?)?;
    Some(day.to_string())
}

/// Within what an entity identifier (EI) is unique.
#[derive(Debug)]
pub(super) struct Naming<'a> {
    /// The assigning authority's universal id.
    pub namespace: Option<&'a str>,
    /// MSH-3 and MSH-4 of the sender.
    pub application: Option<&'a str>,
    pub facility: Option<&'a str>,
}

impl Naming<'_> {
    /// A key for an entity: within its authority when it names one, whoever passes the message on; else within the sender and its
    /// facility, because the same gateway product counts its beds from one in every house.
    pub(super) fn key(&self, entity: &str) -> Option<Key> {
        let system = match (self.namespace, self.application, self.facility) {
            (Some(authority), ..) => format!("HL7 equipment of {authority}"),
            (None, Some(sender), None) => format!("HL7 equipment of {sender}"),
            (None, Some(sender), Some(facility)) => format!("HL7 equipment of {sender} at {facility}"),
            // Nobody says whose name it is.
            (None, None, _) => return None,
        };
        Some(Key::SystemId { system, id: entity.to_owned() })
    }
}

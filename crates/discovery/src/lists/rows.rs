//! Rows to evidence.

use super::dates::{DateOrder, iso_date};
use super::guess::is_date;
use super::mapping::Mapping;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::net::IpAddr;
use std::str::FromStr;
use tallyward_core::{Episode, Evidence, Field, IngestId, Key, Mac, Source, SourceKind, Timestamp};
use tallyward_identity::aliases::Aliases;
use tallyward_identity::junk::is_junk;
use tallyward_identity::udi;

/// Pairs of names held at once; a list with more is hostile and only slower.
const MAX_NAMES: usize = 50_000;

/// What all rows of one import share.
pub struct Context<'a> {
    /// Id of the file.
    pub ingest: IngestId,
    /// When it is taken in.
    pub recorded_at: Timestamp,
    /// When the list says what it says: its date, else the moment of import.
    pub stated_at: Timestamp,
    /// Maker and model names.
    pub names: &'a Names<'a>,
    /// Column names, for the basis of each statement.
    pub header: &'a [String],
}

/// Canonical names of makers and models, each pair worked out once: a list repeats a few hundred of them.
pub struct Names<'a> {
    aliases: &'a Aliases,
    held: RefCell<FxHashMap<String, (String, String)>>,
}

impl<'a> Names<'a> {
    /// Names by these tables.
    #[must_use]
    pub fn new(aliases: &'a Aliases) -> Self {
        Self { aliases, held: RefCell::default() }
    }

    fn canonical(&self, maker: &str, model: &str) -> (String, String) {
        let said = format!("{maker}\n{model}");
        if let Some(names) = self.held.borrow().get(&said) {
            return names.clone();
        }
        let maker = self.aliases.canonical_maker(maker).name;
        let model = self.aliases.canonical_model(&maker, model).name;
        let mut held = self.held.borrow_mut();
        if held.len() < MAX_NAMES {
            held.insert(said, (maker.clone(), model.clone()));
        }
        (maker, model)
    }
}

/// Why a row is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Column at fault; empty when it is the whole row.
    pub column: String,
    /// What is wrong and what was expected.
    pub why: String,
}

/// What one row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowEvidence {
    /// The key the row is about.
    pub subject: Key,
    /// Its statements, identity statements included.
    pub evidence: Vec<Evidence>,
    /// Cells that were not usable and why; the rest of the row stands.
    pub remarks: Vec<Refusal>,
}

/// The statements of one row.
///
/// The subject is the strongest key the row has: the list's own record id, the asset tag, UDI with serial, maker
/// with model and serial, the MAC address. Every further key becomes an identity statement.
///
/// # Errors
/// When nothing in the row names a device.
pub fn row_evidence(
    cells: &[String],
    line: u64,
    mapping: &Mapping,
    context: &Context<'_>,
) -> Result<RowEvidence, Refusal> {
    let mut remarks = Vec::new();
    let values = usable(cells, mapping, context, &mut remarks);
    let keys = keys_of(cells, mapping, &values, context, &mut remarks);
    let Some((subject, others)) = keys.split_first() else {
        return Err(Refusal {
            column: String::new(),
            why:
                "nothing names a device: expected an asset tag, a serial number with maker and model, a UDI \
                  with serial or a MAC address"
                    .to_owned(),
        });
    };
    let source = Source { kind: SourceKind::List, name: mapping.source.clone() };
    let say = |field: Field, value: String, basis: String| Evidence {
        subject: subject.clone(),
        field,
        value,
        source: source.clone(),
        basis,
        episodes: vec![Episode {
            ingest: context.ingest,
            first: context.stated_at,
            last: context.stated_at,
            count: 1,
            recorded_at: context.recorded_at,
            place: format!("row {line}"),
        }],
    };
    let mut evidence = vec![say(Field::Listed, "yes".to_owned(), "row".to_owned())];
    for other in others {
        evidence.push(say(Field::Key, other.to_string(), "row".to_owned()));
    }
    for (at, field, value) in values {
        let column = context.header.get(at).map_or("", String::as_str);
        evidence.push(say(field, value, format!("column {column}")));
    }
    Ok(RowEvidence { subject: subject.clone(), evidence, remarks })
}

type Values = Vec<(usize, Field, String)>;

/// Cells that state something: mapped, not blank, not junk, in comparable form.
fn usable(cells: &[String], mapping: &Mapping, context: &Context<'_>, remarks: &mut Vec<Refusal>) -> Values {
    let mut values = Vec::new();
    for (at, field) in mapping.columns.iter().enumerate() {
        let (Some(field), Some(cell)) = (*field, cells.get(at)) else { continue };
        match cell_value(field, cell, mapping.day_first) {
            Ok(Some(value)) => values.push((at, field, value)),
            Ok(None) => {}
            Err(why) => {
                remarks.push(Refusal { column: context.header.get(at).cloned().unwrap_or_default(), why });
            }
        }
    }
    values
}

/// What a cell states, in comparable form; none when it is blank or a placeholder.
///
/// # Errors
/// Why it is no value of this field.
pub fn cell_value(field: Field, cell: &str, day_first: bool) -> Result<Option<String>, String> {
    let text = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() || is_junk(&text) {
        return Ok(None);
    }
    comparable(field, &text, day_first).map(Some)
}

fn comparable(field: Field, text: &str, day_first: bool) -> Result<String, String> {
    match field {
        _ if is_date(field) => {
            let order = if day_first { DateOrder::DayFirst } else { DateOrder::MonthFirst };
            iso_date(text, order).ok_or_else(|| format!("{text:?} is no date: expected such as 2026-11-23"))
        }
        Field::MacAddress => match Mac::from_str(text) {
            Ok(mac) if mac.is_junk() => Err(format!("{text:?} is no device's own MAC address")),
            Ok(mac) => Ok(mac.to_string()),
            Err(error) => Err(error.to_string()),
        },
        Field::IpAddress => IpAddr::from_str(text)
            .map(|address| address.to_string())
            .map_err(|_| format!("{text:?} is no IP address: expected such as 10.20.4.17")),
        _ => Ok(text.to_owned()),
    }
}

fn keys_of(
    cells: &[String],
    mapping: &Mapping,
    values: &Values,
    context: &Context<'_>,
    remarks: &mut Vec<Refusal>,
) -> Vec<Key> {
    let value =
        |field: Field| values.iter().find(|(_, of, _)| *of == field).map(|(_, _, text)| text.as_str());
    let mut keys = Vec::new();
    if let Some(id) =
        mapping.record_id.and_then(|at| cells.get(at)).filter(|id| !id.is_empty() && !is_junk(id))
    {
        keys.push(Key::SystemId { system: mapping.source.clone(), id: id.clone() });
    }
    if let Some(tag) = value(Field::AssetTag) {
        keys.push(Key::AssetTag { scope: String::new(), tag: tag.to_owned() });
    }
    keys.extend(udi_key(value(Field::Udi), value(Field::Di), value(Field::Serial), context, remarks));
    if let (Some(maker), Some(model), Some(serial)) =
        (value(Field::Manufacturer), value(Field::Model), value(Field::Serial))
    {
        let (maker, model) = context.names.canonical(maker, model);
        keys.push(Key::MakerModelSerial { maker, model, serial: serial.to_owned() });
    }
    for (_, _, mac) in values.iter().filter(|(_, field, _)| *field == Field::MacAddress) {
        if let Ok(mac) = Mac::from_str(mac) {
            keys.push(Key::Mac(mac));
        }
    }
    keys.dedup();
    keys
}

/// The key of a UDI cell. A bad check digit is said and makes no key.
fn udi_key(
    whole: Option<&str>,
    di: Option<&str>,
    serial: Option<&str>,
    context: &Context<'_>,
    remarks: &mut Vec<Refusal>,
) -> Option<Key> {
    if let Some(text) = whole {
        let parsed = udi::parse(text, udi::Today::from_year(year_of(context.recorded_at)));
        match (parsed.valid, parsed.di, parsed.serial) {
            (true, Some(di), Some(serial)) => return Some(Key::DiSerial { di, serial }),
            (true, Some(di), None) => {
                return serial.map(|serial| Key::DiSerial { di, serial: serial.to_owned() });
            }
            (true, ..) => {}
            (false, ..) => remarks.push(Refusal {
                column: Field::Udi.label().to_owned(),
                why: match parsed.error {
                    Some(error) => format!("{text:?} is kept as said but names no device: {error}"),
                    None => format!("{text:?} is kept as said but names no device"),
                },
            }),
        }
    }
    match (di, serial) {
        (Some(di), Some(serial)) => Some(Key::DiSerial { di: di.to_owned(), serial: serial.to_owned() }),
        _ => None,
    }
}

/// The calendar year, for the century of two-digit years in a UDI.
fn year_of(at: Timestamp) -> u16 {
    at.date().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2026)
}

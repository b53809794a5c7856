//! HL7 v2 over MLLP (HL7 v2.9 chapters 2, 7; MLLP release 2), passively and with loss.
//!
//! Copied: MSH-3 to MSH-6 (sending and receiving application and facility); OBX-18 equipment instance; the kind of a device where
//! OBX-3 names one (`MDC_DEV_…_MDS`); OBX-5 of an OBX whose OBX-3 names one of the attributes in [`ATTRIBUTES`] and whose OBX-4 says
//! that it describes the whole device; PRT-10 participation device, PRT-16 UDI device identifier, PRT-17 date of manufacture, PRT-20
//! serial number. Every other segment, PID and its kin first of all, is passed over to its end, and every other field of the listed
//! ones to the next separator.
//!
//! One message may speak for several devices (IHE PCD TF-2, appendix B.8): the first number of OBX-4 says of which each OBX speaks,
//! and an attribute is given to the one device named under that number. A long session is walked while new devices or senders
//! turn up in it ([`Novelty`]) and rests at the end of a message.

use super::hl7_device::{Found, Naming, device_label, eui64, iso_date};
use super::{Novelty, Probe, Stream, StreamProtocol, Visit, text_where};
use crate::notes::{About, At, DeviceSaid, Seen};
use memchr::{memchr, memchr3};
use tallyward_core::{Field, Key, SourceKind};
use tallyward_identity::junk::is_junk_serial;

const START: u8 = 0x0b;
const END: u8 = 0x1c;
/// Group separator: FNC1 inside a label's data.
const GROUP: char = '\u{1d}';
/// A longer field is no device identifier: the longest UDI a label can carry is shorter.
const LONGEST_FIELD: usize = 512;

/// Attributes of a device by their reference identifier (ISO/IEEE 11073-10101), the field each tells, and its basis. The code before
/// it in OBX-3 is not used: senders disagree about it.
const ATTRIBUTES: &[(&str, Field, &str)] = &[
    ("MDC_ID_MODEL_MANUFACTURER", Field::Manufacturer, "HL7 OBX-3 MDC_ID_MODEL_MANUFACTURER"),
    ("MDC_ID_MODEL_NUMBER", Field::Model, "HL7 OBX-3 MDC_ID_MODEL_NUMBER"),
    ("MDC_ID_PROD_SPEC_SERIAL", Field::Serial, "HL7 OBX-3 MDC_ID_PROD_SPEC_SERIAL"),
    ("MDC_ID_PROD_SPEC_SW", Field::SoftwareVersion, "HL7 OBX-3 MDC_ID_PROD_SPEC_SW"),
    ("MDC_ID_PROD_SPEC_PART", Field::ModelNumber, "HL7 OBX-3 MDC_ID_PROD_SPEC_PART"),
    ("MDC_ID_PROD_SPEC_HW", Field::HardwareVersion, "HL7 OBX-3 MDC_ID_PROD_SPEC_HW"),
];
/// Attributes and devices remembered per message.
const MOST_PER_MESSAGE: usize = 64;
/// Messages in a row without news before a side rests, at least.
const LEAST: u32 = 16;

/// HL7 v2 over MLLP.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "hl7", ports: &[], midstream: true, probe, begin: || Box::<Walker>::default() };

/// Whether a stream begins like HL7 v2, with MLLP framing or in the middle of it.
fn probe(bytes: &[u8]) -> Probe {
    let bytes = bytes.strip_prefix(&[START]).unwrap_or(bytes);
    let want = b"MSH";
    if bytes.len() < 4 {
        return if want.starts_with(bytes) { Probe::More } else { Probe::No };
    }
    if bytes.starts_with(want) && is_separator(bytes[3]) { Probe::Yes } else { Probe::No }
}

fn is_separator(byte: u8) -> bool {
    byte.is_ascii_punctuation()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment {
    Msh,
    Obx,
    Prt,
}

impl Segment {
    /// The fields copied, ascending.
    const fn wanted(self) -> &'static [u16] {
        match self {
            Self::Msh => &[2, 3, 4, 5, 6],
            Self::Obx => &[3, 4, 5, 18],
            Self::Prt => &[10, 16, 17, 20],
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Between messages.
    Outside,
    /// The three letters of a segment and the byte behind them.
    Name,
    Field {
        segment: Segment,
        number: u16,
    },
    /// A field too long to be wanted, or not wanted.
    Pass {
        segment: Segment,
        number: u16,
    },
    /// The rest of a segment.
    Rest,
    /// Bytes were lost: wait for the next segment's or message's beginning.
    Lost,
}

/// Delimiters as MSH-1 and MSH-2 state them.
#[derive(Clone, Copy, Debug)]
struct Delimiters {
    field: u8,
    component: char,
    repetition: char,
    escape: char,
    sub: char,
}

const USUAL: Delimiters = Delimiters { field: b'|', component: '^', repetition: '~', escape: '\\', sub: '&' };

/// Walks the messages of one side.
#[derive(Debug)]
struct Walker {
    state: State,
    delimiters: Delimiters,
    held: Vec<u8>,
    values: Vec<(u16, String, u64)>,
    /// MSH-3 and MSH-4 of the present message.
    application: Option<String>,
    /// A unique id in MSH-3, by which a device may send for itself.
    sending_device: Option<Key>,
    facility: Option<String>,
    /// The attribute that the present OBX tells.
    attribute: Option<(Field, &'static str)>,
    /// The kind of device that the present OBX names.
    kind: Option<String>,
    /// Of which device of the message the last OBX speaks, and whether of the whole device.
    part: Option<(u16, bool)>,
    /// What the present message says of its devices.
    attributes: Vec<Attribute>,
    /// The devices that the present message names.
    named: Vec<Named>,
    novelty: Novelty,
    rests: bool,
}

/// What a message says of one of its devices.
#[derive(Debug)]
struct Attribute {
    device: u16,
    field: Field,
    value: String,
    basis: &'static str,
    packet: u64,
}

/// A device named in a message, and where.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    key: Key,
    part: Option<(u16, bool)>,
}

impl Default for Walker {
    fn default() -> Self {
        Self {
            state: State::Outside,
            delimiters: USUAL,
            held: Vec::new(),
            values: Vec::new(),
            application: None,
            sending_device: None,
            facility: None,
            attribute: None,
            kind: None,
            part: None,
            attributes: Vec::new(),
            named: Vec::new(),
            novelty: Novelty::default(),
            rests: false,
        }
    }
}

impl Stream for Walker {
    /// Forgets the position; what the present segment said so far is dropped, as its fields can no longer be counted.
    fn skip(&mut self, _count: u32) -> bool {
        self.held.clear();
        self.values.clear();
        self.attributes.clear();
        self.named.clear();
        (self.kind, self.part) = (None, None);
        self.state = State::Lost;
        true
    }

    fn is_done(&self) -> bool {
        self.rests
    }

    /// Reads the next bytes of this side.
    fn read(&mut self, mut bytes: &[u8], visit: &mut Visit<'_>) {
        while let Some(&first) = bytes.first() {
            match self.state {
                State::Outside => {
                    // Between messages there is nothing but the carriage return behind the end block.
                    if first == START {
                        self.begin();
                        bytes = &bytes[1..];
                    } else if matches!(first, b'\r' | b'\n') {
                        bytes = &bytes[1..];
                    } else if first == b'M' {
                        self.begin();
                    } else {
                        bytes = self.until_start(bytes);
                    }
                }
                State::Lost => match memchr3(b'\r', START, END, bytes) {
                    Some(at) => {
                        self.state = if bytes[at] == b'\r' { State::Name } else { State::Outside };
                        bytes = &bytes[at + usize::from(bytes[at] != START)..];
                    }
                    None => return,
                },
                State::Name => bytes = self.name(bytes, visit),
                State::Rest => match memchr3(b'\r', END, b'\n', bytes) {
                    Some(at) => bytes = self.end_segment(&bytes[at..], visit),
                    None => return,
                },
                State::Field { segment, number } => bytes = self.field(bytes, segment, number, visit),
                State::Pass { segment, number } => bytes = self.pass(bytes, segment, number, visit),
            }
        }
    }
}

impl Walker {
    fn begin(&mut self) {
        self.state = State::Name;
        self.delimiters = USUAL;
        self.application = None;
        self.facility = None;
        self.sending_device = None;
        self.attributes.clear();
        self.named.clear();
        (self.kind, self.part) = (None, None);
        self.held.clear();
        self.values.clear();
    }

    fn until_start<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        memchr(START, bytes).map_or(&[], |at| &bytes[at..])
    }

    fn name<'a>(&mut self, bytes: &'a [u8], visit: &mut Visit<'_>) -> &'a [u8] {
        let (first, rest) = (bytes[0], &bytes[1..]);
        match first {
            b'\r' | b'\n' if self.held.is_empty() => return rest,
            END => {
                self.held.clear();
                self.end_message(visit);
                return rest;
            }
            START => {
                self.end_message(visit);
                self.begin();
                return rest;
            }
            b'\r' | b'\n' => return self.end_segment(bytes, visit),
            _ => self.held.push(first),
        }
        if self.held.len() < 4 {
            return rest;
        }
        let separator = self.held[3];
        let segment = match &self.held[..3] {
            b"MSH" if is_separator(separator) => {
                self.delimiters = Delimiters { field: separator, ..USUAL };
                Some(Segment::Msh)
            }
            b"OBX" if separator == self.delimiters.field => Some(Segment::Obx),
            b"PRT" if separator == self.delimiters.field => Some(Segment::Prt),
            _ => None,
        };
        self.held.clear();
        self.attribute = None;
        if segment != Some(Segment::Prt) {
            // A participation speaks of the observation it follows.
            self.part = None;
        }
        self.state = match segment {
            // MSH-1 is the separator itself.
            Some(Segment::Msh) => State::Field { segment: Segment::Msh, number: 2 },
            Some(segment) => State::Pass { segment, number: 1 },
            None => State::Rest,
        };
        rest
    }

    /// Where the present field ends: at a separator, the segment's or the message's end.
    fn field_end(&self, bytes: &[u8]) -> Option<usize> {
        let separator = self.delimiters.field;
        bytes.iter().position(|byte| *byte == separator || matches!(*byte, b'\r' | b'\n' | END))
    }

    fn pass<'a>(
        &mut self,
        bytes: &'a [u8],
        segment: Segment,
        number: u16,
        visit: &mut Visit<'_>,
    ) -> &'a [u8] {
        let Some(at) = self.field_end(bytes) else { return &[] };
        if bytes[at] != self.delimiters.field {
            return self.end_segment(&bytes[at..], visit);
        }
        self.next_field(segment, number);
        &bytes[at + 1..]
    }

    fn next_field(&mut self, segment: Segment, number: u16) {
        let number = number.saturating_add(1);
        let wanted = segment.wanted();
        let idle = segment == Segment::Obx && number == 5 && self.attribute.is_none();
        self.state = if wanted.contains(&number) && !idle {
            State::Field { segment, number }
        } else if wanted.last().is_some_and(|last| number < *last) {
            State::Pass { segment, number }
        } else {
            State::Rest
        };
    }

    fn field<'a>(
        &mut self,
        bytes: &'a [u8],
        segment: Segment,
        number: u16,
        visit: &mut Visit<'_>,
    ) -> &'a [u8] {
        let end = self.field_end(bytes);
        let part = &bytes[..end.unwrap_or(bytes.len())];
        if self.held.len() + part.len() > LONGEST_FIELD {
            self.held.clear();
            self.state = State::Pass { segment, number };
            return bytes;
        }
        self.held.extend_from_slice(part);
        let Some(at) = end else { return &[] };
        let value = std::mem::take(&mut self.held);
        if segment == Segment::Msh && number == 2 {
            self.set_delimiters(&value);
        } else if let Some(value) = text_where(&value, |letter| !letter.is_control() || *letter == GROUP) {
            self.values.push((number, value, visit.packet));
        }
        if segment == Segment::Obx {
            self.note_attribute(number);
        }
        let last = segment.wanted().last() == Some(&number);
        if last || bytes[at] != self.delimiters.field {
            self.tell(segment, visit);
        }
        if bytes[at] != self.delimiters.field {
            return self.end_segment(&bytes[at..], visit);
        }
        self.next_field(segment, number);
        &bytes[at + 1..]
    }

    fn set_delimiters(&mut self, value: &[u8]) {
        if let [component, repetition, escape, sub, ..] = *value {
            self.delimiters = Delimiters {
                field: self.delimiters.field,
                component: char::from(component),
                repetition: char::from(repetition),
                escape: char::from(escape),
                sub: char::from(sub),
            };
        }
    }

    /// At a carriage return, line feed or end block.
    fn end_segment<'a>(&mut self, bytes: &'a [u8], visit: &mut Visit<'_>) -> &'a [u8] {
        match self.state {
            State::Field { segment, .. } | State::Pass { segment, .. } => self.tell(segment, visit),
            _ => {}
        }
        self.held.clear();
        self.values.clear();
        self.attribute = None;
        self.kind = None;
        self.state = State::Name;
        if bytes[0] == END {
            self.end_message(visit);
        }
        &bytes[1..]
    }

    /// Follows OBX-3 to OBX-5, whose value was just put with the others: only an attribute of the whole device goes on to OBX-5.
    fn note_attribute(&mut self, number: u16) {
        let Some((_, value, packet)) = self.values.pop_if(|(held, ..)| *held == number && number <= 5) else {
            return;
        };
        match number {
            3 => {
                let name = value.split(self.delimiters.component).nth(1).unwrap_or_default();
                let known = ATTRIBUTES.iter().find(|(known, ..)| name == *known);
                self.attribute = known.map(|(_, field, basis)| (*field, *basis));
                self.kind = Some(name).filter(|name| is_kind_of_device(name)).map(str::to_owned);
            }
            4 => self.contained(&value, packet),
            5 => {
                let value = self.unescape(&value);
                if let Some((field, basis)) = self.attribute.take()
                    && let Some((device, _)) = self.part
                    && !is_junk_serial(&value)
                {
                    self.attribute_of(Attribute { device, field, value, basis, packet });
                }
            }
            _ => {}
        }
    }

    /// Containment "device.subsystem.channel.metric" (IHE PCD TF-2 appendix B.8.4): zeros in the middle mean the device itself.
    fn contained(&mut self, value: &str, packet: u64) {
        let parts: Vec<&str> = value.splitn(5, '.').collect();
        let device = parts[0].parse::<u16>().ok();
        self.part = device.map(|device| (device, matches!(parts[..], [_, "0", "0", _])));
        let (Some((device, true)), kind) = (self.part, self.kind.take()) else {
            self.attribute = None;
            return;
        };
        if let Some(value) = kind {
            let (field, basis) = (Field::AnnouncedService, "HL7 OBX-3");
            self.attribute_of(Attribute { device, field, value, basis, packet });
        }
    }

    fn attribute_of(&mut self, attribute: Attribute) {
        if self.attributes.len() < MOST_PER_MESSAGE {
            self.attributes.push(attribute);
        }
    }

    /// Gives each attribute of a message to the one device that it is about; when the message names none, to the sending device, but as
    /// a guess, for that may be a gateway.
    fn end_message(&mut self, visit: &mut Visit<'_>) {
        self.state = State::Outside;
        self.novelty.message();
        self.novelty.named(&(&self.application, &self.facility));
        self.rests = self.novelty.is_exhausted(LEAST);
        let attributes = std::mem::take(&mut self.attributes);
        let named = std::mem::take(&mut self.named);
        let alone = attributes.iter().all(|said| said.device == attributes[0].device);
        let mut guessed = None;
        for said in attributes {
            let at = At { packet: said.packet, time: visit.time };
            let (key, kind) = match (owner(&named, said.device, alone), &self.sending_device) {
                (Some(key), _) => (key.clone(), SourceKind::WireDevice),
                (None, Some(key)) if named.is_empty() && alone => {
                    guessed = guessed.or(Some(at));
                    (key.clone(), SourceKind::Guess)
                }
                _ => continue,
            };
            visit.notes.state(About::Key(key), said.field, said.value, kind, said.basis, Seen::at(at));
        }
        if let (Some(at), Some(key)) = (guessed, &self.sending_device) {
            let said = DeviceSaid { key: key.clone(), fields: Vec::new(), itself: true, basis: "HL7 MSH-3" };
            visit.notes.device(visit.sender, self.application.as_deref(), &said, at);
        }
    }

    /// A segment's wanted fields have all been seen.
    fn tell(&mut self, segment: Segment, visit: &mut Visit<'_>) {
        let values = std::mem::take(&mut self.values);
        match segment {
            Segment::Msh => self.tell_header(&values, visit),
            Segment::Obx => {
                for (_, value, packet) in &values {
                    for one in value.split(self.delimiters.repetition) {
                        self.tell_equipment(one, "HL7 OBX-18", *packet, visit);
                    }
                }
            }
            Segment::Prt => self.tell_participation(&values, visit),
        }
    }

    fn tell_header(&mut self, values: &[(u16, String, u64)], visit: &mut Visit<'_>) {
        for (number, value, packet) in values {
            let at = At { packet: *packet, time: visit.time };
            let name = self.first_component(value);
            let (field, basis) = match number {
                3 => (Field::Hl7Application, "HL7 MSH-3"),
                4 => (Field::Hl7Facility, "HL7 MSH-4"),
                5 => (Field::Hl7Application, "HL7 MSH-5"),
                _ => (Field::Hl7Facility, "HL7 MSH-6"),
            };
            match number {
                3 => {
                    self.application.clone_from(&name);
                    self.sending_device = self.identifier(value).and_then(|found| found.key);
                }
                4 => self.facility.clone_from(&name),
                _ => {}
            }
            let Some(name) = name else { continue };
            if *number <= 4 {
                visit.notes.say(visit.sender, field, &name, SourceKind::WireNetwork, basis, at);
            } else {
                // The sender's word for whom it addresses.
                visit.notes.say(visit.receiver, field, &name, SourceKind::Guess, basis, at);
            }
        }
    }

    /// HD and EI name themselves in their first component, else in the second or third.
    fn first_component(&self, value: &str) -> Option<String> {
        value.split(self.delimiters.component).map(|part| self.unescape(part)).find(|part| !part.is_empty())
    }

    fn tell_participation(&mut self, values: &[(u16, String, u64)], visit: &mut Visit<'_>) {
        let field = |wanted: u16| values.iter().find(|(number, ..)| *number == wanted);
        let serial = field(20).map(|(_, value, _)| self.unescape(value));
        let made = field(17).and_then(|(_, value, packet)| Some((iso_date(value)?, *packet)));
        let di = field(16).and_then(|(_, value, packet)| Some((self.first_component(value)?, *packet)));
        if let (Some((di, packet)), Some(serial)) = (&di, &serial)
            && !is_junk_serial(serial)
        {
            let key = Key::DiSerial { di: di.clone(), serial: serial.clone() };
            let mut fields = vec![
                (Field::Di, di.clone(), "HL7 PRT-16", SourceKind::WireDevice),
                (Field::Serial, serial.clone(), "HL7 PRT-20", SourceKind::WireDevice),
            ];
            if let Some((day, _)) = &made {
                fields.push((Field::ManufactureDate, day.clone(), "HL7 PRT-17", SourceKind::WireDevice));
            }
            self.tell_device(Found { key: Some(key), fields }, "", *packet, visit);
        }
        if let Some((_, value, packet)) = field(10) {
            for one in value.split(self.delimiters.repetition) {
                self.tell_equipment(one, "HL7 PRT-10", *packet, visit);
            }
        }
    }

    fn tell_equipment(&mut self, value: &str, basis: &'static str, packet: u64, visit: &mut Visit<'_>) {
        if let Some(found) = self.equipment(value, basis, visit) {
            self.tell_device(found, basis, packet, visit);
        }
    }

    fn tell_device(&mut self, found: Found, basis: &'static str, packet: u64, visit: &mut Visit<'_>) {
        let Some(key) = found.key else { return };
        self.novelty.named(&key);
        let named = Named { key: key.clone(), part: self.part };
        if !self.named.contains(&named) && self.named.len() < MOST_PER_MESSAGE {
            self.named.push(named);
        }
        let at = At { packet, time: visit.time };
        let itself = self.sending_device.as_ref() == Some(&key);
        let said = DeviceSaid {
            key,
            fields: found.fields,
            itself,
            basis: if basis.is_empty() { "HL7 PRT-16" } else { basis },
        };
        visit.notes.device(visit.sender, self.application.as_deref(), &said, at);
    }

    /// What an EI (entity, namespace, universal id, its type) says about the device it names: a UDI in either id, a hardware
    /// address, or else the sender's own name for one piece of equipment.
    fn equipment(&self, value: &str, basis: &'static str, visit: &Visit<'_>) -> Option<Found> {
        let parts: Vec<String> =
            value.split(self.delimiters.component).map(|part| self.unescape(part)).collect();
        let part = |at: usize| parts.get(at).map(String::as_str).filter(|part| !part.is_empty());
        for text in [part(0), part(2)].into_iter().flatten() {
            if let Some(found) = device_label(text, basis, visit.time) {
                return Some(found);
            }
        }
        let mut found = self.identifier(value).unwrap_or_default();
        let Some(entity) = part(0) else { return Some(found) };
        if eui64(entity).is_none() {
            found.fields.push((Field::Description, entity.to_owned(), basis, SourceKind::WireDevice));
        }
        let naming = Naming {
            namespace: part(2).filter(|_| part(3).is_some()),
            application: self.application.as_deref(),
            facility: self.facility.as_deref(),
        };
        found.key = found.key.or_else(|| naming.key(entity));
        Some(found)
    }

    /// The universal identifier of an HD or EI when it is an EUI-64.
    fn identifier(&self, value: &str) -> Option<Found> {
        let mut parts = value.split(self.delimiters.component).collect::<Vec<_>>();
        if !parts.pop()?.eq_ignore_ascii_case("EUI-64") {
            return None;
        }
        Some(Found { key: Some(eui64(parts.pop()?)?), fields: Vec::new() })
    }

    /// HL7 v2 section 2.7.1: the delimiters' escape sequences and a label's group separator; others are left as they are.
    fn unescape(&self, value: &str) -> String {
        let set = &self.delimiters;
        let mut out = value.to_owned();
        if out.contains(set.escape) {
            let group: String = [set.escape, 'X', '1', 'D', set.escape].iter().collect();
            out = out.replace(&group, &GROUP.to_string());
            for (letter, stands_for) in [
                ('F', char::from(set.field)),
                ('S', set.component),
                ('T', set.sub),
                ('R', set.repetition),
                ('E', set.escape),
            ] {
                let sequence: String = [set.escape, letter, set.escape].iter().collect();
                out = out.replace(&sequence, &stands_for.to_string());
            }
        }
        out.trim_matches(' ').to_owned()
    }
}

/// The device that a message's attribute is about: the one named for the whole device under that number; else the only one named under
/// it; else, when the message speaks of one device and names one without saying where, that one.
fn owner(named: &[Named], device: u16, alone: bool) -> Option<&Key> {
    fn only<'a>(mut keys: impl Iterator<Item = &'a Key>) -> Result<Option<&'a Key>, ()> {
        let first = keys.next();
        if keys.all(|key| Some(key) == first) { Ok(first) } else { Err(()) }
    }
    let under = |whole: Option<bool>| {
        only(named.iter().filter_map(move |named| {
            let (number, is_whole) = named.part?;
            (number == device && whole.is_none_or(|whole| whole == is_whole)).then_some(&named.key)
        }))
    };
    match under(Some(true)) {
        Ok(Some(key)) => Some(key),
        Err(()) => None,
        Ok(None) => match under(None) {
            Ok(Some(key)) => Some(key),
            Ok(None) if alone && named.iter().all(|named| named.part.is_none()) => {
                only(named.iter().map(|named| &named.key)).ok().flatten()
            }
            _ => None,
        },
    }
}

/// A reference identifier of ISO/IEEE 11073-10101 for a whole device, such as `MDC_DEV_PUMP_INFUS_MDS`.
fn is_kind_of_device(name: &str) -> bool {
    name.starts_with("MDC_DEV_")
        && name.ends_with("_MDS")
        && name.len() <= 80
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

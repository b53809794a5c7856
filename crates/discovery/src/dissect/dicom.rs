//! DICOM upper layer and C-STORE, passively (PS3.8 section 9.3, PS3.7 section 9.1.1).
//!
//! Copied: calling and called AE title; implementation class UID (item 52H) and version name (55H); the kind of each proposed and
//! accepted SOP class. Of a command: command field and SOP class. Of a C-STORE data set: (0008,0070) manufacturer, (0008,1010)
//! station name, (0008,1090) model, (0018,1000) serial number, (0018,1002) device UID, (0018,1009) unique device identifier in
//! (0018,100A), (0018,1016), (0018,1018) and (0018,1019) maker, model and software of a secondary capture device, (0018,1020) software
//! versions. Of an N-CREATE of a performed procedure step: (0040,0241) AE title and (0040,0242) name of the performing station.
//! All else is passed over by offset, so a study of gigabytes costs only its headers and patient data is never copied. Worklist
//! queries, their answers and storage commitment hold patients and references, nothing of a device: they tell the role and no more.
//!
//! A long association is sampled. After eight data sets in a row that say what was known, one in eight is read; where the kind of
//! object changes, the next is read; after [`LEAST`] of those without news the side rests. So an archive that sends a thousand images of
//! one scanner and then one of another is still heard.

use super::data_set::{Elements, UDI, UDI_SEQUENCE};
use super::sop::{self, Class};
use super::{Novelty, Probe, Stream, StreamProtocol, Visit, text};
use crate::notes::{At, Equipment, Part, RoleNote, Said};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};
use tallyward_core::{Field, SourceKind};

const SOP_CLASS: u32 = 0x0000_0002;
const COMMAND: u32 = 0x0000_0100;
const COMMAND_WANTED: &[u32] = &[SOP_CLASS, COMMAND];
const DATA_WANTED: &[u32] = &[
    0x0008_0070,
    0x0008_1010,
    0x0008_1090,
    0x0018_1000,
    0x0018_1002,
    UDI_SEQUENCE,
    0x0018_1016,
    0x0018_1018,
    0x0018_1019,
    0x0018_1020,
];
const STEP_TITLE: u32 = 0x0040_0241;
const STEP_STATION: u32 = 0x0040_0242;
const STEP_WANTED: &[u32] = &[STEP_TITLE, STEP_STATION];
const C_STORE_RQ: u16 = 0x0001;
const N_CREATE_RQ: u16 = 0x0140;

/// Data sets read in a row without news before only one in [`ONE_IN`] is read, and before the side rests.
const FEW: u32 = 8;
const ONE_IN: u32 = 8;
const LEAST: u32 = 64;
/// Commands without a data set of worth in a row before the side rests.
const MOST_COMMANDS: u32 = 4096;

/// The longest association PDU believed; 128 contexts with many transfer syntaxes stay well below.
const LONGEST_ASSOCIATION: u32 = 1 << 20;
/// The longest item copied: a UID has 64 characters, a version name 16.
const LONGEST_ITEM: usize = 64;
const CONTEXTS: usize = 128;

/// DICOM upper layer.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "dicom", ports: &[], midstream: true, probe, begin: || Box::<Walker>::default() };

/// Whether a stream begins like a DICOM PDU.
fn probe(bytes: &[u8]) -> Probe {
    let (Some(kind), second) = (bytes.first(), bytes.get(1)) else { return Probe::More };
    if !matches!(kind, 1 | 2 | 4) || second.is_some_and(|byte| *byte != 0) {
        return Probe::No;
    }
    let Some(head) = bytes.first_chunk::<12>() else { return Probe::More };
    let length = u32::from_be_bytes([head[2], head[3], head[4], head[5]]);
    let fits = if *kind == 4 {
        let value = u32::from_be_bytes([head[6], head[7], head[8], head[9]]);
        length >= 6 && value >= 2 && value <= length - 4 && head[10] & 1 == 1 && head[11] <= 3
    } else {
        // Protocol version 1 (a bit field), two reserved bytes, and an AE title that begins printably.
        let version = u16::from_be_bytes([head[6], head[7]]);
        (68..=LONGEST_ASSOCIATION).contains(&length)
            && version & 1 == 1
            && head[8..10] == [0, 0]
            && head[10..12].iter().all(|byte| (0x20..0x7f).contains(byte))
    };
    if fits { Probe::Yes } else { Probe::No }
}

#[derive(Clone, Copy, Debug)]
enum State {
    PduHead,
    /// Version and AE titles of an association PDU.
    Titles {
        accept: bool,
    },
    ItemHead {
        accept: bool,
    },
    Context {
        accept: bool,
    },
    Item {
        accept: bool,
        kind: u8,
        length: u16,
    },
    ValueHead,
    Value {
        left: u32,
    },
    Skip {
        left: u64,
        then: Then,
    },
    /// Position lost: wait for a segment that begins like a PDU.
    Lost,
}

#[derive(Clone, Copy, Debug)]
enum Then {
    Pdu,
    Item { accept: bool },
}

/// The message whose fragments are passing.
#[derive(Debug, Default)]
enum Message {
    #[default]
    None,
    Command {
        walk: Elements,
        kind: u16,
        sop_class: Option<Class>,
        /// A stand-in for the SOP class by which a change of it is told.
        mark: u64,
    },
    /// A command has passed whose data set comes next.
    Expected(Content),
    Data {
        walk: Elements,
        found: Box<Equipment>,
    },
    Step {
        walk: Elements,
        title: Option<String>,
        station: Option<String>,
    },
    /// A data set of no interest, or one already read.
    Ignored,
}

/// What a data set to come holds.
#[derive(Clone, Copy, Debug)]
enum Content {
    Image,
    Step,
}

/// Walks the PDUs of one side.
#[derive(Debug)]
struct Walker {
    state: State,
    held: Vec<u8>,
    /// Bytes left of the present PDU behind what `state` is reading.
    pdu_left: u32,
    context: u8,
    last_fragment: bool,
    message: Message,
    /// The AE title this side goes by.
    title: Option<String>,
    /// Whether this side accepted the association rather than asking for it.
    acceptor: bool,
    implementation: (Option<String>, Option<String>),
    novelty: Novelty,
    /// Data sets passed over since the last one read, and the kind of object they hold.
    passed: u32,
    mark: u64,
    /// Commands since the last data set read.
    commands: u32,
}

impl Default for Walker {
    fn default() -> Self {
        Self {
            state: State::PduHead,
            held: Vec::new(),
            pdu_left: 0,
            context: 0,
            last_fragment: false,
            message: Message::None,
            title: None,
            acceptor: false,
            implementation: (None, None),
            novelty: Novelty::default(),
            passed: 0,
            mark: 0,
            commands: 0,
        }
    }
}

impl Stream for Walker {
    /// How many of the next bytes need not be seen.
    fn indifferent_to(&self) -> u64 {
        match self.state {
            State::Skip { left, .. } => left,
            // The last byte of a data set is wanted even when its value is not: it ends the set.
            State::Value { left } => match self.message {
                Message::Ignored => u64::from(left),
                _ => self.message.indifferent_to().min(u64::from(left - 1)),
            },
            _ => 0,
        }
    }

    fn skip(&mut self, count: u32) -> bool {
        let count = u64::from(count);
        if count > self.indifferent_to() {
            self.held.clear();
            self.message = Message::None;
            self.state = State::Lost;
            return true;
        }
        match self.state {
            State::Skip { left, then } => self.pass(left - count, then),
            State::Value { left } => {
                self.message.skip(count);
                self.state = State::Value { left: left - count as u32 };
                if u64::from(left) == count {
                    self.state = State::ValueHead;
                    self.after_pdu_part();
                }
            }
            _ => {}
        }
        false
    }

    fn is_done(&self) -> bool {
        self.novelty.is_exhausted(LEAST) || self.commands > MOST_COMMANDS
    }

    /// Reads the next bytes of this side.
    fn read(&mut self, mut bytes: &[u8], visit: &mut Visit<'_>) {
        let segment = bytes.len();
        while !bytes.is_empty() {
            match self.state {
                State::Lost => {
                    if bytes.len() < segment || probe(bytes) != Probe::Yes {
                        return;
                    }
                    self.state = State::PduHead;
                }
                State::PduHead => {
                    let Some(head) = self.gather(&mut bytes, 6) else { return };
                    self.pdu(&head);
                }
                State::Titles { accept } => {
                    let Some(head) = self.gather(&mut bytes, 68) else { return };
                    self.titles(&head, accept, visit);
                    self.items(accept, visit);
                }
                State::ItemHead { accept } => {
                    let Some(head) = self.gather(&mut bytes, 4) else { return };
                    self.item_head(&head, accept, visit);
                }
                State::Context { accept } => {
                    let Some(head) = self.gather(&mut bytes, 4) else { return };
                    self.context = head[0];
                    if accept && head[2] == 0 {
                        let id = head[0];
                        if let Some((_, class)) = visit.shared.contexts.iter().find(|(known, _)| *known == id)
                        {
                            let class = *class;
                            visit.notes.role(visit.sender, RoleNote::Accepts(class), At::of(visit));
                        }
                    }
                    self.items(accept, visit);
                }
                State::Item { accept, kind, length } => {
                    let Some(value) = self.gather(&mut bytes, usize::from(length)) else { return };
                    self.item(kind, &value, accept, visit);
                    self.items(accept, visit);
                }
                State::ValueHead => {
                    let Some(head) = self.gather(&mut bytes, 6) else { return };
                    self.value_head(&head);
                }
                State::Value { left } => {
                    let count = bytes.len().min(left as usize);
                    self.value(&bytes[..count], left, visit);
                    bytes = &bytes[count..];
                }
                State::Skip { left, then } => {
                    let count = left.min(bytes.len() as u64);
                    self.pass(left - count, then);
                    bytes = &bytes[count as usize..];
                }
            }
        }
    }
}

impl Walker {
    fn pass(&mut self, left: u64, then: Then) {
        self.state = match (left, then) {
            (0, Then::Pdu) => State::PduHead,
            (0, Then::Item { accept }) => State::ItemHead { accept },
            _ => State::Skip { left, then },
        };
    }

    fn gather(&mut self, bytes: &mut &[u8], count: usize) -> Option<Vec<u8>> {
        let taken = (count - self.held.len()).min(bytes.len());
        self.held.extend_from_slice(&bytes[..taken]);
        *bytes = &bytes[taken..];
        (self.held.len() == count).then(|| std::mem::take(&mut self.held))
    }

    fn pdu(&mut self, head: &[u8]) {
        let length = u32::from_be_bytes([head[2], head[3], head[4], head[5]]);
        let kind = head[0];
        if head[1] != 0 || !(1..=7).contains(&kind) {
            self.state = State::Lost;
            return;
        }
        self.pdu_left = length;
        self.state = match kind {
            1 | 2 if (68..=LONGEST_ASSOCIATION).contains(&length) => {
                self.pdu_left -= 68;
                self.message = Message::None;
                State::Titles { accept: kind == 2 }
            }
            4 if length >= 6 => State::ValueHead,
            _ if length == 0 => State::PduHead,
            _ => State::Skip { left: u64::from(length), then: Then::Pdu },
        };
    }

    fn titles(&mut self, head: &[u8], accept: bool, visit: &mut Visit<'_>) {
        let at = At::of(visit);
        let (called, calling) = (text(&head[4..20]), text(&head[20..36]));
        self.acceptor = accept;
        self.implementation = (None, None);
        if !accept {
            visit.shared.contexts.clear();
            visit.shared.association = Some((visit.sender, calling.clone(), called.clone()));
        }
        // The titles in an acceptance are not to be tested (PS3.8 section 9.3.3) and some swap them: what was called counts.
        let asked = visit.shared.association.as_ref().and_then(|(_, _, called)| called.clone());
        self.title = if accept { asked.or(called.clone()) } else { calling };
        visit.shared.opener = Some(if accept { visit.receiver } else { visit.sender });
        let basis = if accept { "DICOM A-ASSOCIATE-AC" } else { "DICOM A-ASSOCIATE-RQ" };
        if let Some(own) = &self.title {
            visit.notes.say(visit.sender, Field::AeTitle, own, SourceKind::WireNetwork, basis, at);
        }
        // The caller's word for whom it calls: weaker, because nobody need be there by that name.
        if let Some(called) = called.filter(|_| !accept) {
            visit.notes.say(visit.receiver, Field::AeTitle, &called, SourceKind::Guess, basis, at);
        }
    }

    /// After an item: the next one, or the end of the association PDU.
    fn items(&mut self, accept: bool, visit: &mut Visit<'_>) {
        if self.pdu_left >= 4 {
            self.state = State::ItemHead { accept };
        } else {
            self.association_ends(accept, visit);
            self.pass(u64::from(self.pdu_left), Then::Pdu);
        }
    }

    fn item_head(&mut self, head: &[u8], accept: bool, visit: &mut Visit<'_>) {
        let (kind, length) = (head[0], u16::from_be_bytes([head[2], head[3]]));
        self.pdu_left -= 4;
        match kind {
            // Presentation contexts and user information are walked as if their sub-items lay in one row.
            0x20 | 0x21 if self.pdu_left >= 4 && length >= 4 => {
                self.pdu_left -= 4;
                self.state = State::Context { accept };
            }
            0x50 => self.items(accept, visit),
            _ => {
                let length = u32::from(length).min(self.pdu_left);
                self.pdu_left -= length;
                let wanted = matches!(kind, 0x52 | 0x55) || kind == 0x30 && !accept;
                if wanted && length > 0 && length as usize <= LONGEST_ITEM {
                    self.state = State::Item { accept, kind, length: length as u16 };
                } else if length > 0 {
                    self.state = State::Skip { left: u64::from(length), then: Then::Item { accept } };
                } else {
                    self.items(accept, visit);
                }
                if self.pdu_left < 4 && matches!(self.state, State::Skip { .. }) {
                    // The last item is passed over: nothing more can come.
                    self.association_ends(accept, visit);
                    self.state = State::Skip { left: u64::from(length + self.pdu_left), then: Then::Pdu };
                }
            }
        }
    }

    fn item(&mut self, kind: u8, value: &[u8], accept: bool, visit: &mut Visit<'_>) {
        let Some(value) = text(value) else { return };
        match kind {
            0x52 => self.implementation.0 = Some(value),
            0x55 => self.implementation.1 = Some(value),
            _ => {
                let class = sop::class(&value);
                if !accept && visit.shared.contexts.len() < CONTEXTS {
                    visit.shared.contexts.push((self.context, class));
                }
                visit.notes.role(visit.sender, RoleNote::Proposes(class, &value), At::of(visit));
            }
        }
    }

    fn association_ends(&mut self, accept: bool, visit: &mut Visit<'_>) {
        let at = At::of(visit);
        let basis = if accept { "DICOM A-ASSOCIATE-AC" } else { "DICOM A-ASSOCIATE-RQ" };
        let (uid, version) = std::mem::take(&mut self.implementation);
        let Some(uid) = uid else { return };
        let whole = version.map_or_else(|| uid.clone(), |version| format!("{uid} {version}"));
        let who = visit.sender;
        visit.notes.say(who, Field::DicomImplementation, &whole, SourceKind::WireNetwork, basis, at);
        if let Some(known) = sop::implementation(&uid) {
            let field = if known.toolkit { Field::DicomToolkit } else { Field::Manufacturer };
            let basis = "DICOM implementation class UID";
            visit.notes.say(who, field, known.name, SourceKind::Guess, basis, at);
        }
    }

    fn value_head(&mut self, head: &[u8]) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let (id, control) = (head[4], head[5]);
        if length < 2 || length > self.pdu_left - 4 || control > 3 {
            self.state = State::Lost;
            self.message = Message::None;
            return;
        }
        self.pdu_left -= 4 + length;
        let command = control & 1 == 1;
        if command {
            if !matches!(self.message, Message::Command { .. }) || id != self.context {
                let walk = Elements::command(COMMAND_WANTED);
                self.message = Message::Command { walk, kind: 0, sop_class: None, mark: 0 };
            }
        } else {
            self.message = match std::mem::take(&mut self.message) {
                _ if id != self.context => Message::Ignored,
                Message::Expected(Content::Image) => {
                    Message::Data { walk: Elements::data(DATA_WANTED), found: Box::default() }
                }
                Message::Expected(Content::Step) => {
                    Message::Step { walk: Elements::data(STEP_WANTED), title: None, station: None }
                }
                begun @ (Message::Data { .. } | Message::Step { .. }) => begun,
                _ => Message::Ignored,
            };
        }
        self.context = id;
        self.last_fragment = control & 2 != 0;
        self.state = if length > 2 { State::Value { left: length - 2 } } else { State::ValueHead };
        if length == 2 {
            self.after_pdu_part();
        }
    }

    fn value(&mut self, bytes: &[u8], left: u32, visit: &mut Visit<'_>) {
        let packet = visit.packet;
        let ended = bytes.len() == left as usize;
        match &mut self.message {
            Message::Command { walk, kind, sop_class, mark } => {
                walk.read(bytes, &mut |tag, value| match (tag, value) {
                    (SOP_CLASS, value) => {
                        *sop_class = text(value).map(|uid| sop::class(&uid));
                        *mark = mark_of(value);
                    }
                    (_, [low, high]) => *kind = u16::from_le_bytes([*low, *high]),
                    _ => {}
                });
                if ended && self.last_fragment {
                    let (kind, class, mark) = (*kind, *sop_class, *mark);
                    self.message = self.after_command(kind, class, mark, visit);
                }
            }
            Message::Data { walk, found } => {
                walk.read(bytes, &mut |tag, value| take_in(found, tag, value, packet));
                if walk.is_done() || ended && self.last_fragment {
                    let found = std::mem::take(&mut **found);
                    self.message = Message::Ignored;
                    self.novelty.message();
                    self.novelty.named(&found.values());
                    let (title, acceptor) = self.speaker(visit);
                    visit.notes.equipment(visit.sender, title.as_deref(), acceptor, found, At::of(visit));
                }
            }
            Message::Step { walk, title, station } => {
                walk.read(bytes, &mut |tag, value| match tag {
                    STEP_TITLE => *title = text(value),
                    _ => *station = text(value),
                });
                if walk.is_done() || ended && self.last_fragment {
                    let (title, station) = (title.take(), station.take());
                    self.message = Message::Ignored;
                    self.tell_step(title, station, visit);
                }
            }
            Message::None | Message::Expected(_) | Message::Ignored => {}
        }
        self.state = State::Value { left: left - bytes.len() as u32 };
        if ended {
            self.state = State::ValueHead;
            self.after_pdu_part();
        }
    }

    /// What to expect behind a command.
    fn after_command(
        &mut self,
        kind: u16,
        class: Option<Class>,
        mark: u64,
        visit: &mut Visit<'_>,
    ) -> Message {
        self.commands += 1;
        match kind {
            C_STORE_RQ => {
                if let Some(class) = class {
                    visit.notes.role(visit.sender, RoleNote::Sends(class), At::of(visit));
                }
                let alike = self.novelty.quiet() >= FEW && mark == self.mark;
                self.passed += 1;
                if alike && self.passed < ONE_IN {
                    return Message::Ignored;
                }
                (self.passed, self.mark, self.commands) = (0, mark, 0);
                Message::Expected(Content::Image)
            }
            N_CREATE_RQ if class == Some(Class::PerformedStep) => Message::Expected(Content::Step),
            _ => Message::Ignored,
        }
    }

    /// The title this side goes by and whether it accepted the association; of a side picked up again, what the association said.
    fn speaker(&self, visit: &Visit<'_>) -> (Option<String>, bool) {
        match (&self.title, &visit.shared.association) {
            (None, Some((caller, calling, called))) => {
                let acceptor = visit.sender != *caller;
                (if acceptor { called.clone() } else { calling.clone() }, acceptor)
            }
            (title, _) => (title.clone(), self.acceptor),
        }
    }

    /// Who performed a step: the sender only when it goes by that title, else somebody it speaks for, of whom nothing else is known.
    fn tell_step(&self, title: Option<String>, station: Option<String>, visit: &mut Visit<'_>) {
        let own = title.is_some() && title == self.speaker(visit).0;
        if let Some(station) = station.filter(|station| own && is_name(station)) {
            visit.say(Field::HostName, &station, SourceKind::WireNetwork, "DICOM N-CREATE (0040,0242)");
        }
    }

    /// After a presentation data value: another one in the same PDU, or the next PDU.
    fn after_pdu_part(&mut self) {
        if self.pdu_left < 6 {
            self.pass(u64::from(self.pdu_left), Then::Pdu);
        }
    }
}

impl Message {
    fn indifferent_to(&self) -> u64 {
        match self {
            Self::Ignored => u64::MAX,
            Self::Data { walk, .. } | Self::Step { walk, .. } => walk.indifferent_to(),
            _ => 0,
        }
    }

    fn skip(&mut self, count: u64) {
        if let Self::Data { walk, .. } | Self::Step { walk, .. } = self {
            walk.skip(count);
        }
    }
}

/// Whether a station name may be a name: many are left at a phrase such as "Not connected".
pub(crate) fn is_name(value: &str) -> bool {
    value.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
}

/// A number that stands for an SOP class.
fn mark_of(uid: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    uid.hash(&mut hasher);
    hasher.finish()
}

/// Takes a wanted element of a data set.
fn take_in(found: &mut Equipment, tag: u32, value: &[u8], packet: u64) {
    let part = match tag {
        0x0008_0070 => Part::Manufacturer,
        0x0008_1010 => Part::Station,
        0x0008_1090 => Part::Model,
        0x0018_1000 => Part::Serial,
        0x0018_1002 => Part::DeviceUid,
        UDI => Part::Udi,
        0x0018_1016 => Part::CapturerMaker,
        0x0018_1018 => Part::CapturerModel,
        0x0018_1019 => Part::CapturerSoftware,
        _ => Part::Software,
    };
    let said = text(value).map(|value| Said { value, packet });
    // Equipment with several identifiers, one a part: none of them names the whole.
    let said = if part == Part::Udi && found.get(part).is_some() {
        Some(Said { value: String::new(), packet })
    } else {
        said
    };
    found.put(part, said);
}

//! DICOM data elements walked by offset (PS3.5 section 7), in whatever pieces they come.
//!
//! Only values asked for by tag at the top level are copied, and of those at most [`LONGEST`] bytes; of sequences only the one with
//! unique device identifiers is looked into, for nothing but these. Everything else, patient data first of all, is passed over by its
//! length.

/// A longer value of an asked-for tag is passed over too: the value representation LO holds 64 characters.
const LONGEST: u32 = 256;
/// The longest sequence with unique device identifiers believed.
const LONGEST_SEQUENCE: u32 = 2048;
/// Sequence of unique device identifiers of the whole equipment (PS3.3 section C.7.5.1), the one sequence that is ever looked into.
pub(crate) const UDI_SEQUENCE: u32 = 0x0018_100a;
/// Unique device identifier, given for an asked-for [`UDI_SEQUENCE`].
pub(crate) const UDI: u32 = 0x0018_1009;
/// Elements looked at per data set; equipment comes within the first few hundred.
const MOST_ELEMENTS: u32 = 20_000;
/// Sequences within sequences.
const DEEPEST: usize = 16;
const UNDEFINED: u32 = u32::MAX;

/// How elements are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Syntax {
    explicit: bool,
    big: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Waiting for the first element, which tells the encoding.
    Start,
    /// The first 8 bytes of an element.
    Head,
    /// The long form's 4 further bytes.
    LongHead,
    /// A wanted value.
    Value {
        tag: u32,
        length: u32,
    },
    /// Bytes nobody wants.
    Skip(u64),
    Done,
}

/// Walks one command set or data set.
#[derive(Debug)]
pub(crate) struct Elements {
    wanted: &'static [u32],
    state: State,
    syntax: Syntax,
    held: Vec<u8>,
    /// Encodings of the sequences of undefined length we are inside of.
    outer: Vec<Syntax>,
    elements: u32,
    /// Whether we are inside the sequence of unique device identifiers.
    in_udi: bool,
}

impl Elements {
    /// A command set: always implicit VR little endian (PS3.7 section 6.3.1).
    pub(crate) fn command(wanted: &'static [u32]) -> Self {
        Self { state: State::Head, ..Self::data(wanted) }
    }

    /// A data set in any uncompressed encoding. `wanted` is ascending; after its last tag the walk is done.
    pub(crate) fn data(wanted: &'static [u32]) -> Self {
        Self {
            wanted,
            state: State::Start,
            syntax: Syntax { explicit: false, big: false },
            held: Vec::new(),
            outer: Vec::new(),
            elements: 0,
            in_udi: false,
        }
    }

    /// Whether nothing more is wanted.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// How many of the next bytes need not be seen.
    pub(crate) fn indifferent_to(&self) -> u64 {
        match self.state {
            State::Skip(left) => left,
            State::Done => u64::MAX,
            _ => 0,
        }
    }

    /// Passes over bytes without seeing them; at most [`Self::indifferent_to`].
    pub(crate) fn skip(&mut self, count: u64) {
        if let State::Skip(left) = self.state {
            self.state = if count >= left { State::Head } else { State::Skip(left - count) };
        }
    }

    /// Reads the next bytes; `found` gets each wanted tag with its value.
    pub(crate) fn read(&mut self, mut bytes: &[u8], found: &mut dyn FnMut(u32, &[u8])) {
        while !bytes.is_empty() {
            match self.state {
                State::Done => return,
                State::Skip(left) => {
                    let count = left.min(bytes.len() as u64);
                    self.skip(count);
                    bytes = &bytes[count as usize..];
                }
                State::Start | State::Head => {
                    let Some(head) = self.gather(&mut bytes, 8) else { return };
                    self.head(&head, found);
                }
                State::LongHead => {
                    let Some(head) = self.gather(&mut bytes, 12) else { return };
                    let length = self.u32(&head, 8);
                    self.element(self.tag(&head), &head[4..6], length, found);
                }
                State::Value { tag, length } => {
                    let Some(value) = self.gather(&mut bytes, length as usize) else { return };
                    if tag == UDI_SEQUENCE {
                        self.inside().read(&value, found);
                    } else {
                        found(tag, &value);
                    }
                    self.next(tag);
                }
            }
        }
    }

    /// A walk of the items of a sequence of unique device identifiers whose length is known.
    fn inside(&self) -> Self {
        let (outer, syntax) = (vec![self.syntax], self.syntax);
        Self { state: State::Head, syntax, outer, in_udi: true, ..Self::data(self.wanted) }
    }

    /// Exactly `count` bytes, once they have come.
    fn gather(&mut self, bytes: &mut &[u8], count: usize) -> Option<Vec<u8>> {
        let taken = (count - self.held.len()).min(bytes.len());
        self.held.extend_from_slice(&bytes[..taken]);
        *bytes = &bytes[taken..];
        (self.held.len() == count).then(|| std::mem::take(&mut self.held))
    }

    fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        let word = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        if self.syntax.big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
    }

    fn u16(&self, bytes: &[u8], at: usize) -> u16 {
        let word = [bytes[at], bytes[at + 1]];
        if self.syntax.big { u16::from_be_bytes(word) } else { u16::from_le_bytes(word) }
    }

    fn tag(&self, head: &[u8]) -> u32 {
        u32::from(self.u16(head, 0)) << 16 | u32::from(self.u16(head, 2))
    }

    fn head(&mut self, head: &[u8], found: &mut dyn FnMut(u32, &[u8])) {
        if matches!(self.state, State::Start) {
            // The negotiated transfer syntax may not have been captured, so the bytes decide: a composite object
            // begins in group 0008, and an explicit element has two capital letters behind its tag.
            let Some(syntax) = guess(head) else {
                self.state = State::Done;
                return;
            };
            self.syntax = syntax;
        }
        self.elements += 1;
        let tag = self.tag(head);
        let group = tag >> 16;
        if self.elements > MOST_ELEMENTS || self.outer.is_empty() && group != 0xfffe && self.past(tag) {
            self.state = State::Done;
        } else if group == 0xfffe || !self.syntax.explicit {
            let length = self.u32(head, 4);
            self.element(tag, b"", length, found);
        } else if is_long(&head[4..6]) {
            self.held.extend_from_slice(head);
            self.state = State::LongHead;
        } else {
            let length = u32::from(self.u16(head, 6));
            self.element(tag, &head[4..6], length, found);
        }
    }

    fn past(&self, tag: u32) -> bool {
        self.wanted.last().is_none_or(|last| tag > *last)
    }

    fn element(&mut self, tag: u32, kind: &[u8], length: u32, found: &mut dyn FnMut(u32, &[u8])) {
        match tag {
            // An item of undefined length holds elements; its end and a sequence's end hold nothing.
            0xfffe_e000 if length == UNDEFINED => self.state = State::Head,
            0xfffe_e00d => self.state = State::Head,
            0xfffe_e000 if self.in_udi && self.outer.len() == 1 => self.state = State::Head,
            0xfffe_e0dd => {
                if let Some(outer) = self.outer.pop() {
                    self.syntax = outer;
                }
                self.in_udi &= !self.outer.is_empty();
                self.state = State::Head;
            }
            _ if length == UNDEFINED && self.outer.len() < DEEPEST => {
                self.in_udi |= tag == UDI_SEQUENCE && self.outer.is_empty() && self.is_wanted(tag);
                self.outer.push(self.syntax);
                if kind == b"UN" {
                    // PS3.5 section 6.2.2 note 2: the inside of an unknown sequence is implicit VR little endian.
                    self.syntax = Syntax { explicit: false, big: false };
                }
                self.state = State::Head;
            }
            _ if length == UNDEFINED => self.state = State::Done,
            UDI if self.in_udi && self.outer.len() == 1 && (1..=LONGEST).contains(&length) => {
                self.state = State::Value { tag, length };
            }
            UDI_SEQUENCE if self.outer.is_empty() && self.is_wanted(tag) => {
                self.state = match length {
                    0 => State::Head,
                    1..=LONGEST_SEQUENCE => State::Value { tag, length },
                    _ => State::Skip(u64::from(length)),
                };
            }
            _ if self.outer.is_empty() && length <= LONGEST && self.is_wanted(tag) => {
                if length == 0 {
                    found(tag, &[]);
                    self.next(tag);
                } else {
                    self.state = State::Value { tag, length };
                }
            }
            _ => {
                self.state = if length == 0 { State::Head } else { State::Skip(u64::from(length)) };
            }
        }
    }

    fn is_wanted(&self, tag: u32) -> bool {
        self.wanted.binary_search(&tag).is_ok()
    }

    fn next(&mut self, tag: u32) {
        self.state = if self.wanted.last() == Some(&tag) { State::Done } else { State::Head };
    }
}

fn guess(head: &[u8]) -> Option<Syntax> {
    let explicit = head[4].is_ascii_uppercase() && head[5].is_ascii_uppercase();
    match head {
        [0..=8, 0, ..] => Some(Syntax { explicit, big: false }),
        [0, 0..=8, ..] => Some(Syntax { explicit, big: true }),
        _ => None,
    }
}

/// Value representations with a 32-bit length (PS3.5 table 7.1-1).
fn is_long(kind: &[u8]) -> bool {
    matches!(
        kind,
        b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WANTED: &[u32] = &[0x0008_0070, 0x0018_1000];

    fn explicit(tag: u32, kind: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(((tag >> 16) as u16).to_le_bytes());
        out.extend((tag as u16).to_le_bytes());
        out.extend(kind);
        if is_long(kind) {
            out.extend([0, 0]);
            out.extend((value.len() as u32).to_le_bytes());
        } else {
            out.extend((value.len() as u16).to_le_bytes());
        }
        out.extend(value);
        out
    }

    fn sample() -> Vec<u8> {
        let mut out = explicit(0x0008_0016, b"UI", b"1.2.840");
        out.extend(explicit(0x0008_0070, b"LO", b"ACME"));
        out.extend([0x08, 0, 0x40, 0x11, b'S', b'Q', 0, 0, 0xff, 0xff, 0xff, 0xff]);
        out.extend([0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff]);
        out.extend(explicit(0x0018_1000, b"LO", b"INNER"));
        out.extend([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
        out.extend(explicit(0x0010_0010, b"PN", b"PHANTOM^LAB "));
        out.extend(explicit(0x0018_1000, b"LO", b"SN1 "));
        out.extend(explicit(0x0020_0010, b"SH", b"x "));
        out
    }

    /// Items of known and of unknown length, in a sequence of known and of unknown length, in both encodings.
    #[test]
    fn a_unique_device_identifier_is_found_in_its_sequence() {
        const WITH_UDI: &[u32] = &[0x0008_0070, UDI_SEQUENCE, 0x0018_1020];
        let implicit = |tag: u32, value: &[u8]| {
            let mut out = ((tag >> 16) as u16).to_le_bytes().to_vec();
            out.extend((tag as u16).to_le_bytes());
            out.extend((value.len() as u32).to_le_bytes());
            out.extend(value);
            out
        };
        for (open_sequence, open_item, is_explicit) in
            (0..8).map(|bits| (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0))
        {
            let element = |tag: u32, kind: &[u8; 2], value: &[u8]| {
                if is_explicit { explicit(tag, kind, value) } else { implicit(tag, value) }
            };
            let inner = [element(UDI, b"UT", b"(01)123 "), element(0x0050_0020, b"LO", b"GANTRY")].concat();
            let item = if open_item {
                [
                    &[0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff][..],
                    &inner,
                    &[0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0],
                ]
                .concat()
            } else {
                implicit(0xfffe_e000, &inner)
            };
            let mut text = element(0x0008_0070, b"LO", b"ACME");
            if open_sequence {
                let mut head = element(UDI_SEQUENCE, b"SQ", b"");
                let at = head.len() - 4;
                head[at..].fill(0xff);
                text.extend([&head[..], &item, &[0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]].concat());
            } else {
                text.extend(element(UDI_SEQUENCE, b"SQ", &item));
            }
            // Outside its sequence the identifier is somebody else's.
            text.extend(element(0x0018_1009, b"UT", b"(01)999 "));
            text.extend(element(0x0018_1020, b"LO", b"4.2 "));
            for size in [1, 7, text.len()] {
                let (mut walk, mut got) = (Elements::data(WITH_UDI), Vec::new());
                for piece in text.chunks(size) {
                    walk.read(piece, &mut |tag, value| got.push((tag, value.to_vec())));
                }
                let wanted = [
                    (0x0008_0070, b"ACME".to_vec()),
                    (UDI, b"(01)123 ".to_vec()),
                    (0x0018_1020, b"4.2 ".to_vec()),
                ];
                assert_eq!(got, wanted, "{open_sequence} {open_item} {is_explicit} {size}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_pieces_give_the_same_values(cuts in prop::collection::vec(1usize..30, 0..40)) {
            let text = sample();
            let mut walk = Elements::data(WANTED);
            let mut got = Vec::new();
            let mut rest = &text[..];
            for cut in cuts.into_iter().chain([usize::MAX]) {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                walk.read(now, &mut |tag, value| got.push((tag, value.to_vec())));
                rest = later;
            }
            prop_assert_eq!(got, vec![(0x0008_0070, b"ACME".to_vec()), (0x0018_1000, b"SN1 ".to_vec())]);
            prop_assert!(walk.is_done());
        }

        #[test]
        fn noise_is_survived(noise in prop::collection::vec(any::<u8>(), 0..600)) {
            let mut walk = Elements::data(WANTED);
            walk.read(&noise, &mut |_, value| assert!(value.len() <= LONGEST as usize));
        }
    }
}

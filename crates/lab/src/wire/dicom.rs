//! The DICOM upper layer (PS3.8), messages (PS3.7) and data sets (PS3.5).

use super::{len16, len32};

/// Application context of every association (PS3.7, A.2.1).
pub const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";
/// Transfer syntax implicit VR little endian.
pub const IMPLICIT: &str = "1.2.840.10008.1.2";
/// Transfer syntax explicit VR little endian.
pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
/// Verification (C-ECHO).
pub const VERIFICATION: &str = "1.2.840.10008.1.1";
/// Modality worklist, FIND.
pub const WORKLIST: &str = "1.2.840.10008.5.1.4.31";
/// Study root query, FIND.
pub const STUDY_FIND: &str = "1.2.840.10008.5.1.4.1.2.2.1";
/// Study root query, MOVE.
pub const STUDY_MOVE: &str = "1.2.840.10008.5.1.4.1.2.2.2";

/// A presentation context a side proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Odd number, 1 to 255.
    pub id: u8,
    /// Abstract syntax: the SOP class.
    pub class: String,
    /// Transfer syntaxes offered; the first is the one an acceptor here takes.
    pub syntaxes: Vec<String>,
}

/// Who associates with whom and what it runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Association {
    /// Calling AE title, at most 16 characters.
    pub calling: String,
    /// Called AE title.
    pub called: String,
    /// Proposed contexts.
    pub contexts: Vec<Context>,
    /// Longest PDU the sender takes.
    pub max_pdu: u32,
    /// Implementation class UID of the side that writes.
    pub implementation: String,
    /// Implementation version name of the side that writes, at most 16 characters.
    pub version: String,
}

impl Association {
    /// A-ASSOCIATE-RQ (PS3.8, 9.3.2).
    #[must_use]
    pub fn request(&self) -> Vec<u8> {
        let contexts = self.contexts.iter().map(|context| {
            let mut body = vec![context.id, 0, 0, 0];
            body.extend(item(0x30, context.class.as_bytes()));
            for syntax in &context.syntaxes {
                body.extend(item(0x40, syntax.as_bytes()));
            }
            item(0x20, &body)
        });
        self.pdu(1, contexts.collect())
    }

    /// A-ASSOCIATE-AC (PS3.8, 9.3.3) that takes every context with its first transfer syntax.
    #[must_use]
    pub fn accept(&self) -> Vec<u8> {
        let contexts = self.contexts.iter().map(|context| {
            let mut body = vec![context.id, 0, 0, 0];
            body.extend(item(0x40, context.syntaxes.first().map_or(IMPLICIT, String::as_str).as_bytes()));
            item(0x21, &body)
        });
        self.pdu(2, contexts.collect())
    }

    fn pdu(&self, kind: u8, contexts: Vec<Vec<u8>>) -> Vec<u8> {
        let mut body = vec![0, 1, 0, 0];
        body.extend(title(&self.called));
        body.extend(title(&self.calling));
        body.extend([0; 32]);
        body.extend(item(0x10, APPLICATION_CONTEXT.as_bytes()));
        contexts.iter().for_each(|context| body.extend(context));
        let mut user = item(0x51, &self.max_pdu.to_be_bytes());
        user.extend(item(0x52, self.implementation.as_bytes()));
        user.extend(item(0x55, self.version.as_bytes()));
        body.extend(item(0x50, &user));
        pdu(kind, &body)
    }
}

/// A-RELEASE-RQ.
#[must_use]
pub fn release_request() -> Vec<u8> {
    pdu(5, &[0; 4])
}

/// A-RELEASE-RP.
#[must_use]
pub fn release_reply() -> Vec<u8> {
    pdu(6, &[0; 4])
}

/// P-DATA-TF units that carry `bytes` as the command or the data set of context `id`, each at most `max_pdu`
/// bytes long (PS3.8, 9.3.5 and annex E.2).
#[must_use]
pub fn p_data(id: u8, command: bool, bytes: &[u8], max_pdu: u32) -> Vec<u8> {
    let room = (max_pdu as usize).saturating_sub(6).max(2);
    let count = bytes.chunks(room).len();
    let mut out = Vec::with_capacity(bytes.len() + count * 12);
    for (at, part) in bytes.chunks(room).enumerate() {
        let control = u8::from(command) | if at + 1 == count { 2 } else { 0 };
        let mut body = len32(part.len() + 2).to_be_bytes().to_vec();
        body.extend([id, control]);
        body.extend_from_slice(part);
        out.extend(pdu(4, &body));
    }
    out
}

/// Data elements in ascending order of tag, in one transfer syntax.
#[derive(Clone, Debug, Default)]
pub struct DataSet {
    explicit: bool,
    out: Vec<u8>,
}

impl DataSet {
    /// Empty; `explicit` says whether value representations are written.
    #[must_use]
    pub fn new(explicit: bool) -> Self {
        Self { explicit, out: Vec::new() }
    }

    /// Adds a text value, padded to even length: UIDs with a null, other texts with a blank (PS3.5, 6.2).
    #[must_use]
    pub fn text(self, tag: (u16, u16), vr: &str, value: &str) -> Self {
        let mut bytes = value.as_bytes().to_vec();
        if bytes.len() % 2 == 1 {
            bytes.push(if vr == "UI" { 0 } else { b' ' });
        }
        self.bytes(tag, vr, &bytes)
    }

    /// Adds an unsigned 16-bit number.
    #[must_use]
    pub fn number(self, tag: (u16, u16), value: u16) -> Self {
        self.bytes(tag, "US", &value.to_le_bytes())
    }

    /// Adds a value as it is; its length must be even.
    #[must_use]
    pub fn bytes(mut self, tag: (u16, u16), vr: &str, value: &[u8]) -> Self {
        self.out.extend(tag.0.to_le_bytes());
        self.out.extend(tag.1.to_le_bytes());
        if self.explicit {
            self.out.extend(vr.as_bytes());
            if matches!(vr, "OB" | "OW" | "SQ" | "UN" | "UT") {
                self.out.extend([0; 2]);
                self.out.extend(len32(value.len()).to_le_bytes());
            } else {
                self.out.extend(len16(value.len()).to_le_bytes());
            }
        } else {
            self.out.extend(len32(value.len()).to_le_bytes());
        }
        self.out.extend_from_slice(value);
        self
    }

    /// The encoded elements.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// C-ECHO-RQ (PS3.7, 9.3.5.1).
#[must_use]
pub fn echo_request(message: u16) -> Vec<u8> {
    command(VERIFICATION, |set| {
        set.number((0, 0x0100), 0x0030).number((0, 0x0110), message).number((0, 0x0800), 0x0101)
    })
}

/// C-ECHO-RSP, success.
#[must_use]
pub fn echo_response(message: u16) -> Vec<u8> {
    command(VERIFICATION, |set| {
        set.number((0, 0x0100), 0x8030)
            .number((0, 0x0120), message)
            .number((0, 0x0800), 0x0101)
            .number((0, 0x0900), 0)
    })
}

/// C-STORE-RQ (PS3.7, 9.3.1.1) for one object; its data set follows.
#[must_use]
pub fn store_request(message: u16, class: &str, object: &str) -> Vec<u8> {
    command(class, |set| {
        set.number((0, 0x0100), 0x0001)
            .number((0, 0x0110), message)
            .number((0, 0x0700), 0)
            .number((0, 0x0800), 0x0001)
            .text((0, 0x1000), "UI", object)
    })
}

/// C-STORE-RSP, success.
#[must_use]
pub fn store_response(message: u16, class: &str, object: &str) -> Vec<u8> {
    command(class, |set| {
        set.number((0, 0x0100), 0x8001)
            .number((0, 0x0120), message)
            .number((0, 0x0800), 0x0101)
            .number((0, 0x0900), 0)
            .text((0, 0x1000), "UI", object)
    })
}

/// C-FIND-RQ (PS3.7, 9.3.2.1); its identifier follows.
#[must_use]
pub fn find_request(message: u16, class: &str) -> Vec<u8> {
    command(class, |set| {
        set.number((0, 0x0100), 0x0020)
            .number((0, 0x0110), message)
            .number((0, 0x0700), 0)
            .number((0, 0x0800), 0x0001)
    })
}

/// C-FIND-RSP, success, nothing more to come.
#[must_use]
pub fn find_response(message: u16, class: &str) -> Vec<u8> {
    command(class, |set| {
        set.number((0, 0x0100), 0x8020)
            .number((0, 0x0120), message)
            .number((0, 0x0800), 0x0101)
            .number((0, 0x0900), 0)
    })
}

/// Command sets are implicit little endian whatever the context says, and begin with their own length
/// (PS3.7, 6.3.1).
fn command(class: &str, rest: impl FnOnce(DataSet) -> DataSet) -> Vec<u8> {
    let elements = rest(DataSet::new(false).text((0, 2), "UI", class)).finish();
    let mut out = DataSet::new(false).bytes((0, 0), "UL", &len32(elements.len()).to_le_bytes()).finish();
    out.extend(elements);
    out
}

fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind, 0];
    out.extend(len32(body.len()).to_be_bytes());
    out.extend_from_slice(body);
    out
}

fn item(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind, 0];
    out.extend(len16(body.len()).to_be_bytes());
    out.extend_from_slice(body);
    out
}

fn title(text: &str) -> Vec<u8> {
    let mut out: Vec<u8> = text.bytes().take(16).collect();
    out.resize(16, b' ');
    out
}

//! Protocols: one file each.
//!
//! A dissector copies only the device fields its file lists; everything else is passed over by offset. Streams are recognised by
//! their first bytes, not by port. A new stream protocol is one file, one line in [`STREAMS`] and one in [`Reading`].

pub(crate) mod arp;
pub(crate) mod data_set;
pub(crate) mod dhcp;
pub(crate) mod dicom;
pub(crate) mod hl7;
pub(crate) mod sop;

use crate::notes::{Notes, Who};
use tallyward_core::Timestamp;

/// What the first bytes of a stream say about a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// It is.
    Yes,
    /// It cannot be.
    No,
    /// Too few bytes to say.
    More,
}

/// Where a dissector stands while it reads: the present packet, who talks to whom, and where to note what it learns.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub packet: u64,
    pub time: Timestamp,
    /// Who sends the bytes being read.
    pub sender: Who,
    /// Who receives them.
    pub receiver: Who,
    /// What both sides of the connection share.
    pub shared: &'a mut Shared,
    pub notes: &'a mut Notes,
}

/// What one side of a connection must know from the other.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// DICOM presentation contexts as proposed: id and index of the SOP class, at most 128 by the standard.
    pub contexts: Vec<(u8, sop::Class)>,
    /// The DICOM title that the caller called.
    pub called: Option<String>,
    /// Who opened the conversation, as far as content tells.
    pub opener: Option<Who>,
}

/// A stream protocol: how to recognise it, and how to begin to read it.
type Stream = (fn(&[u8]) -> Probe, fn() -> Reading);

const STREAMS: &[Stream] =
    &[(dicom::probe, || Reading::Dicom(Box::default())), (hl7::probe, || Reading::Hl7(Box::default()))];

/// A stream protocol being read.
#[derive(Debug)]
enum Reading {
    Dicom(Box<dicom::Walker>),
    Hl7(Box<hl7::Walker>),
}

/// The longest beginning a probe asks for.
const LONGEST_PROBE: usize = 16;

/// One side of a stream: first looking for a protocol, then reading it.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    head: [u8; LONGEST_PROBE],
    seen: u8,
    reading: Option<Reading>,
}

impl Scanner {
    /// The protocol recognised.
    pub(crate) fn service(&self) -> Option<&'static str> {
        self.reading.as_ref().map(|reading| match reading {
            Reading::Dicom(_) => "dicom",
            Reading::Hl7(_) => "hl7",
        })
    }

    /// Reads the next bytes of the stream; they begin at a segment's start or right behind earlier ones.
    pub(crate) fn read(&mut self, bytes: &[u8], visit: &mut Visit<'_>) {
        match &mut self.reading {
            Some(Reading::Dicom(walker)) => walker.read(bytes, visit),
            Some(Reading::Hl7(walker)) => walker.read(bytes, visit),
            None => self.seek(bytes, visit),
        }
    }

    fn seek(&mut self, bytes: &[u8], visit: &mut Visit<'_>) {
        if self.seen == 0 {
            return match recognise(bytes) {
                Ok(reading) => self.begin(reading, &[], bytes, visit),
                Err(Probe::More) if bytes.len() < LONGEST_PROBE => {
                    self.head[..bytes.len()].copy_from_slice(bytes);
                    self.seen = bytes.len() as u8;
                }
                Err(_) => {}
            };
        }
        // A sender that writes a few bytes at a time.
        let seen = usize::from(self.seen);
        let taken = bytes.len().min(LONGEST_PROBE - seen);
        self.head[seen..seen + taken].copy_from_slice(&bytes[..taken]);
        let head = self.head;
        match recognise(&head[..seen + taken]) {
            Ok(reading) => {
                self.seen = 0;
                self.begin(reading, &head[..seen], bytes, visit);
            }
            Err(Probe::More) if seen + taken < LONGEST_PROBE => self.seen += taken as u8,
            Err(_) => {
                self.seen = 0;
                if taken == bytes.len() && taken < 4 {
                    return;
                }
                self.seek(bytes, visit);
            }
        }
    }

    fn begin(&mut self, reading: Reading, head: &[u8], bytes: &[u8], visit: &mut Visit<'_>) {
        self.reading = Some(reading);
        if !head.is_empty() {
            self.read(head, visit);
        }
        self.read(bytes, visit);
    }

    /// How many of the next bytes need not be seen.
    pub(crate) fn indifferent_to(&self) -> u64 {
        match &self.reading {
            Some(Reading::Dicom(walker)) => walker.indifferent_to(),
            _ => 0,
        }
    }

    /// Passes over bytes that were not captured. Whether anything of worth may have been among them.
    pub(crate) fn skip(&mut self, count: u32) -> bool {
        self.seen = 0;
        match &mut self.reading {
            Some(Reading::Dicom(walker)) => walker.skip(u64::from(count)),
            Some(Reading::Hl7(walker)) => {
                walker.lose();
                true
            }
            None => false,
        }
    }

    /// Forgets the position in the stream.
    pub(crate) fn lose(&mut self) {
        self.skip(u32::MAX);
    }
}

fn recognise(bytes: &[u8]) -> Result<Reading, Probe> {
    let mut answer = Probe::No;
    for (probe, begin) in STREAMS {
        match probe(bytes) {
            Probe::Yes => return Ok(begin()),
            Probe::More => answer = Probe::More,
            Probe::No => {}
        }
    }
    Err(answer)
}

/// Text as a device states it: printable characters without surrounding blanks, at most 255 bytes; `None` when nothing is
/// left. UTF-8 if it is that, else Latin-1, which the older protocols mean by default.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    text_where(bytes.get(..255).unwrap_or(bytes), |letter| !letter.is_control())
}

/// Like [`text`], of any length and with the caller's choice of letters.
pub(crate) fn text_where(bytes: &[u8], keep: fn(&char) -> bool) -> Option<String> {
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let clean: String = whole.chars().filter(keep).collect();
    let clean = clean.trim_matches(' ');
    (!clean.is_empty()).then(|| clean.to_owned())
}

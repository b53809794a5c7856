//! SSH (RFC 4253 section 4.2): the line by which each side names its software, before anything is encrypted.
//!
//! Copied: the identification string. Everything behind it is only counted.

use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use memchr::memchr;
use tallyward_core::{Field, SourceKind};

/// SSH.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "ssh", ports: &[22], midstream: false, probe, begin: begin::<Lines> };

fn probe(bytes: &[u8]) -> Probe {
    let want = b"SSH-";
    match bytes.get(..want.len()) {
        Some(start) if start == want => Probe::Yes,
        None if want.starts_with(bytes) => Probe::More,
        _ => Probe::No,
    }
}

#[derive(Debug, Default)]
struct Lines;

impl Messages for Lines {
    /// RFC 4253 allows 255 bytes with the line's end.
    const HEAD: usize = 255;
    const MOST: u32 = 1;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match memchr(b'\n', bytes) {
            Some(at) => Framing::Length(at as u64 + 1),
            None => Framing::Need(bytes.len() + 1),
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        if let Some(line) = text(head) {
            visit.say(Field::Banner, &line, SourceKind::WireNetwork, "SSH identification");
        }
        false
    }
}

//! Capture files: bytes to packets.
//!
//! One [`Container`] reads both formats, whole or in any pieces: each step says either how many bytes it wants to see at once or
//! what it found in those it saw, so nothing is copied while a record lies whole in the caller's slice.

mod pcap;
mod pcapng;

use tallyward_core::Timestamp;

/// The largest packet accepted, in bytes: Wireshark's own limit for pcap.
pub(crate) const LARGEST_PACKET: usize = 256 * 1024;

/// One captured packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    /// Packet time.
    pub time: Timestamp,
    /// LINKTYPE number of the tcpdump registry.
    pub link: u16,
    /// What was captured.
    pub data: &'a [u8],
    /// Bytes on the wire.
    pub wire: u32,
}

/// What one look at the input gave.
pub(crate) enum Step<'a> {
    /// At least this many bytes must be seen at once.
    Need(usize),
    /// A packet, and how many bytes it took.
    Packet(usize, Frame<'a>),
    /// Something without a packet that took this many bytes.
    Other(usize),
    /// This many bytes may be passed over without being seen.
    Skip(u64),
    /// Unreadable from here; reading goes on after this many bytes.
    Bad(usize, String),
    /// No capture at all; nothing can be read.
    Refused(String),
}

/// A capture file being read.
#[derive(Debug)]
pub(crate) enum Container {
    /// Nothing seen yet.
    Start,
    /// Classic libpcap.
    Pcap(pcap::Pcap),
    /// pcapng.
    Pcapng(pcapng::Pcapng),
    /// Not a capture.
    Refused,
}

impl Container {
    /// Looks at `bytes`, the input from the current position on. `end` says that no more will come.
    pub(crate) fn step<'a>(&mut self, bytes: &'a [u8], end: bool) -> Step<'a> {
        match self {
            Self::Start => self.start(bytes),
            Self::Pcap(pcap) => pcap.step(bytes, end),
            Self::Pcapng(pcapng) => pcapng.step(bytes, end),
            Self::Refused => Step::Skip(bytes.len() as u64),
        }
    }

    fn start<'a>(&mut self, bytes: &[u8]) -> Step<'a> {
        let Some(magic) = bytes.first_chunk::<4>() else { return Step::Need(4) };
        if *magic == pcapng::SECTION {
            *self = Self::Pcapng(pcapng::Pcapng::default());
            return Step::Other(0);
        }
        let Some(precision) = pcap::Precision::of(*magic) else {
            *self = Self::Refused;
            let hint = if magic.starts_with(&[0x1f, 0x8b]) { " (it is gzip: unpack it first)" } else { "" };
            return Step::Refused(format!(
                "not a capture: expected the magic number of pcap or pcapng, found {:02x}{:02x}{:02x}{:02x}{hint}",
                magic[0], magic[1], magic[2], magic[3]
            ));
        };
        let Some(header) = bytes.first_chunk::<24>() else { return Step::Need(24) };
        *self = Self::Pcap(pcap::Pcap::new(precision, header));
        Step::Other(24)
    }
}

/// A 32-bit number in the file's byte order.
fn u32_at(bytes: &[u8], at: usize, big: bool) -> u32 {
    let word = bytes.get(at..at + 4).and_then(|word| word.first_chunk::<4>()).copied().unwrap_or_default();
    if big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
}

/// A 16-bit number in the file's byte order.
fn u16_at(bytes: &[u8], at: usize, big: bool) -> u16 {
    let word = bytes.get(at..at + 2).and_then(|word| word.first_chunk::<2>()).copied().unwrap_or_default();
    if big { u16::from_be_bytes(word) } else { u16::from_le_bytes(word) }
}

//! What goes into a reading and what comes out of it.

use serde::Serialize;
use tallyward_core::{Evidence, Flow, IngestId, Timestamp};

/// Bounds on memory. Traffic is hostile by nature: every table here has an end, and what was dropped is counted in
/// [`Stats`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections followed at once. When full, the quarter that was idle longest is closed and aggregated.
    pub max_flows: usize,
    /// Distinct statements held, and distinct aggregated flows.
    pub max_facts: usize,
    /// Network cards and (card, address) pairs held.
    pub max_hosts: usize,
    /// Datagrams in reassembly at once.
    pub max_fragmented: usize,
    /// Bytes of out-of-order TCP data held per side of a connection.
    pub window: usize,
    /// Bytes of out-of-order TCP data and IP fragments held in all.
    pub held: usize,
    /// Problems reported one by one; the rest are only counted.
    pub max_problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_flows: 65_536,
            max_facts: 262_144,
            max_hosts: 65_536,
            max_fragmented: 1_024,
            window: 128 * 1024,
            held: 64 * 1024 * 1024,
            max_problems: 1_000,
        }
    }
}

impl Limits {
    /// The bounds of one of so many readers that share a capture. What is followed is divided; what is noted is not, for
    /// every reader may meet every host.
    pub(crate) fn shared(&self, readers: u32) -> Self {
        let readers = readers.max(1) as usize;
        Self { max_flows: self.max_flows / readers, held: self.held / readers, ..self.clone() }
    }
}

/// What one reading needs to know from outside.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of the sensor or capture, which becomes the source's name and the site of address subjects.
    pub sensor: String,
    /// Which taking-in this is; counts once.
    pub ingest: IngestId,
    /// When it is read, kept apart from the packets' own times.
    pub recorded_at: Timestamp,
    /// Bounds on memory.
    pub limits: Limits,
}

/// Something in the input that could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Problem {
    /// `packet 17` (counted from 1, as Wireshark does), `byte 4096`, or `line 17` of a log.
    pub place: String,
    /// What was wrong and what was expected.
    pub what: String,
}

/// Counts of one reading. Bytes are as captured unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Packets read.
    pub packets: u64,
    /// Lines read, of a log.
    pub lines: u64,
    /// What log it is, in words; empty for a capture.
    pub log: &'static str,
    /// Whether silence in it says nothing: a table or a list of leases, where nobody listened.
    pub deaf: bool,
    /// Bytes fed, file structure included.
    pub bytes: u64,
    /// Earliest packet time.
    pub first: Option<Timestamp>,
    /// Latest packet time.
    pub last: Option<Timestamp>,
    /// Packets of which the capture holds only the head.
    pub truncated: u64,
    /// Packets whose link or network layer is not read (no IP, no ARP, or unreadable headers).
    pub ignored: u64,
    /// Connections closed early because [`Limits::max_flows`] was reached.
    pub flows_evicted: u64,
    /// Aggregated flows not kept because [`Limits::max_facts`] was reached.
    pub flows_dropped: u64,
    /// Statements not kept because [`Limits::max_facts`] or [`Limits::max_hosts`] was reached.
    pub facts_dropped: u64,
    /// Datagrams whose fragments never became whole.
    pub fragments_dropped: u64,
    /// Holes in TCP streams that were skipped.
    pub gaps: u64,
    /// Problems beyond [`Limits::max_problems`].
    pub problems_dropped: u64,
}

/// What a reading learned.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Learned {
    /// Statements, normalised and in canonical order.
    pub evidence: Vec<Evidence>,
    /// Who talked to whom, ordered by client, server, transport, port and service.
    pub flows: Vec<Flow>,
    /// What could not be read, in the order of the input.
    pub problems: Vec<Problem>,
    /// Counts.
    pub stats: Stats,
}

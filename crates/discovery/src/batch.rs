//! What a sensor sends: one document, whose statements and flows are named by the batch that opened their episode.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tallyward_core::{Evidence, Flow, IngestId, Timestamp};

/// The version of the document that is written.
pub const FORMAT: u32 = 1;

/// One batch of one run of a sensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// [`FORMAT`].
    pub format: u32,
    /// Name of the sensor.
    pub sensor: String,
    /// Which start of the sensor this is: unpredictable, so that no two runs ever name the same episode.
    pub run: IngestId,
    /// Counts the batches of a run, from 1.
    pub sequence: u64,
    /// When it was made, by the sensor's clock.
    pub made_at: Timestamp,
    /// How the sensor is.
    pub health: Health,
    /// What devices said.
    pub evidence: Vec<Evidence>,
    /// Who talked to whom, counted since the episode was opened.
    pub flows: Vec<SeenFlow>,
}

/// A conversation within the episode of one batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenFlow {
    /// The batch that opened the episode.
    #[serde(rename = "i")]
    pub ingest: IngestId,
    /// The conversation.
    #[serde(rename = "f")]
    pub flow: Flow,
}

/// The name of the episodes that a batch opens.
#[must_use]
pub const fn ingest(run: IngestId, sequence: u64) -> IngestId {
    IngestId(run.0.wrapping_add(sequence as u128))
}

/// How a sensor is, as it says itself. Counts are since the start of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Version of the program.
    pub version: String,
    /// What is read: an interface or files.
    pub reads: String,
    /// Start of the run.
    pub started: Timestamp,
    /// Packets read.
    pub packets: u64,
    /// Bytes of them on the wire.
    pub bytes: u64,
    /// Packets read in the seconds before this batch, and those seconds.
    pub recent: (u64, u64),
    /// Packets the kernel had no room for.
    pub drops: u64,
    /// Earliest packet of the run.
    pub first_packet: Option<Timestamp>,
    /// Latest packet of the run.
    pub last_packet: Option<Timestamp>,
    /// Packets captured in part.
    pub truncated: u64,
    /// Packets whose headers are not read.
    pub ignored: u64,
    /// Statements, flows and connections for which a bounded table had no room.
    pub no_room: u64,
    /// TCP conversations of which both sides were seen.
    pub both_sides: u64,
    /// TCP conversations of which only one side was seen.
    pub one_side: u64,
    /// Batches waiting on the sensor's disk.
    pub spooled: u64,
    /// Batches lost because the spool was full.
    pub spool_dropped: u64,
    /// Batches the server refused for good.
    pub refused: u64,
    /// Memory of the process in bytes, 0 when not known.
    pub memory: u64,
    /// Subnets from which local cards sent, and when last.
    pub subnets: BTreeMap<String, Timestamp>,
}

impl Health {
    /// The share of packets lost, when any came.
    #[must_use]
    pub fn loss(&self) -> Option<f64> {
        let all = self.packets + self.drops;
        (all > 0).then(|| self.drops as f64 / all as f64)
    }
}

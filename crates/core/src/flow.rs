//! Flows: who talked to whom on which service.

use crate::mac::Mac;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One conversation partner: an address and, for local frames, its network card.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// IP address.
    pub address: IpAddr,
    /// Network card, when the frame was local.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<Mac>,
}

/// An aggregated conversation: client, server and service, however many connections it took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Who opened it.
    pub client: Endpoint,
    /// Who answered.
    pub server: Endpoint,
    /// IP protocol number (6 TCP, 17 UDP).
    pub transport: u8,
    /// Server port; 0 where the transport has none.
    pub port: u16,
    /// Service recognised from content (`dicom`, `hl7`), else empty.
    #[serde(default)]
    pub service: String,
    /// First packet.
    pub first: Timestamp,
    /// Last packet.
    pub last: Timestamp,
    /// Packets both ways.
    pub packets: u64,
    /// Bytes on the wire both ways.
    pub bytes: u64,
    /// Connections or exchanges.
    pub count: u64,
    /// Which sensors or captures saw it, in order, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen_by: Vec<String>,
}

//! Devices as they are listed and shown.

use super::{FindingLine, Moment};
use crate::query::Page;
use serde::{Deserialize, Serialize};
use tallyward_core::device::Contest;
use tallyward_core::{Device, DeviceId, Field, Place, Presence, Voice};

/// What is stored of a device's projection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDevice {
    /// The device.
    pub device: Device,
    /// How record and observation agree.
    pub presence: Presence,
    /// Why, in a sentence.
    pub why: String,
    /// Best known place.
    pub place: Place,
    /// Where the wire says it is, when that is known.
    #[serde(default)]
    pub observed: Option<Place>,
}

/// One row of the device list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceLine {
    /// Handle.
    pub id: DeviceId,
    /// Display name: tag and model, or the best name known.
    pub name: String,
    /// Asset tag.
    pub tag: String,
    /// Serial number.
    pub serial: String,
    /// Canonical maker.
    pub maker: String,
    /// Canonical model.
    pub model: String,
    /// Device class code.
    pub class: String,
    /// Software version.
    pub version: String,
    /// Operating unit code.
    pub unit: String,
    /// Shared pool.
    pub pool: String,
    /// Best known place.
    pub place: Place,
    /// How record and observation agree.
    pub presence: Presence,
    /// Security status in words, such as `affected with action due`.
    pub status: String,
    /// Its code: clear, action_due, affected, accepted_until, unsupported, unknown.
    pub status_code: String,
    /// Affected vulnerabilities.
    pub affected: u32,
    /// Unknown ones.
    pub unknown: u32,
    /// Not affected ones.
    pub not_affected: u32,
    /// Last seen on the wire.
    pub last_seen: Option<Moment>,
}

/// A page of the device list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceList {
    /// Rows, total and cursor.
    #[serde(flatten)]
    pub page: Page<DeviceLine>,
    /// When this was true.
    pub as_of: Moment,
}

/// The values that filters offer, each with its count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Choices {
    /// Presence codes.
    pub presence: Vec<(String, u64)>,
    /// Unit codes.
    pub units: Vec<(String, u64)>,
    /// Sites.
    pub sites: Vec<(String, u64)>,
    /// `maker model` texts.
    pub models: Vec<(String, u64)>,
    /// Device class codes.
    pub classes: Vec<(String, u64)>,
}

/// One field of a device with everybody who spoke of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldLine {
    /// Which field.
    pub field: Field,
    /// Its label.
    pub label: &'static str,
    /// The value that holds.
    pub value: String,
    /// Whether it is older than its class allows.
    pub stale: bool,
    /// Who says so.
    pub support: Vec<Voice>,
    /// Who says otherwise.
    pub dissent: Vec<Voice>,
    /// Further values that hold as well.
    pub also: Vec<Voice>,
}

/// Something that happened to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// When.
    pub at: Moment,
    /// `evidence`, `moved`, `finding`, `notice`, `decision`.
    pub kind: &'static str,
    /// What, in a sentence.
    pub text: String,
    /// Where to look, a path of the console; empty for none.
    pub link: String,
}

/// One aggregated conversation of a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlowLine {
    /// Whether the device opened it.
    pub outgoing: bool,
    /// The other side: its device name when known, else the address.
    pub peer: String,
    /// The other side's handle, when it is a known device.
    pub peer_id: Option<DeviceId>,
    /// The other side's address.
    pub address: String,
    /// Service: `dicom`, `hl7` or `tcp/443`.
    pub service: String,
    /// First and last packet.
    pub first: Moment,
    /// Last packet.
    pub last: Moment,
    /// Connections.
    pub count: u64,
    /// Bytes both ways.
    pub bytes: u64,
    /// Which sensors or captures saw it.
    pub seen_by: Vec<String>,
}

/// A device page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DevicePage {
    /// The row as listed.
    pub line: DeviceLine,
    /// Why its presence is what it is.
    pub why: String,
    /// Where the wire says it is, when that differs.
    pub observed: Option<Place>,
    /// Names: keys in plain words.
    pub names: Vec<String>,
    /// Fields in order.
    pub fields: Vec<FieldLine>,
    /// Joins that were refused.
    pub contested: Vec<Contest>,
    /// Its findings, worst first.
    pub findings: Vec<FindingLine>,
    /// What happened, newest first.
    pub timeline: Vec<Happening>,
    /// Whom it talks to.
    pub flows: Vec<FlowLine>,
    /// When this was true.
    pub as_of: Moment,
}

//! What may be asked of lists. Lists are keyset-paged on a fixed set of indexed orders; the query is the URL.

use serde::{Deserialize, Serialize};
use tallyward_core::{DeviceId, Presence, SsvcOutcome, Verdict};

/// Order of the device list. Ties are broken by device id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceOrder {
    /// By display name.
    #[default]
    Name,
    /// By maker and model.
    Model,
    /// By unit.
    Unit,
    /// Last seen first.
    LastSeen,
    /// Most affected findings first.
    Affected,
}

/// Filters of the device list; an absent one does not filter. Texts compare exactly, `text` is a substring.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceQuery {
    /// How record and observation agree.
    pub presence: Option<Presence>,
    /// Unit code.
    pub unit: Option<String>,
    /// Site.
    pub site: Option<String>,
    /// Canonical maker.
    pub maker: Option<String>,
    /// Canonical model.
    pub model: Option<String>,
    /// Device class code.
    pub class: Option<String>,
    /// Has at least one finding with this verdict.
    pub verdict: Option<Verdict>,
    /// Has a finding of this advisory (together with `verdict`: with that verdict).
    pub advisory: Option<String>,
    /// Substring of tag, serial, MAC, name, AE title, room, model …, case-blind.
    pub text: Option<String>,
    /// Order.
    pub order: DeviceOrder,
    /// Continue behind this cursor ([`Page::next`]).
    pub after: Option<String>,
    /// At most so many; the store caps it at 1,000.
    pub limit: Option<u32>,
}

/// Order of the finding list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingOrder {
    /// By verdict, worst first; then advisory, vulnerability, device.
    #[default]
    Verdict,
    /// By what triage decides, most urgent first, and what is not affected last; then as above.
    Decision,
}

/// Filters of the finding list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FindingQuery {
    /// Verdict.
    pub verdict: Option<Verdict>,
    /// Advisory id.
    pub advisory: Option<String>,
    /// Vulnerability id (CVE).
    pub vulnerability: Option<String>,
    /// Device.
    pub device: Option<DeviceId>,
    /// Unit code.
    pub unit: Option<String>,
    /// What triage decides; leaves out what is not affected.
    pub outcome: Option<SsvcOutcome>,
    /// Order.
    pub order: FindingOrder,
    /// Continue behind this cursor.
    pub after: Option<String>,
    /// At most so many; the store caps it at 1,000.
    pub limit: Option<u32>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// How many rows the whole list has.
    pub total: u64,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// What devices are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    /// Presence code.
    Presence,
    /// Unit code.
    Unit,
    /// Site.
    Site,
    /// Canonical model, as `maker model`.
    Model,
    /// Device class code.
    Class,
}

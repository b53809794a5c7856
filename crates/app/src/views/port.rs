//! Ports as they are listed.

use super::Moment;
use serde::Serialize;
use tallyward_core::Place;

/// One switch port or access point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PortReport {
    /// Switch and port, or the access point.
    pub port: String,
    /// Where it is, as far as that holds.
    pub place: Option<Place>,
    /// The unit, when the places table names one.
    pub unit: String,
    /// Whether the places table says so, which beats what devices teach.
    pub by_table: bool,
    /// Places that devices teach: place, devices, and how many of them by a person's reading.
    pub taught: Vec<(Place, usize, usize)>,
    /// Whether devices teach different rooms and no table decides.
    pub contested: bool,
    /// Devices that hang there now.
    pub devices: usize,
}

/// The ports that anything is known of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PortList {
    /// By name.
    pub ports: Vec<PortReport>,
    /// When this was true.
    pub as_of: Moment,
}

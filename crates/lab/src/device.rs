//! The truth about one device, for tests to compare with.

use std::net::Ipv4Addr;
use tallyward_core::{Mac, Place, Presence};

/// One device as it truly is, with what the list and the wire say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabDevice {
    /// Key of its model in [`crate::Hospital::models`].
    pub model: usize,
    /// Asset tag; the CMMS has it unless the device is a stranger.
    pub tag: String,
    /// Serial number on the label.
    pub serial: String,
    /// The UDI as printed on the label, identifiers in brackets.
    pub udi: String,
    /// Day of manufacture on the label, ISO.
    pub made: String,
    /// Software it truly runs.
    pub version: String,
    /// Unit that operates it: place in [`crate::Hospital::units`].
    pub unit: usize,
    /// Pool it belongs to; empty for none.
    pub pool: String,
    /// Where it belongs.
    pub place: Place,
    /// Its network card; `None` when it has none.
    pub mac: Option<Mac>,
    /// Its address, in the subnet where it is plugged in now; `None` without a network card.
    pub ip: Option<Ipv4Addr>,
    /// The name it gives itself.
    pub host_name: String,
    /// DICOM application entity title; empty when it speaks no DICOM.
    pub ae_title: String,
    /// What the traffic shows; `None` when it is not in the capture.
    pub seen: Option<Seen>,
    /// What the CMMS says; `None` for a stranger.
    pub listed: Option<Listed>,
    /// The state reconciliation should find.
    pub presence: Presence,
}

/// What the traffic shows of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Place of the subnet in [`crate::Hospital::subnets`].
    pub subnet: usize,
    /// It names maker, model and serial itself, in DICOM objects.
    pub in_dicom: bool,
    /// A gateway names it by its UDI in HL7.
    pub in_hl7: bool,
    /// Software version the wire shows, if it does.
    pub version: Option<String>,
}

/// What the CMMS says of a device, cell by cell, before the export messes it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Manufacturer as spelt.
    pub maker: String,
    /// Serial cell; may be junk.
    pub serial: String,
    /// UDI cell; may be empty or damaged.
    pub udi: String,
    /// Software cell.
    pub version: Option<String>,
    /// MAC cell.
    pub mac: Option<Mac>,
    /// IP cell.
    pub ip: Option<Ipv4Addr>,
    /// Department cell.
    pub unit: String,
    /// Status cell.
    pub status: String,
}

impl LabDevice {
    /// The version everybody would believe: what the wire shows, else what the list says.
    #[must_use]
    pub fn believed_version(&self) -> Option<&str> {
        let wire = self.seen.as_ref().and_then(|seen| seen.version.as_deref());
        wire.or_else(|| self.listed.as_ref().and_then(|listed| listed.version.as_deref()))
    }

    /// Whether list and wire say different versions.
    #[must_use]
    pub fn versions_disagree(&self) -> bool {
        let wire = self.seen.as_ref().and_then(|seen| seen.version.as_deref());
        let list = self.listed.as_ref().and_then(|listed| listed.version.as_deref());
        matches!((wire, list), (Some(wire), Some(list)) if wire != list)
    }

    /// Whether maker and model can be known: a list has them or the device says them itself.
    #[must_use]
    pub fn is_identified(&self) -> bool {
        self.listed.is_some() || self.seen.as_ref().is_some_and(|seen| seen.in_dicom)
    }
}

//! Encoders of the protocols the sample hospital speaks.
//!
//! Written apart from the readers of other rooms on purpose: a mistake shared by an encoder and its decoder is
//! seen by no test. What is written here is checked against `tshark`.

pub mod dhcp;
pub mod dicom;
pub mod ether;
pub mod hl7;
pub mod ip;
pub mod pcap;
pub mod pcapng;
pub mod tcp;
pub mod tls;

use tallyward_core::Timestamp;

/// One Ethernet frame as a sensor saw it, without the frame check sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// When.
    pub time: Timestamp,
    /// From the destination address on.
    pub bytes: Vec<u8>,
}

/// Byte order of a capture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Order {
    pub(crate) fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(crate) fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }
}

/// A length as 32 bits; what is longer than a length field can say is cut by the readers anyway.
pub(crate) fn len32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A length as 16 bits.
pub(crate) fn len16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

//! Packets from a network interface.
//!
//! [`Ring`] is an `AF_PACKET` socket with a TPACKET_V3 ring: the kernel writes packets into memory that is shared with it, and whole
//! blocks of them are read where they lie. [`drop_privileges`] gives up what opening it took. Linux only; elsewhere opening says so.
//!
//! The one decision: this is the only room with `unsafe`, all of it in `sys`, which wraps each system call and the shared memory in a
//! safe function a reader can check alone. Everything that looks *into* a block (`block`) is safe code over a slice, because what lies
//! there was sent by strangers. Nothing is ever sent: the socket is only read, and it is bound for reading.

#![deny(unsafe_code)]

#[cfg(target_os = "linux")]
mod block;
#[cfg(target_os = "linux")]
mod privileges;
#[cfg(target_os = "linux")]
mod ring;
#[cfg(target_os = "linux")]
mod sys;

#[cfg(target_os = "linux")]
pub use privileges::{drop_privileges, memory};
#[cfg(target_os = "linux")]
pub use ring::{Ring, Waker};

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Ring, Waker, drop_privileges, memory};

use std::io;

/// How a ring is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingOptions {
    /// Bytes of shared memory, rounded down to whole blocks.
    pub bytes: usize,
    /// Bytes of one block.
    pub block: usize,
    /// Milliseconds after which a block that is not full is handed over.
    pub patience: u32,
    /// Asks the card for frames that are not addressed to it; a mirror port brings hardly any others.
    pub promiscuous: bool,
    /// A group of rings that share an interface, each conversation in one of them; none for a ring alone.
    pub fanout: Option<u16>,
}

impl Default for RingOptions {
    fn default() -> Self {
        Self { bytes: 64 << 20, block: 1 << 20, patience: 60, promiscuous: true, fanout: None }
    }
}

/// Why there is no ring.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The right is missing.
    #[error(
        "opening {interface} takes CAP_NET_RAW, which this process does not have: start it as root and let --user give that up, give \
         it by AmbientCapabilities=CAP_NET_RAW in the systemd unit, or by setcap cap_net_raw+ep on the program"
    )]
    NotAllowed {
        /// The interface.
        interface: String,
    },
    /// No such interface.
    #[error("there is no network interface {interface}; there are: {there}")]
    NoInterface {
        /// What was asked for.
        interface: String,
        /// The names of those that are there.
        there: String,
    },
    /// The interface brings frames of a kind that is not read.
    #[error(
        "{interface} brings frames of hardware type {kind}, which is not read; expected Ethernet or raw IP"
    )]
    Kind {
        /// The interface.
        interface: String,
        /// ARPHRD number.
        kind: u16,
    },
    /// No such user.
    #[error("there is no user {0:?} to go on as")]
    NoUser(String),
    /// A system call failed.
    #[error("{what} failed: {source}")]
    System {
        /// What was asked of the system.
        what: &'static str,
        /// What it answered.
        source: io::Error,
    },
}

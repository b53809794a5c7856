//! Bytes to evidence and flows.
//!
//! A capture goes in, whole or in pieces of any size ([`Reader`], [`read_capture`]); out comes what the devices in it said about
//! themselves ([`tallyward_core::Evidence`]), who talked to whom ([`tallyward_core::Flow`]), and what could not be read, with its
//! place. The room opens no file and asks no clock: bytes, names and the present time are arguments.
//!
//! The way down: `capture` finds packets in pcap and pcapng, `link` and `ip` take headers apart, `fragment` and `tcp` put data in
//! order, `dissect` holds one file a protocol, `hosts` decides at the end which card is whose, `notes` turns what was noted into
//! evidence. `logs` reads what others wrote down, one file a format, and goes the same way from there on.
//!
//! Two decisions carry it. First, stream dissectors are walkers, not parsers of collected buffers: each asks for the few bytes it needs next
//! and passes over the rest by offset. So patient data is never copied, a study of gigabytes costs its headers, and memory per connection
//! is a few hundred bytes however long it lives. Second, *who* said something is settled only when all packets are read, because one cannot tell a
//! router from a host by its first packet. The price of the first is that a walker cannot look back; of the second, that evidence comes at
//! [`Reader::finish`] and not before. Tables are hashed without a secret key, for speed: crafted traffic can slow them down, though
//! never beyond their fixed size.

pub mod batch;
mod capture;
mod connection;
mod describe;
mod dissect;
mod equipment;
mod fragment;
mod gateways;
mod hosts;
mod ip;
mod link;
pub mod lists;
mod live;
pub mod logs;
mod notes;
mod options;
mod outside;
mod reader;
mod share;
mod stack;
mod tcp;
mod teller;
mod tunnel;

pub use describe::{DeviceLine, FieldLine, describe};
pub use live::{Live, Packets, Period, Take};
pub use options::{Learned, Limits, Options, Problem, Stats};
pub use reader::Reader;
pub use share::{Part, Share};
pub use tallyward_core::Timestamp;
pub use teller::{Teller, Telling};

/// Reads a whole capture that lies in memory.
#[must_use]
pub fn read_capture(bytes: &[u8], options: Options) -> Learned {
    let mut reader = Reader::new(options);
    reader.feed(bytes);
    reader.finish()
}

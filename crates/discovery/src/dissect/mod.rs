//! Protocols: one file each.
//!
//! A dissector copies only the device fields its file lists; everything else is passed over by offset. What a payload is, is told
//! by its content first and by its port second. A new protocol is one file and one line: in [`STREAMS`] for a protocol over TCP, in
//! [`DATAGRAMS`] for one over UDP, in [`FRAMES`] for one that lies directly in a frame, in [`PACKETS`] directly in an IP packet.

pub(crate) mod arp;
mod astm;
mod bacnet;
mod ber;
mod body;
mod browser;
mod capwap;
mod cdp;
mod certificate;
pub(crate) mod data_set;
mod dcerpc;
pub(crate) mod dhcp;
mod dhcp6;
pub(crate) mod dicom;
mod dns;
pub(crate) mod duid;
mod enip;
mod fhir;
mod greeting;
mod head;
pub(crate) mod hl7;
mod hl7_device;
mod http;
mod ipp;
mod ja4;
mod kerberos;
mod ldap;
mod lldp;
mod llmnr;
mod mdns;
mod messages;
mod modbus;
mod mqtt;
mod nbns;
mod neighbour;
mod novelty;
mod ntlmssp;
mod opcua;
mod poct1a;
mod rdp;
mod relay_agent;
mod rtsp;
mod s7;
mod scanner;
mod sip;
mod smb;
mod snmp;
mod soap;
pub(crate) mod sop;
mod ssdp;
mod ssh;
mod syslog;
mod tds;
mod telnet;
mod tls;
#[cfg(test)]
mod trial;
mod upnp;
mod xdmcp;
mod xml;

pub(crate) use messages::{Framing, Messages, begin};
pub(crate) use novelty::Novelty;
pub(crate) use scanner::Scanner;

use crate::hosts::is_host;
use crate::ip::Ip;
use crate::notes::{At, Notes, Who};
use std::net::IpAddr;
use tallyward_core::{Field, Mac, SourceKind, Timestamp};

/// What the first bytes of a stream or a datagram say about a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// It is.
    Yes,
    /// It may be: enough on one of the protocol's own ports, too little elsewhere.
    Maybe,
    /// It cannot be.
    No,
    /// Too few bytes to say. For a datagram the same as `No`.
    More,
}

/// Where a dissector stands while it reads: the present packet, who talks to whom, and where to note what it learns.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub packet: u64,
    pub time: Timestamp,
    /// Who sends the bytes being read.
    pub sender: Who,
    /// Who receives them.
    pub receiver: Who,
    /// The sender's and the receiver's port.
    pub ports: (u16, u16),
    /// What both sides of the connection share.
    pub shared: &'a mut Shared,
    pub notes: &'a mut Notes,
}

impl Visit<'_> {
    /// Notes what the sender says about itself.
    pub(crate) fn say(&mut self, field: Field, value: &str, kind: SourceKind, basis: &'static str) {
        let at = At::of(self);
        self.notes.say(self.sender, field, value, kind, basis, at);
    }

    /// Notes what the sender says about somebody.
    pub(crate) fn say_of(
        &mut self,
        who: Who,
        field: Field,
        value: &str,
        kind: SourceKind,
        basis: &'static str,
    ) {
        let at = At::of(self);
        self.notes.say(who, field, value, kind, basis, at);
    }

    /// Whoever has an address that the content names, and whether that is the sender; `None` if no host can have it.
    pub(crate) fn holder_of(&self, address: IpAddr) -> Option<(Who, bool)> {
        match self.sender {
            Who::At { address: own, .. } if own == address => Some((self.sender, true)),
            _ => is_host(address).then_some((Who::At { mac: None, address }, false)),
        }
    }

    /// Notes what the sender says about the receiver.
    pub(crate) fn say_of_receiver(
        &mut self,
        field: Field,
        value: &str,
        kind: SourceKind,
        basis: &'static str,
    ) {
        let at = At::of(self);
        self.notes.say(self.receiver, field, value, kind, basis, at);
    }
}

/// What one side of a connection must know from the other.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// DICOM presentation contexts as proposed: id and index of the SOP class, at most 128 by the standard.
    pub contexts: Vec<(u8, sop::Class)>,
    /// The DICOM association as it was asked for: who called, by which title, and which title was called.
    pub association: Option<(Who, Option<String>, Option<String>)>,
    /// Who opened the conversation, as far as content tells.
    pub opener: Option<Who>,
    /// What the other side asked for, where an answer does not repeat it; each protocol numbers its own questions.
    pub asked: u32,
}

/// One side of a TCP stream, read as it passes.
pub(crate) trait Stream: std::fmt::Debug + Send {
    /// Reads the next bytes: in order, in pieces of any size.
    fn read(&mut self, bytes: &[u8], visit: &mut Visit<'_>);

    /// How many of the next bytes need not be seen.
    fn indifferent_to(&self) -> u64 {
        0
    }

    /// Passes over bytes that were not captured; `u32::MAX` when the position is lost. Whether anything of worth may have been
    /// among them.
    fn skip(&mut self, count: u32) -> bool;

    /// Whether nothing more will be learned from this side. It is then only counted, and looked at again much later.
    fn is_done(&self) -> bool {
        false
    }
}

/// A protocol over TCP.
pub(crate) struct StreamProtocol {
    /// The name of the service in flows.
    pub name: &'static str,
    /// Ports it lives on, for a probe that says [`Probe::Maybe`].
    pub ports: &'static [u16],
    /// Whether a stream whose beginning was not captured can be recognised at a later segment's start. Only for probes that
    /// are hardly ever wrong: they are asked about every segment of every stream nobody knows.
    pub midstream: bool,
    /// Looks at the first bytes of a side, at most [`LONGEST_PROBE`] of them.
    pub probe: fn(&[u8]) -> Probe,
    /// Begins to read one side.
    pub begin: fn() -> Box<dyn Stream>,
}

/// A protocol over UDP.
pub(crate) struct DatagramProtocol {
    /// The name of the service in flows.
    pub name: &'static str,
    /// Ports it lives on, for a probe that says [`Probe::Maybe`].
    pub ports: &'static [u16],
    /// Looks at a whole payload, in constant time.
    pub probe: fn(&[u8]) -> Probe,
    /// Reads a payload that the probe knew. Sets `visit.shared.opener` when the content tells who asks.
    pub read: fn(&[u8], &mut Visit<'_>),
}

/// A protocol that lies directly in a frame.
pub(crate) struct FrameProtocol {
    /// The EtherType, or the SNAP protocol as [`crate::link::Link::kind`] gives it.
    pub kind: u64,
    /// Reads what lies behind the EtherType.
    pub read: fn(&[u8], &mut FrameVisit<'_>),
}

/// A protocol that lies directly in an IP packet.
pub(crate) struct PacketProtocol {
    /// IP protocol number.
    pub protocol: u8,
    /// Reads a packet of it.
    pub read: fn(&Ip<'_>, &mut FrameVisit<'_>),
}

/// Where a dissector of frames stands.
#[derive(Debug)]
pub(crate) struct FrameVisit<'a> {
    pub at: At,
    /// The card that sent the frame, if it is a real one.
    pub source: Option<Mac>,
    pub notes: &'a mut Notes,
}

/// The longest beginning a probe of a stream asks for.
pub(crate) const LONGEST_PROBE: usize = 16;

/// Protocols over TCP, the surest probe first.
pub(crate) const STREAMS: &[StreamProtocol] = &[
    dicom::STREAM,
    hl7::STREAM,
    ssh::STREAM,
    tls::DICOM,
    tls::HL7,
    tls::STREAM,
    poct1a::STREAM,
    opcua::STREAM,
    s7::STREAM,
    astm::STREAM,
    mqtt::STREAM,
    smb::STREAM,
    rdp::STREAM,
    dcerpc::STREAM,
    kerberos::STREAM,
    ldap::STREAM,
    tds::STREAM,
    dns::STREAM,
    greeting::VNC,
    greeting::ICA,
    greeting::FTP,
    greeting::SMTP,
    http::STREAM,
    enip::STREAM,
    modbus::STREAM,
    rtsp::STREAM,
    sip::STREAM,
    // Any text will do for it, on its ports: last.
    telnet::STREAM,
];

/// Protocols over UDP, the surest probe first.
pub(crate) const DATAGRAMS: &[DatagramProtocol] = &[
    dhcp::DATAGRAM,
    dhcp6::DATAGRAM,
    snmp::DATAGRAM,
    bacnet::DATAGRAM,
    kerberos::DATAGRAM,
    ldap::DATAGRAM,
    browser::DATAGRAM,
    capwap::DATAGRAM,
    dns::DATAGRAM,
    llmnr::DATAGRAM,
    mdns::DATAGRAM,
    nbns::DATAGRAM,
    sip::DATAGRAM,
    soap::DATAGRAM,
    ssdp::DATAGRAM,
    syslog::DATAGRAM,
    xdmcp::DATAGRAM,
    enip::DATAGRAM,
];

/// Protocols in frames.
pub(crate) const FRAMES: &[FrameProtocol] = &[arp::FRAME, cdp::FRAME, lldp::FRAME];

/// Protocols in IP packets that are neither TCP nor UDP.
pub(crate) const PACKETS: &[PacketProtocol] = &[neighbour::PACKET];

/// The protocol of a datagram: the one that its conversation has spoken before, else the first that knows it.
pub(crate) fn datagram(
    payload: &[u8],
    ports: (u16, u16),
    before: &'static str,
) -> Option<&'static DatagramProtocol> {
    let knows = |protocol: &&DatagramProtocol| {
        believed((protocol.probe)(payload), protocol.ports, ports) == Probe::Yes
    };
    let again = DATAGRAMS.iter().find(|protocol| protocol.name == before).filter(knows);
    again.or_else(|| DATAGRAMS.iter().find(knows))
}

/// What a probe's answer is worth on these ports.
fn believed(answer: Probe, own: &[u16], ports: (u16, u16)) -> Probe {
    match answer {
        Probe::Maybe if own.contains(&ports.0) || own.contains(&ports.1) => Probe::Yes,
        Probe::Maybe => Probe::No,
        sure => sure,
    }
}

/// Text as a device states it: printable characters without surrounding blanks, at most 255 bytes; `None` when nothing is
/// left. UTF-8 if it is that, else Latin-1, which the older protocols mean by default.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    text_where(bytes.get(..255).unwrap_or(bytes), |letter| !letter.is_control())
}

/// Like [`text`], with line ends and tabs as blanks: several lines become one.
pub(crate) fn line(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.get(..255).unwrap_or(bytes);
    let one: Vec<u8> =
        bytes.iter().map(|byte| if matches!(byte, b'\r' | b'\n' | b'\t') { b' ' } else { *byte }).collect();
    text(&one)
}

/// Like [`text`], of two bytes a letter; up to a zero or 255 letters.
pub(crate) fn wide_text(bytes: &[u8], order: fn([u8; 2]) -> u16) -> Option<String> {
    let units = bytes.chunks_exact(2).take(255).map(|pair| order([pair[0], pair[1]]));
    let letters = char::decode_utf16(units.take_while(|unit| *unit != 0));
    let whole: String = letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text_where(whole.as_bytes(), |letter| !letter.is_control())
}

/// Like [`text`], of any length and with the caller's choice among the letters that are not printable ASCII, which is always kept.
pub(crate) fn text_where(bytes: &[u8], keep: fn(&char) -> bool) -> Option<String> {
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        let text = std::str::from_utf8(bytes).unwrap_or_default().trim_matches(' ');
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let clean: String = whole.chars().filter(keep).collect();
    let clean = clean.trim_matches(' ');
    (!clean.is_empty()).then(|| clean.to_owned())
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! For the tests of dissectors: reads bytes as if they had passed from one made-up host to another.

use super::{
    DatagramProtocol, FrameProtocol, FrameVisit, PacketProtocol, Probe, Shared, StreamProtocol, Visit,
};
use crate::hosts::Hosts;
use crate::ip::Ip;
use crate::notes::{At, Notes, Who};
use crate::options::{Limits, Options};
use tallyward_core::{Field, IngestId, Mac, Timestamp};

/// The address of the host that speaks, as a subject.
pub(crate) const SENDER: &str = "at|S|10.0.0.1";
/// The address of the other, as a subject.
pub(crate) const RECEIVER: &str = "at|S|10.0.0.2";

/// The card that sends frames, as a subject.
pub(crate) const CARD: &str = "mac|02:00:00:00:00:09";

/// One statement: subject, field, value, basis.
pub(crate) type Said = (String, Field, String, String);

/// What a datagram teaches; `None` if its probe does not know it.
pub(crate) fn datagram(protocol: &DatagramProtocol, bytes: &[u8], ports: (u16, u16)) -> Option<Vec<Said>> {
    let known = super::believed((protocol.probe)(bytes), protocol.ports, ports) == Probe::Yes;
    known.then(|| visit(ports, |visit| (protocol.read)(bytes, visit)))
}

/// What one side of a stream teaches, when it comes in pieces of at most `piece` bytes.
pub(crate) fn stream(protocol: &StreamProtocol, bytes: &[u8], piece: usize, ports: (u16, u16)) -> Vec<Said> {
    visit(ports, |visit| {
        let mut stream = (protocol.begin)();
        let mut rest = bytes;
        while !rest.is_empty() && !stream.is_done() {
            let passed = stream.indifferent_to().min(rest.len() as u64) as usize;
            if passed > 0 {
                stream.skip(passed as u32);
                rest = &rest[passed..];
                continue;
            }
            let (now, later) = rest.split_at(rest.len().min(piece));
            stream.read(now, visit);
            rest = later;
        }
    })
}

/// What is noted during a visit, in order of subject and field.
pub(crate) fn visit(ports: (u16, u16), read: impl FnOnce(&mut Visit<'_>)) -> Vec<Said> {
    let (mut shared, mut notes) = (Shared::default(), Notes::new(10_000));
    let who = |last| Who::At { mac: None, address: [10, 0, 0, last].into() };
    read(&mut Visit {
        packet: 1,
        time: Timestamp::from_seconds(1_700_000_000),
        sender: who(1),
        receiver: who(2),
        ports,
        shared: &mut shared,
        notes: &mut notes,
    });
    evidence(notes)
}

/// What a frame of [`CARD`] teaches.
pub(crate) fn frame(protocol: &FrameProtocol, bytes: &[u8]) -> Vec<Said> {
    frame_visit(|visit| (protocol.read)(bytes, visit))
}

/// What a packet in a frame of [`CARD`] teaches.
pub(crate) fn packet(protocol: &PacketProtocol, ip: &Ip<'_>) -> Vec<Said> {
    frame_visit(|visit| (protocol.read)(ip, visit))
}

fn frame_visit(read: impl FnOnce(&mut FrameVisit<'_>)) -> Vec<Said> {
    let mut notes = Notes::new(10_000);
    let at = At { packet: 1, time: Timestamp::from_seconds(1_700_000_000) };
    read(&mut FrameVisit { at, source: Some(Mac([2, 0, 0, 0, 0, 9])), notes: &mut notes });
    evidence(notes)
}

fn evidence(notes: Notes) -> Vec<Said> {
    let options = Options {
        sensor: "S".to_owned(),
        ingest: IngestId(1),
        recorded_at: Timestamp::default(),
        limits: Limits::default(),
    };
    let evidence = notes.into_evidence(&Hosts::new(10), &options);
    let said = evidence.into_iter().map(|one| (one.subject.to_string(), one.field, one.value, one.basis));
    let mut said: Vec<Said> = said.collect();
    said.sort();
    said
}

/// A statement of the sender.
pub(crate) fn says(field: Field, value: &str, basis: &str) -> Said {
    (SENDER.to_owned(), field, value.to_owned(), basis.to_owned())
}

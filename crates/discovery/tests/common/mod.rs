//! What the tests of this room share: reading shared captures, asking what was learned, and making packets.

#![expect(dead_code, reason = "each test file uses its own part of this")]

use std::path::PathBuf;
use tallyward_core::{Evidence, Field, IngestId, Key, Timestamp, testkit};
use tallyward_discovery::{Learned, Limits, Options, read_capture};

pub fn options() -> Options {
    Options {
        sensor: "ED-1".to_owned(),
        ingest: IngestId(7),
        recorded_at: Timestamp::from_seconds(1_800_000_000),
        limits: Limits::default(),
    }
}

/// Bytes of one shared capture.
pub fn bytes(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(testkit::shared(&format!("pcaps/{name}"))?).expect("a shared capture can be read"))
}

pub fn read(name: &str) -> Option<Learned> {
    Some(read_capture(&bytes(name)?, options()))
}

/// Every shared capture.
pub fn captures() -> Vec<PathBuf> {
    let Some(folder) = testkit::shared("pcaps") else { return Vec::new() };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of captures can be listed")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.extension().is_some_and(|end| end == "pcap" || end == "pcapng"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 120, "{} captures", paths.len());
    paths
}

pub fn mac(text: &str) -> Key {
    Key::Mac(text.parse().expect("a MAC address"))
}

pub fn at(address: &str) -> Key {
    Key::Address { site: "ED-1".to_owned(), address: address.to_owned() }
}

/// The statements about a subject, as (field, value, basis, place).
pub fn said(learned: &Learned, subject: &Key) -> Vec<(Field, String, String, String)> {
    let of = |piece: &Evidence| {
        (piece.field, piece.value.clone(), piece.basis.clone(), piece.episodes[0].place.clone())
    };
    learned.evidence.iter().filter(|piece| piece.subject == *subject).map(of).collect()
}

#[track_caller]
pub fn expect(learned: &Learned, subject: &Key, field: Field, value: &str, basis: &str, packet: u64) {
    let all = said(learned, subject);
    let wanted = (field, value.to_owned(), basis.to_owned(), format!("packet {packet}"));
    assert!(all.contains(&wanted), "{subject}: wanted {wanted:#?}\nfound {all:#?}");
}

/// Makes a classic pcap of Ethernet frames, one second apart.
pub fn pcap(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
    for (number, frame) in frames.iter().enumerate() {
        out.extend((1_700_000_000 + number as u32).to_le_bytes());
        out.extend(0u32.to_le_bytes());
        out.extend((frame.len() as u32).to_le_bytes());
        out.extend((frame.len() as u32).to_le_bytes());
        out.extend(frame);
    }
    out
}

/// One end of a made-up conversation.
#[derive(Clone, Copy)]
pub struct End {
    pub mac: [u8; 6],
    pub address: [u8; 4],
    pub port: u16,
}

pub fn ethernet(from: &End, to: &End, kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = [to.mac, from.mac].concat();
    out.extend(kind.to_be_bytes());
    out.extend(payload);
    out
}

pub fn ipv4(from: &End, to: &End, protocol: u8, hops: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x45, 0];
    out.extend((20 + payload.len() as u16).to_be_bytes());
    out.extend([0, 1, 0, 0, hops, protocol, 0, 0]);
    out.extend(from.address);
    out.extend(to.address);
    out.extend(payload);
    out
}

pub fn tcp(from: &End, to: &End, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(from.port.to_be_bytes());
    out.extend(to.port.to_be_bytes());
    out.extend(sequence.to_be_bytes());
    out.extend([0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    out.extend(payload);
    out
}

/// A TCP segment in IPv4 in Ethernet.
pub fn segment(from: &End, to: &End, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    ethernet(from, to, 0x0800, &ipv4(from, to, 6, 64, &tcp(from, to, sequence, flags, payload)))
}

/// An A-ASSOCIATE-RQ (1) or -AC (2) with storage of CT images as context 1.
pub fn associate(kind: u8, called: &str, calling: &str, uid: &str) -> Vec<u8> {
    let item = |kind: u8, body: &[u8]| {
        let mut out = vec![kind, 0];
        out.extend((body.len() as u16).to_be_bytes());
        out.extend(body);
        out
    };
    let mut context = vec![1, 0, 0, 0];
    if kind == 1 {
        context.extend(item(0x30, b"1.2.840.10008.5.1.4.1.1.2"));
    }
    context.extend(item(0x40, b"1.2.840.10008.1.2.1"));
    let mut body = vec![0, 1, 0, 0];
    body.extend(format!("{called:<16}{calling:<16}").bytes());
    body.extend([0; 32]);
    body.extend(item(0x10, b"1.2.840.10008.3.1.1.1"));
    body.extend(item(if kind == 1 { 0x20 } else { 0x21 }, &context));
    body.extend(item(0x50, &item(0x52, uid.as_bytes())));
    pdu(kind, &body)
}

pub fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind, 0];
    out.extend((body.len() as u32).to_be_bytes());
    out.extend(body);
    out
}

/// A C-STORE request: command and data set, each in a PDU of its own.
pub fn store(maker: &str, model: &str, serial: &str, patient: &str) -> Vec<u8> {
    let implicit = |element: u16, value: &[u8]| {
        let mut out = vec![0, 0];
        out.extend(element.to_le_bytes());
        out.extend((value.len() as u32).to_le_bytes());
        out.extend(value);
        out
    };
    let command = [implicit(2, b"1.2.840.10008.5.1.4.1.1.2\0"), implicit(0x100, &[1, 0])].concat();
    let explicit = |group: u16, element: u16, kind: &[u8; 2], value: &str| {
        let value = if value.len() % 2 == 1 { format!("{value} ") } else { value.to_owned() };
        let mut out = Vec::new();
        out.extend(group.to_le_bytes());
        out.extend(element.to_le_bytes());
        out.extend(kind);
        out.extend((value.len() as u16).to_le_bytes());
        out.extend(value.bytes());
        out
    };
    let data = [
        explicit(0x0008, 0x0016, b"UI", "1.2.840.10008.5.1.4.1.1.2"),
        explicit(0x0008, 0x0070, b"LO", maker),
        explicit(0x0008, 0x1090, b"LO", model),
        explicit(0x0010, 0x0010, b"PN", patient),
        explicit(0x0018, 0x1000, b"LO", serial),
        explicit(0x0018, 0x1020, b"LO", "7.1"),
        explicit(0x0028, 0x0010, b"LO", &"x".repeat(900)),
    ]
    .concat();
    let value = |control: u8, body: &[u8]| {
        let mut out = (body.len() as u32 + 2).to_be_bytes().to_vec();
        out.extend([1, control]);
        out.extend(body);
        pdu(4, &out)
    };
    [value(3, &command), value(0, &data[..60]), value(2, &data[60..])].concat()
}

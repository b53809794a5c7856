//! Tunnels and the link layer under the usual damage: short snap lengths, fragments, and every frame twice.

mod common;

use common::{End, bytes, ethernet, ipv4, options, pcap, tcp};
use std::collections::BTreeSet;
use tallyward_core::Field;
use tallyward_discovery::{Learned, read_capture};

const CAPTURES: [&str; 7] = [
    "tcpdump__erspan-type-i-1.pcap",
    "tcpdump__erspan-type-ii-2.pcap",
    "tcpdump__geneve.pcap",
    "ndpi__vxlan.pcap",
    "ndpi__capwap.pcap",
    "tcpdump__3560_CDP.pcap",
    "tcpdump__dhcpv6-mud.pcap",
];

/// The records of a capture in microseconds and little-endian: header and bytes of each.
fn records(file: &[u8]) -> Vec<([u8; 16], &[u8])> {
    assert!(file.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1]), "a little-endian capture");
    let mut rest = &file[24..];
    let mut out = Vec::new();
    while let Some((head, tail)) = rest.split_first_chunk::<16>() {
        let length = u32::from_le_bytes([head[8], head[9], head[10], head[11]]) as usize;
        let Some(bytes) = tail.get(..length) else { break };
        rest = &tail[length..];
        out.push((*head, bytes));
    }
    out
}

fn written(file: &[u8], records: impl Iterator<Item = ([u8; 16], Vec<u8>)>) -> Vec<u8> {
    let mut out = file[..24].to_vec();
    for (mut head, bytes) in records {
        head[8..12].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
        out.extend(head);
        out.extend(bytes);
    }
    out
}

fn statements(learned: &Learned) -> BTreeSet<(String, Field, String, String)> {
    let one = |piece: &tallyward_core::Evidence| {
        (piece.subject.to_string(), piece.field, piece.value.clone(), piece.basis.clone())
    };
    learned.evidence.iter().map(one).collect()
}

/// A mirror of both ports shows every frame twice: nothing more is learned, and nothing else.
#[test]
fn frames_seen_twice_teach_what_they_teach_once() {
    for name in CAPTURES {
        let Some(file) = bytes(name) else { return };
        let all = records(&file);
        let each = all.iter().flat_map(|record| [record, record]);
        let twice = written(&file, each.map(|(head, bytes)| (*head, bytes.to_vec())));
        let (once, twice) = (read_capture(&file, options()), read_capture(&twice, options()));
        assert_eq!(statements(&twice), statements(&once), "{name}");
        assert_eq!(twice.stats.packets, 2 * once.stats.packets);
    }
}

/// A short snap length leaves who talked to whom, and how much, as it was.
#[test]
fn cut_frames_still_tell_who_talks_inside_of_tunnels() {
    for name in CAPTURES {
        let Some(file) = bytes(name) else { return };
        let all = records(&file);
        let cut =
            written(&file, all.iter().map(|(head, bytes)| (*head, bytes[..bytes.len().min(144)].to_vec())));
        let (whole, cut) = (read_capture(&file, options()), read_capture(&cut, options()));
        let sums = |learned: &Learned| -> BTreeSet<_> {
            let of = learned.flows.iter();
            of.map(|flow| {
                (flow.client.address, flow.server.address, flow.transport, flow.packets, flow.bytes)
            })
            .collect()
        };
        assert_eq!(sums(&cut), sums(&whole), "{name}");
        assert_eq!(cut.stats.ignored, 0);
        let cards = |learned: &Learned| -> BTreeSet<_> {
            let of = learned.evidence.iter().filter(|piece| piece.basis == "frame source");
            of.map(|piece| piece.value.clone()).collect()
        };
        assert_eq!(cards(&cut), cards(&whole), "{name}");
    }
}

/// A tunnel's packet that was too large for the network and travelled in two pieces.
#[test]
fn a_tunnel_in_fragments_is_put_together_first() {
    let device = End { mac: [2, 0, 0, 0, 0, 1], address: [10, 0, 0, 1], port: 40_000 };
    let server = End { mac: [2, 0, 0, 0, 0, 2], address: [10, 0, 0, 2], port: 22 };
    let ends = [
        End { mac: [2, 0, 0, 0, 0, 3], address: [10, 9, 0, 1], port: 50_000 },
        End { mac: [2, 0, 0, 0, 0, 4], address: [10, 9, 0, 2], port: 4789 },
    ];
    let inner = ethernet(
        &device,
        &server,
        0x0800,
        &ipv4(&device, &server, 6, 64, &tcp(&device, &server, 1, 16, b"SSH-2.0-device\r\n")),
    );
    let mut datagram = [50_000u16, 4789, (16 + inner.len()) as u16, 0].map(u16::to_be_bytes).concat();
    datagram.extend([8, 0, 0, 0, 0, 0, 7, 0]);
    datagram.extend(&inner);
    let piece = |offset: usize, end: usize, more: bool| {
        let mut packet = ipv4(&ends[0], &ends[1], 17, 64, &datagram[offset..end]);
        let field = (offset / 8) as u16 | if more { 0x2000 } else { 0 };
        packet[6..8].copy_from_slice(&field.to_be_bytes());
        ethernet(&ends[0], &ends[1], 0x0800, &packet)
    };
    let frames = [piece(48, datagram.len(), false), piece(0, 48, true)];
    let learned = read_capture(&pcap(&frames), options());
    let said = statements(&learned);
    let banner = (common::mac("02:00:00:00:00:01").to_string(), Field::Banner, "SSH-2.0-device".to_owned());
    assert!(
        said.iter().any(|(who, field, value, _)| (who, field, value) == (&banner.0, &banner.1, &banner.2)),
        "{said:#?}"
    );
    assert!(learned.flows.iter().any(|flow| flow.service == "vxlan" && flow.packets == 2));
}

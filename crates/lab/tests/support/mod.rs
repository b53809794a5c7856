//! The smallest reader that can check what the encoders wrote.

use tallyward_lab::wire::ip::checksum;

/// What a frame holds.
pub enum Packet {
    /// An ARP packet.
    Arp { vlan: u16 },
    /// An IPv4 packet with whole, checked headers.
    Ip { vlan: u16 },
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

/// The packets of a little-endian pcapng file; every block's two lengths agree.
pub fn blocks(file: &[u8]) -> Vec<Vec<u8>> {
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes")) as usize;
    let mut packets = Vec::new();
    let mut at = 0;
    while at < file.len() {
        let (kind, length) = (word(at), word(at + 4));
        assert_eq!(length % 4, 0);
        assert_eq!(word(at + length - 4), length);
        if kind == 6 {
            let captured = word(at + 20);
            assert_eq!(captured, word(at + 24));
            packets.push(file[at + 28..at + 28 + captured].to_vec());
        }
        at += length;
    }
    packets
}

/// Takes a tagged frame apart, asserting lengths and checksums on the way.
pub fn parse(frame: &[u8]) -> Packet {
    assert!(frame.len() >= 60 && frame.len() <= 1518);
    assert_eq!(u16_at(frame, 12), 0x8100);
    let vlan = u16_at(frame, 14) & 0xfff;
    let body = &frame[18..];
    match u16_at(frame, 16) {
        0x0806 => {
            assert_eq!(&body[..6], [0, 1, 8, 0, 6, 4]);
            assert!(matches!(u16_at(body, 6), 1 | 2));
            Packet::Arp { vlan }
        }
        0x0800 => {
            let length = usize::from(u16_at(body, 2));
            assert_eq!(checksum(&[&body[..20]]), 0);
            transport(&body[..length]);
            Packet::Ip { vlan }
        }
        other => panic!("ethertype {other:04x}"),
    }
}

fn transport(packet: &[u8]) {
    let segment = &packet[20..];
    let mut pseudo = packet[12..20].to_vec();
    pseudo.extend([0, packet[9]]);
    pseudo.extend(u16::try_from(segment.len()).expect("a segment fits a packet").to_be_bytes());
    assert_eq!(checksum(&[&pseudo, segment]), 0);
    match packet[9] {
        6 => assert!(usize::from(segment[12] >> 4) * 4 <= segment.len()),
        17 => assert_eq!(usize::from(u16_at(segment, 4)), segment.len()),
        other => panic!("protocol {other}"),
    }
}

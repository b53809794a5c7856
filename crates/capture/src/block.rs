//! A block of a TPACKET_V3 ring taken apart: safe code over bytes, in which every length is checked.
//!
//! Offsets are those of `struct tpacket_block_desc`, `struct tpacket3_hdr` and `struct sockaddr_ll` in `linux/if_packet.h`.

use tallyward_discovery::Live;
use tallyward_discovery::Timestamp;

const VLAN_VALID: u32 = 1 << 4;
const VLAN_TPID_VALID: u32 = 1 << 6;
/// Offset of the `sockaddr_ll` behind a `tpacket3_hdr`.
const ADDRESS: usize = 48;
/// ARPHRD numbers.
const ETHERNET: u16 = 1;
const LOOPBACK: u16 = 772;
const NONE: u16 = 65_534;
const RAW_IP: u16 = 519;
/// LINKTYPE numbers.
const LINK_ETHERNET: u16 = 1;
const LINK_RAW: u16 = 101;
/// `PACKET_OUTGOING`: what this machine itself sent.
const OUTGOING: u8 = 4;

/// One packet where it lies.
#[derive(Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Microseconds since 1970.
    pub micros: i64,
    /// LINKTYPE number.
    pub link: u16,
    pub data: &'a [u8],
    /// Length on the wire.
    pub wire: u32,
    /// The tag that the card took out of the frame: its type and its content.
    pub tag: Option<(u16, u16)>,
    /// Whether this machine sent it.
    pub outgoing: bool,
}

/// The packets of a block. What is not where the header says ends the block.
#[derive(Debug)]
pub struct Packets<'a> {
    block: &'a [u8],
    at: usize,
    left: u32,
}

impl<'a> Packets<'a> {
    /// The packets of a block.
    pub fn of(block: &'a [u8]) -> Self {
        let left = word(block, 12).unwrap_or(0);
        Self { block, at: word(block, 16).unwrap_or(0) as usize, left }
    }

    /// Packets not handed out yet.
    pub const fn left(&self) -> u32 {
        self.left
    }

    fn packet(&mut self) -> Option<Packet<'a>> {
        let head = self.block.get(self.at..)?;
        let (next, seconds, nanos) = (word(head, 0)?, word(head, 4)?, word(head, 8)?);
        let (captured, wire, status) = (word(head, 12)?, word(head, 16)?, word(head, 20)?);
        let start = usize::from(half(head, 24)?);
        let data = head.get(start..start.checked_add(captured as usize)?)?;
        let tag = (status & VLAN_VALID != 0).then(|| {
            let kind = half(head, 36).filter(|_| status & VLAN_TPID_VALID != 0).unwrap_or(0x8100);
            (kind, word(head, 32).unwrap_or(0) as u16)
        });
        let link = link_of(half(head, ADDRESS + 8)?)?;
        let outgoing = *head.get(ADDRESS + 10)? == OUTGOING;
        let micros = i64::from(seconds) * 1_000_000 + i64::from(nanos / 1_000);
        self.left -= 1;
        // The last packet of a block says 0.
        self.at = if next == 0 { self.block.len() } else { self.at.checked_add(next as usize)? };
        Some(Packet { micros, link, data, wire, tag, outgoing })
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Packet<'a>;

    fn next(&mut self) -> Option<Packet<'a>> {
        if self.left == 0 { None } else { self.packet() }
    }
}

impl Packet<'_> {
    /// Hands the packet to a reader, with the tag put back where it was.
    pub fn read(&self, scratch: &mut Vec<u8>, live: &mut Live) {
        let time = Timestamp::from_micros(self.micros);
        match self.tag {
            Some((kind, content)) if self.link == LINK_ETHERNET && self.data.len() >= 12 => {
                scratch.clear();
                scratch.extend_from_slice(&self.data[..12]);
                scratch.extend_from_slice(&kind.to_be_bytes());
                scratch.extend_from_slice(&content.to_be_bytes());
                scratch.extend_from_slice(&self.data[12..]);
                live.packet(time, self.link, scratch, self.wire.saturating_add(4));
            }
            _ => live.packet(time, self.link, self.data, self.wire),
        }
    }
}

/// The LINKTYPE of an ARPHRD number.
pub const fn link_of(kind: u16) -> Option<u16> {
    match kind {
        ETHERNET | LOOPBACK => Some(LINK_ETHERNET),
        NONE | RAW_IP => Some(LINK_RAW),
        _ => None,
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.first_chunk().map(|word| u32::from_ne_bytes(*word))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.first_chunk().map(|half| u16::from_ne_bytes(*half))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;

    /// The offsets above, held against the headers the C library was made from.
    #[test]
    fn offsets_are_those_of_the_kernel() {
        assert_eq!(offset_of!(libc::tpacket3_hdr, tp_snaplen), 12);
        assert_eq!(offset_of!(libc::tpacket3_hdr, tp_status), 20);
        assert_eq!(offset_of!(libc::tpacket3_hdr, tp_mac), 24);
        assert_eq!(offset_of!(libc::tpacket3_hdr, hv1), 28);
        assert_eq!(offset_of!(libc::tpacket_hdr_variant1, tp_vlan_tci), 4);
        assert_eq!(offset_of!(libc::tpacket_hdr_variant1, tp_vlan_tpid), 8);
        assert_eq!(size_of::<libc::tpacket3_hdr>().next_multiple_of(libc::TPACKET_ALIGNMENT), ADDRESS);
        assert_eq!(offset_of!(libc::sockaddr_ll, sll_hatype), 8);
        assert_eq!(offset_of!(libc::sockaddr_ll, sll_pkttype), 10);
        assert_eq!(
            (libc::TP_STATUS_VLAN_VALID, libc::TP_STATUS_VLAN_TPID_VALID),
            (VLAN_VALID, VLAN_TPID_VALID)
        );
    }

    fn block() -> Vec<u8> {
        let mut block = vec![0_u8; 48];
        block[12..16].copy_from_slice(&2_u32.to_ne_bytes());
        block[16..20].copy_from_slice(&48_u32.to_ne_bytes());
        for (next, fill, tagged) in [(96_u32, 0xAA_u8, true), (0, 0xBB, false)] {
            let mut packet = vec![0_u8; 96];
            let status = if tagged { VLAN_VALID | VLAN_TPID_VALID } else { 0 };
            for (at, value) in [(0, next), (4, 10), (8, 5_000), (12, 20), (16, 64), (20, status), (32, 7)] {
                packet[at..at + 4].copy_from_slice(&value.to_ne_bytes());
            }
            packet[24..26].copy_from_slice(&72_u16.to_ne_bytes());
            packet[36..38].copy_from_slice(&0x88a8_u16.to_ne_bytes());
            packet[56..58].copy_from_slice(&ETHERNET.to_ne_bytes());
            packet[72..92].fill(fill);
            block.extend(packet);
        }
        block
    }

    #[test]
    fn packets_are_found_with_time_and_tag() {
        let block = block();
        let packets: Vec<Packet<'_>> = Packets::of(&block).collect();
        assert_eq!(packets.len(), 2);
        assert_eq!((packets[0].micros, packets[0].wire, packets[0].tag), (10_000_005, 64, Some((0x88a8, 7))));
        assert_eq!((packets[1].data, packets[1].tag), ([0xBB; 20].as_slice(), None));
    }

    #[test]
    fn no_block_reads_beyond_itself() {
        let whole = block();
        for length in 0..whole.len() {
            assert!(Packets::of(&whole[..length]).count() <= 2);
        }
        // Every byte of every header made large.
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] = 0xFF;
            let mut packets = Packets::of(&broken);
            let count = packets.by_ref().take(1_000).count();
            assert!(count <= 1_000, "byte {at}");
        }
    }
}

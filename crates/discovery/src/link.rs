//! Link layer: from a frame to the network layer's bytes, with cards and VLAN.

use tallyward_core::Mac;

/// EtherType of IPv4.
pub(crate) const IPV4: u64 = 0x0800;
/// EtherType of IPv6.
pub(crate) const IPV6: u64 = 0x86dd;

/// The kind of an organisation's own protocol in SNAP (IEEE 802, clause 9.5): its OUI above the protocol number, never an EtherType.
pub(crate) const fn snap(oui: [u8; 3], protocol: u16) -> u64 {
    1 << 48 | (oui[0] as u64) << 32 | (oui[1] as u64) << 24 | (oui[2] as u64) << 16 | protocol as u64
}

/// The network that a frame lies in. Networks that may give the same address to different hosts are told apart: VLANs, with the
/// provider's tag around them (QinQ), and the virtual networks of VXLAN and Geneve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Realm(u32);

impl Realm {
    const VIRTUAL: u32 = 1 << 31;

    /// A virtual network by its 24-bit number.
    pub(crate) const fn virtual_network(number: u32) -> Self {
        Self(Self::VIRTUAL | number & 0xff_ffff)
    }

    /// The network within another VLAN tag. Of more than two tags the inner two count; 0 is only a priority.
    pub(crate) const fn tagged(self, vlan: u16) -> Self {
        match vlan & 0x0fff {
            0 => self,
            vlan => Self((self.0 << 12 | vlan as u32) & 0xff_ffff),
        }
    }

    /// Both kinds in one number.
    pub(crate) const fn word(self) -> u32 {
        self.0
    }

    /// The VLAN number of the innermost tag, which is the device's own; 0 when there is none.
    pub(crate) const fn vlan(self) -> u16 {
        if self.0 & Self::VIRTUAL == 0 { (self.0 & 0x0fff) as u16 } else { 0 }
    }
}

/// A frame taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    /// Sending card, when the link has them and it is a real one.
    pub source: Option<Mac>,
    /// The VLANs it is tagged with.
    pub realm: Realm,
    /// The EtherType, or [`snap`] of an organisation's own protocol; 0 when the frame carries none that is read.
    pub kind: u64,
    /// What follows.
    pub payload: &'a [u8],
}

/// Whether frames of a LINKTYPE are read at all.
pub(crate) const fn is_read(link: u16) -> bool {
    matches!(link, 0 | 1 | 10 | 12 | 14 | 101 | 108 | 113 | 228 | 229 | 276)
}

/// Takes a frame apart by its LINKTYPE (tcpdump.org registry); `None` for types and headers that are not read.
pub(crate) fn slice(link: u16, data: &[u8]) -> Option<Link<'_>> {
    match link {
        1 => ethernet(data),
        // FDDI frames of LLC. In which bit order the file keeps the cards' addresses is not told, so they are not read.
        10 if data.first()? & 0xf0 == 0x50 => Some(llc(None, Realm::default(), data.get(13..)?)),
        0 => {
            let family = data.first_chunk::<4>()?;
            // The family number is in the byte order of the capturing host, and differs between systems.
            let little = u32::from_le_bytes(*family);
            let family = if little > 0xffff { u32::from_be_bytes(*family) } else { little };
            family_frame(family, &data[4..])
        }
        108 => family_frame(u32::from_be_bytes(*data.first_chunk::<4>()?), &data[4..]),
        12 | 14 | 101 => match data.first()? >> 4 {
            4 => Some(bare(IPV4, data)),
            6 => Some(bare(IPV6, data)),
            _ => None,
        },
        228 => Some(bare(IPV4, data)),
        229 => Some(bare(IPV6, data)),
        113 => {
            let head = data.first_chunk::<16>()?;
            cooked(be16(head, 2), be16(head, 4), &head[6..12], be16(head, 14), &data[16..])
        }
        276 => {
            let head = data.first_chunk::<20>()?;
            cooked(be16(head, 8), u16::from(head[11]), &head[12..18], be16(head, 0), &data[20..])
        }
        _ => None,
    }
}

fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

/// A packet without a frame around it.
pub(crate) fn bare(kind: u64, payload: &[u8]) -> Link<'_> {
    Link { source: None, realm: Realm::default(), kind, payload }
}

fn family_frame(family: u32, payload: &[u8]) -> Option<Link<'_>> {
    match family {
        2 => Some(bare(IPV4, payload)),
        10 | 24 | 28 | 30 => Some(bare(IPV6, payload)),
        _ => None,
    }
}

/// Linux cooked captures: only the sender's address is there, and only for Ethernet-like hardware.
fn cooked<'a>(hardware: u16, length: u16, address: &[u8], kind: u16, payload: &'a [u8]) -> Option<Link<'a>> {
    let source = match (hardware, length, address.first_chunk::<6>()) {
        (1, 6, Some(bytes)) => real(Mac(*bytes)),
        _ => None,
    };
    tagged(source, kind, payload)
}

/// An Ethernet frame (IEEE 802.3).
pub(crate) fn ethernet(data: &[u8]) -> Option<Link<'_>> {
    let head = data.first_chunk::<14>()?;
    let source = real(Mac([head[6], head[7], head[8], head[9], head[10], head[11]]));
    tagged(source, u16::from_be_bytes([head[12], head[13]]), &data[14..])
}

/// A card that can be somebody's.
pub(crate) fn real(mac: Mac) -> Option<Mac> {
    (!mac.is_junk()).then_some(mac)
}

/// Follows VLAN tags (802.1Q, 802.1ad and the older QinQ type) and LLC/SNAP to the EtherType.
fn tagged(source: Option<Mac>, mut kind: u16, mut payload: &[u8]) -> Option<Link<'_>> {
    let mut realm = Realm::default();
    for _ in 0..4 {
        if !matches!(kind, 0x8100 | 0x88a8 | 0x9100) {
            break;
        }
        let tag = payload.first_chunk::<4>()?;
        realm = realm.tagged(u16::from_be_bytes([tag[0], tag[1]]));
        kind = u16::from_be_bytes([tag[2], tag[3]]);
        payload = &payload[4..];
    }
    if kind <= 1_500 {
        return Some(llc(source, realm, &payload[..payload.len().min(usize::from(kind).max(8))]));
    }
    Some(Link { source, realm, kind: u64::from(kind), payload })
}

/// IEEE 802.2 LLC with SNAP (RFC 1042); other LLC frames carry nothing that is read.
pub(crate) fn llc(source: Option<Mac>, realm: Realm, payload: &[u8]) -> Link<'_> {
    let kind = match payload.first_chunk::<8>() {
        Some([0xaa, 0xaa, 0x03, 0, 0, 0 | 0xf8, high, low]) => u64::from(u16::from_be_bytes([*high, *low])),
        Some([0xaa, 0xaa, 0x03, a, b, c, high, low]) => snap([*a, *b, *c], u16::from_be_bytes([*high, *low])),
        _ => return Link { source, realm, kind: 0, payload },
    };
    Link { source, realm, kind, payload: &payload[8..] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snap_and_double_tags_are_followed() {
        let mut frame = vec![0xff; 6];
        frame.extend([2, 0, 0, 0, 0, 9, 0x88, 0xa8, 0, 7, 0x81, 0, 0x20, 8, 0, 12]);
        frame.extend([0xaa, 0xaa, 3, 0, 0, 0, 8, 6, 1, 2, 3, 4, 99]);
        let link = slice(1, &frame).unwrap();
        assert_eq!(link.realm, Realm::default().tagged(7).tagged(8));
        assert_eq!((link.realm.vlan(), link.kind, link.payload), (8, 0x0806, &[1, 2, 3, 4][..]));
        assert_eq!(link.source, Some(Mac([2, 0, 0, 0, 0, 9])));
    }

    #[test]
    fn a_zero_card_is_no_card() {
        let frame = [0u8; 20];
        assert_eq!(slice(1, &frame).unwrap().source, None);
        assert!(slice(1, &frame[..13]).is_none());
        assert!(slice(9_999, &frame).is_none());
    }
}

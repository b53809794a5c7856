//! What a DHCP relay says of the port it heard a client on: option 82 (RFC 3046, RFC 3993), and interface id (18) and remote id
//! (37) of DHCPv6.
//!
//! The contents are the relay's own business: mostly text; many switches put in the VLAN, module and port, or a card address.

use super::{hex, text};
use tallyward_core::Mac;

/// The longest part that is shown.
const LONGEST: usize = 64;

/// Circuit and remote id together, the switch before the port.
pub(crate) fn port(remote: Option<&[u8]>, circuit: Option<&[u8]>) -> Option<String> {
    let parts: Vec<String> = [remote, circuit].into_iter().flatten().filter_map(readable).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// An id as a person would read it.
pub(crate) fn readable(id: &[u8]) -> Option<String> {
    let id = id.get(..LONGEST).unwrap_or(id);
    let printable = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, 0x20..=0x7e));
    match id {
        [] => None,
        // Type 0 of four bytes: VLAN, module, port.
        [0, 4, high, low, module, port] => {
            Some(format!("vlan {} module {module} port {port}", u16::from_be_bytes([*high, *low])))
        }
        [0, 6, a, b, c, d, e, f] | [a, b, c, d, e, f] if !printable(id) => {
            Some(Mac([*a, *b, *c, *d, *e, *f]).to_string())
        }
        // Type 1: text with its length.
        [1, length, rest @ ..] if usize::from(*length) == rest.len() && printable(rest) => text(rest),
        _ if printable(id) => text(id),
        _ => Some(hex(id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_shown_as_switches_mean_them() {
        let of = |bytes: &[u8]| readable(bytes).unwrap();
        assert_eq!(of(&[0, 4, 0, 10, 1, 5]), "vlan 10 module 1 port 5");
        assert_eq!(of(&[0, 6, 0, 0x1b, 0x54, 1, 2, 3]), "00:1b:54:01:02:03");
        assert_eq!(of(&[0, 0x1b, 0x54, 1, 2, 3]), "00:1b:54:01:02:03");
        assert_eq!(of(b"\x01\x07Gi1/0/5"), "Gi1/0/5");
        assert_eq!(of(b"ward-3-sw1"), "ward-3-sw1");
        assert_eq!(of(&[0, 0, 0, 8]), "00000008");
        assert_eq!(readable(&[]), None);
        assert_eq!(port(Some(b"sw1"), Some(b"Gi1/0/5")).unwrap(), "sw1 Gi1/0/5");
        assert_eq!(port(None, None), None);
    }
}

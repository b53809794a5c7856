//! The classic capture file (draft-ietf-opsawg-pcap).

use super::{Frame, Order, len32};

/// Resolution of the time stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Millionths of a second.
    Micro,
    /// Billionths of a second.
    Nano,
}

/// A whole file of Ethernet frames (link type 1); frames longer than `snap` bytes are cut, their length kept.
#[must_use]
pub fn file(frames: &[Frame], order: Order, resolution: Resolution, snap: u32) -> Vec<u8> {
    let (magic, scale) = match resolution {
        Resolution::Micro => (0xa1b2_c3d4, 1),
        Resolution::Nano => (0xa1b2_3c4d, 1000),
    };
    let mut out = Vec::new();
    out.extend(order.u32(magic));
    out.extend(order.u16(2));
    out.extend(order.u16(4));
    out.extend([0; 8]);
    out.extend(order.u32(snap));
    out.extend(order.u32(1));
    for frame in frames {
        let micros = frame.time.micros().rem_euclid(1_000_000);
        let kept = &frame.bytes[..frame.bytes.len().min(snap as usize)];
        out.extend(order.u32(u32::try_from(frame.time.seconds()).unwrap_or(0)));
        out.extend(order.u32(u32::try_from(micros * scale).unwrap_or(0)));
        out.extend(order.u32(len32(kept.len())));
        out.extend(order.u32(len32(frame.bytes.len())));
        out.extend_from_slice(kept);
    }
    out
}

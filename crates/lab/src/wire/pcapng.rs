//! The block-structured capture file (draft-ietf-opsawg-pcapng).

use super::{Frame, Order, len16, len32};

/// Writes one section with one Ethernet interface.
#[derive(Clone, Debug)]
pub struct Writer {
    order: Order,
    exponent: u8,
    snap: usize,
    out: Vec<u8>,
}

impl Writer {
    /// Begins a file: section header block and interface description block. Time stamps count in units of
    /// 10^-`exponent` seconds (option `if_tsresol`; 6 for micro-, 9 for nanoseconds; more than 9 is taken as 9).
    /// `snap` is the longest part of a frame that is kept, 0 for all; `interface` its name.
    #[must_use]
    pub fn new(order: Order, exponent: u8, snap: u32, interface: &str) -> Self {
        let exponent = exponent.min(9);
        let kept = if snap == 0 { usize::MAX } else { snap as usize };
        let mut writer = Self { order, exponent, snap: kept, out: Vec::new() };
        let mut section = Vec::new();
        section.extend(order.u32(0x1a2b_3c4d));
        section.extend(order.u16(1));
        section.extend(order.u16(0));
        section.extend([0xff; 8]);
        writer.option(&mut section, 4, b"tallyward-lab");
        writer.option(&mut section, 0, &[]);
        writer.block(0x0a0d_0d0a, &section);
        let mut description = Vec::new();
        description.extend(order.u16(1));
        description.extend([0; 2]);
        description.extend(order.u32(snap));
        writer.option(&mut description, 2, interface.as_bytes());
        writer.option(&mut description, 9, &[exponent]);
        writer.option(&mut description, 0, &[]);
        writer.block(1, &description);
        writer
    }

    /// Adds an enhanced packet block.
    pub fn push(&mut self, frame: &Frame) {
        let order = self.order;
        let micros = u128::try_from(frame.time.micros()).unwrap_or(0);
        let ticks = micros * 10u128.pow(u32::from(self.exponent)) / 1_000_000;
        let kept = &frame.bytes[..frame.bytes.len().min(self.snap)];
        let mut body = Vec::with_capacity(kept.len() + 24);
        body.extend(order.u32(0));
        body.extend(order.u32((ticks >> 32) as u32));
        body.extend(order.u32(ticks as u32));
        body.extend(order.u32(len32(kept.len())));
        body.extend(order.u32(len32(frame.bytes.len())));
        body.extend_from_slice(kept);
        pad(&mut body);
        self.block(6, &body);
    }

    /// The file.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// The bytes written so far, leaving the writer ready for more: for files too large for memory.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let length = self.order.u32(len32(body.len() + 12));
        self.out.extend(self.order.u32(kind));
        self.out.extend(length);
        self.out.extend_from_slice(body);
        self.out.extend(length);
    }

    fn option(&self, body: &mut Vec<u8>, code: u16, value: &[u8]) {
        body.extend(self.order.u16(code));
        body.extend(self.order.u16(len16(value.len())));
        body.extend_from_slice(value);
        pad(body);
    }
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

//! Classic libpcap files (draft-ietf-opsawg-pcap): both byte orders, microseconds and nanoseconds.

use super::{Frame, LARGEST_PACKET, Step, u32_at};
use tallyward_core::Timestamp;

const RECORD: usize = 16;

/// Byte order and time resolution, as the magic number says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Precision {
    big: bool,
    nanos: bool,
}

impl Precision {
    pub(crate) fn of(magic: [u8; 4]) -> Option<Self> {
        let (big, nanos) = match magic {
            [0xa1, 0xb2, 0xc3, 0xd4] => (true, false),
            [0xd4, 0xc3, 0xb2, 0xa1] => (false, false),
            [0xa1, 0xb2, 0x3c, 0x4d] => (true, true),
            [0x4d, 0x3c, 0xb2, 0xa1] => (false, true),
            _ => return None,
        };
        Some(Self { big, nanos })
    }
}

/// Touches the next record, so that its headers are on their way from memory while this packet is read: captures are larger than
/// any cache, and a record's place is known only from the one before it.
fn look_ahead(bytes: &[u8], next: usize) {
    let headers = [bytes.get(next), bytes.get(next + 64)].map(|byte| byte.copied().unwrap_or_default());
    std::hint::black_box(headers);
}

/// A pcap file after its header.
#[derive(Debug)]
pub(crate) struct Pcap {
    precision: Precision,
    link: u16,
    last: Option<u32>,
    lost: bool,
}

impl Pcap {
    pub(crate) fn new(precision: Precision, header: &[u8; 24]) -> Self {
        // The upper half of the field carries the FCS length; the LINKTYPE is the lower half.
        let link = u32_at(header, 20, precision.big) as u16;
        Self { precision, link, last: None, lost: false }
    }

    pub(crate) fn step<'a>(&mut self, bytes: &'a [u8], end: bool) -> Step<'a> {
        if self.lost {
            return self.resync(bytes, end);
        }
        if bytes.len() < RECORD {
            return Step::Need(RECORD);
        }
        let big = self.precision.big;
        let captured = u32_at(bytes, 8, big) as usize;
        if captured > LARGEST_PACKET {
            self.lost = true;
            return Step::Bad(
                1,
                format!(
                    "packet record claims {captured} bytes, expected at most {LARGEST_PACKET}; looking for the next record"
                ),
            );
        }
        let Some(data) = bytes.get(RECORD..RECORD + captured) else { return Step::Need(RECORD + captured) };
        let seconds = u32_at(bytes, 0, big);
        let fraction = i64::from(u32_at(bytes, 4, big));
        let micros = if self.precision.nanos { fraction / 1_000 } else { fraction };
        self.last = Some(seconds);
        let time = Timestamp::from_micros(i64::from(seconds) * 1_000_000 + micros);
        let wire = u32_at(bytes, 12, big).max(captured as u32);
        look_ahead(bytes, RECORD + captured);
        Step::Packet(RECORD + captured, Frame { time, link: self.link, data, wire })
    }

    /// After a damaged length there is no pointer to the next record: look for two plausible headers in a row.
    fn resync<'a>(&mut self, bytes: &'a [u8], end: bool) -> Step<'a> {
        let mut at = 0;
        while at + RECORD <= bytes.len() {
            let head = &bytes[at..];
            if self.plausible(head) {
                let next = RECORD + u32_at(head, 8, self.precision.big) as usize;
                let whole = head.len() == next && end;
                if head.len() >= next + RECORD && self.plausible(&head[next..]) || whole {
                    self.lost = false;
                    return if at == 0 { self.step(bytes, end) } else { Step::Other(at) };
                }
                if head.len() < next + RECORD && !end {
                    return if at == 0 { Step::Need(next + RECORD) } else { Step::Other(at) };
                }
            }
            at += 1;
        }
        if at == 0 { Step::Need(RECORD) } else { Step::Other(at) }
    }

    fn plausible(&self, head: &[u8]) -> bool {
        let big = self.precision.big;
        let captured = u32_at(head, 8, big);
        let wire = u32_at(head, 12, big);
        let unit = if self.precision.nanos { 1_000_000_000 } else { 1_000_000 };
        let near = self.last.is_none_or(|last| u32_at(head, 0, big).abs_diff(last) <= 7 * 86_400);
        near && u32_at(head, 4, big) < unit
            && (1..=LARGEST_PACKET as u32).contains(&captured)
            && (captured..=16 << 20).contains(&wire)
    }
}

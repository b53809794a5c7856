//! pcapng files (draft-ietf-opsawg-pcapng): sections, interfaces, enhanced, simple and obsolete packet blocks.

use super::{Frame, LARGEST_PACKET, Step, u16_at, u32_at};
use tallyward_core::Timestamp;

/// Type of the section header block, the same in both byte orders.
pub(crate) const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const SECTION_TYPE: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// Blocks that are looked at must fit: a packet and its options. Others of any length are passed over.
const LARGEST_BLOCK: usize = LARGEST_PACKET + 256 * 1024;
/// Longest other block believed; a longer one is taken for damage.
const LONGEST_SKIP: usize = 64 << 20;
/// Interfaces of one section; a real capture has a handful.
const MOST_INTERFACES: usize = 4_096;

#[derive(Clone, Copy, Debug)]
enum Resolution {
    Micros,
    Nanos,
    /// Ticks per second.
    Other(u128),
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u16,
    snap: u32,
    resolution: Resolution,
    /// `if_tsoffset`, seconds.
    offset: i64,
}

/// A pcapng file: the interfaces of the present section.
#[derive(Debug, Default)]
pub(crate) struct Pcapng {
    big: bool,
    interfaces: Vec<Interface>,
    lost: bool,
}

impl Pcapng {
    pub(crate) fn step<'a>(&mut self, bytes: &'a [u8], end: bool) -> Step<'a> {
        if self.lost {
            return self.resync(bytes, end);
        }
        if bytes.len() < 12 {
            return Step::Need(12);
        }
        if bytes.starts_with(&SECTION) {
            match bytes[8..12] {
                [0x1a, 0x2b, 0x3c, 0x4d] => self.big = true,
                [0x4d, 0x3c, 0x2b, 0x1a] => self.big = false,
                _ => return self.damaged("section header without its byte-order magic"),
            }
        }
        let kind = u32_at(bytes, 0, self.big);
        let length = u32_at(bytes, 4, self.big) as usize;
        if length < 12 || !length.is_multiple_of(4) || length > LONGEST_SKIP {
            return self.damaged(&format!("block of type {kind:#x} claims {length} bytes"));
        }
        let looked_at =
            matches!(kind, SECTION_TYPE | INTERFACE | OBSOLETE_PACKET | SIMPLE_PACKET | ENHANCED_PACKET);
        if !looked_at {
            return Step::Skip(length as u64);
        }
        if length > LARGEST_BLOCK {
            return self
                .damaged(&format!("packet block claims {length} bytes, expected at most {LARGEST_BLOCK}"));
        }
        let Some(block) = bytes.get(..length) else { return Step::Need(length) };
        if u32_at(block, length - 4, self.big) as usize != length {
            return self.damaged("block whose two lengths disagree");
        }
        self.block(kind, &block[8..length - 4], length)
    }

    fn damaged<'a>(&mut self, what: &str) -> Step<'a> {
        self.lost = true;
        Step::Bad(4, format!("{what}; looking for the next block"))
    }

    fn block<'a>(&mut self, kind: u32, body: &'a [u8], length: usize) -> Step<'a> {
        match kind {
            SECTION_TYPE => {
                self.interfaces.clear();
                Step::Other(length)
            }
            INTERFACE if self.interfaces.len() >= MOST_INTERFACES => {
                Step::Bad(length, format!("more than {MOST_INTERFACES} interfaces in one section"))
            }
            INTERFACE if body.len() < 8 => Step::Bad(length, "interface block shorter than 20 bytes".into()),
            INTERFACE => {
                let interface = self.interface(body);
                self.interfaces.push(interface);
                Step::Other(length)
            }
            _ => match self.packet(kind, body) {
                Ok(frame) => Step::Packet(length, frame),
                Err(what) => Step::Bad(length, what),
            },
        }
    }

    fn interface(&self, body: &[u8]) -> Interface {
        let mut interface = Interface {
            link: u16_at(body, 0, self.big),
            snap: u32_at(body, 4, self.big),
            resolution: Resolution::Micros,
            offset: 0,
        };
        let mut rest = &body[8..];
        while rest.len() >= 4 {
            let (code, length) = (u16_at(rest, 0, self.big), usize::from(u16_at(rest, 2, self.big)));
            let Some(value) = rest.get(4..4 + length) else { break };
            match (code, value) {
                (0, _) => break,
                (9, [resolution, ..]) => interface.resolution = resolution_of(*resolution),
                (14, [a, b, c, d, e, f, g, h]) => {
                    let raw = [*a, *b, *c, *d, *e, *f, *g, *h];
                    interface.offset =
                        if self.big { i64::from_be_bytes(raw) } else { i64::from_le_bytes(raw) };
                }
                _ => {}
            }
            rest = rest.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
        }
        interface
    }

    fn packet<'a>(&self, kind: u32, body: &'a [u8]) -> Result<Frame<'a>, String> {
        let big = self.big;
        let (number, ticks, captured, wire, at) = match kind {
            SIMPLE_PACKET if body.len() >= 4 => {
                let wire = u32_at(body, 0, big);
                let snap = self.interfaces.first().map_or(0, |interface| interface.snap);
                let most = if snap == 0 { wire } else { wire.min(snap) };
                (0, 0, most, wire, 4)
            }
            ENHANCED_PACKET if body.len() >= 20 => {
                (u32_at(body, 0, big), time_of(body, big), u32_at(body, 12, big), u32_at(body, 16, big), 20)
            }
            OBSOLETE_PACKET if body.len() >= 20 => (
                u32::from(u16_at(body, 0, big)),
                time_of(body, big),
                u32_at(body, 12, big),
                u32_at(body, 16, big),
                20,
            ),
            _ => {
                return Err(format!(
                    "packet block of type {kind} is too short: {} bytes of body",
                    body.len()
                ));
            }
        };
        let Some(interface) = self.interfaces.get(number as usize) else {
            return Err(format!(
                "packet of interface {number}, but the section describes {}",
                self.interfaces.len()
            ));
        };
        let length = captured as usize;
        let Some(data) = (length <= LARGEST_PACKET).then(|| body.get(at..at + length)).flatten() else {
            return Err(format!(
                "packet claims {captured} bytes, its block has room for {}",
                body.len() - at
            ));
        };
        Ok(Frame { time: interface.time(ticks), link: interface.link, data, wire: wire.max(captured) })
    }

    /// After damage: the next block whose type is known and whose two lengths agree.
    fn resync<'a>(&mut self, bytes: &'a [u8], end: bool) -> Step<'a> {
        let mut at = 0;
        while at + 12 <= bytes.len() {
            let head = &bytes[at..];
            let big = match (head.starts_with(&SECTION), &head[8..12]) {
                (true, [0x1a, 0x2b, 0x3c, 0x4d]) => true,
                (true, [0x4d, 0x3c, 0x2b, 0x1a]) => false,
                _ => self.big,
            };
            let length = u32_at(head, 4, big) as usize;
            let known = matches!(u32_at(head, 0, big), 1..=6 | SECTION_TYPE);
            if known && length.is_multiple_of(4) && (12..=LARGEST_BLOCK).contains(&length) {
                if head.len() < length && !end {
                    return if at == 0 { Step::Need(length) } else { Step::Other(at) };
                }
                if head.len() >= length && u32_at(head, length - 4, big) as usize == length {
                    self.lost = false;
                    return if at == 0 { self.step(bytes, end) } else { Step::Other(at) };
                }
            }
            at += 1;
        }
        if at == 0 { Step::Need(12) } else { Step::Other(at) }
    }
}

impl Interface {
    fn time(&self, ticks: u64) -> Timestamp {
        let micros = match self.resolution {
            Resolution::Micros => i64::try_from(ticks).unwrap_or(i64::MAX),
            Resolution::Nanos => (ticks / 1_000) as i64,
            Resolution::Other(per_second) => {
                i64::try_from(u128::from(ticks) * 1_000_000 / per_second).unwrap_or(i64::MAX)
            }
        };
        Timestamp::from_micros(micros).plus_seconds(self.offset)
    }
}

/// `if_tsresol`: a negative power of ten, or of two when the top bit is set.
fn resolution_of(value: u8) -> Resolution {
    match value {
        6 => Resolution::Micros,
        9 => Resolution::Nanos,
        power if power & 0x80 != 0 => Resolution::Other(1u128 << (power & 0x7f).min(100)),
        power => Resolution::Other(10u128.pow(u32::from(power).min(30))),
    }
}

fn time_of(body: &[u8], big: bool) -> u64 {
    u64::from(u32_at(body, 4, big)) << 32 | u64::from(u32_at(body, 8, big))
}

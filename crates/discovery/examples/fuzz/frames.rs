//! Captures as rows of frames: taken apart far enough to change payloads and keep the headers around them true.

/// One Ethernet frame.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    pub bytes: Vec<u8>,
    /// Where the payload of TCP or UDP begins; behind the EtherType for everything else.
    pub payload: usize,
    /// Where the IP header begins, if there is one.
    network: Option<usize>,
    /// IP protocol and the two ports.
    pub ports: Option<(u8, u16, u16)>,
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..at + 2)?.first_chunk::<2>()?))
}

impl Frame {
    pub fn of(bytes: Vec<u8>) -> Option<Self> {
        let (mut at, mut kind) = (14, be16(&bytes, 12)?);
        while matches!(kind, 0x8100 | 0x88a8) {
            kind = be16(&bytes, at + 2)?;
            at += 4;
        }
        let plain = |at: usize| Self {
            payload: at.min(bytes.len()),
            network: None,
            ports: None,
            bytes: bytes.clone(),
        };
        let (protocol, behind) = match kind {
            0x0800 => (*bytes.get(at + 9)?, at + usize::from(bytes.get(at)? & 15) * 4),
            0x86dd => (*bytes.get(at + 6)?, at + 40),
            _ => return Some(plain(at)),
        };
        let payload = match protocol {
            6 => behind + usize::from(bytes.get(behind + 12)? >> 4) * 4,
            17 => behind + 8,
            _ => return Some(plain(behind)),
        };
        let ports = Some((protocol, be16(&bytes, behind)?, be16(&bytes, behind + 2)?));
        Some(Self { payload: payload.min(bytes.len()), network: Some(at), ports, bytes })
    }

    /// Makes the lengths in the headers fit the frame again.
    pub fn mend(&mut self) {
        let Some(at) = self.network else { return };
        let length = self.bytes.len() - at;
        let (field, value) =
            if self.bytes[at] >> 4 == 4 { (at + 2, length) } else { (at + 4, length.saturating_sub(40)) };
        self.bytes[field..field + 2].copy_from_slice(&(value.min(0xffff) as u16).to_be_bytes());
    }
}

/// The Ethernet frames of a classic little-endian or big-endian pcap or of a pcapng; others give none.
pub fn of_capture(file: &[u8]) -> Vec<Frame> {
    let word = |at: usize, big: bool| {
        let raw = file.get(at..at + 4).and_then(|raw| raw.first_chunk::<4>()).copied().unwrap_or_default();
        (if big { u32::from_be_bytes(raw) } else { u32::from_le_bytes(raw) }) as usize
    };
    let mut frames = Vec::new();
    let mut take = |from: usize, length: usize| {
        frames
            .extend(file.get(from..from.saturating_add(length)).and_then(|bytes| Frame::of(bytes.to_vec())));
    };
    match file.first_chunk::<4>() {
        Some([0xd4, 0xc3, 0xb2, 0xa1] | [0x4d, 0x3c, 0xb2, 0xa1]) if word(20, false) == 1 => {
            let mut at = 24;
            while at + 16 <= file.len() {
                let length = word(at + 8, false);
                take(at + 16, length);
                at = at.saturating_add(16 + length);
            }
        }
        Some([0xa1, 0xb2, 0xc3, 0xd4 | 0x4d] | [0xa1, 0xb2, 0x3c, 0x4d]) if word(20, true) == 1 => {
            let mut at = 24;
            while at + 16 <= file.len() {
                let length = word(at + 8, true);
                take(at + 16, length);
                at = at.saturating_add(16 + length);
            }
        }
        Some([0x0a, 0x0d, 0x0d, 0x0a]) => {
            let big = word(8, false) != 0x1a2b_3c4d;
            let mut at = 0;
            while at + 28 <= file.len() {
                let length = word(at + 4, big);
                if word(at, big) == 6 {
                    take(at + 28, word(at + 20, big));
                }
                at = at.saturating_add(length.max(12));
            }
        }
        _ => {}
    }
    frames
}

/// A capture of these frames, a millisecond apart.
pub fn capture(frames: &[Frame]) -> Vec<u8> {
    let mut out = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
    for (number, frame) in frames.iter().enumerate() {
        let number = number as u32;
        let length = frame.bytes.len() as u32;
        for word in [1_700_000_000 + number / 1_000, number % 1_000 * 1_000, length, length] {
            out.extend(word.to_le_bytes());
        }
        out.extend(&frame.bytes);
    }
    out
}

//! The shared `lab-a.pcap` made as large as asked for.

use tallyward_core::{IngestId, Timestamp, testkit};
use tallyward_discovery::{Limits, Options};

/// What every bench reads with.
pub fn options() -> Options {
    Options {
        sensor: "bench".to_owned(),
        ingest: IngestId(1),
        recorded_at: Timestamp::default(),
        limits: Limits::default(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench takes its size from the environment")]
/// Megabytes asked for.
pub fn megabytes() -> usize {
    std::env::var("TALLYWARD_BENCH_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(256)
}

/// The scaled capture; nothing when the shared one is not there.
pub fn capture() -> Option<Vec<u8>> {
    let capture =
        std::fs::read(testkit::shared("pcaps/lab-a.pcap")?).expect("the shared capture can be read");
    Some(scale(&capture, megabytes() << 20))
}

/// Repeats a little-endian microsecond pcap of Ethernet frames: in copy `n` the IPv4 network 10.77/16 becomes 10.(n)/16 with
/// a further octet rewritten, cards get `n` in their third and fourth byte, and times move on by a minute.
fn scale(capture: &[u8], size: usize) -> Vec<u8> {
    let mut out = capture[..24].to_vec();
    out.reserve(size + capture.len());
    let mut copy = 0u32;
    while out.len() < size {
        let mut at = 24;
        while let Some(head) = capture.get(at..at + 16) {
            let length = u32::from_le_bytes([head[8], head[9], head[10], head[11]]) as usize;
            let Some(record) = capture.get(at..at + 16 + length) else { break };
            let start = out.len();
            out.extend_from_slice(record);
            let seconds = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) + copy * 60;
            out[start..start + 4].copy_from_slice(&seconds.to_le_bytes());
            rewrite(&mut out[start + 16..], copy);
            at += 16 + length;
        }
        copy += 1;
    }
    out
}

fn rewrite(frame: &mut [u8], copy: u32) {
    let [low, high] = (copy as u16).to_le_bytes();
    for at in [0, 6] {
        if frame[at] & 1 == 0 {
            frame[at + 3] ^= low;
            frame[at + 4] ^= high;
        }
    }
    let addresses: &[usize] = match (frame[12], frame[13]) {
        (8, 0) => &[26, 30],
        (8, 6) => {
            for at in [22, 32] {
                frame[at + 3] ^= low;
                frame[at + 4] ^= high;
            }
            &[28, 38]
        }
        _ => &[],
    };
    for &at in addresses {
        if frame[at..at + 2] == [10, 77] {
            frame[at + 1] ^= low;
            frame[at + 2] ^= high;
        }
    }
}

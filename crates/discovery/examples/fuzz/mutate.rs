//! Small changes to rows of frames, of the kinds that break readers: lengths that lie, pieces lost, doubled, cut and swapped.

use crate::frames::Frame;

/// Numbers that come at once after one another from a seed (xorshift64*).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        if end == 0 { 0 } else { drawn as usize % end }
    }
}

const BYTES: [u8; 12] = [0, 1, 2, 4, 0x0a, 0x0d, 0x20, 0x7f, 0x80, 0x81, 0xfe, 0xff];
const WORDS: [u32; 14] =
    [0, 1, 2, 7, 8, 15, 16, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/// Most bytes a frame grows to.
const LONGEST: usize = 8 * 1024;
/// Most frames of one input.
const MOST: usize = 96;

/// Changes a row of frames in one to four ways. `other` is another row of the same protocol, to splice in from.
pub fn mutate(frames: &mut Vec<Frame>, other: &[Frame], dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        if frames.is_empty() {
            return;
        }
        let at = dice.below(frames.len());
        match dice.below(16) {
            0 if frames.len() > 1 => {
                frames.remove(at);
            }
            1 if frames.len() < MOST => frames.insert(at, frames[at].clone()),
            2 => {
                let to = dice.below(frames.len());
                frames.swap(at, to);
            }
            3 if frames.len() < MOST && !other.is_empty() => {
                frames.insert(at, other[dice.below(other.len())].clone());
            }
            _ => payload(&mut frames[at], other, dice),
        }
    }
}

fn payload(frame: &mut Frame, other: &[Frame], dice: &mut Dice) {
    // Headers are changed now and then as well.
    let from = if dice.below(12) == 0 { 0 } else { frame.payload };
    let length = frame.bytes.len() - from;
    if length == 0 {
        return;
    }
    // Lengths and kinds stand in front: half of the changes are made there.
    let within = if dice.below(2) == 0 { length.min(64) } else { length };
    let at = from + dice.below(within);
    match dice.below(9) {
        0 => frame.bytes[at] ^= 1 << dice.below(8),
        1 => frame.bytes[at] = BYTES[dice.below(BYTES.len())],
        2 => frame.bytes[at] = dice.below(256) as u8,
        3 => word(frame, at, dice),
        4 => frame.bytes[at] = frame.bytes[at].wrapping_add(dice.below(5) as u8).wrapping_sub(2),
        5 => {
            frame.bytes.truncate(at.max(frame.payload));
            frame.mend();
        }
        6 => {
            let end = (at + 1 + dice.below(16)).min(frame.bytes.len());
            frame.bytes.drain(at.max(frame.payload.min(end))..end);
            frame.mend();
        }
        7 if frame.bytes.len() < LONGEST => {
            let end = (at + 1 + dice.below(64)).min(frame.bytes.len());
            let piece = frame.bytes[at..end].to_vec();
            let times = 1 + dice.below(8);
            for _ in 0..times {
                frame.bytes.splice(at..at, piece.iter().copied());
            }
            frame.mend();
        }
        _ if !other.is_empty() && frame.bytes.len() < LONGEST => {
            let donor = &other[dice.below(other.len())];
            let start = donor.payload + dice.below(donor.bytes.len() - donor.payload);
            let end = (start + 1 + dice.below(32)).min(donor.bytes.len());
            let start = start.min(end);
            let over = (at + (end - start)).min(frame.bytes.len());
            frame.bytes.splice(at..over, donor.bytes[start..end].iter().copied());
            frame.mend();
        }
        _ => {}
    }
    frame.payload = frame.payload.min(frame.bytes.len());
}

fn word(frame: &mut Frame, at: usize, dice: &mut Dice) {
    let value = WORDS[dice.below(WORDS.len())];
    let (big, little) = (value.to_be_bytes(), value.to_le_bytes());
    let new: &[u8] = match dice.below(4) {
        0 => &big[2..],
        1 => &little[..2],
        2 => &big,
        _ => &little,
    };
    let end = (at + new.len()).min(frame.bytes.len());
    frame.bytes[at..end].copy_from_slice(&new[..end - at]);
}

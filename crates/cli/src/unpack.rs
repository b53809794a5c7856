//! A capture as bytes: from a file or standard input, packed with gzip or zstd or not at all.
//!
//! What it is packed with is told by its first bytes, not by its name. Packed input is unpacked as it is read and never held whole, so a file made to swell
//! (a "zip bomb") costs time and no memory; it is given up when it swells beyond all that captures do.

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

/// Captures rarely pack to less than a fiftieth. So much is unpacked before the ratio counts.
const LEAST_JUDGED: u64 = 64 << 20;
/// Times a packed capture may swell.
const MOST_SWOLLEN: u64 = 250;
/// Most bytes that are unpacked from one file: four tebibytes.
const MOST_UNPACKED: u64 = 4 << 40;

type Source = BufReader<Counted>;

/// Counts the bytes taken from a file.
struct Counted {
    inner: Box<dyn Read>,
    count: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

enum Kind {
    Plain(Source),
    Gzip(Box<MultiGzDecoder<Source>>),
    Zstd(Zstd),
}

/// A capture being read.
pub struct Input {
    kind: Kind,
    /// Bytes taken from the file.
    taken: Rc<Cell<u64>>,
    /// Bytes given out.
    given: u64,
}

/// The path that stands for standard input.
pub fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

impl Input {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    /// When it cannot be opened or its first bytes cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        if is_standard_input(path) {
            Self::of(Box::new(io::stdin().lock()))
        } else {
            Self::of(Box::new(std::fs::File::open(path)?))
        }
    }

    fn of(inner: Box<dyn Read>) -> io::Result<Self> {
        let taken = Rc::new(Cell::new(0));
        let mut source = BufReader::with_capacity(128 * 1024, Counted { inner, count: Rc::clone(&taken) });
        let kind = match source.fill_buf()? {
            [0x1f, 0x8b, ..] => Kind::Gzip(Box::new(MultiGzDecoder::new(source))),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Kind::Zstd(Zstd::Between(source)),
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Kind::Zstd(Zstd::Between(source)),
            _ => Kind::Plain(source),
        };
        Ok(Self { kind, taken, given: 0 })
    }

    /// Bytes of the file taken so far, packed as they are.
    pub fn taken(&self) -> u64 {
        self.taken.get()
    }

    /// Fills the buffer as far as the input goes; gives how many bytes it holds.
    ///
    /// # Errors
    /// When the input cannot be read, is damaged, or swells too much. What was given out before is good.
    pub fn fill(&mut self, buffer: &mut [u8]) -> (usize, io::Result<()>) {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.some(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (filled, Err(error)),
            }
        }
        (filled, Ok(()))
    }

    fn some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.kind {
            Kind::Plain(source) => return source.read(buffer),
            Kind::Gzip(gzip) => gzip.read(buffer)?,
            Kind::Zstd(zstd) => zstd.read(buffer)?,
        };
        self.given += count as u64;
        let swollen = self.given > LEAST_JUDGED && self.given / MOST_SWOLLEN > self.taken();
        if swollen || self.given > MOST_UNPACKED {
            return Err(io::Error::other(format!(
                "{} packed bytes became more than {}; captures do not pack that well, the rest is not read",
                self.taken(),
                self.given
            )));
        }
        Ok(count)
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.some(buffer)
    }
}

/// zstd frames in a row (RFC 8878), those to be skipped among them.
enum Zstd {
    /// Before a frame, or at the end.
    Between(Source),
    In(Box<StreamingDecoder<Source, ruzstd::decoding::FrameDecoder>>),
    /// Damaged.
    Ended,
}

impl Zstd {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(self, Self::Ended) {
                Self::Ended => return Ok(0),
                Self::In(mut decoder) => {
                    let count = decoder.read(buffer)?;
                    if count > 0 {
                        *self = Self::In(decoder);
                        return Ok(count);
                    }
                    *self = Self::Between(decoder.into_inner());
                }
                Self::Between(mut source) => {
                    if source.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    let mut magic = [0u8; 4];
                    magic.copy_from_slice(&peek(&mut source)?);
                    if u32::from_le_bytes(magic) & 0xffff_fff0 == 0x184d_2a50 {
                        skip_frame(&mut source)?;
                        *self = Self::Between(source);
                    } else {
                        let decoder = StreamingDecoder::new(source).map_err(io::Error::other)?;
                        *self = Self::In(Box::new(decoder));
                    }
                }
            }
        }
    }
}

/// The four bytes that come next, without taking them. A frame's magic number may lie across two fillings of the buffer; then it is
/// taken for a frame, whose decoder says what is wrong with it.
fn peek(source: &mut Source) -> io::Result<[u8; 4]> {
    Ok(source.fill_buf()?.first_chunk::<4>().copied().unwrap_or_default())
}

fn skip_frame(source: &mut Source) -> io::Result<()> {
    let mut head = [0u8; 8];
    source.read_exact(&mut head)?;
    let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    io::copy(&mut source.by_ref().take(length), &mut io::sink()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn all(packed: Vec<u8>) -> (Vec<u8>, io::Result<()>) {
        let mut input = Input::of(Box::new(io::Cursor::new(packed))).expect("a cursor can be read");
        let (mut out, mut buffer) = (Vec::new(), vec![0u8; 10_000]);
        loop {
            let (count, result) = input.fill(&mut buffer);
            out.extend_from_slice(&buffer[..count]);
            if count < buffer.len() || result.is_err() {
                return (out, result);
            }
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).expect("a vector takes all");
        encoder.finish().expect("a vector takes all")
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn sample() -> Vec<u8> {
        (0..100_000u32).flat_map(|number| (number / 7).to_le_bytes()).collect()
    }

    #[test]
    fn members_and_frames_in_a_row_are_one_capture() {
        let bytes = sample();
        assert_eq!(all(bytes.clone()).0, bytes);
        let (front, back) = bytes.split_at(77_777);
        let (out, result) = all([gzip(front), gzip(back)].concat());
        assert!(result.is_ok() && out == bytes);
        let skipped = [&[0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9][..], &zstd(front)].concat();
        let (out, result) = all([skipped, zstd(back)].concat());
        assert!(result.is_ok() && out == bytes, "{result:?}");
    }

    #[test]
    fn what_comes_before_damage_is_given() {
        for packed in [gzip(&sample()), zstd(&sample())] {
            let (out, result) = all(packed[..packed.len() - 9].to_vec());
            assert!(result.is_err());
            assert!(sample().starts_with(&out));
        }
    }

    #[test]
    fn what_swells_beyond_reason_is_given_up() {
        let zeros = vec![0u8; 96 << 20];
        for packed in [gzip(&zeros), zstd(&zeros)] {
            assert!(packed.len() < 200_000, "{}", packed.len());
            let (out, result) = all(packed);
            let told = result.expect_err("a bomb").to_string();
            assert!(told.contains("do not pack that well"), "{told}");
            // The piece over which it was given up is not given out, so the end lies within a piece of the bound.
            let near = LEAST_JUDGED as usize - (2 << 20)..=LEAST_JUDGED as usize + (2 << 20);
            assert!(near.contains(&out.len()), "{} bytes given out", out.len());
        }
    }
}

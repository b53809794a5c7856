//! Bytes to lines, in pieces of any size and with bounded memory.

/// The longest line that is read; a longer one is passed over.
pub(super) const LONGEST: usize = 64 * 1024;

/// Puts lines together that were cut anywhere.
#[derive(Debug, Default)]
pub(super) struct Lines {
    carry: Vec<u8>,
    /// The present line is too long; the rest of it is passed over.
    overlong: bool,
    /// Lines ended so far.
    pub count: u64,
}

impl Lines {
    /// Gives each whole line with its number, from 1, or `None` for one that is too long.
    pub(super) fn feed(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(u64, Option<&[u8]>)) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            self.count += 1;
            if self.overlong || self.carry.len() + line.len() > LONGEST {
                each(self.count, None);
            } else if self.carry.is_empty() {
                each(self.count, Some(line));
            } else {
                self.carry.extend_from_slice(line);
                each(self.count, Some(&self.carry));
            }
            self.overlong = false;
            self.carry.clear();
            bytes = rest;
        }
        if self.overlong || self.carry.len() + bytes.len() > LONGEST {
            self.overlong = true;
            self.carry = Vec::new();
        } else {
            self.carry.extend_from_slice(bytes);
        }
    }

    /// Gives the last line, if it has no end of its own.
    pub(super) fn finish(&mut self, each: &mut dyn FnMut(u64, Option<&[u8]>)) {
        if self.overlong || !self.carry.is_empty() {
            self.count += 1;
            let line = std::mem::take(&mut self.carry);
            each(self.count, (!self.overlong).then_some(line.as_slice()));
            self.overlong = false;
        }
    }
}

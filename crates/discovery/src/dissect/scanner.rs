//! One side of a TCP stream: first looking for a protocol, then reading it, then at rest.

use super::{LONGEST_PROBE, Probe, STREAMS, Stream, StreamProtocol, Visit, believed};
use std::sync::LazyLock;
use tallyward_core::Timestamp;

/// A side that has been read to the end of what it teaches is looked at again after this many microseconds.
const REST: i64 = 10 * 60 * 1_000_000;

/// Segments that are looked at after a rest for the beginning of a message, before it is prolonged: a message of some size begins
/// in one of many.
const MOST_LOOKS: u16 = 512;

/// Sets of protocols are words with one bit a protocol.
const _: () = assert!(STREAMS.len() <= 64, "a set of protocols has 64 bits");

/// Which protocols may begin with each byte: all whose probe does not say `No` to that byte alone. A probe that says `No` to the first
/// byte says `No` to all that begins with it, so only the others need be asked.
static FIRST_BYTE: LazyLock<[u64; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        let may = |protocol: &StreamProtocol| (protocol.probe)(&[byte as u8]) != Probe::No;
        STREAMS.iter().enumerate().filter(|(_, protocol)| may(protocol)).fold(0, |set, (at, _)| set | 1 << at)
    })
});

/// The protocols that are recognised in mid-stream.
const MIDSTREAM: u64 = {
    let (mut set, mut at) = (0, 0);
    while at < STREAMS.len() {
        set |= (STREAMS[at].midstream as u64) << at;
        at += 1;
    }
    set
};

#[derive(Debug, Default)]
enum State {
    /// Nothing recognised yet; what came so far, if too little to say.
    #[default]
    Seeking,
    Reading(Box<dyn Stream>),
    /// Read to the end of what it teaches, at that time.
    Resting(Timestamp),
}

/// One side of a stream.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    head: [u8; LONGEST_PROBE],
    seen: u8,
    /// Whether the beginning has passed without being recognised: from then on only protocols that are sure in mid-stream count.
    begun: bool,
    state: State,
    protocol: Option<&'static StreamProtocol>,
    /// Segments looked at since the rest ended.
    looks: u16,
}

impl std::fmt::Debug for StreamProtocol {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name)
    }
}

impl Scanner {
    /// The protocol recognised.
    pub(crate) fn service(&self) -> Option<&'static str> {
        self.protocol.map(|protocol| protocol.name)
    }

    /// Reads the next bytes of the stream; they begin at a segment's start or right behind earlier ones.
    pub(crate) fn read(&mut self, bytes: &[u8], visit: &mut Visit<'_>) {
        match &mut self.state {
            State::Reading(stream) => {
                stream.read(bytes, visit);
                if stream.is_done() {
                    self.state = State::Resting(visit.time);
                }
            }
            State::Resting(since) => {
                let since = *since;
                if visit.time.micros().saturating_sub(since.micros()) >= REST {
                    self.wake(bytes, since, visit);
                }
            }
            State::Seeking => self.seek(bytes, visit),
        }
    }

    /// Looks whether a message begins here; if not, at the next segment.
    fn wake(&mut self, bytes: &[u8], since: Timestamp, visit: &mut Visit<'_>) {
        self.state = State::Seeking;
        (self.begun, self.seen) = (true, 0);
        self.seek(bytes, visit);
        if !matches!(self.state, State::Seeking) {
            self.looks = 0;
            return;
        }
        self.seen = 0;
        self.looks += 1;
        if self.looks < MOST_LOOKS {
            self.state = State::Resting(since);
        } else {
            self.looks = 0;
            self.state = State::Resting(visit.time);
        }
    }

    fn seek(&mut self, bytes: &[u8], visit: &mut Visit<'_>) {
        if self.seen == 0 {
            match self.recognise(bytes, visit.ports) {
                Ok(protocol) => self.begin(protocol, &[], bytes, visit),
                Err(Probe::More) if bytes.len() < LONGEST_PROBE => {
                    self.head[..bytes.len()].copy_from_slice(bytes);
                    self.seen = bytes.len() as u8;
                }
                Err(_) => self.begun = true,
            }
            return;
        }
        // A sender that writes a few bytes at a time.
        let seen = usize::from(self.seen);
        let taken = bytes.len().min(LONGEST_PROBE - seen);
        self.head[seen..seen + taken].copy_from_slice(&bytes[..taken]);
        let head = self.head;
        match self.recognise(&head[..seen + taken], visit.ports) {
            Ok(protocol) => {
                self.seen = 0;
                self.begin(protocol, &head[..seen], bytes, visit);
            }
            Err(Probe::More) if seen + taken < LONGEST_PROBE => self.seen += taken as u8,
            Err(_) => {
                self.seen = 0;
                self.begun = true;
                if taken == bytes.len() && taken < 4 {
                    return;
                }
                self.seek(bytes, visit);
            }
        }
    }

    fn recognise(&self, bytes: &[u8], ports: (u16, u16)) -> Result<&'static StreamProtocol, Probe> {
        let mut answer = Probe::No;
        debug_assert!(obeys_first_byte(bytes), "a probe knows {bytes:x?} but refuses its first byte");
        // What the side spoke before its rest it may speak again.
        let before = self.protocol.and_then(|known| STREAMS.iter().position(|one| one.name == known.name));
        let again = before.map_or(0, |at| 1 << at);
        let wanted = if self.begun { MIDSTREAM | again } else { u64::MAX };
        let mut left = bytes.first().map_or(0, |first| FIRST_BYTE[usize::from(*first)] & wanted);
        while left != 0 {
            let protocol = &STREAMS[left.trailing_zeros() as usize];
            left &= left - 1;
            match believed((protocol.probe)(bytes), protocol.ports, ports) {
                Probe::Yes => return Ok(protocol),
                Probe::More => answer = Probe::More,
                Probe::No | Probe::Maybe => {}
            }
        }
        Err(answer)
    }

    fn begin(&mut self, protocol: &'static StreamProtocol, head: &[u8], bytes: &[u8], visit: &mut Visit<'_>) {
        self.protocol = Some(protocol);
        self.state = State::Reading((protocol.begin)());
        if !head.is_empty() {
            self.read(head, visit);
        }
        self.read(bytes, visit);
    }

    /// How many of the next bytes need not be seen.
    pub(crate) fn indifferent_to(&self) -> u64 {
        match &self.state {
            State::Reading(stream) => stream.indifferent_to(),
            State::Resting(_) => u64::MAX,
            State::Seeking => 0,
        }
    }

    /// Whether the side is at rest at this time.
    pub(crate) fn rests(&self, time: Timestamp) -> bool {
        matches!(&self.state, State::Resting(since) if time.micros().saturating_sub(since.micros()) < REST)
    }

    /// Passes over bytes that were not captured. Whether anything of worth may have been among them.
    pub(crate) fn skip(&mut self, count: u32) -> bool {
        self.seen = 0;
        match &mut self.state {
            State::Reading(stream) => stream.skip(count),
            State::Resting(_) => false,
            State::Seeking => {
                self.begun = true;
                false
            }
        }
    }

    /// Forgets the position in the stream.
    pub(crate) fn lose(&mut self) {
        self.skip(u32::MAX);
    }
}

/// Whether every protocol that knows these bytes may begin with the first of them. Asked in builds with debug assertions only.
fn obeys_first_byte(bytes: &[u8]) -> bool {
    let Some(first) = bytes.first() else { return true };
    let set = FIRST_BYTE[usize::from(*first)];
    let refused = |at: usize| set & 1 << at == 0;
    STREAMS.iter().enumerate().all(|(at, protocol)| !refused(at) || (protocol.probe)(bytes) == Probe::No)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What the table of first bytes rests on.
        #[test]
        fn a_probe_that_refuses_a_byte_refuses_all_that_begins_with_it(
            bytes in prop::collection::vec(any::<u8>(), 1..LONGEST_PROBE),
            first in any::<u8>(),
        ) {
            let mut bytes = bytes;
            bytes[0] = first;
            prop_assert!(obeys_first_byte(&bytes));
        }
    }
}

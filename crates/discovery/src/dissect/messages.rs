//! Streams made of messages that say how long they are, read one message's head at a time.
//!
//! Most protocols over TCP are a row of messages with a length in front. A dissector of such a protocol says how long the message
//! is that begins here ([`Messages::frame`]) and reads its head ([`Messages::message`]); putting the head together from pieces,
//! passing over the rest by offset, bounding memory and stopping after enough messages is done here.

use super::{Stream, Visit};

/// How long the message is that begins with the given bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Its head is known only from this many bytes on.
    Need(usize),
    /// It is so long in all, its own head included; at least 1.
    Length(u64),
    /// No message of this protocol begins here: the side is not read any further.
    Broken,
}

/// A protocol made of messages, as one side speaks it.
pub(crate) trait Messages: std::fmt::Debug + Default + Send {
    /// How many bytes of a message are given to [`Self::message`] at most; also the most that is ever held.
    const HEAD: usize;
    /// After how many messages a side is done.
    const MOST: u32;

    /// How long the message is that begins with `bytes` (at most [`Self::HEAD`] of them, at least one). A `Need` beyond
    /// [`Self::HEAD`] counts as `Broken`.
    fn frame(&self, bytes: &[u8]) -> Framing;

    /// Reads the head of a message: the whole message, or its first [`Self::HEAD`] bytes. Whether to go on.
    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool;
}

#[derive(Debug)]
enum State {
    /// The head of a message is being put together.
    Head,
    /// The rest of a message of no interest.
    Skip(u64),
    Done,
}

/// Walks the messages of one side.
#[derive(Debug)]
struct Walk<M> {
    messages: M,
    /// The beginning of a message whose rest has not come yet; at most [`Messages::HEAD`] bytes.
    held: Vec<u8>,
    read: u32,
    state: State,
}

/// Begins to read one side of a protocol made of messages.
pub(crate) fn begin<M: Messages + 'static>() -> Box<dyn Stream> {
    Box::new(Walk { messages: M::default(), held: Vec::new(), read: 0, state: State::Head })
}

impl<M: Messages> Walk<M> {
    /// Reads the messages that begin in `bytes`; gives how many bytes that took. What is left is the beginning of a message
    /// whose head is not whole yet.
    fn run(&mut self, bytes: &[u8], visit: &mut Visit<'_>) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                State::Done => return bytes.len(),
                State::Skip(left) => {
                    let passed = left.min((bytes.len() - at) as u64);
                    at += passed as usize;
                    self.pass(left - passed);
                }
                State::Head => {
                    let rest = &bytes[at..];
                    let seen = rest.get(..M::HEAD).unwrap_or(rest);
                    let length = match self.messages.frame(seen) {
                        Framing::Need(count) if count > seen.len() && count <= M::HEAD => return at,
                        Framing::Length(length) if length > 0 => length,
                        _ => {
                            self.state = State::Done;
                            return bytes.len();
                        }
                    };
                    let head = usize::try_from(length).map_or(M::HEAD, |length| length.min(M::HEAD));
                    if head > rest.len() {
                        return at;
                    }
                    at += head;
                    self.read += 1;
                    self.pass(length - head as u64);
                    if !self.messages.message(&rest[..head], visit) || self.read >= M::MOST {
                        self.state = State::Done;
                    }
                }
            }
        }
        at
    }

    fn pass(&mut self, left: u64) {
        self.state = if left > 0 { State::Skip(left) } else { State::Head };
    }
}

impl<M: Messages> Stream for Walk<M> {
    fn read(&mut self, mut bytes: &[u8], visit: &mut Visit<'_>) {
        while !self.held.is_empty() && !bytes.is_empty() {
            let mut held = std::mem::take(&mut self.held);
            let taken = bytes.len().min(M::HEAD - held.len());
            held.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            let used = self.run(&held, visit);
            held.drain(..used);
            self.held = held;
        }
        let used = self.run(bytes, visit);
        self.held.extend_from_slice(&bytes[used..]);
        if self.held.is_empty() {
            self.held = Vec::new();
        }
    }

    fn indifferent_to(&self) -> u64 {
        match self.state {
            State::Skip(left) => left,
            State::Done => u64::MAX,
            State::Head => 0,
        }
    }

    fn skip(&mut self, count: u32) -> bool {
        match self.state {
            State::Skip(left) if count != u32::MAX && u64::from(count) <= left => {
                self.pass(left - u64::from(count));
                false
            }
            State::Done => false,
            _ => {
                self.held = Vec::new();
                self.state = State::Done;
                true
            }
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::Shared;
    use crate::notes::{Notes, Who};
    use proptest::prelude::*;
    use tallyward_core::Timestamp;

    /// Two bytes of length, then so many bytes; keeps the first eight of each message.
    #[derive(Debug, Default)]
    struct Counted {
        heads: Vec<Vec<u8>>,
    }

    impl Messages for Counted {
        const HEAD: usize = 8;
        const MOST: u32 = 5;

        fn frame(&self, bytes: &[u8]) -> Framing {
            match bytes {
                [high, low, ..] => match u16::from_be_bytes([*high, *low]) {
                    0xffff => Framing::Broken,
                    length => Framing::Length(u64::from(length) + 2),
                },
                _ => Framing::Need(2),
            }
        }

        fn message(&mut self, head: &[u8], _visit: &mut Visit<'_>) -> bool {
            self.heads.push(head.to_vec());
            true
        }
    }

    fn heads(bytes: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
        let mut walk = Walk { messages: Counted::default(), held: Vec::new(), read: 0, state: State::Head };
        let who = Who::At { mac: None, address: [10, 0, 0, 1].into() };
        let (mut shared, mut notes) = (Shared::default(), Notes::new(10));
        let mut visit = Visit {
            packet: 1,
            time: Timestamp::default(),
            sender: who,
            receiver: who,
            ports: (1, 2),
            shared: &mut shared,
            notes: &mut notes,
        };
        let (mut rest, mut sizes) = (bytes, sizes.iter().cycle());
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(*sizes.next().expect("a cycle never ends")));
            walk.read(now, &mut visit);
            assert!(walk.held.len() <= Counted::HEAD);
            rest = later;
        }
        walk.messages.heads
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_heads(
            lengths in prop::collection::vec(0u16..40, 0..8),
            tail in prop::collection::vec(any::<u8>(), 0..12),
            sizes in prop::collection::vec(1usize..50, 1..6),
        ) {
            let mut bytes = Vec::new();
            let mut want = Vec::new();
            for length in &lengths {
                let start = bytes.len();
                bytes.extend(length.to_be_bytes());
                bytes.extend((0..*length).map(|at| at as u8));
                want.push(bytes[start..].iter().take(Counted::HEAD).copied().collect::<Vec<u8>>());
            }
            let whole = heads(&bytes, &[usize::MAX]);
            prop_assert_eq!(&whole, &want[..want.len().min(5)]);
            bytes.extend(tail);
            prop_assert_eq!(heads(&bytes, &sizes), heads(&bytes, &[usize::MAX]));
        }
    }
}

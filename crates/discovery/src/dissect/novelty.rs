//! Whether a long-lived conversation still teaches something.
//!
//! An association or an MLLP session may live for months. It is walked as long as new devices turn up in it and then put to rest, to be
//! looked at again later ([`super::Stream::is_done`]). One message can speak for one device of hundreds, so a fixed number of messages
//! would lose the rest of a gateway's devices for ever; what counts is how many messages *in a row* brought nothing new, and that number
//! grows with the devices seen. Where n devices report equally often, the chance that one of them is silent in four times n messages
//! is below 2 %; one that was missed, or reports more seldom, is met in a later look, for each look begins without a memory.

use rustc_hash::{FxHashSet, FxHasher};
use std::hash::{Hash, Hasher};

/// Different things remembered; beyond them nothing counts as new. What they say is noted all the same.
const MOST_KNOWN: usize = 4096;
/// Messages without news for each thing known before one rests.
const EACH: u32 = 4;

/// What one side of a conversation has taught since it was last begun to be read.
#[derive(Debug, Default)]
pub(crate) struct Novelty {
    known: FxHashSet<u64>,
    quiet: u32,
}

impl Novelty {
    /// A message has passed.
    pub(crate) const fn message(&mut self) {
        self.quiet = self.quiet.saturating_add(1);
    }

    /// A message names something: a device, or a sender it is forwarded for.
    pub(crate) fn named(&mut self, what: &impl Hash) {
        let mut hasher = FxHasher::default();
        what.hash(&mut hasher);
        if self.known.len() < MOST_KNOWN && self.known.insert(hasher.finish()) {
            self.quiet = 0;
        }
    }

    /// How many messages in a row brought nothing new.
    pub(crate) const fn quiet(&self) -> u32 {
        self.quiet
    }

    /// Whether it is time to rest: at least `least` messages in a row without news, and four for each thing known.
    pub(crate) fn is_exhausted(&self, least: u32) -> bool {
        self.quiet >= least.max(EACH * self.known.len() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_things_keep_it_awake_and_many_things_longer() {
        let mut novelty = Novelty::default();
        for device in 0..300 {
            novelty.message();
            novelty.named(&device);
            assert!(!novelty.is_exhausted(64));
        }
        for message in 0..1200 {
            assert!(!novelty.is_exhausted(64), "after {message} messages");
            novelty.message();
            novelty.named(&(message % 300));
        }
        assert!(novelty.is_exhausted(64));
    }

    #[test]
    fn memory_is_bounded() {
        let mut novelty = Novelty::default();
        (0..20_000).for_each(|device| novelty.named(&device));
        assert_eq!(novelty.known.len(), MOST_KNOWN);
    }
}

//! A bounded count of attempts, so that passwords cannot be tried quickly.

use std::collections::HashMap;
use tallyward_core::Timestamp;

/// Attempts allowed within the window.
const ALLOWED: u32 = 10;
/// Length of the window, seconds.
const WINDOW: i64 = 300;
/// At most so many names are counted; beyond, the oldest window is forgotten.
const MAX_NAMES: usize = 10_000;

/// Attempts by name within a window of five minutes.
#[derive(Default)]
pub(crate) struct Throttle {
    seen: HashMap<String, (Timestamp, u32)>,
}

impl Throttle {
    /// Counts an attempt; false when there were too many.
    pub fn attempt(&mut self, name: &str, now: Timestamp) -> bool {
        if self.seen.len() >= MAX_NAMES {
            self.seen.retain(|_, (since, _)| now.seconds_since(*since) < WINDOW);
            if self.seen.len() >= MAX_NAMES
                && let Some(oldest) =
                    self.seen.iter().min_by_key(|(_, (since, _))| *since).map(|(name, _)| name.clone())
            {
                self.seen.remove(&oldest);
            }
        }
        let (since, count) = self.seen.entry(name.to_owned()).or_insert((now, 0));
        if now.seconds_since(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= ALLOWED
    }

    /// Forgets a name after it succeeded.
    pub fn clear(&mut self, name: &str) {
        self.seen.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_attempt_waits_for_the_window() {
        let mut throttle = Throttle::default();
        let start = Timestamp::from_seconds(0);
        assert!((0..10).all(|_| throttle.attempt("a", start)));
        assert!(!throttle.attempt("a", start));
        assert!(throttle.attempt("b", start));
        assert!(throttle.attempt("a", start.plus_seconds(WINDOW)));
    }
}

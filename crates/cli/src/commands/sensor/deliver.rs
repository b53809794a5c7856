//! Delivery: the oldest batch first, again and again until the server has it.

use super::station::{Shared, held};
use crate::ports::{SystemClock, SystemEntropy};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;
use tallyward_app::ports::{Clock as _, Entropy as _};
use tallyward_connect::{Undelivered, Uplink};

/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// The thread that delivers.
pub struct Deliverer {
    wake: Sender<()>,
    thread: JoinHandle<()>,
}

impl Deliverer {
    pub fn start(uplink: Uplink, shared: Arc<Shared>) -> Self {
        let (wake, woken) = mpsc::channel();
        let thread = std::thread::spawn(move || deliver(&uplink, &shared, &woken));
        Self { wake, thread }
    }

    /// There is something new.
    pub fn wake(&self) {
        let _ = self.wake.send(());
    }

    /// Delivers what can be delivered at once, and ends.
    pub fn finish(self, patience: Duration) {
        drop(self.wake);
        let step = Duration::from_millis(20);
        for _ in 0..patience.as_millis() / step.as_millis() {
            if self.thread.is_finished() {
                break;
            }
            std::thread::sleep(step);
        }
    }
}

/// Runs until the other end of `woken` is gone and nothing more can be delivered at once.
fn deliver(uplink: &Uplink, shared: &Shared, woken: &Receiver<()>) {
    let mut wait = FIRST_WAIT;
    let mut ending = false;
    loop {
        let oldest = held(&shared.spool).oldest();
        let outcome = match oldest {
            Ok(Some((number, packed))) => send(uplink, shared, number, &packed),
            Ok(None) if ending => return,
            Ok(None) => {
                ending = woken.recv().is_err();
                continue;
            }
            Err(error) => Err(format!("a batch on disk cannot be read and was set aside: {error}")),
        };
        match outcome {
            Ok(()) => wait = FIRST_WAIT,
            Err(why) => {
                failed(shared, &why);
                if ending {
                    return;
                }
                ending = pause(woken, jittered(wait));
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
    }
}

fn send(uplink: &Uplink, shared: &Shared, number: u64, packed: &[u8]) -> Result<(), String> {
    let disk = |error: std::io::Error| format!("the spool: {error}");
    match uplink.send(packed) {
        Ok(_) => {
            held(&shared.spool).remove(number).map_err(disk)?;
            let mut state = held(&shared.state);
            let recovered = !state.error.is_empty();
            if recovered {
                eprintln!("tallyward: the server takes batches again");
            }
            state.error.clear();
            state.delivered += 1;
            state.last_delivery = Some(SystemClock.now());
            drop(state);
            // While many are being made good one by one, the state file would cost more than they.
            if held(&shared.spool).len().is_multiple_of(16) {
                shared.write_state();
            }
            Ok(())
        }
        Err(Undelivered::Refused(why)) => {
            eprintln!("tallyward: the server refuses a batch, which is set aside: {why}");
            held(&shared.spool).set_aside(number).map_err(disk)?;
            shared.write_state();
            Ok(())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Says a failure once, not with every try.
fn failed(shared: &Shared, why: &str) {
    let news = {
        let mut state = held(&shared.state);
        let news = state.error != why;
        why.clone_into(&mut state.error);
        news
    };
    if news {
        eprintln!("tallyward: {why}; batches wait on disk");
        shared.write_state();
    }
}

/// Waits; new batches do not make a server come back sooner. Whether the end was asked for.
fn pause(woken: &Receiver<()>, wait: Duration) -> bool {
    let step = Duration::from_millis(100);
    let mut left = wait;
    while left > Duration::ZERO {
        match woken.recv_timeout(step.min(left)) {
            Err(RecvTimeoutError::Disconnected) => return true,
            Ok(()) | Err(RecvTimeoutError::Timeout) => left = left.saturating_sub(step),
        }
    }
    false
}

/// Between half and the whole of a wait, so that many sensors do not come back at the same moment.
fn jittered(wait: Duration) -> Duration {
    let mut byte = [0_u8; 1];
    SystemEntropy.fill(&mut byte);
    wait / 2 + wait / 2 * u32::from(byte[0]) / 255
}

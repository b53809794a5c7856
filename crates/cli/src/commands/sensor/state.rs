//! How a sensor is, in a file beside its spool, for whoever stands in front of the machine.

use crate::exit::{DONE, FAILED, Failure, Outcome};
use crate::output;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use tallyward_core::Timestamp;
use tallyward_discovery::batch::Health;

/// What the file says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    pub name: String,
    pub to: String,
    /// When this was written.
    pub written: Timestamp,
    pub health: Health,
    pub last_delivery: Option<Timestamp>,
    /// Batches the server took in this run.
    pub delivered: u64,
    /// Why the last try failed; empty when it did not.
    pub error: String,
    /// Seconds from one batch to the next.
    pub every: u32,
}

fn path(spool: &Path) -> PathBuf {
    spool.join("state.json")
}

impl State {
    /// What the file says; nothing when there is none yet.
    pub fn read(spool: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path(spool)).ok()?).ok()
    }

    pub fn write(&self, spool: &Path) -> std::io::Result<()> {
        let text = serde_json::to_vec_pretty(self).map_err(std::io::Error::other)?;
        tallyward_connect::write_whole(&path(spool), &text)
    }

    /// What needs a person.
    pub fn complaints(&self, now: Timestamp) -> Vec<String> {
        let mut complaints = Vec::new();
        let old = now.seconds_since(self.written);
        if old > i64::from(self.every) * 3 + 10 {
            complaints.push(format!("the sensor has not written for {old} s; it does not seem to run"));
        }
        if !self.error.is_empty() {
            complaints.push(format!("the last delivery failed: {}", self.error));
        }
        let health = &self.health;
        for (count, what) in [
            (health.drops, "packets were lost"),
            (health.spool_dropped, "batches were lost because the spool was full"),
            (health.refused, "batches were refused by the server; they lie in the folder refused"),
        ] {
            if count > 0 {
                complaints.push(format!("{count} {what}"));
            }
        }
        complaints
    }
}

/// Prints the state of the sensor of a spool folder; the exit code says whether it is good.
pub fn print(spool: &Path, json: bool) -> Outcome {
    use tallyward_app::ports::Clock as _;
    let state = State::read(spool)
        .ok_or_else(|| Failure::input(format!("no sensor has written its state into {}", spool.display())))?;
    let complaints = state.complaints(crate::ports::SystemClock.now());
    if json {
        output::json(&state);
    } else {
        let time = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let health = &state.health;
        for (what, value) in [
            ("sensor", format!("{} to {}", state.name, state.to)),
            ("reads", health.reads.clone()),
            ("running since", health.started.to_string()),
            ("written", state.written.to_string()),
            ("packets", format!("{}, last {}", health.packets, time(health.last_packet))),
            ("lately", format!("{} packets in {} s", health.recent.0, health.recent.1)),
            ("lost", health.drops.to_string()),
            ("delivered", format!("{} batches, last {}", state.delivered, time(state.last_delivery))),
            ("waiting", format!("{} batches", health.spooled)),
            ("memory", format!("{} MiB", health.memory >> 20)),
        ] {
            output::line(&format!("{what:14} {value}"));
        }
        for complaint in &complaints {
            output::line(&format!("LOOK           {complaint}"));
        }
    }
    Ok(if complaints.is_empty() { DONE } else { FAILED })
}

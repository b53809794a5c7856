//! What is kept of a sensor.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tallyward_core::{IngestId, Timestamp};
use tallyward_discovery::batch::Health;

/// Runs whose batches are remembered one by one; of an older run a batch is taken again, which changes nothing.
const MOST_RUNS: usize = 32;
/// Batches remembered that came before an earlier one of their run.
const MOST_EARLY: usize = 10_000;
/// Subnets remembered.
const MOST_SUBNETS: usize = 1_024;

/// One sensor.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredSensor {
    pub name: String,
    pub site: String,
    /// Hash of the token; empty when it was revoked.
    pub token: String,
    pub made: Option<Timestamp>,
    pub made_by: String,
    pub revoked: Option<Timestamp>,
    /// When the newest batch came.
    pub last_batch: Option<Timestamp>,
    /// When the newest batch was made, by the sensor's clock.
    pub made_at: Option<Timestamp>,
    /// First packet ever.
    pub first_packet: Option<Timestamp>,
    pub batches: u64,
    pub statements: u64,
    /// What the newest batch said.
    pub health: Health,
    /// Every subnet ever seen, and when last.
    pub subnets: BTreeMap<String, Timestamp>,
    /// Newest last.
    pub runs: Vec<Run>,
}

/// Which batches of a run were taken.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Run {
    pub run: IngestId,
    /// All up to this one.
    pub whole: u64,
    /// And these.
    pub early: Vec<u64>,
}

impl Run {
    fn has(&self, sequence: u64) -> bool {
        sequence <= self.whole || self.early.binary_search(&sequence).is_ok()
    }

    fn take(&mut self, sequence: u64) {
        if let Err(at) = self.early.binary_search(&sequence) {
            self.early.insert(at, sequence);
        }
        while self.early.first() == Some(&(self.whole + 1)) {
            self.early.remove(0);
            self.whole += 1;
        }
        if self.early.len() > MOST_EARLY {
            // Lost for ever on the sensor's side: what is below counts as taken.
            self.whole = self.early.remove(0);
        }
    }
}

impl StoredSensor {
    /// Whether a batch was taken already.
    pub fn has(&self, run: IngestId, sequence: u64) -> bool {
        self.runs.iter().any(|known| known.run == run && known.has(sequence))
    }

    /// Whether the run is a new one.
    pub fn is_new(&self, run: IngestId) -> bool {
        self.runs.iter().all(|known| known.run != run)
    }

    /// Notes that a batch was taken.
    pub fn note(&mut self, run: IngestId, sequence: u64) {
        match self.runs.iter_mut().find(|known| known.run == run) {
            Some(known) => known.take(sequence),
            None => {
                let mut fresh = Run { run, ..Run::default() };
                fresh.take(sequence);
                self.runs.push(fresh);
                if self.runs.len() > MOST_RUNS {
                    self.runs.remove(0);
                }
            }
        }
    }

    /// Takes over what a batch says of the sensor, unless a newer one has said it.
    pub fn hear(&mut self, made_at: Timestamp, health: &Health) {
        for (subnet, last) in &health.subnets {
            if let Some(known) = self.subnets.get_mut(subnet) {
                *known = (*known).max(*last);
            } else if self.subnets.len() < MOST_SUBNETS {
                self.subnets.insert(subnet.clone(), *last);
            }
        }
        self.first_packet = [self.first_packet, health.first_packet].into_iter().flatten().min();
        if self.made_at.is_none_or(|known| known <= made_at) {
            self.made_at = Some(made_at);
            self.health = Health { subnets: BTreeMap::new(), ..health.clone() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_remembered_in_any_order() {
        let mut sensor = StoredSensor::default();
        let run = IngestId(7);
        for sequence in [3, 1, 4, 2, 6] {
            assert!(!sensor.has(run, sequence));
            sensor.note(run, sequence);
            assert!(sensor.has(run, sequence));
        }
        assert_eq!((sensor.runs[0].whole, sensor.runs[0].early.clone()), (4, vec![6]));
        assert!(!sensor.has(run, 5) && !sensor.has(IngestId(8), 1));
        for run in 100..200 {
            sensor.note(IngestId(run), 1);
        }
        assert_eq!(sensor.runs.len(), MOST_RUNS);
    }

    #[test]
    fn an_older_batch_says_nothing_about_now() {
        let mut sensor = StoredSensor::default();
        let health = |packets| Health { packets, ..Health::default() };
        sensor.hear(Timestamp::from_micros(20), &health(9));
        sensor.hear(Timestamp::from_micros(10), &health(5));
        assert_eq!(sensor.health.packets, 9);
    }
}

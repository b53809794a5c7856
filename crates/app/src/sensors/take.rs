//! Batches taken in.

use super::{StoredSensor, digest, packed};
use crate::App;
use crate::app::{doc, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::who::{Role, Who};
use serde::Serialize;
use std::sync::atomic::Ordering;
use tallyward_core::Timestamp;
use tallyward_discovery::batch::Batch;

/// A clock may be so many seconds ahead before what it says is refused.
const AHEAD: i64 = 2 * 86_400;

/// A sensor whose token was found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SensorCaller(String);

/// What came of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchTaken {
    /// Whether it had been taken before, so that nothing changed.
    pub seen_before: bool,
    /// Statements in it.
    pub statements: usize,
    /// Devices they touch.
    pub devices: usize,
}

impl App {
    /// Whether this token is that of this sensor. The answer never says which of the two is wrong.
    pub fn sensor_caller(&self, name: &str, token: &str) -> Result<SensorCaller> {
        let sensor: Option<StoredSensor> = self.load(DocKind::Sensor, name)?;
        let given = digest(token);
        // Both sides are hashes, so how long comparing them takes tells nothing about the token.
        match sensor {
            Some(sensor) if !sensor.token.is_empty() && sensor.token == given => {
                Ok(SensorCaller(sensor.name))
            }
            _ => Err(AppError::Refused("no sensor of this name may send with this token".to_owned())),
        }
    }

    /// Takes a batch in, once.
    pub fn take_sensor_batch(&self, caller: &SensorCaller, bytes: &[u8]) -> Result<BatchTaken> {
        let batch = packed::unpack(&caller.0, bytes)?;
        let now = self.now();
        in_time(&batch, now)?;
        let _writing = lock(&self.state.fleet);
        let gone = || AppError::Refused("this sensor was revoked".to_owned());
        let mut sensor: StoredSensor = self.load(DocKind::Sensor, &caller.0)?.ok_or_else(gone)?;
        if sensor.token.is_empty() {
            return Err(gone());
        }
        let mut taken = BatchTaken { seen_before: false, statements: batch.evidence.len(), devices: 0 };
        if sensor.has(batch.run, batch.sequence) {
            taken.seen_before = true;
            return Ok(taken);
        }
        let first = sensor.first_packet.is_none() && batch.health.first_packet.is_some();
        let audit = if sensor.is_new(batch.run) { vec![self.begun(&sensor, &batch)] } else { Vec::new() };
        sensor.note(batch.run, batch.sequence);
        sensor.hear(batch.made_at, &batch.health);
        sensor.last_batch = Some(now);
        sensor.batches += 1;
        sensor.statements += batch.evidence.len() as u64;
        let docs = vec![doc(DocKind::Sensor, sensor.name.clone(), "", &sensor)];
        let flows = batch.flows.into_iter().map(|seen| (seen.ingest, seen.flow)).collect();
        let change = ChangeSet { flows, docs, audit, ..ChangeSet::default() };
        let quiet = batch.evidence.is_empty();
        if quiet {
            self.commit(change)?;
        } else {
            let cause = format!("The sensor {} saw it.", sensor.name);
            self.absorb_locked(&cause, batch.evidence, |touched| {
                taken.devices = touched;
                change
            })?;
        }
        self.state.sensors_begun.fetch_or(first, Ordering::AcqRel);
        self.state.sensors_brought.fetch_or(!quiet, Ordering::AcqRel);
        Ok(taken)
    }

    /// The first batch of a run is on record; the others would be one event a minute.
    fn begun(&self, sensor: &StoredSensor, batch: &Batch) -> crate::change::AuditPut {
        let name = format!("sensor {}", sensor.name);
        let who = Who { name: name.clone(), login: name.clone(), role: Role::Reader };
        let mut event = self.event(&who, "sensor.begin", name);
        event.after =
            format!("run {}, reads {}, version {}", batch.run, batch.health.reads, batch.health.version);
        event
    }
}

/// A statement from the future would outrank every later one.
fn in_time(batch: &Batch, now: Timestamp) -> Result<()> {
    let ends = batch.evidence.iter().flat_map(|piece| &piece.episodes).map(|one| one.last);
    let last = ends.chain(batch.flows.iter().map(|seen| seen.flow.last)).chain([batch.made_at]).max();
    match last {
        Some(last) if last.seconds_since(now) > AHEAD => {
            let why =
                format!("it speaks of {last}, which is days ahead of this server: set the sensor's clock");
            Err(AppError::invalid("batch", why))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use tallyward_core::{Episode, Evidence, Field, IngestId, Key, Source, SourceKind};
    use tallyward_discovery::batch::{FORMAT, Health, ingest};

    /// A batch with one statement.
    pub fn batch(sequence: u64) -> Batch {
        let (run, at) = (IngestId(1_000), Timestamp::from_micros(1_700_000_000_000_000));
        let episode = Episode {
            ingest: ingest(run, sequence),
            first: at,
            last: at,
            count: 3,
            recorded_at: at,
            place: String::new(),
        };
        Batch {
            format: FORMAT,
            sensor: "ED-1".to_owned(),
            run,
            sequence,
            made_at: at,
            health: Health { packets: 10, subnets: BTreeMap::new(), ..Health::default() },
            evidence: vec![Evidence {
                subject: Key::Mac("00:09:5c:00:00:01".parse().expect("a card")),
                field: Field::IpAddress,
                value: "10.0.0.7".to_owned(),
                source: Source { kind: SourceKind::WireNetwork, name: "ED-1".to_owned() },
                basis: "IPv4 source".to_owned(),
                episodes: vec![episode],
            }],
            flows: Vec::new(),
        }
    }
}

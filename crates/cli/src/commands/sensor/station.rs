//! What is between reading and sending: periods become batches, batches lie on disk.

use super::deliver::Deliverer;
use super::state::State;
use crate::args::Sensor;
use crate::exit::Failure;
use crate::output;
use crate::ports::{SystemClock, SystemEntropy};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tallyward_app::ports::{Clock as _, Entropy as _};
use tallyward_app::sensors::pack;
use tallyward_connect::{Spool, Uplink};
use tallyward_core::{IngestId, Timestamp};
use tallyward_discovery::batch::{Batch, FORMAT, Health, ingest};
use tallyward_discovery::{Limits, Options, Period, Teller, Telling};

/// Problems of packets shown one by one.
const MOST_SHOWN: usize = 20;

/// What the thread that makes batches and the one that delivers them share.
pub struct Shared {
    pub folder: PathBuf,
    pub spool: Mutex<Spool>,
    pub state: Mutex<State>,
}

pub fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Writes the state, so that somebody at the machine can see it.
    pub fn write_state(&self) {
        let (spooled, dropped, refused) = {
            let spool = held(&self.spool);
            (spool.len() as u64, spool.dropped, spool.refused)
        };
        let mut state = held(&self.state);
        state.written = SystemClock.now();
        (state.health.spooled, state.health.spool_dropped, state.health.refused) =
            (spooled, dropped, refused);
        if let Err(error) = state.write(&self.folder) {
            eprintln!("tallyward: the state of the sensor could not be written: {error}");
        }
    }
}

/// Makes batches of periods.
pub struct Station {
    name: String,
    run: IngestId,
    sequence: u64,
    teller: Teller,
    most: usize,
    health: Health,
    /// Packets and time at the last batch.
    before: (u64, Timestamp),
    shown: usize,
    to: Option<(Arc<Shared>, Deliverer)>,
    json: bool,
}

/// The spool of these arguments.
pub fn spool(args: &Sensor) -> Result<Spool, Failure> {
    Spool::open(&args.spool, args.spool_limit << 20).map_err(Failure::away)
}

/// What readers need to know.
pub fn options(name: &str) -> Options {
    Options {
        sensor: name.to_owned(),
        ingest: IngestId::default(),
        recorded_at: Timestamp::from_micros(0),
        limits: Limits::default(),
    }
}

impl Station {
    pub fn open(args: &Sensor, uplink: Option<Uplink>, json: bool) -> Result<Self, Failure> {
        let now = SystemClock.now();
        let mut run = [0_u8; 16];
        SystemEntropy.fill(&mut run);
        let reads = if args.read.is_empty() { args.interface.join(", ") } else { "captures".to_owned() };
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let health = Health { version, reads, started: now, ..Health::default() };
        let to = match uplink {
            None => None,
            Some(uplink) => {
                let mut spool = spool(args)?;
                if let Some(before) = State::read(&args.spool) {
                    // Losses of an earlier run are losses still.
                    spool.dropped = before.health.spool_dropped;
                    spool.refused = before.health.refused;
                }
                let state = State {
                    name: args.name.clone(),
                    to: args.to.clone().unwrap_or_default(),
                    health: health.clone(),
                    every: args.every,
                    ..State::default()
                };
                let folder = args.spool.clone();
                let shared = Arc::new(Shared { folder, spool: Mutex::new(spool), state: Mutex::new(state) });
                shared.write_state();
                let deliverer = Deliverer::start(uplink, Arc::clone(&shared));
                Some((shared, deliverer))
            }
        };
        let telling = Telling { settle: 2 * i64::from(args.every), ..Telling::default() };
        Ok(Self {
            name: args.name.clone(),
            run: IngestId(u128::from_be_bytes(run)),
            sequence: 0,
            most: telling.most,
            teller: Teller::new(options(&args.name), telling, now),
            health,
            before: (0, now),
            shown: 0,
            to,
            json,
        })
    }

    /// Takes a period of one reader.
    pub fn take(&mut self, period: Period) {
        for problem in &period.problems {
            if self.shown < MOST_SHOWN {
                eprintln!("tallyward: {problem}");
            }
            self.shown += 1;
        }
        self.teller.take(SystemClock.now(), period);
    }

    /// Makes and spools what is due; at least one batch, which says that the sensor lives. With `all`, everything.
    pub fn tell(&mut self, drops: u64, all: bool) -> Result<(), Failure> {
        let now = SystemClock.now();
        self.look(drops, now);
        for round in 0.. {
            let sequence = self.sequence + 1;
            let (evidence, flows) = self.teller.tell(now, ingest(self.run, sequence), all);
            if round > 0 && evidence.is_empty() && flows.is_empty() {
                break;
            }
            self.sequence = sequence;
            let full = evidence.len() >= self.most || flows.len() >= self.most;
            let batch = Batch {
                format: FORMAT,
                sensor: self.name.clone(),
                run: self.run,
                sequence,
                made_at: now,
                health: self.health.clone(),
                evidence,
                flows,
            };
            self.hand_on(&batch)?;
            if !full {
                break;
            }
        }
        Ok(())
    }

    fn hand_on(&self, batch: &Batch) -> Result<(), Failure> {
        let Some((shared, deliverer)) = &self.to else {
            print(batch, self.json);
            return Ok(());
        };
        let packed = pack(batch);
        let added = held(&shared.spool).add(&packed);
        if let Err(error) = added {
            // A full disk must not end the capture; the loss is counted and shown.
            held(&shared.spool).dropped += 1;
            eprintln!("tallyward: a batch could not be spooled: {error}");
        }
        held(&shared.state).health = batch.health.clone();
        shared.write_state();
        deliverer.wake();
        Ok(())
    }

    fn look(&mut self, drops: u64, now: Timestamp) {
        let (both_sides, one_side) = self.teller.sides();
        let stats = self.teller.stats();
        let health = &mut self.health;
        health.packets = stats.packets;
        health.bytes = stats.bytes;
        health.drops = drops;
        health.first_packet = stats.first;
        health.last_packet = stats.last;
        health.truncated = stats.truncated;
        health.ignored = stats.ignored;
        health.no_room = stats.facts_dropped + stats.flows_dropped;
        (health.both_sides, health.one_side) = (both_sides, one_side);
        health.memory = tallyward_capture::memory();
        health.subnets.clone_from(self.teller.subnets());
        let seconds = now.seconds_since(self.before.1).max(1).unsigned_abs();
        health.recent = (stats.packets - self.before.0, seconds);
        self.before = (stats.packets, now);
        if let Some((shared, _)) = &self.to {
            let spool = held(&shared.spool);
            health.spooled = spool.len() as u64;
            (health.spool_dropped, health.refused) = (spool.dropped, spool.refused);
        }
    }

    /// Tells everything and waits a moment for the server. How many batches are left on disk.
    pub fn finish(mut self, drops: u64, patience: std::time::Duration) -> Result<usize, Failure> {
        self.tell(drops, true)?;
        let Some((shared, deliverer)) = self.to else { return Ok(0) };
        deliverer.finish(patience);
        shared.write_state();
        let left = held(&shared.spool).len();
        Ok(left)
    }
}

fn print(batch: &Batch, json: bool) {
    if json {
        output::json(batch);
        return;
    }
    for piece in &batch.evidence {
        let (subject, field) = (piece.subject.plain(), piece.field.label());
        if !output::line(&format!("{subject}  {field}: {} ({})", piece.value, piece.basis)) {
            return;
        }
    }
    let health = &batch.health;
    eprintln!(
        "tallyward: {} packets, {} lost, {} statements and {} flows told",
        health.packets,
        health.drops,
        batch.evidence.len(),
        batch.flows.len()
    );
}

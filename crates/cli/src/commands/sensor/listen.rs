//! Live: a thread a ring, a period at a time.

use super::station::{Station, options};
use crate::args::Sensor;
use crate::exit::{AWAY, DONE, Failure, Outcome};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;
use tallyward_capture::{CaptureError, Ring, RingOptions, drop_privileges};
use tallyward_discovery::{Live, Period};

/// The period that ends the reading.
const LAST: u64 = u64::MAX;
/// How long a reader waits for packets before it looks whether a period has ended.
const LOOK: u32 = 100;
/// Blocks read at most after the end was asked for.
const MOST_LEFT: usize = 4_096;
/// How long a reader may take to end a period.
const SLOW: Duration = Duration::from_secs(30);
/// How long the server may take at the end.
const GOODBYE: Duration = Duration::from_secs(10);
/// Threads a ring when nothing is said.
const FEW: usize = 4;

/// What a reader says at the end of a period.
type Ended = Result<(Period, u64), CaptureError>;

/// Opens every ring.
pub fn open(args: &Sensor) -> Result<Vec<Ring>, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.map_or(cores.min(FEW), usize::from);
    let mut rings = Vec::new();
    for (index, interface) in args.interface.iter().enumerate() {
        // Groups of one network namespace must differ; the process id is as good as any number.
        let group = (std::process::id() as u16).wrapping_add(index as u16);
        let ring = RingOptions {
            bytes: (args.ring as usize) << 20,
            promiscuous: !args.no_promiscuous,
            fanout: (threads > 1).then_some(group),
            ..RingOptions::default()
        };
        for _ in 0..threads {
            rings.push(Ring::open(interface, &ring).map_err(failure)?);
        }
    }
    Ok(rings)
}

pub fn give_up_rights(args: &Sensor) -> Result<(), Failure> {
    drop_privileges(args.user.as_deref()).map_err(failure)
}

fn failure(error: CaptureError) -> Failure {
    Failure::away(error.to_string())
}

/// Reads until interrupted.
pub fn run(args: &Sensor, rings: Vec<Ring>, mut station: Station) -> Outcome {
    let stop = Arc::new(AtomicBool::new(false));
    watch_for_the_end(&stop)?;
    let period = Arc::new(AtomicU64::new(0));
    let (ended, periods) = mpsc::channel();
    let readers = rings.len();
    for ring in rings {
        let (period, ended, live) = (Arc::clone(&period), ended.clone(), Live::new(options(&args.name)));
        std::thread::spawn(move || read(ring, live, &period, &ended));
    }
    drop(ended);
    eprintln!("tallyward: listening at {} as {}", args.interface.join(", "), args.name);
    let mut drops = Drops::default();
    loop {
        let stopped = wait(&stop, Duration::from_secs(u64::from(args.every)));
        period.store(if stopped { LAST } else { period.load(Ordering::Relaxed) + 1 }, Ordering::Release);
        let collected = collect(&mut station, &periods, readers, &mut drops);
        if stopped {
            let left = station.finish(drops.all, GOODBYE)?;
            if left > 0 {
                eprintln!("tallyward: {left} batches wait on disk for the next start");
            }
            return collected.map(|()| DONE);
        }
        if let Err(failure) = collected {
            let _ = station.finish(drops.all, GOODBYE);
            return Err(failure);
        }
        station.tell(drops.all, false)?;
        if let Some(gone) =
            args.interface.iter().find(|name| !Path::new("/sys/class/net").join(name).exists())
        {
            eprintln!("tallyward: the interface {gone} is gone");
            period.store(LAST, Ordering::Release);
            let _ = collect(&mut station, &periods, readers, &mut drops);
            station.finish(drops.all, GOODBYE)?;
            return Ok(AWAY);
        }
    }
}

/// Packets lost, added up over the rings.
#[derive(Default)]
struct Drops {
    all: u64,
}

fn collect(
    station: &mut Station,
    periods: &Receiver<Ended>,
    readers: usize,
    drops: &mut Drops,
) -> Result<(), Failure> {
    for _ in 0..readers {
        let (period, lost) = periods
            .recv_timeout(SLOW)
            .map_err(|_| Failure::away("a reader of the interface does not answer"))?
            .map_err(failure)?;
        drops.all += lost;
        station.take(period);
    }
    Ok(())
}

/// Reads one ring, and hands over a period whenever one ends, with what was lost in it.
fn read(mut ring: Ring, mut live: Live, period: &AtomicU64, ended: &Sender<Ended>) {
    let (mut done, mut known) = (0, 0);
    loop {
        if let Err(error) = ring.read(LOOK, &mut live) {
            let _ = ended.send(Err(error));
            return;
        }
        let wanted = period.load(Ordering::Acquire);
        if wanted == done {
            continue;
        }
        done = wanted;
        let last = wanted == LAST;
        if last {
            // What lies in the ring was received; it counts.
            for _ in 0..MOST_LEFT {
                if !matches!(ring.read(LOOK, &mut live), Ok(count) if count > 0) {
                    break;
                }
            }
        }
        let answer = ring.drops().map(|drops| {
            let lost = drops - known;
            known = drops;
            (live.collect(last), lost)
        });
        if ended.send(answer).is_err() || last {
            return;
        }
    }
}

/// Waits, unless the end is asked for. Whether it was.
fn wait(stop: &AtomicBool, mut left: Duration) -> bool {
    let step = Duration::from_millis(50);
    while left > Duration::ZERO {
        if stop.load(Ordering::Acquire) {
            return true;
        }
        std::thread::sleep(step.min(left));
        left = left.saturating_sub(step);
    }
    stop.load(Ordering::Acquire)
}

fn watch_for_the_end(stop: &Arc<AtomicBool>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::away(format!("failed to start: {error}")))?;
    let stop = Arc::clone(stop);
    std::thread::spawn(move || {
        runtime.block_on(crate::commands::serve::interrupted());
        stop.store(true, Ordering::Release);
    });
    Ok(())
}

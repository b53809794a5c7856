//! Captures in place of an interface.

use super::station::{Station, options};
use crate::args::Sensor;
use crate::exit::Failure;
use crate::ports::SystemClock;
use crate::unpack::Input;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tallyward_app::ports::Clock as _;
use tallyward_core::Timestamp;
use tallyward_discovery::{Live, Packets};

/// Packets after which a period ends when nothing is paced.
const PERIOD: u64 = 1_000_000;
/// How long the server may take at the end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads captures through the same way as an interface; how many of them held nothing.
pub fn run(args: &Sensor, captures: &[PathBuf], mut station: Station) -> Result<usize, Failure> {
    let mut live = Live::new(options(&args.name));
    let mut unreadable = 0;
    for path in captures {
        let before = live.packets();
        let problems = play(args, path, &mut live, &mut station)?;
        for problem in &problems {
            eprintln!("tallyward: {}: {problem}", path.display());
        }
        unreadable += usize::from(live.packets() == before && !problems.is_empty());
    }
    station.take(live.collect(true));
    let left = station.finish(0, PATIENCE)?;
    if left > 0 {
        return Err(Failure::away(format!("{left} batches wait on disk: the server did not take them")));
    }
    Ok(unreadable)
}

fn play(args: &Sensor, path: &Path, live: &mut Live, station: &mut Station) -> Result<Vec<String>, Failure> {
    let fail = |error| Failure::file("read", path, &error);
    let mut file = Input::open(path).map_err(fail)?;
    let (mut packets, mut buffer) = (Packets::default(), vec![0_u8; 1 << 20]);
    let mut pace = Pace { told: SystemClock.now(), shift: None };
    let mut failed = None;
    let mut take = |time: Timestamp, link: u16, data: &[u8], wire: u32| {
        let time = if args.pace { pace.wait(time) } else { time };
        live.packet(time, link, data, wire);
        let ended = if args.pace { pace.is_over(args.every) } else { live.packets() >= PERIOD };
        if ended {
            station.take(live.collect(false));
            if args.pace
                && let Err(failure) = station.tell(0, false)
            {
                failed = Some(failure);
            }
        }
    };
    loop {
        let count = file.read(&mut buffer).map_err(fail)?;
        if count == 0 {
            break;
        }
        packets.feed(&buffer[..count], &mut take);
    }
    let problems = packets.finish(&mut take);
    failed.map_or(Ok(problems), Err)
}

/// Moves the time of a capture to now.
struct Pace {
    told: Timestamp,
    shift: Option<i64>,
}

impl Pace {
    /// Waits until it is time for a packet; its new time.
    fn wait(&mut self, time: Timestamp) -> Timestamp {
        let now = SystemClock.now().micros();
        let shift = *self.shift.get_or_insert(now - time.micros());
        let due = time.micros() + shift;
        if let Ok(early) = u64::try_from(due - now) {
            std::thread::sleep(Duration::from_micros(early));
        }
        Timestamp::from_micros(due)
    }

    fn is_over(&mut self, every: u32) -> bool {
        let now = SystemClock.now();
        let over = now.seconds_since(self.told) >= i64::from(every);
        if over {
            self.told = now;
        }
        over
    }
}

//! How much an interface can bring before packets are lost: reads it for some seconds with every dissector, as `tallyward sensor` does,
//! and says what came and what was lost.
//!
//! `cargo run --release -p tallyward-capture --example rate -- INTERFACE SECONDS THREADS`; how to make the traffic is in
//! `docs/setup/sensor.md`.

use std::env;
use std::thread;
use tallyward_capture::{Ring, RingOptions, memory};
use tallyward_discovery::{Limits, Live, Options, Teller, Telling, Timestamp};

fn options() -> Options {
    let zero = Timestamp::from_micros(0);
    Options {
        sensor: "rate".to_owned(),
        ingest: Default::default(),
        recorded_at: zero,
        limits: Limits::default(),
    }
}

#[expect(clippy::disallowed_methods, reason = "an example measures by the machine's own clock")]
fn read(mut ring: Ring, seconds: u64) -> (tallyward_discovery::Period, u64, u64) {
    let mut live = Live::new(options());
    let began = std::time::Instant::now();
    let mut longest = 0;
    while began.elapsed().as_secs() < seconds {
        let before = std::time::Instant::now();
        if ring.read(100, &mut live).expect("the interface is there") > 0 {
            longest = longest.max(before.elapsed().as_millis() as u64);
        }
    }
    while ring.read(200, &mut live).expect("the interface is there") > 0 {}
    let drops = ring.drops().expect("the socket answers");
    (live.collect(true), drops, longest)
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [interface, seconds, threads] = arguments.as_slice() else {
        eprintln!("expected: INTERFACE SECONDS THREADS");
        return;
    };
    let number = |text: &String| text.parse::<u64>().expect("a number");
    let (seconds, threads) = (number(seconds), number(threads));
    let fanout = (threads > 1).then_some(std::process::id() as u16);
    let ring = RingOptions { fanout, ..RingOptions::default() };
    let rings: Vec<Ring> =
        (0..threads).map(|_| Ring::open(interface, &ring).expect("the ring is opened")).collect();
    eprintln!("listening");
    let readers: Vec<_> = rings.into_iter().map(|ring| thread::spawn(move || read(ring, seconds))).collect();
    let now = Timestamp::from_micros(0);
    let mut teller = Teller::new(options(), Telling::default(), now);
    let (mut lost, mut longest) = (0, 0);
    for reader in readers {
        let (period, drops, slowest) = reader.join().expect("a reader ends");
        teller.take(now, period);
        lost += drops;
        longest = longest.max(slowest);
    }
    let stats = teller.stats().clone();
    let (evidence, flows) = teller.tell(now, Default::default(), true);
    println!(
        "{} packets, {} bytes, {lost} lost, {} statements, {} flows, {} connections closed early, {} MiB, slowest block {longest} ms",
        stats.packets,
        stats.bytes,
        evidence.len(),
        flows.len(),
        stats.flows_evicted,
        memory() >> 20,
    );
}

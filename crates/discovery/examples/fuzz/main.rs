//! Throws changed traffic at the dissectors, guided by what they make of it.
//!
//! For every protocol: the frames of its conversations in the captures given (real messages) are the first inputs; changed ones that teach
//! something in a new way become inputs as well. "New" is a set of signs of what was learned: which fields came on which basis from which
//! kind of source, how many and how long, which service was recognised, how many holes. This runs on a stable compiler and
//! needs nothing but this repository. It is *not* coverage of code: a branch that changes nothing in the result leaves no sign.
//!
//! What counts as a defect: a panic (arithmetic overflow and debug assertions included, when built as below), more than a hundred
//! milliseconds for one input, another result when the same bytes come in pieces or are read by two readers, a value longer than any field
//! may be. A defect is made small and written to the folder of `--found` as a capture.
//!
//! ```text
//! CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true \
//!   cargo run --release -p tallyward-discovery --example fuzz -- --seconds 300 --found found CAPTURE…
//! ```
//!
//! `--protocol NAME` (as in flows, or `frames` for what lies directly in frames) does one; without it each gets its seconds in turn. `--seed N` repeats a run.

mod frames;
mod mutate;

use frames::Frame;
use mutate::Dice;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use tallyward_core::{IngestId, Timestamp};
use tallyward_discovery::{Learned, Limits, Options, Part, Reader, Share, read_capture};

/// Longest value that any field may have.
const LONGEST_VALUE: usize = 4_096;
const SLOW: Duration = Duration::from_millis(100);
/// Frames of one conversation that are taken as one input.
const ROW: usize = 48;
/// Inputs kept for one protocol.
const MOST_INPUTS: usize = 4_000;

struct Args {
    seconds: u64,
    seed: u64,
    protocol: Option<String>,
    found: String,
    captures: Vec<String>,
}

#[expect(clippy::disallowed_methods, reason = "the length of a run is a time")]
fn now() -> Instant {
    Instant::now()
}

fn options() -> Options {
    Options {
        sensor: "fuzz".to_owned(),
        ingest: IngestId(1),
        recorded_at: Timestamp::default(),
        limits: Limits::default(),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = args()?;
    std::panic::set_hook(Box::new(|_| {}));
    let corpus = corpus(&args.captures)?;
    let mut defects = 0;
    for (protocol, rows) in &corpus {
        if args.protocol.as_ref().is_none_or(|wanted| wanted == protocol) {
            defects += run(protocol, rows.clone(), &args)?;
        }
    }
    println!("{defects} defects in {} protocols", corpus.len());
    if defects > 0 { Err("defects were found".into()) } else { Ok(()) }
}

fn args() -> Result<Args, Box<dyn std::error::Error>> {
    let mut args =
        Args { seconds: 300, seed: 1, protocol: None, found: "found".to_owned(), captures: Vec::new() };
    let mut given = std::env::args().skip(1);
    while let Some(arg) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--seconds" => args.seconds = value()?.parse()?,
            "--seed" => args.seed = value()?.parse()?,
            "--protocol" => args.protocol = Some(value()?),
            "--found" => args.found = value()?,
            _ => args.captures.push(arg),
        }
    }
    Ok(args)
}

/// The first inputs of every protocol: rows of frames that one conversation of it sent.
fn corpus(captures: &[String]) -> Result<BTreeMap<String, Vec<Vec<Frame>>>, std::io::Error> {
    let mut corpus: BTreeMap<String, Vec<Vec<Frame>>> = BTreeMap::new();
    for path in captures {
        let bytes = std::fs::read(path)?;
        let Ok(learned) = catch_unwind(|| read_capture(&bytes, options())) else {
            println!("{path}: panics as it is");
            continue;
        };
        let all = frames::of_capture(&bytes);
        let mut rows: BTreeMap<(String, u8, u16), Vec<Frame>> = BTreeMap::new();
        for frame in all {
            let name = match frame.ports {
                None => Some(("frames".to_owned(), 0, 0)),
                Some((protocol, a, b)) => learned
                    .flows
                    .iter()
                    .find(|flow| {
                        !flow.service.is_empty()
                            && flow.transport == protocol
                            && (flow.port == a || flow.port == b)
                    })
                    .map(|flow| (flow.service.clone(), protocol, if flow.port == a { b } else { a })),
            };
            let Some(name) = name else { continue };
            let row = rows.entry(name).or_default();
            if row.len() < ROW {
                row.push(frame);
            }
        }
        for ((protocol, ..), row) in rows {
            let held = corpus.entry(protocol).or_default();
            if held.len() < 200 {
                held.push(row);
            }
        }
    }
    Ok(corpus)
}

fn run(protocol: &str, mut inputs: Vec<Vec<Frame>>, args: &Args) -> Result<usize, std::io::Error> {
    let mut dice = Dice::new(args.seed);
    let mut known: HashSet<u64> = HashSet::new();
    for row in &inputs {
        if let Ok(learned) = judge(row, false) {
            signs(&learned, &mut known);
        }
    }
    let (begun, first) = (now(), inputs.len());
    let (mut tried, mut told) = (0u64, HashSet::new());
    while begun.elapsed().as_secs() < args.seconds {
        let mut row = inputs[dice.below(inputs.len())].clone();
        let other = &inputs[dice.below(inputs.len())];
        mutate::mutate(&mut row, other, &mut dice);
        tried += 1;
        match judge(&row, tried % 8 == 0) {
            Ok(learned) => {
                if signs(&learned, &mut known) && inputs.len() < MOST_INPUTS {
                    inputs.push(row);
                }
            }
            Err(defect) => {
                if told.insert(defect.clone()) {
                    let small = minimise(row, &defect);
                    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(&defect);
                    std::fs::create_dir_all(&args.found)?;
                    let path =
                        format!("{}/{}-{:08x}.pcap", args.found, protocol.replace('/', "_"), hash as u32);
                    std::fs::write(&path, frames::capture(&small))?;
                    println!("{protocol}: {defect}: {} frames in {path}", small.len());
                }
            }
        }
    }
    println!(
        "{protocol}: {tried} inputs, {first} from captures, {} kept for what they taught, {} signs, {} defects",
        inputs.len() - first,
        known.len(),
        told.len()
    );
    Ok(told.len())
}

/// What was learned, or what is wrong.
fn judge(row: &[Frame], thorough: bool) -> Result<Learned, String> {
    let bytes = frames::capture(row);
    let begun = now();
    let learned = attempt(|| read_capture(&bytes, options()))?;
    let took = begun.elapsed();
    if took > SLOW && attempt_again(&bytes) > SLOW {
        return Err(format!("slow: over {} ms", SLOW.as_millis()));
    }
    if let Some(piece) = learned.evidence.iter().find(|piece| piece.value.len() > LONGEST_VALUE) {
        return Err(format!("a value of {} is too long ({})", piece.field, piece.basis));
    }
    if thorough {
        let pieces = attempt(|| {
            let mut reader = Reader::new(options());
            bytes.chunks(7).for_each(|piece| reader.feed(piece));
            reader.finish()
        })?;
        if pieces != learned {
            return Err("fed in pieces, something else is learned".to_owned());
        }
        let shared = attempt(|| {
            let parts = Share::all(2).into_iter().map(|share| {
                let mut reader = Reader::sharing(options(), share);
                reader.feed(&bytes);
                reader.part()
            });
            parts.reduce(Part::join).map_or_else(Learned::default, Part::learned)
        })?;
        if shared != learned {
            return Err("read by two, something else is learned".to_owned());
        }
    }
    Ok(learned)
}

fn attempt_again(bytes: &[u8]) -> Duration {
    let best = |_| {
        let begun = now();
        let _ = attempt(|| read_capture(bytes, options()));
        begun.elapsed()
    };
    (0..3).map(best).min().unwrap_or_default()
}

fn attempt(work: impl FnOnce() -> Learned) -> Result<Learned, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("of no text");
        // Numbers differ from input to input; the kind of panic is told by the words.
        let words: String =
            text.chars().map(|letter| if letter.is_ascii_digit() { '#' } else { letter }).collect();
        format!("panic: {}", words.replace("##", "#").replace("##", "#").replace("##", "#"))
    })
}

/// Adds the signs of what was learned; whether any is new.
fn signs(learned: &Learned, known: &mut HashSet<u64>) -> bool {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let step = |count: usize| usize::BITS - count.leading_zeros();
    let mut new = false;
    let mut add = |sign: u64| new |= known.insert(sign);
    let mut counts: BTreeMap<(String, String, String), (usize, usize)> = BTreeMap::new();
    for piece in &learned.evidence {
        let name = (piece.field.to_string(), piece.basis.clone(), format!("{:?}", piece.source.kind));
        let (count, longest) = counts.entry(name).or_default();
        *count += 1;
        *longest = (*longest).max(piece.value.len());
    }
    let mut all = Vec::new();
    for (name, (count, longest)) in &counts {
        add(hasher.hash_one((name, step(*count))));
        add(hasher.hash_one((name, "long", step(*longest))));
        all.push(name);
    }
    add(hasher.hash_one(all));
    for flow in &learned.flows {
        add(hasher.hash_one((&flow.service, flow.transport, step(flow.count as usize))));
    }
    let stats = &learned.stats;
    add(hasher.hash_one((
        step(stats.gaps as usize),
        step(stats.ignored as usize),
        stats.fragments_dropped > 0,
    )));
    new
}

/// Leaves out frames and bytes as long as the same is wrong.
fn minimise(mut row: Vec<Frame>, defect: &str) -> Vec<Frame> {
    let still = |row: &[Frame]| judge(row, true).err().is_some_and(|found| found == defect);
    let mut at = 0;
    while at < row.len() {
        let mut fewer = row.clone();
        fewer.remove(at);
        if still(&fewer) {
            row = fewer;
        } else {
            at += 1;
        }
    }
    for at in 0..row.len() {
        let mut step = row[at].bytes.len().saturating_sub(row[at].payload).next_power_of_two() / 2;
        while step > 0 {
            let mut shorter = row.clone();
            let length = shorter[at].bytes.len();
            if length >= shorter[at].payload + step {
                shorter[at].bytes.truncate(length - step);
                shorter[at].mend();
                if still(&shorter) {
                    row = shorter;
                    continue;
                }
            }
            step /= 2;
        }
    }
    row
}

//! Captures read from files, by as many readers as there are processors.
//!
//! One thread takes the bytes in and unpacks them; each reader sees all of them and reads its share ([`Share`]), so the result is that of
//! one reader. A few pieces are under way at once and are used again: memory does not grow with the file.

use crate::exit::Failure;
use crate::files;
use crate::progress::Progress;
use crate::unpack::{Input, is_standard_input};
use std::collections::VecDeque;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tallyward_app::ingest::Hasher;
use tallyward_core::{IngestId, Timestamp};
use tallyward_discovery::{Learned, Limits, Options, Part, Problem, Reader, Share};

/// Endings of capture files, packed ones too.
pub const CAPTURES: [&str; 9] =
    ["pcap", "pcapng", "cap", "pcap.gz", "pcapng.gz", "cap.gz", "pcap.zst", "pcapng.zst", "cap.zst"];

/// Small enough to stay in a processor's own cache while it is read.
const PIECE: usize = 512 * 1024;
/// Pieces a reader may lag behind.
const UNDER_WAY: usize = 3;
/// More readers gain little: each of them finds all the packets.
const MOST_READERS: u32 = 8;
/// Less than this is read before a second reader would have begun.
const SMALL: u64 = 4 << 20;

/// What came of one capture.
pub struct ReadOut {
    /// What it taught.
    pub learned: Learned,
    /// The hash of its unpacked bytes.
    pub ingest: IngestId,
    /// Whether the file could be read to its end, whatever was in it.
    pub whole: bool,
}

/// The captures named, in folders with their subfolders; `-` is standard input.
///
/// # Errors
/// When a path does not exist or a folder cannot be read.
pub fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if is_standard_input(path) {
            found.push(path.clone());
        } else {
            found.extend(files::expand(std::slice::from_ref(path), &CAPTURES)?);
        }
    }
    Ok(found)
}

/// What a capture is called.
pub fn name(path: &Path) -> String {
    if is_standard_input(path) { "standard input".to_owned() } else { files::name(path) }
}

/// Reads one capture with so many readers (`None`: as many as there are processors). `recorded_at` is when that is said to be;
/// the content is hashed only when `hashed`, which costs about as much as reading.
///
/// # Errors
/// When it cannot be opened. What goes wrong later is a problem in what was learned.
pub fn read(
    path: &Path,
    sensor: &str,
    recorded_at: Timestamp,
    readers: Option<u32>,
    hashed: bool,
) -> Result<ReadOut, Failure> {
    let mut input = Input::open(path).map_err(|error| Failure::file("read", path, &error))?;
    let length = std::fs::metadata(path).map_or(0, |about| about.len());
    let readers = match readers {
        Some(readers) => readers.clamp(1, MOST_READERS),
        None if length < SMALL && !is_standard_input(path) => 1,
        None => std::thread::available_parallelism().map_or(1, |count| count.get() as u32).min(MOST_READERS),
    };
    let options = Options {
        sensor: sensor.to_owned(),
        ingest: IngestId::default(),
        recorded_at,
        limits: Limits::default(),
    };
    let bar = std::io::stderr().is_terminal().then(|| Progress::start(&name(path), length));
    let mut hasher = hashed.then(Hasher::default);
    let mut given = 0u64;
    let mut take = |buffer: &mut [u8]| {
        let (count, result) = input.fill(buffer);
        given += count as u64;
        if let Some(hasher) = &mut hasher {
            hasher.add(&buffer[..count]);
        }
        if let Some(bar) = &bar {
            bar.at(input.taken(), length.max(input.taken()));
        }
        (count, result)
    };
    let (mut learned, result) =
        if readers == 1 { alone(options, &mut take) } else { together(options, readers, &mut take) };
    let ingest = hasher.map_or_else(IngestId::default, Hasher::finish);
    // The id of what was read is its hash, known only at the end; until then its statements carried none.
    for episode in learned.evidence.iter_mut().flat_map(|piece| &mut piece.episodes) {
        episode.ingest = ingest;
    }
    if let Some(bar) = bar {
        bar.clear();
    }
    if let Err(error) = &result {
        let what = format!("failed to read on: {error}");
        learned.problems.push(Problem { place: format!("byte {given}"), what });
    }
    Ok(ReadOut { learned, ingest, whole: result.is_ok() })
}

type Taken = (usize, std::io::Result<()>);

fn alone(options: Options, take: &mut dyn FnMut(&mut [u8]) -> Taken) -> (Learned, std::io::Result<()>) {
    let mut reader = Reader::new(options);
    let mut buffer = vec![0u8; PIECE];
    loop {
        let (count, result) = take(&mut buffer);
        reader.feed(&buffer[..count]);
        if count < buffer.len() || result.is_err() {
            return (reader.finish(), result);
        }
    }
}

/// Bytes of the capture, and how many of them count.
struct Piece {
    bytes: Vec<u8>,
    length: usize,
}

fn together(
    options: Options,
    readers: u32,
    take: &mut dyn FnMut(&mut [u8]) -> Taken,
) -> (Learned, std::io::Result<()>) {
    std::thread::scope(|scope| {
        let (mut ends, mut threads) = (Vec::new(), Vec::new());
        for share in Share::all(readers) {
            let (give, pieces) = sync_channel(UNDER_WAY);
            let options = options.clone();
            ends.push(give);
            threads.push(scope.spawn(move || read_share(options, share, &pieces)));
        }
        let result = hand_out(&ends, take);
        drop(ends);
        let parts = threads.into_iter().map(|thread| match thread.join() {
            Ok(part) => part,
            Err(defect) => std::panic::resume_unwind(defect),
        });
        let whole = parts.reduce(Part::join).map_or_else(Learned::default, Part::learned);
        (whole, result)
    })
}

fn read_share(options: Options, share: Share, pieces: &Receiver<Arc<Piece>>) -> Part {
    let mut reader = Reader::sharing(options, share);
    for piece in pieces {
        reader.feed(&piece.bytes[..piece.length]);
    }
    reader.part()
}

fn hand_out(
    ends: &[SyncSender<Arc<Piece>>],
    take: &mut dyn FnMut(&mut [u8]) -> Taken,
) -> std::io::Result<()> {
    let mut ring: VecDeque<Arc<Piece>> = VecDeque::new();
    loop {
        let mut piece = match ring.front_mut().and_then(Arc::get_mut).is_some() {
            true => ring.pop_front(),
            false => None,
        }
        .unwrap_or_else(|| Arc::new(Piece { bytes: vec![0u8; PIECE], length: 0 }));
        let free =
            Arc::get_mut(&mut piece).expect("a piece is used again only when every reader has let go of it");
        let (count, result) = take(&mut free.bytes);
        free.length = count;
        let end = count < PIECE;
        for give in ends {
            // A reader that is gone has panicked; that is told when it is joined.
            drop(give.send(Arc::clone(&piece)));
        }
        ring.push_back(piece);
        if end || result.is_err() {
            return result;
        }
    }
}

//! Logs and tables among the files given: told by their content, unpacked, and read as one set.

use crate::captures;
use crate::exit::Failure;
use crate::files;
use crate::unpack::{Input, is_standard_input};
use std::io::Read;
use std::path::{Path, PathBuf};
use tallyward_app::ingest::Hasher;
use tallyward_core::{IngestId, Timestamp};
use tallyward_discovery::logs::{HEAD, LogPiece, LogSet, recognise};
use tallyward_discovery::{Limits, Options};

/// Endings of files in a folder that are looked at whether they are logs.
const LOGS: [&str; 8] = ["log", "json", "csv", "tsv", "leases", "txt", "gz", "1"];

/// The files given, captures and logs apart.
pub struct Sorted {
    /// Captures, and whatever was named outright and is no log.
    pub captures: Vec<PathBuf>,
    /// Logs and tables.
    pub logs: Vec<PathBuf>,
}

/// Sorts files by what they are. Of a folder, files that are neither are passed over.
pub fn sort(paths: &[PathBuf]) -> Result<Sorted, Failure> {
    let mut sorted = Sorted { captures: Vec::new(), logs: Vec::new() };
    for path in captures::expand(paths)? {
        let is_log = !is_standard_input(&path) && is_log(&path)?;
        if is_log { sorted.logs.push(path) } else { sorted.captures.push(path) }
    }
    let folders: Vec<PathBuf> = paths.iter().filter(|path| path.is_dir()).cloned().collect();
    for path in files::expand(&folders, &LOGS)? {
        if is_log(&path)? && !sorted.logs.contains(&path) {
            sorted.logs.push(path);
        }
    }
    Ok(sorted)
}

/// What the files of a set taught. Times without a zone are of `zone`, tables without times of `taken`.
pub fn read_set(
    paths: &[PathBuf],
    sensor: &str,
    recorded_at: Timestamp,
    taken: Option<Timestamp>,
    zone: jiff::tz::TimeZone,
) -> Result<Vec<LogPiece>, Failure> {
    let options = Options {
        sensor: sensor.to_owned(),
        ingest: IngestId::default(),
        recorded_at,
        limits: Limits::default(),
    };
    let mut set = LogSet::new(options, zone).taken_at(taken.unwrap_or(recorded_at));
    let mut buffer = vec![0u8; 1 << 18];
    for path in paths {
        let mut file = open(path)?;
        // The id is that of the content, however it is packed: the same log counts once.
        let mut ingest = Hasher::default();
        set.begin(&files::name(path));
        loop {
            let count = file.read(&mut buffer).map_err(|error| Failure::file("read", path, &error))?;
            if count == 0 {
                break;
            }
            ingest.add(&buffer[..count]);
            set.feed(&buffer[..count]);
        }
        set.end(ingest.finish());
    }
    Ok(set.finish())
}

/// A time zone by its IANA name.
pub fn zone(name: &str) -> Result<jiff::tz::TimeZone, Failure> {
    jiff::tz::TimeZone::get(name)
        .map_err(|_| Failure::usage(format!("{name:?} is no time zone: expected such as America/Chicago")))
}

fn is_log(path: &Path) -> Result<bool, Failure> {
    let mut head = Vec::new();
    let read = open(path)?.take(HEAD as u64).read_to_end(&mut head);
    // What cannot be unpacked is no log; whoever reads it says why.
    Ok(read.is_ok() && recognise(&head).is_some())
}

fn open(path: &Path) -> Result<Input, Failure> {
    Input::open(path).map_err(|error| Failure::file("read", path, &error))
}

//! Batches on disk, until the server has them.
//!
//! One file a batch, written beside, synced and renamed, so that a batch is there whole or not at all; whatever lies there by another name
//! is not ours. The oldest go when the spool is full, and are counted. Order is that of making; it does not matter to the server.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const ENDING: &str = ".batch.gz";
const HALF: &str = ".half";
/// Refused batches kept for a look.
const MOST_REFUSED: usize = 20;

/// A folder of batches. One process has it at a time.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    /// Held as long as the spool is.
    _lock: File,
    /// Number and length of each batch, oldest first.
    batches: Vec<(u64, u64)>,
    next: u64,
    bytes: u64,
    limit: u64,
    /// Batches given up because the spool was full.
    pub dropped: u64,
    /// Batches set aside because the server refused them.
    pub refused: u64,
}

impl Spool {
    /// Opens the spool in a folder, which is made when it is not there; at most `limit` bytes lie in it.
    ///
    /// # Errors
    /// In words, when the folder cannot be used or another sensor uses it.
    pub fn open(folder: &Path, limit: u64) -> Result<Self, String> {
        let fail = |what: &str, error: &io::Error| format!("failed to {what} {}: {error}", folder.display());
        fs::create_dir_all(folder).map_err(|error| fail("make the spool folder", &error))?;
        let lock =
            File::create(folder.join("lock")).map_err(|error| fail("write into the spool folder", &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!("another sensor uses the spool folder {}", folder.display()));
            }
            Err(TryLockError::Error(error)) => return Err(fail("lock the spool folder", &error)),
        }
        let mut batches = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| fail("read the spool folder", &error))? {
            let Ok(entry) = entry else { continue };
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.ends_with(HALF) {
                // Torn by a crash: its batch was never handed on as made.
                let _ = fs::remove_file(entry.path());
            } else if let Some(number) = name.strip_suffix(ENDING).and_then(|digits| digits.parse().ok()) {
                batches.push((number, entry.metadata().map_or(0, |about| about.len())));
            }
        }
        batches.sort_unstable();
        let next = batches.last().map_or(1, |(number, _)| number + 1);
        let bytes = batches.iter().map(|(_, length)| length).sum();
        Ok(Self {
            folder: folder.to_owned(),
            _lock: lock,
            batches,
            next,
            bytes,
            limit,
            dropped: 0,
            refused: 0,
        })
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:016}{ENDING}"))
    }

    /// How many batches wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Adds a batch; when it returns, the batch survives a crash of the machine.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, packed: &[u8]) -> io::Result<()> {
        let length = packed.len() as u64;
        while self.bytes + length > self.limit && !self.batches.is_empty() {
            let (oldest, _) = self.batches[0];
            self.remove(oldest)?;
            self.dropped += 1;
        }
        let path = self.path(self.next);
        write_whole(&path, packed)?;
        self.batches.push((self.next, length));
        self.bytes += length;
        self.next += 1;
        Ok(())
    }

    /// The oldest batch: its number and its bytes.
    ///
    /// # Errors
    /// When it cannot be read; it is then set aside.
    pub fn oldest(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        let Some((number, _)) = self.batches.first().copied() else { return Ok(None) };
        match fs::read(self.path(number)) {
            Ok(bytes) => Ok(Some((number, bytes))),
            Err(error) => {
                self.set_aside(number)?;
                Err(error)
            }
        }
    }

    /// Takes a batch off the spool: the server has it, or it was given up.
    ///
    /// # Errors
    /// When its file cannot be removed.
    pub fn remove(&mut self, number: u64) -> io::Result<()> {
        match fs::remove_file(self.path(number)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.forget(number);
        Ok(())
    }

    /// Sets a batch aside that the server will never take; the newest few are kept in the folder `refused`.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub fn set_aside(&mut self, number: u64) -> io::Result<()> {
        let aside = self.folder.join("refused");
        fs::create_dir_all(&aside)?;
        match fs::rename(self.path(number), aside.join(format!("{number:016}{ENDING}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.forget(number);
        self.refused += 1;
        let mut kept: Vec<PathBuf> = fs::read_dir(&aside)?.flatten().map(|entry| entry.path()).collect();
        kept.sort();
        for old in kept.iter().rev().skip(MOST_REFUSED) {
            fs::remove_file(old)?;
        }
        Ok(())
    }

    fn forget(&mut self, number: u64) {
        if let Ok(at) = self.batches.binary_search_by_key(&number, |(held, _)| *held) {
            let (_, length) = self.batches.remove(at);
            self.bytes = self.bytes.saturating_sub(length);
        }
    }
}

/// Writes a file whole or not at all.
///
/// # Errors
/// When it cannot be written; what was there before then still is.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut half = path.as_os_str().to_owned();
    half.push(HALF);
    let mut file = File::create(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&half, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_survive_a_restart_and_a_torn_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::open(folder.path(), 1_000).expect("it opens");
        spool.add(b"one").expect("written");
        spool.add(b"two").expect("written");
        assert!(Spool::open(folder.path(), 1_000).is_err(), "one process at a time");
        drop(spool);
        fs::write(folder.path().join("0000000000000003.batch.gz.half"), b"th").expect("written");
        fs::write(folder.path().join("note.txt"), b"not ours").expect("written");
        let mut spool = Spool::open(folder.path(), 1_000).expect("it opens");
        assert_eq!(spool.len(), 2);
        let (number, bytes) = spool.oldest().expect("read").expect("there");
        assert_eq!(bytes, b"one");
        spool.remove(number).expect("removed");
        let (number, bytes) = spool.oldest().expect("read").expect("there");
        assert_eq!(bytes, b"two");
        spool.set_aside(number).expect("set aside");
        assert!(spool.is_empty() && spool.refused == 1);
        assert!(!folder.path().join("0000000000000003.batch.gz.half").exists());
        assert!(folder.path().join("note.txt").exists());
    }

    #[test]
    fn a_full_spool_drops_the_oldest_and_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::open(folder.path(), 10).expect("it opens");
        for text in ["aaaa", "bbbb", "cccc"] {
            spool.add(text.as_bytes()).expect("written");
        }
        assert_eq!((spool.len(), spool.dropped), (2, 1));
        assert_eq!(spool.oldest().expect("read").expect("there").1, b"bbbb");
    }
}

//! Connections: one writer, a few readers, one process a file.

use crate::fault::{Fault, Inner};
use crate::migrate;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tallyward_app::ports::StoreError;

/// Readers of one file. A page of a list holds one for a few milliseconds, so four serve a hospital.
const READERS: usize = 4;
/// Page cache in KiB: 16 MiB for the writer and 4 MiB for each reader bound what SQLite may hold to 32 MiB.
const WRITER_CACHE: i64 = 16 * 1024;
const READER_CACHE: i64 = 4 * 1024;
/// Pages of the log before they are written back into the file: 64 MiB, so that the commits of an import write
/// a page of an index back once and not once each.
const CHECKPOINT: i64 = 16 * 1024;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Write,
    Read,
}

/// Path of a file's companion: `store.db` and `.lock` give `store.db.lock`.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The lock that makes this process the only writer of a file; freed when dropped or when the process ends,
/// however it ends.
#[derive(Debug)]
pub struct WriterLock(#[expect(dead_code, reason = "held for its lock")] File);

impl WriterLock {
    /// Takes the lock of the store at `path` (`<path>.lock` beside it).
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process holds it, naming that process when it can be told.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        let name = beside(path, ".lock");
        let failed = |error: std::io::Error| {
            StoreError::Failed(format!(
                "{}: cannot be opened: {error}: check that the folder exists and that this user may write there",
                name.display()
            ))
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&name)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = (&file).take(40).read_to_string(&mut holder);
                let holder = holder.trim();
                let who = if holder.is_empty() { String::new() } else { format!(" ({holder})") };
                return Err(StoreError::Locked(format!(
                    "{} is in use by another Tallyward process{who}: stop that one first, or give this one a \
                     store of its own",
                    path.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Only a courtesy to whoever meets the lock: the lock itself is the kernel's.
        let _ = file.set_len(0).and_then(|()| file.rewind());
        let _ = write!(file, "process {}", std::process::id());
        Ok(Self(file))
    }
}

/// The connections of one store.
#[derive(Debug)]
pub struct Connections {
    writer: Mutex<Connection>,
    /// Idle readers; `None` for a store in memory, whose only connection is the writer.
    readers: Option<Mutex<Vec<Connection>>>,
    idle: Condvar,
    _lock: Option<WriterLock>,
    /// How errors name the store.
    pub name: String,
    /// Whether it was opened for reading only.
    pub read_only: bool,
}

/// A borrowed connection to read with.
pub enum Reader<'a> {
    /// One of the pool.
    Pooled(&'a Connections, Option<Connection>),
    /// The only one.
    Only(MutexGuard<'a, Connection>),
}

impl Reader<'_> {
    /// Whether SQLite itself keeps this connection from writing.
    pub const fn only_reads(&self) -> bool {
        matches!(self, Self::Pooled(..))
    }
}

impl Deref for Reader<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Self::Pooled(_, connection) => connection.as_ref().expect("present until dropped"),
            Self::Only(guard) => guard,
        }
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if let Self::Pooled(home, connection) = self
            && let (Some(readers), Some(connection)) = (&home.readers, connection.take())
        {
            readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            home.idle.notify_one();
        }
    }
}

impl Connections {
    /// Opens `path` for writing, creating and migrating it as needed.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = WriterLock::take(path)?;
        Self::connect(path, Mode::Write, Some(lock))
    }

    /// Opens an existing file beside its writer, in this process or another, for reading only.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        Self::connect(path, Mode::Read, None)
    }

    fn connect(path: &Path, mode: Mode, lock: Option<WriterLock>) -> Result<Self, StoreError> {
        let name = path.display().to_string();
        let told = |fault: Fault| match fault {
            Fault::Store(StoreError::Failed(why)) => StoreError::Failed(format!("{name}: {why}")),
            other => other.told(&name, "opening the store"),
        };
        let writer = connection(path, mode, WRITER_CACHE).map_err(told)?;
        let mut readers = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            readers.push(connection(path, Mode::Read, READER_CACHE).map_err(told)?);
        }
        Ok(Self {
            writer: Mutex::new(writer),
            readers: Some(Mutex::new(readers)),
            idle: Condvar::new(),
            _lock: lock,
            name,
            read_only: mode == Mode::Read,
        })
    }

    /// A store that lives as long as this value.
    pub fn in_memory() -> Result<Self, StoreError> {
        let name = "the store in memory".to_owned();
        let open = || -> Inner<Connection> {
            let mut only = Connection::open_in_memory()?;
            settle(&only, Mode::Write, WRITER_CACHE)?;
            migrate::run(&mut only)?;
            Ok(only)
        };
        let only = open().map_err(|fault| fault.told(&name, "opening"))?;
        Ok(Self {
            writer: Mutex::new(only),
            readers: None,
            idle: Condvar::new(),
            _lock: None,
            name,
            read_only: false,
        })
    }

    /// The writer.
    pub fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reader; waits for one to be idle.
    pub fn reader(&self) -> Reader<'_> {
        let Some(readers) = &self.readers else {
            return Reader::Only(self.writer());
        };
        let mut pool = readers.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = pool.pop() {
                return Reader::Pooled(self, Some(connection));
            }
            pool = self.idle.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn connection(path: &Path, mode: Mode, cache: i64) -> Inner<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if mode == Mode::Write {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut opened = Connection::open_with_flags(path, flags)?;
    // Before anything is written: a foreign file must stay as it is, its journal mode included.
    migrate::applied(&opened)?;
    settle(&opened, mode, cache)?;
    match mode {
        Mode::Write => migrate::run(&mut opened)?,
        Mode::Read => migrate::require_current(&opened)?,
    }
    Ok(opened)
}

/// Sets up a connection. `synchronous=FULL` makes SQLite wait for the disk at every commit: in WAL mode the
/// cheaper NORMAL survives a killed process but may forget the last commits at a power cut, and a released
/// notice that was confirmed must not be forgotten. Memory mapping stays off because mapped pages would count
/// as ours.
fn settle(connection: &Connection, mode: Mode, cache: i64) -> Inner<()> {
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    if mode == Mode::Write {
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    } else {
        connection.pragma_update(None, "query_only", true)?;
    }
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -cache)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(96);
    Ok(())
}

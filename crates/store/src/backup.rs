//! Backup into one file, and the way back.
//!
//! A backup is the SQLite file itself with a seal behind its last page: [`SEAL`] and the SHA-256 of everything
//! before it. SQLite checks the shape of its pages but not the bytes of a text; the seal covers every byte.

use crate::audit::{Verified, entries, verify_with};
use crate::connection::{WriterLock, beside};
use crate::fault::{Fault, Inner, refused};
use crate::migrate::{self, hex};
use crate::store::SqliteStore;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Seek as _, Write};
use std::path::{Path, PathBuf};
use tallyward_app::ports::StoreError;

/// Opens the seal at the end of a backup; the hash follows in hexadecimal.
const SEAL: &str = "\ntallyward backup 1 sha256 ";
const SEAL_LENGTH: u64 = SEAL.len() as u64 + 64;

impl SqliteStore {
    /// Writes everything committed so far into one new file, checks that file, and answers the audit log it
    /// holds. The store stays in use meanwhile. The file appears under its name only when it is whole.
    ///
    /// # Errors
    /// When `path` exists already, cannot be written, or the copy does not pass its check.
    pub fn backup_to(&self, path: &Path) -> Result<Verified, StoreError> {
        refuse_existing(path)?;
        let partial = Partial::new(path, ".partial")?;
        {
            let reader = self.connections.reader();
            let target = partial.path.to_str().ok_or_else(|| {
                StoreError::Failed(format!("{}: the name is not valid Unicode", path.display()))
            })?;
            // A copy is not a change of the store, but SQLite counts it as one.
            let copy = || -> Inner<()> {
                reader.pragma_update(None, "query_only", false)?;
                let copied = reader.execute("VACUUM INTO ?1", [target]);
                reader.pragma_update(None, "query_only", reader.only_reads())?;
                copied?;
                Ok(())
            };
            copy().map_err(|fault| fault.told(&self.connections.name, "copying the store"))?;
        }
        let verified = check_database(&partial.path, &partial.path)?;
        seal(&partial.path).map_err(|error| failed(path, "sealing the backup", &error))?;
        partial.keep_as(path)?;
        Ok(verified)
    }
}

fn seal(path: &Path) -> io::Result<()> {
    let mut file = File::options().read(true).append(true).open(path)?;
    let hash = copy_hashed(&mut file, &mut io::sink())?;
    write!(file, "{SEAL}{hash}")
}

/// Copies all of `from` and answers the SHA-256 of it.
fn copy_hashed(from: &mut impl Read, to: &mut impl Write) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut block)?;
        if length == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&block[..length]);
        to.write_all(&block[..length])?;
    }
}

/// Copies the store out of a backup, checking the seal.
fn unseal(backup: &Path, to: &mut impl Write) -> Result<(), StoreError> {
    let broken = |why: &str| StoreError::Failed(format!("{}: {why}", backup.display()));
    let mut open = || -> io::Result<Option<bool>> {
        let mut file = File::open(backup)?;
        let Some(length) = file.metadata()?.len().checked_sub(SEAL_LENGTH) else { return Ok(None) };
        let hash = copy_hashed(&mut (&file).take(length), to)?;
        let mut seal = Vec::new();
        file.seek(io::SeekFrom::Start(length))?;
        file.take(SEAL_LENGTH).read_to_end(&mut seal)?;
        let noted = seal.strip_prefix(SEAL.as_bytes());
        Ok(noted.map(|noted| noted == hash.as_bytes()))
    };
    match open().map_err(|error| failed(backup, "reading the backup", &error))? {
        Some(true) => Ok(()),
        Some(false) => Err(broken("the backup is damaged: its content does not give the hash at its end")),
        None => Err(broken(
            "this is no backup, or its end is missing: the seal of `tallyward backup` is not there",
        )),
    }
}

/// Checks a backup without changing it: the seal over all its bytes, SQLite's own check of every page, the
/// migrations, and the audit chain.
///
/// # Errors
/// With what is wrong, naming the file.
pub fn check_backup(path: &Path) -> Result<Verified, StoreError> {
    unseal(path, &mut io::sink())?;
    check_database(path, path)
}

/// Checks the store in the file `path`, naming it `named` in errors.
fn check_database(path: &Path, named: &Path) -> Result<Verified, StoreError> {
    let name = named.display().to_string();
    check(path).map_err(|fault| match fault {
        Fault::Store(error) => StoreError::Failed(format!("{name}: {error}")),
        Fault::Sql(_) => fault.told(&name, "checking the backup"),
    })
}

fn check(path: &Path) -> Inner<Verified> {
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    migrate::integrity(&file)?;
    if migrate::applied(&file)? == 0 {
        return Err(refused("the file holds no store"));
    }
    let read = |after| {
        entries(&file, after, false, 1_000).map_err(|fault| fault.told("audit log", "reading entries"))
    };
    verify_with(None, read).map_err(|error| refused(error.to_string()))
}

/// Puts a backup in the place of the store at `target`, after checking it. Without `force` an existing store
/// is refused; with it, the old one is moved to `<target>.replaced` rather than removed. Answers the audit log
/// that is now in place.
///
/// # Errors
/// When the backup does not pass its check, `target` exists and `force` is not set, or another process has the
/// store open. `target` is untouched then.
pub fn restore(backup: &Path, target: &Path, force: bool) -> Result<Verified, StoreError> {
    let _lock = WriterLock::take(target)?;
    if !force {
        refuse_existing(target)?;
    }
    let partial = Partial::new(target, ".restoring")?;
    let mut file = File::create(&partial.path).map_err(|error| failed(target, "writing", &error))?;
    unseal(backup, &mut file)?;
    drop(file);
    let verified = check_database(&partial.path, backup)?;
    move_aside(target)?;
    partial.keep_as(target)?;
    Ok(verified)
}

/// Moves a store with its log aside, log first: a log left beside another file would be replayed into it.
fn move_aside(target: &Path) -> Result<(), StoreError> {
    let aside = beside(target, ".replaced");
    for ending in ["", "-wal", "-shm"] {
        remove(&beside(&aside, ending))?;
    }
    for ending in ["-wal", "-shm", ""] {
        match fs::rename(beside(target, ending), beside(&aside, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed(target, "moving the old store aside", &error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A file being written, removed again unless it is kept.
struct Partial {
    path: PathBuf,
}

impl Partial {
    fn new(path: &Path, ending: &str) -> Result<Self, StoreError> {
        let partial = Self { path: beside(path, ending) };
        remove(&partial.path)?;
        Ok(partial)
    }

    /// Gives the file its name once its bytes are on the disk.
    fn keep_as(self, path: &Path) -> Result<(), StoreError> {
        let keep = || -> io::Result<()> {
            File::options().write(true).open(&self.path)?.sync_all()?;
            fs::rename(&self.path, path)?;
            // The name is safe when the folder is; not every system can sync a folder.
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
                && let Ok(folder) = File::open(folder)
            {
                let _ = folder.sync_all();
            }
            Ok(())
        };
        keep().map_err(|error| failed(path, "writing", &error))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for ending in ["", "-journal", "-wal", "-shm"] {
            let _ = fs::remove_file(beside(&self.path, ending));
        }
    }
}

fn refuse_existing(path: &Path) -> Result<(), StoreError> {
    if path.exists() {
        return Err(StoreError::Failed(format!("{} exists already: name another file", path.display())));
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, "removing", &error)),
        _ => Ok(()),
    }
}

fn failed(path: &Path, doing: &str, error: &io::Error) -> StoreError {
    StoreError::Failed(format!("{}: {doing}: {error}", path.display()))
}

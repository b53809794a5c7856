//! The folder in which `serve` looks for letters. Nothing in it is changed: the house's mail stays the house's.

use crate::commands::letters;
use crate::exit::Failure;
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tallyward_app::App;
use tallyward_app::views::Damaged;

/// A file outside a Maildir that changed less than this ago may still be written.
const SETTLES: Duration = Duration::from_secs(10);

/// What a file looked like when it was read.
type Mark = (u64, Option<SystemTime>);

/// A folder with what was read of it, so that a file is read again only when it changed.
pub struct LetterFolder {
    path: PathBuf,
    read: BTreeMap<PathBuf, (Mark, Vec<Damaged>)>,
}

impl LetterFolder {
    /// The folder at `path`; it may appear later.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), read: BTreeMap::new() }
    }

    /// Takes in what is new and notes how it went.
    pub fn look(&mut self, app: &App) {
        let mut taken = 0;
        let error = self.take(app, &mut taken).err().map(|failure| failure.to_string());
        if let Some(error) = &error {
            eprintln!("tallyward: letters: {error}");
        }
        let refused = self.read.values().flat_map(|(_, refused)| refused.iter().cloned()).collect();
        app.note_watched_folder(&self.path.display().to_string(), taken, refused, error);
    }

    fn take(&mut self, app: &App, taken: &mut usize) -> Result<(), Failure> {
        let paths = letters::found(std::slice::from_ref(&self.path))?;
        self.read.retain(|path, _| path.exists());
        let whole = letters::is_maildir(&self.path);
        for path in paths {
            // Gone since the folder was read: moved by a mail program, found under its new name at the next look.
            let Ok(metadata) = path.metadata() else { continue };
            let mark = (metadata.len(), metadata.modified().ok());
            if self.read.get(&path).is_some_and(|(held, _)| *held == mark) {
                continue;
            }
            if !whole && !settled(&metadata, now()) {
                continue;
            }
            let intake = letters::take(app, std::slice::from_ref(&path))?;
            *taken += intake.taken.len();
            self.read.insert(path, (mark, intake.refused));
        }
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with the times of files, which are the machine's own"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

/// Whether nobody writes on a file any more, as far as its time says. A time of the future says nothing: then it is taken,
/// and read again when it changes.
fn settled(metadata: &Metadata, now: SystemTime) -> bool {
    metadata.modified().ok().and_then(|at| now.duration_since(at).ok()).is_none_or(|age| age >= SETTLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_just_written_waits_and_one_of_the_future_does_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let metadata = file.path().metadata().unwrap();
        let written = metadata.modified().unwrap();
        assert!(!settled(&metadata, written));
        assert!(!settled(&metadata, written + SETTLES - Duration::from_millis(1)));
        assert!(settled(&metadata, written + SETTLES));
        assert!(settled(&metadata, written - SETTLES));
    }
}

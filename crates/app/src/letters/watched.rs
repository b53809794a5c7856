//! The folder in which `serve` looks for letters, and how the last look went.

use crate::App;
use crate::app::lock;
use crate::views::{Damaged, Moment};
use serde::Serialize;

/// The folder in which letters arrive, as the last look found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WatchedFolder {
    /// Its path, as the configuration says.
    pub folder: String,
    /// When it was looked into.
    pub looked: Moment,
    /// New letters since the program started.
    pub taken: usize,
    /// Files in it that cannot be taken in, with the reason.
    pub refused: Vec<Damaged>,
    /// Why it could not be read; empty when it could.
    pub error: String,
}

impl App {
    /// Notes how a look into the folder went; held until the program ends.
    pub fn note_watched_folder(
        &self,
        folder: &str,
        taken: usize,
        refused: Vec<Damaged>,
        error: Option<String>,
    ) {
        let looked = Moment(self.now());
        let before = lock(&self.state.letter_folder).as_ref().map_or(0, |held| held.taken);
        *lock(&self.state.letter_folder) = Some(WatchedFolder {
            folder: folder.to_owned(),
            looked,
            taken: before + taken,
            refused,
            error: error.unwrap_or_default(),
        });
    }

    /// How the last look into the folder went; none when no folder is watched.
    #[must_use]
    pub fn watched_folder(&self) -> Option<WatchedFolder> {
        lock(&self.state.letter_folder).clone()
    }
}

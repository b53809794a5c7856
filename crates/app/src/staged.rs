//! Files waiting for their mapping, in memory only: a column nobody mapped is never written anywhere.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use tallyward_discovery::lists::{ListError, Table, read_table};

/// So many files wait at once; the oldest is forgotten.
const MAX_FILES: usize = 4;
/// So many bytes wait at once.
const MAX_BYTES: usize = 256 << 20;

/// One file.
pub(crate) struct StagedFile {
    pub name: String,
    pub bytes: Vec<u8>,
    table: OnceLock<Arc<Table>>,
}

impl StagedFile {
    /// Its rows, read once.
    ///
    /// # Errors
    /// When the file is no list.
    pub fn table(&self) -> Result<Arc<Table>, ListError> {
        if let Some(table) = self.table.get() {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(read_table(&self.bytes)?);
        Ok(Arc::clone(self.table.get_or_init(|| table)))
    }
}

/// The waiting files, oldest first.
#[derive(Default)]
pub(crate) struct Staged {
    files: VecDeque<(String, Arc<StagedFile>)>,
}

impl Staged {
    /// Holds a file under a handle; forgets the oldest ones beyond the limits.
    pub fn hold(&mut self, handle: String, name: String, bytes: Vec<u8>) {
        self.files.push_back((handle, Arc::new(StagedFile { name, bytes, table: OnceLock::new() })));
        while self.files.len() > MAX_FILES
            || (self.files.len() > 1
                && self.files.iter().map(|(_, file)| file.bytes.len()).sum::<usize>() > MAX_BYTES)
        {
            self.files.pop_front();
        }
    }

    /// The file of a handle.
    pub fn get(&self, handle: &str) -> Option<Arc<StagedFile>> {
        self.files.iter().find(|(held, _)| held == handle).map(|(_, file)| Arc::clone(file))
    }

    /// Forgets a file.
    pub fn forget(&mut self, handle: &str) {
        self.files.retain(|(held, _)| held != handle);
    }
}

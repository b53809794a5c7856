//! A list made ready: its rows as evidence, each with its reason when it cannot be used.

use crate::App;
use crate::app::lock;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::fleet::keys_named;
use crate::lists::{StoredImport, strongest};
use crate::staged::StagedFile;
use crate::views::Mapping;
use rustc_hash::{FxHashMap, FxHasher};
use sha2::{Digest, Sha256};
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use tallyward_core::evidence::normalise;
use tallyward_core::{Episode, Evidence, Field, IngestId, Key, Source, SourceKind, Timestamp};
use tallyward_discovery::lists::{
    Context, Guess, Names, Refusal, RowEvidence, Table, cell_value, guess, layout_id, row_evidence,
};
use tallyward_report::inventory::{ID_COLUMN, is_export};
use tallyward_report::{cells_changed, unguarded};

/// So many rows are tried or taken in at once.
const CHUNK: usize = 4_000;

/// One row: the line where it starts and what it says.
pub(super) struct PreparedRow {
    pub line: u64,
    pub says: std::result::Result<RowEvidence, Refusal>,
}

/// Rows that are tried or taken in together, and all they say, normalised.
pub(super) struct Chunk {
    pub rows: Vec<PreparedRow>,
    pub incoming: Vec<Evidence>,
}

impl Chunk {
    /// Every key the rows name. An untouched row of our own export says nothing, yet it is about a device.
    pub fn keys(&self) -> Vec<Key> {
        let mut keys = keys_named(&self.incoming);
        let silent = self.rows.iter().filter_map(|row| row.says.as_ref().ok());
        keys.extend(silent.filter(|row| row.evidence.is_empty()).map(|row| row.subject.clone()));
        keys
    }
}

/// A list read into a table, with the mapping it is read by.
pub(super) struct Prepared {
    pub file: Arc<StagedFile>,
    pub table: Arc<Table>,
    pub mapping: Mapping,
    pub how: Vec<Guess>,
    pub remembered: bool,
    pub ingest: IngestId,
    /// When it was first taken in, or now.
    pub stated: Timestamp,
}

/// The rows of a list as evidence, a chunk at a time, so that memory does not grow with the file.
pub(super) struct Rows<'a> {
    app: &'a App,
    list: &'a Prepared,
    names: Names<'a>,
    next: usize,
    first: FxHashMap<Key, FirstRow>,
}

/// The first row about a subject: its line and a hash of what it says.
struct FirstRow {
    line: u64,
    says: u64,
}

impl<'a> Rows<'a> {
    pub fn new(app: &'a App, list: &'a Prepared) -> Self {
        Self { app, list, names: Names::new(&app.aliases), next: 0, first: FxHashMap::default() }
    }

    /// The next rows; none when all are read.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        let rest = &self.list.table.rows[self.next..];
        if rest.is_empty() {
            return Ok(None);
        }
        let taken = &rest[..rest.len().min(CHUNK)];
        self.next += taken.len();
        let header: Vec<&str> = self.list.table.header.iter().map(String::as_str).collect();
        let exported = is_export(&header);
        let mut rows = Vec::with_capacity(taken.len());
        for row in taken {
            let says = match &row.cells {
                Err(why) => Err(refused("", why)),
                Ok(cells) if exported => self.app.edited_row(&header, cells, self.list, row.line)?,
                Ok(cells) => self.listed_row(cells, row.line),
            };
            rows.push(PreparedRow { line: row.line, says });
        }
        let says = rows.iter().filter_map(|row| row.says.as_ref().ok());
        let incoming = normalise(says.flat_map(|row| row.evidence.iter().cloned()).collect());
        Ok(Some(Chunk { rows, incoming }))
    }

    fn listed_row(&mut self, cells: &[String], line: u64) -> std::result::Result<RowEvidence, Refusal> {
        let context = Context {
            ingest: self.list.ingest,
            recorded_at: self.list.stated,
            stated_at: self.list.stated,
            names: &self.names,
            header: &self.list.table.header,
        };
        let row = row_evidence(cells, line, &self.list.mapping, &context)?;
        self.same_subject_twice(line, row)
    }

    /// A list that names one device twice with different values cannot be believed on either; the later row
    /// waits for a person. A plain repetition is harmless.
    fn same_subject_twice(
        &mut self,
        line: u64,
        row: RowEvidence,
    ) -> std::result::Result<RowEvidence, Refusal> {
        let mut hash = FxHasher::default();
        for piece in &row.evidence {
            (piece.field, &piece.value).hash(&mut hash);
        }
        let says = hash.finish();
        match self.first.get(&row.subject) {
            None => {
                self.first.insert(row.subject.clone(), FirstRow { line, says });
                Ok(row)
            }
            Some(before) if before.says == says => Ok(row),
            Some(before) => {
                let (who, line) = (row.subject.plain(), before.line);
                Err(refused("", format!("names the same device as row {line} ({who}) with other values")))
            }
        }
    }

    /// What a complete list no longer names, once all its rows are read: its own subjects of earlier imports.
    pub fn dropped(&self) -> Result<Vec<Evidence>> {
        let Prepared { mapping, ingest, stated, .. } = self.list;
        let header: Vec<&str> = self.list.table.header.iter().map(String::as_str).collect();
        // Our own export is no list of the CMMS, and of a row nobody could read nobody knows whom it names.
        let unread = self.list.table.rows.iter().any(|row| row.cells.is_err());
        if !mapping.complete || unread || is_export(&header) {
            return Ok(Vec::new());
        }
        let source = Source { kind: SourceKind::List, name: mapping.source.clone() };
        let mut dropped = Vec::new();
        for subject in self.app.store.subjects_of_source(&source)? {
            if !self.first.contains_key(&subject) {
                let place = "absent from the list".to_owned();
                let (first, last, recorded_at) = (*stated, *stated, *stated);
                let episodes = vec![Episode { ingest: *ingest, first, last, count: 1, recorded_at, place }];
                let (value, basis) = ("no".to_owned(), "complete list".to_owned());
                let source = source.clone();
                dropped.push(Evidence { subject, field: Field::Listed, value, source, basis, episodes });
            }
        }
        Ok(dropped)
    }
}

impl App {
    pub(super) fn prepare(&self, staged: &str, mapping: Option<Mapping>) -> Result<Prepared> {
        let file = lock(&self.state.staged).get(staged).ok_or_else(|| {
            AppError::invalid("file", "this file is no longer held in memory; choose it again")
        })?;
        let table = file.table().map_err(|error| AppError::invalid(&*file.name, error.to_string()))?;
        let (guessed, how) = guess(&table);
        let known: Option<Mapping> = self.load(DocKind::Profile, &profile_id(&table))?;
        let remembered = known.is_some() && mapping.is_none();
        let mut mapping = mapping.or(known).unwrap_or(guessed);
        mapping.columns.resize(table.header.len(), None);
        if mapping.source.trim().is_empty() {
            mapping.source = "CMMS export".to_owned();
        }
        let ingest = ingest_of(&file.bytes, &mapping);
        // Taken in before, it was said then: reading a file again makes nothing in it any newer.
        let before: Option<StoredImport> = self.load(DocKind::Import, &ingest.to_string())?;
        let stated = before.map_or(self.now(), |import| import.at);
        Ok(Prepared { file, table, mapping, how, remembered, ingest, stated })
    }

    /// A row of our own export comes back: only edited cells say anything, and a person says it.
    fn edited_row(
        &self,
        header: &[&str],
        cells: &[String],
        list: &Prepared,
        line: u64,
    ) -> Result<std::result::Result<RowEvidence, Refusal>> {
        let texts: Vec<&str> = cells.iter().map(String::as_str).collect();
        let edited = match cells_changed(header, &texts) {
            Ok(edited) => edited,
            Err(why) => return Ok(Err(refused("", why.to_string()))),
        };
        let Some(device) = self.store.device(edited.id)? else {
            return Ok(Err(refused(ID_COLUMN, format!("there is no device {}", edited.id))));
        };
        let Some(subject) = strongest(&device.put.keys) else {
            return Ok(Err(refused("", format!("device {} has no key to speak of", edited.id))));
        };
        let source = Source { kind: SourceKind::Person, name: list.mapping.source.clone() };
        let say = |field: Field, value: String| Evidence {
            subject: subject.clone(),
            field,
            value,
            source: source.clone(),
            basis: format!("column {}", field.code()),
            episodes: vec![Episode {
                ingest: list.ingest,
                first: list.stated,
                last: list.stated,
                count: 1,
                recorded_at: list.stated,
                place: format!("row {line}"),
            }],
        };
        let (mut evidence, mut remarks) = (Vec::new(), Vec::new());
        for (at, field) in edited.changed {
            let value = match cell_value(field, unguarded(cells[at].trim()), list.mapping.day_first) {
                Ok(Some(value)) => value,
                Ok(None) => continue,
                Err(why) => {
                    remarks.push(refused(field.code(), why));
                    continue;
                }
            };
            let tagged = device.put.keys.iter().any(|key| matches!(key, Key::AssetTag { .. }));
            if field == Field::AssetTag && !tagged {
                let key = Key::AssetTag { scope: String::new(), tag: value.clone() };
                evidence.push(say(Field::Key, key.to_string()));
            }
            evidence.push(say(field, value));
        }
        Ok(Ok(RowEvidence { subject, evidence, remarks }))
    }
}

fn refused(column: &str, why: impl Into<String>) -> Refusal {
    Refusal { column: column.to_owned(), why: why.into() }
}

pub(super) fn profile_id(table: &Table) -> String {
    crate::app::hex(&Sha256::digest(layout_id(&table.header).as_bytes())[..16])
}

/// The same file under the same mapping is the same import.
fn ingest_of(bytes: &[u8], mapping: &Mapping) -> IngestId {
    let mut hash = Sha256::new();
    hash.update(bytes);
    hash.update(crate::app::json(mapping).as_bytes());
    IngestId::from_hash(&hash.finalize())
}

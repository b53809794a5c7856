//! A list made ready: its rows as evidence, each with its reason when it cannot be used.

use crate::App;
use crate::app::lock;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::lists::strongest;
use crate::staged::StagedFile;
use crate::views::Mapping;
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tallyward_core::{Episode, Evidence, Field, IngestId, Key, Source, SourceKind, Timestamp};
use tallyward_discovery::lists::{
    Context, Guess, Refusal, RowEvidence, Table, guess, layout_id, read_table, row_evidence,
};
use tallyward_report::inventory::{ID_COLUMN, is_export};
use tallyward_report::{cells_changed, unguarded};

/// One row: the line where it starts and what it says.
pub(super) struct PreparedRow {
    pub line: u64,
    pub says: std::result::Result<RowEvidence, Refusal>,
}

/// A list with what its rows say, ready to be tried or applied.
pub(super) struct Prepared {
    pub file: Arc<StagedFile>,
    pub table: Table,
    pub mapping: Mapping,
    pub how: Vec<Guess>,
    pub remembered: bool,
    pub ingest: IngestId,
    pub rows: Vec<PreparedRow>,
    pub dropped: Vec<Evidence>,
}

impl App {
    pub(super) fn prepare(&self, staged: &str, mapping: Option<Mapping>) -> Result<Prepared> {
        let file = lock(&self.state.staged).get(staged).ok_or_else(|| {
            AppError::invalid("file", "this file is no longer held in memory; choose it again")
        })?;
        let table =
            read_table(&file.bytes).map_err(|error| AppError::invalid(&*file.name, error.to_string()))?;
        let (guessed, how) = guess(&table);
        let known: Option<Mapping> = self.load(DocKind::Profile, &profile_id(&table))?;
        let remembered = known.is_some() && mapping.is_none();
        let mut mapping = mapping.or(known).unwrap_or(guessed);
        mapping.columns.resize(table.header.len(), None);
        if mapping.source.trim().is_empty() {
            mapping.source = "CMMS export".to_owned();
        }
        let now = self.now();
        let ingest = ingest_of(&file.bytes, &mapping);
        let context = Context {
            ingest,
            recorded_at: now,
            stated_at: now,
            aliases: &self.aliases,
            header: &table.header,
        };
        let header: Vec<&str> = table.header.iter().map(String::as_str).collect();
        let rows = if is_export(&header) {
            self.edited_rows(&table, &mapping, ingest)?
        } else {
            list_rows(&table, &mapping, &context)
        };
        let dropped = if mapping.complete { self.dropped(&rows, &mapping, ingest)? } else { Vec::new() };
        Ok(Prepared { file, table, mapping, how, remembered, ingest, rows, dropped })
    }

    /// What a complete list no longer names: its own subjects of earlier imports.
    fn dropped(&self, rows: &[PreparedRow], mapping: &Mapping, ingest: IngestId) -> Result<Vec<Evidence>> {
        let source = Source { kind: SourceKind::List, name: mapping.source.clone() };
        let named: FxHashSet<&Key> =
            rows.iter().filter_map(|row| row.says.as_ref().ok()).map(|row| &row.subject).collect();
        let now = self.now();
        let mut dropped = Vec::new();
        for subject in self.store.subjects_of_source(&source)? {
            if !named.contains(&subject) {
                let place = "absent from the list".to_owned();
                let episodes =
                    vec![Episode { ingest, first: now, last: now, count: 1, recorded_at: now, place }];
                let (value, basis) = ("no".to_owned(), "complete list".to_owned());
                let source = source.clone();
                dropped.push(Evidence { subject, field: Field::Listed, value, source, basis, episodes });
            }
        }
        Ok(dropped)
    }

    /// Rows of our own export come back: only edited cells say anything, and a person says it.
    fn edited_rows(&self, table: &Table, mapping: &Mapping, ingest: IngestId) -> Result<Vec<PreparedRow>> {
        let now = self.now();
        let header: Vec<&str> = table.header.iter().map(String::as_str).collect();
        let mut rows = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let says = match &row.cells {
                Err(why) => Err(refused("", why)),
                Ok(cells) => self.edited_row(&header, cells, mapping, ingest, now, row.line)?,
            };
            rows.push(PreparedRow { line: row.line, says });
        }
        Ok(rows)
    }

    fn edited_row(
        &self,
        header: &[&str],
        cells: &[String],
        mapping: &Mapping,
        ingest: IngestId,
        now: Timestamp,
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
        let source = Source { kind: SourceKind::Person, name: mapping.source.clone() };
        let say = |field: Field, value: String| Evidence {
            subject: subject.clone(),
            field,
            value,
            source: source.clone(),
            basis: format!("column {}", field.code()),
            episodes: vec![Episode {
                ingest,
                first: now,
                last: now,
                count: 1,
                recorded_at: now,
                place: format!("row {line}"),
            }],
        };
        let mut evidence = Vec::new();
        for (at, field) in edited.changed {
            let value = unguarded(cells[at].trim()).to_owned();
            if value.is_empty() {
                continue;
            }
            let tagged = device.put.keys.iter().any(|key| matches!(key, Key::AssetTag { .. }));
            if field == Field::AssetTag && !tagged {
                let key = Key::AssetTag { scope: String::new(), tag: value.clone() };
                evidence.push(say(Field::Key, key.to_string()));
            }
            evidence.push(say(field, value));
        }
        Ok(Ok(RowEvidence { subject, evidence, remarks: Vec::new() }))
    }
}

fn list_rows(table: &Table, mapping: &Mapping, context: &Context<'_>) -> Vec<PreparedRow> {
    let mut first = FxHashMap::default();
    let read = |row: &tallyward_discovery::lists::Row| {
        let says = match &row.cells {
            Err(why) => Err(refused("", why)),
            Ok(cells) => row_evidence(cells, row.line, mapping, context)
                .and_then(|said| same_subject_twice(&mut first, row.line, said)),
        };
        PreparedRow { line: row.line, says }
    };
    table.rows.iter().map(read).collect()
}

fn refused(column: &str, why: impl Into<String>) -> Refusal {
    Refusal { column: column.to_owned(), why: why.into() }
}

/// The first row about a subject: its line and what it says.
struct FirstRow {
    line: u64,
    says: Vec<(Field, String)>,
}

/// A list that names one device twice with different values cannot be believed on either; the later row waits
/// for a person. A plain repetition is harmless.
fn same_subject_twice(
    first: &mut FxHashMap<Key, FirstRow>,
    line: u64,
    row: RowEvidence,
) -> std::result::Result<RowEvidence, Refusal> {
    let says: Vec<(Field, String)> =
        row.evidence.iter().map(|piece| (piece.field, piece.value.clone())).collect();
    match first.get(&row.subject) {
        None => {
            first.insert(row.subject.clone(), FirstRow { line, says });
            Ok(row)
        }
        Some(before) if before.says == says => Ok(row),
        Some(before) => {
            let who = row.subject.plain();
            Err(refused(
                "",
                format!("names the same device as row {} ({who}) with other values", before.line),
            ))
        }
    }
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

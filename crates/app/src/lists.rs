//! Lists: dry run, mapping, import, undo.

use crate::App;
use crate::app::{doc, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::fleet::{World, display_name, keys_named};
use crate::staged::StagedFile;
use crate::views::{
    ColumnChoice, ImportLine, ImportReport, ListPreview, Mapping, Moment, RowOutcome, RowPreview,
};
use crate::who::Who;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tallyward_core::evidence::normalise;
use tallyward_core::{
    Decision, Device, DeviceId, Episode, Evidence, Field, IngestId, Judgement, Key, Source, SourceKind,
    Timestamp,
};
use tallyward_discovery::lists::{
    Context, Guess, RowEvidence, Table, guess, layout_id, read_table, row_evidence,
};
use tallyward_identity::reconcile::{Standpoint, diff, reconcile, states};
use tallyward_report::inventory::{ID_COLUMN, is_export};
use tallyward_report::{cells_changed, unguarded};

/// Rows taken in with one commit.
const CHUNK: usize = 4_000;
/// Rows shown of a dry run, and refusals kept of an import.
const SHOWN: usize = 500;

/// What is kept of an import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredImport {
    pub report: ImportReport,
    pub at: Timestamp,
    pub who: String,
    pub finished: bool,
    pub undone: bool,
}

/// A list with what its rows say, ready to be tried or applied.
struct Prepared {
    file: Arc<StagedFile>,
    table: Table,
    mapping: Mapping,
    how: Vec<Guess>,
    remembered: bool,
    ingest: IngestId,
    rows: Vec<(u64, std::result::Result<RowEvidence, (String, String)>)>,
    dropped: Vec<Evidence>,
}

impl App {
    /// Holds a file in memory for a dry run; unmapped columns never reach the store. Answers its handle.
    pub fn stage_list(&self, file: &str, bytes: Vec<u8>) -> Result<String> {
        let handle = self.random_hex(16);
        lock(&self.state.staged).hold(handle.clone(), file.to_owned(), bytes);
        Ok(handle)
    }

    /// A dry run. Without a mapping the remembered or guessed one is used.
    pub fn preview_list(&self, staged: &str, mapping: Option<Mapping>) -> Result<ListPreview> {
        let prepared = self.prepare(staged, mapping)?;
        let world = self.world()?;
        let mut shown = Vec::new();
        let mut counts = Counts::default();
        for chunk in prepared.rows.chunks(CHUNK) {
            for preview in self.try_rows(chunk, &world)? {
                counts.add(&preview.outcome);
                shown.push(preview);
            }
        }
        shown.sort_by_key(|preview| (weight(&preview.outcome), preview.row));
        shown.truncate(SHOWN);
        Ok(ListPreview {
            staged: staged.to_owned(),
            file: prepared.file.name.clone(),
            encoding: prepared.table.encoding,
            separator: prepared.table.separator.plain(),
            columns: columns(&prepared),
            rows: prepared.rows.len(),
            created: counts.created,
            changed: counts.changed,
            disagree: counts.disagree,
            unchanged: counts.unchanged,
            refused: counts.refused,
            dropped: prepared.dropped.len(),
            shown,
            seen_before: self.store.get(DocKind::Import, &prepared.ingest.to_string())?.is_some(),
            mapping: prepared.mapping,
        })
    }

    /// Applies a staged list.
    pub fn apply_list(&self, who: &Who, staged: &str, mapping: &Mapping) -> Result<ImportReport> {
        self.apply_list_with(who, staged, mapping, &mut |_, _| {})
    }

    /// Applies a staged list and tells `progress` how many rows of how many are done.
    pub fn apply_list_with(
        &self,
        who: &Who,
        staged: &str,
        mapping: &Mapping,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<ImportReport> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot import".to_owned()));
        }
        let prepared = self.prepare(staged, Some(mapping.clone()))?;
        let mut report = ImportReport {
            ingest: prepared.ingest,
            source: prepared.mapping.source.clone(),
            file: prepared.file.name.clone(),
            rows: prepared.rows.len(),
            dropped: prepared.dropped.len(),
            ..ImportReport::default()
        };
        let _writing = lock(&self.state.fleet);
        let world = self.world()?;
        self.keep_import(&report, who, false, ChangeSet::default())?;
        let mut done = 0;
        for chunk in prepared.rows.chunks(CHUNK) {
            for preview in self.try_rows(chunk, &world)? {
                count(&mut report, &preview);
            }
            let evidence = chunk.iter().filter_map(|(_, row)| row.as_ref().ok());
            self.absorb_locked(
                evidence.flat_map(|row| row.evidence.clone()).collect(),
                ChangeSet::default(),
            )?;
            done += chunk.len();
            progress(done, prepared.rows.len());
        }
        self.absorb_locked(prepared.dropped, ChangeSet::default())?;
        let layout = doc(DocKind::Profile, profile_id(&prepared.table), "", &prepared.mapping);
        self.keep_import(&report, who, true, ChangeSet { docs: vec![layout], ..ChangeSet::default() })?;
        lock(&self.state.staged).forget(staged);
        Ok(report)
    }

    /// Imports, newest first.
    pub fn imports(&self) -> Result<Vec<ImportLine>> {
        let mut kept: Vec<StoredImport> = self.load_all(DocKind::Import, None)?;
        kept.sort_by_key(|import| std::cmp::Reverse(import.at));
        Ok(kept
            .into_iter()
            .map(|import| ImportLine {
                at: Moment(import.at),
                who: import.who,
                undone: import.undone,
                unfinished: !import.finished,
                report: import.report,
            })
            .collect())
    }

    /// Undoes an import by a decision. Answers how many devices changed.
    pub fn undo_import(&self, who: &Who, ingest: IngestId) -> Result<usize> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot undo an import".to_owned()));
        }
        let _writing = lock(&self.state.fleet);
        let id = ingest.to_string();
        let mut kept: StoredImport =
            self.load(DocKind::Import, &id)?.ok_or_else(|| AppError::not_found("import", id.clone()))?;
        if kept.undone {
            return Ok(0);
        }
        kept.undone = true;
        let decision = Decision {
            at: self.now(),
            id: format!("retract-{id}-{}", self.random_hex(4)),
            by: who.login.clone(),
            reason: "import undone".to_owned(),
            judgement: Judgement::Retract { ingest },
        };
        let event = self.event(who, "import.undo", format!("import {id}"));
        self.commit(ChangeSet {
            docs: vec![
                doc(DocKind::Decision, decision.id.clone(), "", &decision),
                doc(DocKind::Import, id, "", &kept),
            ],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        let source = Source { kind: SourceKind::List, name: kept.report.source };
        let world = self.world()?;
        let mut changed = 0;
        let mut seen: FxHashSet<Key> = FxHashSet::default();
        for subjects in self.store.subjects_of_source(&source)?.chunks(CHUNK) {
            let fresh: Vec<Key> = subjects.iter().filter(|key| !seen.contains(*key)).cloned().collect();
            let evidence = self.store.component(&fresh)?;
            seen.extend(evidence.iter().map(|piece| piece.subject.clone()));
            let mut change = ChangeSet { fleet: Some(self.store.fleet_version()?), ..ChangeSet::default() };
            changed += self.rebuild(&evidence, &world, &mut change)?.len();
            self.commit(change)?;
        }
        Ok(changed)
    }

    fn keep_import(
        &self,
        report: &ImportReport,
        who: &Who,
        finished: bool,
        mut change: ChangeSet,
    ) -> Result<()> {
        let kept = StoredImport {
            report: report.clone(),
            at: self.now(),
            who: who.login.clone(),
            finished,
            undone: false,
        };
        change.docs.push(doc(DocKind::Import, report.ingest.to_string(), "", &kept));
        if finished {
            let mut event = self.event(who, "import.apply", format!("import {}", report.ingest));
            event.after = format!(
                "{} rows of {:?}: {} created, {} changed, {} disagree, {} unchanged, {} refused",
                report.rows,
                report.source,
                report.created,
                report.changed,
                report.disagree,
                report.unchanged,
                report.refused_count
            );
            change.audit.push(event);
        }
        self.commit(change)?;
        Ok(())
    }

    fn prepare(&self, staged: &str, mapping: Option<Mapping>) -> Result<Prepared> {
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
            rows.iter().filter_map(|(_, row)| row.as_ref().ok()).map(|row| &row.subject).collect();
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
            let outcome = match &row.cells {
                Err(why) => Err((String::new(), why.clone())),
                Ok(cells) => self.edited_row(&header, cells, mapping, ingest, now, row.line)?,
            };
            rows.push((row.line, outcome));
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
    ) -> Result<std::result::Result<RowEvidence, (String, String)>> {
        let texts: Vec<&str> = cells.iter().map(String::as_str).collect();
        let edited = match cells_changed(header, &texts) {
            Ok(edited) => edited,
            Err(why) => return Ok(Err((String::new(), why.to_string()))),
        };
        let Some(device) = self.store.device(edited.id)? else {
            return Ok(Err((ID_COLUMN.to_owned(), format!("there is no device {}", edited.id))));
        };
        let Some(subject) = strongest(&device.put.keys) else {
            return Ok(Err((String::new(), format!("device {} has no key to speak of", edited.id))));
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

    /// What would become of these rows, tried on the components they touch.
    fn try_rows(&self, rows: &[PreparedRow], world: &World) -> Result<Vec<RowPreview>> {
        let incoming: Vec<Evidence> = rows
            .iter()
            .filter_map(|(_, row)| row.as_ref().ok())
            .flat_map(|row| row.evidence.clone())
            .collect();
        let held = self.store.component(&keys_named(&incoming))?;
        let before = by_key(reconcile(&held, &world.decisions, &self.rules, world.as_of));
        let mut all = held;
        all.extend(incoming);
        let after = by_key(reconcile(&normalise(all), &world.decisions, &self.rules, world.as_of));
        let handles: FxHashMap<Key, DeviceId> =
            self.store.handles(&before.1.keys().cloned().collect::<Vec<_>>())?.into_iter().collect();
        rows.iter()
            .map(|(line, row)| {
                let outcome = match row {
                    Err((column, why)) => RowOutcome::Refused { column: column.clone(), why: why.clone() },
                    Ok(row) => outcome_of(row, &before, &after, &handles),
                };
                Ok(RowPreview { row: *line, outcome })
            })
            .collect()
    }
}

type PreparedRow = (u64, std::result::Result<RowEvidence, (String, String)>);
type ByKey = (Vec<Device>, FxHashMap<Key, usize>);

fn by_key(devices: Vec<Device>) -> ByKey {
    let mut index = FxHashMap::default();
    for (at, device) in devices.iter().enumerate() {
        for key in &device.keys {
            index.insert(key.clone(), at);
        }
    }
    (devices, index)
}

fn outcome_of(
    row: &RowEvidence,
    before: &ByKey,
    after: &ByKey,
    handles: &FxHashMap<Key, DeviceId>,
) -> RowOutcome {
    let Some(new) = after.1.get(&row.subject).map(|at| &after.0[*at]) else {
        return RowOutcome::Refused {
            column: String::new(),
            why: "no key in the row names one device".to_owned(),
        };
    };
    let old = new.keys.iter().find_map(|key| before.1.get(key)).map(|at| &before.0[*at]);
    let name = display_name(new, "other");
    let Some(old) = old else { return RowOutcome::Create { name } };
    let device = old.keys.iter().find_map(|key| handles.get(key)).copied().unwrap_or(DeviceId(0));
    let mentioned: FxHashSet<Field> = row.evidence.iter().map(|piece| piece.field).collect();
    let changes: Vec<(Field, String, String)> = diff(old, new)
        .into_iter()
        .filter(|change| mentioned.contains(&change.field) && change.field != Field::Listed)
        .map(|change| (change.field, change.old.unwrap_or_default(), change.new.unwrap_or_default()))
        .collect();
    let dissent: Vec<(Field, String, String)> = row
        .evidence
        .iter()
        .filter(|piece| {
            states(new, piece) == Standpoint::Dissents && states(old, piece) != Standpoint::Dissents
        })
        .map(|piece| (piece.field, new.get(piece.field).unwrap_or_default().to_owned(), piece.value.clone()))
        .collect();
    let recorded_anew = new.recorded && !old.recorded;
    match (changes.is_empty() && !recorded_anew, dissent.is_empty()) {
        (false, _) => {
            let mut changes = changes;
            if recorded_anew {
                changes.push((Field::Listed, "no".to_owned(), "yes".to_owned()));
            }
            RowOutcome::Change { device, name, changes, dissent }
        }
        (true, false) => RowOutcome::Disagrees { device, name, dissent },
        (true, true) => RowOutcome::Unchanged { device },
    }
}

fn list_rows(table: &Table, mapping: &Mapping, context: &Context<'_>) -> Vec<PreparedRow> {
    let mut first_of: FxHashMap<Key, (u64, Vec<(Field, String)>)> = FxHashMap::default();
    let mut rows = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let outcome = match &row.cells {
            Err(why) => Err((String::new(), why.clone())),
            Ok(cells) => row_evidence(cells, row.line, mapping, context)
                .map_err(|refusal| (refusal.column, refusal.why))
                .and_then(|said| same_subject_twice(&mut first_of, row.line, said)),
        };
        rows.push((row.line, outcome));
    }
    rows
}

/// A list that names one device twice with different values cannot be believed on either; the later row waits
/// for a person. A plain repetition is harmless.
fn same_subject_twice(
    first_of: &mut FxHashMap<Key, (u64, Vec<(Field, String)>)>,
    line: u64,
    row: RowEvidence,
) -> std::result::Result<RowEvidence, (String, String)> {
    let says: Vec<(Field, String)> =
        row.evidence.iter().map(|piece| (piece.field, piece.value.clone())).collect();
    match first_of.get(&row.subject) {
        None => {
            first_of.insert(row.subject.clone(), (line, says));
            Ok(row)
        }
        Some((_, before)) if *before == says => Ok(row),
        Some((earlier, _)) => Err((
            String::new(),
            format!("names the same device as row {earlier} ({}) with other values", row.subject.plain()),
        )),
    }
}

/// The best key of a device to hang a statement on.
pub(crate) fn strongest(keys: &[Key]) -> Option<Key> {
    keys.iter().min_by_key(|key| (key.strength(), (*key).clone())).cloned()
}

fn profile_id(table: &Table) -> String {
    crate::app::hex(&Sha256::digest(layout_id(&table.header).as_bytes())[..16])
}

/// The same file under the same mapping is the same import.
fn ingest_of(bytes: &[u8], mapping: &Mapping) -> IngestId {
    let mut hash = Sha256::new();
    hash.update(bytes);
    hash.update(crate::app::json(mapping).as_bytes());
    IngestId::from_hash(&hash.finalize())
}

fn columns(prepared: &Prepared) -> Vec<ColumnChoice> {
    let samples = |at: usize| {
        let cells = prepared.table.rows.iter().filter_map(|row| row.cells.as_ref().ok());
        let filled = cells.filter_map(|cells| cells.get(at)).filter(|cell| !cell.is_empty());
        filled.take(3).map(|cell| cell.chars().take(40).collect()).collect()
    };
    let names = prepared.table.header.iter().enumerate();
    names
        .map(|(index, name)| ColumnChoice {
            index,
            name: name.clone(),
            samples: samples(index),
            field: prepared.mapping.columns.get(index).copied().flatten(),
            record_id: prepared.mapping.record_id == Some(index),
            guessed: match prepared.how.get(index) {
                _ if prepared.remembered => "remembered",
                Some(Guess::Header) => "header",
                Some(Guess::Values) => "values",
                _ => "",
            },
        })
        .collect()
}

#[derive(Default)]
struct Counts {
    created: usize,
    changed: usize,
    disagree: usize,
    unchanged: usize,
    refused: usize,
}

impl Counts {
    fn add(&mut self, outcome: &RowOutcome) {
        match outcome {
            RowOutcome::Create { .. } => self.created += 1,
            RowOutcome::Change { .. } => self.changed += 1,
            RowOutcome::Disagrees { .. } => self.disagree += 1,
            RowOutcome::Unchanged { .. } => self.unchanged += 1,
            RowOutcome::Refused { .. } => self.refused += 1,
        }
    }
}

fn count(report: &mut ImportReport, preview: &RowPreview) {
    match &preview.outcome {
        RowOutcome::Create { .. } => report.created += 1,
        RowOutcome::Change { .. } => report.changed += 1,
        RowOutcome::Disagrees { .. } => report.disagree += 1,
        RowOutcome::Unchanged { .. } => report.unchanged += 1,
        RowOutcome::Refused { column, why } => {
            report.refused_count += 1;
            if report.refused.len() < SHOWN {
                report.refused.push((preview.row, column.clone(), why.clone()));
            }
        }
    }
}

const fn weight(outcome: &RowOutcome) -> u8 {
    match outcome {
        RowOutcome::Refused { .. } => 0,
        RowOutcome::Disagrees { .. } => 1,
        RowOutcome::Change { .. } => 2,
        RowOutcome::Create { .. } => 3,
        RowOutcome::Unchanged { .. } => 4,
    }
}

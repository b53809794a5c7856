//! Lists: dry run, mapping, import, undo.

mod outcome;
mod prepare;

use crate::App;
use crate::app::{doc, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::fleet::World;
use crate::views::{ColumnChoice, ImportLine, ImportReport, ListPreview, Mapping, Moment};
use crate::who::Who;
use outcome::{Counts, count, weight};
use prepare::{Prepared, Rows, profile_id};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use tallyward_core::{Decision, Evidence, IngestId, Judgement, Key, Source, SourceKind, Timestamp};
use tallyward_discovery::lists::Guess;

/// Subjects worked out anew with one commit when an import is undone.
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
        let mut rows = Rows::new(self, &prepared);
        while let Some(chunk) = rows.next_chunk()? {
            for preview in self.try_rows(chunk, &world)? {
                counts.add(&preview.outcome);
                shown.push(preview);
            }
        }
        let dropped = rows.dropped()?.len();
        shown.sort_by_key(|preview| (weight(&preview.outcome), preview.row));
        shown.truncate(SHOWN);
        Ok(ListPreview {
            staged: staged.to_owned(),
            file: prepared.file.name.clone(),
            encoding: prepared.table.encoding,
            separator: prepared.table.separator.plain(),
            columns: columns(&prepared),
            rows: prepared.table.rows.len(),
            created: counts.created,
            changed: counts.changed,
            disagree: counts.disagree,
            unchanged: counts.unchanged,
            refused: counts.refused,
            dropped,
            shown,
            seen_before: self.store.get(DocKind::Import, &prepared.ingest.to_string())?.is_some(),
            mapping: prepared.mapping,
        })
    }

    /// The mapping a staged list would be read with, remembered or guessed, without trying its rows.
    pub fn list_layout(&self, staged: &str) -> Result<(Mapping, Vec<ColumnChoice>)> {
        let prepared = self.prepare(staged, None)?;
        Ok((prepared.mapping.clone(), columns(&prepared)))
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
            rows: prepared.table.rows.len(),
            ..ImportReport::default()
        };
        let writing = lock(&self.state.fleet);
        self.reinstate(who, prepared.ingest)?;
        let world = self.world()?;
        self.keep_import(&report, who, prepared.stated, false, ChangeSet::default())?;
        let dropped = self.take_chunks(&prepared, &world, &mut report, progress)?;
        report.dropped = dropped.len();
        let cause = format!("Rows left the list {} of {}.", report.source, report.file);
        self.absorb_locked(&cause, dropped, |_| ChangeSet::default())?;
        self.settle_ports(&world.ports)?;
        let layout = doc(DocKind::Profile, profile_id(&prepared.table), "", &prepared.mapping);
        let change = ChangeSet { docs: vec![layout], ..ChangeSet::default() };
        self.keep_import(&report, who, prepared.stated, true, change)?;
        lock(&self.state.staged).forget(staged);
        drop(writing);
        self.refresh_drafts()?;
        Ok(report)
    }

    /// Takes in every row. One thread reads ahead, one commits; in between, the next rows are worked into what
    /// is held, as long as they share nothing with the rows being committed. Answers what the list no longer
    /// names.
    fn take_chunks(
        &self,
        prepared: &Prepared,
        world: &World,
        report: &mut ImportReport,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Evidence>> {
        let cause = format!("The list {} was taken in.", report.file);
        std::thread::scope(|scope| {
            let (send, chunks) = std::sync::mpsc::sync_channel(1);
            let reading = scope.spawn(move || {
                let mut rows = Rows::new(self, prepared);
                while let Some(chunk) = rows.next_chunk()? {
                    if send.send(chunk).is_err() {
                        break;
                    }
                }
                rows.dropped()
            });
            let mut committing: Option<Committing<'_>> = None;
            let mut done = 0;
            for chunk in chunks {
                done += chunk.rows.len();
                let keys = chunk.keys();
                let mut held = self.store.component(&keys)?;
                if committing.as_ref().is_some_and(|one| !held.is_empty() || one.shares(&keys)) {
                    finish(&mut committing)?;
                    held = self.store.component(&keys)?;
                }
                let tried = self.tried(held, chunk.incoming, world);
                for preview in self.weigh(&chunk.rows, &tried)? {
                    count(report, &preview);
                }
                finish(&mut committing)?;
                let mut change = self.change_of(tried, world)?;
                change.docs.extend(self.record_of_devices(&cause, world.as_of, &change)?);
                committing = Some(Committing {
                    keys: keys.into_iter().collect(),
                    commit: scope.spawn(move || self.commit(change)),
                });
                progress(done, prepared.table.rows.len());
            }
            finish(&mut committing)?;
            reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
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
        let writing = lock(&self.state.fleet);
        let id = ingest.to_string();
        let mut kept: StoredImport =
            self.load(DocKind::Import, &id)?.ok_or_else(|| AppError::not_found("import", id.clone()))?;
        let undone_before = kept.undone;
        kept.undone = true;
        let decision = Decision {
            at: self.now(),
            id: format!("retract-{id}-{}", self.random_hex(4)),
            by: who.login.clone(),
            reason: "import undone".to_owned(),
            judgement: Judgement::Retract { ingest },
        };
        let event = self.event(who, "import.undo", format!("import {id}"));
        if !undone_before {
            self.commit(ChangeSet {
                docs: vec![
                    doc(DocKind::Decision, decision.id.clone(), "", &decision),
                    doc(DocKind::Import, id, "", &kept),
                ],
                audit: vec![event],
                ..ChangeSet::default()
            })?;
        }
        // A list speaks as a list; edited cells of our own export were said by a person.
        let mut subjects = Vec::new();
        for kind in [SourceKind::List, SourceKind::Person] {
            let source = Source { kind, name: kept.report.source.clone() };
            subjects.extend(self.store.subjects_of_source(&source)?);
        }
        let world = self.world()?;
        let mut changed = 0;
        let mut seen: FxHashSet<Key> = FxHashSet::default();
        for subjects in subjects.chunks(CHUNK) {
            let fresh: Vec<Key> = subjects.iter().filter(|key| !seen.contains(*key)).cloned().collect();
            let evidence = self.store.component(&fresh)?;
            seen.extend(evidence.iter().map(|piece| piece.subject.clone()));
            let mut change = self.fleet_change()?;
            changed += self.rebuild(&evidence, &world, &mut change)?;
            change.docs.extend(self.record_of_devices("An import was undone.", world.as_of, &change)?);
            self.commit(change)?;
        }
        self.settle_ports(&world.ports)?;
        drop(writing);
        self.refresh_drafts()?;
        Ok(changed)
    }

    /// Takes back the undoing of an import that is applied once more.
    fn reinstate(&self, who: &Who, ingest: IngestId) -> Result<()> {
        let decisions: Vec<Decision> = self.load_all(DocKind::Decision, None)?;
        let mut change = ChangeSet::default();
        for undone in tallyward_core::decision::in_force(&decisions, self.now()) {
            if undone.judgement == (Judgement::Retract { ingest }) {
                let decision = Decision {
                    at: self.now(),
                    id: format!("revoke-{}", undone.id),
                    by: who.login.clone(),
                    reason: "import applied again".to_owned(),
                    judgement: Judgement::Revoke { decision: undone.id.clone() },
                };
                change.docs.push(doc(DocKind::Decision, decision.id.clone(), "", &decision));
                change.audit.push(self.event(who, "import.reinstate", format!("import {ingest}")));
            }
        }
        if !change.docs.is_empty() {
            self.commit(change)?;
        }
        Ok(())
    }

    fn keep_import(
        &self,
        report: &ImportReport,
        who: &Who,
        at: Timestamp,
        finished: bool,
        mut change: ChangeSet,
    ) -> Result<()> {
        let kept =
            StoredImport { report: report.clone(), at, who: who.login.clone(), finished, undone: false };
        change.docs.push(doc(DocKind::Import, report.ingest.to_string(), "", &kept));
        if !finished {
            let mut event = self.event(who, "import.begin", format!("import {}", report.ingest));
            event.after = format!("{} rows of {:?}", report.rows, report.source);
            change.audit.push(event);
        } else {
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
            let cause = format!("The list {:?} was taken in.", report.source);
            change.docs.extend(self.device_run(&cause, report.created));
        }
        self.commit(change)?;
        Ok(())
    }
}

/// Rows on their way into the store.
struct Committing<'scope> {
    keys: FxHashSet<Key>,
    commit: std::thread::ScopedJoinHandle<'scope, Result<u64>>,
}

impl Committing<'_> {
    /// Whether any of these keys is named by the rows on their way.
    fn shares(&self, keys: &[Key]) -> bool {
        keys.iter().any(|key| self.keys.contains(key))
    }
}

/// Waits until the rows on their way are in the store.
fn finish(committing: &mut Option<Committing<'_>>) -> Result<()> {
    match committing.take() {
        Some(one) => one.commit.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).map(|_| ()),
        None => Ok(()),
    }
}

/// The best key of a device to hang a statement on.
pub(crate) fn strongest(keys: &[Key]) -> Option<Key> {
    keys.iter().min_by_key(|key| (key.strength(), (*key).clone())).cloned()
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

//! What would become of each row: tried on the components it touches, nothing committed.

use crate::App;
use crate::change::ChangeSet;
use crate::error::Result;
use crate::fleet::{Touched, World, display_name, merge, pages_of};
use crate::lists::SHOWN;
use crate::lists::prepare::{Chunk, PreparedRow};
use crate::views::{ImportReport, RowOutcome, RowPreview};
use rustc_hash::{FxHashMap, FxHashSet};
use tallyward_core::{Device, DeviceId, Evidence, Field, Key};
use tallyward_discovery::lists::RowEvidence;
use tallyward_identity::reconcile::{Standpoint, diff, reconcile, states};

impl App {
    /// What would become of these rows, tried on the components they touch.
    pub(super) fn try_rows(&self, chunk: Chunk, world: &World) -> Result<Vec<RowPreview>> {
        let held = self.store.component(&chunk.keys())?;
        let tried = self.tried(held, chunk.incoming, world);
        self.weigh(&chunk.rows, &tried)
    }

    /// Works the rows into what is held of their components; nothing is committed.
    pub(super) fn tried(&self, held: Vec<Evidence>, incoming: Vec<Evidence>, world: &World) -> Tried {
        let before = ByKey::of(reconcile(&held, &world.decisions, &world.rules, world.as_of));
        let (together, touched) = merge(held, incoming);
        let after = ByKey::of(reconcile(&together, &world.decisions, &world.rules, world.as_of));
        Tried { before, after, touched, together }
    }

    /// What the tried rows change, with handles and verdicts.
    pub(super) fn change_of(&self, tried: Tried, world: &World) -> Result<ChangeSet> {
        let mut change = self.fleet_change()?;
        self.put_devices(tried.after.devices, &tried.together, world, &mut change)?;
        change.evidence = pages_of(tried.together, &tried.touched);
        Ok(change)
    }

    /// What became of each row.
    pub(super) fn weigh(&self, rows: &[PreparedRow], tried: &Tried) -> Result<Vec<RowPreview>> {
        let known: Vec<Key> = tried.before.index.keys().cloned().collect();
        let handles: FxHashMap<Key, DeviceId> = self.store.handles(&known)?.into_iter().collect();
        let weigh = |rows: &[PreparedRow]| -> Vec<RowPreview> {
            rows.iter().map(|row| weigh_row(row, tried, &handles)).collect()
        };
        // Rows are weighed each for itself, so two threads share them.
        let (first, rest) = rows.split_at(rows.len() / 2);
        Ok(std::thread::scope(|scope| {
            let rest = scope.spawn(|| weigh(rest));
            let mut weighed = weigh(first);
            weighed.extend(rest.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            weighed
        }))
    }
}

fn weigh_row(row: &PreparedRow, tried: &Tried, handles: &FxHashMap<Key, DeviceId>) -> RowPreview {
    let mut remarks = Vec::new();
    let outcome = match &row.says {
        Err(refusal) => RowOutcome::Refused { column: refusal.column.clone(), why: refusal.why.clone() },
        Ok(says) => {
            remarks.extend(says.remarks.iter().map(|one| (one.column.clone(), one.why.clone())));
            outcome_of(says, &tried.before, &tried.after, handles)
        }
    };
    RowPreview { row: row.line, outcome, remarks }
}

/// The touched components with and without some rows.
pub(super) struct Tried {
    before: ByKey,
    after: ByKey,
    touched: Touched,
    together: Vec<Evidence>,
}

/// Devices, each found by any of its keys.
struct ByKey {
    devices: Vec<Device>,
    index: FxHashMap<Key, usize>,
}

impl ByKey {
    fn of(devices: Vec<Device>) -> Self {
        let mut index = FxHashMap::default();
        for (at, device) in devices.iter().enumerate() {
            for key in &device.keys {
                index.insert(key.clone(), at);
            }
        }
        Self { devices, index }
    }

    fn get(&self, key: &Key) -> Option<&Device> {
        self.index.get(key).map(|at| &self.devices[*at])
    }
}

fn outcome_of(
    row: &RowEvidence,
    before: &ByKey,
    after: &ByKey,
    handles: &FxHashMap<Key, DeviceId>,
) -> RowOutcome {
    let Some(new) = after.get(&row.subject) else {
        return RowOutcome::Refused {
            column: String::new(),
            why: "nothing in the row names one device: an asset tag, a serial number that is one with maker and model, a UDI or a MAC address".to_owned(),
        };
    };
    let old = new.keys.iter().find_map(|key| before.get(key));
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

#[derive(Default)]
pub(super) struct Counts {
    pub created: usize,
    pub changed: usize,
    pub disagree: usize,
    pub unchanged: usize,
    pub refused: usize,
}

impl Counts {
    pub fn add(&mut self, outcome: &RowOutcome) {
        match outcome {
            RowOutcome::Create { .. } => self.created += 1,
            RowOutcome::Change { .. } => self.changed += 1,
            RowOutcome::Disagrees { .. } => self.disagree += 1,
            RowOutcome::Unchanged { .. } => self.unchanged += 1,
            RowOutcome::Refused { .. } => self.refused += 1,
        }
    }
}

pub(super) fn count(report: &mut ImportReport, preview: &RowPreview) {
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

pub(super) const fn weight(outcome: &RowOutcome) -> u8 {
    match outcome {
        RowOutcome::Refused { .. } => 0,
        RowOutcome::Disagrees { .. } => 1,
        RowOutcome::Change { .. } => 2,
        RowOutcome::Create { .. } => 3,
        RowOutcome::Unchanged { .. } => 4,
    }
}

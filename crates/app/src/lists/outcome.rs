//! What would become of each row: tried on the components it touches, nothing committed.

use crate::App;
use crate::error::Result;
use crate::fleet::{World, display_name, keys_named};
use crate::lists::SHOWN;
use crate::lists::prepare::PreparedRow;
use crate::views::{ImportReport, RowOutcome, RowPreview};
use rustc_hash::{FxHashMap, FxHashSet};
use tallyward_core::evidence::normalise;
use tallyward_core::{Device, DeviceId, Evidence, Field, Key};
use tallyward_discovery::lists::RowEvidence;
use tallyward_identity::reconcile::{Standpoint, diff, reconcile, states};

impl App {
    /// What would become of these rows, tried on the components they touch.
    pub(super) fn try_rows(&self, rows: &[PreparedRow], world: &World) -> Result<Vec<RowPreview>> {
        let incoming: Vec<Evidence> = rows
            .iter()
            .filter_map(|row| row.says.as_ref().ok())
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
            .map(|row| {
                let mut remarks = Vec::new();
                let outcome = match &row.says {
                    Err(refusal) => {
                        RowOutcome::Refused { column: refusal.column.clone(), why: refusal.why.clone() }
                    }
                    Ok(says) => {
                        remarks.extend(says.remarks.iter().map(|one| (one.column.clone(), one.why.clone())));
                        outcome_of(says, &before, &after, &handles)
                    }
                };
                Ok(RowPreview { row: row.line, outcome, remarks })
            })
            .collect()
    }
}

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

//! As-is paths: how a hazard reaches a unit today.

use crate::App;
use crate::app::{doc, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::notice::stored::Audience;
use crate::views::{PathEntry, PathPage};
use crate::who::Who;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::Timestamp;
use tallyward_response::{AsIsPath, Measured, PathKind, PathStep, standing};

impl App {
    /// Baselines beside what was measured here.
    pub fn paths(&self) -> Result<PathPage> {
        let mut entries: Vec<PathEntry> = self.load_all(DocKind::Path, None)?;
        entries.sort_by(|a, b| (&a.unit, &b.recorded).cmp(&(&b.unit, &a.recorded)));
        let mut times: BTreeMap<String, Vec<(Timestamp, Option<Timestamp>)>> = BTreeMap::new();
        for notice in self.stored_notices()?.iter().filter(|one| one.audience == Audience::Clinical) {
            let standing = standing(&notice.events);
            if let Some((released, _)) = standing.released {
                times.entry(notice.draft.unit.clone()).or_default().push((released, standing.acknowledged));
            }
        }
        let mut compared = Vec::new();
        let mut seen = BTreeSet::new();
        for entry in &entries {
            if seen.insert(entry.unit.clone()) {
                let measured = Measured::from_times(times.get(&entry.unit).map_or(&[], Vec::as_slice));
                let before: u32 = entry.steps.iter().map(|step| step.minutes).sum();
                let here = measured.median_minutes.and_then(|minutes| u32::try_from(minutes).ok());
                compared.push((entry.unit.clone(), before, here, measured.notices));
            }
        }
        let missing =
            self.units()?.into_iter().map(|unit| unit.code).filter(|code| !seen.contains(code)).collect();
        Ok(PathPage { entries, compared, missing })
    }

    /// Records a dated baseline.
    pub fn record_path(&self, who: &Who, entry: &PathEntry) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot record a baseline".to_owned()));
        }
        let now = self.now();
        let path = AsIsPath {
            unit: entry.unit.clone(),
            kind: if entry.kind == "hazard" { PathKind::Hazard } else { PathKind::Recall },
            steps: entry
                .steps
                .iter()
                .map(|step| PathStep {
                    by: step.by.clone(),
                    channel: step.channel.clone(),
                    minutes: Some(step.minutes),
                })
                .collect(),
            recorded_at: now,
            recorded_by: who.name.clone(),
        };
        if let Some(fault) = path.faults().into_iter().next() {
            return Err(AppError::invalid("path", fault));
        }
        if !self.units()?.iter().any(|unit| unit.code == entry.unit) {
            return Err(AppError::invalid("unit", format!("there is no unit {:?}", entry.unit)));
        }
        let kept = PathEntry { recorded: now.to_string(), by: who.name.clone(), ..entry.clone() };
        let id = format!("{}-{}-{}", entry.unit, entry.kind, now.micros());
        let _writing = lock(&self.state.desk);
        let event = self.event(who, "path.record", format!("unit {}", entry.unit));
        self.commit(ChangeSet {
            docs: vec![doc(DocKind::Path, id, entry.unit.clone(), &kept)],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }
}

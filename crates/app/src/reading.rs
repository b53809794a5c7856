//! One field of one device, read at the device: what to read and where, what the answer settled, whom it reaches.

pub use crate::findings::component_of;

use crate::App;
use crate::change::ChangeSet;
use crate::error::{AppError, Result};
use crate::model_book::Reading;
use crate::query::FindingQuery;
use crate::views::DeviceLine;
use crate::who::Who;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::{DeviceId, Field, Verdict};

/// What to read on a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToRead {
    /// The device.
    pub device: DeviceLine,
    /// The field.
    pub field: Field,
    /// Where, from the model book; none when nobody has written it down.
    pub reading: Option<Reading>,
    /// What is on record now, empty when nothing is.
    pub held: String,
}

/// What an answer did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Findings that were unknown and are affected now.
    pub affected: u64,
    /// Findings that were unknown and are not affected now.
    pub not_affected: u64,
    /// Findings of the device that are still unknown.
    pub waiting: u64,
    /// Whom drafts that name the device would reach, with their unit or why; nobody is told before a lead releases.
    pub reaches: Vec<(String, String)>,
    /// Drafts that name the device.
    pub drafts: Vec<String>,
}

impl App {
    /// What to read on a device, and where.
    pub fn to_read(&self, id: DeviceId, field: Field) -> Result<ToRead> {
        let page = self.device(id)?;
        let entry = self.model_entry_for(&page.line.maker, &page.line.model)?;
        let held = page.fields.iter().find(|line| line.field == field);
        Ok(ToRead {
            reading: entry.reading(field, "").cloned(),
            held: held.map(|line| line.value.clone()).unwrap_or_default(),
            device: page.line,
            field,
        })
    }

    /// Records what a person read, and says what that settled and whom drafts about the device would reach.
    pub fn read_on_device(&self, who: &Who, id: DeviceId, field: Field, value: &str) -> Result<Settled> {
        let before = self.verdicts_of(id)?;
        self.enter_fact(who, id, field, value)?;
        let after = self.verdicts_of(id)?;
        let mut settled = Settled::default();
        for (key, verdict) in &after {
            let waited = before.get(key) == Some(&Verdict::Unknown);
            match verdict {
                Verdict::Unknown => settled.waiting += 1,
                Verdict::Affected if waited => settled.affected += 1,
                Verdict::NotAffected if waited => settled.not_affected += 1,
                _ => {}
            }
        }
        let mut reaches = BTreeSet::new();
        for line in self.drafts()? {
            let draft = self.draft(&line.id)?;
            if draft.devices.iter().any(|(device, _, _)| *device == id) {
                reaches.extend(draft.recipients);
                settled.drafts.push(line.id);
            }
        }
        settled.reaches = reaches.into_iter().collect();
        Ok(settled)
    }

    /// Records that a field could not be read, or that the device was not there. It is no evidence of the field.
    pub fn could_not_read(&self, who: &Who, id: DeviceId, field: Field, absent: bool) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot record this".to_owned()));
        }
        let row = self.store.device(id)?.ok_or_else(|| AppError::not_found("device", id.to_string()))?;
        let action = if absent { "device.not_here" } else { "fact.not_readable" };
        let mut event = self.event(who, action, format!("device {}", row.put.id));
        event.after =
            if absent { format!("looked for in {}", row.put.room) } else { field.label().to_owned() };
        self.commit(ChangeSet { audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    fn verdicts_of(&self, id: DeviceId) -> Result<BTreeMap<(String, String), Verdict>> {
        let mut query = FindingQuery { device: Some(id), limit: Some(1_000), ..FindingQuery::default() };
        let mut verdicts = BTreeMap::new();
        loop {
            let page = self.store.findings(&query)?;
            verdicts
                .extend(page.rows.into_iter().map(|row| ((row.advisory, row.vulnerability), row.verdict)));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(verdicts),
            }
        }
    }
}

/// A question worth asking before a value is taken: a date, or a text without a digit, typed as a version.
#[must_use]
pub fn doubt(field: Field, value: &str) -> Option<&'static str> {
    let version = matches!(field, Field::SoftwareVersion | Field::HardwareVersion);
    if !version {
        return None;
    }
    let parts: Vec<&str> = value.trim().split(['-', '/', '.']).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let year = |number: &u32| (1990..2100).contains(number);
    if parts.len() == 3 && numbers.len() == 3 && (year(&numbers[0]) || year(&numbers[2])) {
        return Some("This looks like a date. Is it really the version?");
    }
    if field == Field::SoftwareVersion && !value.chars().any(|letter| letter.is_ascii_digit()) {
        return Some("There is no digit in it. Is it really the version?");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_asked_about_and_versions_are_not() {
        for odd in ["2024-03-05", "05/03/2024", "5.3.2024", "latest"] {
            assert!(doubt(Field::SoftwareVersion, odd).is_some(), "{odd}");
        }
        for fine in ["8.2.1", "VM5.0", "Rev 12", "012U000041", "2.08.01", "6.3.2024a"] {
            assert!(doubt(Field::SoftwareVersion, fine).is_none(), "{fine}");
        }
        assert!(doubt(Field::ManufactureDate, "2024-03-05").is_none());
    }
}

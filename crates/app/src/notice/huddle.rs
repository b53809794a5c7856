//! The daily huddle sheet.

use crate::App;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::notice::drafts::is_open;
use crate::notice::stored::{Audience, StoredDraft, StoredNotice};
use crate::views::{HuddleItem, HuddleSheet};
use tallyward_core::Unit;
use tallyward_response::{Channel, Draft, NoticeState, huddle, standing};

/// An ended item stays on the sheet for so long, so that the unit hears that it ended; seconds.
const ENDED_STAYS: i64 = 24 * 3_600;

impl App {
    /// Today's sheet of a unit. In shadow mode it is a preview made of drafts, marked as such.
    pub fn huddle(&self, unit: &str) -> Result<HuddleSheet> {
        let unit = self
            .units()?
            .into_iter()
            .find(|one| one.code == unit)
            .ok_or_else(|| AppError::not_found("unit", unit))?;
        let notices = self.stored_notices()?;
        let drafts =
            if self.in_shadow()? { self.load_all(DocKind::Draft, Some("open"))? } else { Vec::new() };
        self.sheet(&unit, &notices, &drafts)
    }

    /// Units with the number of items on today's sheet: code, name, items.
    pub fn huddles(&self) -> Result<Vec<(String, String, usize)>> {
        let notices = self.stored_notices()?;
        let drafts =
            if self.in_shadow()? { self.load_all(DocKind::Draft, Some("open"))? } else { Vec::new() };
        self.units()?
            .into_iter()
            .map(|unit| {
                let items = self.sheet(&unit, &notices, &drafts)?.items.len();
                Ok((unit.code, unit.name, items))
            })
            .collect()
    }

    fn sheet(&self, unit: &Unit, notices: &[StoredNotice], drafts: &[StoredDraft]) -> Result<HuddleSheet> {
        let now = self.now();
        let mut items = Vec::new();
        for notice in
            notices.iter().filter(|one| one.draft.unit == unit.code && one.audience != Audience::Technical)
        {
            let standing = standing(&notice.events);
            let ended = notice.events.iter().map(tallyward_response::NoticeEvent::at).max();
            let recently = ended.is_some_and(|at| now.seconds_since(at) < ENDED_STAYS);
            let state = match standing.state {
                _ if is_open(notice) && standing.acknowledged.is_none() => "new",
                _ if is_open(notice) => "open",
                NoticeState::Corrected => continue,
                _ if recently => "ended",
                _ => continue,
            };
            let text = if state == "ended" {
                format!("Ended: {}", notice.draft.subject.split_once(": ").map_or("", |(_, what)| what))
            } else {
                self.line_of(
                    unit,
                    &notice.draft,
                    notice.audience,
                    notice.devices.len(),
                    standing.acknowledged.is_some(),
                )
            };
            items.push(HuddleItem {
                text,
                advisory: notice.draft.advisory.clone(),
                tier: notice.draft.tier.code().to_owned(),
                state: state.to_owned(),
            });
        }
        for draft in
            drafts.iter().filter(|one| one.draft.unit == unit.code && one.audience != Audience::Technical)
        {
            items.push(HuddleItem {
                text: self.line_of(unit, &draft.draft, draft.audience, draft.devices.len(), false),
                advisory: draft.draft.advisory.clone(),
                tier: draft.draft.tier.code().to_owned(),
                state: "draft".to_owned(),
            });
        }
        items.sort_by(|a, b| {
            (a.state == "ended", &a.tier, &a.text).cmp(&(b.state == "ended", &b.tier, &b.text))
        });
        items.dedup();
        Ok(HuddleSheet {
            unit: unit.code.clone(),
            name: unit.name.clone(),
            day: self.local_day(now),
            items,
            call: self.desk()?.call.phone,
            shadow: self.in_shadow()?,
        })
    }

    fn line_of(
        &self,
        unit: &Unit,
        draft: &Draft,
        audience: Audience,
        devices: usize,
        answered: bool,
    ) -> String {
        let models: Vec<&str> = draft.models.iter().map(|line| line.model.as_str()).collect();
        let item = tallyward_response::huddle::HuddleItem {
            advisory: draft.advisory.clone(),
            tier: draft.tier,
            channel: if audience == Audience::Clinical { Channel::Notice } else { Channel::Huddle },
            class: draft.class,
            count: u32::try_from(devices).unwrap_or(u32::MAX),
            models: models.join(", "),
            instruction: draft.instruction.clone(),
            acknowledged: (audience == Audience::Clinical).then_some(answered),
        };
        let sheet = huddle(&self.tables, unit, &self.local_time(self.now()), std::slice::from_ref(&item));
        sheet.lines.into_iter().next().map_or_else(|| draft.subject.clone(), |line| line.text)
    }
}

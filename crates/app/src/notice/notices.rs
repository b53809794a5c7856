//! Notices: released, sent, answered, ended.

use crate::App;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::notice::drafts::{is_open, kind_name};
use crate::notice::stored::{StoredAnswer, StoredDelivery, StoredNotice};
use crate::views::{AnswerLine, DeliveryLine, Happening, Moment, NoticeLine, NoticePage, PathEntry};
use std::collections::BTreeMap;
use tallyward_core::DeviceId;
use tallyward_response::{NoticeState, Standing, standing};

impl App {
    /// Notices, open ones first.
    pub fn notices(&self) -> Result<Vec<NoticeLine>> {
        let mut lines: Vec<NoticeLine> =
            self.stored_notices()?.iter().map(|one| self.notice_line(one)).collect();
        let over = |line: &NoticeLine| {
            matches!(line.state.as_str(), "done" | "stood down" | "corrected" | "withdrawn")
        };
        lines.sort_by(|a, b| {
            (over(a), !a.overdue, std::cmp::Reverse(a.released), &a.id).cmp(&(
                over(b),
                !b.overdue,
                std::cmp::Reverse(b.released),
                &b.id,
            ))
        });
        Ok(lines)
    }

    /// One notice with deliveries, answers and clocks.
    pub fn notice(&self, id: &str) -> Result<NoticePage> {
        let stored = self.stored_notice(id)?;
        let line = self.notice_line(&stored);
        let standing = standing(&stored.events);
        let rung = self.tables.rung(stored.draft.tier);
        let start = standing.sent.unwrap_or(line.released.0);
        let step = |name: &str, after: Option<u32>, done| {
            after.map(|minutes| {
                (
                    name.to_owned(),
                    Moment(start.plus_seconds(i64::from(minutes) * 60)),
                    Option::map(done, Moment),
                )
            })
        };
        let ladder = [
            step("answer due", rung.acknowledge_within, standing.acknowledged),
            step("reminder", rung.reminder_after, standing.reminded),
            step("escalation", rung.escalation_after, standing.escalated),
        ];
        let mut related = Vec::new();
        for (other, word) in [(&stored.refers_to, "follows"), (&stored.followed_by, "followed by")] {
            if !other.is_empty() {
                related.push((other.clone(), word.to_owned()));
            }
        }
        let baseline: Vec<PathEntry> = self.load_all(DocKind::Path, Some(&stored.draft.unit))?;
        Ok(NoticePage {
            lines: stored.draft.lines.clone(),
            technical: stored.draft.technical.clone(),
            devices: stored.devices.iter().map(|one| (one.id, one.name.clone(), one.room.clone())).collect(),
            deliveries: self.deliveries_of(id)?.iter().map(delivery_line).collect(),
            answers: self.answers_of(id)?.into_iter().map(answer_line).collect(),
            ladder: ladder.into_iter().flatten().collect(),
            related,
            as_is_minutes: baseline.last().map(|path| path.steps.iter().map(|step| step.minutes).sum()),
            here_minutes: standing
                .acknowledged
                .and_then(|at| u32::try_from(at.seconds_since(line.released.0) / 60).ok()),
            line,
            as_of: Moment(self.now()),
        })
    }

    pub(crate) fn stored_notice(&self, id: &str) -> Result<StoredNotice> {
        let mut notice: StoredNotice =
            self.load(DocKind::Notice, id)?.ok_or_else(|| AppError::not_found("notice", id))?;
        self.follow_handles(&mut notice)?;
        Ok(notice)
    }

    pub(crate) fn deliveries_of(&self, notice: &str) -> Result<Vec<StoredDelivery>> {
        let mut all: Vec<StoredDelivery> = self.load_all(DocKind::Delivery, None)?;
        all.retain(|delivery| delivery.notice == notice);
        all.sort_by(|a, b| (a.queued, &a.id).cmp(&(b.queued, &b.id)));
        Ok(all)
    }

    pub(crate) fn answers_of(&self, notice: &str) -> Result<Vec<StoredAnswer>> {
        let mut all: Vec<StoredAnswer> = self.load_all(DocKind::Answer, Some(notice))?;
        all.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(all)
    }

    /// Devices named by notices that still wait for somebody to act, with the notices' ids.
    pub(crate) fn open_actions(&self) -> Result<BTreeMap<DeviceId, Vec<String>>> {
        let mut open: BTreeMap<DeviceId, Vec<String>> = BTreeMap::new();
        let running: Vec<StoredNotice> = self.load_all(DocKind::Notice, Some("open"))?;
        for mut notice in running.into_iter().filter(is_open) {
            self.follow_handles(&mut notice)?;
            for device in &notice.devices {
                open.entry(device.id).or_default().push(notice.id.clone());
            }
        }
        Ok(open)
    }

    /// What notices did to a device, for its timeline.
    pub(crate) fn notices_naming(&self, id: DeviceId) -> Result<Vec<Happening>> {
        let mut happenings = Vec::new();
        for notice in self.stored_notices()? {
            if notice.devices.iter().any(|device| device.id == id) {
                let line = self.notice_line(&notice);
                happenings.push(Happening {
                    at: line.released,
                    kind: "notice",
                    text: format!("{} released by {}: {}", line.id, line.released_by, line.subject),
                    link: format!("/notices/{}", line.id),
                });
            }
        }
        Ok(happenings)
    }

    pub(crate) fn notice_line(&self, stored: &StoredNotice) -> NoticeLine {
        let standing: Standing = standing(&stored.events);
        let (released, released_by) = standing.released.clone().unwrap_or((self.now(), String::new()));
        let rung = self.tables.rung(stored.draft.tier);
        let start = standing.sent.unwrap_or(released);
        let waits = is_open(stored) && stored.audience != crate::notice::stored::Audience::Huddle;
        let due = rung
            .acknowledge_within
            .filter(|_| waits && standing.acknowledged.is_none())
            .map(|minutes| start.plus_seconds(i64::from(minutes) * 60));
        NoticeLine {
            id: stored.id.clone(),
            subject: stored.draft.subject.clone(),
            advisory: stored.draft.advisory.clone(),
            unit: stored.draft.unit.clone(),
            audience: stored.audience.code().to_owned(),
            kind: kind_name(stored.draft.kind).to_owned(),
            tier: stored.draft.tier.code().to_owned(),
            state: state_name(standing.state).to_owned(),
            released_by,
            released: Moment(released),
            sent: standing.sent.map(Moment),
            delivered: standing.delivered.map(Moment),
            acknowledged: standing.acknowledged.map(Moment),
            done: standing.done.map(Moment),
            overdue: due.is_some_and(|due| self.now() > due),
            due: due.map(Moment),
            raised: standing.raised.last().filter(|_| waits).map(|raised| raised.answer.label().to_owned()),
        }
    }
}

fn state_name(state: NoticeState) -> &'static str {
    match state {
        NoticeState::StoodDown => "stood down",
        other => other.code(),
    }
}

fn delivery_line(delivery: &StoredDelivery) -> DeliveryLine {
    DeliveryLine {
        id: delivery.id.clone(),
        to: delivery.recipient.contact.name.clone(),
        address: delivery.recipient.contact.email.clone(),
        why: delivery.recipient.why.clone(),
        step: delivery.rung.code().to_owned(),
        state: delivery.state.code().to_owned(),
        attempts: delivery.attempts,
        detail: delivery.detail.clone(),
        queued: Moment(delivery.queued),
        sent: delivery.sent.map(Moment),
    }
}

fn answer_line(answer: StoredAnswer) -> AnswerLine {
    AnswerLine {
        at: Moment(answer.at),
        answer: answer.answer.label().to_owned(),
        initials: answer.initials,
        strength: answer.strength.label().to_owned(),
        link_of: answer.link_of,
        suspicious: answer.suspicious,
    }
}

//! The clock of one notice: what happened to it, folded from its events.

use crate::answer::{Answer, Initials, Strength};
use serde::{Deserialize, Serialize};
use tallyward_core::Timestamp;

/// An answer this soon after delivery, in seconds, was hardly read by a person: mail gateways follow links.
pub const MACHINE_SECONDS: i64 = 3;

/// One thing that happened to a notice. Events are kept; the standing is worked out from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum NoticeEvent {
    /// A named lead released it.
    Released {
        /// When.
        at: Timestamp,
        /// Who.
        by: String,
    },
    /// It left the house on some channel.
    Sent {
        /// When.
        at: Timestamp,
    },
    /// A receiving system took it.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// Somebody answered.
    Answered {
        /// When.
        at: Timestamp,
        /// What.
        answer: Answer,
        /// How it is known who.
        strength: Strength,
        /// Who, on a shared phone.
        initials: Option<Initials>,
    },
    /// The one reminder went out.
    Reminded {
        /// When.
        at: Timestamp,
    },
    /// The one escalation went out.
    Escalated {
        /// When.
        at: Timestamp,
    },
    /// A lead took it back.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// A stand-down ended it.
    StoodDown {
        /// When.
        at: Timestamp,
    },
    /// A correction took its place.
    Corrected {
        /// When.
        at: Timestamp,
    },
}

impl NoticeEvent {
    /// When it happened.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Released { at, .. }
            | Self::Sent { at }
            | Self::Delivered { at }
            | Self::Answered { at, .. }
            | Self::Reminded { at }
            | Self::Escalated { at }
            | Self::Withdrawn { at }
            | Self::StoodDown { at }
            | Self::Corrected { at } => *at,
        }
    }
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Worked out, signed by nobody.
    #[default]
    Draft,
    /// Signed, not yet out.
    Released,
    /// Out.
    Sent,
    /// Taken by a receiving system.
    Delivered,
    /// Answered by somebody.
    Acknowledged,
    /// Acted on.
    Done,
    /// Taken back.
    Withdrawn,
    /// Ended.
    StoodDown,
    /// Replaced.
    Corrected,
}

impl NoticeState {
    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Released => "released",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Acknowledged => "acknowledged",
            Self::Done => "done",
            Self::Withdrawn => "withdrawn",
            Self::StoodDown => "stood_down",
            Self::Corrected => "corrected",
        }
    }

    /// Whether nothing more is expected of the readers.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Withdrawn | Self::StoodDown | Self::Corrected)
    }

    /// Whether a lead may withdraw, end or mend it: it was released and is not over by a lead's act already.
    #[must_use]
    pub const fn may_be_ended(self) -> bool {
        matches!(self, Self::Released | Self::Sent | Self::Delivered | Self::Acknowledged | Self::Done)
    }
}

/// Something a reader said that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    /// When.
    pub at: Timestamp,
    /// What they answered.
    pub answer: Answer,
    /// Who, if they said.
    pub initials: Option<Initials>,
}

/// Everything worked out of the events of one notice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Where it stands.
    pub state: NoticeState,
    /// Released, and by whom.
    pub released: Option<(Timestamp, String)>,
    /// First time it left the house.
    pub sent: Option<Timestamp>,
    /// First time a receiving system took it.
    pub delivered: Option<Timestamp>,
    /// First acknowledgement.
    pub acknowledged: Option<Timestamp>,
    /// Strongest proof among the acknowledgements.
    pub strength: Option<Strength>,
    /// First time somebody said it is done.
    pub done: Option<Timestamp>,
    /// Every acknowledgement so far came too soon after delivery for a person to have read it.
    pub machine_like: bool,
    /// When the reminder went out.
    pub reminded: Option<Timestamp>,
    /// When the escalation went out.
    pub escalated: Option<Timestamp>,
    /// Answers somebody has to look at, oldest first.
    pub raised: Vec<Raised>,
}

/// Folds the events of one notice, in any order and with repetitions. Events of a notice nobody released, and
/// answers given after it was withdrawn, ended or replaced, are kept elsewhere but do not move it.
#[must_use]
pub fn standing(events: &[NoticeEvent]) -> Standing {
    let mut standing = Standing::default();
    let first =
        |pick: fn(&NoticeEvent) -> bool| events.iter().filter(|event| pick(event)).map(NoticeEvent::at).min();
    standing.released = events
        .iter()
        .filter_map(|event| match event {
            NoticeEvent::Released { at, by } => Some((*at, by.clone())),
            _ => None,
        })
        .min();
    if standing.released.is_none() {
        return standing;
    }
    standing.sent = first(|event| matches!(event, NoticeEvent::Sent { .. }));
    standing.delivered = first(|event| matches!(event, NoticeEvent::Delivered { .. }));
    standing.reminded = first(|event| matches!(event, NoticeEvent::Reminded { .. }));
    standing.escalated = first(|event| matches!(event, NoticeEvent::Escalated { .. }));
    let end = events.iter().filter_map(end_of).min();
    answers(&mut standing, events, end.map(|(at, _)| at));
    standing.state = match end {
        Some((_, state)) => state,
        None if standing.done.is_some() => NoticeState::Done,
        None if standing.acknowledged.is_some() => NoticeState::Acknowledged,
        None if standing.delivered.is_some() => NoticeState::Delivered,
        None if standing.sent.is_some() => NoticeState::Sent,
        None => NoticeState::Released,
    };
    standing
}

const fn end_of(event: &NoticeEvent) -> Option<(Timestamp, NoticeState)> {
    match event {
        NoticeEvent::Withdrawn { at } => Some((*at, NoticeState::Withdrawn)),
        NoticeEvent::StoodDown { at } => Some((*at, NoticeState::StoodDown)),
        NoticeEvent::Corrected { at } => Some((*at, NoticeState::Corrected)),
        _ => None,
    }
}

fn answers(standing: &mut Standing, events: &[NoticeEvent], end: Option<Timestamp>) {
    let mut by_people = false;
    for event in events {
        let NoticeEvent::Answered { at, answer, strength, initials } = event else { continue };
        if end.is_some_and(|end| *at > end) {
            continue;
        }
        if !answer.acknowledges() {
            let raised = Raised { at: *at, answer: *answer, initials: initials.clone() };
            if !standing.raised.contains(&raised) {
                standing.raised.push(raised);
            }
            continue;
        }
        standing.acknowledged = Some(standing.acknowledged.map_or(*at, |first| first.min(*at)));
        standing.strength = standing.strength.max(Some(*strength));
        if *answer == Answer::Done {
            standing.done = Some(standing.done.map_or(*at, |first| first.min(*at)));
        }
        // An answer counts as a machine's only against a delivery that came before it.
        let soon = standing.delivered.is_some_and(|delivered| {
            *at >= delivered && at.micros().saturating_sub(delivered.micros()) < MACHINE_SECONDS * 1_000_000
        });
        by_people |= !soon;
    }
    standing.machine_like = standing.acknowledged.is_some() && !by_people;
    standing.raised.sort_by(|a, b| (a.at, a.answer, &a.initials).cmp(&(b.at, b.answer, &b.initials)));
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;

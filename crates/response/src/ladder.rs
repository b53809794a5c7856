//! The ladder: silence climbs it, once per step.

use crate::clock::{NoticeState, Standing};
use crate::tables::Rung;
use serde::{Deserialize, Serialize};
use tallyward_core::Timestamp;

/// A step of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Once more to the same people.
    Reminder,
    /// To the lead on duty or the supervisor.
    Escalation,
}

/// The step that is due at `now`, if any. Counted from sending; a notice that was released and could not be sent
/// counts from its release, because a failure of ours must climb too. An acknowledgement stops it, unless every
/// one came so soon after delivery that no person can have read it. The caller records the step as an event, so
/// each is due at most once; when both are overdue the reminder comes first.
#[must_use]
pub fn due(standing: &Standing, rung: &Rung, now: Timestamp) -> Option<Step> {
    if standing.state.is_over() || standing.state == NoticeState::Draft {
        return None;
    }
    if standing.acknowledged.is_some() && !standing.machine_like {
        return None;
    }
    let start = standing.sent.or(standing.released.as_ref().map(|(at, _)| *at))?;
    let waited = now.seconds_since(start);
    let overdue = |after: Option<u32>| after.is_some_and(|minutes| waited >= i64::from(minutes) * 60);
    if standing.escalated.is_none() && standing.reminded.is_none() && overdue(rung.reminder_after) {
        return Some(Step::Reminder);
    }
    if standing.escalated.is_none() && overdue(rung.escalation_after) {
        return Some(Step::Escalation);
    }
    None
}

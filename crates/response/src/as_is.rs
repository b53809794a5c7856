//! As-is paths: how a recall or a hazard reaches a unit today, kept as a baseline.

use crate::axis::codes;
use serde::{Deserialize, Serialize};
use tallyward_core::Timestamp;

codes! {
    /// What sort of message the path carries.
    PathKind {
        /// A recall or safety notice of a maker.
        Recall = "recall", "recall";
        /// A hazard found in the house or told by an authority.
        Hazard = "hazard", "hazard";
    }
}

/// One hand the message passes through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathStep {
    /// Who passes it on.
    pub by: String,
    /// By what: mail, call, meeting, paper.
    pub channel: String,
    /// How long it takes there, in minutes; none when nobody knows.
    pub minutes: Option<u32>,
}

/// How a unit is reached today, as it told us on a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsIsPath {
    /// Unit code.
    pub unit: String,
    /// What it carries.
    pub kind: PathKind,
    /// From the first hand to the bedside.
    pub steps: Vec<PathStep>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// By whom.
    pub recorded_by: String,
}

impl AsIsPath {
    /// Sum of the known minutes, and how many steps have none: a total with unknown steps is a lower bound.
    #[must_use]
    pub fn total(&self) -> (u64, usize) {
        let known = self.steps.iter().filter_map(|step| step.minutes).map(u64::from).sum();
        (known, self.steps.iter().filter(|step| step.minutes.is_none()).count())
    }

    /// Why a form cannot be saved, in sentences; empty when it can.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.unit.trim().is_empty() {
            faults.push("Choose a unit.".to_owned());
        }
        if self.recorded_by.trim().is_empty() {
            faults.push("Say who recorded it.".to_owned());
        }
        if self.steps.is_empty() || self.steps.len() > 20 {
            faults.push(format!("Give 1 to 20 steps; there are {}.", self.steps.len()));
        }
        for (at, step) in self.steps.iter().enumerate() {
            if step.by.trim().is_empty() || step.channel.trim().is_empty() {
                faults.push(format!("Step {} needs who passes it on and by what.", at + 1));
            }
        }
        faults
    }
}

/// What was measured here for a unit, from the clocks of its notices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Notices that were sent to the unit.
    pub notices: usize,
    /// Notices with an acknowledgement.
    pub acknowledged: usize,
    /// Median minutes from release to acknowledgement, over those acknowledged.
    pub median_minutes: Option<u64>,
}

impl Measured {
    /// From `(released, acknowledged)` pairs; an acknowledgement before its release is left out as a clock error.
    #[must_use]
    pub fn from_times(times: &[(Timestamp, Option<Timestamp>)]) -> Self {
        let mut minutes: Vec<u64> = times
            .iter()
            .filter_map(|(released, acknowledged)| {
                u64::try_from(acknowledged.as_ref()?.seconds_since(*released))
                    .ok()
                    .map(|seconds| seconds / 60)
            })
            .collect();
        minutes.sort_unstable();
        let median_minutes = match minutes.len() {
            0 => None,
            odd if odd % 2 == 1 => Some(minutes[odd / 2]),
            even => Some(minutes[even / 2 - 1].midpoint(minutes[even / 2])),
        };
        Self { notices: times.len(), acknowledged: minutes.len(), median_minutes }
    }
}

/// Before and after, side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathComparison {
    /// Minutes of the baseline's known steps.
    pub before_minutes: u64,
    /// Steps of the baseline nobody could time.
    pub before_unknown: usize,
    /// Measured here.
    pub after: Measured,
    /// The comparison in a sentence that claims no more than the figures do.
    pub text: String,
}

impl AsIsPath {
    /// Sets the baseline beside what was measured here.
    #[must_use]
    pub fn compare(&self, after: Measured) -> PathComparison {
        let (before_minutes, before_unknown) = self.total();
        let bound = if before_unknown > 0 { "at least " } else { "" };
        let before = format!("Told on {}: {bound}{}", self.recorded_at.date(), duration(before_minutes));
        let text = match after.median_minutes {
            None => format!("{before}. Here: nothing measured yet."),
            Some(minutes) => format!(
                "{before}. Here: half of {} answered notices within {} ({} of {} sent were answered).",
                after.acknowledged,
                duration(minutes),
                after.acknowledged,
                after.notices
            ),
        };
        PathComparison { before_minutes, before_unknown, after, text }
    }
}

fn duration(minutes: u64) -> String {
    match minutes {
        0..=119 => format!("{minutes} min"),
        120..=2879 => format!("{} h", minutes.div_ceil(60)),
        _ => format!("{} days", minutes.div_ceil(1440)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(minutes: &[Option<u32>]) -> AsIsPath {
        let step = |minutes: &Option<u32>| PathStep {
            by: "Materials".into(),
            channel: "mail".into(),
            minutes: *minutes,
        };
        AsIsPath {
            unit: "ICU".into(),
            kind: PathKind::Recall,
            steps: minutes.iter().map(step).collect(),
            recorded_at: "2026-11-23".parse().unwrap(),
            recorded_by: "A. Nurse".into(),
        }
    }

    #[test]
    fn a_step_nobody_timed_makes_the_total_a_lower_bound() {
        let path = path(&[Some(1440), None, Some(4320)]);
        assert_eq!(path.total(), (5760, 1));
        let none = path.compare(Measured::default());
        assert_eq!(none.text, "Told on 2026-11-23: at least 4 days. Here: nothing measured yet.");
        assert!(path.faults().is_empty());
    }

    #[test]
    fn the_median_is_over_the_answered_ones() {
        let at = Timestamp::from_seconds;
        let times = [(at(0), Some(at(600))), (at(0), Some(at(1200))), (at(0), None), (at(600), Some(at(0)))];
        let measured = Measured::from_times(&times);
        assert_eq!(measured, Measured { notices: 4, acknowledged: 2, median_minutes: Some(15) });
        let text = path(&[Some(60)]).compare(measured).text;
        assert_eq!(
            text,
            "Told on 2026-11-23: 60 min. Here: half of 2 answered notices within 15 min (2 of 4 sent were answered)."
        );
    }

    #[test]
    fn an_empty_form_says_what_is_missing() {
        let mut path = path(&[]);
        path.unit.clear();
        assert_eq!(path.faults(), ["Choose a unit.", "Give 1 to 20 steps; there are 0."]);
    }
}

//! What named people judged of the inputs of triage.

use std::collections::BTreeMap;
use tallyward_advisories::threat::cve_id;
use tallyward_core::decision::TriageAbout;
use tallyward_core::{Decision, DeviceId, Judgement, Timestamp};

/// One input as somebody set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SetInput {
    /// Id of the decision, to take it back.
    pub decision: String,
    pub value: String,
    pub by: String,
    pub at: Timestamp,
    pub because: String,
}

impl SetInput {
    /// As a sentence.
    pub fn sentence(&self) -> String {
        let because = if self.because.is_empty() { String::new() } else { format!(": {}", self.because) };
        format!("Set by {} on {}{because}.", self.by, self.at.date())
    }
}

/// All inputs that are set, the newest decision on each.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    set: BTreeMap<TriageAbout, SetInput>,
}

impl Judged {
    /// Reads decisions in force, oldest first; `kept` answers the handle that a merged one leads to.
    pub fn of(in_force: &[&Decision], kept: impl Fn(DeviceId) -> DeviceId) -> Self {
        let mut set = BTreeMap::new();
        for decision in in_force {
            let Judgement::Triage { about, value } = &decision.judgement else { continue };
            let about = match about {
                TriageAbout::Exposure { device } => TriageAbout::Exposure { device: kept(*device) },
                other => other.clone(),
            };
            set.insert(
                about,
                SetInput {
                    decision: decision.id.clone(),
                    value: value.clone(),
                    by: decision.by.clone(),
                    at: decision.at,
                    because: decision.reason.clone(),
                },
            );
        }
        Self { set }
    }

    pub fn get(&self, about: &TriageAbout) -> Option<&SetInput> {
        self.set.get(about)
    }
}

/// The id under which judgements of a flaw are kept: a CVE id in its one spelling.
pub(crate) fn flaw_id(vulnerability: &str) -> String {
    cve_id(vulnerability).unwrap_or_else(|| vulnerability.trim().to_owned())
}

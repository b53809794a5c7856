//! Findings ranked by what triage decides.

use super::Desk;
use crate::App;
use crate::ports::{REACHES, Ranking};
use crate::query::{FindingOrder, FindingQuery};
use tallyward_core::{DeviceId, SsvcOutcome, Verdict};
use tallyward_response::Exposure;

/// The reaches: not known, and each exposure.
const EXPOSURES: [Option<Exposure>; REACHES] =
    [None, Some(Exposure::Small), Some(Exposure::Controlled), Some(Exposure::Open)];

/// The ranking that a query of findings asks for.
pub(crate) struct ByDecision<'a> {
    app: &'a App,
    desk: &'a Desk,
    outcome: Option<SsvcOutcome>,
    ordered: bool,
}

impl<'a> ByDecision<'a> {
    pub fn new(app: &'a App, desk: &'a Desk, query: &FindingQuery) -> Self {
        Self { app, desk, outcome: query.outcome, ordered: query.order == FindingOrder::Decision }
    }
}

impl Ranking for ByDecision<'_> {
    fn ranks(
        &self,
        verdict: Verdict,
        class: &str,
        advisory: &str,
        vulnerability: &str,
    ) -> [Option<u8>; REACHES] {
        if verdict == Verdict::NotAffected {
            return [self.outcome.is_none().then_some(0); REACHES];
        }
        EXPOSURES.map(|exposure| {
            let triage = self.app.triage_of(&self.desk.known, class, exposure, advisory, vulnerability);
            let urgency = SsvcOutcome::ALL.iter().position(|one| *one == triage.outcome);
            let urgency = u8::try_from(urgency.unwrap_or_default()).unwrap_or_default() + 1;
            let fits = self.outcome.is_none_or(|wanted| wanted == triage.outcome);
            fits.then_some(if self.ordered { urgency } else { 1 })
        })
    }

    fn reach(&self, device: DeviceId) -> usize {
        let exposure = self.desk.exposure(device);
        EXPOSURES.iter().position(|one| *one == exposure).unwrap_or_default()
    }
}

//! A severity score: what its vector comes to, and what the document claims.

use serde::Serialize;
use tallyward_core::Score;

/// One score of a vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScoreLine {
    /// CVSS version of the vector; as the document has it when the vector cannot be read.
    pub version: String,
    /// The vector, verbatim.
    pub vector: String,
    /// Base score worked out from the vector; empty when there is no vector that can be read.
    pub base: String,
    /// Severity word of that base score; empty likewise.
    pub severity: String,
    /// Score with the temporal, threat and environmental metrics of the vector, when it has any.
    pub overall: Option<String>,
    /// Base score as the document claims it; empty when it claims none.
    pub claimed: String,
    /// Where the document's claim is not what its vector comes to.
    pub disagreement: Option<String>,
}

impl From<&Score> for ScoreLine {
    fn from(score: &Score) -> Self {
        let computed = score.computed().ok();
        Self {
            version: computed.as_ref().map_or_else(|| score.version.clone(), |one| one.version.clone()),
            vector: score.vector.clone(),
            base: computed.as_ref().map_or_else(String::new, |one| one.base()),
            severity: computed.as_ref().map_or_else(String::new, |one| one.severity.label().to_owned()),
            overall: computed.and_then(|one| one.overall()),
            claimed: score.base.clone(),
            disagreement: score.disagreement(),
        }
    }
}

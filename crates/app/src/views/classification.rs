//! What rules conclude, and the rules themselves.

use super::Moment;
use serde::{Deserialize, Serialize};
use tallyward_core::{DeviceId, Timestamp};
use tallyward_identity::classify::{Explanation, TableInfo};

/// Why a device is held to be what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Its handle.
    pub id: DeviceId,
    /// What it is called.
    pub name: String,
    /// The chain from facts over rules to conclusions.
    #[serde(flatten)]
    pub explanation: Explanation,
    /// When this was true.
    pub as_of: Moment,
}

/// The house's own rules, as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRules {
    /// Name of the file.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Who brought it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A recog file in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecogLine {
    /// File name.
    pub name: String,
    /// Fingerprints in it.
    pub fingerprints: usize,
    /// Those that came to a rule.
    pub rules: usize,
    /// Those left out: line and why.
    pub left_out: Vec<(u64, String)>,
    /// Parameters no field here takes.
    pub unused: Vec<String>,
}

/// Every table of classification in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RulesPage {
    /// Tables, the house's own first.
    pub tables: Vec<TableInfo>,
    /// The house's own, when there is one.
    pub own: Option<OwnRules>,
    /// Lines of the house's own that cannot be used.
    pub refused: Vec<(u64, String)>,
    /// Recog files.
    pub recog: Vec<RecogLine>,
    /// Where the holders of network cards come from.
    pub registry: String,
}

//! Three answers, always with reasons.

use serde::{Deserialize, Serialize};

/// Whether a device is touched by a vulnerability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is.
    Affected,
    /// A fact that would settle it is missing.
    Unknown,
    /// It is not, on fresh and sufficient facts.
    NotAffected,
}

impl Verdict {
    /// All, worst first.
    pub const ALL: [Self; 3] = [Self::Affected, Self::Unknown, Self::NotAffected];

    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Unknown => "unknown",
            Self::NotAffected => "not_affected",
        }
    }

    /// The word on a screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotAffected => "not affected",
            other => other.code(),
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == code)
    }

    /// Folds the answers of several leaves that cover one product: any affected wins, else any unknown, else
    /// not affected. The table is commutative, associative and idempotent.
    #[must_use]
    pub fn fold(self, other: Self) -> Self {
        self.min(other)
    }
}

/// A fact that would settle an unknown verdict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MissingFact {
    /// Are the advisory's product and this model the same?
    SameProduct {
        /// Vendor and product of the advisory.
        product: String,
    },
    /// The software version.
    SoftwareVersion,
    /// A software version read more recently.
    FresherVersion,
    /// The exact build, service pack or patch below the version known.
    ExactVersion,
    /// The model or catalogue number.
    ModelNumber,
    /// The serial number.
    SerialNumber,
    /// The hardware version.
    HardwareVersion,
    /// The version of a component inside.
    ComponentVersion {
        /// Which component.
        component: String,
    },
    /// The operating system.
    OperatingSystem,
    /// A date of the named kind (made, distributed, released).
    Date {
        /// Which date.
        kind: String,
    },
    /// Whether a condition of the clause holds.
    Condition {
        /// The condition as the clause words it.
        text: String,
    },
    /// Somebody must read the clause.
    ReadClause,
    /// The document contradicts itself; ask the maker.
    AskMaker,
    /// Nobody has identified the device.
    Identity,
}

impl MissingFact {
    /// What to find out, in plain words.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::SameProduct { product } => format!("whether this is the same product as {product:?}"),
            Self::SoftwareVersion => "software version".to_owned(),
            Self::FresherVersion => "software version, read again (the one on record is too old)".to_owned(),
            Self::ExactVersion => "exact build or service pack".to_owned(),
            Self::ModelNumber => "model or catalogue number".to_owned(),
            Self::SerialNumber => "serial number".to_owned(),
            Self::HardwareVersion => "hardware version".to_owned(),
            Self::ComponentVersion { component } => format!("version of {component}"),
            Self::OperatingSystem => "operating system".to_owned(),
            Self::Date { kind } => format!("date {kind}"),
            Self::Condition { text } => format!("whether this holds: {text}"),
            Self::ReadClause => "a person's reading of the clause".to_owned(),
            Self::AskMaker => "the maker's word: the document contradicts itself".to_owned(),
            Self::Identity => "what this device is".to_owned(),
        }
    }
}

/// One step of the chain that led to a verdict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// A short sentence a nurse manager can follow and an engineer can check.
    pub text: String,
    /// The clause or passage of the advisory it rests on, verbatim; empty when it rests on none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub quote: String,
}

impl Reason {
    /// A reason without a quotation.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), quote: String::new() }
    }

    /// A reason that rests on a passage of the advisory.
    #[must_use]
    pub fn quoting(text: impl Into<String>, quote: impl Into<String>) -> Self {
        Self { text: text.into(), quote: quote.into() }
    }
}

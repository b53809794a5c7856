//! Who acts.

use serde::{Deserialize, Serialize};

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything, changes nothing.
    Reader,
    /// Imports, enters facts, releases and withdraws notices.
    Lead,
    /// Runs the installation: accounts, tables, settings, imports. Does not release: that is a clinical act.
    Administrator,
}

impl Role {
    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Lead => "lead",
            Self::Administrator => "administrator",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Reader, Self::Lead, Self::Administrator].into_iter().find(|role| role.code() == code)
    }

    /// Whether this role may change anything.
    #[must_use]
    pub const fn may_write(self) -> bool {
        !matches!(self, Self::Reader)
    }
}

/// The person (or the program itself) on whose behalf a use case runs; goes into the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// Name as it is shown.
    pub name: String,
    /// Sign-in name; `tallyward` for the program itself.
    pub login: String,
    /// What they may do.
    pub role: Role,
}

impl Who {
    /// The program itself: the command line and timers. It may take evidence in; it can never release.
    #[must_use]
    pub fn program() -> Self {
        Self { name: "tallyward".into(), login: "tallyward".into(), role: Role::Administrator }
    }
}

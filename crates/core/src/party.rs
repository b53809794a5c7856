//! Units and the people to reach in them.

use serde::{Deserialize, Serialize};

/// A clinical unit: the team that operates devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unit {
    /// Short code, as the CMMS writes it (`ICU-A`).
    pub code: String,
    /// Name on a screen.
    pub name: String,
    /// Site.
    #[serde(default)]
    pub site: String,
    /// Building.
    #[serde(default)]
    pub building: String,
    /// Floor.
    #[serde(default)]
    pub floor: String,
    /// Shared pools this unit draws devices from.
    #[serde(default)]
    pub pools: Vec<String>,
    /// Other spellings of the unit in lists.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// What a contact is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Duty {
    /// Charge nurse or unit manager: receives the unit's clinical notices.
    Charge,
    /// The profession that operates a device class across units (respiratory therapy, imaging …).
    Profession,
    /// Clinical engineering on call.
    Biomed,
    /// Security team.
    Security,
    /// Clinical lead on duty, next step when a unit is silent.
    Lead,
    /// House supervisor.
    Supervisor,
    /// Privacy officer.
    Privacy,
}

impl Duty {
    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Profession => "profession",
            Self::Biomed => "biomed",
            Self::Security => "security",
            Self::Lead => "lead",
            Self::Supervisor => "supervisor",
            Self::Privacy => "privacy",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Charge,
            Self::Profession,
            Self::Biomed,
            Self::Security,
            Self::Lead,
            Self::Supervisor,
            Self::Privacy,
        ]
        .into_iter()
        .find(|duty| duty.code() == code)
    }
}

/// Somebody to reach.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contact {
    /// Stable id.
    pub id: String,
    /// Unit code; empty for a contact of the whole house.
    #[serde(default)]
    pub unit: String,
    /// What for.
    pub duty: Duty,
    /// For [`Duty::Profession`]: which (`respiratory therapy`).
    #[serde(default)]
    pub profession: String,
    /// Name or role, as it may be shown.
    pub name: String,
    /// Mail address.
    #[serde(default)]
    pub email: String,
    /// Telephone number to call.
    #[serde(default)]
    pub phone: String,
}

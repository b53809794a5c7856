//! What is known of a device when a clause is decided, what comes out, and what was missing.

use crate::date::DateKind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a person found out about a condition of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled<'a> {
    /// The condition, in the words of [`Missing::Condition`].
    pub text: &'a str,
    /// Whether it holds for the device.
    pub holds: bool,
    /// Who says so and since when, to go behind "as": `anna decided on 2026-11-25`.
    pub says: &'a str,
}

/// What is known of one device. Everything may be missing; what is missing is never guessed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The product the leaf stands under. Taken as matched; needed to see whether product and clause disagree
    /// about models.
    pub product: Option<&'a str>,
    /// Software or firmware version, as the inventory or the wire has it.
    pub version: Option<&'a str>,
    /// Model, catalogue or reorder number.
    pub model: Option<&'a str>,
    /// Serial number.
    pub serial: Option<&'a str>,
    /// Version or revision of the hardware.
    pub hardware_version: Option<&'a str>,
    /// A component inside the device.
    pub component: Option<&'a str>,
    /// The version of that component; without a name it counts for the component the clause asks for.
    pub component_version: Option<&'a str>,
    /// Operating system.
    pub os: Option<&'a str>,
    /// ISO 8601 calendar date: a day, a month or a year.
    pub date: Option<&'a str>,
    /// What happened on that date. `None` vouches for the kind the clause asks for.
    pub date_kind: Option<DateKind>,
    /// Conditions that a person has settled for this device.
    pub settled: &'a [Settled<'a>],
}

/// What a clause says of a device. `NotAffected` means "this clause does not cover it", no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClauseVerdict {
    /// The clause covers the device.
    Affected,
    /// The clause was understood whole and does not cover the device.
    NotAffected,
    /// Neither can be said.
    Unknown,
}

impl fmt::Display for ClauseVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Affected => "affected",
            Self::NotAffected => "not affected",
            Self::Unknown => "unknown",
        })
    }
}

/// How a clause was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Versions, bounds and lists, written as a machine writes them.
    Exact,
    /// Prose, labels, remarks, models or dates, understood whole.
    Tolerant,
    /// Not understood: a person has to read it. Never leads to "not affected".
    NeedsPerson,
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Tolerant => "tolerant",
            Self::NeedsPerson => "needs a person",
        })
    }
}

/// The fact that would settle an unknown verdict.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The software version.
    Version,
    /// The model number.
    Model,
    /// The serial number.
    Serial,
    /// A date of this kind.
    Date(DateKind),
    /// The version of this component.
    Component(String),
    /// The version of the hardware.
    HardwareVersion,
    /// The operating system.
    OperatingSystem,
    /// Whether this condition of the clause holds.
    Condition(String),
    /// A person has to read the clause.
    Person,
    /// The version exactly as the device shows it, with prefix, build and service pack.
    Finer,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("the software version"),
            Self::Model => f.write_str("the model number"),
            Self::Serial => f.write_str("the serial number"),
            Self::Date(kind) => write!(f, "the {kind}"),
            Self::Component(name) => write!(f, "the version of: {name}"),
            Self::HardwareVersion => f.write_str("the hardware version"),
            Self::OperatingSystem => f.write_str("the operating system"),
            Self::Condition(text) => write!(f, "whether this holds: {text}"),
            Self::Person => f.write_str("a person who reads the clause"),
            Self::Finer => {
                f.write_str("the version exactly as the device shows it, with prefix, build and service pack")
            }
        }
    }
}

/// A verdict with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The verdict.
    pub verdict: ClauseVerdict,
    /// One short sentence that quotes the compared values.
    pub reason: String,
    /// What would settle an unknown verdict; `None` for the other two.
    pub missing: Option<Missing>,
}

/// One clause and one device as a flat record, in the field names of a line of clause verdicts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Question {
    /// The clause, verbatim.
    pub expression: String,
    /// See [`Facts::product`].
    pub product: Option<String>,
    /// See [`Facts::version`].
    pub device_version: Option<String>,
    /// See [`Facts::model`].
    pub device_model: Option<String>,
    /// See [`Facts::serial`].
    pub device_serial: Option<String>,
    /// See [`Facts::date`].
    pub device_date: Option<String>,
    /// See [`Facts::date_kind`].
    pub device_date_kind: Option<DateKind>,
    /// See [`Facts::os`].
    pub device_os: Option<String>,
    /// See [`Facts::component`].
    pub device_component: Option<String>,
    /// See [`Facts::hardware_version`].
    pub device_hw_version: Option<String>,
    /// See [`Facts::component_version`].
    pub component_version: Option<String>,
}

impl Question {
    /// The facts of the device.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            product: self.product.as_deref(),
            version: self.device_version.as_deref(),
            model: self.device_model.as_deref(),
            serial: self.device_serial.as_deref(),
            hardware_version: self.device_hw_version.as_deref(),
            component: self.device_component.as_deref(),
            component_version: self.component_version.as_deref(),
            os: self.device_os.as_deref(),
            date: self.device_date.as_deref(),
            date_kind: self.device_date_kind,
            settled: &[],
        }
    }

    /// Parses the clause and decides it.
    #[must_use]
    pub fn decide(&self) -> Decision {
        crate::Clause::parse(&self.expression).decide(&self.facts())
    }
}

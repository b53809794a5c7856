//! The inputs and outputs of triage that only this room knows.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)* }

        impl $name {
            /// All, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stored code, as the tables write it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The words on a screen.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// Reads [`Self::code`].
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// Whether the flaw is used in attacks (SSVC Exploitation 1.1.0). Ordered from calm to bad.
    Exploitation {
        /// No attack and no public method known.
        None = "none", "no known attack";
        /// A method is public.
        PublicPoc = "public_poc", "a method is public";
        /// Used in attacks.
        Active = "active", "used in attacks";
    }
}

codes! {
    /// Who can reach the device (SSVC System Exposure 1.0.1). Ordered from calm to bad.
    Exposure {
        /// Least privilege, enforced and proved.
        Small = "small", "fenced, and proved to be";
        /// Some barrier, such as a VLAN of its own.
        Controlled = "controlled", "behind a barrier";
        /// A flat network or the internet.
        Open = "open", "open";
    }
}

codes! {
    /// Whether an attack can be run without a person at each target (SSVC Automatable 2.0.0).
    Automatable {
        /// It cannot.
        No = "no", "not automatable";
        /// It can.
        Yes = "yes", "automatable";
    }
}

codes! {
    /// What the flaw can do to people and mission (SSVC Human Impact 2.0.2).
    HumanImpact {
        /// Low.
        Low = "low", "low";
        /// Medium.
        Medium = "medium", "medium";
        /// High.
        High = "high", "high";
        /// Very high.
        VeryHigh = "very_high", "very high";
    }
}

codes! {
    /// Whether the flaw stands in CISA's catalogue of exploited flaws (In KEV 1.0.0). Ordered from calm to bad.
    InKev {
        /// It does not.
        No = "no", "not in KEV";
        /// It does.
        Yes = "yes", "in KEV";
    }
}

codes! {
    /// Whether anybody on the internet can reach the device (Publicly Exposed 1.0.0). Ordered from calm to bad.
    PubliclyExposed {
        /// Nobody can.
        No = "no", "not reachable from the internet";
        /// They can.
        Yes = "yes", "reachable from the internet";
    }
}

codes! {
    /// How much control an attack gives over the software (SSVC Technical Impact 1.0.0). Ordered from calm to bad.
    TechnicalImpact {
        /// Part of it, or of what it shows.
        Partial = "partial", "partial control";
        /// All of it.
        Total = "total", "total control";
    }
}

codes! {
    /// By when CISA BOD 26-04 wants a flaw mended (Remediation Timelines 1.0.0). Ordered from calm to strict.
    BodTimeline {
        /// With the next upgrade of the system.
        OnUpgrade = "fix_on_system_upgrade", "with the next upgrade of the system";
        /// Within 60 days.
        SixtyDays = "60_days", "within 60 days";
        /// Within 14 days.
        FourteenDays = "14_days", "within 14 days";
        /// Within 3 days.
        ThreeDays = "3_days", "within 3 days";
        /// Within 3 days, with a forensic investigation.
        ThreeDaysForensic = "3_days_and_forensic_investigation", "within 3 days, with a forensic investigation";
    }
}

codes! {
    /// Where a finding goes.
    Channel {
        /// A notice to the operators, after release.
        Notice = "notice", "notice";
        /// One line on the unit's daily huddle sheet.
        Huddle = "huddle", "huddle sheet";
        /// The weekly digest.
        Digest = "digest", "digest";
        /// The queue of biomed and security, nobody at the bedside.
        Technical = "technical", "technical queue";
        /// The privacy officer.
        Privacy = "privacy", "privacy officer";
    }
}

//! The two axes of triage and the tier they give.

use serde::{Deserialize, Serialize};

macro_rules! levels {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)* }

        impl $name {
            /// All, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stored and shown code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Reads [`Self::code`].
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|level| level.code() == code)
            }
        }
    };
}

levels! {
    /// Clinical axis: what a patient could come to.
    ClinicalLevel {
        /// No clinical effect.
        C0 = "C0",
        /// Privacy only.
        C1 = "C1",
        /// Diagnosis or workflow delayed.
        C2 = "C2",
        /// Therapy with a fallback, or loss of monitoring or alarms.
        C3 = "C3",
        /// Life support or therapy could be altered or lost now, no manual fallback.
        C4 = "C4",
    }
}

levels! {
    /// Technical axis: the outcome of CERT/CC's SSVC deployer tree 1.0.0.
    SsvcOutcome {
        /// Do not act at present.
        Defer = "defer",
        /// Act in regular maintenance.
        Scheduled = "scheduled",
        /// Act sooner than usual.
        OutOfCycle = "out_of_cycle",
        /// Act at once.
        Immediate = "immediate",
    }
}

levels! {
    /// Who is interrupted, and how fast.
    Tier {
        /// Act now.
        T0 = "T0",
        /// Act this shift.
        T1 = "T1",
        /// Act by a date.
        T2 = "T2",
        /// For awareness.
        T3 = "T3",
        /// Technical only.
        T4 = "T4",
    }
}

//! What to build.

use tallyward_core::Timestamp;

/// The recipe of a sample hospital. The same plan gives the same hospital, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Seed of every random choice.
    pub seed: u64,
    /// How many devices the house truly has, those nobody wrote down included.
    pub devices: usize,
    /// End of the traffic; advisories and list dates are counted back from it.
    pub now: Timestamp,
}

impl Default for Plan {
    /// The demo's hospital: seed 7, 400 devices, traffic up to 23 November 2026, 09:00 UTC.
    fn default() -> Self {
        Self { seed: 7, devices: 400, now: Timestamp::from_seconds(1_795_424_400) }
    }
}

//! Figures: numbers that lead to their rows.

use serde::{Deserialize, Serialize};
use tallyward_core::Timestamp;

/// One number on a page or in a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What is counted: `devices whose state is known`.
    pub label: String,
    /// The count.
    pub numerator: u64,
    /// Of how many, when it is a share.
    pub denominator: Option<u64>,
    /// The filter that lists exactly the rows counted, as a URL query: `state=known&unit=ICU-A`.
    pub rows: String,
    /// The moment it holds for.
    pub as_of: Timestamp,
}

impl Figure {
    /// Share in whole per cent; none without a denominator or of nothing. Never rounds to 0 or 100 what is not
    /// none or all: 1 of 1000 is 1, 999 of 1000 is 99.
    #[must_use]
    pub fn percent(&self) -> Option<u64> {
        percent(self.numerator, self.denominator?)
    }

    /// `312 of 400 (78 %)`, or the count alone.
    #[must_use]
    pub fn text(&self) -> String {
        match (self.denominator, self.percent()) {
            (Some(all), Some(share)) => format!("{} of {all} ({share} %)", self.numerator),
            (Some(all), None) => format!("{} of {all}", self.numerator),
            (None, _) => self.numerator.to_string(),
        }
    }
}

/// Whole per cent, with the rule of [`Figure::percent`]; more than all counts as all.
pub(crate) fn percent(part: u64, all: u64) -> Option<u64> {
    if all == 0 {
        return None;
    }
    let exact = u128::from(part) * 100;
    let rounded = u64::try_from((exact + u128::from(all) / 2) / u128::from(all)).unwrap_or(100);
    Some(match part {
        0 => 0,
        _ if part >= all => 100,
        _ => rounded.clamp(1, 99),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded_to_none_or_all() {
        let cases = [
            ((0, 9), Some(0)),
            ((1, 1000), Some(1)),
            ((999, 1000), Some(99)),
            ((1000, 1000), Some(100)),
            ((1, 3), Some(33)),
            ((0, 0), None),
        ];
        for ((part, all), share) in cases {
            assert_eq!(percent(part, all), share, "{part} of {all}");
        }
        assert_eq!(percent(u64::MAX - 1, u64::MAX), Some(99));
    }

    #[test]
    fn the_text_says_of_how_many() {
        let figure = |denominator| Figure {
            label: "known".into(),
            numerator: 312,
            denominator,
            rows: "state=known".into(),
            as_of: Timestamp::default(),
        };
        assert_eq!(figure(Some(400)).text(), "312 of 400 (78 %)");
        assert_eq!(figure(Some(0)).text(), "312 of 0");
        assert_eq!(figure(None).text(), "312");
    }
}

//! Points in time.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
///
/// Serialised as that integer, because millions of them are stored; shown as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

impl Timestamp {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch; saturates.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// This moment moved by `seconds`; saturates.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)))
    }

    /// This moment moved by `days` of 24 hours; saturates.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(MICROS_PER_DAY)))
    }

    /// Whole days of 24 hours from `earlier` to this moment; negative when `earlier` is later.
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(MICROS_PER_DAY)
    }

    /// Whole seconds from `earlier` to this moment; negative when `earlier` is later.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(MICROS_PER_SECOND)
    }

    /// The same moment as a `jiff` timestamp; a moment outside its range becomes the nearest it can hold.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// The UTC calendar date, `YYYY-MM-DD`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_jiff().strftime("%Y-%m-%d").to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.to_jiff())
    }
}

/// A text that is no RFC 3339 moment and no calendar date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no date or time: expected 2026-11-23 or 2026-11-23T08:30:00Z")]
pub struct NotATime(pub String);

impl FromStr for Timestamp {
    type Err = NotATime;

    /// Reads RFC 3339 (`2026-11-23T08:30:00Z`) or a plain date, which means its start in UTC.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(moment.as_microsecond()));
        }
        let date = text.parse::<jiff::civil::Date>().map_err(|_| NotATime(text.to_owned()))?;
        let start = jiff::tz::TimeZone::UTC
            .to_timestamp(date.at(0, 0, 0, 0))
            .map_err(|_| NotATime(text.to_owned()))?;
        Ok(Self(start.as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_start_in_utc() {
        let moment: Timestamp = "2026-11-23".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-11-23T00:00:00Z");
        assert_eq!("2026-11-23T00:00:00Z".parse(), Ok(moment));
        assert!("23 Nov".parse::<Timestamp>().is_err());
    }

    #[test]
    fn a_printed_moment_reads_back() {
        let moment = Timestamp::from_micros(1_795_000_000_123_456);
        assert_eq!(moment.to_string().parse(), Ok(moment));
    }
}

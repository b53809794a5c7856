//! Calendar days as device labels write them: two-digit years, day 00, day-of-year, a century digit.

use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The year in which a label is read. Two-digit years are placed around it, so the same label read with the
/// same `Today` always gives the same date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today {
    year: u16,
}

impl Today {
    /// `year` is a full year of the Gregorian calendar, such as 2026.
    #[must_use]
    pub const fn from_year(year: u16) -> Self {
        Self { year }
    }

    /// The full year meant by a two-digit year.
    ///
    /// GS1 General Specifications section 7.12: two digits 51 or more ahead of the current two digits belong to
    /// the previous century, 50 or more behind to the next. HIBCC and IFA name no rule of their own; the same
    /// one is used for them.
    #[must_use]
    pub const fn full_year(self, two_digits: u16) -> u16 {
        let century = self.year - self.year % 100;
        let ahead = two_digits as i32 - (self.year % 100) as i32;
        if ahead >= 51 {
            century.saturating_sub(100) + two_digits
        } else if ahead <= -50 {
            century + 100 + two_digits
        } else {
            century + two_digits
        }
    }
}

/// One day of the Gregorian calendar; always a day that exists. Written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// `None` when the day does not exist (29 February of a common year, month 13, day 0).
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        if month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || year > 9999 {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// The last day of a month.
    #[must_use]
    pub const fn last_of_month(year: u16, month: u8) -> Option<Self> {
        Self::new(year, month, days_in_month(year, month))
    }

    /// The `ordinal`-th day of a year, 1 January being 1 (labels call this a Julian date).
    #[must_use]
    pub fn from_ordinal(year: u16, ordinal: u16) -> Option<Self> {
        let mut left = ordinal;
        for month in 1..=12u8 {
            let length = u16::from(days_in_month(year, month));
            if left <= length {
                return Self::new(year, month, u8::try_from(left).ok()?);
            }
            left -= length;
        }
        None
    }

    /// The full year.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Six digits `YYMMDD`; the century is lost, as on a label.
    #[must_use]
    pub fn yymmdd(self) -> String {
        format!("{:02}{:02}{:02}", self.year % 100, self.month, self.day)
    }

    /// Reads `YYMMDD`. Day 00 is the last day of the month when `day_zero` is allowed.
    pub(super) fn from_yymmdd(text: &str, today: Today, day_zero: bool) -> Option<Self> {
        let [yy, month, day] = pairs(text)?;
        Self::of_parts(today.full_year(yy.into()), month, day, day_zero)
    }

    /// Reads `MMDDYY`.
    pub(super) fn from_mmddyy(text: &str, today: Today) -> Option<Self> {
        let [month, day, yy] = pairs(text)?;
        Self::new(today.full_year(yy.into()), month, day)
    }

    /// Reads `YYYYMMDD`.
    pub(super) fn from_yyyymmdd(text: &str) -> Option<Self> {
        if text.len() != 8 {
            return None;
        }
        let [month, day] = pairs(text.get(4..)?)?;
        Self::new(digits(text.get(..4)?)?, month, day)
    }

    /// Reads `YYJJJ`, a two-digit year and a day of the year.
    pub(super) fn from_yyjjj(text: &str, today: Today) -> Option<Self> {
        if text.len() != 5 {
            return None;
        }
        Self::from_ordinal(today.full_year(digits(text.get(..2)?)?), digits(text.get(2..)?)?)
    }

    fn of_parts(year: u16, month: u8, day: u8, day_zero: bool) -> Option<Self> {
        if day == 0 && day_zero { Self::last_of_month(year, month) } else { Self::new(year, month, day) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The text is not `YYYY-MM-DD` or names a day that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a calendar day written YYYY-MM-DD")]
pub struct NotADay(String);

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        let refuse = || NotADay(text.to_owned());
        let compact: String = match text.as_bytes() {
            [_, _, _, _, b'-', _, _, b'-', _, _] => text.replace('-', ""),
            _ => return Err(refuse()),
        };
        Self::from_yyyymmdd(&compact).ok_or_else(refuse)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One month, for labels that give an expiry without a day. Written `YYYY-MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: u16,
    month: u8,
}

impl Month {
    /// Reads `MMYY`.
    pub(super) fn from_mmyy(text: &str, today: Today) -> Option<Self> {
        let [month, yy] = pairs(text)?;
        (1..=12).contains(&month).then(|| Self { year: today.full_year(yy.into()), month })
    }

    /// The last day of the month: what an expiry without a day means.
    #[must_use]
    pub const fn last_day(self) -> Day {
        Day { year: self.year, month: self.month, day: days_in_month(self.year, self.month) }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// A run of decimal digits as a number; `None` for anything else, signs and blanks included.
pub(super) fn digits(text: &str) -> Option<u16> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// `N` numbers of two digits each.
fn pairs<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut numbers = [0u8; N];
    for (number, pair) in numbers.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *number = (pair[0] - b'0') * 10 + (pair[1] - b'0');
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_century_slides_with_the_year_of_reading() {
        let today = Today::from_year(2026);
        assert_eq!(today.full_year(76), 2076);
        assert_eq!(today.full_year(77), 1977);
        assert_eq!(today.full_year(0), 2000);
        let late = Today::from_year(2098);
        assert_eq!(late.full_year(48), 2148);
        assert_eq!(late.full_year(49), 2049);
    }

    #[test]
    fn only_days_that_exist() {
        assert_eq!(Day::new(2029, 2, 29), None);
        assert_eq!(Day::new(1900, 2, 29), None);
        assert!(Day::new(2000, 2, 29).is_some());
        assert_eq!(Day::from_ordinal(2027, 366), None);
        assert_eq!(Day::from_ordinal(2028, 366), Day::new(2028, 12, 31));
        assert_eq!(Day::from_ordinal(2028, 0), None);
        assert!("2026-13-01".parse::<Day>().is_err());
        assert!("2026-1-01".parse::<Day>().is_err());
        assert_eq!("2026-01-31".parse::<Day>().ok(), Day::new(2026, 1, 31));
    }
}

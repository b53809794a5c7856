//! Calendar dates as clauses and inventories write them, always as a span of days: a month is a span too.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What happened on a date. A clause about one kind says nothing about another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateKind {
    /// The device was made.
    Manufactured,
    /// The device was shipped, sold or delivered.
    Distributed,
    /// The software or the product was released.
    Released,
    /// A date without a word on what happened. In a clause: manufacture or release; in a fact: the kind asked for.
    Unnamed,
}

impl fmt::Display for DateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manufactured => "date of manufacture",
            Self::Distributed => "date of distribution",
            Self::Released => "date of release",
            Self::Unnamed => "date of manufacture or release",
        })
    }
}

/// A day, a month or a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Date {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
    /// Written as 3/4/2024: the United States order is meant, but the other one cannot be ruled out.
    swappable: bool,
}

/// A day as one comparable number.
pub(crate) type Day = (u16, u8, u8);

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

impl Date {
    /// An ISO 8601 calendar date (`2018-04-19`, `2018-04`, `2018`), a time behind the day ignored.
    #[must_use]
    pub fn iso(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = match text.split_once(['T', ' ']) {
            Some((day, time)) if day.len() == 10 && time.starts_with(|c: char| c.is_ascii_digit()) => day,
            Some(_) => return None,
            None => text,
        };
        let mut fields = text.split('-');
        let year = digits(fields.next()?, 4)?;
        let month = fields.next().map(|field| digits(field, 2));
        let day = fields.next().map(|field| digits(field, 2));
        if fields.next().is_some() || month == Some(None) || day == Some(None) {
            return None;
        }
        let small = |field: Option<Option<u16>>| field.flatten().and_then(|value| u8::try_from(value).ok());
        Self::new(year, small(month), small(day))
    }

    pub(crate) fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        let sound = (1900..=2200).contains(&year)
            && month.is_none_or(|month| (1..=12).contains(&month))
            && match (month, day) {
                (_, None) => true,
                (Some(month), Some(day)) => day >= 1 && day <= month_length(year, month),
                (None, Some(_)) => false,
            };
        sound.then_some(Self { year, month, day, swappable: false })
    }

    /// `8/30/2024`: month, day, year; remembers when day and month could be the other way round.
    pub(crate) fn slashed(text: &str) -> Option<Self> {
        let mut fields = text.split('/');
        let first = short(fields.next()?)?;
        let second = short(fields.next()?)?;
        let year = digits(fields.next()?, 4)?;
        if fields.next().is_some() {
            return None;
        }
        match Self::new(year, Some(first), Some(second)) {
            Some(date) => Some(Self { swappable: first != second && second <= 12, ..date }),
            None => Self::new(year, Some(second), Some(first)),
        }
    }

    /// The first and the last day it can mean, once for each way to read it.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (Day, Day)> + use<> {
        let this = *self;
        let span = |month: Option<u8>, day: Option<u8>| {
            let last_month = month.unwrap_or(12);
            let last_day = day.unwrap_or_else(|| month_length(this.year, last_month));
            ((this.year, month.unwrap_or(1), day.unwrap_or(1)), (this.year, last_month, last_day))
        };
        let other = this.swappable.then(|| span(this.day, this.month));
        std::iter::once(span(this.month, this.day)).chain(other)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.month, self.day) {
            (Some(month), Some(day)) if self.swappable => write!(f, "{month}/{day}/{}", self.year),
            (Some(month), Some(day)) => write!(f, "{}-{month:02}-{day:02}", self.year),
            (Some(month), None) => write!(f, "{}-{month:02}", self.year),
            _ => write!(f, "{}", self.year),
        }
    }
}

/// The number of an English month name, full or cut to three letters or more ("Sept").
pub(crate) fn month_named(word: &str) -> Option<u8> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    if word.len() < 3 {
        return None;
    }
    let at = MONTHS.iter().position(|name| name.starts_with(&word))?;
    u8::try_from(at + 1).ok()
}

/// One or two digits.
pub(crate) fn short(text: &str) -> Option<u8> {
    if matches!(text.len(), 1 | 2) {
        digits(text, text.len()).and_then(|value| u8::try_from(value).ok())
    } else {
        None
    }
}

/// Exactly `length` digits.
pub(crate) fn digits(text: &str, length: usize) -> Option<u16> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn month_length(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_real_dates() {
        for text in ["2018-04-19", "2018-04", "2018"] {
            assert_eq!(Date::iso(text).expect(text).to_string(), text);
        }
        assert_eq!(
            Date::iso("2018-04-19T10:00:00Z").map(|date| date.to_string()).as_deref(),
            Some("2018-04-19")
        );
        for text in
            ["2018-02-30", "2018-13-01", "18-01-01", "2018-1-1", "2018-01-01-01", "4.1", "", "2018-04 x"]
        {
            assert_eq!(Date::iso(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_slashed_date_remembers_its_second_reading() {
        assert_eq!(Date::slashed("8/30/2024").expect("a date").spans().count(), 1);
        assert_eq!(Date::slashed("8/3/2024").expect("a date").spans().count(), 2);
        assert_eq!(Date::slashed("3/3/2024").expect("a date").spans().count(), 1);
        assert_eq!(Date::slashed("30/8/2024").expect("a date").to_string(), "2024-08-30");
    }

    #[test]
    fn month_names_in_full_and_short() {
        assert_eq!(month_named("Sept."), Some(9));
        assert_eq!(month_named("july"), Some(7));
        assert_eq!(month_named("ju"), None);
        assert_eq!(month_named("J"), None);
    }
}

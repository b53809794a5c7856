//! The types of `vers` that belong to no packages: integers between dots, bytes, instants.

use super::compare_numbers;
use crate::date::Date;
use std::cmp::Ordering;

/// Integers between dots. Reading stops at the first other character.
pub(super) fn intdot(a: &str, b: &str) -> Option<Ordering> {
    Some(compare_numbers(&numbers(a)?, &numbers(b)?))
}

fn numbers(text: &str) -> Option<Vec<&str>> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let numbers: Vec<&str> = text[..end].trim_end_matches('.').split('.').collect();
    numbers.iter().all(|number| !number.is_empty()).then_some(numbers)
}

/// Bytes, as they stand.
pub(super) fn lexicographic(a: &str, b: &str) -> Option<Ordering> {
    let sound = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    (sound(a) && sound(b)).then(|| a.as_bytes().cmp(b.as_bytes()))
}

/// Instants of RFC 3339 section 5.6, whatever their offset.
pub(super) fn datetime(a: &str, b: &str) -> Option<Ordering> {
    Some(instant(a)?.cmp(&instant(b)?))
}

/// Seconds, with the digits of a fraction behind them.
fn instant(text: &str) -> Option<(i64, String)> {
    let day = days(text.get(..10)?)?;
    let rest = text.get(10..)?.strip_prefix(['T', 't'])?;
    let two = |at: usize| -> Option<i64> {
        let digits = rest.get(at..at + 2).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let colons = rest.get(2..3) == Some(":") && rest.get(5..6) == Some(":");
    let (hour, minute, second) = (two(0)?, two(3)?, two(6)?);
    if !colons || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut zone = rest.get(8..)?;
    let mut fraction = String::new();
    if let Some(behind) = zone.strip_prefix('.') {
        let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        fraction = behind[..end].trim_end_matches('0').to_owned();
        zone = behind.get(end..).filter(|_| end > 0)?;
    }
    let offset = offset(zone)?;
    Some((day * 86_400 + hour * 3600 + minute * 60 + second - offset, fraction))
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let two = |text: &str| -> Option<i64> {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Days since the first of March of the year 0, of a calendar day that exists.
fn days(text: &str) -> Option<i64> {
    Date::iso(text)?;
    let field = |from: usize, to: usize| -> Option<i64> { text.get(from..to)?.parse().ok() };
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let year = if month < 3 { year - 1 } else { year };
    let month = (month + 9) % 12;
    Some(
        year * 365 + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (month * 153 + 2) / 5
            + day,
    )
}

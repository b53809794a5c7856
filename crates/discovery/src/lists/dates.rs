//! Dates as lists write them.

/// Which of two numbers is the day when a date could be read both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// 31/12/2026.
    DayFirst,
    /// 12/31/2026.
    MonthFirst,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The ISO date of a cell, or `None` when it is no date. A time behind the date is dropped.
#[must_use]
pub fn iso_date(text: &str, order: DateOrder) -> Option<String> {
    let day_part = text.trim().split([' ', 'T']).next().unwrap_or_default();
    let whole =
        if day_part.contains(['-', '/', '.']) || day_part.len() == 8 { day_part } else { text.trim() };
    if whole.len() == 8 && whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return valid(whole[..4].parse().ok()?, whole[4..6].parse().ok()?, whole[6..].parse().ok()?);
    }
    let parts: Vec<&str> =
        whole.split(['-', '/', '.', ' ', ',']).filter(|part| !part.is_empty()).take(4).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    if let Some(month) = month_named(b) {
        return valid(year(c)?, month, a.parse().ok()?);
    }
    if let Some(month) = month_named(a) {
        return valid(year(c)?, month, b.parse().ok()?);
    }
    if a.len() == 4 {
        return valid(year(a)?, b.parse().ok()?, c.parse().ok()?);
    }
    let (first, second): (u8, u8) = (a.parse().ok()?, b.parse().ok()?);
    let dotted = whole.contains('.');
    let day_first = dotted || first > 12 || (second <= 12 && order == DateOrder::DayFirst);
    let (day, month) = if day_first { (first, second) } else { (second, first) };
    valid(year(c)?, month, day)
}

/// What a column's unambiguous dates say about the order; `None` when all could be read both ways.
pub fn order_of<'a>(cells: impl Iterator<Item = &'a str>) -> Option<DateOrder> {
    for cell in cells {
        let mut parts = cell.trim().split('/');
        let (Some(a), Some(b), Some(_)) = (parts.next(), parts.next(), parts.next()) else { continue };
        match (a.parse::<u8>(), b.parse::<u8>()) {
            (Ok(first), _) if first > 12 && first <= 31 => return Some(DateOrder::DayFirst),
            (_, Ok(second)) if second > 12 && second <= 31 => return Some(DateOrder::MonthFirst),
            _ => {}
        }
    }
    None
}

fn month_named(text: &str) -> Option<u8> {
    let lower = text.to_lowercase();
    let at = MONTHS.iter().position(|month| lower.starts_with(month))?;
    u8::try_from(at + 1).ok()
}

fn year(text: &str) -> Option<i16> {
    match (text.len(), text.parse::<i16>().ok()?) {
        (4, year) => Some(year),
        (2, short @ 0..=79) => Some(2000 + short),
        (2, short) => Some(1900 + short),
        _ => None,
    }
}

fn valid(year: i16, month: u8, day: u8) -> Option<String> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    ((1900..=2199).contains(&year) && (1..=last).contains(&day))
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_many_hands() {
        for (text, want) in [
            ("2024-03-05", "2024-03-05"),
            ("2024-03-05T10:00:00Z", "2024-03-05"),
            ("20240305", "2024-03-05"),
            ("5.3.2024", "2024-03-05"),
            ("03/05/2024 08:00", "2024-03-05"),
            ("13/05/2024", "2024-05-13"),
            ("05-Mar-24", "2024-03-05"),
            ("Mar 5, 2024", "2024-03-05"),
            ("5 March 2024", "2024-03-05"),
        ] {
            assert_eq!(iso_date(text, DateOrder::MonthFirst).as_deref(), Some(want), "{text}");
        }
        assert_eq!(iso_date("03/05/2024", DateOrder::DayFirst).as_deref(), Some("2024-05-03"));
        for text in ["31/02/2024", "soon", "", "1/2", "99999999", "2024"] {
            assert_eq!(iso_date(text, DateOrder::MonthFirst), None, "{text}");
        }
    }
}

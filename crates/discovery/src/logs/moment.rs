//! Moments as logs write them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tallyward_core::Timestamp;

/// Seconds since 1970 with a fraction, as `1732530000.123456`; read digit by digit, because a float would lose some.
pub(super) fn seconds(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty()
        || whole.len() > 12
        || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let micros = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
    let micros = micros.fold(0i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let whole: i64 = whole.parse().ok()?;
    Some(Timestamp::from_micros(whole * 1_000_000 + micros))
}

/// A span in seconds, as `86400.000000`, in whole seconds.
pub(super) fn span(text: &str) -> Option<i64> {
    seconds(text).map(Timestamp::seconds)
}

/// A civil moment in a zone. In the hour that comes twice, the first.
pub(super) fn civil(text: &str, layout: &str, zone: &TimeZone) -> Option<Timestamp> {
    let moment = DateTime::strptime(layout, text).ok()?;
    at(moment, zone)
}

/// A civil moment in a zone.
pub(super) fn at(moment: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let moment = zone.to_timestamp(moment).ok()?;
    Some(Timestamp::from_micros(moment.as_microsecond()))
}

/// A moment in any of the usual forms: seconds or milliseconds since 1970, RFC 3339, also with `+0000`, or a civil date with time in `zone`,
/// the month first where slashes part it.
pub(super) fn any(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    const WITH_OFFSET: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z"];
    const CIVIL: [&str; 6] = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%m/%d/%Y %I:%M:%S %p",
        "%m/%d/%Y %H:%M:%S",
        "%m/%d/%Y %H:%M",
        "%Y-%m-%d %H:%M",
    ];
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.len() {
        13 if digits => return text.parse::<i64>().ok().map(|millis| Timestamp::from_micros(millis * 1000)),
        0 => return None,
        _ => {}
    }
    if let Some(moment) = text.bytes().next().filter(u8::is_ascii_digit).and_then(|_| seconds(text)) {
        return (text.len() >= 10).then_some(moment);
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp::from_micros(moment.as_microsecond()));
    }
    let offset = WITH_OFFSET.iter().find_map(|layout| jiff::Timestamp::strptime(layout, text).ok());
    if let Some(moment) = offset {
        return Some(Timestamp::from_micros(moment.as_microsecond()));
    }
    CIVIL.iter().find_map(|layout| civil(text, layout, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_forms_are_one_moment() {
        let want: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
        let zone = TimeZone::get("America/Chicago").unwrap();
        let forms = [
            "1795600800",
            "1795600800.000000",
            "1795600800000",
            "2026-11-25T10:00:00Z",
            "2026-11-25T10:00:00.000000+0000",
            "2026-11-25T04:00:00-06:00",
            "2026-11-25 04:00:00",
            "11/25/2026 4:00:00 AM",
            "11/25/2026 04:00",
        ];
        for text in forms {
            assert_eq!(any(text, &zone), Some(want), "{text}");
        }
        for text in ["", "12", "yesterday", "2026-11-25", "99999999999999999999", "1.2.3"] {
            assert_eq!(any(text, &zone), None, "{text}");
        }
    }

    #[test]
    fn fractions_are_exact() {
        assert_eq!(seconds("1732530000.100001"), Some(Timestamp::from_micros(1_732_530_000_100_001)));
        assert_eq!(seconds("-1"), None);
    }
}

//! Times as people read them: relative, with the exact time of the site on hover and in print.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use tallyward_app::views::Moment;
use tallyward_core::Timestamp;

/// The site's time zone.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    zone: TimeZone,
}

impl Zone {
    /// The zone with this IANA name; UTC when there is none such (`doctor` complains about it).
    pub(crate) fn named(name: &str) -> Self {
        Self { zone: TimeZone::get(name).unwrap_or(TimeZone::UTC) }
    }

    /// `Mon 23 Nov 2026, 09:20 CST`.
    pub(crate) fn exact(&self, at: Timestamp) -> String {
        at.to_jiff().to_zoned_datetime(self.zone.clone()).strftime("%a %-d %b %Y, %H:%M %Z").to_string()
    }

    /// A `time` element: relative to `now`, exact on hover and in print.
    pub(crate) fn ago(&self, at: Moment, now: Timestamp) -> Markup {
        let exact = self.exact(at.0);
        html! {
            time datetime=(at.0) title=(exact) data-exact=(exact) { (relative(at.0, now)) }
        }
    }
}

/// `in 5 minutes`, `3 hours ago`, `12 days ago`.
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.seconds_since(at);
    let span = span(seconds.unsigned_abs());
    match (seconds, span) {
        (-59..=59, _) => "just now".to_owned(),
        (60.., span) => format!("{span} ago"),
        (_, span) => format!("in {span}"),
    }
}

/// `5 minutes`, `3 hours`, `12 days`, `4 months`, `2 years`.
pub(crate) fn span(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => return "less than a minute".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        172_800..5_184_000 => (seconds / 86_400, "day"),
        5_184_000..63_072_000 => ((seconds + 1_314_900) / 2_629_800, "month"),
        _ => ((seconds + 15_778_800) / 31_557_600, "year"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        let now: Timestamp = "2026-11-23T15:20:00Z".parse().unwrap();
        for (seconds, want) in [
            (5, "just now"),
            (-61, "in 1 minute"),
            (7_300, "2 hours ago"),
            (86_400 * 3, "3 days ago"),
            (86_400 * 61, "2 months ago"),
        ] {
            assert_eq!(relative(now.plus_seconds(-seconds), now), want);
        }
        assert_eq!(Zone::named("America/Chicago").exact(now), "Mon 23 Nov 2026, 09:20 CST");
        assert_eq!(Zone::named("No/Where").exact(now), "Mon 23 Nov 2026, 15:20 UTC");
    }
}

//! Times as people of the house read them.

use crate::App;
use tallyward_core::Timestamp;

impl App {
    /// The time zone of the house: that of logs which name none.
    #[must_use]
    pub fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.site.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }

    /// Day and time with the zone: `23 Nov, 15:04 CET`.
    pub(crate) fn local_time(&self, at: Timestamp) -> String {
        at.to_jiff().to_zoned_datetime(self.zone()).strftime("%-d %b, %H:%M %Z").to_string()
    }

    /// The day: `Monday, 23 November 2026`.
    pub(crate) fn local_day(&self, at: Timestamp) -> String {
        at.to_jiff().to_zoned_datetime(self.zone()).strftime("%A, %-d %B %Y").to_string()
    }
}

/// Whether this is the name of an IANA time zone.
#[must_use]
pub fn knows_time_zone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

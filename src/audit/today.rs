//! The wall clock, for what a report says and for the days of a baseline.

use chrono::{Datelike, SecondsFormat, Utc};
use toml::value::Date;

/// Now, RFC 3339 in UTC.
pub fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The day in UTC: a gate gives the same answer on every machine.
pub fn today() -> Date {
    let today = Utc::now().date_naive();
    Date { year: today.year() as u16, month: today.month() as u8, day: today.day() as u8 }
}

//! The label of the bucket of local time that an instant falls into (rule 20).

use almanac_model::{Instant, TimeUnit};
use jiff::tz::TimeZone;

/// The label: a date and time for minutes and hours, the first date for longer buckets.
pub(super) fn label(unit: TimeUnit, time: Instant, zone: &TimeZone) -> String {
    let local = zone.to_datetime(time.timestamp());
    let date = local.date();
    match unit {
        TimeUnit::Minute => format!("{date} {:02}:{:02}:00", local.hour(), local.minute()),
        TimeUnit::Hour => format!("{date} {:02}:00:00", local.hour()),
        TimeUnit::Day => date.to_string(),
        TimeUnit::Week => {
            let mut monday = date;
            while monday.weekday() != jiff::civil::Weekday::Monday {
                monday = monday.yesterday().unwrap_or(jiff::civil::Date::MIN);
            }
            monday.to_string()
        }
        TimeUnit::Month => date.first_of_month().to_string(),
    }
}

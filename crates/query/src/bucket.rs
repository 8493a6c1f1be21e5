//! Buckets of local time: the label of the one that an instant falls into, and the labels of all in
//! a range. A bucket is told from another by its label alone, so a repeated hour is one bucket.

use std::collections::BTreeSet;

use almanac_model::time::{SECOND_US, start_of_day};
use almanac_model::{Instant, TimeRange, TimeUnit};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The label of the bucket: `2025-03-30 01:00:00` for minutes and hours, the bucket's first date
/// for longer ones. Labels of one unit sort like the time they stand for.
pub fn label(unit: TimeUnit, time: Instant, zone: &TimeZone) -> String {
    let local = zone.to_datetime(time.timestamp());
    match unit {
        TimeUnit::Minute => {
            format!(
                "{} {:02}:{:02}:00",
                local.date(),
                local.hour(),
                local.minute()
            )
        }
        TimeUnit::Hour => format!("{} {:02}:00:00", local.date(), local.hour()),
        _ => first_date(unit, local.date()).to_string(),
    }
}

/// The labels of all buckets that some instant of the range falls into, in order.
pub fn labels(unit: TimeUnit, range: TimeRange, zone: &TimeZone) -> Vec<String> {
    if range.end <= range.start {
        return Vec::new();
    }
    let labels: BTreeSet<String> = match unit {
        TimeUnit::Minute => clock_labels(unit, range, zone, 60),
        // Zones are whole quarters of an hour away from UTC, so that every local hour, and every
        // piece of one beside a clock change, begins at a quarter of an hour.
        TimeUnit::Hour => clock_labels(unit, range, zone, 15 * 60),
        _ => date_labels(unit, range, zone),
    };
    labels.into_iter().collect()
}

/// About how long a bucket is, seconds; never longer than it is, so that counting buckets with it
/// never finds too few.
pub(crate) fn shortest_s(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 3_600,
        TimeUnit::Day => 23 * 3_600,
        TimeUnit::Week => 7 * 23 * 3_600,
        TimeUnit::Month => 28 * 23 * 3_600,
    }
}

fn clock_labels(
    unit: TimeUnit,
    range: TimeRange,
    zone: &TimeZone,
    step_s: i64,
) -> BTreeSet<String> {
    let step_us = step_s * SECOND_US;
    let mut labels = BTreeSet::from([label(unit, range.start, zone)]);
    let mut time = Instant((range.start.0.div_euclid(step_us) + 1) * step_us);
    while time < range.end {
        labels.insert(label(unit, time, zone));
        time = time.plus_us(step_us);
    }
    labels
}

fn date_labels(unit: TimeUnit, range: TimeRange, zone: &TimeZone) -> BTreeSet<String> {
    let last = range.end.plus_us(-1).local_day(zone);
    let mut labels = BTreeSet::new();
    let mut day = range.start.local_day(zone);
    while day <= last {
        // A zone that changes sides of the date line leaves out a day.
        if start_of_day(day, zone).local_day(zone) == day {
            labels.insert(first_date(unit, day).to_string());
        }
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    labels
}

fn first_date(unit: TimeUnit, day: Date) -> Date {
    match unit {
        TimeUnit::Week => {
            let since_monday = i64::from(day.weekday().to_monday_zero_offset());
            day.saturating_sub(since_monday.days())
        }
        TimeUnit::Month => day.first_of_month(),
        _ => day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn hours(zone: &str, day: Date) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        labels(TimeUnit::Hour, TimeRange::of_days(day, day, &zone), &zone)
    }

    #[test]
    fn missing_hours_have_no_label_and_repeated_ones_have_one() {
        let spring = hours("Europe/Berlin", date(2025, 3, 30));
        assert_eq!(spring.len(), 23);
        assert!(!spring.contains(&"2025-03-30 02:00:00".to_owned()));
        assert_eq!(hours("Europe/Berlin", date(2025, 10, 26)).len(), 24);
        assert_eq!(
            hours("America/Santiago", date(2024, 9, 8))[0],
            "2024-09-08 01:00:00"
        );
        // Half of the hour after 02:00 is missing.
        assert_eq!(hours("Australia/Lord_Howe", date(2025, 10, 5)).len(), 24);
    }

    #[test]
    fn a_missing_day_has_no_label() {
        let zone = TimeZone::get("Pacific/Apia").unwrap();
        let range = TimeRange::of_days(date(2011, 12, 29), date(2011, 12, 31), &zone);
        assert_eq!(
            labels(TimeUnit::Day, range, &zone),
            ["2011-12-29", "2011-12-31"]
        );
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let range = TimeRange::of_days(date(2025, 5, 31), date(2025, 6, 9), &zone);
        let weeks = labels(TimeUnit::Week, range, &zone);
        assert_eq!(weeks, ["2025-05-26", "2025-06-02", "2025-06-09"]);
        assert_eq!(
            labels(TimeUnit::Month, range, &zone),
            ["2025-05-01", "2025-06-01"]
        );
    }

    #[test]
    fn an_empty_range_has_no_labels() {
        let range = TimeRange {
            start: Instant(5),
            end: Instant(5),
        };
        assert!(labels(TimeUnit::Minute, range, &TimeZone::UTC).is_empty());
    }
}

//! Buckets of local time as numbers: computed from an instant by the zone's offsets, which are
//! looked up once per question, and turned into labels only for the rows of an answer.

use almanac_model::{Instant, TimeUnit};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::manifest::{day_number, day_of_number};

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
/// 1970-01-01 was this many days after a Monday.
const EPOCH_WEEKDAY: i32 = 3;

/// The offsets of a zone over a span of time.
#[derive(Debug)]
pub(super) struct Calendar {
    /// From which second since the epoch which offset in seconds holds; ascending.
    offsets: Vec<(i64, i64)>,
}

impl Calendar {
    /// The calendar of a zone between two instants in UTC microseconds.
    pub(super) fn new(zone: &TimeZone, (start, end): (i64, i64)) -> Self {
        let (start, end) = (Instant(start).timestamp(), Instant(end).timestamp());
        let offset_at = |at: Timestamp| i64::from(zone.to_offset(at).seconds());
        let changes = zone
            .following(start)
            .take_while(|change| change.timestamp() <= end);
        let changes = changes.map(|change| {
            (
                change.timestamp().as_second(),
                i64::from(change.offset().seconds()),
            )
        });
        Self {
            offsets: std::iter::once((i64::MIN, offset_at(start)))
                .chain(changes)
                .collect(),
        }
    }

    /// The bucket of an instant, as a code that is larger for later buckets when read as `i32`.
    pub(super) fn bucket(&self, unit: TimeUnit, time: Instant) -> u32 {
        let second = time.seconds();
        let at = self.offsets.partition_point(|(from, _)| *from <= second);
        let local_s = second + self.offsets[at.saturating_sub(1)].1;
        let day = local_s.div_euclid(DAY_S) as i32;
        let number = match unit {
            TimeUnit::Minute => local_s.div_euclid(MINUTE_S) as i32,
            TimeUnit::Hour => local_s.div_euclid(HOUR_S) as i32,
            TimeUnit::Day => day,
            TimeUnit::Week => day - (day + EPOCH_WEEKDAY).rem_euclid(7),
            TimeUnit::Month => {
                day_of_number(day).map_or(day, |date| day_number(date.first_of_month()))
            }
        };
        number.cast_unsigned()
    }
}

/// The label of a bucket: `2025-03-30 01:00:00` for minutes and hours, `2025-03-30` for longer
/// ones.
pub(super) fn label(unit: TimeUnit, bucket: u32) -> String {
    let number = i64::from(bucket.cast_signed());
    let length_s = match unit {
        TimeUnit::Minute => MINUTE_S,
        TimeUnit::Hour => HOUR_S,
        _ => DAY_S,
    };
    let local_s = number * length_s;
    let date = day_of_number(local_s.div_euclid(DAY_S) as i32).unwrap_or(jiff::civil::Date::ZERO);
    let second = local_s.rem_euclid(DAY_S);
    match unit {
        TimeUnit::Minute | TimeUnit::Hour => {
            format!(
                "{date} {:02}:{:02}:00",
                second / HOUR_S,
                second % HOUR_S / MINUTE_S
            )
        }
        _ => date.to_string(),
    }
}

/// Whether every event of a local day falls into one bucket of the unit.
pub(super) fn is_constant_over_a_day(unit: TimeUnit) -> bool {
    !matches!(unit, TimeUnit::Minute | TimeUnit::Hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The label of an instant in a zone.
    fn check(zone: &str, instant: &str, unit: TimeUnit, expected: &str) {
        let zone = TimeZone::get(zone).unwrap();
        let instant = Instant::from(instant.parse::<Timestamp>().unwrap());
        let around = 400 * DAY_S * 1_000_000;
        let calendar = Calendar::new(&zone, (instant.0 - around, instant.0 + around));
        assert_eq!(label(unit, calendar.bucket(unit, instant)), expected);
    }

    #[test]
    fn buckets_are_told_apart_by_their_local_label() {
        check(
            "UTC",
            "1969-12-31T23:59:59.9Z",
            TimeUnit::Minute,
            "1969-12-31 23:59:00",
        );
        check(
            "Asia/Kolkata",
            "2025-06-01T18:30:00Z",
            TimeUnit::Hour,
            "2025-06-02 00:00:00",
        );
        check(
            "Asia/Kolkata",
            "2025-06-01T18:29:59Z",
            TimeUnit::Week,
            "2025-05-26",
        );
        check("UTC", "2024-02-29T12:00:00Z", TimeUnit::Month, "2024-02-01");
    }

    #[test]
    fn an_hour_that_comes_twice_is_one_bucket() {
        check(
            "Europe/Berlin",
            "2025-10-26T00:30:00Z",
            TimeUnit::Hour,
            "2025-10-26 02:00:00",
        );
        check(
            "Europe/Berlin",
            "2025-10-26T01:30:00Z",
            TimeUnit::Hour,
            "2025-10-26 02:00:00",
        );
        check(
            "Europe/Berlin",
            "2025-10-26T02:30:00Z",
            TimeUnit::Hour,
            "2025-10-26 03:00:00",
        );
    }
}

//! Instants and ranges in UTC microseconds, and the local calendar of a project. A zone is applied
//! only where a day partition is chosen and where a question is built. No clock is read here: a
//! `Clock` is a function that somebody else supplies.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Instant(pub i64);

/// Supplies the present. The server passes the system's clock, tests pass their own.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// Microseconds in a second.
pub const SECOND_US: i64 = 1_000_000;

impl Instant {
    /// The instant that many whole seconds after the epoch.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND_US))
    }

    /// Whole seconds since the epoch, rounded towards the past. Gaps inside a visit are compared in
    /// these.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND_US)
    }

    /// This instant moved by `us` microseconds (negative: into the past), saturating.
    pub fn plus_us(self, us: i64) -> Self {
        Self(self.0.saturating_add(us))
    }

    /// The same point in time as a calendar library value; instants outside its range (years −9999
    /// to 9999) become its nearest end.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// The local calendar day in `zone` on which this instant falls.
    pub fn local_day(self, zone: &TimeZone) -> Date {
        zone.to_datetime(self.timestamp()).date()
    }
}

impl From<jiff::Timestamp> for Instant {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

/// The first instant of a local day. Where midnight does not exist because clocks moved forward
/// over it, the day begins at the next valid instant.
pub fn start_of_day(day: Date, zone: &TimeZone) -> Instant {
    // `start_of_day` fails only at the very ends of the calendar; the epoch-side end stands in.
    day.to_zoned(zone.clone())
        .and_then(|zoned| zoned.start_of_day())
        .map_or(Instant(i64::MAX), |zoned| Instant::from(zoned.timestamp()))
}

/// A half-open span of time: `start` is inside, `end` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// The first instant inside.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
}

impl TimeRange {
    /// Whether the instant lies inside.
    pub fn contains(&self, instant: Instant) -> bool {
        self.start <= instant && instant < self.end
    }

    /// The range of whole local days from `first` to `last`, both included.
    pub fn of_days(first: Date, last: Date, zone: &TimeZone) -> Self {
        let after = last.tomorrow().unwrap_or(last);
        Self {
            start: start_of_day(first, zone),
            end: start_of_day(after, zone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_midnight_starts_the_day_at_the_next_valid_instant() {
        // Santiago moved its clocks from 24:00 to 01:00 on 2024-09-08.
        let zone = TimeZone::get("America/Santiago").unwrap();
        let day = jiff::civil::date(2024, 9, 8);
        let start = start_of_day(day, &zone);
        assert_eq!(start.timestamp().to_string(), "2024-09-08T04:00:00Z");
        assert_eq!(start.local_day(&zone), day);
        assert_eq!(
            start.plus_us(-1).local_day(&zone),
            jiff::civil::date(2024, 9, 7)
        );
    }

    #[test]
    fn a_day_with_a_repeated_hour_lasts_25_hours() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let day = jiff::civil::date(2025, 10, 26);
        let range = TimeRange::of_days(day, day, &zone);
        assert_eq!(range.end.seconds() - range.start.seconds(), 25 * 3600);
    }

    #[test]
    fn instants_before_the_epoch_round_towards_the_past() {
        assert_eq!(Instant(-1).seconds(), -1);
    }
}

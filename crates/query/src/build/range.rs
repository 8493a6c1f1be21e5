//! From words and dates to instants in the project's zone (rules 21 and 22), and the bucket of time
//! that fits a range.

use almanac_model::time::{SECOND_US, start_of_day};
use almanac_model::{Instant, TimeRange, TimeUnit};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::Facts;
use crate::limits;
use crate::parse::{CompareMode, Comparing, DateRange, Moment};
use crate::refusal::{Pointer, Refusal};

const HOUR_US: i64 = 3_600 * SECOND_US;
const DAY_US: i64 = 24 * HOUR_US;

/// A range of time, and whether it is made of whole local days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The range.
    pub range: TimeRange,
    /// Its first and last local day, when it is made of whole ones.
    pub days: Option<(Date, Date)>,
}

pub(crate) fn resolve(
    asked: &DateRange,
    zone: &TimeZone,
    facts: Facts,
    at: &Pointer,
) -> Result<Span, Refusal> {
    let today = facts.now.local_day(zone);
    let yesterday = today.saturating_sub(1.day());
    let days = |first: Date, last: Date| of_days(first, last, zone);
    let span = match asked {
        DateRange::Today => days(today, today),
        DateRange::Last24Hours => of_moments(facts.now.plus_us(-DAY_US), facts.now),
        DateRange::Days(count) => days(today.saturating_sub(count.days()), yesterday),
        DateRange::ThisMonth => days(today.first_of_month(), today),
        DateRange::Months(count) => {
            let this_month = today.first_of_month();
            days(
                this_month.saturating_sub(count.months()),
                this_month.saturating_sub(1.day()),
            )
        }
        DateRange::ThisYear => days(today.first_of_year(), today),
        DateRange::All => {
            let first = facts
                .first_event
                .map_or(today, |first| first.local_day(zone));
            let earliest = today.saturating_sub((limits::PRESET_DAYS_MAX - 1).days());
            days(first.clamp(earliest, today), today)
        }
        DateRange::Dates(first, last) => days(*first, *last),
        DateRange::Moments(start, end) => of_moments(instant(*start, zone), instant(*end, zone)),
    };
    if span.range.end < span.range.start
        || (span.days.is_none() && span.range.end == span.range.start)
    {
        return Err(Refusal::new(
            at,
            "ends before it starts, or at once; swap its two ends",
        ));
    }
    let length_us = span.range.end.0.saturating_sub(span.range.start.0);
    if length_us > (limits::PRESET_DAYS_MAX + 1) * DAY_US {
        let years = limits::RANGE_YEARS_MAX;
        return Err(Refusal::new(
            at,
            format!("is longer than {years} years; ask for less"),
        ));
    }
    Ok(span)
}

/// The other time that a question is compared with.
pub(crate) fn compared(
    comparing: &Comparing,
    main: Span,
    zone: &TimeZone,
    facts: Facts,
) -> Result<Span, Refusal> {
    let other = match &comparing.mode {
        CompareMode::Custom(range) => {
            let at = Pointer::root()
                .key("include")
                .key("comparisons")
                .key("date_range");
            return resolve(range, zone, facts, &at);
        }
        CompareMode::PreviousPeriod => before(main, zone),
        CompareMode::YearOverYear => moved(main, zone, |local| local.saturating_sub(1.year())),
    };
    if !comparing.match_day_of_week {
        return Ok(other);
    }
    let wanted = main.range.start.local_day(zone).weekday();
    let found = other.range.start.local_day(zone).weekday();
    // From three days back to three days on: the nearest day of the same name.
    let ahead = i64::from(wanted.since(found));
    let shift = if ahead > 3 { ahead - 7 } else { ahead };
    Ok(moved(other, zone, |local| {
        local.saturating_add(shift.days())
    }))
}

/// Rule 28: buckets that make between a few and about a hundred points.
pub(crate) fn fitting_unit(span: Span) -> TimeUnit {
    let length_us = span.range.end.0 - span.range.start.0;
    match length_us {
        ..=HOUR_US => TimeUnit::Minute,
        // Two days, one of which may have an hour more.
        _ if length_us <= 2 * DAY_US + HOUR_US => TimeUnit::Hour,
        _ if length_us <= 92 * DAY_US + HOUR_US => TimeUnit::Day,
        _ => TimeUnit::Month,
    }
}

fn of_days(first: Date, last: Date, zone: &TimeZone) -> Span {
    Span {
        range: TimeRange::of_days(first, last, zone),
        days: Some((first, last)),
    }
}

fn of_moments(start: Instant, end: Instant) -> Span {
    Span {
        range: TimeRange { start, end },
        days: None,
    }
}

fn instant(moment: Moment, zone: &TimeZone) -> Instant {
    match moment {
        Moment::Fixed(timestamp) => Instant::from(timestamp),
        Moment::Local(local) => at_local(local, zone),
    }
}

/// The instant of a local time; one that clocks skipped is the same distance after the gap's start.
fn at_local(local: DateTime, zone: &TimeZone) -> Instant {
    local.to_zoned(zone.clone()).map_or_else(
        |_| start_of_day(local.date(), zone),
        |zoned| zoned.timestamp().into(),
    )
}

/// The same length just before: local days for whole days, time otherwise.
fn before(main: Span, zone: &TimeZone) -> Span {
    match main.days {
        Some((first, last)) => {
            let count = (last - first).get_days() + 1;
            of_days(
                first.saturating_sub(count.days()),
                first.saturating_sub(1.day()),
                zone,
            )
        }
        None => {
            let TimeRange { start, end } = main.range;
            of_moments(start.plus_us(start.0.saturating_sub(end.0)), start)
        }
    }
}

/// The span with both ends moved in the local calendar.
fn moved(span: Span, zone: &TimeZone, step: impl Fn(DateTime) -> DateTime) -> Span {
    match span.days {
        Some((first, last)) => {
            let day = |date: Date| step(date.at(0, 0, 0, 0)).date();
            of_days(day(first), day(last), zone)
        }
        None => {
            let end =
                |instant: Instant| at_local(step(zone.to_datetime(instant.timestamp())), zone);
            of_moments(end(span.range.start), end(span.range.end))
        }
    }
}

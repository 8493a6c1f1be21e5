//! Days as numbers: weekday, month and year of a day counted from 1970-01-01, in the proleptic
//! Gregorian calendar. No time zone and no clock: which day it is, the caller says.

/// 1970-01-01 was a Thursday; weeks begin on Monday.
const EPOCH_WEEKDAY: i64 = 3;
/// Days of the 400 years after which the calendar repeats.
const CYCLE_DAYS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT_DAYS: i64 = 719_468;

/// A date of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// Year, negative before the year 0.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

/// Weekday of a day, 0 for Monday to 6 for Sunday.
pub fn weekday(day: i64) -> usize {
    (day + EPOCH_WEEKDAY).rem_euclid(7) as usize
}

/// The date of a day since 1970-01-01; the algorithm counts years from March, so that a leap day is
/// the last of its year (Hinnant, *chrono-compatible low-level date algorithms*, 2013).
pub fn date(day: i64) -> Date {
    let shifted = day + EPOCH_SHIFT_DAYS;
    let cycle = shifted.div_euclid(CYCLE_DAYS);
    let of_cycle = shifted.rem_euclid(CYCLE_DAYS);
    let leap_days = of_cycle / 1_460 - of_cycle / 36_524 + of_cycle / (CYCLE_DAYS - 1);
    let year_of_cycle = (of_cycle - leap_days) / 365;
    let of_year = of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    Date {
        year: cycle * 400 + year_of_cycle + i64::from(month <= 2),
        month: month as u8,
        day: day_of_month as u8,
    }
}

/// The day since 1970-01-01 of a date of the calendar; the inverse of [`date`], by the same
/// algorithm. A day beyond the end of its month counts on into the next one.
pub fn of_date(date: Date) -> i64 {
    let month = i64::from(date.month);
    let year = date.year - i64::from(month <= 2);
    let (cycle, year_of_cycle) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let of_year = (153 * month_from_march + 2) / 5 + i64::from(date.day) - 1;
    let of_cycle = 365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100 + of_year;
    cycle * CYCLE_DAYS + of_cycle - EPOCH_SHIFT_DAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        for (day, expected) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (20_778, (2026, 11, 21)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            let found = date(day);
            assert_eq!((found.year, found.month, found.day), expected, "{day}");
            assert_eq!(of_date(found), day);
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        assert_eq!(weekday(0), 3);
        assert_eq!(weekday(4), 0);
        assert_eq!(weekday(-1), 2);
    }
}

//! Missing data where nothing measured is written as zero: counts of events by hour or day have no
//! gaps, so a stretch of zeros is held against the same hours of the weeks before. Quiet nights
//! stay quiet; a site that always had somebody at this time has not.

use super::describe::{Anomaly, Kind, Severity};

/// Weeks that a stretch is held against; the quietest one counts.
const WEEKS: usize = 3;
/// Fewest of them that must be there.
const WEEKS_MIN: usize = 2;
/// Events that the quietest week must have had in such a stretch. Without memory of each other,
/// twenty expected events stay away once in 5 · 10⁸ times.
const EVENTS_MIN: f64 = 20.0;

/// Stretches of zeros that are no rest, oldest first. Measurements are evenly spaced, `week_steps`
/// to a week.
pub fn silences(measurements: &[(i64, f64)], week_steps: usize) -> Vec<Anomaly> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < measurements.len() {
        let length = measurements[at..]
            .iter()
            .take_while(|(_, value)| *value == 0.0)
            .count();
        if length > 0 {
            found.extend(silence(measurements, at, length, week_steps));
        }
        at += length.max(1);
    }
    found
}

/// The anomaly of one stretch, if it is one.
fn silence(
    measurements: &[(i64, f64)],
    start: usize,
    length: usize,
    week_steps: usize,
) -> Option<Anomaly> {
    let week = |back: usize| -> Option<&[(i64, f64)]> {
        let from = start.checked_sub(back * week_steps)?;
        measurements.get(from..from + length)
    };
    // A silence of more than a week would be held against itself.
    let weeks: Vec<&[(i64, f64)]> = (1..=WEEKS).filter_map(week).collect();
    if weeks.len() < WEEKS_MIN || length > week_steps {
        return None;
    }
    let events = |week: &&[(i64, f64)]| week.iter().map(|(_, value)| value).sum::<f64>();
    let fewest = weeks.iter().map(events).fold(f64::INFINITY, f64::min);
    if fewest < EVENTS_MIN {
        return None;
    }
    let most = weeks.iter().map(events).fold(0.0, f64::max);
    Some(Anomaly {
        start: measurements[start].0,
        end: measurements[start + length - 1].0,
        kind: Kind::Missing,
        severity: Severity::Severe,
        score: 1.0,
        value: None,
        low: fewest / length as f64,
        high: most / length as f64,
        is_level_shift: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK_HOURS: usize = 168;

    /// Busy days and silent nights.
    fn hours(count: usize) -> Vec<(i64, f64)> {
        (0..count)
            .map(|at| (at as i64 * 3_600, if at % 24 < 8 { 0.0 } else { 6.0 }))
            .collect()
    }

    #[test]
    fn a_silent_day_is_missing_and_a_silent_night_is_not() {
        let mut measurements = hours(4 * WEEK_HOURS);
        assert_eq!(silences(&measurements, WEEK_HOURS), []);
        let first = 3 * WEEK_HOURS + 10;
        for hour in &mut measurements[first..first + 6] {
            hour.1 = 0.0;
        }
        let found = silences(&measurements, WEEK_HOURS);
        assert_eq!(found.len(), 1, "{found:?}");
        let (start, end) = (first as i64 * 3_600, (first as i64 + 5) * 3_600);
        assert_eq!((found[0].start, found[0].end), (start, end));
        assert_eq!((found[0].low, found[0].high), (6.0, 6.0));
        // Two hours could be chance: twelve events are not enough to tell.
        let mut short = hours(4 * WEEK_HOURS);
        short[first].1 = 0.0;
        short[first + 1].1 = 0.0;
        assert_eq!(silences(&short, WEEK_HOURS), []);
    }

    #[test]
    fn without_weeks_before_it_nothing_is_missing() {
        let mut measurements = hours(WEEK_HOURS + 40);
        for hour in &mut measurements[WEEK_HOURS..] {
            hour.1 = 0.0;
        }
        assert_eq!(silences(&measurements, WEEK_HOURS), []);
        assert_eq!(silences(&[], WEEK_HOURS), []);
    }
}

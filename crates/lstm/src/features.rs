//! What the network knows about a day: its value, its place in week and year, whether it is a
//! holiday, and the values of days before it. A day's row never uses a later day.

use almanac_insights::day;
use almanac_insights::forecast::Sample;
use almanac_insights::numeric::order;

const WEEKDAYS: usize = 7;
const MONTHS: usize = 12;
/// Days of the rolling means.
const MEANS: [usize; 3] = [7, 14, 30];
/// Days that lagged values lie back.
const LAGS: [usize; 3] = [1, 7, 14];
/// Numbers of a row.
pub const COUNT: usize = 1 + WEEKDAYS + MONTHS + 1 + MEANS.len() + LAGS.len();

/// Centre and spread by which values are scaled, learnt from the training part alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Mean of the values on the log scale.
    pub centre: f64,
    /// Their standard deviation; 1 where they do not vary.
    pub spread: f64,
}

impl Scale {
    /// Of these values.
    pub fn of(values: &[f64]) -> Scale {
        let spread = order::variance(values).sqrt();
        Scale {
            centre: order::mean(values),
            spread: if spread > 0.0 { spread } else { 1.0 },
        }
    }

    /// To the scale of the network.
    pub fn apply(self, value: f64) -> f64 {
        (value - self.centre) / self.spread
    }

    /// And back.
    pub fn undo(self, value: f64) -> f64 {
        value * self.spread + self.centre
    }
}

/// One row for each day of the sample. Where there are too few days before it, a mean takes those
/// there are, and a lag the first.
pub fn rows(sample: &Sample<'_>, scale: Scale) -> Vec<[f32; COUNT]> {
    let scaled: Vec<f64> = sample
        .values
        .iter()
        .map(|value| scale.apply(*value))
        .collect();
    (0..scaled.len())
        .map(|at| row(sample, &scaled[..=at]))
        .collect()
}

/// The row of the last of these days.
fn row(sample: &Sample<'_>, until: &[f64]) -> [f32; COUNT] {
    let at = until.len() - 1;
    let today = sample.first_step + at as i64;
    let mut row = [0.0; COUNT];
    row[0] = until[at] as f32;
    row[1 + day::weekday(today)] = 1.0;
    let month = usize::from(day::date(today).month);
    row[WEEKDAYS + month] = 1.0;
    let mut next = 1 + WEEKDAYS + MONTHS;
    row[next] = f32::from(u8::from(sample.is_holiday(at)));
    for days in MEANS {
        next += 1;
        row[next] = order::mean(&until[until.len().saturating_sub(days)..]) as f32;
    }
    for days in LAGS {
        next += 1;
        row[next] = until[at.saturating_sub(days)] as f32;
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample<'a>(values: &'a [f64], holidays: &'a [i64]) -> Sample<'a> {
        Sample {
            values,
            first_step: 20_778,
            season: 7,
            is_daily: true,
            holidays,
        }
    }

    #[test]
    fn a_row_says_what_is_known_of_its_day() {
        let values: Vec<f64> = (0..40).map(f64::from).collect();
        let scale = Scale {
            centre: 0.0,
            spread: 1.0,
        };
        // 20,778 is Saturday, 21 November 2026.
        let rows = rows(&sample(&values, &[20_778 + 39]), scale);
        let first = &rows[0];
        assert_eq!((first[0], first[1 + 5], first[7 + 11]), (0.0, 1.0, 1.0));
        assert_eq!(first.iter().filter(|x| **x != 0.0).count(), 2);
        let last = &rows[39];
        assert_eq!(last[0], 39.0);
        assert_eq!(last[20..], [1.0, 36.0, 32.5, 24.5, 38.0, 32.0, 25.0]);
    }

    #[test]
    fn the_future_changes_no_row_of_the_past() {
        let values: Vec<f64> = (0..80).map(|at| f64::from(at * 37 % 11)).collect();
        let mut changed = values.clone();
        for value in &mut changed[50..] {
            *value = 1e6;
        }
        let scale = Scale::of(&values[..50]);
        assert_eq!(scale, Scale::of(&changed[..50]));
        let (before, after) = (
            rows(&sample(&values, &[]), scale),
            rows(&sample(&changed, &[]), scale),
        );
        assert_eq!(before[..50], after[..50]);
        assert_ne!(before[50], after[50]);
    }

    #[test]
    fn scaling_can_be_undone_and_bears_a_constant() {
        let scale = Scale::of(&[1.0, 2.0, 6.0]);
        assert!((scale.undo(scale.apply(4.2)) - 4.2).abs() < 1e-12);
        assert_eq!(Scale::of(&[3.0; 9]).apply(3.0), 0.0);
    }
}

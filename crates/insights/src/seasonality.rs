//! How a series repeats: the usual distance of each position of a cycle from the level around it,
//! and how much of the variation that explains. Medians throughout, so that a single day does not
//! become a habit. Cycles of unknown length are not searched for.

use crate::day;
use crate::numeric::order;

/// Cycles needed for a profile.
const CYCLES_MIN: usize = 2;
const MONTHS: usize = 12;
/// Days of history for a profile of the year.
const YEAR_DAYS_MIN: usize = 730;
/// Days over which the level of a year is taken.
const YEAR_DAYS: usize = 365;

/// The shape of a cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Usual distance of each position from the level around it, in units of the values; their mean
    /// is 0.
    pub effects: Vec<f64>,
    /// Share of the variation about the level that the cycle explains, 0 to 1:
    /// max(0, 1 − Var(rest) / Var(cycle + rest)) (Wang, Smith & Hyndman, *Characteristic-based
    /// clustering for time series data*, 2006).
    pub strength: f64,
}

impl Profile {
    /// The effect at an index of the series that the profile was made from.
    pub fn effect(&self, at: usize) -> f64 {
        self.effects
            .get(at % self.effects.len().max(1))
            .copied()
            .unwrap_or(0.0)
    }
}

/// The cycle of `season` steps; position 0 is that of the first value. `None` where the series is
/// shorter than two cycles, the cycle shorter than two steps, or a value is no finite number.
pub fn profile(values: &[f64], season: usize) -> Option<Profile> {
    profile_of(values, season, season, |at| at % season.max(1))
}

/// The week; position 0 is Monday. `first_day` counts from 1970-01-01.
pub fn weekly(values: &[f64], first_day: i64) -> Option<Profile> {
    profile_of(values, 7, 7, |at| day::weekday(first_day + at as i64))
}

/// The year by month; position 0 is January. `None` for less than two years of days.
pub fn yearly(values: &[f64], first_day: i64) -> Option<Profile> {
    if values.len() < YEAR_DAYS_MIN {
        return None;
    }
    profile_of(values, YEAR_DAYS, MONTHS, |at| {
        usize::from(day::date(first_day + at as i64).month) - 1
    })
}

fn profile_of(
    values: &[f64],
    cycle: usize,
    positions: usize,
    position: impl Fn(usize) -> usize,
) -> Option<Profile> {
    if cycle < 2 || values.len() < CYCLES_MIN * cycle || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let distances: Vec<(usize, f64)> = levels(values, cycle)
        .into_iter()
        .map(|(at, level)| (position(at), values[at] - level))
        .collect();
    let mut effects: Vec<f64> = (0..positions)
        .map(|wanted| {
            let own: Vec<f64> = distances
                .iter()
                .filter(|(place, _)| *place == wanted)
                .map(|(_, distance)| *distance)
                .collect();
            order::median(&own)
        })
        .collect();
    let centre = order::mean(&effects);
    for effect in &mut effects {
        *effect -= centre;
    }
    let about: Vec<f64> = distances.iter().map(|(_, distance)| *distance).collect();
    let rest: Vec<f64> = distances
        .iter()
        .map(|(place, distance)| distance - effects[*place])
        .collect();
    let whole = order::variance(&about);
    let strength = if whole > 0.0 {
        (1.0 - order::variance(&rest) / whole).max(0.0)
    } else {
        0.0
    };
    Some(Profile { effects, strength })
}

/// Index and level wherever a whole cycle lies around it: the mean over it, the two ends of an even
/// one counting half.
fn levels(values: &[f64], cycle: usize) -> Vec<(usize, f64)> {
    let half = cycle / 2;
    (half..values.len() - half)
        .map(|at| {
            let window = &values[at - half..=at + half];
            let mut sum: f64 = window.iter().sum();
            if cycle.is_multiple_of(2) {
                sum -= 0.5 * (window[0] + window[cycle]);
            }
            (at, sum / cycle as f64)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_read_by_weekday() {
        let week = [5.0, 4.0, 3.0, 2.0, 1.0, -7.0, -8.0];
        // 1970-01-01 was a Thursday.
        let values: Vec<f64> = (0..70).map(|at| 100.0 + week[(at + 3) % 7]).collect();
        let found = weekly(&values, 0).unwrap();
        for (effect, expected) in found.effects.iter().zip(week) {
            assert!((effect - expected).abs() < 1e-9, "{found:?}");
        }
        assert!(found.strength > 0.999);
    }

    #[test]
    fn a_year_is_read_by_month() {
        let values: Vec<f64> = (0..1_461)
            .map(|at| if day::date(at).month == 12 { 31.0 } else { 0.0 })
            .collect();
        let found = yearly(&values, 0).unwrap();
        assert!(
            found.effects[11] > 25.0 && found.effects[0] < 0.0,
            "{found:?}"
        );
        assert_eq!(yearly(&values[..729], 0), None);
    }

    #[test]
    fn a_single_day_is_no_habit() {
        let mut values = vec![10.0; 70];
        values[33] = 1_000.0;
        let found = profile(&values, 7).unwrap();
        assert!(
            found.effects.iter().all(|effect| effect.abs() < 1.0),
            "{found:?}"
        );
        assert_eq!(profile(&values, 1), None);
        assert_eq!(profile(&values[..13], 7), None);
    }
}

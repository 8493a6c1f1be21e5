//! Direct regression on the recent past: one ridge regression for each coming step, on the same
//! weekday of the last weeks, on levels over several spans, and on what followed a year ago. The
//! direct strategy of Ben Taieb, Bontempi, Atiya & Sorjamaa, *A review and comparison of strategies
//! for multi-step ahead time series forecasting* (2012).

use crate::numeric::order;

use super::calendar::robust_ridge;
use super::sample::{Outlook, Sample};

/// Cycles that a row looks back.
const CYCLES: usize = 4;
/// Rows below which a regression on nine columns is a guess.
const ROWS_MIN: usize = 40;
/// A year in whole weeks, so that weekdays meet.
const YEAR: usize = 364;
/// Penalty in observations.
const PENALTY: f64 = 5.0;
/// Age at which a row counts half.
const HALF_LIFE_STEPS: f64 = 365.0;

/// ŷ(t+h) = level over four cycles + β · features, all of them differences from that level, so that
/// a rise of the whole series moves the forecast with it.
pub fn forecast(sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
    let season = sample.season.max(1);
    let values = sample.values;
    let back = CYCLES * season.max(7);
    let has_year = sample.is_daily && season == 7 && values.len() >= 2 * YEAR + ROWS_MIN;
    let first = if has_year { YEAR + back } else { back };
    if values.len() < first + horizon + ROWS_MIN {
        return None;
    }
    let mut outlook = Outlook {
        mean: Vec::with_capacity(horizon),
        sigma: Vec::with_capacity(horizon),
    };
    for step in 1..=horizon {
        let mut rows = Vec::new();
        let mut target = Vec::new();
        for end in first..=values.len() - step {
            let (level, row) = features(values, end, step, season, has_year);
            // Rows are thinned by age through their scale: weight w is the square of a factor.
            let age = (values.len() - end) as f64;
            let scale = (-age / HALF_LIFE_STEPS * std::f64::consts::LN_2 / 2.0).exp();
            rows.extend(row.iter().map(|x| x * scale));
            target.push((values[end + step - 1] - level) * scale);
        }
        let (level, row) = features(values, values.len(), step, season, has_year);
        let mut penalties = vec![PENALTY; row.len()];
        penalties[0] = PENALTY * 2.0;
        let beta = robust_ridge(&rows, &target, &penalties);
        let product = |row: &[f64]| -> f64 { row.iter().zip(&beta).map(|(x, b)| x * b).sum() };
        let errors: Vec<f64> = rows
            .chunks_exact(row.len())
            .zip(&target)
            .map(|(row, value)| value - product(row))
            .collect();
        outlook.mean.push(level + product(&row));
        outlook.sigma.push(order::variance(&errors).sqrt());
    }
    Some(outlook)
}

/// The level before index `end`, and the columns of the row that predicts `step` steps from there.
fn features(
    values: &[f64],
    end: usize,
    step: usize,
    season: usize,
    has_year: bool,
) -> (f64, Vec<f64>) {
    let unit = season.max(7);
    let level_over = |to: usize, steps: usize| order::mean(&values[to - steps..to]);
    let level = level_over(end, CYCLES * unit);
    // The latest value on the weekday that is wanted.
    let ahead = (step - 1) % season;
    let same = |cycle: usize| values[end + ahead - cycle * season];
    let cycles: Vec<f64> = (1..=CYCLES).map(same).collect();
    let mut row = vec![
        1.0,
        cycles[0] - level,
        order::mean(&cycles) - level,
        order::median(&cycles) - level,
        level_over(end, unit) - level,
        level_over(end, 3) - level,
        values[end - 1] - level,
        values[end - 1] - values[end - 1 - season],
        level_over(end, 2 * unit) - level,
    ];
    if has_year {
        let then = end - YEAR;
        let ahead_then = &values[then + step - 1 - 1..=then + step - 1 + 1];
        let week_then = level_over(then, unit);
        let same_then = (1..=CYCLES)
            .map(|cycle| values[then + ahead - cycle * season])
            .sum::<f64>()
            / CYCLES as f64;
        row.push(values[then + step - 1] - same_then);
        row.push(order::mean(ahead_then) - week_then);
    }
    (level, row)
}

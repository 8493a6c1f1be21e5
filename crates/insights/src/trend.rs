//! Whether a series rises or falls, by how much, and how sure that is: the median of all slopes
//! (Sen, *Estimates of the regression coefficient based on Kendall's tau*, 1968) with the test of
//! Mann (1945) and Kendall, its variance widened for autocorrelation after Hamed & Rao, *A modified
//! Mann–Kendall trend test for autocorrelated data* (1998). A third of the values may be wild.

use crate::numeric::{distribution, order};
use crate::seasonality;

/// Values below which no trend is told.
pub const VALUES_MIN: usize = 8;
/// Newest values that are looked at: all pairs of them are compared.
pub const VALUES_MAX: usize = 1_500;
/// Lags whose autocorrelation can widen the variance.
const MEMORY_STEPS_MAX: usize = 60;
/// Autocorrelations beyond so many standard errors count.
const MEMORY_Z: f64 = 1.645;
/// Two-sided 95 % point of the normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// A monotone trend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Change per step, in units of the values.
    pub slope: f64,
    /// Lower end of its 95 % interval.
    pub slope_low: f64,
    /// Upper end of it.
    pub slope_high: f64,
    /// Value of the line at the last step.
    pub level: f64,
    /// Probability of a trend at least as clear by chance, two-sided.
    pub p_value: f64,
    /// Steps that it was found in.
    pub steps: usize,
}

/// The trend of the newest [`VALUES_MAX`] values, from which a cycle of `season` steps (1: none) is
/// taken first. `None` for fewer than [`VALUES_MIN`] values or one that is no finite number.
pub fn trend(values: &[f64], season: usize) -> Option<Trend> {
    let newest = &values[values.len().saturating_sub(VALUES_MAX)..];
    if newest.len() < VALUES_MIN || newest.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let effects = seasonality::profile(newest, season);
    let plain: Vec<f64> = newest
        .iter()
        .enumerate()
        .map(|(at, value)| value - effects.as_ref().map_or(0.0, |found| found.effect(at)))
        .collect();
    let (mut slopes, rises) = compare_all(&plain);
    slopes.sort_unstable_by(f64::total_cmp);
    let slope = order::quantile_of_sorted(&slopes, 0.5);
    let last = (plain.len() - 1) as f64;
    let heights: Vec<f64> = plain
        .iter()
        .enumerate()
        .map(|(at, value)| value + slope * (last - at as f64))
        .collect();
    let variance = tie_variance(&plain) * memory_factor(&plain, slope);
    let deviation = variance.sqrt();
    let statistic = if deviation > 0.0 {
        // One less than the count, towards zero: the count moves in steps of two.
        rises.signum() * (rises.abs() - 1.0).max(0.0) / deviation
    } else {
        0.0
    };
    let reach = Z_95 * deviation / (2.0 * slopes.len() as f64);
    Some(Trend {
        slope,
        slope_low: order::quantile_of_sorted(&slopes, 0.5 - reach),
        slope_high: order::quantile_of_sorted(&slopes, 0.5 + reach),
        level: order::median(&heights),
        p_value: (2.0 * distribution::normal_cdf(-statistic.abs())).min(1.0),
        steps: plain.len(),
    })
}

/// The slopes between all pairs, and pairs that rise less pairs that fall.
fn compare_all(values: &[f64]) -> (Vec<f64>, f64) {
    let mut slopes = Vec::with_capacity(values.len() * (values.len() - 1) / 2);
    let mut rises: i64 = 0;
    for (at, earlier) in values.iter().enumerate() {
        for (ahead, later) in values[at + 1..].iter().enumerate() {
            let difference = later - earlier;
            slopes.push(difference / (ahead + 1) as f64);
            rises += i64::from(difference > 0.0) - i64::from(difference < 0.0);
        }
    }
    (slopes, rises as f64)
}

/// Variance of the count without a trend: (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18 over groups of t
/// equal values.
fn tie_variance(values: &[f64]) -> f64 {
    let term = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let ordered = order::sorted(values);
    let tied: f64 = ordered
        .chunk_by(|a, b| a == b)
        .map(|group| term(group.len() as f64))
        .sum();
    (term(values.len() as f64) - tied) / 18.0
}

/// n/n* = 1 + 2/(n(n−1)(n−2)) Σ (n−k)(n−k−1)(n−k−2) ρ(k), ρ of the ranks of what the line leaves;
/// never below 1.
fn memory_factor(values: &[f64], slope: f64) -> f64 {
    let rest: Vec<f64> = values
        .iter()
        .enumerate()
        .map(|(at, value)| value - slope * at as f64)
        .collect();
    let ranks = order::ranks(&rest);
    let n = values.len() as f64;
    let limit = MEMORY_Z / n.sqrt();
    let product = |from: f64| from * (from - 1.0) * (from - 2.0);
    let sum: f64 = (1..=MEMORY_STEPS_MAX.min(values.len() / 4))
        .map(|lag| (lag as f64, order::autocorrelation(&ranks, lag)))
        .filter(|(_, correlation)| correlation.abs() > limit)
        .map(|(lag, correlation)| product(n - lag) * correlation)
        .sum();
    (1.0 + 2.0 / product(n) * sum).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from −1 to 1 without memory.
    fn noise(count: usize) -> Vec<f64> {
        let mut state: u64 = 7;
        (0..count)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                ((state >> 33) % 2_001) as f64 / 1_000.0 - 1.0
            })
            .collect()
    }

    #[test]
    fn a_line_is_found_under_noise_and_wild_values() {
        let mut values: Vec<f64> = noise(100);
        for (at, value) in values.iter_mut().enumerate() {
            *value += 0.1 * at as f64 + [3.0, 0.0, 0.0, 0.0, 0.0, -1.0, -2.0][at % 7];
        }
        values[50] = 1e6;
        let found = trend(&values, 7).unwrap();
        assert!((found.slope - 0.1).abs() < 0.01, "{found:?}");
        assert!(found.slope_low <= found.slope && found.slope <= found.slope_high);
        assert!((found.level - 9.9).abs() < 0.7, "{found:?}");
        assert!(found.p_value < 1e-6);
    }

    #[test]
    fn noise_has_no_trend() {
        assert!(trend(&noise(200), 1).unwrap().p_value > 0.05);
    }

    #[test]
    fn what_drifts_needs_more_to_convince() {
        let mut level = 0.0;
        let drift: Vec<f64> = noise(120)
            .into_iter()
            .map(|step| {
                level = 0.9 * level + step;
                level
            })
            .collect();
        assert!(memory_factor(&drift, 0.0) > 2.0);
        assert!((memory_factor(&noise(120), 0.0) - 1.0).abs() < 0.5);
    }

    #[test]
    fn a_level_series_is_level() {
        let found = trend(&[4.0; 30], 7).unwrap();
        assert_eq!((found.slope, found.level, found.p_value), (0.0, 4.0, 1.0));
        assert_eq!(trend(&[1.0; 7], 1), None);
    }
}

//! Whether two series move together: Pearson's and Spearman's coefficients, at once or with one
//! series following the other, and the correction that many comparisons need.
//!
//! Days are not independent of each other: two series that merely drift look related. Lagged
//! correlations therefore count fewer observations than there are days (Pyper & Peterman,
//! *Comparison of methods to account for autocorrelation in correlation analyses of fish data*,
//! 1998). That two series move together does not say that one moves the other.

use crate::numeric::{distribution, order};

/// Pairs below which a coefficient says nothing.
const PAIRS_MIN: usize = 4;
/// Lags of the autocorrelations that reduce the count are at most this share of the length.
const MEMORY_SHARE: usize = 5;
/// A coefficient this near to ±1 is exact, and its test has no finite statistic.
const EXACT: f64 = 1.0 - 1e-12;

/// Which coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Of the values: how well a line describes one by the other.
    Pearson,
    /// Of the ranks: whether one rises with the other, by whatever curve.
    Spearman,
}

/// A coefficient and how surprising it would be without any relation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// −1 to 1.
    pub coefficient: f64,
    /// Probability of one at least as far from 0 by chance, two-sided.
    pub p_value: f64,
    /// Pairs that were compared.
    pub pairs: usize,
}

/// A correlation with one series shifted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lagged {
    /// Steps by which the right series follows the left one; negative where it precedes it.
    pub lag_steps: i64,
    /// What is found there.
    pub correlation: Correlation,
}

/// Correlation of paired observations that are independent of each other. `None` for fewer than
/// four pairs of finite numbers, and where one side does not vary.
///
/// t = r √((n−2)/(1−r²)), Student's distribution with n−2 degrees of freedom.
pub fn correlate(left: &[f64], right: &[f64], method: Method) -> Option<Correlation> {
    let (left, right) = paired(left, right, method)?;
    let coefficient = product_moment(&left, &right)?;
    Some(Correlation {
        coefficient,
        p_value: p_value(coefficient, left.len() as f64),
        pairs: left.len(),
    })
}

/// Correlations of two series of the same steps at every lag from −`lag_steps_max` to
/// `lag_steps_max`; lags without a defined one are left out. The number of observations behind each
/// p-value is reduced by the autocorrelation of both series:
/// 1/n* = 1/n + (2/n) Σ (n−j)/n · ρx(j) ρy(j).
pub fn lagged(left: &[f64], right: &[f64], lag_steps_max: usize, method: Method) -> Vec<Lagged> {
    let count = left.len().min(right.len());
    let (left, right) = (&left[..count], &right[..count]);
    let reach = lag_steps_max.min(count) as i64;
    (-reach..=reach)
        .filter_map(|lag| {
            let shift = lag.unsigned_abs() as usize;
            let (first, second) = if lag >= 0 {
                (&left[..count - shift], &right[shift..])
            } else {
                (&left[shift..], &right[..count - shift])
            };
            let (first, second) = paired(first, second, method)?;
            let coefficient = product_moment(&first, &second)?;
            Some(Lagged {
                lag_steps: lag,
                correlation: Correlation {
                    coefficient,
                    p_value: p_value(coefficient, effective_count(&first, &second)),
                    pairs: first.len(),
                },
            })
        })
        .collect()
}

/// What each p-value becomes when all of them are looked at together: the smallest share of false
/// discoveries at which it still counts as one (Benjamini & Hochberg, *Controlling the false
/// discovery rate*, 1995). In the order given; a p-value that is no number becomes 1.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let clean: Vec<f64> = p_values
        .iter()
        .map(|p| if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) })
        .collect();
    let mut order: Vec<usize> = (0..clean.len()).collect();
    order.sort_by(|&a, &b| clean[b].total_cmp(&clean[a]));
    let count = clean.len() as f64;
    let mut adjusted = vec![1.0; clean.len()];
    let mut least: f64 = 1.0;
    for (above, at) in order.into_iter().enumerate() {
        let rank = count - above as f64;
        least = least.min(clean[at] * (count / rank));
        adjusted[at] = least;
    }
    adjusted
}

/// Pairs of finite numbers, as ranks where the method wants them.
fn paired(left: &[f64], right: &[f64], method: Method) -> Option<(Vec<f64>, Vec<f64>)> {
    let (left, right): (Vec<f64>, Vec<f64>) = left
        .iter()
        .zip(right)
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .unzip();
    if left.len() < PAIRS_MIN {
        return None;
    }
    Some(match method {
        Method::Pearson => (scaled(left), scaled(right)),
        Method::Spearman => (order::ranks(&left), order::ranks(&right)),
    })
}

/// The same values with a largest size of 1, so that squares of huge ones stay finite.
fn scaled(values: Vec<f64>) -> Vec<f64> {
    let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if largest <= 0.0 {
        return values;
    }
    values.into_iter().map(|x| x / largest).collect()
}

fn product_moment(left: &[f64], right: &[f64]) -> Option<f64> {
    let (x_mean, y_mean) = (order::mean(left), order::mean(right));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in left.iter().zip(right) {
        let (dx, dy) = (x - x_mean, y - y_mean);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    // What rounding leaves of a constant is no variation.
    let floor = 1e-20 * left.len() as f64;
    if xx <= floor * x_mean * x_mean || yy <= floor * y_mean * y_mean {
        return None;
    }
    let coefficient = xy / (xx.sqrt() * yy.sqrt());
    coefficient
        .is_finite()
        .then(|| coefficient.clamp(-1.0, 1.0))
}

fn p_value(coefficient: f64, count: f64) -> f64 {
    if count <= 2.0 {
        return 1.0;
    }
    if coefficient.abs() >= EXACT {
        return 0.0;
    }
    let statistic = coefficient * ((count - 2.0) / (1.0 - coefficient * coefficient)).sqrt();
    distribution::student_two_sided(statistic, count - 2.0)
}

/// Independent observations that the pairs are worth; never more than there are.
fn effective_count(left: &[f64], right: &[f64]) -> f64 {
    let n = left.len() as f64;
    let shared: f64 = (1..=left.len() / MEMORY_SHARE)
        .map(|lag| {
            let weight = (n - lag as f64) / n;
            weight * order::autocorrelation(left, lag) * order::autocorrelation(right, lag)
        })
        .sum();
    (n / (1.0 + 2.0 * shared).max(1.0)).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_have_their_printed_values() {
        // The example of Anscombe's first set: r = 0.816, p = 0.002 17.
        let x = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0];
        let y = [
            8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68,
        ];
        let pearson = correlate(&x, &y, Method::Pearson).unwrap();
        assert!((pearson.coefficient - 0.816_420_516).abs() < 1e-8);
        assert!((pearson.p_value - 0.002_169_629).abs() < 1e-8);
        let spearman = correlate(&x, &y, Method::Spearman).unwrap();
        assert!((spearman.coefficient - 0.818_181_818).abs() < 1e-8);
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert_eq!(correlate(&[5.1; 9], &[1.0; 9], Method::Pearson), None);
        assert_eq!(correlate(&[1.0], &[1.0], Method::Spearman), None);
        assert_eq!(correlate(&[], &[], Method::Spearman), None);
    }

    #[test]
    fn the_lag_of_a_follower_is_found() {
        let left: Vec<f64> = (0..200).map(|at| (at * at % 101) as f64).collect();
        let right: Vec<f64> = (0..200usize)
            .map(|at| at.checked_sub(3).map_or(50.0, |before| left[before]))
            .collect();
        let found = lagged(&left, &right, 7, Method::Pearson);
        let best = found
            .iter()
            .max_by(|a, b| {
                a.correlation
                    .coefficient
                    .total_cmp(&b.correlation.coefficient)
            })
            .unwrap();
        assert_eq!(best.lag_steps, 3);
        assert!(best.correlation.p_value < 1e-6);
    }

    #[test]
    fn two_drifts_prove_little() {
        let walk = |seed: u64| -> Vec<f64> {
            let (mut state, mut level) = (seed, 0.0);
            (0..100)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    level += ((state >> 33) % 1_000) as f64 / 500.0 - 1.0;
                    level
                })
                .collect()
        };
        let (left, right) = (walk(1), walk(4));
        let plain = correlate(&left, &right, Method::Pearson).unwrap();
        let at_zero = lagged(&left, &right, 0, Method::Pearson)[0].correlation;
        assert_eq!(plain.coefficient, at_zero.coefficient);
        assert!(
            at_zero.p_value > 3.0 * plain.p_value,
            "{plain:?} {at_zero:?}"
        );
    }

    #[test]
    fn many_comparisons_are_corrected() {
        // The fifteen p-values of the paper: four are discoveries at 5 %.
        let p_values = [
            0.000_1, 0.000_4, 0.001_9, 0.009_5, 0.020_1, 0.027_8, 0.029_8, 0.034_4, 0.045_9,
            0.324_0, 0.426_2, 0.571_9, 0.652_8, 0.759_0, 1.0,
        ];
        let adjusted = benjamini_hochberg(&p_values);
        assert_eq!(adjusted.iter().filter(|q| **q <= 0.05).count(), 4);
        assert!((adjusted[3] - 0.009_5 * 15.0 / 4.0).abs() < 1e-12);
        assert!(benjamini_hochberg(&[]).is_empty());
    }
}

//! Autoregression of what a regression leaves, its length chosen by AICc; carries the remainder
//! back to zero.

use crate::numeric::linear;

use super::sample::Outlook;

const LAGS_MAX: usize = 8;

/// x(t) = Σ φⱼ x(t−j) + ε, without a constant.
pub(super) struct Autoregression {
    coefficients: Vec<f64>,
    sigma: f64,
}

impl Autoregression {
    /// Least squares over the same values for every length.
    pub(super) fn fit(values: &[f64]) -> Autoregression {
        let lags_max = LAGS_MAX.min(values.len() / 10);
        let mut best = (f64::INFINITY, Vec::new(), 0.0);
        let target = &values[lags_max..];
        let n = target.len() as f64;
        for lags in 0..=lags_max {
            let rows: Vec<f64> = (lags_max..values.len())
                .flat_map(|at| (1..=lags).map(move |lag| values[at - lag]))
                .collect();
            let coefficients = if lags == 0 {
                Vec::new()
            } else {
                linear::least_squares(&rows, target, lags)
            };
            let squares: f64 = target
                .iter()
                .enumerate()
                .map(|(at, value)| {
                    let row = &rows[at * lags..(at + 1) * lags];
                    let known: f64 = row.iter().zip(&coefficients).map(|(x, c)| x * c).sum();
                    (value - known).powi(2)
                })
                .sum();
            let k = lags as f64 + 1.0;
            let correction = 2.0 * k * (k + 1.0) / (n - k - 1.0).max(1.0);
            let criterion = n * (squares / n).max(1e-16).ln() + 2.0 * k + correction;
            if criterion < best.0 {
                best = (criterion, coefficients, (squares / (n - k).max(1.0)).sqrt());
            }
        }
        Autoregression {
            coefficients: best.1,
            sigma: best.2,
        }
    }

    /// Mean and σ of the coming steps.
    pub(super) fn forecast(&self, values: &[f64], horizon: usize) -> Outlook {
        let next = |past: &[f64]| -> f64 {
            self.coefficients
                .iter()
                .zip(past.iter().rev())
                .map(|(coefficient, value)| coefficient * value)
                .sum()
        };
        // What is left over stays within what was ever left over: coefficients that a few wild days
        // have made explosive must not carry it away.
        let most = values
            .iter()
            .fold(0.0, |most: f64, value| most.max(value.abs()));
        let mut path = values.to_vec();
        let mut psi = vec![1.0];
        for _ in 0..horizon {
            path.push(next(&path).clamp(-most, most));
            psi.push(next(&psi));
        }
        let mut spread = 0.0;
        let sigma = psi[..horizon]
            .iter()
            .map(|weight| {
                spread += weight * weight;
                self.sigma * spread.sqrt()
            })
            .collect();
        Outlook {
            mean: path.split_off(values.len()),
            sigma,
        }
    }
}

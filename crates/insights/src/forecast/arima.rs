//! Seasonal ARIMA(p,d,q)(P,D,Q)ₘ by conditional sum of squares, the orders found by the stepwise
//! search of Hyndman & Khandakar, *Automatic time series forecasting: the forecast package for R*
//! (2008). D follows from the strength of the season, d from the KPSS test.
//!
//! Stationarity and invertibility hold by construction: the search is over tanh of partial
//! autocorrelations (Barndorff-Nielsen & Schou 1973), by Levenberg's method.

mod order_search;
mod polynomial;

use crate::numeric::linear;

use super::sample::{Outlook, Sample};
use polynomial::{Polynomials, differencing, multiply};

pub use order_search::select;

/// The orders of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Orders {
    /// Autoregressive terms.
    pub p: usize,
    /// Plain differences.
    pub d: usize,
    /// Moving-average terms.
    pub q: usize,
    /// Seasonal autoregressive terms.
    pub seasonal_p: usize,
    /// Seasonal differences.
    pub seasonal_d: usize,
    /// Seasonal moving-average terms.
    pub seasonal_q: usize,
    /// Whether the differenced series has a mean.
    pub mean: bool,
}

impl Orders {
    fn coefficients(&self) -> usize {
        self.p + self.q + self.seasonal_p + self.seasonal_q
    }
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Fit {
    orders: Orders,
    season: usize,
    constant: f64,
    polynomials: Polynomials,
    /// Residuals, aligned with the end of the sample.
    residuals: Vec<f64>,
    sigma: f64,
    /// Corrected criterion of Akaike; comparable for equal differencing only.
    pub aicc: f64,
}

const ROUNDS_MAX: usize = 12;
const STEP: f64 = 1e-5;

/// Fits given orders; `None` where the sample is too short.
pub fn fit(sample: &Sample<'_>, orders: Orders) -> Option<Fit> {
    let season = sample.season.max(1);
    let differenced = difference(sample.values, orders, season);
    let lost = orders.p + orders.seasonal_p * season;
    let parameters = orders.coefficients() + usize::from(orders.mean) + 1;
    if differenced.len() < lost + parameters + 10 {
        return None;
    }
    let residuals = |free: &[f64]| {
        let polynomials = Polynomials::of(&free[..orders.coefficients()], orders, season);
        let constant = if orders.mean {
            free[free.len() - 1]
        } else {
            0.0
        };
        conditional_residuals(&differenced, &polynomials, constant, lost)
    };
    let mut free = vec![0.1; orders.coefficients()];
    if orders.mean {
        free.push(crate::numeric::order::mean(&differenced));
    }
    levenberg(&mut free, &residuals);
    let polynomials = Polynomials::of(&free[..orders.coefficients()], orders, season);
    let constant = if orders.mean {
        free[free.len() - 1]
    } else {
        0.0
    };
    let errors = residuals(&free);
    let squares: f64 = errors.iter().map(|error| error * error).sum();
    let (n, k) = ((differenced.len() - lost) as f64, parameters as f64);
    Some(Fit {
        orders,
        season,
        constant,
        polynomials,
        residuals: errors,
        sigma: (squares / (n - k + 1.0)).sqrt(),
        aicc: n * (squares / n).max(1e-16).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0),
    })
}

impl Fit {
    /// Which orders it has.
    pub fn orders(&self) -> Orders {
        self.orders
    }

    /// Mean and σ of the steps after the end of `values`, with which the model was fitted.
    pub fn forecast(&self, values: &[f64], horizon: usize) -> Outlook {
        let full = multiply(
            &self.polynomials.autoregressive,
            &differencing(self.orders, self.season),
        );
        let moving = &self.polynomials.moving;
        // The mean of the differenced series, as the constant of the expanded recursion.
        let constant = self.constant * self.polynomials.autoregressive.iter().sum::<f64>();
        let mut path = values.to_vec();
        let mut errors = self.residuals.clone();
        for _ in 0..horizon {
            let past: f64 = tail_product(&full[1..], &path);
            let shocks: f64 = tail_product(&moving[1..], &errors);
            path.push(constant - past + shocks);
            errors.push(0.0);
        }
        let mut psi: Vec<f64> = Vec::with_capacity(horizon);
        for step in 0..horizon {
            let own = moving.get(step).copied().unwrap_or(0.0);
            psi.push(own - tail_product(&full[1..], &psi));
        }
        let mut spread = 0.0;
        let sigma = psi
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

/// Selects and forecasts.
pub fn forecast(sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
    let outlook = select(sample)?.forecast(sample.values, horizon);
    outlook.is_finite().then_some(outlook)
}

/// Σ cⱼ x(t−j) for coefficients from lag 1, over as many values as there are.
fn tail_product(coefficients: &[f64], values: &[f64]) -> f64 {
    coefficients
        .iter()
        .zip(values.iter().rev())
        .map(|(coefficient, value)| coefficient * value)
        .sum()
}

fn difference(values: &[f64], orders: Orders, season: usize) -> Vec<f64> {
    let at_lag = |series: Vec<f64>, lag: usize| -> Vec<f64> {
        if series.len() <= lag {
            return Vec::new();
        }
        (lag..series.len())
            .map(|at| series[at] - series[at - lag])
            .collect()
    };
    let seasonal = (0..orders.seasonal_d).fold(values.to_vec(), |series, _| at_lag(series, season));
    (0..orders.d).fold(seasonal, |series, _| at_lag(series, 1))
}

/// Errors from index `lost` on, those before taken as 0.
fn conditional_residuals(
    series: &[f64],
    polynomials: &Polynomials,
    constant: f64,
    lost: usize,
) -> Vec<f64> {
    let sparse = |coefficients: &[f64]| -> Vec<(usize, f64)> {
        coefficients
            .iter()
            .copied()
            .enumerate()
            .skip(1)
            .filter(|(_, coefficient)| *coefficient != 0.0)
            .collect()
    };
    let autoregressive = sparse(&polynomials.autoregressive);
    let moving = sparse(&polynomials.moving);
    let mut errors = Vec::with_capacity(series.len() - lost);
    for at in lost..series.len() {
        let mut error = series[at] - constant;
        for (lag, coefficient) in &autoregressive {
            error += coefficient * (series[at - lag] - constant);
        }
        for (lag, coefficient) in &moving {
            if *lag <= at - lost {
                error -= coefficient * errors[at - lost - lag];
            }
        }
        errors.push(error);
    }
    errors
}

/// Minimises the sum of squares of `residuals` from `free` on, with numeric derivatives.
fn levenberg(free: &mut Vec<f64>, residuals: &impl Fn(&[f64]) -> Vec<f64>) {
    let size = free.len();
    if size == 0 {
        return;
    }
    let squares = |errors: &[f64]| -> f64 { errors.iter().map(|error| error * error).sum() };
    let mut errors = residuals(free);
    let mut best = squares(&errors);
    let mut damping = 1e-3;
    for _ in 0..ROUNDS_MAX {
        let slopes: Vec<Vec<f64>> = (0..size)
            .map(|at| {
                let mut moved = free.clone();
                moved[at] += STEP;
                let there = residuals(&moved);
                there
                    .iter()
                    .zip(&errors)
                    .map(|(a, b)| (a - b) / STEP)
                    .collect()
            })
            .collect();
        let product = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(x, y)| x * y).sum() };
        let right: Vec<f64> = slopes
            .iter()
            .map(|slope| -product(slope, &errors))
            .collect();
        let mut improved = false;
        for _ in 0..5 {
            let mut gram = vec![0.0; size * size];
            for row in 0..size {
                for column in 0..=row {
                    gram[row * size + column] = product(&slopes[row], &slopes[column]);
                }
                gram[row * size + row] *= 1.0 + damping;
                gram[row * size + row] += 1e-12;
            }
            let step = linear::solve_symmetric(&mut gram, &right);
            let moved: Vec<f64> = free
                .iter()
                .zip(&step)
                .map(|(a, b)| a + b.clamp(-1.0, 1.0))
                .collect();
            let there = residuals(&moved);
            let value = squares(&there);
            if value.is_finite() && value < best {
                improved = best - value > 1e-7 * best;
                (*free, errors, best) = (moved, there, value);
                damping = (damping * 0.3).max(1e-9);
                break;
            }
            damping *= 10.0;
        }
        if !improved {
            return;
        }
    }
}

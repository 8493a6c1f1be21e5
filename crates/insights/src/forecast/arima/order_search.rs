//! Which orders a series needs: differencing by tests, the rest by stepwise search over AICc.

use std::collections::HashSet;

use crate::numeric::order;

use super::super::loess::stl;
use super::super::sample::Sample;
use super::{Fit, Orders, difference, fit};

const P_MAX: usize = 3;
const SEASONAL_P_MAX: usize = 2;
const FITS_MAX: usize = 60;
/// Strength of season from which a seasonal difference is taken (Wang, Smith & Hyndman 2006).
const STRENGTH_MIN: f64 = 0.64;
/// 5 % point of the KPSS statistic for level stationarity (Kwiatkowski et al. 1992).
const KPSS_LIMIT: f64 = 0.463;

/// The best model found; `None` where the sample is too short for any.
pub fn select(sample: &Sample<'_>) -> Option<Fit> {
    let seasonal = sample.season > 1 && sample.values.len() >= 4 * sample.season;
    let mut base = Orders {
        p: 0,
        d: 0,
        q: 0,
        seasonal_p: 0,
        seasonal_d: usize::from(seasonal && strength(sample) > STRENGTH_MIN),
        seasonal_q: 0,
        mean: false,
    };
    while base.d < 2 && kpss(&difference(sample.values, base, sample.season.max(1))) > KPSS_LIMIT {
        base.d += 1;
    }
    base.mean = base.d + base.seasonal_d <= 1;
    let s = usize::from(seasonal);
    let starts = [(2, 2, s, s), (0, 0, 0, 0), (1, 0, s, 0), (0, 1, 0, s)];
    let mut tried = HashSet::new();
    let mut best: Option<Fit> = None;
    for (p, q, seasonal_p, seasonal_q) in starts {
        let orders = Orders {
            p,
            q,
            seasonal_p,
            seasonal_q,
            ..base
        };
        consider(sample, orders, &mut best, &mut tried);
    }
    loop {
        let centre = best.as_ref()?.orders();
        for orders in neighbours(centre, seasonal) {
            if tried.len() < FITS_MAX && consider(sample, orders, &mut best, &mut tried) {
                break;
            }
        }
        if best.as_ref()?.orders() == centre {
            return best;
        }
    }
}

/// Fits once; whether it is the best so far.
fn consider(
    sample: &Sample<'_>,
    orders: Orders,
    best: &mut Option<Fit>,
    tried: &mut HashSet<Orders>,
) -> bool {
    if !tried.insert(orders) {
        return false;
    }
    let Some(found) = fit(sample, orders) else {
        return false;
    };
    let better = best.as_ref().is_none_or(|held| found.aicc < held.aicc);
    if better {
        *best = Some(found);
    }
    better
}

/// One step in each order, and in both of a kind at once.
fn neighbours(centre: Orders, seasonal: bool) -> Vec<Orders> {
    let mut all = Vec::new();
    let moves: [(i8, i8); 6] = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (1, 1)];
    let shift = |value: usize, by: i8, max: usize| {
        value
            .checked_add_signed(isize::from(by))
            .filter(|moved| *moved <= max)
    };
    for (first, second) in moves {
        if seasonal
            && let (Some(seasonal_p), Some(seasonal_q)) = (
                shift(centre.seasonal_p, first, SEASONAL_P_MAX),
                shift(centre.seasonal_q, second, SEASONAL_P_MAX),
            )
        {
            all.push(Orders {
                seasonal_p,
                seasonal_q,
                ..centre
            });
        }
        if let (Some(p), Some(q)) = (
            shift(centre.p, first, P_MAX),
            shift(centre.q, second, P_MAX),
        ) {
            all.push(Orders { p, q, ..centre });
        }
    }
    if centre.d + centre.seasonal_d <= 1 {
        all.push(Orders {
            mean: !centre.mean,
            ..centre
        });
    }
    all
}

/// 1 − Var(rest) / Var(rest + season), at least 0.
fn strength(sample: &Sample<'_>) -> f64 {
    let parts = stl(sample.values, sample.season, 11, 0);
    let both: Vec<f64> = parts
        .rest
        .iter()
        .zip(&parts.seasonal)
        .map(|(r, s)| r + s)
        .collect();
    let whole = order::variance(&both);
    if whole <= 0.0 {
        return 0.0;
    }
    (1.0 - order::variance(&parts.rest) / whole).max(0.0)
}

/// KPSS statistic of level stationarity: Σ S²(t) / (n² σ²), S the partial sums of the deviations
/// and σ² the long-run variance with Bartlett weights over 3 √n / 13 lags.
fn kpss(values: &[f64]) -> f64 {
    let count = values.len();
    if count < 10 {
        return 0.0;
    }
    let centre = order::mean(values);
    let (mut partial, mut sum) = (0.0, 0.0);
    for value in values {
        partial += value - centre;
        sum += partial * partial;
    }
    let n = count as f64;
    let lags = (3.0 * n.sqrt() / 13.0) as usize;
    let covariance = |lag: usize| -> f64 {
        let product: f64 = values[lag..]
            .iter()
            .zip(values)
            .map(|(a, b)| (a - centre) * (b - centre))
            .sum();
        product / n
    };
    let long_run: f64 = covariance(0)
        + (1..=lags)
            .map(|lag| 2.0 * (1.0 - lag as f64 / (lags as f64 + 1.0)) * covariance(lag))
            .sum::<f64>();
    if long_run <= 1e-15 {
        return 0.0;
    }
    sum / (n * n * long_run)
}

//! The dynamic optimised theta model of Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler,
//! *Models for optimising the theta method and their relationship to state space models* (2016), on
//! data from which an additive season was taken where there is one.

use crate::numeric::{order, simplex};

use super::sample::{Outlook, Sample};

const EVALUATIONS_MAX: usize = 400;
/// Fewest values with which a line and a level can be told apart.
const VALUES_MIN: usize = 8;
/// Two-sided 90 % point of the normal distribution, as in the test of the theta method for a
/// season.
const SEASON_TEST_Z: f64 = 1.645;

/// The model at one moment: level ℓ, mean ȳ, and the line A + B·t fitted to all values so far.
struct Walk {
    squares: f64,
    level: f64,
    mean: f64,
    slope: f64,
    count: f64,
}

/// μ(t+h) = ℓ + (1 − 1/θ) [ (1−α)ᵗ A + B (1 − (1−α)ᵗ⁺¹)/α ], carried forward h steps with its own
/// expectations as values; σ²(h) = σ² (1 + (h−1) α²).
pub fn forecast(sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
    let count = sample.values.len();
    if count < VALUES_MIN {
        return None;
    }
    let effects = season_of(sample);
    let effect = |at: usize| {
        effects
            .get(at % sample.season.max(1))
            .copied()
            .unwrap_or(0.0)
    };
    let adjusted: Vec<f64> = (0..count)
        .map(|at| sample.values[at] - effect(at))
        .collect();
    let span = order::variance(&adjusted).sqrt().max(1e-9);
    let unpack = |free: &[f64]| {
        let alpha = 0.01 + 0.98 / (1.0 + (-free[0]).exp());
        (alpha, 1.0 + free[1].exp(), adjusted[0] + span * free[2])
    };
    let best = simplex::minimise(
        &[0.0, 0.0, 0.0],
        &[1.0, 1.0, 0.5],
        EVALUATIONS_MAX,
        |free| {
            let (alpha, theta, level) = unpack(free);
            walk(&adjusted, alpha, theta, level).squares
        },
    );
    let (alpha, theta, level) = unpack(&best);
    let mut state = walk(&adjusted, alpha, theta, level);
    let sigma = (state.squares / (count as f64 - 3.0).max(1.0)).sqrt();
    let mut outlook = Outlook {
        mean: Vec::with_capacity(horizon),
        sigma: Vec::with_capacity(horizon),
    };
    for step in 0..horizon {
        let expected = state.expect(alpha, theta);
        state.learn(expected, alpha);
        outlook.mean.push(expected + effect(count + step));
        outlook
            .sigma
            .push(sigma * (1.0 + step as f64 * alpha * alpha).sqrt());
    }
    Some(outlook)
}

impl Walk {
    fn expect(&self, alpha: f64, theta: f64) -> f64 {
        let base = self.mean - self.slope * (self.count + 1.0) / 2.0;
        let fading = (1.0 - alpha).powf(self.count);
        let line = fading * base + self.slope * (1.0 - fading * (1.0 - alpha)) / alpha;
        self.level + (1.0 - 1.0 / theta) * line
    }

    fn learn(&mut self, value: f64, alpha: f64) {
        let t = self.count + 1.0;
        self.level = alpha * value + (1.0 - alpha) * self.level;
        if self.count > 0.0 {
            let pull = 6.0 * (value - self.mean) / t;
            self.slope = ((t - 2.0) * self.slope + pull) / (t + 1.0);
        }
        self.mean += (value - self.mean) / t;
        self.count = t;
    }
}

fn walk(values: &[f64], alpha: f64, theta: f64, level: f64) -> Walk {
    let mut state = Walk {
        squares: 0.0,
        level,
        mean: 0.0,
        slope: 0.0,
        count: 0.0,
    };
    for (at, value) in values.iter().enumerate() {
        let expected = if at == 0 {
            level + (1.0 - 1.0 / theta) * values[0]
        } else {
            state.expect(alpha, theta)
        };
        // The first values only set the line up, as in the paper's implementation.
        if at >= 3 {
            state.squares += (value - expected).powi(2);
        }
        state.learn(*value, alpha);
    }
    state
}

/// Effects by position from the first value: classical additive decomposition, zero unless the
/// autocorrelation at the season passes the test of Assimakopoulos & Nikolopoulos (2000).
fn season_of(sample: &Sample<'_>) -> Vec<f64> {
    let (values, season) = (sample.values, sample.season);
    if season < 2 || values.len() < 2 * season {
        return Vec::new();
    }
    let earlier: f64 = (1..season)
        .map(|lag| order::autocorrelation(values, lag).powi(2))
        .sum();
    let limit = SEASON_TEST_Z * ((1.0 + 2.0 * earlier) / values.len() as f64).sqrt();
    if order::autocorrelation(values, season).abs() <= limit {
        return Vec::new();
    }
    classical_season(values, season)
}

/// Mean distance of each position from a centred moving average over one cycle, centred to sum 0.
pub(super) fn classical_season(values: &[f64], season: usize) -> Vec<f64> {
    let half = season / 2;
    let mut sums = vec![(0.0, 0usize); season];
    for at in half..values.len().saturating_sub(half) {
        let window = &values[at - half..=at + half];
        let mut trend: f64 = window.iter().sum();
        if season.is_multiple_of(2) {
            trend -= 0.5 * (window[0] + window[season]);
        }
        let entry = &mut sums[at % season];
        entry.0 += values[at] - trend / season as f64;
        entry.1 += 1;
    }
    let raw: Vec<f64> = sums
        .iter()
        .map(|(sum, count)| sum / (*count).max(1) as f64)
        .collect();
    let centre = order::mean(&raw);
    raw.iter().map(|effect| effect - centre).collect()
}

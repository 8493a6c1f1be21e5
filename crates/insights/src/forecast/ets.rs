//! Exponential smoothing with additive errors, in the state-space form of Hyndman, Koehler, Ord &
//! Snyder, *Forecasting with Exponential Smoothing* (2008): ETS(A, {N, A, Ad}, {N, A}), the form
//! chosen by AICc. On the log scale an additive effect is a multiplicative one, so the
//! multiplicative forms are not needed.
//!
//! Given the smoothing parameters, the errors are linear in the initial states; these are therefore
//! found by least squares instead of being searched for, and only one to four parameters are left
//! for the simplex.

use crate::numeric::{linear, simplex};

use super::sample::{Outlook, Sample};

const EVALUATIONS_MAX: usize = 160;
/// Smoothing parameters keep this distance from 0 and 1.
const EDGE: f64 = 1e-4;
/// Range of the damping factor.
const DAMPING: (f64, f64) = (0.8, 0.98);
/// Longer cycles would cost too many states.
pub const SEASON_MAX: usize = 60;

/// Which components a form has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Whether the level has a slope.
    pub trend: bool,
    /// Whether the slope fades.
    pub damped: bool,
    /// Whether there is a seasonal component.
    pub seasonal: bool,
}

/// The forms that are tried.
pub const FORMS: [Form; 6] = [
    form(false, false, false),
    form(true, false, false),
    form(true, true, false),
    form(false, false, true),
    form(true, false, true),
    form(true, true, true),
];

const fn form(trend: bool, damped: bool, seasonal: bool) -> Form {
    Form {
        trend,
        damped,
        seasonal,
    }
}

/// A fitted form.
#[derive(Debug, Clone)]
pub struct Fit {
    form: Form,
    season: usize,
    smoothing: Smoothing,
    end: State,
    sigma: f64,
    /// Corrected criterion of Akaike; comparable between forms of the same sample only.
    pub aicc: f64,
}

#[derive(Debug, Clone, Copy)]
struct Smoothing {
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
}

#[derive(Debug, Clone)]
struct State {
    level: f64,
    slope: f64,
    /// Effects of the coming cycle; the first is used next.
    seasonal: std::collections::VecDeque<f64>,
}

impl State {
    fn zero(season: usize) -> State {
        State {
            level: 0.0,
            slope: 0.0,
            seasonal: std::iter::repeat_n(0.0, season).collect(),
        }
    }

    fn expect(&self, smoothing: Smoothing) -> f64 {
        let season = self.seasonal.front().copied().unwrap_or(0.0);
        self.level + smoothing.phi * self.slope + season
    }

    /// Takes the error of one step in.
    fn learn(&mut self, error: f64, smoothing: Smoothing) {
        self.level += smoothing.phi * self.slope + smoothing.alpha * error;
        self.slope = smoothing.phi * self.slope + smoothing.beta * error;
        if let Some(effect) = self.seasonal.pop_front() {
            self.seasonal.push_back(effect + smoothing.gamma * error);
        }
    }
}

/// The form of least AICc, or nothing when the sample is too short for any.
pub fn select(sample: &Sample<'_>) -> Option<Fit> {
    FORMS
        .iter()
        .filter_map(|form| fit(sample, *form))
        .min_by(|a, b| a.aicc.total_cmp(&b.aicc))
}

/// Fits one form by conditional least squares; `None` where there are too few values for it.
pub fn fit(sample: &Sample<'_>, form: Form) -> Option<Fit> {
    let season = if form.seasonal { sample.season } else { 0 };
    if form.seasonal && !(2..=SEASON_MAX).contains(&season) {
        return None;
    }
    let start: Vec<f64> = [
        (true, -0.5),
        (form.trend, -2.0),
        (form.seasonal, -2.0),
        (form.damped, 1.0),
    ]
    .iter()
    .filter_map(|(used, value)| used.then_some(*value))
    .collect();
    let states = 1 + usize::from(form.trend) + season.saturating_sub(1);
    let parameters = start.len() + states + 1;
    let count = sample.values.len();
    if count < parameters + 4 || (form.seasonal && count < 2 * season + 3) {
        return None;
    }
    let cost = |free: &[f64]| Errors::of(sample.values, form, season, unpack(free, form)).squares;
    let best = simplex::minimise(&start, &vec![1.0; start.len()], EVALUATIONS_MAX, cost);
    let smoothing = unpack(&best, form);
    let errors = Errors::of(sample.values, form, season, smoothing);
    let mut state = errors.start;
    for value in sample.values {
        let error = value - state.expect(smoothing);
        state.learn(error, smoothing);
    }
    let (n, k) = (count as f64, parameters as f64);
    // A perfect fit has no logarithm; such a sample is constant or a pure cycle.
    let mean_square = (errors.squares / n).max(1e-16);
    Some(Fit {
        form,
        season,
        smoothing,
        end: state,
        sigma: (errors.squares / (n - k + 1.0)).sqrt(),
        aicc: n * mean_square.ln() + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0).max(0.5),
    })
}

impl Fit {
    /// Which form it is.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Mean and σ of the coming steps: σ²(h) = σ² (1 + Σ c²(j)), c the response to one error.
    pub fn forecast(&self, horizon: usize) -> Outlook {
        let still = Smoothing {
            alpha: 0.0,
            beta: 0.0,
            gamma: 0.0,
            ..self.smoothing
        };
        let walk = |mut state: State| -> Vec<f64> {
            (0..horizon)
                .map(|_| {
                    let expected = state.expect(still);
                    state.learn(0.0, still);
                    expected
                })
                .collect()
        };
        let mut shocked = State::zero(self.season);
        shocked.learn(1.0, self.smoothing);
        let response = walk(shocked);
        let mut spread = 1.0;
        let sigma = std::iter::once(0.0)
            .chain(response)
            .take(horizon)
            .map(|c: f64| {
                spread += c * c;
                self.sigma * spread.sqrt()
            })
            .collect();
        Outlook {
            mean: walk(self.end.clone()),
            sigma,
        }
    }
}

/// Selects and forecasts.
pub fn forecast(sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
    Some(select(sample)?.forecast(horizon))
}

fn unpack(free: &[f64], form: Form) -> Smoothing {
    let mut next = free
        .iter()
        .map(|u| EDGE + (1.0 - 2.0 * EDGE) / (1.0 + (-u).exp()));
    let mut take = |used: bool| {
        if used {
            next.next().unwrap_or(0.0)
        } else {
            0.0
        }
    };
    let alpha = take(true);
    let beta = take(form.trend) * alpha;
    let gamma = take(form.seasonal) * (1.0 - alpha);
    let phi = match (form.trend, form.damped) {
        (_, true) => DAMPING.0 + (DAMPING.1 - DAMPING.0) * take(true),
        (trend, false) => f64::from(u8::from(trend)),
    };
    Smoothing {
        alpha,
        beta,
        gamma,
        phi,
    }
}

/// The sum of squared one-step errors under the best initial state, and that state.
struct Errors {
    squares: f64,
    start: State,
}

impl Errors {
    fn of(values: &[f64], form: Form, season: usize, smoothing: Smoothing) -> Errors {
        // Free parts of the initial state: level, slope, and all effects but the last, which is
        // minus the sum of the others.
        let mut units = vec![State {
            level: 1.0,
            ..State::zero(season)
        }];
        if form.trend {
            units.push(State {
                slope: 1.0,
                ..State::zero(season)
            });
        }
        for at in 0..season.saturating_sub(1) {
            let mut unit = State::zero(season);
            unit.seasonal[at] = 1.0;
            unit.seasonal[season - 1] = -1.0;
            units.push(unit);
        }
        let columns = units.len();
        let mut base = State::zero(season);
        let mut gram = vec![0.0; columns * columns];
        let mut moment = vec![0.0; columns];
        let mut row = vec![0.0; columns];
        let mut total = 0.0;
        let mut walking = units.clone();
        for value in values {
            let error = value - base.expect(smoothing);
            base.learn(error, smoothing);
            total += error * error;
            for (entry, unit) in row.iter_mut().zip(&mut walking) {
                *entry = unit.expect(smoothing);
                unit.learn(-*entry, smoothing);
            }
            for (at, x) in row.iter().enumerate() {
                moment[at] += x * error;
                for (entry, other) in gram[at * columns..].iter_mut().zip(&row[..=at]) {
                    *entry += x * other;
                }
            }
        }
        let weights = linear::solve_symmetric(&mut gram, &moment);
        let explained: f64 = weights.iter().zip(&moment).map(|(w, m)| w * m).sum();
        let mut start = State::zero(season);
        for (weight, unit) in weights.iter().zip(&units) {
            start.level += weight * unit.level;
            start.slope += weight * unit.slope;
            for (effect, part) in start.seasonal.iter_mut().zip(&unit.seasonal) {
                *effect += weight * part;
            }
        }
        Errors {
            squares: (total - explained).max(0.0),
            start,
        }
    }
}

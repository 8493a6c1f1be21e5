//! Regression on the calendar: day of the week, holidays, waves of the year and a piecewise-linear
//! trend (Taylor & Letham, *Forecasting at scale*, 2018), fitted by ridge regression with Huber
//! weights; what is left is carried on by an autoregression (regression with ARMA errors).

use std::f64::consts::TAU;

use crate::numeric::{linear, order};

use super::residual::Autoregression;
use super::sample::{Outlook, Sample};

/// Two more unknowns than this cannot be found from less.
const VALUES_MIN: usize = 21;
/// Steps between changepoints of the trend.
const KNOT_STEPS: usize = 28;
/// The slope does not change in this many last steps, which are too few to tell.
const KNOT_FREE_STEPS: usize = 14;
const DAYS_OF_YEAR: f64 = 365.25;
/// Waves of the year by days of history: none, a few, more.
const WAVES: [(usize, usize); 3] = [(0, 0), (400, 2), (730, 6)];
/// Penalties in units of observations, for columns that vary by about one.
const PENALTY_WEEKDAY: f64 = 1.0;
const PENALTY_WAVE: f64 = 10.0;
const PENALTY_KNOT: f64 = 3.0;
const PENALTY_HOLIDAY: f64 = 2.0;
const HUBER_ROUNDS: usize = 4;
/// Distances beyond so many σ count linearly only.
const HUBER_LIMIT: f64 = 2.0;

/// ŷ = trend + weekday + waves + holiday + the carried-on rest.
pub fn forecast(sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
    regress(sample, horizon, true)
}

/// The same without carrying the rest on: slow to believe what the last days say, and therefore
/// good company for models that believe nothing else.
pub fn forecast_steady(sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
    regress(sample, horizon, false)
}

fn regress(sample: &Sample<'_>, horizon: usize, carries_on: bool) -> Option<Outlook> {
    let count = sample.values.len();
    if count < VALUES_MIN.max(2 * sample.season) {
        return None;
    }
    let design = Design::of(sample);
    let columns = design.penalties.len();
    let rows: Vec<f64> = (0..count + horizon)
        .flat_map(|at| design.row(sample, at))
        .collect();
    let (known, coming) = rows.split_at(count * columns);
    let beta = robust_ridge(known, sample.values, &design.penalties);
    let predict = |row: &[f64]| -> f64 { row.iter().zip(&beta).map(|(x, b)| x * b).sum() };
    let rest: Vec<f64> = known
        .chunks_exact(columns)
        .zip(sample.values)
        .map(|(row, value)| value - predict(row))
        .collect();
    let carried = if carries_on {
        Autoregression::fit(&rest).forecast(&rest, horizon)
    } else {
        Outlook {
            mean: vec![0.0; horizon],
            sigma: vec![order::variance(&rest).sqrt(); horizon],
        }
    };
    Some(Outlook {
        mean: coming
            .chunks_exact(columns)
            .zip(&carried.mean)
            .map(|(row, extra)| predict(row) + extra)
            .collect(),
        sigma: carried.sigma,
    })
}

/// Iteratively reweighted: weights 1 within two robust σ, falling as 1/distance beyond.
pub(super) fn robust_ridge(rows: &[f64], target: &[f64], penalties: &[f64]) -> Vec<f64> {
    let mut weights = vec![1.0; target.len()];
    let mut beta = Vec::new();
    for _ in 0..HUBER_ROUNDS {
        beta = linear::ridge(rows, target, &weights, penalties);
        let rest: Vec<f64> = rows
            .chunks_exact(penalties.len())
            .zip(target)
            .map(|(row, value)| value - row.iter().zip(&beta).map(|(x, b)| x * b).sum::<f64>())
            .collect();
        let limit = HUBER_LIMIT * order::robust_sigma(&rest).max(1e-9);
        for (weight, error) in weights.iter_mut().zip(&rest) {
            *weight = (limit / error.abs().max(limit)).min(1.0);
        }
    }
    beta
}

/// Which columns there are, and how each is held back.
struct Design {
    season: usize,
    waves: usize,
    knots: Vec<usize>,
    count: usize,
    has_holidays: bool,
    penalties: Vec<f64>,
}

impl Design {
    fn of(sample: &Sample<'_>) -> Design {
        let count = sample.values.len();
        let waves = WAVES
            .iter()
            .filter(|(days, _)| sample.is_daily && count >= *days)
            .map(|(_, waves)| *waves)
            .max()
            .unwrap_or(0);
        let last_knot = count.saturating_sub(KNOT_FREE_STEPS);
        let knots: Vec<usize> = (KNOT_STEPS..last_knot).step_by(KNOT_STEPS).collect();
        let season = if sample.season > 1 { sample.season } else { 0 };
        let has_holidays = (0..count).any(|at| sample.is_holiday(at));
        let mut penalties = vec![1e-6, 1e-3];
        penalties.extend(std::iter::repeat_n(PENALTY_WEEKDAY, season));
        penalties.extend((0..waves).flat_map(|wave| [PENALTY_WAVE * (wave + 1) as f64; 2]));
        penalties.extend(std::iter::repeat_n(PENALTY_KNOT, knots.len()));
        if has_holidays {
            penalties.push(PENALTY_HOLIDAY);
        }
        Design {
            season,
            waves,
            knots,
            count,
            has_holidays,
            penalties,
        }
    }

    fn row(&self, sample: &Sample<'_>, at: usize) -> Vec<f64> {
        let span = KNOT_STEPS as f64;
        let now = at.min(self.count) as f64;
        let mut row = vec![1.0, (now - self.count as f64) / self.count as f64];
        let phase = sample.phase(at);
        row.extend((0..self.season).map(|position| f64::from(u8::from(position == phase))));
        let day = (sample.first_step + at as i64) as f64;
        for wave in 1..=self.waves {
            let angle = TAU * wave as f64 * day / DAYS_OF_YEAR;
            row.extend([angle.sin(), angle.cos()]);
        }
        row.extend(
            self.knots
                .iter()
                .map(|knot| (now - *knot as f64).max(0.0) / span),
        );
        if self.has_holidays {
            row.push(f64::from(u8::from(sample.is_holiday(at))));
        }
        row
    }
}

//! Decomposition of one or two cycles by STL, the part without cycles carried on by exponential
//! smoothing: Bandara, Hyndman & Bergmeir, *MSTL: A seasonal-trend decomposition algorithm for time
//! series with multiple seasonal patterns* (2021).

use super::ets;
use super::loess::{smooth, stl};
use super::sample::{Outlook, Sample};

/// Rounds over all cycles.
const ROUNDS: usize = 2;
/// Cycles that the first seasonal smoother remembers; each further one four more.
const WINDOW: usize = 11;
/// Days of a year, as a cycle, and how many of them make it worth looking for.
const YEAR: usize = 365;
const YEARS_MIN: usize = 3;
/// Days over which the cycle of the year is smoothed; with one value a year for each day it would
/// otherwise repeat the noise of last year.
const YEAR_SMOOTHING_DAYS: usize = 31;

/// ŷ = carried-on cycles + ETS of the rest. Each cycle repeats its last round.
pub fn forecast(sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
    let count = sample.values.len();
    let mut periods = Vec::new();
    if sample.season > 1 && count >= 3 * sample.season {
        periods.push(sample.season);
    }
    if sample.is_daily && count >= YEARS_MIN * YEAR {
        periods.push(YEAR);
    }
    let mut effects = vec![vec![0.0; count]; periods.len()];
    let mut adjusted = sample.values.to_vec();
    for _ in 0..ROUNDS {
        for (at, (period, effect)) in periods.iter().zip(&mut effects).enumerate() {
            for (value, own) in adjusted.iter_mut().zip(effect.iter()) {
                *value += own;
            }
            *effect = stl(&adjusted, *period, WINDOW + 4 * at, 0).seasonal;
            if *period == YEAR {
                *effect = smooth(effect, YEAR_SMOOTHING_DAYS, &[]);
            }
            for (value, own) in adjusted.iter_mut().zip(effect.iter()) {
                *value -= own;
            }
        }
    }
    let plain = Sample {
        values: &adjusted,
        season: 1,
        ..*sample
    };
    let mut outlook = ets::forecast(&plain.last(super::WINDOW_STEPS), horizon)?;
    for (period, effect) in periods.iter().zip(&effects) {
        let last = &effect[count - period..];
        for (step, mean) in outlook.mean.iter_mut().enumerate() {
            *mean += last[step % period];
        }
    }
    Some(outlook)
}

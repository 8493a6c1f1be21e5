//! When the level of a series changed for good: segments of constant mean by the exact method of
//! Killick, Fearnhead & Eckley, *Optimal detection of changepoints with a linear computational
//! cost* (2012). Short bursts are anomalies and not the business of this file.

use crate::numeric::order;
use crate::seasonality;

/// Steps that a new level must last; a week, so that no weekend is one.
pub const SEGMENT_STEPS_MIN: usize = 7;
/// Newest values that are looked at.
pub const VALUES_MAX: usize = 5_000;
/// Price of one more changepoint, in σ² ln n. Two would be the Bayesian criterion for normal noise;
/// traffic has heavier tails.
const PRICE: f64 = 4.0;
/// Strongest memory of the noise that is allowed for; more cannot be told from a walk.
const MEMORY_MAX: f64 = 0.8;
/// Distances beyond so many σ from the local median are pulled in, so that one wild day is no
/// level.
const WILD_SIGMAS: f64 = 4.0;

/// A step at which the level changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Changepoint {
    /// Index of the first value on the new level.
    pub at: usize,
    /// Mean of the segment before, in units of the values.
    pub before: f64,
    /// Mean of the segment from there on.
    pub after: f64,
    /// Size of the change in standard deviations of the noise.
    pub sigmas: f64,
}

/// The changes of level, oldest first, after a cycle of `season` steps (1: none) was taken out.
/// Empty for a series that is too short or holds a number that is not finite.
pub fn changepoints(values: &[f64], season: usize) -> Vec<Changepoint> {
    let skipped = values.len().saturating_sub(VALUES_MAX);
    let newest = &values[skipped..];
    if newest.len() < 2 * SEGMENT_STEPS_MIN || newest.iter().any(|value| !value.is_finite()) {
        return Vec::new();
    }
    let effects = seasonality::profile(newest, season);
    let plain: Vec<f64> = newest
        .iter()
        .enumerate()
        .map(|(at, value)| value - effects.as_ref().map_or(0.0, |found| found.effect(at)))
        .collect();
    let (sigma, memory) = noise_of(&plain);
    if sigma <= 0.0 {
        return exact_steps(&plain, skipped);
    }
    let tame = tamed(&plain, sigma);
    let price = PRICE * (tame.len() as f64).ln() * (1.0 + memory) / (1.0 - memory);
    let ends = segment_ends(&tame, price * sigma * sigma);
    between(&tame, &ends, sigma, skipped)
}

/// σ of the noise and its correlation with the step before, both from differences, which a change
/// of level hardly touches. For noise with correlation ρ, neighbouring differences have −(1−ρ)/2.
fn noise_of(values: &[f64]) -> (f64, f64) {
    let differences: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let spread = order::robust_sigma(&differences);
    let limit = 3.0 * spread;
    let tame: Vec<f64> = differences.iter().map(|d| d.clamp(-limit, limit)).collect();
    let memory = (1.0 + 2.0 * order::autocorrelation(&tame, 1)).clamp(0.0, MEMORY_MAX);
    (spread / (2.0 * (1.0 - memory)).sqrt(), memory)
}

/// The values, none further than [`WILD_SIGMAS`] from the median of the week around it.
fn tamed(values: &[f64], sigma: f64) -> Vec<f64> {
    let reach = SEGMENT_STEPS_MIN / 2;
    (0..values.len())
        .map(|at| {
            let start = at.saturating_sub(reach);
            let end = (at + reach + 1).min(values.len());
            let centre = order::median(&values[start..end]);
            values[at].clamp(centre - WILD_SIGMAS * sigma, centre + WILD_SIGMAS * sigma)
        })
        .collect()
}

/// A series of nothing but steps has no noise to measure changes by: every change that lasts is
/// one.
fn exact_steps(values: &[f64], skipped: usize) -> Vec<Changepoint> {
    let mut ends: Vec<usize> = Vec::new();
    let mut start = 0;
    for level in values.chunk_by(|a, b| a == b) {
        start += level.len();
        if level.len() >= SEGMENT_STEPS_MIN {
            ends.push(start);
        }
    }
    if let Some(last) = ends.last_mut() {
        *last = values.len();
    }
    between(values, &ends, order::variance(values).sqrt(), skipped)
}

/// Where the segments of least squares plus `price` each end.
fn segment_ends(values: &[f64], price: f64) -> Vec<usize> {
    let count = values.len();
    let (mut sums, mut squares) = (vec![0.0], vec![0.0]);
    let centre = order::median(values);
    for (at, value) in values.iter().enumerate() {
        // About the median, so that a high level does not swallow the squares.
        let value = value - centre;
        sums.push(sums[at] + value);
        squares.push(squares[at] + value * value);
    }
    let cost = |from: usize, to: usize| -> f64 {
        let sum: f64 = sums[to] - sums[from];
        (squares[to] - squares[from] - sum * sum / (to - from) as f64).max(0.0)
    };
    let mut best = vec![f64::INFINITY; count + 1];
    best[0] = -price;
    let mut previous = vec![0; count + 1];
    let mut candidates = vec![0];
    for end in SEGMENT_STEPS_MIN..=count {
        for &start in &candidates {
            let total = best[start] + cost(start, end) + price;
            if total < best[end] {
                (best[end], previous[end]) = (total, start);
            }
        }
        // A start that is worse by more than the price will never be the best again.
        candidates.retain(|&start| best[start] + cost(start, end) <= best[end]);
        candidates.push(end + 1 - SEGMENT_STEPS_MIN);
    }
    let mut ends = Vec::new();
    let mut end = count;
    while end > 0 {
        ends.push(end);
        end = previous[end];
    }
    ends.reverse();
    ends
}

fn between(values: &[f64], ends: &[usize], sigma: f64, skipped: usize) -> Vec<Changepoint> {
    let mut found = Vec::new();
    let mut start = 0;
    for pair in ends.windows(2) {
        let before = order::mean(&values[start..pair[0]]);
        let after = order::mean(&values[pair[0]..pair[1]]);
        found.push(Changepoint {
            at: skipped + pair[0],
            before,
            after,
            sigmas: (after - before).abs() / sigma.max(f64::MIN_POSITIVE),
        });
        start = pair[0];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noisy(count: usize, level: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut state: u64 = 11;
        (0..count)
            .map(|at| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                level(at) + ((state >> 33) % 2_001) as f64 / 1_000.0 - 1.0
            })
            .collect()
    }

    #[test]
    fn steps_are_found_where_they_are() {
        let week = [2.0, 1.0, 0.0, 0.0, 0.0, -1.0, -2.0];
        let values = noisy(210, |at| {
            week[at % 7]
                + if at < 70 {
                    10.0
                } else if at < 150 {
                    15.0
                } else {
                    8.0
                }
        });
        let found = changepoints(&values, 7);
        let places: Vec<usize> = found.iter().map(|change| change.at).collect();
        assert_eq!(places.len(), 2, "{found:?}");
        assert!(
            places[0].abs_diff(70) <= 1 && places[1].abs_diff(150) <= 1,
            "{found:?}"
        );
        assert!((found[0].after - found[0].before - 5.0).abs() < 0.5);
    }

    #[test]
    fn one_wild_day_is_no_level() {
        let mut values = noisy(140, |_| 10.0);
        values[60] = 500.0;
        assert_eq!(changepoints(&values, 1), []);
    }

    #[test]
    fn noise_has_one_level() {
        assert_eq!(changepoints(&noisy(300, |_| 0.0), 1), []);
        assert_eq!(changepoints(&[7.0; 100], 7), []);
        assert_eq!(changepoints(&[1.0], 1), []);
    }

    #[test]
    fn bare_steps_are_found_too() {
        let values: Vec<f64> = (0..60).map(|at| if at < 20 { 1.0 } else { 4.0 }).collect();
        let found = changepoints(&values, 1);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].at, found[0].before, found[0].after),
            (20, 1.0, 4.0)
        );
    }
}

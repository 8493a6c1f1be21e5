//! Local regression and the seasonal-trend decomposition built on it: Cleveland, Cleveland, McRae &
//! Terpenning, *STL: A seasonal-trend decomposition procedure based on loess* (1990). Equidistant
//! values only.

/// A series in three parts that add up to it.
#[derive(Debug, Clone)]
pub struct Decomposition {
    /// The cycle.
    pub seasonal: Vec<f64>,
    /// The slow part.
    pub trend: Vec<f64>,
    /// What is left.
    pub rest: Vec<f64>,
}

/// How often the inner loop runs; two are enough for everything but demonstrations.
const INNER_ROUNDS: usize = 2;

/// Decomposes with `seasonal_window` cycles of memory and `outer_rounds` robust rounds (0: none).
/// Needs at least two cycles; a shorter series comes back as trend alone.
pub fn stl(
    values: &[f64],
    season: usize,
    seasonal_window: usize,
    outer_rounds: usize,
) -> Decomposition {
    let count = values.len();
    if season < 2 || count < 2 * season {
        let trend = smooth(values, odd(count.max(3)), &[]);
        let rest = values.iter().zip(&trend).map(|(v, t)| v - t).collect();
        return Decomposition {
            seasonal: vec![0.0; count],
            trend,
            rest,
        };
    }
    let trend_window =
        odd((1.5 * season as f64 / (1.0 - 1.5 / seasonal_window as f64)).ceil() as usize);
    let mut trend = vec![0.0; count];
    let mut seasonal = vec![0.0; count];
    let mut weights: Vec<f64> = Vec::new();
    for round in 0..=outer_rounds {
        for _ in 0..INNER_ROUNDS {
            let detrended: Vec<f64> = values.iter().zip(&trend).map(|(v, t)| v - t).collect();
            seasonal = season_step(&detrended, season, seasonal_window, &weights);
            let adjusted: Vec<f64> = values.iter().zip(&seasonal).map(|(v, s)| v - s).collect();
            trend = smooth(&adjusted, trend_window, &weights);
        }
        if round < outer_rounds {
            weights = robustness(values, &seasonal, &trend);
        }
    }
    let rest = (0..count)
        .map(|at| values[at] - seasonal[at] - trend[at])
        .collect();
    Decomposition {
        seasonal,
        trend,
        rest,
    }
}

/// Smooths each position of the cycle over the cycles, and takes slow movement out of the result.
fn season_step(detrended: &[f64], season: usize, window: usize, weights: &[f64]) -> Vec<f64> {
    let count = detrended.len();
    // One cycle more on either side, which the moving averages below use up.
    let mut extended = vec![0.0; count + 2 * season];
    for position in 0..season {
        let pick = |from: &[f64]| -> Vec<f64> {
            from.iter()
                .skip(position)
                .step_by(season)
                .copied()
                .collect()
        };
        let own = pick(detrended);
        let own_weights = pick(weights);
        for (cycle, value) in smooth_extended(&own, window, &own_weights)
            .iter()
            .enumerate()
        {
            if let Some(slot) = extended.get_mut(position + cycle * season) {
                *slot = *value;
            }
        }
    }
    let low = moving_mean(&moving_mean(&moving_mean(&extended, season), season), 3);
    let low = smooth(&low, odd(season), &[]);
    (0..count)
        .map(|at| extended[at + season] - low[at])
        .collect()
}

fn moving_mean(values: &[f64], window: usize) -> Vec<f64> {
    let mut sum: f64 = values[..window].iter().sum();
    let mut means = vec![sum / window as f64];
    for at in window..values.len() {
        sum += values[at] - values[at - window];
        means.push(sum / window as f64);
    }
    means
}

/// Bisquare weights from the size of what is left.
fn robustness(values: &[f64], seasonal: &[f64], trend: &[f64]) -> Vec<f64> {
    let rest: Vec<f64> = (0..values.len())
        .map(|at| (values[at] - seasonal[at] - trend[at]).abs())
        .collect();
    let limit = 6.0 * crate::numeric::order::median(&rest);
    rest.iter()
        .map(|size| match size / limit {
            share if share.is_nan() || share <= 0.001 => 1.0,
            share if share >= 0.999 => 0.0,
            share => (1.0 - share * share).powi(2),
        })
        .collect()
}

/// Loess of degree 1 at every index, with `window` nearest values and optional weights.
pub fn smooth(values: &[f64], window: usize, weights: &[f64]) -> Vec<f64> {
    (0..values.len())
        .map(|at| smooth_at(values, window, weights, at as f64))
        .collect()
}

/// The same with one value more on either side.
fn smooth_extended(values: &[f64], window: usize, weights: &[f64]) -> Vec<f64> {
    (0..values.len() + 2)
        .map(|at| smooth_at(values, window, weights, at as f64 - 1.0))
        .collect()
}

fn smooth_at(values: &[f64], window: usize, weights: &[f64], at: f64) -> f64 {
    let count = values.len();
    let near = window.min(count);
    let start = (at - (near as f64 - 1.0) / 2.0).round().max(0.0) as usize;
    let start = start.min(count - near);
    let mut reach = (at - start as f64).max((start + near - 1) as f64 - at);
    if window > count {
        reach += ((window - count) / 2) as f64;
    }
    let (mut sw, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (index, value) in values.iter().enumerate().skip(start).take(near) {
        let x = index as f64 - at;
        let share = x.abs() / reach.max(1e-9);
        if share > 0.999 {
            continue;
        }
        let tricube = if share > 0.001 {
            (1.0 - share.powi(3)).powi(3)
        } else {
            1.0
        };
        let weight = tricube * weights.get(index).copied().unwrap_or(1.0);
        sw += weight;
        sx += weight * x;
        sy += weight * value;
        sxx += weight * x * x;
        sxy += weight * x * value;
    }
    if sw <= 0.0 {
        // Every neighbour was called wild, which a series without noise does to the neighbours of
        // its one spike. To believe the spike then would hide it, so all of them count again.
        if !weights.is_empty() {
            return smooth_at(values, window, &[], at);
        }
        let nearest = at.round().clamp(0.0, (count - 1) as f64) as usize;
        return values[nearest];
    }
    let spread = sxx - sx * sx / sw;
    // Without horizontal spread the best line is a level one.
    if spread.max(0.0).sqrt() <= 0.001 * (count as f64 - 1.0) * sw.sqrt() {
        return sy / sw;
    }
    let slope = (sxy - sx * sy / sw) / spread;
    (sy - slope * sx) / sw
}

/// The next odd number.
pub fn odd(number: usize) -> usize {
    number | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_cycle_is_taken_apart() {
        let cycle = [3.0, 1.0, 0.0, -1.0, -3.0, 2.0, -2.0];
        let values: Vec<f64> = (0..140).map(|at| 0.1 * at as f64 + cycle[at % 7]).collect();
        let parts = stl(&values, 7, 11, 0);
        for at in 0..140 {
            assert!((parts.seasonal[at] - cycle[at % 7]).abs() < 0.01, "{at}");
            assert!(parts.rest[at].abs() < 0.01, "{at}");
        }
    }

    #[test]
    fn robust_rounds_leave_a_spike_in_the_rest() {
        let mut values: Vec<f64> = (0..140).map(|at| (at % 7) as f64).collect();
        values[70] += 100.0;
        let parts = stl(&values, 7, 11, 5);
        assert!(parts.rest[70] > 95.0, "{}", parts.rest[70]);
        assert!(parts.rest[77].abs() < 1.0, "{}", parts.rest[77]);
    }
}

//! The usual week on the level of the last two months: medians by weekday about the mean of eight
//! weeks. It believes no single week, which makes it good company for models that follow every
//! move.

use crate::numeric::order;

use super::sample::{Outlook, Sample};

/// Cycles that the level is the mean of.
const LEVEL_CYCLES: usize = 8;
/// Cycles that the effects are the medians of.
const EFFECT_CYCLES: usize = 12;
/// Cycles on which it is tried out for its σ.
const TRIAL_CYCLES: usize = 26;
/// Fewest of them.
const TRIAL_CYCLES_MIN: usize = 3;
/// Shorter cycles are counted in weeks.
const UNIT_STEPS_MIN: usize = 7;

/// ŷ(t+h) = level + effect of its place in the cycle; σ is the root mean square of its errors when
/// it is tried on the last half year, each cycle from those before it.
pub fn forecast(sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
    let season = sample.season.max(1);
    let unit = season.max(UNIT_STEPS_MIN);
    let values = sample.values;
    let needed = LEVEL_CYCLES * unit;
    let trials = (values.len().checked_sub(needed)? / unit).min(TRIAL_CYCLES);
    if trials < TRIAL_CYCLES_MIN {
        return None;
    }
    let squares: f64 = (1..=trials)
        .map(|back| {
            let end = values.len() - back * unit;
            let expected = expect(&values[..end], season, unit, unit);
            let pairs = values[end..end + unit].iter().zip(&expected);
            pairs.map(|(value, e)| (value - e).powi(2)).sum::<f64>()
        })
        .sum();
    let sigma = (squares / (trials * unit) as f64).sqrt();
    Some(Outlook {
        mean: expect(values, season, unit, horizon),
        sigma: vec![sigma; horizon],
    })
}

fn expect(values: &[f64], season: usize, unit: usize, horizon: usize) -> Vec<f64> {
    let effects = effects(values, season);
    let start = values.len() - LEVEL_CYCLES * unit;
    // Positions are counted from the end of the values, where a cycle begins.
    let phase = |at: usize| (season - (values.len() - at) % season) % season;
    let adjusted: Vec<f64> = (start..values.len())
        .map(|at| values[at] - effects[phase(at)])
        .collect();
    let level = order::mean(&adjusted);
    (0..horizon)
        .map(|step| level + effects[step % season])
        .collect()
}

/// Median distance of each position from the mean of its cycle, over the newest cycles.
fn effects(values: &[f64], season: usize) -> Vec<f64> {
    let whole = (values.len() / season).min(EFFECT_CYCLES) * season;
    let newest = &values[values.len() - whole..];
    let mut distances: Vec<Vec<f64>> = vec![Vec::new(); season];
    for cycle in newest.chunks_exact(season) {
        let centre = order::mean(cycle);
        for (own, value) in distances.iter_mut().zip(cycle) {
            own.push(value - centre);
        }
    }
    distances.iter().map(|own| order::median(own)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64]) -> Sample<'_> {
        Sample {
            values,
            first_step: 0,
            season: 7,
            is_daily: true,
            holidays: &[],
        }
    }

    #[test]
    fn the_usual_week_goes_on_after_a_wild_one() {
        let mut values: Vec<f64> = (0..102).map(|at| 10.0 + (at % 7) as f64).collect();
        values[90] = 17.0;
        let found = forecast(&sample(&values), 7).unwrap();
        for (step, mean) in found.mean.iter().enumerate() {
            let expected = 10.0 + ((102 + step) % 7) as f64;
            assert!((mean - expected).abs() < 0.2, "{found:?}");
        }
        assert!(found.sigma[0] > 0.0);
    }

    #[test]
    fn a_few_weeks_are_not_usual() {
        assert_eq!(forecast(&sample(&[1.0; 76]), 7), None);
        assert!(forecast(&sample(&[1.0; 77]), 7).is_some());
    }
}

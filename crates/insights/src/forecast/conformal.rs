//! Intervals that keep their promise: how many of its own σ the ensemble was wrong by at earlier
//! origins decides how wide it is now. Split conformal prediction (Vovk, Gammerman & Shafer 2005)
//! on errors in units of σ, weighted towards the recent ones (Barber, Candès, Ramdas & Tibshirani,
//! *Conformal prediction beyond exchangeability*, 2023), blended with the normal distribution while
//! there are few.

use crate::numeric::distribution::normal_quantile;

/// Origins after which a score counts half: recent calm or storm is what the next week resembles.
const HALF_LIFE_ORIGINS: f64 = 6.0;
/// So many scores of the normal distribution are mixed in.
const PRIOR_SCORES: f64 = 60.0;
/// Factor on the normal half-width without any score of its own, for the narrow and the wide
/// interval. Models average out part of each other's error but not of each other's σ, and errors
/// have longer tails than the normal distribution: on the log scale 80 % intervals of common models
/// hold 85 to 87 %, which is a factor of 0.85 to 0.89, while the wide ones are about right.
const PRIOR_FACTORS: (f64, f64) = (0.86, 1.0);

/// One past step: how old its origin is, and |actual − expected| / σ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Origins since; the newest is 1.
    pub age: usize,
    /// Distance in σ, never negative.
    pub distance: f64,
}

/// Half-widths of the intervals, in σ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Widths {
    /// Of the 80 % interval.
    pub narrow: f64,
    /// Of the 95 % interval.
    pub wide: f64,
}

/// Calibrates the widths.
pub fn widths(scores: &[Score]) -> Widths {
    let mut weighted: Vec<(f64, f64)> = scores
        .iter()
        .filter(|score| score.distance.is_finite())
        .map(|score| {
            (
                score.distance,
                0.5_f64.powf(score.age as f64 / HALF_LIFE_ORIGINS),
            )
        })
        .collect();
    weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
    let squares: f64 = weighted.iter().map(|(_, weight)| weight * weight).sum();
    let effective = if squares > 0.0 {
        total * total / squares
    } else {
        0.0
    };
    let share = effective / (effective + PRIOR_SCORES);
    let width = |coverage: f64, factor: f64| {
        let normal = factor * normal_quantile(0.5 + coverage / 2.0);
        // The coming score is one more: of n, the one at the rank (n + 1) · coverage is what keeps
        // the promise on average. Without this the wide interval is too narrow.
        let rank = (coverage * (1.0 + 1.0 / effective.max(1.0))).min(1.0);
        share * weighted_quantile(&weighted, total, rank) + (1.0 - share) * normal
    };
    let narrow = width(0.80, PRIOR_FACTORS.0);
    Widths {
        narrow,
        wide: width(0.95, PRIOR_FACTORS.1).max(narrow),
    }
}

/// Quantile of weighted values in ascending order, linear between their midpoints.
fn weighted_quantile(weighted: &[(f64, f64)], total: f64, probability: f64) -> f64 {
    let target = probability * total;
    let mut below = 0.0;
    let mut last = (0.0, 0.0);
    for (at, (value, weight)) in weighted.iter().enumerate() {
        let middle = below + weight / 2.0;
        if middle >= target {
            if at == 0 || middle <= last.0 {
                return *value;
            }
            return last.1 + (value - last.1) * (target - last.0) / (middle - last.0);
        }
        last = (middle, *value);
        below += weight;
    }
    last.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(distances: impl Iterator<Item = f64>) -> Vec<Score> {
        distances
            .enumerate()
            .map(|(at, distance)| Score {
                age: 1 + at / 7,
                distance,
            })
            .collect()
    }

    #[test]
    fn without_scores_the_normal_distribution_speaks() {
        let found = widths(&[]);
        assert!((found.narrow - 0.86 * 1.281_551_6).abs() < 1e-6);
        assert!((found.wide - 1.959_964).abs() < 1e-6);
    }

    #[test]
    fn a_model_that_errs_more_than_it_thinks_is_widened() {
        let calm = widths(&scores((0..140).map(|at| f64::from(at * 37 % 100) / 50.0)));
        let wild = widths(&scores((0..140).map(|at| f64::from(at * 37 % 100) / 10.0)));
        assert!(wild.narrow > 2.0 * calm.narrow && wild.wide > 2.0 * calm.wide);
    }

    #[test]
    fn the_newest_scores_count_most() {
        // The newest 14 of 20 origins are 70 % of the scores but hold 89 % of the weight: only with
        // weights do the wild ones lie beyond the 80 % point when they are the old ones.
        let step = |at: i32, early: bool| if (at < 98) == early { 4.0 } else { 1.0 };
        let newly_wild = widths(&scores((0..140).map(|at| step(at, true))));
        let newly_calm = widths(&scores((0..140).map(|at| step(at, false))));
        assert!(newly_wild.narrow > newly_calm.narrow);
    }

    #[test]
    fn few_scores_are_read_with_one_more_to_come() {
        // Nineteen equal scores and a twentieth far out: 0.95 · 21 / 20 of them lie beyond the
        // nineteenth.
        let few = (0..20).map(|at| Score {
            age: 1,
            distance: if at == 19 { 9.0 } else { 1.0 },
        });
        let found = widths(&few.collect::<Vec<_>>());
        let share = 20.0 / (20.0 + PRIOR_SCORES);
        let normal = (1.0 - share) * normal_quantile(0.975);
        assert!(found.wide > share * 8.0 + normal, "{found:?}");
    }
}

//! What is usual, as a sorted memory of limited length; and how unusual a number is: −log₁₀ of the
//! probability of one at least as large, its tail taken as exponential beyond the 99 % point.

use std::collections::VecDeque;

/// Where the tail begins.
const HIGH: f64 = 0.99;
/// The slope of the tail is read between here and [`HIGH`].
const MIDDLE: f64 = 0.90;
/// Values before which nothing is unusual.
const VALUES_MIN: usize = 30;

/// A sorted memory that forgets the oldest value when it is full.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    sorted: Vec<f64>,
    by_age: VecDeque<f64>,
    values_max: usize,
}

impl Memory {
    pub(super) fn new(values_max: usize) -> Memory {
        Memory {
            sorted: Vec::new(),
            by_age: VecDeque::new(),
            values_max,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Remembers a finite value.
    pub(super) fn push(&mut self, value: f64) {
        let at = self.sorted.partition_point(|held| *held < value);
        self.sorted.insert(at, value);
        self.by_age.push_back(value);
        if self.by_age.len() > self.values_max
            && let Some(oldest) = self.by_age.pop_front()
        {
            let place = self.sorted.partition_point(|held| *held < oldest);
            self.sorted.remove(place);
        }
    }

    /// Distance to the nearest remembered value; 0 without any.
    pub(super) fn distance(&self, value: f64) -> f64 {
        let at = self.sorted.partition_point(|held| *held < value);
        let above = self.sorted.get(at).map(|held| held - value);
        let below = at.checked_sub(1).map(|before| value - self.sorted[before]);
        above.into_iter().chain(below).fold(f64::MAX, f64::min).min(
            // Without neighbours the fold is still at its start.
            if self.sorted.is_empty() {
                0.0
            } else {
                f64::MAX
            },
        )
    }

    /// Quantile, linear between neighbours.
    pub(super) fn quantile(&self, probability: f64) -> f64 {
        crate::numeric::order::quantile_of_sorted(&self.sorted, probability)
    }

    /// Surprise of a number among those remembered: 0 at the median, 2 at the 99 % point, and one
    /// more for every tenth of the probability beyond.
    pub(super) fn surprise(&self, value: f64) -> f64 {
        if self.len() < VALUES_MIN {
            return 0.0;
        }
        let (median, middle, high) = (
            self.quantile(0.5),
            self.quantile(MIDDLE),
            self.quantile(HIGH),
        );
        let at_high = -(1.0 - HIGH).log10();
        if value <= high {
            let span = high - median;
            if span <= 0.0 {
                return 0.0;
            }
            return at_high * ((value - median) / span).clamp(0.0, 1.0);
        }
        let range = self.quantile(1.0) - self.quantile(0.0);
        let per_decade = (high - middle) / ((1.0 - MIDDLE) / (1.0 - HIGH)).log10();
        // Floors: a tail that seems to have no length at all must not make everything a wonder.
        let decade = per_decade
            .max(0.23 * (high - median))
            .max(2.3e-3 * range)
            .max(f64::MIN_POSITIVE);
        at_high + (value - high) / decade
    }
}

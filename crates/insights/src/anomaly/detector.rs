//! The detector: takes one measurement after the other and scores each before the next one comes.

use std::collections::VecDeque;

use crate::numeric::order;

use super::habit::{Habit, SILENCE_STEPS_MAX, SILENCE_STEPS_MIN};
use super::novelty::Novelty;
use super::seasonal::Usual;

/// Steps for which a value is no neighbour of those that follow.
const VALUE_DELAY_STEPS: usize = 5;
const SEASONAL_DELAY_STEPS: usize = 10;
const UNREST_DELAY_STEPS: usize = 10;
const SMOOTH_DELAY_STEPS: usize = 10;
/// Values whose standard deviation is the unrest.
const UNREST_STEPS: usize = 20;
/// Values of the short mean, which a single outlier moves less.
const SMOOTH_STEPS: usize = 3;
/// The mean distance from the usual is taken over a day, within these limits.
const SEASONAL_STEPS: (usize, usize) = (8, 100);
/// How much each stream has to say.
const VALUE_WEIGHT: f64 = 1.0;
const SEASONAL_WEIGHT: f64 = 0.5;
const UNREST_WEIGHT: f64 = 0.5;
const SMOOTH_WEIGHT: f64 = 0.25;
/// Damped surprise at which the score is one half.
const HALF_SCORE: f64 = 1.75;
/// Gaps from which the length of a step is learnt.
const GAPS: usize = 31;
const SECONDS_OF_DAY: i64 = 86_400;

/// What the detector says about one measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// 0 (nothing) to 1; an anomaly from [`super::THRESHOLD`] on.
    pub score: f64,
    /// What was expected before the value was seen; the value itself at the very first.
    pub expected: f64,
    /// Lower end of the range in which 99 % of values were, relative to what was expected.
    pub low: f64,
    /// Upper end of that range.
    pub high: f64,
}

/// A detector of one series. Its memory is bounded.
#[derive(Debug, Clone)]
pub struct Detector {
    usual: Usual,
    value: Novelty,
    seasonal: Novelty,
    unrest: Novelty,
    smooth: Novelty,
    recent: VecDeque<f64>,
    distances: VecDeque<f64>,
    gaps: VecDeque<i64>,
    last_seconds: Option<i64>,
    habit: Habit,
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl Detector {
    /// A detector that has seen nothing.
    pub fn new() -> Detector {
        Detector {
            usual: Usual::new(),
            value: Novelty::new(VALUE_DELAY_STEPS),
            seasonal: Novelty::new(SEASONAL_DELAY_STEPS),
            unrest: Novelty::new(UNREST_DELAY_STEPS),
            smooth: Novelty::new(SMOOTH_DELAY_STEPS),
            recent: VecDeque::new(),
            distances: VecDeque::new(),
            gaps: VecDeque::new(),
            last_seconds: None,
            habit: Habit::new(),
        }
    }

    /// Scores the measurement at `seconds` since 1970-01-01 and learns from it. A value that is no
    /// finite number scores 0 and teaches nothing.
    pub fn next(&mut self, seconds: i64, value: f64) -> Verdict {
        let expected = self.usual.expect(seconds);
        let verdict = |score: f64| {
            let (centre, reach) = expected.map_or((value, 0.0), |e| (e.value, e.reach));
            Verdict {
                score,
                expected: centre,
                low: centre - reach,
                high: centre + reach,
            }
        };
        if !value.is_finite() {
            return verdict(0.0);
        }
        self.learn_cadence(seconds);
        let day_steps = (SECONDS_OF_DAY / self.step_seconds()).max(1) as usize;
        let distance = expected.map_or(0.0, |e| value - e.seasonal);
        let window = day_steps.clamp(SEASONAL_STEPS.0, SEASONAL_STEPS.1);
        keep(&mut self.distances, distance, window);
        keep(&mut self.recent, value, UNREST_STEPS);
        self.usual.learn(seconds, value);
        let recent = self.recent.make_contiguous();
        let short = &recent[recent.len().saturating_sub(SMOOTH_STEPS)..];
        let surprise = VALUE_WEIGHT * self.value.next(value)
            + SEASONAL_WEIGHT
                * self
                    .seasonal
                    .next(order::mean(self.distances.make_contiguous()))
            + UNREST_WEIGHT * self.unrest.next(order::variance(recent).sqrt())
            + SMOOTH_WEIGHT * self.smooth.next(order::mean(short));
        let silence = day_steps.clamp(SILENCE_STEPS_MIN, SILENCE_STEPS_MAX);
        let damped = self.habit.damp(surprise, silence);
        verdict(damped / (damped + HALF_SCORE))
    }

    fn learn_cadence(&mut self, seconds: i64) {
        if let Some(last) = self.last_seconds {
            self.gaps.push_back((seconds - last).max(1));
            if self.gaps.len() > GAPS {
                self.gaps.pop_front();
            }
        }
        self.last_seconds = Some(seconds);
    }

    /// The median of the last gaps.
    fn step_seconds(&self) -> i64 {
        let mut gaps: Vec<i64> = self.gaps.iter().copied().collect();
        gaps.sort_unstable();
        gaps.get(gaps.len() / 2).copied().unwrap_or(1)
    }
}

/// Appends and forgets what is beyond `length`.
fn keep(values: &mut VecDeque<f64>, value: f64, length: usize) {
    values.push_back(value);
    while values.len() > length {
        values.pop_front();
    }
}

//! From measured values to a [`Sample`]: gaps filled, negative values lifted to zero, and the
//! change to the scale on which models are fitted and back.

use crate::numeric::order;

use super::sample::Sample;

/// A series as it was measured, oldest first, on an even grid.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// One value per step; `None` where nothing was measured, which is not zero.
    pub values: Vec<Option<f64>>,
    /// Number of the first step: days since 1970-01-01 where steps are days.
    pub first_step: i64,
    /// Steps in the short cycle: 7 for days, 24 for hours, 1 for none.
    pub season: usize,
    /// Whether steps are days.
    pub is_daily: bool,
    /// Steps on which there is a holiday, ascending; past and future ones.
    pub holidays: Vec<i64>,
}

/// A history on the log scale, ln(1 + value), without gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    pub(super) values: Vec<f64>,
    history: History,
    /// How many values were filled in.
    pub filled: usize,
}

impl Prepared {
    /// Drops gaps at the beginning and fills the others. A value that is no finite number is a gap.
    pub fn of(history: &History) -> Prepared {
        let logs: Vec<Option<f64>> = history
            .values
            .iter()
            .map(|value| value.filter(|v| v.is_finite()).map(|v| v.max(0.0).ln_1p()))
            .collect();
        let skipped = logs.iter().take_while(|value| value.is_none()).count();
        let kept = &logs[skipped..];
        Prepared {
            values: fill(kept, history.season.max(1)),
            filled: kept.iter().filter(|value| value.is_none()).count(),
            history: History {
                values: Vec::new(),
                first_step: history.first_step + skipped as i64,
                ..history.clone()
            },
        }
    }

    /// Values after the gaps at the beginning.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether nothing was measured at all.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// What a model may see that knows the first `count` values only.
    pub fn sample(&self, count: usize) -> Sample<'_> {
        Sample {
            values: &self.values[..count.min(self.values.len())],
            first_step: self.history.first_step,
            season: self.history.season,
            is_daily: self.history.is_daily,
            holidays: &self.history.holidays,
        }
    }
}

/// From the log scale back; never negative.
pub(super) fn back(log: f64) -> f64 {
    // e^40 is beyond any count; without a limit a wild σ would become infinite.
    log.min(40.0).exp_m1().max(0.0)
}

/// A gap becomes the mean of the nearest values before it at the same place of the cycle, or
/// else the last value. Only the past is used, so that what a model saw at an origin never depends
/// on what came after it.
fn fill(values: &[Option<f64>], season: usize) -> Vec<f64> {
    const CYCLES: usize = 3;
    let mut filled: Vec<f64> = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        let guess = || {
            let same: Vec<f64> = (1..=CYCLES)
                .filter_map(|cycle| at.checked_sub(cycle * season))
                .map(|index| filled[index])
                .collect();
            if same.is_empty() {
                filled.last().copied().unwrap_or(0.0)
            } else {
                order::mean(&same)
            }
        };
        filled.push(value.unwrap_or_else(guess));
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(values: &[Option<f64>]) -> History {
        History {
            values: values.to_vec(),
            first_step: 100,
            season: 2,
            is_daily: false,
            holidays: Vec::new(),
        }
    }

    #[test]
    fn gaps_are_filled_from_the_past_only() {
        let prepared = Prepared::of(&history(&[
            None,
            Some(0.0),
            Some(9.0),
            Some(0.0),
            None,
            Some(f64::NAN),
            Some(-5.0),
        ]));
        let whole: Vec<f64> = prepared
            .values
            .iter()
            .map(|log| back(*log).round())
            .collect();
        assert_eq!(whole, [0.0, 9.0, 0.0, 9.0, 0.0, 0.0]);
        assert_eq!(prepared.filled, 2);
        assert_eq!(prepared.sample(6).first_step, 101);
    }

    #[test]
    fn a_history_of_nothing_is_empty() {
        assert!(Prepared::of(&history(&[None, None])).is_empty());
    }
}

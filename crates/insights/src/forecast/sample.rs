//! What a model is given and what it answers, both on the scale on which it is fitted (the natural
//! logarithm of one plus the value, unless the caller chose otherwise). Models see nothing else.

/// A stretch of history without gaps, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// One value per step.
    pub values: &'a [f64],
    /// Number of the first step: days since 1970-01-01 where steps are days, else any count.
    /// Weekday and season of the year are read from it.
    pub first_step: i64,
    /// Steps in the short cycle: 7 for days. 1 means none.
    pub season: usize,
    /// Whether steps are days, so that the cycle of the year means something.
    pub is_daily: bool,
    /// Steps on which there is a holiday, ascending; past and future ones.
    pub holidays: &'a [i64],
}

impl<'a> Sample<'a> {
    /// The same sample with only its last `steps_max` values.
    pub fn last(self, steps_max: usize) -> Sample<'a> {
        let skipped = self.values.len().saturating_sub(steps_max);
        Sample {
            values: &self.values[skipped..],
            first_step: self.first_step + skipped as i64,
            ..self
        }
    }

    /// Position in the short cycle of the value at index `at`, which may lie in the future.
    pub fn phase(&self, at: usize) -> usize {
        (self.first_step + at as i64).rem_euclid(self.season.max(1) as i64) as usize
    }

    /// Whether the step at index `at` is a holiday.
    pub fn is_holiday(&self, at: usize) -> bool {
        let step = self.first_step + at as i64;
        self.holidays.binary_search(&step).is_ok()
    }
}

/// What a model expects: mean and standard deviation of each coming step.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Expected value of step 1, 2, …
    pub mean: Vec<f64>,
    /// Standard deviation of the error that the model expects of itself.
    pub sigma: Vec<f64>,
}

impl Outlook {
    /// Whether every number in it is finite.
    pub fn is_finite(&self) -> bool {
        self.mean.iter().chain(&self.sigma).all(|x| x.is_finite())
    }
}

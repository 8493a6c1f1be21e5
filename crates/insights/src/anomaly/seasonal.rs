//! What a value should be: as the last one, as lately, as usual at this time of day, or as usual at
//! this time of the week — whichever has erred least. The period is learnt by this choice.

use super::tail::Memory;

const SECONDS_OF_DAY: i64 = 86_400;
/// Five-minute slots of a day.
const DAY_SLOTS: usize = 288;
/// Half-hour slots of a week.
const WEEK_SLOTS: usize = 7 * 48;
/// Shares of a new value in the level and in the usual value of a slot.
const LEVEL_RATE: f64 = 0.2;
const DAY_RATE: f64 = 0.15;
const WEEK_RATE: f64 = 0.1;
/// Values over which the errors of the guesses are compared.
const ERROR_MEMORY: f64 = 2_000.0;
/// Errors that the expected range is read from.
const RANGE_MEMORY: usize = 5_000;
/// Share of errors within the expected range.
const RANGE_COVERAGE: f64 = 0.99;
/// 1970-01-01 was a Thursday; weeks begin on Monday.
const EPOCH_WEEKDAY: i64 = 3;

/// The usual value by time of day and week, learnt as it goes.
#[derive(Debug, Clone)]
pub(super) struct Usual {
    last: Option<f64>,
    level: f64,
    day: Vec<Option<f64>>,
    week: Vec<Option<f64>>,
    /// Mean absolute error of each guess in the order of [`Usual::guesses`].
    errors: [f64; 4],
    count: f64,
    sizes: Memory,
}

/// What was expected before a value was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expected {
    /// The best guess.
    pub(super) value: f64,
    /// Half-width of the expected range.
    pub(super) reach: f64,
    /// The better of the day's and the week's usual value.
    pub(super) seasonal: f64,
}

impl Usual {
    pub(super) fn new() -> Usual {
        Usual {
            last: None,
            level: 0.0,
            day: vec![None; DAY_SLOTS],
            week: vec![None; WEEK_SLOTS],
            errors: [0.0; 4],
            count: 0.0,
            sizes: Memory::new(RANGE_MEMORY),
        }
    }

    /// What is expected at `seconds` since 1970; `None` before the first value.
    pub(super) fn expect(&self, seconds: i64) -> Option<Expected> {
        let guesses = self.guesses(seconds)?;
        let best = (0..guesses.len()).min_by(|&a, &b| self.errors[a].total_cmp(&self.errors[b]))?;
        Some(Expected {
            value: guesses[best],
            reach: self.sizes.quantile(RANGE_COVERAGE),
            seasonal: if self.errors[2] < self.errors[1] {
                guesses[2]
            } else {
                guesses[1]
            },
        })
    }

    /// Level, day, week, last value.
    fn guesses(&self, seconds: i64) -> Option<[f64; 4]> {
        let last = self.last?;
        let (day_slot, week_slot) = slots(seconds);
        let day = self.day[day_slot].unwrap_or(self.level);
        let week = self.week[week_slot].unwrap_or(day);
        Some([self.level, day, week, last])
    }

    /// Takes a value in.
    pub(super) fn learn(&mut self, seconds: i64, value: f64) {
        if let (Some(guesses), Some(expected)) = (self.guesses(seconds), self.expect(seconds)) {
            let share = 1.0 / (1.0 + self.count).min(ERROR_MEMORY);
            for (error, guess) in self.errors.iter_mut().zip(guesses) {
                *error += share * ((value - guess).abs() - *error);
            }
            self.level += LEVEL_RATE * (value - self.level);
            self.sizes.push((value - expected.value).abs());
        } else {
            self.level = value;
        }
        let (day_slot, week_slot) = slots(seconds);
        for (slot, rate) in [
            (&mut self.day[day_slot], DAY_RATE),
            (&mut self.week[week_slot], WEEK_RATE),
        ] {
            *slot = Some(slot.map_or(value, |usual| usual + rate * (value - usual)));
        }
        self.count += 1.0;
        self.last = Some(value);
    }
}

fn slots(seconds: i64) -> (usize, usize) {
    let of_day = seconds.rem_euclid(SECONDS_OF_DAY);
    let weekday = (seconds.div_euclid(SECONDS_OF_DAY) + EPOCH_WEEKDAY).rem_euclid(7);
    let day_slot = of_day * DAY_SLOTS as i64 / SECONDS_OF_DAY;
    let half_hour = of_day * 48 / SECONDS_OF_DAY;
    (day_slot as usize, (weekday * 48 + half_hour) as usize)
}

//! From surprise to alarm: one event is told once, and what has happened before tells less.

use std::collections::VecDeque;

/// Surprises must exceed the last told one, less each step, for so many steps.
pub(super) const SILENCE_STEPS_MAX: usize = 200;
/// Series with long steps are silent for less: one day, but no less than this.
pub(super) const SILENCE_STEPS_MIN: usize = 50;
/// Steps of which only the greatest surprise is remembered.
const BLOCK_STEPS: usize = 50;
/// Blocks that are remembered.
const BLOCKS_MAX: usize = 1_000;
/// A remembered surprise of this share of the new one makes it familiar.
const FAMILIAR: f64 = 0.9;
/// How much each familiar block takes away.
const DAMPING: f64 = 0.15;

/// The memory of earlier surprises of one series.
#[derive(Debug, Clone)]
pub(super) struct Habit {
    told: f64,
    told_steps_ago: usize,
    blocks: VecDeque<f64>,
    block: f64,
    block_steps: usize,
}

impl Habit {
    pub(super) fn new() -> Habit {
        Habit {
            told: 0.0,
            told_steps_ago: 0,
            blocks: VecDeque::new(),
            block: 0.0,
            block_steps: 0,
        }
    }

    /// What is left of a surprise. 0 for one below the last told one, whose memory fades over
    /// `silence_steps`; and 0 for one that only goes on, in which time that memory does not fade.
    pub(super) fn damp(&mut self, surprise: f64, silence_steps: usize) -> f64 {
        let fading = 1.0 - self.told_steps_ago as f64 / silence_steps as f64;
        let is_news = surprise > self.told * fading.max(0.0);
        let goes_on = self.told_steps_ago == 1 && surprise <= self.told;
        let mut damped = 0.0;
        if is_news {
            self.told_steps_ago = 0;
        }
        if is_news && !goes_on {
            self.told = surprise;
            let familiar = self
                .blocks
                .iter()
                .filter(|past| **past >= FAMILIAR * surprise);
            damped = surprise / (1.0 + DAMPING * familiar.count() as f64);
        }
        self.told_steps_ago += 1;
        self.remember(surprise);
        damped
    }

    fn remember(&mut self, surprise: f64) {
        self.block = self.block.max(surprise);
        self.block_steps += 1;
        if self.block_steps == BLOCK_STEPS {
            self.blocks.push_back(self.block);
            (self.block, self.block_steps) = (0.0, 0);
            if self.blocks.len() > BLOCKS_MAX {
                self.blocks.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lasting_event_is_told_once() {
        let mut habit = Habit::new();
        let told: Vec<f64> = [1.0, 5.0, 5.0, 4.0, 6.0]
            .map(|s| habit.damp(s, 100))
            .to_vec();
        assert_eq!(told, [1.0, 5.0, 0.0, 0.0, 6.0]);
    }

    #[test]
    fn what_comes_again_after_a_pause_is_told_again() {
        let mut habit = Habit::new();
        let told: Vec<f64> = [5.0, 4.0, 5.0].map(|s| habit.damp(s, 100)).to_vec();
        assert_eq!(told, [5.0, 0.0, 5.0]);
    }

    #[test]
    fn what_recurs_tells_less() {
        let mut habit = Habit::new();
        let mut told = Vec::new();
        for step in 0..1_000 {
            let damped = habit.damp(if step % 250 == 0 { 5.0 } else { 0.1 }, 50);
            if step % 250 == 0 {
                told.push(damped);
            }
        }
        assert!(told.windows(2).all(|pair| pair[1] < pair[0]), "{told:?}");
    }
}

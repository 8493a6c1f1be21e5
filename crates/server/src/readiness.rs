//! Whether the server is fit to take requests, decided from what the pump and the queue show and
//! with patience in both directions, so that a moment's trouble takes no server out of a balancer.
//! Memory has no say: a full page cache is no reason to send visitors away.

use std::collections::VecDeque;

use almanac_model::Instant;
use almanac_model::time::SECOND_US;

/// Trouble for this long makes the server unfit, microseconds.
const TROUBLE_US: i64 = 5 * SECOND_US;
/// No trouble for this long makes it fit again, microseconds.
const CALM_US: i64 = 3 * SECOND_US;
/// A pump that has not gone round, or not moved with records before it, for this long has stalled,
/// microseconds.
const STALL_US: i64 = 10 * SECOND_US;
/// Fill of the queue that counts as trouble, percent of its limit.
const QUEUE_PERCENT_MAX: u64 = 90;
/// Moments remembered to tell how far behind the pump is: an hour of seconds.
const MOMENTS_MAX: usize = 3_600;

/// What is looked at once a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signs {
    pub(crate) now: Instant,
    /// One past the last durable record.
    pub(crate) durable_end: u64,
    /// One past the last record that the pump has moved.
    pub(crate) moved_to: u64,
    /// How long ago the pump last went round, microseconds.
    pub(crate) pulse_age_us: i64,
    pub(crate) queue_bytes: u64,
    pub(crate) queue_bytes_max: u64,
    /// Whether the pump's last round, or that of a job, ended by a panic, or the queue is closed.
    pub(crate) is_broken: bool,
}

/// The judgement so far.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    is_unfit: bool,
    /// Since when the signs have contradicted the judgement.
    doubt_since: Option<Instant>,
    moved_to: u64,
    /// When the pump last moved or had nothing to move.
    moved_at: Option<Instant>,
    /// Ends of the queue and when they were seen.
    moments: VecDeque<(u64, Instant)>,
}

impl Readiness {
    /// Takes one look; answers whether the server is fit.
    pub(crate) fn look(&mut self, signs: &Signs) -> bool {
        self.remember(signs);
        let is_trouble = self.is_stalled(signs) || is_nearly_full(signs) || signs.is_broken;
        if is_trouble == self.is_unfit {
            self.doubt_since = None;
            return !self.is_unfit;
        }
        let since = *self.doubt_since.get_or_insert(signs.now);
        let patience_us = if self.is_unfit { CALM_US } else { TROUBLE_US };
        if signs.now.0 - since.0 >= patience_us {
            self.is_unfit = is_trouble;
            self.doubt_since = None;
        }
        !self.is_unfit
    }

    /// Whether the pump has stopped moving.
    pub(crate) fn is_stalled(&self, signs: &Signs) -> bool {
        let still_us = self.moved_at.map_or(0, |moved| signs.now.0 - moved.0);
        signs.pulse_age_us > STALL_US || still_us > STALL_US
    }

    /// How long ago the records came that the pump moves now, seconds.
    pub(crate) fn lag_s(&self, signs: &Signs) -> f64 {
        if signs.moved_to >= signs.durable_end {
            return 0.0;
        }
        let reached = self
            .moments
            .iter()
            .rev()
            .find(|(end, _)| *end <= signs.moved_to);
        let oldest = reached.or_else(|| self.moments.front());
        oldest.map_or(0.0, |(_, at)| {
            (signs.now.0 - at.0) as f64 / SECOND_US as f64
        })
    }

    fn remember(&mut self, signs: &Signs) {
        if signs.moved_to != self.moved_to
            || signs.moved_to >= signs.durable_end
            || self.moved_at.is_none()
        {
            (self.moved_to, self.moved_at) = (signs.moved_to, Some(signs.now));
        }
        if self.moments.len() == MOMENTS_MAX {
            self.moments.pop_front();
        }
        self.moments.push_back((signs.durable_end, signs.now));
    }
}

fn is_nearly_full(signs: &Signs) -> bool {
    let percent = signs.queue_bytes.saturating_mul(100) / signs.queue_bytes_max.max(1);
    percent >= QUEUE_PERCENT_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(second: i64) -> Signs {
        Signs {
            now: Instant::from_seconds(second),
            durable_end: 10,
            moved_to: 10,
            pulse_age_us: 0,
            queue_bytes: 0,
            queue_bytes_max: 100,
            is_broken: false,
        }
    }

    #[test]
    fn only_lasting_trouble_makes_unfit_and_only_lasting_calm_makes_fit() {
        let mut readiness = Readiness::default();
        let full = |second| Signs {
            queue_bytes: 90,
            ..signs(second)
        };
        let looks: Vec<bool> = [signs(0), full(1), full(5), signs(6), full(7), full(12)]
            .iter()
            .chain(&[signs(13), signs(15), full(15), signs(16), signs(19)])
            .map(|signs| readiness.look(signs))
            .collect();
        let expected = [
            true, true, true, true, true, false, false, false, false, false, true,
        ];
        assert_eq!(looks, expected);
    }

    #[test]
    fn a_panic_alone_makes_nobody_unfit_and_one_after_the_other_does() {
        let mut readiness = Readiness::default();
        let broken = |second| Signs {
            is_broken: true,
            ..signs(second)
        };
        let looks = [broken(1), signs(2), broken(3), broken(5), broken(8)];
        let looks = looks.map(|signs| readiness.look(&signs));
        assert_eq!(looks, [true, true, true, true, false]);
    }

    #[test]
    fn a_pump_that_does_not_move_has_stalled_and_one_without_work_has_not() {
        let mut readiness = Readiness::default();
        let stuck = |second| Signs {
            moved_to: 4,
            ..signs(second)
        };
        readiness.look(&stuck(0));
        readiness.look(&stuck(10));
        assert!(!readiness.is_stalled(&stuck(10)));
        readiness.look(&stuck(11));
        assert!(readiness.is_stalled(&stuck(11)));
        assert_eq!(readiness.lag_s(&stuck(11)), 11.0);
        readiness.look(&signs(1_000));
        assert!(!readiness.is_stalled(&signs(1_000)));
        assert_eq!(readiness.lag_s(&signs(1_000)), 0.0);
        let silent = Signs {
            pulse_age_us: STALL_US + 1,
            ..signs(1_001)
        };
        assert!(readiness.is_stalled(&silent));
    }
}

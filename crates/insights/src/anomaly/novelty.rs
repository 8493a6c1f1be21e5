//! How new a number is: its distance to the nearest one ever seen, judged by how large such
//! distances have been. A nearest-neighbour detector in one dimension (Ramaswamy, Rastogi & Shim
//! 2000) with a tail in place of a fixed limit.

use std::collections::VecDeque;

use super::tail::Memory;

/// Values that a stream remembers; older ones are forgotten.
const VALUES_MAX: usize = 20_000;
/// Values before which nothing is new.
const VALUES_MIN: usize = 20;
/// Surprise above this says no more than this.
const SURPRISE_MAX: f64 = 8.0;

/// One watched stream.
#[derive(Debug, Clone)]
pub(super) struct Novelty {
    seen: Memory,
    distances: Memory,
    /// Values too young to be compared with: neighbours in time are alike in any case.
    waiting: VecDeque<f64>,
    delay: usize,
}

impl Novelty {
    pub(super) fn new(delay: usize) -> Novelty {
        Novelty {
            seen: Memory::new(VALUES_MAX),
            distances: Memory::new(VALUES_MAX),
            waiting: VecDeque::new(),
            delay,
        }
    }

    /// Surprise at a value, 0 to [`SURPRISE_MAX`]; then remembers it.
    pub(super) fn next(&mut self, value: f64) -> f64 {
        self.waiting.push_back(value);
        if self.waiting.len() > self.delay
            && let Some(ripe) = self.waiting.pop_front()
        {
            self.seen.push(ripe);
        }
        let distance = if self.seen.len() < VALUES_MIN {
            0.0
        } else {
            self.seen.distance(value)
        };
        let surprise = self.distances.surprise(distance);
        self.distances.push(distance);
        surprise.min(SURPRISE_MAX)
    }
}

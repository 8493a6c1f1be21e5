//! Which events were taken already. Ids are remembered as 64-bit hashes for a bounded time and up
//! to a bounded number, in generations: forgetting the oldest is dropping one set. Two different
//! events share a hash once in 10¹² when ten million are remembered.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use almanac_model::{EventId, Instant, ProjectId};

use crate::identity::first_64_bits;
use crate::limits::{WINDOW_AGE_MAX_S, WINDOW_ENTRIES_MAX};

/// Generations that a full window is made of, at most, by age and by number each. An id is
/// remembered for the whole age and up to one generation longer.
const GENERATIONS: usize = 12;

/// Whether an event was taken before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Not within the window.
    New,
    /// Taken within the window: taking it again would count it twice.
    Duplicate,
}

/// The ids of the events that were taken lately, about 16 bytes each.
#[derive(Debug)]
pub struct Window {
    age_max_us: i64,
    entries_max: usize,
    /// Oldest first; the last one takes what is new.
    generations: VecDeque<Generation>,
}

#[derive(Debug)]
struct Generation {
    started: Instant,
    latest: Instant,
    hashes: Hashes,
}

/// The hashes are spread evenly already, and nobody can aim them, so they are not hashed again.
type Hashes = HashSet<u64, BuildHasherDefault<AsItIs>>;

#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        // Only numbers are looked up; anything else would still be a hash, if a poor one.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
}

impl Default for Window {
    /// 72 hours and ten million ids.
    fn default() -> Self {
        Self::new(WINDOW_AGE_MAX_S, WINDOW_ENTRIES_MAX)
    }
}

impl Window {
    /// A window that remembers for at least `age_max_s` seconds, up to `entries_max` ids; beyond
    /// that number the oldest twelfth goes first.
    pub fn new(age_max_s: i64, entries_max: usize) -> Self {
        Self {
            age_max_us: age_max_s.saturating_mul(1_000_000),
            entries_max: entries_max.max(GENERATIONS),
            generations: VecDeque::new(),
        }
    }

    /// Whether the event was inserted within the window.
    pub fn check(&self, project: ProjectId, id: EventId, now: Instant) -> Seen {
        self.check_hash(fingerprint(project, id), now)
    }

    /// Whether the event with that [`fingerprint`] was inserted within the window.
    pub fn check_hash(&self, hash: u64, now: Instant) -> Seen {
        let mut live = self
            .generations
            .iter()
            .rev()
            .filter(|one| !self.is_over(one, now));
        if live.any(|generation| generation.hashes.contains(&hash)) {
            Seen::Duplicate
        } else {
            Seen::New
        }
    }

    /// Remembers an event that was taken.
    pub fn insert(&mut self, project: ProjectId, id: EventId, now: Instant) {
        self.insert_hash(fingerprint(project, id), now);
    }

    /// Forgets what is older than the window.
    pub fn expire(&mut self, now: Instant) {
        while self
            .generations
            .front()
            .is_some_and(|oldest| self.is_over(oldest, now))
        {
            self.generations.pop_front();
        }
    }

    /// How many ids are remembered.
    pub fn len(&self) -> usize {
        self.generations
            .iter()
            .map(|generation| generation.hashes.len())
            .sum()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.generations
            .iter()
            .all(|generation| generation.hashes.is_empty())
    }

    /// What has to be kept to restore the window: hashes with the time when their generation last
    /// took one, oldest generation first.
    pub fn entries(&self) -> impl Iterator<Item = (Instant, u64)> {
        self.generations.iter().flat_map(|generation| {
            generation
                .hashes
                .iter()
                .map(|hash| (generation.latest, *hash))
        })
    }

    /// Takes back what [`entries`](Self::entries) gave, in the same order.
    pub fn restore(&mut self, entries: impl IntoIterator<Item = (Instant, u64)>) {
        for (at, hash) in entries {
            self.insert_hash(hash, at);
        }
    }

    /// Remembers the event with that [`fingerprint`].
    pub fn insert_hash(&mut self, hash: u64, now: Instant) {
        self.expire(now);
        let span_us = self.age_max_us / GENERATIONS as i64;
        let share = self.entries_max / GENERATIONS;
        match self.generations.back_mut() {
            Some(youngest)
                if youngest.hashes.len() < share
                    && now.0.saturating_sub(youngest.started.0) < span_us =>
            {
                youngest.hashes.insert(hash);
                youngest.latest = youngest.latest.max(now);
            }
            _ => {
                let hashes = Hashes::from_iter([hash]);
                self.generations.push_back(Generation {
                    started: now,
                    latest: now,
                    hashes,
                });
            }
        }
        while self.len() > self.entries_max {
            self.generations.pop_front();
        }
    }

    fn is_over(&self, generation: &Generation, now: Instant) -> bool {
        now.0.saturating_sub(generation.latest.0) > self.age_max_us
    }
}

/// What the window keeps of an event. Clients choose their ids, so the hash must be one that nobody
/// can aim.
pub fn fingerprint(project: ProjectId, id: EventId) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(&project.0.to_le_bytes())
        .update(&id.0.to_le_bytes());
    first_64_bits(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    const HOUR_S: i64 = 3600;

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(seconds)
    }

    #[test]
    fn an_event_is_known_for_the_whole_window_in_its_project_only() {
        let mut window = Window::default();
        let (project, id) = (ProjectId(1), EventId(5));
        assert_eq!(window.check(project, id, at(0)), Seen::New);
        window.insert(project, id, at(0));
        assert_eq!(window.check(project, id, at(72 * HOUR_S)), Seen::Duplicate);
        assert_eq!(window.check(ProjectId(2), id, at(0)), Seen::New);
        assert_eq!(window.check(project, id, at(72 * HOUR_S + 1)), Seen::New);
        window.expire(at(72 * HOUR_S + 1));
        assert!(window.is_empty());
    }

    #[test]
    fn the_number_of_ids_is_bounded_and_the_oldest_go_first() {
        let mut window = Window::new(HOUR_S, 120);
        for id in 0..1_000 {
            window.insert(ProjectId(1), EventId(id), at(0));
            assert!(window.len() <= 120);
        }
        assert_eq!(
            window.check(ProjectId(1), EventId(999), at(0)),
            Seen::Duplicate
        );
        assert_eq!(
            window.check(ProjectId(1), EventId(900), at(0)),
            Seen::Duplicate
        );
        assert_eq!(window.check(ProjectId(1), EventId(0), at(0)), Seen::New);
    }

    #[test]
    fn a_restored_window_knows_the_same_events() {
        let mut window = Window::default();
        for id in 0..500 {
            window.insert(ProjectId(1), EventId(id), at(id as i64 * 600));
        }
        let mut restored = Window::default();
        restored.restore(window.entries());
        assert_eq!(restored.len(), window.len());
        for id in 0..500 {
            let now = at(500 * 600);
            let [left, right] =
                [&window, &restored].map(|one| one.check(ProjectId(1), EventId(id), now));
            assert_eq!(left, right, "{id}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_plain_map(steps in prop::collection::vec((0u128..20, 0i64..4 * HOUR_S), 1..200)) {
            let mut window = Window::new(24 * HOUR_S, 10_000);
            let mut model: HashMap<u128, i64> = HashMap::new();
            let mut now = 0;
            for (id, wait) in steps {
                now += wait;
                let seen = window.check(ProjectId(1), EventId(id), at(now));
                match model.get(&id).map(|inserted| now - inserted) {
                    // What the window promises, and its one generation of slack.
                    Some(age) if age <= 24 * HOUR_S => prop_assert_eq!(seen, Seen::Duplicate),
                    Some(age) if age > 26 * HOUR_S => prop_assert_eq!(seen, Seen::New),
                    Some(_) => {}
                    None => prop_assert_eq!(seen, Seen::New),
                }
                if seen == Seen::New {
                    window.insert(ProjectId(1), EventId(id), at(now));
                    model.insert(id, now);
                }
            }
        }
    }
}

//! Sending an event again changes nothing: the window of ids that were taken, and the ids that are
//! on their way to the disk. An id counts as taken only once its event is durable.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use almanac_ingest::{Seen, Window};
use almanac_model::Instant;

/// What is known of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is new, and now reserved for whoever asked.
    New,
    /// Its event is on disk.
    Duplicate,
    /// Somebody else is bringing its event to disk at this moment.
    Pending,
}

/// The ids of all projects.
#[derive(Debug, Default)]
pub struct Dedupe {
    ids: Mutex<Ids>,
    is_complete: AtomicBool,
}

#[derive(Debug, Default)]
struct Ids {
    window: Window,
    /// By their fingerprints.
    pending: HashSet<u64>,
}

impl Dedupe {
    /// Takes back the fingerprints that an earlier process had seen, oldest first.
    pub fn restore(&self, known: impl IntoIterator<Item = (Instant, u64)>) {
        self.lock().window.restore(known);
    }

    /// Whether everything that an earlier process had taken is known again. Until then no event may
    /// be taken: it could be a copy.
    pub fn is_complete(&self) -> bool {
        self.is_complete.load(Ordering::Acquire)
    }

    /// Says that everything an earlier process had taken is known.
    pub fn complete(&self) {
        self.is_complete.store(true, Ordering::Release);
    }

    /// Says of events that an earlier process had made durable whether each is new, by their
    /// [`fingerprint`]s: neither known nor a repetition of one before it. One without a fingerprint
    /// always is. Nothing is remembered by that, so that it may be asked again.
    ///
    /// [`fingerprint`]: almanac_ingest::fingerprint
    pub fn are_new(
        &self,
        fingerprints: impl IntoIterator<Item = Option<u64>>,
        now: Instant,
    ) -> Vec<bool> {
        let ids = self.lock();
        let mut before = HashSet::new();
        let mut is_new =
            |hash| ids.window.check_hash(hash, now) == Seen::New && before.insert(hash);
        let fingerprints = fingerprints.into_iter();
        fingerprints
            .map(|hash| hash.is_none_or(&mut is_new))
            .collect()
    }

    /// Remembers events that an earlier process had made durable and that the store has now.
    pub fn remember(&self, fingerprints: impl IntoIterator<Item = u64>, now: Instant) {
        let mut ids = self.lock();
        for hash in fingerprints {
            ids.window.insert_hash(hash, now);
        }
    }

    /// Whether the event with that [`fingerprint`] is on disk.
    ///
    /// [`fingerprint`]: almanac_ingest::fingerprint
    pub fn is_known(&self, fingerprint: u64, now: Instant) -> bool {
        self.lock().window.check_hash(fingerprint, now) == Seen::Duplicate
    }

    /// Reserves the id with that [`fingerprint`], unless it was seen before.
    ///
    /// [`fingerprint`]: almanac_ingest::fingerprint
    pub fn claim(&self, fingerprint: u64, now: Instant) -> Claim {
        let mut ids = self.lock();
        if ids.pending.contains(&fingerprint) {
            return Claim::Pending;
        }
        if ids.window.check_hash(fingerprint, now) == Seen::Duplicate {
            return Claim::Duplicate;
        }
        ids.pending.insert(fingerprint);
        Claim::New
    }

    /// The events are durable: their ids stay in the window.
    pub fn settle(&self, fingerprints: impl IntoIterator<Item = u64>, now: Instant) {
        let mut ids = self.lock();
        for fingerprint in fingerprints {
            ids.pending.remove(&fingerprint);
            ids.window.insert_hash(fingerprint, now);
        }
    }

    /// The events could not be stored: their ids are free again.
    pub fn free(&self, fingerprints: impl IntoIterator<Item = u64>) {
        let mut ids = self.lock();
        for fingerprint in fingerprints {
            ids.pending.remove(&fingerprint);
        }
    }

    /// How many ids the window holds.
    pub fn len(&self) -> usize {
        self.lock().window.len()
    }

    /// Whether the window holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Ids> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_failed_is_as_new_the_second_time() {
        let (dedupe, now) = (Dedupe::default(), Instant::from_seconds(1_800_000_000));
        let batch = [Some(1), None, Some(2), Some(1), None];
        let expected = [true, true, true, false, true];
        assert_eq!(dedupe.are_new(batch, now), expected);
        assert_eq!(dedupe.are_new(batch, now), expected);
        dedupe.remember([1, 2], now);
        assert_eq!(
            dedupe.are_new(batch, now),
            [false, true, false, false, true]
        );
    }
}

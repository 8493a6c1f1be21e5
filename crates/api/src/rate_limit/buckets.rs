//! Where the state of every bucket is kept: a number for each key, in shards, and never more than a
//! bounded number of them. A bucket that has refilled is as good as none, so those go first.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;

/// Shards, so that requests seldom wait for each other. A power of two.
const SHARDS: usize = 64;
/// Buckets of one shard; 131,072 in all, at most some 6 MiB.
const SHARD_BUCKETS_MAX: usize = 2_048;

/// The state of many buckets by the hash of their key: when each will have refilled.
#[derive(Debug)]
pub(super) struct Buckets {
    shards: Vec<Mutex<HashMap<u64, Nanos>>>,
}

impl Default for Buckets {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards }
    }
}

impl StateStore for Buckets {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        // Keys are hashes already, so any of their bits choose a shard evenly.
        let shard = usize::try_from(*key % SHARDS as u64).unwrap_or(0);
        let Some(shard) = self.shards.get(shard) else {
            return f(None).map(|(answer, _)| answer);
        };
        let mut buckets = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let (answer, full_at) = f(buckets.get(key).copied())?;
        if buckets.len() >= SHARD_BUCKETS_MAX && !buckets.contains_key(key) {
            make_room(&mut buckets, full_at);
        }
        buckets.insert(*key, full_at);
        Ok(answer)
    }
}

/// Forgets the buckets that have refilled by the time that a fresh one will have; where none has,
/// the one that is nearest to it, which forgives its owner the least.
fn make_room(buckets: &mut HashMap<u64, Nanos>, fresh_full_at: Nanos) {
    buckets.retain(|_, full_at| *full_at > fresh_full_at);
    if buckets.len() < SHARD_BUCKETS_MAX {
        return;
    }
    let nearest = buckets.iter().min_by_key(|(_, full_at)| **full_at);
    if let Some(key) = nearest.map(|(key, _)| *key) {
        buckets.remove(&key);
    }
}

#[cfg(test)]
impl Buckets {
    /// How many buckets are kept.
    pub(super) fn len(&self) -> usize {
        let count = |shard: &Mutex<HashMap<u64, Nanos>>| {
            shard.lock().unwrap_or_else(PoisonError::into_inner).len()
        };
        self.shards.iter().map(count).sum()
    }

    /// How many there may be.
    pub(super) const MAX: usize = SHARDS * SHARD_BUCKETS_MAX;
}

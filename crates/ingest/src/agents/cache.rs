//! A bounded map from user agents to what they are. It keeps two generations: when the young one
//! is full it becomes the old one, and the old one goes. What is in use moves back to the young.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use super::Agent;

/// Parts with a lock each, so that requests rarely wait for one another.
const SHARDS: usize = 16;

/// The cache. Never holds more entries than it was made for.
pub(super) struct Cache {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    generation_max: usize,
}

#[derive(Default)]
struct Shard {
    young: HashMap<Box<str>, Arc<Agent>>,
    old: HashMap<Box<str>, Arc<Agent>>,
}

impl Cache {
    pub(super) fn new(entries_max: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            generation_max: (entries_max / SHARDS / 2).max(1),
        }
    }

    pub(super) fn get(&self, user_agent: &str) -> Option<Arc<Agent>> {
        self.with_shard(user_agent, |shard, generation_max| {
            if let Some(agent) = shard.young.get(user_agent) {
                return Some(Arc::clone(agent));
            }
            let (key, agent) = shard.old.remove_entry(user_agent)?;
            shard.insert(key, Arc::clone(&agent), generation_max);
            Some(agent)
        })
    }

    pub(super) fn put(&self, user_agent: &str, agent: Arc<Agent>) {
        self.with_shard(user_agent, |shard, generation_max| {
            shard.insert(user_agent.into(), agent, generation_max);
        });
    }

    fn with_shard<T>(&self, user_agent: &str, work: impl FnOnce(&mut Shard, usize) -> T) -> T {
        let hash = self.hasher.hash_one(user_agent);
        let [first, rest @ ..] = &self.shards;
        let chosen = (hash % SHARDS as u64) as usize;
        let shard = chosen
            .checked_sub(1)
            .and_then(|index| rest.get(index))
            .unwrap_or(first);
        // A panic elsewhere cannot leave a map half changed, so a poisoned lock is still good.
        work(
            &mut shard.lock().unwrap_or_else(PoisonError::into_inner),
            self.generation_max,
        )
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let lengths = self.shards.iter().map(|shard| {
            let shard = shard.lock().unwrap();
            shard.young.len() + shard.old.len()
        });
        lengths.sum()
    }
}

impl Shard {
    fn insert(&mut self, key: Box<str>, agent: Arc<Agent>, generation_max: usize) {
        if self.young.len() >= generation_max {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, agent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_never_make_it_grow_and_regulars_stay() {
        let cache = Cache::new(320);
        let regular = Arc::new(Agent {
            browser: "Firefox".into(),
            ..Agent::default()
        });
        cache.put("regular", Arc::clone(&regular));
        for stranger in 0..10_000 {
            cache.put(&format!("stranger {stranger}"), Arc::default());
            assert!(cache.get("regular").is_some(), "after {stranger}");
        }
        assert!(cache.len() <= 320);
        assert_eq!(cache.get("stranger 0"), None);
    }
}

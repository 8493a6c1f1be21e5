//! Decoded columns kept for later questions, bounded by bytes; what was not used for longest goes
//! first. It knows nothing of what it holds but a key and a size.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use almanac_model::NumberColumn;

use crate::dictionary::CodeColumn;
use crate::visits::At;

/// What is kept: something of a run or of a partition's state, both of which never change and have
/// numbers of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The number of the run or of the partition's state; 0 for what is made of several.
    pub(crate) of: u64,
    /// What of it.
    pub(crate) part: Part,
}

/// What is kept of a run or a partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Visitors,
    Times,
    Kinds,
    /// Hashes of whole rows, sorted.
    RowHashes,
    /// The order that merges the runs of a partition.
    Order,
    /// A number column.
    Numbers(NumberColumn),
    /// The names of the properties of each row.
    PropertyNames,
    /// What was read of page views, for a gap of visits in seconds.
    PageViews(i64),
    /// Codes of a column in the dictionary of that id.
    Codes(u64, CodeColumn),
    /// The pieces of visits for a gap in seconds.
    Pieces(i64),
    /// Codes of a fact of visits for a gap in seconds, in the dictionary of that id.
    VisitCodes(i64, At, u64, CodeColumn),
    /// The visits over midnight of segments of these numbers, for a gap in seconds.
    Chains(Arc<[u64]>, i64),
    /// The visitors of segments of these numbers, in one order.
    VisitorOrder(Arc<[u64]>),
    /// Visits in the order of their visitors.
    Lineup(OfLineup),
    /// A column beside such a lineup, in the dictionary of that id.
    Lined(OfLineup, Line, u64, CodeColumn),
    /// What a day counts for a question, without the visitors of these pieces.
    Totals(Arc<str>, Arc<[u32]>),
    /// What days with summaries count for a question, by their numbers and who is left out.
    Sums(Arc<str>, Arc<[u64]>),
    /// The answer to a question over segments of these numbers.
    Answer(Arc<str>, Arc<[u64]>),
}

/// Which visits are lined up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct OfLineup {
    /// The numbers of their segments.
    pub(crate) segments: Arc<[u64]>,
    /// Pieces that are left out, by segment.
    pub(crate) without: Arc<[(u32, u32)]>,
    /// The gap of visits, seconds.
    pub(crate) gap_s: i64,
}

/// What a column beside a lineup has a code for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Line {
    /// Each piece of a visit: a fact of the visit.
    Fact(At),
    /// Each counted event.
    Events,
}

impl Part {
    /// Bytes that a key occupies beside its own size, twice, as it stands in two maps.
    fn bytes(&self) -> usize {
        2 * match self {
            Self::Chains(numbers, _) | Self::VisitorOrder(numbers) => 8 * numbers.len(),
            Self::Lineup(of) | Self::Lined(of, ..) => 8 * (of.segments.len() + of.without.len()),
            Self::Totals(_, members) => 4 * members.len(),
            Self::Answer(question, numbers) | Self::Sums(question, numbers) => {
                question.len() + 8 * numbers.len()
            }
            _ => 0,
        }
    }
}

/// What an entry costs beside its value and key.
const ENTRY_OVERHEAD_BYTES: usize = 256;

type Value = Arc<dyn Any + Send + Sync>;

#[derive(Debug)]
struct Entry {
    value: Value,
    bytes: usize,
    used_at: u64,
}

#[derive(Debug, Default)]
struct Inner {
    entries: HashMap<Key, Entry>,
    by_use: BTreeMap<u64, Key>,
    bytes: usize,
    uses: u64,
}

/// The cache.
#[derive(Debug)]
pub(crate) struct Cache {
    bytes_max: usize,
    inner: Mutex<Inner>,
}

impl Cache {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            inner: Mutex::default(),
        }
    }

    /// What is kept under the key, or what `make` makes, which is then kept if it fits. `size`
    /// tells its bytes.
    pub(crate) fn get_or_make<T: Any + Send + Sync, E>(
        &self,
        key: Key,
        size: impl FnOnce(&T) -> usize,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        if let Some(found) = self.find(&key) {
            return Ok(found);
        }
        // Made without the lock: two questions may make the same, and the later one is kept.
        let made = Arc::new(make()?);
        let bytes = size(&made);
        self.keep(key, Arc::clone(&made), bytes);
        Ok(made)
    }

    /// What is kept under the key.
    pub(crate) fn find<T: Any + Send + Sync>(&self, key: &Key) -> Option<Arc<T>> {
        self.get(key).and_then(|value| value.downcast::<T>().ok())
    }

    /// Keeps something of that many bytes, if it fits.
    pub(crate) fn keep<T: Any + Send + Sync>(&self, key: Key, value: Arc<T>, bytes: usize) {
        let bytes = bytes + ENTRY_OVERHEAD_BYTES + key.part.bytes();
        self.put(key, value as Value, bytes);
    }

    /// Bytes of everything that is kept.
    pub(crate) fn bytes(&self) -> usize {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.bytes
    }

    fn get(&self, key: &Key) -> Option<Value> {
        let mut guard = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *guard;
        inner.uses += 1;
        let entry = inner.entries.get_mut(key)?;
        if let Some(key) = inner.by_use.remove(&entry.used_at) {
            inner.by_use.insert(inner.uses, key);
        }
        entry.used_at = inner.uses;
        Some(Arc::clone(&entry.value))
    }

    fn put(&self, key: Key, value: Value, bytes: usize) {
        if bytes > self.bytes_max {
            return;
        }
        let mut guard = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *guard;
        inner.uses += 1;
        let entry = Entry {
            value,
            bytes,
            used_at: inner.uses,
        };
        inner.by_use.insert(inner.uses, key.clone());
        inner.bytes += bytes;
        if let Some(old) = inner.entries.insert(key, entry) {
            inner.by_use.remove(&old.used_at);
            inner.bytes -= old.bytes;
        }
        while inner.bytes > self.bytes_max {
            let Some((_, oldest)) = inner.by_use.pop_first() else {
                break;
            };
            if let Some(gone) = inner.entries.remove(&oldest) {
                inner.bytes -= gone.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let cache = Cache::new(2 * (5 + ENTRY_OVERHEAD_BYTES));
        let key = |of| Key {
            of,
            part: Part::Times,
        };
        let made = |of: u64| {
            let mut was_made = false;
            let value = cache
                .get_or_make(
                    key(of),
                    |_| 5,
                    || {
                        was_made = true;
                        Ok::<_, ()>(of)
                    },
                )
                .unwrap();
            assert_eq!(*value, of);
            was_made
        };
        assert!(made(1) && made(2));
        assert!(!made(1), "kept");
        assert!(made(3), "pushes out 2");
        assert!(!made(1) && made(2));
    }

    #[test]
    fn what_is_larger_than_the_cache_is_not_kept() {
        let cache = Cache::new(4 + ENTRY_OVERHEAD_BYTES);
        let make = || {
            cache.get_or_make(
                Key {
                    of: 1,
                    part: Part::Times,
                },
                |_| 5,
                || Ok::<_, ()>(1),
            )
        };
        assert_eq!(*make().unwrap(), 1);
        assert!(cache.inner.lock().unwrap().entries.is_empty());
    }
}

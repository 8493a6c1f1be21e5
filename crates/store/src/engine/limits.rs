//! What ends a question before its answer: that it was withdrawn, that it holds more memory than
//! one question may, or that all questions together do. It measures nothing itself; whoever grows
//! says by how much.

use std::sync::atomic::{AtomicUsize, Ordering};

use almanac_query::{Cancel, EngineError};

use super::tally::Tally;
use crate::Store;

/// The limits of one question.
#[derive(Debug)]
pub(super) struct Limits<'a> {
    pub(super) budget: Budget<'a>,
    cancel: &'a Cancel,
}

impl<'a> Limits<'a> {
    /// Those of a question to a store.
    pub(super) fn of(store: &'a Store, cancel: &'a Cancel) -> Self {
        Self {
            budget: Budget::new(store.options.query_bytes, &store.pool),
            cancel,
        }
    }

    pub(super) fn check(&self) -> Result<(), EngineError> {
        if self.cancel.is_cancelled() {
            Err(EngineError::Cancelled)
        } else {
            Ok(())
        }
    }

    /// The same, and takes from the budget what a tally has grown since the last time.
    pub(super) fn check_growth(&self, tally: &Tally, grown: &mut usize) -> Result<(), EngineError> {
        let bytes = tally.bytes().max(*grown);
        self.budget.spend(bytes - *grown)?;
        *grown = bytes;
        self.check()
    }
}

/// The memory that all questions may hold beside the cache, together.
#[derive(Debug)]
pub(crate) struct Pool {
    bytes_max: usize,
    spent: AtomicUsize,
}

impl Pool {
    /// A pool of which nothing is spent.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            spent: AtomicUsize::new(0),
        }
    }
}

/// The memory that one question may hold beside the cache. What it still holds at its end, however
/// it ends, goes back to the pool.
#[derive(Debug)]
pub(super) struct Budget<'a> {
    bytes_max: usize,
    spent: AtomicUsize,
    pool: &'a Pool,
}

impl<'a> Budget<'a> {
    fn new(bytes_max: usize, pool: &'a Pool) -> Self {
        Self {
            bytes_max,
            spent: AtomicUsize::new(0),
            pool,
        }
    }

    /// Takes some of it, or fails when it is used up.
    pub(super) fn spend(&self, bytes: usize) -> Result<(), EngineError> {
        let own = self.spent.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let all = self.pool.spent.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if own > self.bytes_max {
            return Err(EngineError::OverBudget {
                budget_bytes: self.bytes_max as u64,
            });
        }
        if all > self.pool.bytes_max {
            return Err(EngineError::Crowded {
                pool_bytes: self.pool.bytes_max as u64,
            });
        }
        Ok(())
    }

    /// Takes back what is no longer held.
    pub(super) fn give_back(&self, bytes: usize) {
        self.spent.fetch_sub(bytes, Ordering::Relaxed);
        self.pool.spent.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Budget<'_> {
    fn drop(&mut self) {
        let held = self.spent.load(Ordering::Relaxed);
        self.pool.spent.fetch_sub(held, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_questions_share_one_pool_and_give_back_what_they_held() {
        let pool = Pool::new(100);
        let one = Budget::new(80, &pool);
        one.spend(80).unwrap();
        let over = one.spend(1).unwrap_err();
        assert!(matches!(over, EngineError::OverBudget { budget_bytes: 80 }));
        one.give_back(11);
        {
            let other = Budget::new(80, &pool);
            other.spend(30).unwrap();
            let crowded = other.spend(1).unwrap_err();
            assert!(matches!(crowded, EngineError::Crowded { pool_bytes: 100 }));
        }
        drop(one);
        assert_eq!(pool.spent.load(Ordering::Relaxed), 0);
        Budget::new(100, &pool).spend(100).unwrap();
    }
}

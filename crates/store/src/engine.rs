//! Runs plans: chooses the days, stitches visits over midnight, counts in parallel, and ranks the
//! rows. It reads the partitions as they were when the question came in.

mod calendar;
mod compile;
mod filter;
mod rank;
mod scan;
mod scope;
mod tally;

use std::sync::atomic::{AtomicUsize, Ordering};

use almanac_model::Identity;
use almanac_query::{Cancel, Engine, EngineError, Plan, ResultSet, ScanStats, Table, VisitorsAre};
use rayon::prelude::*;

use crate::{Store, StoreError};

use compile::Query;
use scope::Scope;
use tally::Tally;

impl Engine for Store {
    fn run(&self, plan: &Plan, cancel: &Cancel) -> Result<ResultSet, EngineError> {
        let budget = Budget::new(self.options.query_bytes);
        let query = Query::compile(plan, &self.dictionaries)?;
        let scope = Scope::choose(self, plan, &budget, cancel)?;
        let context = scan::Context::new(&query, &scope)?;
        let tally = (0..scope.segments.len())
            .into_par_iter()
            .map(|number| {
                check(cancel)?;
                let mut tally = Tally::new(&query, scope.is_exact_over_days(plan));
                scan::scan(&context, number, &mut tally)?;
                budget.spend(tally.bytes())?;
                Ok(tally)
            })
            .try_reduce_with(|mut one, other| {
                one.absorb(other);
                Ok::<_, EngineError>(one)
            })
            .unwrap_or_else(|| Ok(Tally::new(&query, false)))?;
        check(cancel)?;
        let (rows, total_rows) = rank::rank(&query, plan, tally.finish(&scope.chains));
        Ok(ResultSet {
            rows,
            total_rows,
            visitors_are: visitors_are(plan),
            stats: ScanStats {
                table: Table::Events,
                partitions: scope.segments.len() as u64,
                rows: scope.segments.iter().map(|segment| segment.rows()).sum(),
                bytes: scope
                    .segments
                    .iter()
                    .map(|segment| segment.bytes_read())
                    .sum(),
            },
        })
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::Storage(Box::new(error))
    }
}

fn check(cancel: &Cancel) -> Result<(), EngineError> {
    if cancel.is_cancelled() {
        Err(EngineError::Cancelled)
    } else {
        Ok(())
    }
}

/// Rule 12: whether each visitor was counted once, or once per local day.
fn visitors_are(plan: &Plan) -> VisitorsAre {
    let is_of_days = plan.project.identity == Identity::Cookieless;
    match scope::days(plan) {
        Some((first, last)) if is_of_days && first != last => VisitorsAre::DailySum,
        _ => VisitorsAre::Exact,
    }
}

/// The memory that one question may hold beside the cache.
#[derive(Debug)]
struct Budget {
    bytes_max: usize,
    spent: AtomicUsize,
}

impl Budget {
    fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            spent: AtomicUsize::new(0),
        }
    }

    /// Takes some of it, or fails when it is used up.
    fn spend(&self, bytes: usize) -> Result<(), EngineError> {
        let spent = self.spent.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if spent > self.bytes_max {
            return Err(EngineError::OverBudget {
                budget_bytes: self.bytes_max as u64,
            });
        }
        Ok(())
    }
}

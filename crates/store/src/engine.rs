//! Runs plans: chooses the days, stitches visits over midnight, counts in parallel, and ranks the
//! rows. It reads the partitions as they were when the question came in.

mod answers;
mod attribution;
mod calendar;
mod compile;
mod filter;
mod frame;
mod funnel;
mod inventory;
mod journey;
mod limits;
mod lined;
mod lineup;
mod measure;
mod order;
mod paths;
mod rank;
mod retention;
mod scan;
mod scope;
mod snapshot;
pub(crate) mod summed;
mod tally;
mod totals;
mod view;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use almanac_model::Identity;
use almanac_query::{Cancel, EngineError, Plan, ResultSet, ScanStats, Table, VisitorsAre};
use rayon::prelude::*;

use crate::{Store, StoreError};

pub(crate) use answers::AnswerCounts;
pub use answers::CacheUsage;
pub(crate) use limits::Pool;
pub(crate) use tally::Counts;

use compile::Query;
use frame::Frame;
use limits::Limits;
use order::VisitorOrder;
use scan::{Context, Scanner};
use scope::Scope;
use snapshot::Snapshot;
use tally::Tally;

/// After how many visitors a scan looks whether it should stop or has grown too large.
const VISITORS_PER_CHECK: usize = 1 << 14;
/// A filter lets few pass when it is less than one in this many.
const FEW_PART: usize = 8;

/// Runs a plan on what a snapshot holds.
fn run(snapshot: &Snapshot, plan: &Plan, cancel: &Cancel) -> Result<ResultSet, EngineError> {
    let store = snapshot.store;
    let limits = Limits::of(store, cancel);
    if measure::is_needed(plan) {
        return measure::run(snapshot, plan, &limits);
    }
    let query = Query::compile(plan, &store.dictionaries)?;
    let with = |table: Option<usize>| {
        let scope = choose(snapshot, plan, &query, table, &limits)?;
        answer(plan, &query, &scope, &limits)
    };
    let Some(table) = summed::table_of(plan, store) else {
        return with(None);
    };
    match with(Some(table)) {
        // The truth is in the events, which a summary only repeats.
        Err(EngineError::Storage(_)) => {
            summed::give_up_damaged(snapshot.project(plan.project.id)?);
            with(None)
        }
        answered => answered,
    }
}

/// What a plan reads, with summaries where one of their tables answers it.
fn choose<'a>(
    snapshot: &Snapshot<'a>,
    plan: &Plan,
    query: &Query,
    table: Option<usize>,
    limits: &Limits,
) -> Result<Scope<'a>, EngineError> {
    if query.takes_events_one_by_one() {
        Scope::choose_apart(snapshot, plan, table, limits)
    } else {
        Scope::choose(snapshot, plan, table, limits)
    }
}

fn answer(
    plan: &Plan,
    query: &Query,
    scope: &Scope,
    limits: &Limits,
) -> Result<ResultSet, EngineError> {
    let store = scope.store;
    let key = answers::key(plan, scope::numbers(&scope.segments));
    limits.check()?;
    if store.options.keeps_answers
        && let Some(kept) = store.kept_answer(&key)
    {
        return Ok(kept);
    }
    let context = Context::new(plan, query, scope)?;
    let tally = if query.asks_visitors && scope.is_exact_over_days(plan) {
        over_days(store, &context, limits)?
    } else {
        by_day(store, &context, limits)?
    };
    limits.check()?;
    let (rows, total_rows) = rank::rank(query, plan, tally.finish(&scope.chains));
    let answer = ResultSet {
        rows,
        total_rows,
        visitors_are: visitors_are(plan),
        stats: stats(&context),
    };
    if store.options.keeps_answers {
        store.keep_answer(key, &answer);
    }
    Ok(answer)
}

/// Counts day after day, each visitor of a day once. A day that lies in the range is counted from
/// its totals, which are kept, and from the visitors whose visits reach into other days.
fn by_day(store: &Store, context: &Context, limits: &Limits) -> Result<Tally, EngineError> {
    let scope = context.scope;
    let width = context.query.dimensions.len();
    scan(
        context,
        1 + scope.segments.len(),
        limits,
        |scanner, grown, unit| {
            let Some(number) = unit.checked_sub(1) else {
                summed::add_all(context, scanner, limits)?;
                return limits.check_growth(&scanner.tally, grown);
            };
            if !scope.is_touched(number) {
                return Ok(());
            }
            let is_summed = scope.table_for(number).is_some();
            let keeps = store.options.keeps_answers && !is_summed;
            let kept = totals::key(context, number).filter(|_| keeps);
            let has_totals = kept.is_some() || is_summed;
            if let Some(key) = kept {
                let make = || totals::count(context, number, limits);
                let totals = store.cache.get_or_make(key, totals::Totals::bytes, make)?;
                totals.add_to(scanner, width);
            }
            if has_totals && scope.chains.members[number].is_empty() {
                return limits.check_growth(&scanner.tally, grown);
            }
            let frame = Frame::decode(context, number)?;
            if has_totals {
                for at in frame.visitors_with_members() {
                    scanner.next_visitor();
                    scanner.visits_of(&frame, at);
                }
                return limits.check_growth(&scanner.tally, grown);
            }
            let visitors = frame.pieces.visitors.len();
            for from in (0..visitors).step_by(VISITORS_PER_CHECK) {
                for at in from..visitors.min(from + VISITORS_PER_CHECK) {
                    scanner.next_visitor();
                    scanner.visits_of(&frame, at);
                }
                limits.check_growth(&scanner.tally, grown)?;
            }
            Ok(())
        },
    )
}

/// Counts each visitor once over all days. Where whole days are asked for, everything but visitors
/// adds up day by day.
fn over_days(store: &Store, context: &Context, limits: &Limits) -> Result<Tally, EngineError> {
    let Some(visitors) = lined::visitors(context, limits)? else {
        return by_visitor(store, context, limits);
    };
    if context.query.asks_visitors_only() {
        return Ok(visitors);
    }
    let mut tally = by_day(store, context, limits)?;
    tally.take_visitors(&visitors);
    Ok(tally)
}

/// Counts visitor after visitor, each once over all days.
fn by_visitor(store: &Store, context: &Context, limits: &Limits) -> Result<Tally, EngineError> {
    let scope = context.scope;
    let decode = |number: usize| {
        limits.check()?;
        if !scope.is_touched(number) {
            return Ok(None);
        }
        let frame = Frame::decode(context, number)?;
        limits.budget.spend(frame.bytes())?;
        Ok(Some(frame))
    };
    let frames: Vec<Option<Frame>> = (0..scope.segments.len())
        .into_par_iter()
        .map(decode)
        .collect::<Result<_, EngineError>>()?;
    let order = if lets_few_pass(&frames) {
        let order = Arc::new(VisitorOrder::of_some(&frames, scope.core.clone()));
        limits.budget.spend(order.bytes())?;
        order
    } else {
        scope.visitor_order(store)?
    };
    let beside = frames.iter().flatten().filter(|frame| frame.is_beside);
    let beside: Vec<&Frame> = beside.collect();
    let slices = order.slices.len();
    scan(
        context,
        slices + beside.len(),
        limits,
        |scanner, grown, unit| {
            if let Some(frame) = unit.checked_sub(slices).map(|at| beside[at]) {
                for at in 0..frame.pieces.visitors.len() {
                    scanner.next_visitor();
                    scanner.visits_of(frame, at);
                }
                return limits.check_growth(&scanner.tally, grown);
            }
            for place in &order.slices[unit] {
                if place.is_first() {
                    scanner.next_visitor();
                }
                if let Some(frame) = &frames[place.segment()] {
                    scanner.visits_of(frame, place.at as usize);
                }
            }
            limits.check_growth(&scanner.tally, grown)
        },
    )
}

/// Whether the filter leaves so little that an order of its own is found faster than the order of
/// all visitors is gone through.
fn lets_few_pass(frames: &[Option<Frame>]) -> bool {
    let passing = frames.iter().flatten().map(Frame::passing);
    let (few, all) = passing.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    few * FEW_PART < all
}

/// Scans units of work with as many threads as there are, each with one tally, and adds the tallies
/// up. The work is also handed how much its thread has spent of the budget.
fn scan(
    context: &Context,
    units: usize,
    limits: &Limits,
    work: impl Fn(&mut Scanner, &mut usize, usize) -> Result<(), EngineError> + Sync,
) -> Result<Tally, EngineError> {
    let scanners = share(units, limits, || Scanner::new(context), work)?;
    let tallies = scanners.into_iter().map(|scanner| scanner.tally);
    Ok(Tally::sum(tallies).unwrap_or_else(|| Tally::new(context.query)))
}

/// Gives units of work to as many threads as there are, each with a state of its own.
fn share<T: Send>(
    units: usize,
    limits: &Limits,
    new: impl Fn() -> T + Sync,
    work: impl Fn(&mut T, &mut usize, usize) -> Result<(), EngineError> + Sync,
) -> Result<Vec<T>, EngineError> {
    let next = AtomicUsize::new(0);
    (0..rayon::current_num_threads())
        .into_par_iter()
        .map(|_| {
            let (mut state, mut grown) = (new(), 0);
            loop {
                let unit = next.fetch_add(1, Ordering::Relaxed);
                if unit >= units {
                    return Ok(state);
                }
                limits.check()?;
                work(&mut state, &mut grown, unit)?;
            }
        })
        .collect()
}

/// What the question has looked at: kept totals alone are the poorest table.
fn stats(context: &Context) -> ScanStats {
    let segments = &context.scope.segments;
    let events = context.events.load(Ordering::Relaxed);
    let visits = context.visits.load(Ordering::Relaxed);
    let (table, because) = match (events, visits) {
        _ if context.scope.summarised() > 0 => (
            Table::Summary,
            "days were summed up when they had ended; visits near midnight were looked at again",
        ),
        (0, 0) if !segments.is_empty() => (
            Table::Summary,
            "the totals of every day were kept for this question",
        ),
        (0, _) => (
            Table::Visits,
            "no event has to be told from another of its visit",
        ),
        _ if context.query.reads_events() => {
            (Table::Events, "a dimension or a filter is of single events")
        }
        _ => (
            Table::Events,
            "the range cuts through a day, or the answer is split by less than a day",
        ),
    };
    ScanStats {
        table,
        because,
        partitions: context.scope.days() as u64,
        summarised: context.scope.summarised() as u64,
        rows: events + visits,
        bytes: segments.iter().map(|segment| segment.bytes_read()).sum(),
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::Storage(Box::new(error))
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

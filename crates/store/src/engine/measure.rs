//! Answers plans that ask for more than counts: numbers and outcomes of events, what was read of
//! pages, and what else a visitor did. It knows every metric of a plan; plans that only count have
//! a shorter way in `scan`.

mod tally;

use almanac_model::{Dimension, Instant, Kind, Metric, NumberColumn, Scope as Whose, TextColumn};
use almanac_query::{EngineError, Plan, ResultSet, ScanStats, Table};
use rayon::prelude::*;

use super::calendar::Calendar;
use super::compile::Slot;
use super::limits::Limits;
use super::rank::{self, Measured};
use super::scope::{self, Scope};
use super::snapshot::Snapshot;
use super::view::{Reads, View, Visit, Wish};
use super::{answers, visitors_are};
use crate::Store;
use tally::{Counted, Sum, Tally, metric_of, percent_of, sums_of};

/// The condition of the plan's filter in a view.
const FILTER: usize = 0;
/// After how many visitors a scan looks whether it should stop or has grown too large.
const VISITORS_PER_CHECK: usize = 1 << 12;

/// Whether a plan asks for more than counts.
pub(super) fn is_needed(plan: &Plan) -> bool {
    plan.metrics.iter().any(|metric| metric.is_measured()) || plan.filter.looks_beyond_events()
}

/// Answers a plan.
pub(super) fn run(
    snapshot: &Snapshot,
    plan: &Plan,
    limits: &Limits,
) -> Result<ResultSet, EngineError> {
    let store = snapshot.store;
    let scope = Scope::choose(snapshot, plan, None, limits)?;
    let key = answers::key(plan, scope::numbers(&scope.segments));
    limits.check()?;
    if store.options.keeps_answers
        && let Some(kept) = store.kept_answer(&key)
    {
        return Ok(kept);
    }
    let asked = Asked::new(store, plan, &scope, limits)?;
    let touched = |number: &usize| scope.is_touched(*number);
    let numbers: Vec<usize> = (0..scope.segments.len()).filter(touched).collect();
    let tally = numbers
        .par_iter()
        .try_fold(
            || asked.tally(),
            |mut tally, number| {
                count_segment(&asked, &mut tally, *number, limits)?;
                Ok::<_, EngineError>(tally)
            },
        )
        .try_reduce(
            || asked.tally(),
            |mut one, other| {
                one.absorb(other);
                Ok(one)
            },
        )?;
    limits.check()?;
    let (rows, total_rows) = rank(&asked, tally.finish(&scope.chains));
    let rows_read = numbers.iter().map(|number| scope.segments[*number].rows());
    let answer = ResultSet {
        rows,
        total_rows,
        visitors_are: visitors_are(plan),
        stats: ScanStats {
            table: Table::Events,
            because: "numbers of events, or what else visitors did, are asked for",
            partitions: scope.segments.len() as u64,
            summarised: 0,
            rows: rows_read.sum(),
            bytes: scope
                .segments
                .iter()
                .map(|segment| segment.bytes_read())
                .sum(),
        },
    };
    if store.options.keeps_answers {
        store.keep_answer(key, &answer);
    }
    Ok(answer)
}

/// A plan with all that a scan needs to know.
struct Asked<'a> {
    plan: &'a Plan,
    scope: &'a Scope<'a>,
    reads: Reads,
    calendar: Calendar,
    sums: Vec<Sum>,
    /// The number columns that are read, as the views know them.
    numbers: Vec<NumberColumn>,
    /// The columns of the status of calls, with the codes of success and error.
    status: Option<Status>,
    by_time: bool,
    asks_events: bool,
    asks_visitors: bool,
    asks_visits: bool,
    asks_whole_visits: bool,
    asks_percentiles: bool,
    is_exact_over_days: bool,
}

/// Where the outcome of a call is found.
struct Status {
    column: usize,
    success: u32,
    error: u32,
}

impl<'a> Asked<'a> {
    fn new(
        store: &Store,
        plan: &'a Plan,
        scope: &'a Scope<'a>,
        limits: &Limits,
    ) -> Result<Self, EngineError> {
        let mut sums: Vec<Sum> = Vec::new();
        for sum in plan.metrics.iter().flat_map(|metric| sums_of(*metric)) {
            if !sums.contains(&sum) {
                sums.push(sum);
            }
        }
        let asks = |wanted: fn(&Metric) -> bool| plan.metrics.iter().any(wanted);
        let asks_percentiles = asks(|metric| percent_of(*metric).is_some());
        let mut numbers: Vec<NumberColumn> =
            sums.iter().filter_map(|sum| column_of(*sum)).collect();
        if asks_percentiles {
            numbers.push(NumberColumn::DurationUs);
        }
        numbers.dedup();
        let asks_status = sums
            .iter()
            .any(|sum| matches!(sum, Sum::Successes | Sum::Errors));
        let mut dimensions = plan.dimensions.clone();
        if asks_status {
            dimensions.push(Dimension::Event(TextColumn::Status));
        }
        let asks_whole_visits = asks(|metric| metric.is_of_whole_visits());
        let wish = Wish {
            project: plan.project.id,
            range: plan.range,
            filters: &[&plan.filter],
            dimensions: &dimensions,
            numbers: &numbers,
            asks_whole_visits,
            asks_page_views: sums
                .iter()
                .any(|sum| matches!(sum, Sum::Looked | Sum::Depth)),
        };
        let mut reads = Reads::new(store, scope, wish, limits)?;
        let status = if asks_status { reads.slots.pop() } else { None };
        Ok(Self {
            plan,
            scope,
            calendar: Calendar::new(&scope.zone, scope.span),
            status: status.and_then(|slot| Status::of(&reads, slot)),
            reads,
            sums,
            numbers,
            by_time: plan.dimensions.iter().any(|one| one.scope() == Whose::Time),
            asks_events: asks(|metric| *metric != Metric::Visits && !metric.is_of_whole_visits()),
            asks_visitors: plan.metrics.contains(&Metric::Visitors),
            asks_visits: plan.metrics.contains(&Metric::Visits),
            asks_whole_visits,
            asks_percentiles,
            is_exact_over_days: scope.is_exact_over_days(plan),
        })
    }

    fn tally(&self) -> Tally {
        let width = self.reads.slots.len();
        Tally::new(width, self.sums.len(), self.is_exact_over_days)
    }
}

impl Status {
    fn of(reads: &Reads, slot: Slot) -> Option<Self> {
        let Slot::Event(column) = slot else {
            return None;
        };
        let words = ["success", "error"].into_iter();
        let codes = reads.columns[column].dictionary.codes(words);
        let [success, error] = codes[..] else {
            return None;
        };
        Some(Self {
            column,
            success,
            error,
        })
    }
}

fn column_of(sum: Sum) -> Option<NumberColumn> {
    match sum {
        Sum::OfCalls(column) | Sum::OfEvents(column) => Some(column),
        _ => None,
    }
}

/// Counts the matching events of one segment.
fn count_segment(
    asked: &Asked,
    tally: &mut Tally,
    number: usize,
    limits: &Limits,
) -> Result<(), EngineError> {
    limits.check()?;
    let view = View::decode(&asked.reads, asked.scope, number)?;
    let is_beside = !asked.scope.core.contains(&number);
    let (mut scan, before) = (Scan::new(asked, &view), tally.bytes());
    limits.budget.spend(view.bytes())?;
    let mut grown = before;
    for at in 0..view.pieces.visitors.len() {
        tally.next_visitor();
        for piece in view.pieces.of_visitor(at) {
            let visit = view.visit(asked.scope, piece);
            if visit.facts.counted > 0 && (visit.chain.is_some() || !is_beside) {
                tally.next_visit();
                scan.count_visit(tally, &visit, view.pieces.visitors[at]);
            }
        }
        if at % VISITORS_PER_CHECK == 0 {
            let bytes = tally.bytes().max(grown);
            limits.budget.spend(bytes - grown)?;
            grown = bytes;
            limits.check()?;
        }
    }
    let bytes = tally.bytes().max(grown);
    limits.budget.spend(bytes - grown)?;
    limits.budget.give_back(view.bytes());
    Ok(())
}

/// Counts visit after visit of one view.
struct Scan<'a> {
    asked: &'a Asked<'a>,
    view: &'a View,
    key: Vec<u32>,
}

impl<'a> Scan<'a> {
    fn new(asked: &'a Asked<'a>, view: &'a View) -> Self {
        let key = Vec::with_capacity(asked.reads.slots.len());
        Self { asked, view, key }
    }

    /// Rules 9 to 12, 15 and 16, and what each matching event adds.
    fn count_visit(&mut self, tally: &mut Tally, visit: &Visit, visitor: u64) {
        let (asked, view) = (self.asked, self.view);
        let range = asked.plan.range;
        let starts_inside = range.contains(visit.facts.start);
        for row in view.pieces.rows(visit.piece) {
            if !view.holds(FILTER, row) {
                continue;
            }
            let time = view.time(row);
            let is_inside = range.contains(time);
            let decides = if asked.by_time {
                is_inside
            } else {
                starts_inside
            };
            let counts_event = is_inside && asked.asks_events;
            let counts_visit = decides && asked.asks_visits;
            if counts_event || counts_visit {
                let group = self.group(tally, row, visit, time);
                if counts_event {
                    self.count_event(tally, group, row);
                    if asked.asks_visitors {
                        tally.count_visitor(group, visitor);
                    }
                }
                if counts_visit {
                    tally.count_visit(group, visit.chain);
                }
            }
            if starts_inside && asked.asks_whole_visits && self.entered_at(row, visit) {
                let group = self.group(tally, row, visit, visit.facts.start);
                tally.count_whole_visit(group, visit.chain, &visit.facts);
            }
        }
    }

    fn group(&mut self, tally: &mut Tally, row: usize, visit: &Visit, time: Instant) -> usize {
        let (asked, view) = (self.asked, self.view);
        self.key.clear();
        self.key
            .extend(asked.reads.slots.iter().map(|slot| match slot {
                Slot::Event(column) => view.code(*column, row),
                Slot::Visit(fact) => view.fact(*fact, visit.piece),
                Slot::Time(unit) => asked.calendar.bucket(*unit, time),
            }));
        tally.group(&self.key)
    }

    /// Rule 16: whether the event lies on the page and host where its visit entered.
    fn entered_at(&self, row: usize, visit: &Visit) -> bool {
        let view = self.view;
        let mut pairs = self.asked.reads.entered_at.iter();
        pairs.all(|(column, fact)| view.code(*column, row) == view.fact(*fact, visit.piece))
    }

    fn count_event(&self, tally: &mut Tally, group: usize, row: usize) {
        let (asked, view) = (self.asked, self.view);
        let kind = view.kind(row);
        let is_call = kind == Kind::ToolCall.code() || kind == Kind::ModelCall.code();
        for (sum, total) in asked.sums.iter().zip(tally.sums(group)) {
            *total += self.addend(*sum, row, kind, is_call);
        }
        if asked.asks_percentiles
            && is_call
            && let Some(duration_us) = self.number(NumberColumn::DurationUs, row)
        {
            tally.durations.push((group as u32, duration_us));
        }
    }

    /// What an event adds to a sum.
    #[inline]
    fn addend(&self, sum: Sum, row: usize, kind: u8, is_call: bool) -> i128 {
        let has_status = |wanted: fn(&Status) -> u32| {
            let status = self.asked.status.as_ref().filter(|_| is_call);
            status.is_some_and(|one| self.view.code(one.column, row) == wanted(one))
        };
        let views = self.view.page_views();
        let known = |number: Option<i64>| i128::from(number.is_some());
        let value = |number: Option<i64>| i128::from(number.unwrap_or(0));
        match sum {
            Sum::Events => 1,
            Sum::Pageviews => i128::from(kind == Kind::Pageview.code()),
            Sum::Calls => i128::from(is_call),
            Sum::Successes => i128::from(has_status(|status| status.success)),
            Sum::Errors => i128::from(has_status(|status| status.error)),
            Sum::Looked => value(views.and_then(|views| views.looked_us(row))),
            Sum::LookedKnown => known(views.and_then(|views| views.looked_us(row))),
            Sum::Depth => value(views.and_then(|views| views.depth(row))),
            Sum::DepthKnown => known(views.and_then(|views| views.depth(row))),
            Sum::OfCalls(_) | Sum::OfCallsKnown(_) if !is_call => 0,
            // A hit is any number but 0.
            Sum::OfCalls(NumberColumn::CacheHit) => {
                i128::from(value(self.number(NumberColumn::CacheHit, row)) != 0)
            }
            Sum::OfCalls(column) | Sum::OfEvents(column) => value(self.number(column, row)),
            Sum::OfCallsKnown(column) | Sum::OfEventsKnown(column) => {
                known(self.number(column, row))
            }
        }
    }

    fn number(&self, column: NumberColumn, row: usize) -> Option<i64> {
        let at = self.asked.numbers.iter().position(|own| *own == column)?;
        self.view.number(at, row)
    }
}

/// The page of rows that was asked for, and how many there are.
fn rank(asked: &Asked, mut counted: Counted) -> (Vec<almanac_query::Row>, usize) {
    let plan = asked.plan;
    let groups = counted.visitors.len();
    let per_group = asked.sums.len();
    let mut metrics = Vec::with_capacity(groups * plan.metrics.len());
    for group in 0..groups {
        let durations = &mut counted.durations[group];
        for metric in &plan.metrics {
            let sums = &counted.sums[group * per_group..(group + 1) * per_group];
            let sum = |wanted: Sum| {
                let at = asked.sums.iter().position(|own| *own == wanted);
                at.map_or(0, |at| sums[at])
            };
            metrics.push(match (metric, percent_of(*metric)) {
                (Metric::Visitors, _) => Some(counted.visitors[group] as f64),
                (Metric::Visits, _) => Some(counted.visits[group] as f64),
                (_, Some(percent)) => percentile(durations, percent),
                (of_visits, _) if of_visits.is_of_whole_visits() => {
                    rank::metric_of(&counted.whole[group], *of_visits)
                }
                _ => metric_of(*metric, &sum),
            });
        }
    }
    let groups = Measured {
        keys: &counted.keys,
        metrics: &metrics,
        count: groups,
    };
    let labels = rank::labels(
        &asked.reads.columns,
        &asked.reads.visit_facts,
        &asked.reads.slots,
    );
    rank::page(plan, &labels, &groups)
}

/// Rule 34: the smallest duration that so many of a hundred calls do not exceed, milliseconds.
fn percentile(durations_us: &mut [i64], percent: usize) -> Option<f64> {
    let at = (durations_us.len() * percent)
        .div_ceil(100)
        .checked_sub(1)?;
    let (_, found, _) = durations_us.select_nth_unstable(at);
    Some(*found as f64 / 1e3)
}

//! Retention: what each visitor did on each day as three bits, then one pass over the visitors of
//! all days in one order. A day lies in one period, so nothing but days is ever compared.

use almanac_query::{Cancel, Cohort, EngineError, RetentionAnswer, RetentionPlan, bucket};
use rayon::prelude::*;

use super::scope::Scope;
use super::snapshot::Snapshot;
use super::view::{Reads, View};
use super::{Limits, paths};

/// The conditions of the plan in a view.
const BEGINS: usize = 0;
const COMES_BACK: usize = 1;

/// What a visitor did on a day: began, came back, came back at or after the day's first beginning.
const BEGAN: u8 = 1;
const CAME_BACK: u8 = 2;
const CAME_BACK_AFTER: u8 = 4;

/// Answers a question for retention.
pub(super) fn run(
    snapshot: &Snapshot,
    plan: &RetentionPlan,
    cancel: &Cancel,
) -> Result<RetentionAnswer, EngineError> {
    let store = snapshot.store;
    let limits = paths::limits(store, cancel);
    let scope = paths::choose(snapshot, &plan.project, plan.range, &limits)?;
    let filters = [&plan.start, &plan.back];
    let (project, range) = (&plan.project, plan.range);
    let reads = paths::reads(store, &scope, project, range, &filters, &[], &limits)?;
    let periods = bucket::labels(plan.unit, range, &project.zone);
    let days: Vec<Day> = scope
        .core
        .clone()
        .into_par_iter()
        .map(|number| Day::look(plan, &scope, &reads, number, &periods, &limits))
        .collect::<Result<_, EngineError>>()?;
    let order = scope.visitor_order(store)?;
    let empty = || vec![vec![0; periods.len() + 1]; periods.len()];
    let counts = order
        .slices
        .par_iter()
        .fold(empty, |mut counts, slice| {
            let mut visitor = Visitor::default();
            for place in slice {
                if place.is_first() {
                    visitor = Visitor::default();
                }
                let day = &days[place.segment() - scope.core.start];
                visitor.add(day, place.at as usize, &mut counts);
            }
            counts
        })
        .reduce(empty, add);
    limits.check()?;
    let cohort = |(at, own): (usize, Vec<u64>)| Cohort {
        visitors: own[periods.len()],
        back: own[..periods.len() - at].to_vec(),
    };
    Ok(RetentionAnswer {
        cohorts: counts.into_iter().enumerate().map(cohort).collect(),
    })
}

/// What everybody did on one day.
struct Day {
    /// Which period the day lies in.
    period: Option<usize>,
    /// The bits of each visitor of the segment.
    did: Vec<u8>,
}

impl Day {
    fn look(
        plan: &RetentionPlan,
        scope: &Scope,
        reads: &Reads,
        number: usize,
        periods: &[String],
        limits: &Limits,
    ) -> Result<Self, EngineError> {
        limits.check()?;
        let view = View::decode(reads, scope, number)?;
        let did = (0..view.pieces.visitors.len()).map(|at| did(plan, &view, at));
        let did: Vec<u8> = did.collect();
        limits.budget.spend(did.len())?;
        let span = scope.segments[number].span();
        let label = span.map(|(start, _)| bucket::label(plan.unit, start, &scope.zone));
        let period = label.and_then(|label| periods.binary_search(&label).ok());
        Ok(Self { period, did })
    }
}

fn did(plan: &RetentionPlan, view: &View, at: usize) -> u8 {
    let mut bits = 0;
    let mut began_at = None;
    for row in view.rows_of_visitor(at) {
        let (begins, comes_back) = (view.holds(BEGINS, row), view.holds(COMES_BACK, row));
        if !(begins || comes_back) || !plan.range.contains(view.time(row)) {
            continue;
        }
        let time = view.time(row);
        if begins && began_at.is_none() {
            began_at = Some(time);
            bits |= BEGAN;
        }
        if comes_back {
            bits |= CAME_BACK;
            if began_at.is_some() {
                bits |= CAME_BACK_AFTER;
            }
        }
    }
    // An event of the same instant may stand before the beginning.
    if bits & BEGAN != 0 && bits & CAME_BACK != 0 && bits & CAME_BACK_AFTER == 0 {
        let same = |row: &usize| Some(view.time(*row)) == began_at && view.holds(COMES_BACK, *row);
        if view.rows_of_visitor(at).any(|row| same(&row)) {
            bits |= CAME_BACK_AFTER;
        }
    }
    bits
}

/// A visitor while the days pass by.
#[derive(Default)]
struct Visitor {
    cohort: Option<usize>,
    /// The last period in which coming back was counted.
    counted: Option<usize>,
}

impl Visitor {
    /// Counts a day. The last number of a cohort counts its visitors.
    fn add(&mut self, day: &Day, at: usize, counts: &mut [Vec<u64>]) {
        let (Some(period), bits) = (day.period, day.did[at]) else {
            return;
        };
        let mut came_back = bits & CAME_BACK != 0;
        if self.cohort.is_none() {
            if bits & BEGAN == 0 {
                return;
            }
            self.cohort = Some(period);
            if let Some(size) = counts[period].last_mut() {
                *size += 1;
            }
            came_back = bits & CAME_BACK_AFTER != 0;
        }
        if let Some(cohort) = self
            .cohort
            .filter(|_| came_back && self.counted != Some(period))
        {
            counts[cohort][period - cohort] += 1;
            self.counted = Some(period);
        }
    }
}

fn add(mut one: Vec<Vec<u64>>, other: Vec<Vec<u64>>) -> Vec<Vec<u64>> {
    for (one, other) in one.iter_mut().zip(other) {
        for (one, other) in one.iter_mut().zip(other) {
            *one += other;
        }
    }
    one
}

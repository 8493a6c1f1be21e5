//! Funnels: the events that fit a step are brought together by visitor, and each visitor is
//! followed once from the first event to the last, whatever the number of attempts.

use std::collections::HashMap;

use almanac_model::Filter;
use almanac_query::{
    Cancel, EngineError, FunnelAnswer, FunnelGroup, FunnelPlan, FunnelStep, Times,
};
use foldhash::fast::RandomState;

use super::calendar::Calendar;
use super::compile::Slot;
use super::snapshot::Snapshot;
use super::{paths, rank};

/// An event that is looked at.
#[derive(Debug, Clone, Copy)]
struct Event {
    visitor: u64,
    time: i64,
    /// A bit for each step that it fits.
    steps: u32,
    /// The code of the value that the answer is split by.
    value: u32,
}

impl paths::Hit for Event {
    fn visitor(&self) -> u64 {
        self.visitor
    }
}

/// Answers a funnel.
pub(super) fn run(
    snapshot: &Snapshot,
    plan: &FunnelPlan,
    cancel: &Cancel,
) -> Result<FunnelAnswer, EngineError> {
    let store = snapshot.store;
    let limits = paths::limits(store, cancel);
    let scope = paths::choose(snapshot, &plan.project, plan.range, &limits)?;
    // The condition of every event that is looked at, then those of the steps.
    let filters: Vec<&Filter> = std::iter::once(&plan.filter).chain(&plan.steps).collect();
    let dimensions: Vec<_> = plan.breakdown.iter().cloned().collect();
    let (project, range) = (&plan.project, plan.range);
    let reads = paths::reads(
        store,
        &scope,
        project,
        range,
        &filters,
        &dimensions,
        &limits,
    )?;
    let calendar = Calendar::new(&scope.zone, scope.span);
    let slot = reads.slots.first();
    let events = paths::collect(&scope, &reads, &limits, |view, visit, visitor, events| {
        for row in view.pieces.rows(visit.piece) {
            let fits = view.fits(row);
            let (is_looked_at, steps) = (fits & 1 != 0, fits >> 1);
            if !is_looked_at || (steps == 0 && !plan.is_strict) {
                continue;
            }
            let time = view.time(row);
            if !range.contains(time) {
                continue;
            }
            let value = slot.map_or(0, |slot| match slot {
                Slot::Event(column) => view.code(*column, row),
                Slot::Visit(fact) => view.fact(*fact, visit.piece),
                Slot::Time(unit) => calendar.bucket(*unit, time),
            });
            let time = time.0;
            events.push(Event {
                visitor,
                time,
                steps,
                value,
            });
        }
    })?;
    let labels = rank::labels(&reads.columns, &reads.visit_facts, &reads.slots);
    let label = |code: u32| {
        labels
            .first()
            .map_or_else(String::new, |labels| labels.text(code))
    };
    let finished = by_value(&events, plan)
        .into_iter()
        .map(|(code, group)| group.finish(label(code)));
    let mut groups: Vec<FunnelGroup> = finished.collect();
    groups.sort_by(|one, two| one.value.cmp(&two.value));
    Ok(FunnelAnswer { groups })
}

/// Follows each visitor, and adds up those whose first step had the same value.
fn by_value(events: &[Event], plan: &FunnelPlan) -> HashMap<u32, Group, RandomState> {
    let mut groups: HashMap<u32, Group, RandomState> = HashMap::default();
    if plan.breakdown.is_none() {
        groups.insert(0, Group::new(plan));
    }
    for own in events.chunk_by(|one, two| one.visitor == two.visitor) {
        let attempt = if plan.is_strict {
            strict(own, plan)
        } else {
            loose(own, plan)
        };
        if let Some(attempt) = attempt {
            let group = groups
                .entry(attempt.value)
                .or_insert_with(|| Group::new(plan));
            group.add(&attempt);
        }
    }
    groups
}

/// A way through some of the steps.
#[derive(Debug, Clone)]
struct Attempt {
    value: u32,
    /// When each step was taken; at least the first was.
    times: Vec<i64>,
}

impl Attempt {
    fn start(event: &Event) -> Self {
        Self {
            value: event.value,
            times: vec![event.time],
        }
    }

    fn then(&self, event: &Event) -> Self {
        let mut next = self.clone();
        next.times.push(event.time);
        next
    }

    fn is_in_time(&self, event: &Event, plan: &FunnelPlan) -> bool {
        plan.window_us
            .is_none_or(|window_us| event.time - self.times[0] <= window_us)
    }
}

/// The attempt of a visitor that counts, when other events may lie between steps. Of all attempts
/// that have taken a step, the one that started last can do everything the others can, so one per
/// step is remembered.
fn loose(events: &[Event], plan: &FunnelPlan) -> Option<Attempt> {
    let mut best: Vec<Option<Attempt>> = vec![None; plan.steps.len()];
    for event in events {
        // From the last step to the first, so that one event takes one step of an attempt.
        for step in (0..plan.steps.len())
            .rev()
            .filter(|step| event.steps >> step & 1 != 0)
        {
            let before = match step.checked_sub(1) {
                None => None,
                Some(before) => match &best[before] {
                    Some(attempt) if attempt.is_in_time(event, plan) => Some(attempt),
                    _ => continue,
                },
            };
            let started = before.map_or(event.time, |attempt| attempt.times[0]);
            if is_later(started, best[step].as_ref()) {
                let start = || Attempt::start(event);
                best[step] = Some(before.map_or_else(start, |attempt| attempt.then(event)));
            }
            if step + 1 == plan.steps.len() {
                return best.pop().flatten();
            }
        }
    }
    best.into_iter().rev().flatten().next()
}

/// Whether an attempt started later than the one that is known.
fn is_later(started: i64, known: Option<&Attempt>) -> bool {
    known.is_none_or(|known| started > known.times[0])
}

/// The same when every event must be the next step.
fn strict(events: &[Event], plan: &FunnelPlan) -> Option<Attempt> {
    let mut best: Option<Attempt> = None;
    for first in 0..events.len() {
        if events[first].steps & 1 == 0 {
            continue;
        }
        let mut attempt = Attempt::start(&events[first]);
        for (step, event) in (1..plan.steps.len()).zip(&events[first + 1..]) {
            if event.steps >> step & 1 == 0 || !attempt.is_in_time(event, plan) {
                break;
            }
            attempt = attempt.then(event);
        }
        let (own, depth) = (
            attempt.times.len(),
            best.as_ref().map_or(0, |best| best.times.len()),
        );
        if own == plan.steps.len() {
            return Some(attempt);
        }
        if own > depth || (own == depth && is_later(attempt.times[0], best.as_ref())) {
            best = Some(attempt);
        }
    }
    best
}

/// The visitors whose first step has one value: the times that each step took.
struct Group {
    visitors: Vec<u64>,
    from_previous: Vec<Vec<i64>>,
    whole: Vec<i64>,
}

impl Group {
    fn new(plan: &FunnelPlan) -> Self {
        Self {
            visitors: vec![0; plan.steps.len()],
            from_previous: vec![Vec::new(); plan.steps.len()],
            whole: Vec::new(),
        }
    }

    fn add(&mut self, attempt: &Attempt) {
        for (step, time) in attempt.times.iter().enumerate() {
            self.visitors[step] += 1;
            if let Some(before) = step.checked_sub(1) {
                self.from_previous[step].push(time - attempt.times[before]);
            }
        }
        if attempt.times.len() == self.visitors.len() {
            let last = attempt.times.last().copied().unwrap_or_default();
            self.whole.push(last - attempt.times[0]);
        }
    }

    fn finish(self, value: String) -> FunnelGroup {
        let steps = self.visitors.into_iter().zip(self.from_previous);
        let step = |(visitors, spans): (u64, Vec<i64>)| FunnelStep {
            visitors,
            from_previous: Times::of(spans),
        };
        FunnelGroup {
            value,
            steps: steps.map(step).collect(),
            whole: Times::of(self.whole),
        }
    }
}

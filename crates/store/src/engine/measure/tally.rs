//! What is counted and summed up per group when a question asks for more than counts. Sums have 128
//! bits, so that no numbers of a client overflow them; quotients are formed once, at the end.

use std::collections::HashMap;

use almanac_model::{Metric, NumberColumn};
use foldhash::fast::RandomState;

use super::super::tally::Counts;
use crate::visits::{Chains, Facts};

/// Something that is added up over the matching events of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    Events,
    Pageviews,
    Calls,
    Successes,
    Errors,
    /// Microseconds that page views were looked at, and how many say so.
    Looked,
    LookedKnown,
    /// Percents that page views were scrolled, and how many say so.
    Depth,
    DepthKnown,
    /// A number column of calls, and how many calls have it.
    OfCalls(NumberColumn),
    OfCallsKnown(NumberColumn),
    /// A number column of any event, and how many events have it.
    OfEvents(NumberColumn),
    OfEventsKnown(NumberColumn),
}

/// The sums that a metric is made of.
pub(super) fn sums_of(metric: Metric) -> Vec<Sum> {
    let of_calls = |column| vec![Sum::OfCalls(column), Sum::OfCallsKnown(column)];
    let of_events = |column| vec![Sum::OfEvents(column), Sum::OfEventsKnown(column)];
    match metric {
        Metric::Pageviews => vec![Sum::Pageviews],
        Metric::Events => vec![Sum::Events],
        Metric::TimeOnPage => vec![Sum::Looked, Sum::LookedKnown],
        Metric::ScrollDepth => vec![Sum::Depth, Sum::DepthKnown],
        Metric::TotalRevenue | Metric::AverageRevenue => of_events(NumberColumn::RevenueMicros),
        Metric::Calls => vec![Sum::Calls],
        Metric::Errors => vec![Sum::Errors],
        Metric::SuccessRate | Metric::ErrorRate => vec![Sum::Successes, Sum::Errors],
        Metric::CacheHitRate => of_calls(NumberColumn::CacheHit),
        Metric::DurationMean => of_calls(NumberColumn::DurationUs),
        Metric::QualityScore => of_events(NumberColumn::QualityMicros),
        other => token_column(other).map_or_else(Vec::new, |column| vec![Sum::OfEvents(column)]),
    }
}

/// The column of a metric that is a plain sum of it.
fn token_column(metric: Metric) -> Option<NumberColumn> {
    Some(match metric {
        Metric::InputTokens => NumberColumn::InputTokens,
        Metric::OutputTokens => NumberColumn::OutputTokens,
        Metric::CachedTokens => NumberColumn::CachedTokens,
        Metric::CacheWriteTokens => NumberColumn::CacheWriteTokens,
        Metric::ReasoningTokens => NumberColumn::ReasoningTokens,
        Metric::Cost => NumberColumn::CostNanos,
        _ => return None,
    })
}

/// A metric from its sums, rules 29 to 35; `None` where it has no meaning, and for metrics that are
/// not made of sums.
pub(super) fn metric_of(metric: Metric, sum: &impl Fn(Sum) -> i128) -> Option<f64> {
    let mean = |total: Sum, known: Sum, unit: f64| {
        let count = sum(known);
        (count > 0).then(|| sum(total) as f64 / (count as f64 * unit))
    };
    let share = |part: i128, whole: i128| (whole > 0).then(|| (part * 100) as f64 / whole as f64);
    let outcomes = || sum(Sum::Successes) + sum(Sum::Errors);
    let of_events = |column, unit| mean(Sum::OfEvents(column), Sum::OfEventsKnown(column), unit);
    let of_calls = |column, unit| mean(Sum::OfCalls(column), Sum::OfCallsKnown(column), unit);
    match metric {
        Metric::Pageviews => Some(sum(Sum::Pageviews) as f64),
        Metric::Events => Some(sum(Sum::Events) as f64),
        Metric::TimeOnPage => mean(Sum::Looked, Sum::LookedKnown, 1e6),
        Metric::ScrollDepth => mean(Sum::Depth, Sum::DepthKnown, 1.0),
        Metric::TotalRevenue => {
            let known = sum(Sum::OfEventsKnown(NumberColumn::RevenueMicros));
            (known > 0).then(|| sum(Sum::OfEvents(NumberColumn::RevenueMicros)) as f64 / 1e6)
        }
        Metric::AverageRevenue => of_events(NumberColumn::RevenueMicros, 1e6),
        Metric::Calls => Some(sum(Sum::Calls) as f64),
        Metric::Errors => Some(sum(Sum::Errors) as f64),
        Metric::SuccessRate => share(sum(Sum::Successes), outcomes()),
        Metric::ErrorRate => share(sum(Sum::Errors), outcomes()),
        Metric::CacheHitRate => {
            let column = NumberColumn::CacheHit;
            share(sum(Sum::OfCalls(column)), sum(Sum::OfCallsKnown(column)))
        }
        Metric::DurationMean => of_calls(NumberColumn::DurationUs, 1e3),
        Metric::QualityScore => of_events(NumberColumn::QualityMicros, 1e6),
        Metric::Cost => Some(sum(Sum::OfEvents(NumberColumn::CostNanos)) as f64 / 1e9),
        other => token_column(other).map(|column| sum(Sum::OfEvents(column)) as f64),
    }
}

/// The percent of a metric that is a percentile of durations.
pub(super) fn percent_of(metric: Metric) -> Option<usize> {
    match metric {
        Metric::DurationP50 => Some(50),
        Metric::DurationP95 => Some(95),
        Metric::DurationP99 => Some(99),
        _ => None,
    }
}

/// Something that is counted once, numbered from 1 in the order of a scan.
type Stamp = u32;

/// Who and which visits were counted in a group.
#[derive(Debug, Clone, Default)]
struct Once {
    visitors: u64,
    visits: u64,
    whole: Counts,
    last_visitor: Stamp,
    last_visit: Stamp,
    last_whole: Stamp,
}

/// The groups found so far, by one thread.
#[derive(Debug, Default)]
pub(super) struct Tally {
    width: usize,
    /// How many sums each group has.
    sums_per_group: usize,
    /// Whether one visitor may be met in several segments and counts once.
    is_exact_over_days: bool,
    groups: HashMap<Box<[u32]>, u32, RandomState>,
    keys: Vec<u32>,
    sums: Vec<i128>,
    once: Vec<Once>,
    visitor: Stamp,
    visit: Stamp,
    /// Group and duration of calls, microseconds.
    pub(super) durations: Vec<(u32, i64)>,
    /// Group and visitor, where visitors are told apart over days.
    visitors: Vec<(u32, u64)>,
    /// Chains and the groups they count in.
    chain_visits: Vec<(u32, u32)>,
    chain_whole_visits: Vec<(u32, u32)>,
}

/// What was counted in all groups, in the order of their keys.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) keys: Vec<u32>,
    pub(super) sums: Vec<i128>,
    pub(super) visitors: Vec<u64>,
    pub(super) visits: Vec<u64>,
    pub(super) whole: Vec<Counts>,
    /// The durations of each group, in no order.
    pub(super) durations: Vec<Vec<i64>>,
}

impl Tally {
    /// A question without dimensions has its one group from the start.
    pub(super) fn new(width: usize, sums_per_group: usize, is_exact_over_days: bool) -> Self {
        let mut tally = Self {
            width,
            sums_per_group,
            is_exact_over_days,
            ..Self::default()
        };
        if width == 0 {
            tally.group(&[]);
        }
        tally
    }

    /// The number of the group with these codes.
    pub(super) fn group(&mut self, key: &[u32]) -> usize {
        if let Some(group) = self.groups.get(key) {
            return *group as usize;
        }
        let group = self.once.len();
        self.groups.insert(key.into(), group as u32);
        self.keys.extend_from_slice(key);
        self.once.push(Once::default());
        self.sums.resize(self.sums.len() + self.sums_per_group, 0);
        group
    }

    pub(super) fn next_visitor(&mut self) {
        self.visitor += 1;
    }

    pub(super) fn next_visit(&mut self) {
        self.visit += 1;
    }

    /// The sums of a group.
    pub(super) fn sums(&mut self, group: usize) -> &mut [i128] {
        &mut self.sums[group * self.sums_per_group..(group + 1) * self.sums_per_group]
    }

    /// Counts the visitor that a scan is at.
    pub(super) fn count_visitor(&mut self, group: usize, visitor: u64) {
        let once = &mut self.once[group];
        if once.last_visitor != self.visitor {
            once.last_visitor = self.visitor;
            once.visitors += 1;
            if self.is_exact_over_days {
                self.visitors.push((group as u32, visitor));
            }
        }
    }

    /// Counts the visit that a scan is at.
    pub(super) fn count_visit(&mut self, group: usize, chain: Option<u32>) {
        let once = &mut self.once[group];
        if once.last_visit != self.visit {
            once.last_visit = self.visit;
            match chain {
                Some(chain) => self.chain_visits.push((group as u32, chain)),
                None => once.visits += 1,
            }
        }
    }

    /// Counts the facts of the whole visit that a scan is at.
    pub(super) fn count_whole_visit(&mut self, group: usize, chain: Option<u32>, facts: &Facts) {
        let once = &mut self.once[group];
        if once.last_whole != self.visit {
            once.last_whole = self.visit;
            match chain {
                Some(chain) => self.chain_whole_visits.push((group as u32, chain)),
                None => once.whole.add_whole_visit(facts),
            }
        }
    }

    /// About how many bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        let per_group = size_of::<Once>() + 16 * self.sums_per_group + 8 * self.width + 48;
        let pairs = self.durations.capacity() + self.visitors.capacity();
        let chains = self.chain_visits.capacity() + self.chain_whole_visits.capacity();
        per_group * self.once.capacity() + 16 * pairs + 8 * chains
    }

    /// Adds what another thread counted.
    pub(super) fn absorb(&mut self, other: Self) {
        let mut moved = Vec::with_capacity(other.once.len());
        for (at, theirs) in other.once.iter().enumerate() {
            let group = self.group(&other.keys[at * self.width..(at + 1) * self.width]);
            moved.push(group as u32);
            let own = &mut self.once[group];
            own.visitors += theirs.visitors;
            own.visits += theirs.visits;
            own.whole.add_whole_visits(&theirs.whole);
            let from = at * self.sums_per_group;
            for (own, theirs) in self.sums(group).iter_mut().zip(&other.sums[from..]) {
                *own += theirs;
            }
        }
        let group = |old: u32| moved[old as usize];
        let pairs = other.durations.into_iter();
        self.durations
            .extend(pairs.map(|(old, duration)| (group(old), duration)));
        let pairs = other.visitors.into_iter();
        self.visitors
            .extend(pairs.map(|(old, visitor)| (group(old), visitor)));
        let pairs = other.chain_visits.into_iter();
        self.chain_visits
            .extend(pairs.map(|(old, chain)| (group(old), chain)));
        let pairs = other.chain_whole_visits.into_iter();
        self.chain_whole_visits
            .extend(pairs.map(|(old, chain)| (group(old), chain)));
    }

    /// Settles what was met in several segments.
    pub(super) fn finish(mut self, chains: &Chains) -> Counted {
        if self.is_exact_over_days {
            self.once.iter_mut().for_each(|once| once.visitors = 0);
            for (group, _) in distinct(std::mem::take(&mut self.visitors)) {
                self.once[group as usize].visitors += 1;
            }
        }
        for (group, _) in distinct(std::mem::take(&mut self.chain_visits)) {
            self.once[group as usize].visits += 1;
        }
        for (group, chain) in distinct(std::mem::take(&mut self.chain_whole_visits)) {
            let facts = &chains.all[chain as usize].facts;
            self.once[group as usize].whole.add_whole_visit(facts);
        }
        let mut durations = vec![Vec::new(); self.once.len()];
        for (group, duration) in self.durations {
            durations[group as usize].push(duration);
        }
        Counted {
            keys: self.keys,
            sums: self.sums,
            visitors: self.once.iter().map(|once| once.visitors).collect(),
            visits: self.once.iter().map(|once| once.visits).collect(),
            whole: self.once.iter().map(|once| once.whole).collect(),
            durations,
        }
    }
}

fn distinct<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}

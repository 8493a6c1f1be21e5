//! Turns groups into the rows of an answer: metrics from counts, order, page, and only for the page
//! the labels.

use std::cmp::Ordering;
use std::sync::Arc;

use almanac_model::{Metric, TimeUnit};
use almanac_query::{OrderBy, Plan, Row};

use super::calendar;
use super::compile::{Column, Query, Slot};
use super::tally::{Counts, Groups};
use crate::visits::At;

/// What the codes of a dimension stand for.
pub(super) enum Labels {
    Texts(Vec<Arc<str>>),
    Buckets(TimeUnit),
}

/// Groups with their metrics worked out, one after another.
pub(super) struct Measured<'a> {
    /// The codes of each group, one per dimension.
    pub(super) keys: &'a [u32],
    /// The metrics of each group, in the order of the plan.
    pub(super) metrics: &'a [Option<f64>],
    pub(super) count: usize,
}

/// The page of rows asked for, and how many rows there are in all.
pub(super) fn rank(query: &Query, plan: &Plan, groups: Groups) -> (Vec<Row>, usize) {
    let labels = labels(&query.columns, &query.visit_facts, &query.dimensions);
    let metrics: Vec<Option<f64>> = groups
        .counts
        .iter()
        .flat_map(|counts| plan.metrics.iter().map(|metric| metric_of(counts, *metric)))
        .collect();
    let measured = Measured {
        keys: &groups.keys,
        metrics: &metrics,
        count: groups.counts.len(),
    };
    page(plan, &labels, &measured)
}

/// The page of these groups that was asked for, and how many there are in all.
pub(super) fn page(plan: &Plan, labels: &[Labels], groups: &Measured) -> (Vec<Row>, usize) {
    let of_metric = |group: usize, at: usize| groups.metrics[group * plan.metrics.len() + at];
    let code = |group: usize, at: usize| groups.keys[group * labels.len() + at];
    let compare = |one: &usize, two: &usize| {
        let by_dimension = |at: usize| cmp_labels(&labels[at], code(*one, at), code(*two, at));
        for part in &plan.order {
            let found = match part.by {
                OrderBy::Metric(at) => of_metric(*one, at).partial_cmp(&of_metric(*two, at)),
                OrderBy::Dimension(at) => Some(by_dimension(at)),
            };
            match found {
                None | Some(Ordering::Equal) => {}
                Some(found) if part.descending => return found.reverse(),
                Some(found) => return found,
            }
        }
        (0..labels.len())
            .map(by_dimension)
            .find(|found| found.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    let mut order: Vec<usize> = (0..groups.count).collect();
    let end = plan.offset.saturating_add(plan.limit);
    if end < order.len() {
        // Only the rows up to the end of the page have to be in order.
        order.select_nth_unstable_by(end, compare);
        order.truncate(end);
    }
    order.sort_unstable_by(compare);
    let row = |group: usize| Row {
        dimensions: (0..labels.len())
            .map(|at| labels[at].text(code(group, at)))
            .collect(),
        metrics: (0..plan.metrics.len())
            .map(|at| of_metric(group, at))
            .collect(),
    };
    (
        order.into_iter().skip(plan.offset).map(row).collect(),
        groups.count,
    )
}

/// What the codes of each dimension stand for.
pub(super) fn labels(columns: &[Column], facts: &[(usize, At)], slots: &[Slot]) -> Vec<Labels> {
    let of_slot = |slot: &Slot| {
        let column = match slot {
            Slot::Event(column) => *column,
            Slot::Visit(fact) => facts[*fact].0,
            Slot::Time(unit) => return Labels::Buckets(*unit),
        };
        Labels::Texts(columns[column].dictionary.values_from(0))
    };
    slots.iter().map(of_slot).collect()
}

impl Labels {
    pub(super) fn text(&self, code: u32) -> String {
        match self {
            Self::Texts(values) => values[code as usize].to_string(),
            Self::Buckets(unit) => calendar::label(*unit, code),
        }
    }
}

fn cmp_labels(labels: &Labels, one: u32, two: u32) -> Ordering {
    match labels {
        Labels::Texts(values) => values[one as usize].cmp(&values[two as usize]),
        Labels::Buckets(_) => one.cast_signed().cmp(&two.cast_signed()),
    }
}

/// Rule 18: one division of two whole numbers, and 0 without visits.
pub(super) fn metric_of(counts: &Counts, metric: Metric) -> Option<f64> {
    let per_visit = |total: f64| {
        if counts.whole_visits == 0 {
            0.0
        } else {
            total / counts.whole_visits as f64
        }
    };
    match metric {
        Metric::Visitors => Some(counts.visitors as f64),
        Metric::Visits => Some(counts.visits as f64),
        Metric::Pageviews => Some(counts.pageviews as f64),
        Metric::Events => Some(counts.events as f64),
        Metric::ViewsPerVisit => Some(per_visit(counts.views as f64)),
        Metric::BounceRate => Some(per_visit(counts.bounces as f64 * 100.0)),
        Metric::VisitDuration => Some(per_visit(counts.duration_s as f64)),
        // Shares are never part of a plan, and plans with what is measured go another way.
        _ => None,
    }
}

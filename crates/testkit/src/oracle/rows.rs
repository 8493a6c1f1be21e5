//! Collects what is counted in each row and turns it into metrics, in order and cut to the page.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use almanac_model::{Event, Kind, Metric, VisitorId};
use almanac_query::{Order, OrderBy, Plan, Row};
use jiff::civil::Date;

use super::Visit;
use super::measures::{self, Matched};
use super::pages::View;

/// The rows found so far. A question without dimensions has its one row from the start.
pub(super) struct Rows<'a> {
    plan: &'a Plan,
    tallies: BTreeMap<Vec<String>, Tally<'a>>,
}

/// What was counted in one row.
#[derive(Default)]
pub(super) struct Tally<'a> {
    visitors: BTreeSet<(Option<Date>, VisitorId)>,
    matched: Vec<Matched<'a>>,
    visits: BTreeSet<usize>,
    /// Bounce, duration in seconds, and page views of each whole visit, by its number.
    whole_visits: BTreeMap<usize, (bool, i64, u64)>,
}

impl<'a> Tally<'a> {
    pub(super) fn count_event(&mut self, event: &'a Event, day: Option<Date>, view: View) {
        self.visitors.insert((day, event.visitor));
        self.matched.push(Matched { event, view });
    }

    pub(super) fn count_visit(&mut self, visit: &Visit) {
        self.visits.insert(visit.number);
    }

    pub(super) fn count_whole_visit(&mut self, visit: &Visit) {
        let facts = (visit.is_bounce(), visit.duration_s(), visit.pageviews());
        self.whole_visits.insert(visit.number, facts);
    }

    fn metric(&self, metric: Metric) -> Option<f64> {
        let whole = || self.whole_visits.values();
        let visits = self.whole_visits.len() as f64;
        // Rule 18: one division of two whole numbers, and 0 without visits.
        let per_visit = |total: f64| if visits == 0.0 { 0.0 } else { total / visits };
        match metric {
            Metric::Visitors => Some(self.visitors.len() as f64),
            Metric::Visits => Some(self.visits.len() as f64),
            Metric::Pageviews => {
                let is_page = |one: &&Matched| one.event.kind == Kind::Pageview;
                Some(self.matched.iter().filter(is_page).count() as f64)
            }
            Metric::Events => Some(self.matched.len() as f64),
            Metric::BounceRate => {
                let bounces = whole().filter(|(is_bounce, _, _)| *is_bounce).count();
                Some(per_visit(bounces as f64 * 100.0))
            }
            Metric::VisitDuration => {
                let total_s: i64 = whole().map(|(_, duration_s, _)| duration_s).sum();
                Some(per_visit(total_s as f64))
            }
            Metric::ViewsPerVisit => {
                let views: u64 = whole().map(|(_, _, views)| views).sum();
                Some(per_visit(views as f64))
            }
            other => measures::metric(other, &self.matched),
        }
    }
}

impl<'a> Rows<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let mut tallies = BTreeMap::new();
        if plan.dimensions.is_empty() {
            tallies.insert(Vec::new(), Tally::default());
        }
        Self { plan, tallies }
    }

    pub(super) fn row(&mut self, values: Vec<String>) -> &mut Tally<'a> {
        self.tallies.entry(values).or_default()
    }

    /// The page of rows asked for, and how many rows there are in all.
    pub(super) fn finish(self) -> (Vec<Row>, usize) {
        let plan = self.plan;
        let mut rows: Vec<Row> = self
            .tallies
            .into_iter()
            .map(|(dimensions, tally)| Row {
                dimensions,
                metrics: plan
                    .metrics
                    .iter()
                    .map(|metric| tally.metric(*metric))
                    .collect(),
            })
            .collect();
        rows.sort_by(|left, right| compare(&plan.order, left, right));
        let total_rows = rows.len();
        (
            rows.into_iter()
                .skip(plan.offset)
                .take(plan.limit)
                .collect(),
            total_rows,
        )
    }
}

fn compare(order: &[Order], left: &Row, right: &Row) -> Ordering {
    for part in order {
        let ordering = match part.by {
            OrderBy::Metric(at) => left.metrics[at].partial_cmp(&right.metrics[at]),
            OrderBy::Dimension(at) => left.dimensions[at].partial_cmp(&right.dimensions[at]),
        };
        match ordering {
            Some(Ordering::Equal) | None => {}
            Some(found) if part.descending => return found.reverse(),
            Some(found) => return found,
        }
    }
    left.dimensions.cmp(&right.dimensions)
}

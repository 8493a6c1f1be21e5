//! The naive evaluator: `docs/semantics.md` as a program, one loop over every visit and every
//! event. It refuses to be clever or fast, because it is what fast engines are measured against.

mod bucket;
mod condition;
mod measures;
mod pages;
mod paths;
mod rows;
mod visits;

use std::collections::BTreeMap;

use almanac_model::{
    Dimension, Event, Identity, Metric, ProjectId, ProjectSettings, Scope, TimeRange,
};
use almanac_query::{
    AttributionAnswer, AttributionPlan, Cancel, Engine, EngineError, FunnelAnswer, FunnelPlan,
    JourneyAnswer, JourneyPlan, Plan, ResultSet, RetentionAnswer, RetentionPlan, ScanStats, Table,
    VisitorsAre,
};

use condition::{Condition, World};
use rows::Rows;
pub use visits::Visit;

/// An engine over a list of events, in any order.
#[derive(Debug, Clone)]
pub struct Oracle {
    events: Vec<Event>,
}

impl Oracle {
    /// An evaluator of these events. Their ids must differ; sending an event twice is not a
    /// question's business.
    pub fn new(events: Vec<Event>) -> Self {
        Self { events }
    }

    /// The events as they were given.
    pub fn events(&self) -> &[Event] {
        &self.events
    }
}

impl Engine for Oracle {
    fn snapshot(&self, _: ProjectId) -> Result<Box<dyn Engine + '_>, EngineError> {
        Ok(Box::new(Self::new(self.events.clone())))
    }

    fn run(&self, plan: &Plan, cancel: &Cancel) -> Result<ResultSet, EngineError> {
        let visits = visits::derive(&self.events, &plan.project);
        let world = World {
            visits: &visits,
            range: plan.range,
            zone: &plan.project.zone,
        };
        let condition = Condition::new(&plan.filter, world)?;
        let mut rows = Rows::new(plan);
        for visit in &visits {
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            for event in visit.counted() {
                if condition.holds(event, visit) {
                    count(&mut rows, plan, event, visit);
                }
            }
        }
        let (rows, total_rows) = rows.finish();
        Ok(ResultSet {
            rows,
            total_rows,
            visitors_are: visitors_are(plan),
            stats: ScanStats {
                table: Table::Events,
                because: "it is slow and obvious",
                partitions: 0,
                summarised: 0,
                rows: self.events.len() as u64,
                bytes: 0,
            },
        })
    }

    fn funnel(&self, plan: &FunnelPlan, _: &Cancel) -> Result<FunnelAnswer, EngineError> {
        paths::funnel(&self.events, plan)
    }

    fn retention(&self, plan: &RetentionPlan, _: &Cancel) -> Result<RetentionAnswer, EngineError> {
        paths::retention(&self.events, plan)
    }

    fn journey(&self, plan: &JourneyPlan, _: &Cancel) -> Result<JourneyAnswer, EngineError> {
        paths::journey(&self.events, plan)
    }

    fn attribution(
        &self,
        plan: &AttributionPlan,
        _: &Cancel,
    ) -> Result<AttributionAnswer, EngineError> {
        paths::attribution(&self.events, plan)
    }

    fn property_names(
        &self,
        project: &ProjectSettings,
        range: TimeRange,
        _: &Cancel,
    ) -> Result<Vec<(String, u64)>, EngineError> {
        let own = |event: &&Event| {
            event.project == project.id && event.kind.is_counted() && range.contains(event.time)
        };
        let mut found: BTreeMap<String, u64> = BTreeMap::new();
        for event in self.events.iter().filter(own) {
            for (name, _) in &event.properties {
                *found.entry(name.clone()).or_default() += 1;
            }
        }
        Ok(found.into_iter().collect())
    }
}

/// Counts one matching counted event of a visit into the rows it belongs to.
fn count<'a>(rows: &mut Rows<'a>, plan: &Plan, event: &'a Event, visit: &Visit) {
    let by_time = plan
        .dimensions
        .iter()
        .any(|dimension| dimension.scope() == Scope::Time);
    let zone = &plan.project.zone;
    let values = |time| {
        let value = |dimension: &Dimension| match dimension {
            Dimension::Time(unit) => bucket::label(*unit, time, zone),
            other => visits::value(other, event, visit),
        };
        plan.dimensions.iter().map(value).collect::<Vec<_>>()
    };
    let asks = |wanted: &[Metric]| plan.metrics.iter().any(|metric| wanted.contains(metric));

    // Rules 2, 10, 11 and 12: what happened inside the range.
    if plan.range.contains(event.time) {
        let is_of_events =
            |metric: &Metric| *metric != Metric::Visits && !metric.is_of_whole_visits();
        if plan.metrics.iter().any(is_of_events) {
            let day = match plan.project.identity {
                Identity::Cookieless => Some(event.time.local_day(zone)),
                Identity::Stable => None,
            };
            let view = pages::view(event, visit, zone);
            rows.row(values(event.time)).count_event(event, day, view);
        }
        if by_time && asks(&[Metric::Visits]) {
            rows.row(values(event.time)).count_visit(visit);
        }
    }
    // Rule 9 and 15: visits that started inside the range, wherever their events lie.
    if plan.range.contains(visit.start()) {
        if !by_time && asks(&[Metric::Visits]) {
            rows.row(values(event.time)).count_visit(visit);
        }
        // Rules 10 and 16: facts of whole visits, in the row of their start and entry.
        if plan
            .metrics
            .iter()
            .any(|metric| metric.is_of_whole_visits())
            && visit.entered_at(event, &plan.dimensions)
        {
            rows.row(values(visit.start())).count_whole_visit(visit);
        }
    }
}

/// Rule 12: whether each visitor was counted once, or once per local day.
fn visitors_are(plan: &Plan) -> VisitorsAre {
    let zone = &plan.project.zone;
    let is_empty = plan.range.end <= plan.range.start;
    let first = plan.range.start.local_day(zone);
    let last = plan.range.end.plus_us(-1).local_day(zone);
    match plan.project.identity {
        Identity::Cookieless if !is_empty && first != last => VisitorsAre::DailySum,
        _ => VisitorsAre::Exact,
    }
}

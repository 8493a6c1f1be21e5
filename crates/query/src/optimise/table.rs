//! Chooses the poorest table that can answer a plan. It promises only that the table holds what is
//! asked for; an engine that lacks it reads a richer one.

use almanac_model::{Dimension, Filter, Identity, Metric, Scope, TimeUnit};

use crate::{Plan, Table};

/// The table, and why.
pub(super) fn cheapest(plan: &Plan) -> (Table, &'static str) {
    if is_in_summaries(plan) {
        return (
            Table::Summary,
            "totals by hour and day hold every number asked for",
        );
    }
    if is_in_visits(plan) {
        return (Table::Visits, "only facts of whole visits are asked for");
    }
    (Table::Events, "single events have to be looked at")
}

/// Totals exist for whole local days and hours, by at most one dimension, without a filter.
/// Distinct visitors of several days add up only where each day has its own visitors.
fn is_in_summaries(plan: &Plan) -> bool {
    let zone = &plan.project.zone;
    let starts_a_day = |instant: almanac_model::Instant| {
        almanac_model::time::start_of_day(instant.local_day(zone), zone) == instant
    };
    let is_of_days = starts_a_day(plan.range.start) && starts_a_day(plan.range.end);
    let is_one_day = plan.range.start.local_day(zone) == plan.range.end.plus_us(-1).local_day(zone);
    let unit = plan
        .dimensions
        .iter()
        .find_map(|dimension| match dimension {
            Dimension::Time(unit) => Some(*unit),
            _ => None,
        });
    let others = plan
        .dimensions
        .iter()
        .filter(|other| other.scope() != Scope::Time);
    let has_property = plan
        .dimensions
        .iter()
        .any(|one| matches!(one, Dimension::Property(_)));
    let visitors_add_up = plan.project.identity == Identity::Cookieless
        || is_one_day
        || matches!(unit, Some(TimeUnit::Hour | TimeUnit::Day))
        || !plan.metrics.contains(&Metric::Visitors);
    // A visit that lies in several days counts once in each of their totals.
    let visits_add_up = matches!(unit, None | Some(TimeUnit::Hour | TimeUnit::Day))
        || !plan.metrics.contains(&Metric::Visits);
    let is_counted = |metric: &Metric| !metric.is_measured();
    plan.filter == Filter::everything()
        && plan.metrics.iter().all(is_counted)
        && is_of_days
        && unit != Some(TimeUnit::Minute)
        && others.count() <= 1
        && !has_property
        && visitors_add_up
        && visits_add_up
}

/// Visits hold what is frozen for each of them and know when they started, but not where their
/// events lie.
fn is_in_visits(plan: &Plan) -> bool {
    let is_of_visit = |dimension: &Dimension| dimension.scope() == Scope::Visit;
    let has_time = plan.dimensions.iter().any(|one| one.scope() == Scope::Time);
    let knows = |metric: &Metric| match metric {
        Metric::Visits => !has_time,
        other => other.is_of_whole_visits(),
    };
    plan.metrics.iter().all(knows)
        && plan
            .dimensions
            .iter()
            .all(|one| is_of_visit(one) || one.scope() == Scope::Time)
        && reads_only(&plan.filter, &is_of_visit)
}

fn reads_only(filter: &Filter, known: &impl Fn(&Dimension) -> bool) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().all(|part| reads_only(part, known)),
        Filter::Not(part) => reads_only(part, known),
        Filter::Match(wanted) => known(&wanted.dimension),
        Filter::Done(_) | Filter::Scrolled(_) => false,
    }
}

//! Random plans: every metric, dimension, way of filtering, order and page, within what the builder
//! of questions lets through.

use almanac_model::time::start_of_day;
use almanac_model::{
    Dimension, Filter, Match, MatchOp, Metric, Scope, TextColumn, TimeRange, TimeUnit,
};
use almanac_query::{Order, OrderBy, Plan, Table};
use jiff::ToSpan;

use super::events::{COLUMNS, PROPERTIES, values_of};
use super::{Random, Scene};

/// A random plan about the scene.
pub fn plan(random: &mut Random, scene: &Scene) -> Plan {
    let metrics = metrics(random);
    let dimensions = dimensions(random, &metrics);
    let order = order(random, &metrics, &dimensions);
    Plan {
        project: scene.project.clone(),
        range: range(random, scene),
        filter: if random.one_in(3) {
            Filter::everything()
        } else {
            filter(random, 3)
        },
        metrics,
        dimensions,
        order,
        limit: if random.one_in(4) {
            1 + random.below(3)
        } else {
            10_000
        },
        offset: if random.one_in(4) { random.below(3) } else { 0 },
        table: Table::Events,
    }
}

/// Some of what engines compute; shares are left to the runner. Half of the plans only count, as
/// engines have shorter ways for those.
fn metrics(random: &mut Random) -> Vec<Metric> {
    let (measures, wanted) = (random.one_in(2), 1 + random.below(6));
    let mut metrics = Vec::new();
    while metrics.len() < wanted {
        let metric = *random.pick(Metric::ALL);
        if metric.is_share() || (metric.is_measured() && !measures) || metrics.contains(&metric) {
            continue;
        }
        metrics.push(metric);
    }
    metrics
}

fn dimensions(random: &mut Random, metrics: &[Metric]) -> Vec<Dimension> {
    let mut dimensions = Vec::new();
    for _ in 0..random.below(4) {
        let next = dimension(random);
        let is_second_time = next.scope() == Scope::Time && dimensions.iter().any(is_time);
        let is_allowed = metrics.iter().all(|metric| splits(*metric, &next));
        if !is_second_time && is_allowed && !dimensions.contains(&next) {
            dimensions.push(next);
        }
    }
    dimensions
}

fn is_time(dimension: &Dimension) -> bool {
    dimension.scope() == Scope::Time
}

/// Rule 16: which dimensions a fact of whole visits can be split by.
fn splits(metric: Metric, dimension: &Dimension) -> bool {
    match metric {
        Metric::ViewsPerVisit => dimension.scope() != Scope::Event,
        Metric::BounceRate | Metric::VisitDuration => {
            dimension.scope() != Scope::Event
                || matches!(
                    dimension,
                    Dimension::Event(TextColumn::Path | TextColumn::Hostname)
                )
        }
        _ => true,
    }
}

pub(super) fn dimension(random: &mut Random) -> Dimension {
    match random.below(9) {
        0 => Dimension::Event(TextColumn::Path),
        1 => Dimension::Event(*random.pick(&COLUMNS)),
        2 => Dimension::Property((*random.pick(&PROPERTIES)).to_owned()),
        3 => Dimension::Visit(*random.pick(&[
            TextColumn::Source,
            TextColumn::Referrer,
            TextColumn::UtmCampaign,
            TextColumn::Country,
            TextColumn::Browser,
            TextColumn::Device,
        ])),
        4 => Dimension::EntryPage,
        5 => Dimension::ExitPage,
        6 => random
            .pick(&[Dimension::EntryHostname, Dimension::ExitHostname])
            .clone(),
        _ => Dimension::Time(*random.pick(&[
            TimeUnit::Minute,
            TimeUnit::Hour,
            TimeUnit::Day,
            TimeUnit::Week,
            TimeUnit::Month,
        ])),
    }
}

pub(super) fn range(random: &mut Random, scene: &Scene) -> TimeRange {
    let zone = &scene.project.zone;
    if random.one_in(3) && !scene.events.is_empty() {
        // Ends that fall on events, in the middle of visits.
        let mut ends = [
            scene.events[random.below(scene.events.len())].time,
            scene.events[random.below(scene.events.len())].time,
        ];
        ends.sort();
        return TimeRange {
            start: ends[0],
            end: ends[1],
        };
    }
    let away = |days: i64| scene.day.saturating_add(days.days());
    let first = away(*random.pick(&[-30, -7, -1, 0, 0, 1]));
    let last = away(*random.pick(&[0, 0, 1, 6, 30]));
    match random.below(8) {
        // Nothing at all.
        0 => TimeRange {
            start: start_of_day(first, zone),
            end: start_of_day(first, zone),
        },
        _ => TimeRange::of_days(first.min(last), last, zone),
    }
}

pub(super) fn filter(random: &mut Random, depth: usize) -> Filter {
    if depth == 0 || random.one_in(2) {
        return Filter::Match(comparison(random));
    }
    match random.below(4) {
        3 if random.one_in(2) => Filter::Scrolled(*random.pick(&[0, 50, 100])),
        3 => Filter::Done(Box::new(filter(random, depth - 1))),
        0 => Filter::Not(Box::new(filter(random, depth - 1))),
        1 => Filter::And(
            (0..random.below(3))
                .map(|_| filter(random, depth - 1))
                .collect(),
        ),
        _ => Filter::Or(
            (0..1 + random.below(3))
                .map(|_| filter(random, depth - 1))
                .collect(),
        ),
    }
}

fn comparison(random: &mut Random) -> Match {
    let dimension = loop {
        let candidate = dimension(random);
        if !is_time(&candidate) {
            break candidate;
        }
    };
    let op = *random.pick(&[
        MatchOp::Is,
        MatchOp::Is,
        MatchOp::Contains,
        MatchOp::Matches,
    ]);
    let known = match &dimension {
        Dimension::Event(column) | Dimension::Visit(column) => values_of(*column),
        Dimension::EntryPage | Dimension::ExitPage => values_of(TextColumn::Path),
        Dimension::EntryHostname | Dimension::ExitHostname => values_of(TextColumn::Hostname),
        Dimension::Property(_) | Dimension::Time(_) => &["free", "pro"],
    };
    let values = (0..1 + random.below(2)).map(|_| {
        let value = match op {
            MatchOp::Is if random.one_in(5) => "",
            MatchOp::Is => random.pick(known),
            MatchOp::Contains => random.pick(&["o", "/b", "G", "e"]),
            MatchOp::Matches => random.pick(&["^/$", "^(?i)g", "[a-e]$", "^$", "/.*/"]),
        };
        value.to_owned()
    });
    Match {
        dimension,
        op,
        values: values.collect(),
        case_sensitive: !random.one_in(3),
    }
}

fn order(random: &mut Random, metrics: &[Metric], dimensions: &[Dimension]) -> Vec<Order> {
    let mut order = Vec::new();
    for _ in 0..random.below(3) {
        let by = if dimensions.is_empty() || random.one_in(2) {
            OrderBy::Metric(random.below(metrics.len()))
        } else {
            OrderBy::Dimension(random.below(dimensions.len()))
        };
        order.push(Order {
            by,
            descending: random.one_in(2),
        });
    }
    order
}

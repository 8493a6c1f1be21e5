//! From a parsed question to a plan: dates become instants in the project's zone, names become
//! columns, defaults are filled in, and what cannot be combined is refused. It trusts the parser
//! and knows no engine.

mod filter;
mod range;

use almanac_model::{
    Dimension, Instant, Metric, ProjectSettings, Scope, TextColumn, TimeRange, TimeUnit,
};

use crate::names::{DimensionName, Place};
use crate::parse::{Named, OrderKey, OrderPart, Question};
use crate::refusal::{Pointer, Refusal};
use crate::{Order, OrderBy, Plan, Table, bucket, limits};

pub use range::Span;

/// What a question needs to know of the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The present.
    pub now: Instant,
    /// When the project's first event happened, if it has one: where `all` starts.
    pub first_event: Option<Instant>,
}

/// A plan, and how its numbers become the answer that was asked for.
#[derive(Debug, Clone)]
pub struct Built {
    /// The plan, without comparison and without percentages.
    pub plan: Plan,
    /// For each metric asked for, how it follows from those of the plan.
    pub columns: Vec<Column>,
    /// The dimensions as they are shown, in the order of the plan.
    pub dimensions: Vec<Named>,
    /// The other time that the answer is compared with.
    pub compared_with: Option<Span>,
    /// The range of the plan.
    pub span: Span,
}

/// How a metric that was asked for follows from the metrics of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// It is the one at that position.
    Plain(usize),
    /// It is the one at that position as a share of the same without dimensions, percent.
    Share(usize),
}

impl Built {
    /// The dimension of time and its position, if there is one.
    pub(crate) fn time(&self) -> Option<(usize, TimeUnit)> {
        let unit = |(position, dimension): (usize, &Dimension)| match dimension {
            Dimension::Time(unit) => Some((position, *unit)),
            _ => None,
        };
        self.plan.dimensions.iter().enumerate().find_map(unit)
    }
}

/// Makes the plan of a question about a project.
///
/// # Errors
/// When the question asks for what does not go together, or for too much.
pub fn build(
    question: &Question,
    project: &ProjectSettings,
    facts: Facts,
) -> Result<Built, Refusal> {
    let zone = &project.zone;
    let at = Pointer::root().key("date_range");
    let span = range::resolve(&question.date_range, zone, facts, &at)?;
    let compared_with = match &question.include.comparisons {
        Some(comparing) => Some(range::compared(comparing, span, zone, facts)?),
        None => None,
    };
    let dimensions: Vec<Named> = question
        .dimensions
        .iter()
        .map(|named| resolve(named, span))
        .collect();
    let columns_read: Vec<Dimension> = dimensions.iter().map(|named| stored(&named.name)).collect();
    refuse_split_visits(question, &columns_read)?;
    refuse_too_many_buckets(&columns_read, span.range)?;
    let (metrics, columns) = metrics(&question.metrics);
    let order = order(&question.order_by, &columns, &columns_read);
    let plan = Plan {
        project: project.clone(),
        range: span.range,
        filter: filter::build(&question.filters),
        metrics,
        dimensions: columns_read,
        order,
        limit: question.limit,
        offset: question.offset,
        table: Table::Events,
    };
    Ok(Built {
        plan,
        columns,
        dimensions,
        compared_with,
        span,
    })
}

/// Chooses the bucket of a plain `time`.
fn resolve(named: &Named, span: Span) -> Named {
    if named.name != DimensionName::FittingTime {
        return named.clone();
    }
    let unit = range::fitting_unit(span);
    let word = match unit {
        TimeUnit::Minute => "minute",
        TimeUnit::Hour => "hour",
        TimeUnit::Day => "day",
        TimeUnit::Week => "week",
        TimeUnit::Month => "month",
    };
    Named {
        text: format!("time:{word}"),
        name: DimensionName::Plain(Dimension::Time(unit)),
    }
}

/// The dimension as it is stored.
fn stored(name: &DimensionName) -> Dimension {
    match name {
        DimensionName::Plain(dimension) => dimension.clone(),
        DimensionName::Place(Place::Country) => Dimension::Visit(TextColumn::Country),
        DimensionName::Place(Place::Region) => Dimension::Visit(TextColumn::Region),
        // Resolved before; a day is what most ranges use.
        DimensionName::FittingTime => Dimension::Time(TimeUnit::Day),
    }
}

/// Rule 16: facts of whole visits cannot be split by what differs from event to event.
fn refuse_split_visits(question: &Question, dimensions: &[Dimension]) -> Result<(), Refusal> {
    for (position, metric) in question.metrics.iter().enumerate() {
        let splits = |dimension: &Dimension| match dimension {
            Dimension::Event(TextColumn::Path | TextColumn::Hostname) => {
                *metric != Metric::ViewsPerVisit
            }
            other => other.scope() != Scope::Event,
        };
        let refused = dimensions.iter().position(|dimension| !splits(dimension));
        if let Some(refused) = refused.filter(|_| metric.is_of_whole_visits()) {
            let also = match metric {
                Metric::ViewsPerVisit => "",
                _ => ", event:page, event:hostname",
            };
            let reason = format!(
                "{} is a fact of whole visits and cannot be split by {}; split it by visit:…{also} \
                 or time, or leave it out",
                metric.name(),
                question.dimensions[refused].text,
            );
            return Err(Refusal::new(
                &Pointer::root().key("metrics").at(position),
                reason,
            ));
        }
    }
    Ok(())
}

fn refuse_too_many_buckets(dimensions: &[Dimension], range: TimeRange) -> Result<(), Refusal> {
    for (position, dimension) in dimensions.iter().enumerate() {
        let Dimension::Time(unit) = dimension else {
            continue;
        };
        let length_s = range.end.seconds().saturating_sub(range.start.seconds());
        let buckets = length_s / bucket::shortest_s(*unit);
        if buckets > limits::TIME_BUCKETS_MAX {
            let reason = format!(
                "about {buckets} buckets of time are more than {}; ask for a shorter range or \
                 longer \
                 buckets",
                limits::TIME_BUCKETS_MAX
            );
            return Err(Refusal::new(
                &Pointer::root().key("dimensions").at(position),
                reason,
            ));
        }
    }
    Ok(())
}

/// The metrics of the plan, and where those asked for are found among them.
fn metrics(asked: &[Metric]) -> (Vec<Metric>, Vec<Column>) {
    let mut metrics: Vec<Metric> = asked
        .iter()
        .copied()
        .filter(|metric| *metric != Metric::Percentage)
        .collect();
    if asked.contains(&Metric::Percentage) && !metrics.contains(&Metric::Visitors) {
        metrics.push(Metric::Visitors);
    }
    let place = |wanted: Metric| {
        metrics
            .iter()
            .position(|metric| *metric == wanted)
            .unwrap_or_default()
    };
    let column = |metric: &Metric| match metric {
        Metric::Percentage => Column::Share(place(Metric::Visitors)),
        other => Column::Plain(place(*other)),
    };
    let columns = asked.iter().map(column).collect();
    (metrics, columns)
}

/// The order in positions of the plan. The usual one is by time, then by the first metric, largest
/// first. Percentages order like the visitors that they are made of.
fn order(asked: &[OrderPart], columns: &[Column], dimensions: &[Dimension]) -> Vec<Order> {
    let metric = |position: usize| match columns[position] {
        Column::Plain(place) | Column::Share(place) => OrderBy::Metric(place),
    };
    if asked.is_empty() {
        let time = dimensions
            .iter()
            .position(|dimension| dimension.scope() == Scope::Time);
        let by_time = time.map(|at| Order {
            by: OrderBy::Dimension(at),
            descending: false,
        });
        return by_time
            .into_iter()
            .chain([Order {
                by: metric(0),
                descending: true,
            }])
            .collect();
    }
    let part = |part: &OrderPart| {
        let by = match part.by {
            OrderKey::Metric(position) => metric(position),
            OrderKey::Dimension(position) => OrderBy::Dimension(position),
        };
        Order {
            by,
            descending: part.descending,
        }
    };
    asked.iter().map(part).collect()
}

//! From a parsed question to a plan: dates become instants in the project's zone, names become
//! columns, defaults are filled in, and what cannot be combined is refused. It trusts the parser
//! and knows no engine.

mod columns;
pub(crate) mod filter;
pub(crate) mod range;

use almanac_model::{Dimension, Filter, Instant, Metric, Scope, TextColumn, TimeRange, TimeUnit};

use crate::ask::Setting;
use crate::names::{DimensionName, Place};
use crate::parse::{Asked, Clause, Named, OrderKey, OrderPart, Question, SavedKind};
use crate::refusal::{Pointer, Refusal};
use crate::saved::{Goal, Saved};
use crate::{Order, OrderBy, Plan, Table, bucket, limits};

pub use columns::Column;
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
    /// The plan, without comparison, shares and money, and without the dimension of goals.
    pub plan: Plan,
    /// For each metric asked for, how it follows from those of the plan.
    pub columns: Vec<Column>,
    /// The dimensions as they are shown; those of the plan, and among them that of goals.
    pub dimensions: Vec<Named>,
    /// The goals that the answer is split by, and at which position of the dimensions.
    pub goals: Option<(usize, Vec<Goal>)>,
    /// The filter of the plan without its goals: what conversions are a share of.
    pub without_goals: Filter,
    /// The order of the rows, in positions of the question.
    pub order: Vec<OrderPart>,
    /// Whether rows can be put in order only once everything about them is known.
    pub is_ordered_late: bool,
    /// The other time that the answer is compared with.
    pub compared_with: Option<Span>,
    /// The range of the plan.
    pub span: Span,
}

impl Built {
    /// The dimension of time and its position, if there is one.
    pub(crate) fn time(&self) -> Option<(usize, TimeUnit)> {
        let unit = |(position, named): (usize, &Named)| match named.name {
            DimensionName::Plain(Dimension::Time(unit)) => Some((position, unit)),
            _ => None,
        };
        self.dimensions.iter().enumerate().find_map(unit)
    }
}

/// Makes the plan of a question about a project.
///
/// # Errors
/// When the question asks for what does not go together, or for too much.
pub fn build(question: &Question, setting: Setting) -> Result<Built, Refusal> {
    let (project, zone) = (setting.project, &setting.project.zone);
    let at = Pointer::root().key("date_range");
    let span = range::resolve(&question.date_range, zone, setting.facts, &at)?;
    let compared_with = match &question.include.comparisons {
        Some(comparing) => Some(range::compared(comparing, span, zone, setting.facts)?),
        None => None,
    };
    let dimensions: Vec<Named> = question
        .dimensions
        .iter()
        .map(|named| setting.mask.over(resolve(named, span)))
        .collect();
    let is_goal = |named: &Named| named.name == DimensionName::Goal;
    let goals = dimensions.iter().position(is_goal);
    let goals = goals.map(|at| (at, goals_asked(question, setting.saved)));
    refuse_rates_without_goal(question, goals.is_some())?;
    let stored_ones = dimensions.iter().filter(|named| !is_goal(named));
    let columns_read: Vec<Dimension> = stored_ones.map(|named| stored(&named.name)).collect();
    refuse_split_visits(question, &dimensions)?;
    refuse_too_many_buckets(&dimensions, span.range)?;
    let (metrics, columns) = columns::columns(&question.metrics);
    let order = order(&question.order_by, &dimensions);
    let plan_order = order.iter().map(|part| in_plan(part, &columns));
    let plan_order: Option<Vec<Order>> = plan_order.collect();
    let plan = Plan {
        project: project.clone(),
        range: span.range,
        filter: filter::build(&question.filters, setting)?,
        metrics,
        dimensions: columns_read,
        order: plan_order.clone().unwrap_or_default(),
        limit: question.limit,
        offset: question.offset,
        table: Table::Events,
    };
    Ok(Built {
        plan,
        is_ordered_late: goals.is_some() || plan_order.is_none(),
        columns,
        dimensions,
        goals,
        without_goals: filter::build(&without_goals(&question.filters), setting)?,
        order,
        compared_with,
        span,
    })
}

/// The goals that the dimension of goals has: those that the filters name, or all.
fn goals_asked(question: &Question, saved: &Saved) -> Vec<Goal> {
    let named = question.filters.iter().find_map(|clause| match clause {
        Clause::Saved(reference) if reference.of == SavedKind::Goal => Some(reference),
        _ => None,
    });
    let is_asked = |goal: &&Goal| {
        named.is_none_or(|reference| {
            reference.names.iter().any(|name| match reference.contains {
                true => goal.name.contains(name.as_str()),
                false => goal.name == *name,
            })
        })
    };
    saved.goals.iter().filter(is_asked).cloned().collect()
}

fn is_goal_clause(clause: &Clause) -> bool {
    matches!(clause, Clause::Saved(reference) if reference.of == SavedKind::Goal)
}

/// The filters without the goals that all events must reach.
fn without_goals(clauses: &[Clause]) -> Vec<Clause> {
    let others = clauses.iter().filter(|clause| !is_goal_clause(clause));
    let inner = others.map(|clause| match clause {
        Clause::And(parts) => Clause::And(without_goals(parts)),
        other => other.clone(),
    });
    inner.collect()
}

fn has_goal(clauses: &[Clause]) -> bool {
    let has = |clause: &Clause| match clause {
        Clause::And(parts) => has_goal(parts),
        other => is_goal_clause(other),
    };
    clauses.iter().any(has)
}

/// Rule 38: a rate of conversion needs something to convert to.
fn refuse_rates_without_goal(question: &Question, by_goal: bool) -> Result<(), Refusal> {
    if by_goal || has_goal(&question.filters) {
        return Ok(());
    }
    let is_rate =
        |metric: &Metric| matches!(metric, Metric::ConversionRate | Metric::GroupConversionRate);
    let rate = question.metrics.iter().position(|asked| match asked {
        Asked::Known(metric) => is_rate(metric),
        Asked::Formula(formula) => formula.expression.metrics().iter().any(is_rate),
    });
    match rate {
        None => Ok(()),
        Some(position) => Err(Refusal::new(
            &Pointer::root().key("metrics").at(position),
            format!(
                "{} needs a goal; filter with [\"is\", \"event:goal\", […]] or split by event:goal",
                question.metrics[position].name()
            ),
        )),
    }
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
pub(crate) fn stored(name: &DimensionName) -> Dimension {
    match name {
        DimensionName::Plain(dimension) => dimension.clone(),
        DimensionName::Place(Place::Country) => Dimension::Visit(TextColumn::Country),
        DimensionName::Place(Place::Region) => Dimension::Visit(TextColumn::Region),
        // Resolved before; a day is what most ranges use.
        DimensionName::FittingTime => Dimension::Time(TimeUnit::Day),
        // Never part of a plan; an event's name is what most goals look at.
        DimensionName::Goal => Dimension::Event(TextColumn::Name),
        // No event has a property without a name, so that all have the same blank value.
        DimensionName::Masked => Dimension::Property(String::new()),
    }
}

/// Rule 16: facts of whole visits cannot be split by what differs from event to event.
fn refuse_split_visits(question: &Question, dimensions: &[Named]) -> Result<(), Refusal> {
    for (position, asked) in question.metrics.iter().enumerate() {
        let of_visits = match asked {
            Asked::Known(metric) => Some(*metric).filter(|metric| metric.is_of_whole_visits()),
            Asked::Formula(formula) => {
                let mut inputs = formula.expression.metrics().into_iter();
                inputs.find(|metric| metric.is_of_whole_visits())
            }
        };
        let Some(metric) = of_visits else {
            continue;
        };
        let splits = |named: &Named| match stored(&named.name) {
            // A goal is a filter, not a split of single visits.
            _ if named.name == DimensionName::Goal => true,
            Dimension::Event(TextColumn::Path | TextColumn::Hostname) => {
                metric != Metric::ViewsPerVisit
            }
            other => other.scope() != Scope::Event,
        };
        if let Some(refused) = dimensions.iter().position(|named| !splits(named)) {
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

fn refuse_too_many_buckets(dimensions: &[Named], range: TimeRange) -> Result<(), Refusal> {
    for (position, named) in dimensions.iter().enumerate() {
        let DimensionName::Plain(Dimension::Time(unit)) = named.name else {
            continue;
        };
        let length_s = range.end.seconds().saturating_sub(range.start.seconds());
        let buckets = length_s / bucket::shortest_s(unit);
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

/// The order asked for, or the usual one: by time, then by the first metric, largest first.
fn order(asked: &[OrderPart], dimensions: &[Named]) -> Vec<OrderPart> {
    if !asked.is_empty() {
        return asked.to_vec();
    }
    let time = dimensions.iter().position(|named| named.name.is_time());
    let by_time = time.map(|at| OrderPart {
        by: OrderKey::Dimension(at),
        descending: false,
    });
    let by_first = OrderPart {
        by: OrderKey::Metric(0),
        descending: true,
    };
    by_time.into_iter().chain([by_first]).collect()
}

/// The same part of an order in positions of the plan; none where the plan does not know it.
fn in_plan(part: &OrderPart, columns: &[Column]) -> Option<Order> {
    let by = match part.by {
        OrderKey::Metric(position) => OrderBy::Metric(columns[position].orders_like()?),
        OrderKey::Dimension(position) => OrderBy::Dimension(position),
    };
    Some(Order {
        by,
        descending: part.descending,
    })
}

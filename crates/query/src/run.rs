//! Runs what was built: the plan itself, the same without dimensions where percentages need it, and
//! the same about another time where a comparison is asked for. Its rows are raw numbers still.

use std::collections::{BTreeMap, BTreeSet};

use almanac_model::{Filter, Match, MatchOp, Metric, Scope, TimeRange};

use crate::build::{Built, Column};
use crate::optimise::{Optimised, optimise};
use crate::{Cancel, Engine, EngineError, Plan, ResultSet, Row, ScanStats, VisitorsAre, bucket};

/// Everything that an answer is made of.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The page of rows, in order, with the metrics that were asked for.
    pub rows: Vec<AnswerRow>,
    /// How many rows there are in all.
    pub total_rows: usize,
    /// How visitors were counted.
    pub visitors_are: VisitorsAre,
    /// What the plan itself took.
    pub stats: ScanStats,
    /// The plan that was run.
    pub optimised: Optimised,
}

/// One row of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRow {
    /// The values of the dimensions, blank as the empty text.
    pub dimensions: Vec<String>,
    /// The metrics, in the order of the question.
    pub metrics: Vec<Option<f64>>,
    /// The row it is compared with, where there is another time.
    pub comparison: Option<Row>,
}

/// Most rows that a comparison may have: more than the pairs of values in one page can make, less
/// than would fill the memory.
const COMPARISON_ROWS_MAX: usize = 1_000_000;

/// Runs everything that the answer needs.
///
/// # Errors
/// When one of the plans failed.
pub fn run(engine: &dyn Engine, built: &Built, cancel: &Cancel) -> Result<Answer, EngineError> {
    let optimised = optimise(built.plan.clone());
    let found = engine.run(&optimised.plan, cancel)?;
    let total = total_visitors(engine, built, built.plan.range, cancel)?;
    let row = |row: &Row| AnswerRow {
        dimensions: row.dimensions.clone(),
        metrics: as_asked(&row.metrics, &built.columns, total),
        comparison: None,
    };
    let mut answer = Answer {
        rows: found.rows.iter().map(row).collect(),
        total_rows: found.total_rows,
        visitors_are: found.visitors_are,
        stats: found.stats,
        optimised,
    };
    if let Some(other) = built.compared_with {
        compare(engine, built, other.range, cancel, &mut answer)?;
    }
    Ok(answer)
}

/// Rule 13: the visitors of the question without its dimensions, where a percentage needs them.
fn total_visitors(
    engine: &dyn Engine,
    built: &Built,
    range: TimeRange,
    cancel: &Cancel,
) -> Result<f64, EngineError> {
    if !built
        .columns
        .iter()
        .any(|column| matches!(column, Column::Share(_)))
    {
        return Ok(0.0);
    }
    let plan = Plan {
        range,
        metrics: vec![Metric::Visitors],
        dimensions: Vec::new(),
        order: Vec::new(),
        limit: 1,
        offset: 0,
        ..built.plan.clone()
    };
    let found = engine.run(&optimise(plan).plan, cancel)?;
    let first = found
        .rows
        .first()
        .and_then(|row| row.metrics.first().copied().flatten());
    Ok(first.unwrap_or(0.0))
}

/// The metrics that were asked for, out of those of a plan.
fn as_asked(found: &[Option<f64>], columns: &[Column], total: f64) -> Vec<Option<f64>> {
    let metric = |column: &Column| match column {
        Column::Plain(place) => found[*place],
        Column::Share(_) if total == 0.0 => Some(0.0),
        Column::Share(place) => found[*place].map(|visitors| visitors * 100.0 / total),
    };
    columns.iter().map(metric).collect()
}

/// Puts beside each row the one of the other time (rule 26).
fn compare(
    engine: &dyn Engine,
    built: &Built,
    range: TimeRange,
    cancel: &Cancel,
    answer: &mut Answer,
) -> Result<(), EngineError> {
    let plan = Plan {
        range,
        filter: narrowed(&built.plan, &answer.rows),
        order: Vec::new(),
        limit: COMPARISON_ROWS_MAX,
        offset: 0,
        ..built.plan.clone()
    };
    let found = engine.run(&optimise(plan).plan, cancel)?;
    let total = total_visitors(engine, built, range, cancel)?;
    let pairs = TimePairs::new(built, range);
    let others: BTreeMap<Vec<String>, Vec<Option<f64>>> = rows_by_key(found, built, total);
    add_rows_of_the_other_time(built, &pairs, &others, answer);
    for row in &mut answer.rows {
        let Some(dimensions) = pairs.other(&row.dimensions) else {
            continue;
        };
        let metrics = others.get(&dimensions).cloned();
        let metrics = metrics.unwrap_or_else(|| vec![Some(0.0); built.columns.len()]);
        row.comparison = Some(Row {
            dimensions,
            metrics,
        });
    }
    Ok(())
}

fn rows_by_key(
    found: ResultSet,
    built: &Built,
    total: f64,
) -> BTreeMap<Vec<String>, Vec<Option<f64>>> {
    let pair = |row: Row| {
        let metrics = as_asked(&row.metrics, &built.columns, total);
        (row.dimensions, metrics)
    };
    found.rows.into_iter().map(pair).collect()
}

/// The filter with a condition for each dimension that it has one of the values on the page, so
/// that the other time is not searched for rows that nobody sees.
fn narrowed(plan: &Plan, rows: &[AnswerRow]) -> Filter {
    let mut parts = vec![plan.filter.clone()];
    for (position, dimension) in plan.dimensions.iter().enumerate() {
        if dimension.scope() == Scope::Time {
            continue;
        }
        let values: BTreeSet<&String> = rows.iter().map(|row| &row.dimensions[position]).collect();
        parts.push(Filter::Match(Match {
            dimension: dimension.clone(),
            op: MatchOp::Is,
            values: values.into_iter().cloned().collect(),
            case_sensitive: true,
        }));
    }
    Filter::And(parts)
}

/// Split by time alone, a whole answer also has the buckets in which only the other time counts
/// something, so that nothing of it is lost.
fn add_rows_of_the_other_time(
    built: &Built,
    pairs: &TimePairs,
    others: &BTreeMap<Vec<String>, Vec<Option<f64>>>,
    answer: &mut Answer,
) {
    let is_whole = built.plan.offset == 0 && answer.rows.len() == answer.total_rows;
    let by_time = built.plan.order.first().map(|order| order.by);
    let is_by_time = by_time == Some(crate::OrderBy::Dimension(0));
    if built.plan.dimensions.len() != 1 || !is_whole || !is_by_time {
        return;
    }
    let known: BTreeSet<String> = answer
        .rows
        .iter()
        .map(|row| row.dimensions[0].clone())
        .collect();
    for (label, other) in &pairs.labels {
        if !known.contains(label) && others.contains_key(&vec![other.clone()]) {
            let metrics = vec![Some(0.0); built.columns.len()];
            let dimensions = vec![label.clone()];
            answer.rows.push(AnswerRow {
                dimensions,
                metrics,
                comparison: None,
            });
        }
    }
    answer
        .rows
        .sort_by(|left, right| left.dimensions.cmp(&right.dimensions));
    if built
        .plan
        .order
        .first()
        .is_some_and(|order| order.descending)
    {
        answer.rows.reverse();
    }
    answer.rows.truncate(built.plan.limit);
    answer.total_rows = answer.rows.len().max(answer.total_rows);
}

/// Which bucket of the other time belongs to which bucket of the range: the first to the first, and
/// so on.
struct TimePairs {
    /// The position of time among the dimensions; none without time.
    position: Option<usize>,
    labels: BTreeMap<String, String>,
}

impl TimePairs {
    fn new(built: &Built, other: TimeRange) -> Self {
        let Some((position, unit)) = built.time() else {
            return Self {
                position: None,
                labels: BTreeMap::new(),
            };
        };
        let zone = &built.plan.project.zone;
        let own = bucket::labels(unit, built.plan.range, zone);
        let others = bucket::labels(unit, other, zone);
        Self {
            position: Some(position),
            labels: own.into_iter().zip(others).collect(),
        }
    }

    /// The dimensions of the row that a row is compared with; none when the other time has no such
    /// bucket.
    fn other(&self, dimensions: &[String]) -> Option<Vec<String>> {
        let mut other = dimensions.to_vec();
        if let Some(position) = self.position {
            other[position] = self.labels.get(&dimensions[position])?.clone();
        }
        Some(other)
    }
}

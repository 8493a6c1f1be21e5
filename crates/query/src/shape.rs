//! From raw rows to the JSON of the answer: numbers are rounded, blank values get their labels, and
//! the question is repeated with every choice made. The only place that rounds.

mod echo;
mod money;

pub(crate) use echo::ends;

use almanac_model::{Metric, TimeRange};
use serde_json::{Map, Value, json};

use crate::build::{Built, Facts};
use crate::names::DimensionName;
use crate::parse::{Asked, Named, Question};
use crate::run::{Answer, AnswerRow, Cell, OtherRow};
use crate::{ScanStats, Table, VisitorsAre, bucket, places};

/// The answer as JSON.
pub fn shape(question: &Question, built: &Built, answer: &Answer, facts: Facts) -> Value {
    let results: Vec<Value> = answer
        .rows
        .iter()
        .map(|row| result(row, question, &built.dimensions))
        .collect();
    let mut shaped = json!({
        "results": results,
        "meta": meta(question, built, answer, facts),
        "query": echo::query(question, built),
    });
    if question.explain {
        shaped["explain"] = explain(answer);
    }
    shaped
}

fn result(row: &AnswerRow, question: &Question, dimensions: &[Named]) -> Value {
    let metrics = rounded_all(&question.metrics, &row.cells);
    let mut shaped = json!({
        "metrics": metrics,
        "dimensions": labelled(&row.dimensions, dimensions),
    });
    if question.include.comparisons.is_some() {
        shaped["comparison"] = match &row.comparison {
            Some(other) => comparison(&metrics, other, question, dimensions),
            None => Value::Null,
        };
    }
    shaped
}

fn comparison(
    metrics: &[Value],
    other: &OtherRow,
    question: &Question,
    dimensions: &[Named],
) -> Value {
    let others = rounded_all(&question.metrics, &other.cells);
    let changes = question.metrics.iter().zip(metrics.iter().zip(&others));
    let changes: Vec<Value> = changes
        .map(|(metric, (now, then))| change(metric, now, then))
        .collect();
    json!({
        "metrics": others,
        "dimensions": labelled(&other.dimensions, dimensions),
        "change": changes,
    })
}

/// Rule 27: by how much a number changed, from the numbers that are shown. Shares change by points,
/// everything else by percent.
fn change(metric: &Asked, now: &Value, then: &Value) -> Value {
    let amount = |value: &Value| match value.get("value") {
        Some(amount) => amount.as_f64(),
        None => value.as_f64(),
    };
    if now.get("currency") != then.get("currency") {
        return Value::Null;
    }
    let (Some(now), Some(then)) = (amount(now), amount(then)) else {
        return Value::Null;
    };
    match metric {
        Asked::Known(Metric::BounceRate | Metric::ScrollDepth) => whole(now - then),
        Asked::Known(
            Metric::Percentage
            | Metric::ConversionRate
            | Metric::GroupConversionRate
            | Metric::SuccessRate
            | Metric::ErrorRate
            | Metric::CacheHitRate,
        ) => decimals(now - then, 1),
        _ if then == 0.0 => whole(if now > 0.0 { 100.0 } else { 0.0 }),
        _ => whole((now - then) * 100.0 / then),
    }
}

fn rounded_all(metrics: &[Asked], cells: &[Cell]) -> Vec<Value> {
    let cells = metrics.iter().zip(cells);
    let shaped = cells.map(|(metric, cell)| match (metric, cell) {
        (_, Cell::Money(amounts)) => money::shape(amounts),
        (Asked::Known(metric), Cell::Number(value)) => rounded(*metric, *value),
        (Asked::Formula(_), Cell::Number(None)) => Value::Null,
        (Asked::Formula(formula), Cell::Number(Some(value))) => decimals(*value, formula.decimals),
    });
    shaped.collect()
}

/// Rule 19. `f64::round` rounds halves away from zero.
fn rounded(metric: Metric, value: Option<f64>) -> Value {
    let Some(value) = value else {
        return Value::Null;
    };
    match metric {
        Metric::ViewsPerVisit => decimals(value, 2),
        Metric::Percentage
        | Metric::ConversionRate
        | Metric::GroupConversionRate
        | Metric::SuccessRate
        | Metric::ErrorRate
        | Metric::CacheHitRate
        | Metric::DurationMean
        | Metric::DurationP50
        | Metric::DurationP95
        | Metric::DurationP99 => decimals(value, 1),
        Metric::QualityScore => decimals(value, 3),
        Metric::Cost => decimals(value, 6),
        _ => whole(value),
    }
}

pub(crate) fn whole(value: f64) -> Value {
    // Counts and rounded shares are far below 2⁵³, so that the cast keeps them.
    Value::from(value.round() as i64)
}

pub(crate) fn decimals(value: f64, count: i32) -> Value {
    let scale = 10_f64.powi(count);
    Value::from((value * scale).round() / scale)
}

/// Rule 15: blank values by their labels, places by their names where names were asked for.
pub(crate) fn labelled(values: &[String], dimensions: &[Named]) -> Vec<String> {
    let label = |(value, dimension): (&String, &Named)| match &dimension.name {
        name if value.is_empty() => name.blank_label().to_owned(),
        DimensionName::Place(place) => places::name(*place, value).to_owned(),
        _ => value.clone(),
    };
    values.iter().zip(dimensions).map(label).collect()
}

fn meta(question: &Question, built: &Built, answer: &Answer, facts: Facts) -> Value {
    let mut meta = Map::new();
    let visitors_are = match answer.visitors_are {
        VisitorsAre::Exact => "exact",
        VisitorsAre::DailySum => "daily_sum",
    };
    meta.insert("visitors_are".to_owned(), json!(visitors_are));
    if question.include.imports {
        meta.insert("imports_included".to_owned(), json!(false));
        meta.insert("imports_skip_reason".to_owned(), json!("no_imported_data"));
    }
    if question.include.total_rows {
        meta.insert("total_rows".to_owned(), json!(answer.total_rows));
    }
    if question.include.time_labels
        && let Some((_, unit)) = built.time()
    {
        let zone = &built.plan.project.zone;
        let range = built.plan.range;
        // Buckets that lie ahead have nothing to show yet.
        let so_far = TimeRange {
            start: range.start,
            end: range.end.min(facts.now.plus_us(1)),
        };
        meta.insert(
            "time_labels".to_owned(),
            json!(bucket::labels(unit, so_far, zone)),
        );
        if let Some(other) = built.compared_with {
            let labels = bucket::labels(unit, other.range, zone);
            meta.insert("comparison_time_labels".to_owned(), json!(labels));
        }
    }
    Value::Object(meta)
}

fn explain(answer: &Answer) -> Value {
    let table = |table: Table| match table {
        Table::Summary => "summary",
        Table::Visits => "visits",
        Table::Events => "events",
    };
    let taken = |stats: &ScanStats| {
        json!({
            "table": table(stats.table),
            "because": stats.because,
            "days": stats.partitions,
            "summarised_days": stats.summarised,
            "rows": stats.rows,
            "bytes": stats.bytes,
        })
    };
    json!({
        "steps": answer.optimised.steps,
        "poorest_table": table(answer.optimised.plan.table),
        "poorest_because": answer.optimised.table_because,
        "plans": answer.stats.iter().map(taken).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (metric, raw, expected) in [
            (Metric::BounceRate, 66.5, json!(67)),
            (Metric::VisitDuration, 0.49, json!(0)),
            (Metric::ViewsPerVisit, 1.125, json!(1.13)),
            (Metric::Percentage, 33.25, json!(33.3)),
            (Metric::Visitors, 3.0, json!(3)),
        ] {
            assert_eq!(rounded(metric, Some(raw)), expected, "{metric:?}");
        }
        assert_eq!(rounded(Metric::Visitors, None), Value::Null);
    }

    #[test]
    fn shares_change_by_points_and_the_rest_by_percent() {
        for (metric, now, then, expected) in [
            (Metric::Visitors, 3, 2, json!(50)),
            (Metric::Visitors, 1, 0, json!(100)),
            (Metric::Visitors, 0, 0, json!(0)),
            (Metric::Visitors, 0, 4, json!(-100)),
            (Metric::BounceRate, 40, 50, json!(-10)),
        ] {
            assert_eq!(
                change(&Asked::Known(metric), &json!(now), &json!(then)),
                expected,
                "{now} {then}"
            );
        }
        assert_eq!(
            change(
                &Asked::Known(Metric::Percentage),
                &json!(33.3),
                &json!(30.1)
            ),
            json!(3.2)
        );
    }
}

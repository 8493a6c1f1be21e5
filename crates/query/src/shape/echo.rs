//! Repeats the question in an answer, with defaults filled in and dates expanded, so that whoever
//! reads the answer knows what it answers.

use almanac_model::time::SECOND_US;
use almanac_model::{MatchOp, TimeRange};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::build::{Built, Span};
use crate::parse::{
    Asked, Clause, CompareMode, Comparison, Include, OrderKey, OrderPart, Question, SavedKind,
};

pub(super) fn query(question: &Question, built: &Built) -> Value {
    let zone = &built.plan.project.zone;
    let metrics: Vec<Value> = question.metrics.iter().map(metric).collect();
    let dimensions: Vec<&str> = built
        .dimensions
        .iter()
        .map(|named| named.text.as_str())
        .collect();
    let mut include = include(&question.include);
    if let (Some(other), Value::Object(_)) = (built.compared_with, &include["comparisons"]) {
        include["comparisons"]["date_range"] = json!(ends(other, zone));
    }
    json!({
        "site_id": question.site_id,
        "metrics": metrics,
        "date_range": ends(built.span, zone),
        "dimensions": dimensions,
        "filters": question.filters.iter().map(filter).collect::<Vec<_>>(),
        "order_by": order_by(question, built),
        "include": include,
        "pagination": { "limit": question.limit, "offset": question.offset },
    })
}

/// Both ends with their offsets. Whole days end with their last second, as calendars have it.
pub(crate) fn ends(span: Span, zone: &TimeZone) -> [String; 2] {
    let TimeRange { start, end } = span.range;
    let end = if span.days.is_some() {
        end.plus_us(-SECOND_US)
    } else {
        end
    };
    [start, end].map(|instant| {
        let zoned = instant.timestamp().to_zoned(zone.clone());
        zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    })
}

fn filter(clause: &Clause) -> Value {
    match clause {
        Clause::And(parts) => json!(["and", parts.iter().map(filter).collect::<Vec<_>>()]),
        Clause::Or(parts) => json!(["or", parts.iter().map(filter).collect::<Vec<_>>()]),
        Clause::Not(part) => json!(["not", filter(part)]),
        Clause::Done(part) => json!(["has_done", filter(part)]),
        Clause::Saved(reference) => {
            let operator = if reference.contains { "contains" } else { "is" };
            let of = match reference.of {
                SavedKind::Goal => "event:goal",
                SavedKind::Segment => "segment",
            };
            json!([operator, of, reference.names])
        }
        Clause::Compare(comparison) => compare(comparison),
    }
}

fn compare(comparison: &Comparison) -> Value {
    let operator = match (comparison.op, comparison.negated) {
        (MatchOp::Is, false) => "is",
        (MatchOp::Is, true) => "is_not",
        (MatchOp::Contains, false) => "contains",
        (MatchOp::Contains, true) => "contains_not",
        (MatchOp::Matches, false) => "matches",
        (MatchOp::Matches, true) => "matches_not",
    };
    let dimension = &comparison.dimension.text;
    if comparison.case_sensitive {
        json!([operator, dimension, comparison.values])
    } else {
        json!([operator, dimension, comparison.values, { "case_sensitive": false }])
    }
}

fn metric(asked: &Asked) -> Value {
    match asked {
        Asked::Known(metric) => json!(metric.name()),
        Asked::Formula(formula) => json!({
            "name": formula.name,
            "formula": formula.text,
            "decimals": formula.decimals,
        }),
    }
}

/// The order that was used, also when none was asked for.
fn order_by(question: &Question, built: &Built) -> Vec<Value> {
    let part = |part: &OrderPart| {
        let name = match part.by {
            OrderKey::Metric(at) => question.metrics[at].name(),
            OrderKey::Dimension(at) => built.dimensions[at].text.as_str(),
        };
        json!([name, if part.descending { "desc" } else { "asc" }])
    };
    built.order.iter().map(part).collect()
}

fn include(include: &Include) -> Value {
    let comparisons = include.comparisons.as_ref().map(|comparing| {
        let mode = match comparing.mode {
            CompareMode::PreviousPeriod => "previous_period",
            CompareMode::YearOverYear => "year_over_year",
            CompareMode::Custom(_) => "custom",
        };
        json!({ "mode": mode, "match_day_of_week": comparing.match_day_of_week })
    });
    json!({
        "imports": include.imports,
        "time_labels": include.time_labels,
        "total_rows": include.total_rows,
        "comparisons": comparisons,
    })
}

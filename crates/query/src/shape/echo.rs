//! Repeats the question in an answer, with defaults filled in and dates expanded, so that whoever
//! reads the answer knows what it answers.

use almanac_model::time::SECOND_US;
use almanac_model::{MatchOp, TimeRange};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::OrderBy;
use crate::build::{Built, Column, Span};
use crate::parse::{Clause, CompareMode, Comparison, Include, Question};

pub(super) fn query(question: &Question, built: &Built) -> Value {
    let zone = &built.plan.project.zone;
    let metrics: Vec<&str> = question
        .metrics
        .iter()
        .map(|metric| metric.name())
        .collect();
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
fn ends(span: Span, zone: &TimeZone) -> [String; 2] {
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

/// The order that was used, also when none was asked for.
fn order_by(question: &Question, built: &Built) -> Vec<Value> {
    let parts = built
        .plan
        .order
        .iter()
        .enumerate()
        .map(|(position, order)| {
            // A percentage is ordered by its visitors, but was asked for by its own name.
            let asked = question.order_by.get(position).map(|part| part.by);
            let name = match (asked, order.by) {
                (Some(crate::parse::OrderKey::Metric(at)), _) => question.metrics[at].name(),
                (_, OrderBy::Dimension(at)) => built.dimensions[at].text.as_str(),
                (_, OrderBy::Metric(place)) => first_of(question, built, place),
            };
            json!([name, if order.descending { "desc" } else { "asc" }])
        });
    parts.collect()
}

fn first_of<'a>(question: &'a Question, built: &Built, place: usize) -> &'a str {
    let found = built.columns.iter().position(|column| match column {
        Column::Plain(at) | Column::Share(at) => *at == place,
    });
    found.map_or("", |at| question.metrics[at].name())
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

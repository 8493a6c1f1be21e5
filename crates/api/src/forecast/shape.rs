//! How forecasts, trainings and their figures look on the wire.

use almanac_catalog::training::Training;
use almanac_insights::forecast::{Figures, Note, Step};
use serde_json::{Map, Value, json};

use super::accuracy::{self, Compared};
use super::outlook::Found;
use super::series::{Days, Series, day_after};
use crate::app::App;
use crate::directory::Entry;
use crate::projects::rfc3339;

/// The answer about the coming days.
pub(super) fn forecast(
    app: &App,
    entry: &Entry,
    series: &Series,
    days: &Days,
    found: &Found,
    days_shown: usize,
) -> Value {
    let skipped = days.values.len().saturating_sub(days_shown);
    let history: Vec<Value> = days
        .values
        .iter()
        .enumerate()
        .skip(skipped)
        .map(|(at, value)| json!({ "day": day_after(days.first, at).to_string(), "value": value }))
        .collect();
    let made = found.forecast.as_ref();
    let coming: Vec<Value> = made
        .map_or(&[][..], |made| &made.steps)
        .iter()
        .enumerate()
        .map(|(ahead, step)| {
            let mut shaped = interval(step);
            shaped["day"] = json!(day_after(found.first, ahead).to_string());
            shaped
        })
        .collect();
    let weights = made.map_or(&[][..], |made| &made.weights);
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    let weights: Map<String, Value> = weights
        .iter()
        .map(|(model, weight)| (model.name().to_owned(), json!(weight / total)))
        .collect();
    json!({
        "site_id": entry.project.id.0.to_string(),
        "metric": series.metric.name(),
        "filters": series.filters,
        "made_at": rfc3339(app.now()),
        "made_with": { "version": found.version, "recipe": found.recipe.name() },
        "champion": made.and_then(|made| made.champion).map(|model| model.name()),
        "weights": weights,
        "history": history,
        "forecast": coming,
        "messages": messages(made.map(|made| made.notes.as_slice())),
    })
}

fn messages(notes: Option<&[Note]>) -> Vec<String> {
    match notes {
        None => vec!["no complete day was measured yet; come back tomorrow".to_owned()],
        Some(notes) => notes.iter().map(ToString::to_string).collect(),
    }
}

fn interval(step: &Step) -> Value {
    json!({
        "expected": step.expected,
        "low_80": step.low_80,
        "high_80": step.high_80,
        "low_95": step.low_95,
        "high_95": step.high_95,
    })
}

/// The answer about days that have passed.
pub(super) fn accuracy(
    entry: &Entry,
    series: &Series,
    compared: &[Compared],
    serving: Option<&Training>,
) -> Value {
    let wmape = accuracy::wmape(compared);
    let days: Vec<Value> = compared
        .iter()
        .map(|each| {
            let mut shaped = interval(&each.step);
            shaped["day"] = json!(each.day.to_string());
            shaped["made_on"] = json!(each.made_on.to_string());
            shaped["actual"] = json!(each.actual);
            shaped
        })
        .collect();
    json!({
        "site_id": entry.project.id.0.to_string(),
        "metric": series.metric.name(),
        "filters": series.filters,
        "days": days,
        "wmape": wmape,
        "accuracy": wmape.map(|wmape| (100.0 - wmape).max(0.0)),
        "coverage_80": accuracy::coverage(compared, |step| (step.low_80, step.high_80)),
        "coverage_95": accuracy::coverage(compared, |step| (step.low_95, step.high_95)),
        "backtest": serving.map(training),
    })
}

/// A training of the registry.
pub(super) fn training(each: &Training) -> Value {
    let own = &each.training;
    json!({
        "version": each.version,
        "outcome": own.outcome.name(),
        "serves": own.serves,
        "started_at": rfc3339(own.started_at),
        "finished_at": rfc3339(own.finished_at),
        "duration_ms": (own.finished_at.0 - own.started_at.0) / 1_000,
        "recipe": own.recipe,
        "report": serde_json::from_str::<Value>(&own.report).unwrap_or(Value::Null),
    })
}

/// The figures of one recipe in a report.
pub(super) fn figures(figures: &Figures) -> Value {
    json!({
        "recipe": figures.recipe.name(),
        "steps": figures.steps,
        "wmape": figures.wmape,
        "accuracy": figures.wmape.map(|wmape| (100.0 - wmape).max(0.0)),
        "mase": figures.mase,
        "pinball": figures.pinball,
        "coverage_80": figures.coverage_80,
        "coverage_95": figures.coverage_95,
    })
}

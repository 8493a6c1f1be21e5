//! Forecasts and their trainings.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The coming days.
#[derive(ToSchema)]
#[schema(example = json!({
    "site_id": "1", "metric": "pageviews", "filters": [], "made_at": "2026-11-21T08:00:00Z",
    "made_with": {"version": 3, "recipe": "ensemble"}, "champion": null, "weights": {"ets": 1.0},
    "history": [{"day": "2026-11-20", "value": 120.0}],
    "forecast": [{"day": "2026-11-21", "expected": 118.0, "low_80": 100.0, "high_80": 140.0,
        "low_95": 91.0, "high_95": 155.0}],
    "messages": []
}))]
pub(crate) struct Forecast {
    site_id: String,
    metric: String,
    filters: Value,
    made_at: String,
    made_with: Map<String, Value>,
    champion: Option<String>,
    /// Share of each model in the whole, 1 in sum.
    weights: BTreeMap<String, f64>,
    /// 90 days at most.
    history: Vec<Measured>,
    forecast: Vec<Outlook>,
    /// What to know about this forecast.
    messages: Vec<String>,
}

/// A day that has passed.
#[derive(ToSchema)]
pub(crate) struct Measured {
    day: String,
    /// Nothing where nothing was measured.
    value: Option<f64>,
}

/// A day to come.
#[derive(ToSchema)]
pub(crate) struct Outlook {
    day: String,
    expected: f64,
    low_80: f64,
    high_80: f64,
    low_95: f64,
    high_95: f64,
}

/// Forecasts as they were told, beside what came.
#[derive(ToSchema)]
#[schema(example = json!({
    "site_id": "1", "metric": "pageviews", "filters": [], "days": [], "wmape": null,
    "accuracy": null, "coverage_80": null, "coverage_95": null, "backtest": null
}))]
pub(crate) struct Accuracy {
    site_id: String,
    metric: String,
    filters: Value,
    days: Vec<Map<String, Value>>,
    /// Percent.
    wmape: Option<f64>,
    /// 100 less `wmape`.
    accuracy: Option<f64>,
    coverage_80: Option<f64>,
    coverage_95: Option<f64>,
    /// The training that serves.
    backtest: Option<Map<String, Value>>,
}

/// The trainings of a series.
#[derive(ToSchema)]
#[schema(example = json!({
    "site_id": "1", "metric": "pageviews", "filters": [], "now": {"state": "idle"}, "trainings": []
}))]
pub(crate) struct Trainings {
    site_id: String,
    metric: String,
    filters: Value,
    now: TrainingNow,
    trainings: Vec<Map<String, Value>>,
}

/// What happens to a series at the moment.
#[derive(ToSchema)]
pub(crate) struct TrainingNow {
    /// `idle`, `waiting` or `running`.
    state: String,
    steps_done: Option<u64>,
    steps: Option<u64>,
}

/// A training was asked for.
#[derive(ToSchema)]
#[schema(example = json!({"now": {"state": "waiting"}}))]
pub(crate) struct TrainingAsked {
    now: TrainingNow,
}

/// Trend and seasonality of a metric.
#[derive(ToSchema)]
#[schema(example = json!({
    "site_id": "1", "metric": "pageviews", "filters": [],
    "trend": {"per_day": 0.8, "per_day_low": 0.2, "per_day_high": 1.4, "level": 140.0,
        "p_value": 0.003, "is_significant": true, "days": 120},
    "week": {"effects": [20.0, 18.0, 15.0, 10.0, 2.0, -35.0, -30.0], "strength": 0.7},
    "year": null,
    "level_changes": [{"day": "2026-10-01", "before": 90.0, "after": 130.0, "sigmas": 4.1}],
    "messages": []
}))]
pub(crate) struct TrendAnswer {
    site_id: String,
    metric: String,
    filters: Value,
    /// Nothing where there are too few days.
    trend: Option<TrendFound>,
    /// Seven effects, Monday first.
    week: Option<CycleFound>,
    /// Twelve effects, January first; nothing for less than two years.
    year: Option<CycleFound>,
    level_changes: Vec<LevelChange>,
    messages: Vec<String>,
}

/// A slope that a few wild days do not move (Theil and Sen), and how sure it is.
#[derive(ToSchema)]
pub(crate) struct TrendFound {
    per_day: f64,
    /// Lower end of the 95 % interval.
    per_day_low: f64,
    per_day_high: f64,
    /// Where the line is on the last day.
    level: f64,
    /// How probable a trend as clear as this one is by chance.
    p_value: f64,
    is_significant: bool,
    days: u64,
}

/// How a metric repeats.
#[derive(ToSchema)]
pub(crate) struct CycleFound {
    /// Usual distance from the level, in units of the metric.
    effects: Vec<f64>,
    /// Share of the variation that the cycle explains.
    strength: f64,
}

/// A day from which the level was another one.
#[derive(ToSchema)]
pub(crate) struct LevelChange {
    day: String,
    before: f64,
    after: f64,
    /// The change in standard deviations of the noise.
    sigmas: f64,
}

//! `/api/predictions/anomalies`: what is strange in a metric of a project, hour by hour or day by
//! day, with what was expected and where the difference comes from. Judging is the business of
//! `insights`; figures come through the query pipeline.

use std::sync::Arc;

use almanac_catalog::anomaly::{self, Noticed};
use almanac_insights::anomaly::{Anomaly, Kind, contributions};
use almanac_insights::changepoint::changepoints;
use almanac_model::Instant;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::calendar::Whose;
use super::series::{Series, day_after};
use super::steps::{self, Interval, Steps};
use super::{About, subject};
use crate::address::Query;
use crate::app::App;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::openapi::problem::{Always, BadRequest, NotForYou};
use crate::projects::rfc3339;
use crate::question;
use crate::router::Shared;

/// Days whose anomalies are told where nothing else is asked for, and at most.
const DAYS: usize = 28;
const DAYS_MAX: usize = 90;
/// Newest anomalies whose change is taken apart; each costs two questions for every dimension.
const EXPLAINED_MAX: usize = 3;
/// Dimensions that a change is taken apart by.
const DIMENSIONS: [&str; 4] = [
    "visit:source",
    "visit:country",
    "visit:device",
    "event:page",
];
/// Values of a dimension that are told.
const VALUES_MAX: usize = 3;
/// Values of a dimension that are compared.
const VALUES_COMPARED_MAX: usize = 500;
const WEEK_US: i64 = 7 * 86_400 * 1_000_000;

/// What anomalies are looked for in.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    site_id: Option<String>,
    metric: Option<String>,
    /// A JSON list of filters.
    filters: Option<String>,
    /// `hour` or `day`.
    interval: Option<String>,
    /// Days back from now whose anomalies are told.
    days: Option<usize>,
}

/// Anomalies of a metric
///
/// Rises, drops, new patterns, lasting changes of level and missing data, each with the range that
/// was expected; the newest ones with the values of dimensions that changed most against the week
/// before.
#[utoipa::path(
    get,
    path = "/api/predictions/anomalies",
    operation_id = "list_anomalies",
    tag = "Predictions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    params(Asked),
    responses(
        (status = 200, description = "The answer.", body = Value),
        Always,
        BadRequest,
        NotForYou
    )
)]
pub(crate) async fn list(
    State(app): State<Shared>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, ApiError> {
    let interval = Interval::of(asked.interval.as_deref())?;
    let days = asked.days.unwrap_or(DAYS);
    if !(1..=DAYS_MAX).contains(&days) {
        let reason = format!("{days} is not between 1 and {DAYS_MAX}");
        return Err(ApiError::field("days", reason));
    }
    let about = About::read(asked.site_id, asked.metric, asked.filters.as_deref())?;
    let (entry, series) = subject(&app, &headers, about).await?;
    let steps = steps::history(&app, &entry, &series, interval).await?;
    let since = app.now().0 - days as i64 * 86_400 * 1_000_000;
    let found = steps.anomalies();
    let mut anomalies = Vec::new();
    for own in found.iter().rev().filter(|own| steps.end_of(own).0 > since) {
        let mut shaped = shape(own, &steps);
        if anomalies.len() < EXPLAINED_MAX && own.kind != Kind::Missing {
            shaped["contributions"] = explain(&app, &entry, &series, &steps, own).await?;
        }
        anomalies.push(shaped);
    }
    let shown = steps.points().filter(|(at, _)| at.0 > since);
    let values: Vec<Value> = shown
        .map(|(at, value)| json!({ "at": rfc3339(at), "value": value }))
        .collect();
    Ok(Json(json!({
        "site_id": entry.project.id.0.to_string(),
        "metric": series.metric.name(),
        "filters": series.filters,
        "interval": interval.name(),
        "values": values,
        "anomalies": anomalies,
        "level_changes": level_changes(&steps),
        "messages": steps.messages(),
    })))
}

/// Anomalies that were noticed
///
/// What the watch over the hours of a project has noticed by itself, newest first.
#[utoipa::path(
    get,
    path = "/api/predictions/anomalies/noticed",
    operation_id = "list_noticed_anomalies",
    tag = "Predictions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    params(Whose),
    responses(
        (status = 200, description = "The answer.", body = Value),
        Always,
        BadRequest,
        NotForYou
    )
)]
pub(crate) async fn noticed(
    State(app): State<Shared>,
    headers: HeaderMap,
    Query(whose): Query<Whose>,
) -> Result<Json<Value>, ApiError> {
    let about = About::read(whose.site_id, None, None)?;
    let (entry, _) = subject(&app, &headers, about).await?;
    let all = anomaly::list(&app.catalog, entry.project.id).await?;
    let shaped: Result<Vec<Value>, ApiError> = all.iter().map(shape_noticed).collect();
    Ok(Json(json!({
        "site_id": entry.project.id.0.to_string(),
        "noticed": shaped?,
    })))
}

fn shape_noticed(each: &Noticed) -> Result<Value, ApiError> {
    let mut shaped: Value = serde_json::from_str(&each.details).map_err(ApiError::internal)?;
    shaped["metric"] = json!(each.metric);
    shaped["noticed_at"] = json!(rfc3339(each.noticed_at));
    Ok(shaped)
}

/// An anomaly on the wire.
pub(super) fn shape(own: &Anomaly, steps: &Steps) -> Value {
    json!({
        "start": rfc3339(steps.start_of(own)),
        "end": rfc3339(steps.end_of(own)),
        "kind": own.kind.name(),
        "severity": own.severity.name(),
        "score": own.score,
        "value": own.value,
        "expected_low": own.low.max(0.0),
        "expected_high": own.high.max(0.0),
        "level_shift": own.is_level_shift,
        "contributions": [],
    })
}

/// Lasting changes of the level of days, all there are.
fn level_changes(steps: &Steps) -> Vec<Value> {
    let Some((first, values)) = steps.daily() else {
        return Vec::new();
    };
    changepoints(&values, 7)
        .iter()
        .map(|change| {
            json!({
                "day": day_after(first, change.at).to_string(),
                "before": change.before,
                "after": change.after,
                "sigmas": change.sigmas,
            })
        })
        .collect()
}

/// The values of each dimension that changed most between the anomaly and the same time a week
/// before.
async fn explain(
    app: &Arc<App>,
    entry: &Arc<Entry>,
    series: &Series,
    steps: &Steps,
    own: &Anomaly,
) -> Result<Value, ApiError> {
    let (start, end) = (steps.start_of(own), steps.end_of(own));
    let mut all = Vec::new();
    for dimension in DIMENSIONS {
        let at = |shift_us: i64| {
            let (from, to) = (Instant(start.0 - shift_us), Instant(end.0 - shift_us));
            values_of(app, entry, series, dimension, from, to)
        };
        let (before, during) = (at(WEEK_US).await?, at(0).await?);
        let told: Vec<Value> = contributions(&before, &during, VALUES_MAX)
            .iter()
            .map(|each| {
                json!({
                    "value": each.value,
                    "before": each.before,
                    "during": each.during,
                    "share": each.share,
                })
            })
            .collect();
        if !told.is_empty() {
            all.push(json!({ "dimension": dimension, "values": told }));
        }
    }
    Ok(json!(all))
}

/// The metric by a dimension between two moments.
async fn values_of(
    app: &Arc<App>,
    entry: &Arc<Entry>,
    series: &Series,
    dimension: &str,
    from: Instant,
    to: Instant,
) -> Result<Vec<(String, f64)>, ApiError> {
    let body = json!({
        "site_id": entry.project.id.0.to_string(),
        "metrics": [series.metric.name()],
        "date_range": [rfc3339(from), rfc3339(to)],
        "dimensions": [dimension],
        "filters": series.filters,
        "pagination": { "limit": VALUES_COMPARED_MAX },
    });
    let answer = question::answer(Arc::clone(app), Arc::clone(entry), body).await?;
    let rows = answer["results"].as_array().into_iter().flatten();
    let read = |row: &Value| {
        let name = row["dimensions"][0].as_str()?.to_owned();
        Some((name, row["metrics"][0].as_f64()?))
    };
    Ok(rows.filter_map(read).collect())
}

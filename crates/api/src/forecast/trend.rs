//! `/api/predictions/trend`: where a metric is going, how it repeats by week and year, and on which
//! days its level changed. The mathematics is in `insights`; nothing is forecast here.

use almanac_insights::changepoint::changepoints;
use almanac_insights::seasonality::{self, Profile};
use almanac_insights::trend::{Trend, VALUES_MIN, trend};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::series::{self, Days, WEEK, day_after};
use super::{About, subject};
use crate::address::Query;
use crate::error::ApiError;
use crate::openapi::problem::{Always, BadRequest, NotForYou};
use crate::openapi::schema;
use crate::router::Shared;

/// A trend that chance makes this seldom, or more seldom, is called one.
const P_VALUE_MAX: f64 = 0.05;

/// What is looked at.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedTrend {
    site_id: Option<String>,
    metric: Option<String>,
    /// A JSON list of filters.
    filters: Option<String>,
}

/// Trend and seasonality of a metric
///
/// The slope with its interval and significance, the usual week and year, and lasting changes of
/// the level, all from complete local days.
#[utoipa::path(
    get,
    path = "/api/predictions/trend",
    operation_id = "show_trend",
    tag = "Predictions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    params(AskedTrend),
    responses(
        (status = 200, description = "The answer.", body = schema::TrendAnswer),
        Always,
        BadRequest,
        NotForYou
    )
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    headers: HeaderMap,
    Query(asked): Query<AskedTrend>,
) -> Result<Json<Value>, ApiError> {
    let about = About::read(asked.site_id, asked.metric, asked.filters.as_deref())?;
    let (entry, series) = subject(&app, &headers, about).await?;
    let days = series::history(&app, &entry, &series).await?;
    let (first, values) = without_gaps(&days);
    let first_step = i64::from((first - series::EPOCH).get_days());
    let changes: Vec<Value> = changepoints(&values, WEEK)
        .iter()
        .map(|change| {
            json!({
                "day": day_after(first, change.at).to_string(),
                "before": change.before,
                "after": change.after,
                "sigmas": change.sigmas,
            })
        })
        .collect();
    let found = trend(&values, WEEK);
    let message = format!(
        "only {} complete days were measured; a trend is told from {VALUES_MIN} on",
        values.len()
    );
    Ok(Json(json!({
        "site_id": entry.project.id.0.to_string(),
        "metric": series.metric.name(),
        "filters": series.filters,
        "trend": found.as_ref().map(shape_trend),
        "week": seasonality::weekly(&values, first_step).as_ref().map(shape_profile),
        "year": seasonality::yearly(&values, first_step).as_ref().map(shape_profile),
        "level_changes": changes,
        "messages": if found.is_none() { vec![message] } else { Vec::new() },
    })))
}

/// The days from the first measured one on. A day on which the metric had no meaning is taken to be
/// like the measured one before it.
fn without_gaps(days: &Days) -> (jiff::civil::Date, Vec<f64>) {
    let skipped = days.values.iter().take_while(|value| value.is_none());
    let skipped = skipped.count();
    let mut last = 0.0;
    let values = days.values[skipped..].iter().map(|value| {
        last = value.unwrap_or(last);
        last
    });
    (day_after(days.first, skipped), values.collect())
}

fn shape_trend(found: &Trend) -> Value {
    json!({
        "per_day": found.slope,
        "per_day_low": found.slope_low,
        "per_day_high": found.slope_high,
        "level": found.level,
        "p_value": found.p_value,
        "is_significant": found.p_value <= P_VALUE_MAX,
        "days": found.steps,
    })
}

fn shape_profile(profile: &Profile) -> Value {
    json!({ "effects": profile.effects, "strength": profile.strength })
}

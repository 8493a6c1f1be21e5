//! `/api/predictions/holidays`: the country whose public holidays the forecasts of a project know.
//! The days themselves are data of `insights`.

use almanac_catalog::calendar;
use almanac_insights::holiday;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{About, changeable, subject};
use crate::address::Query;
use crate::app::App;
use crate::body::JsonBody;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::openapi::problem::{Always, BadRequest, NotForYou, Unreadable};
use crate::router::Shared;

/// Which project.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    pub(super) site_id: Option<String>,
}

/// A choice.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"site_id": "1", "country": "DE"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct HolidayChoice {
    site_id: Option<String>,
    /// ISO 3166 code of two capital letters; null for none.
    country: Option<String>,
}

/// The country of the holidays
#[utoipa::path(
    get,
    path = "/api/predictions/holidays",
    operation_id = "show_holidays",
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
pub(crate) async fn show(
    State(app): State<Shared>,
    headers: HeaderMap,
    Query(whose): Query<Whose>,
) -> Result<Json<Value>, ApiError> {
    let about = About::read(whose.site_id, None, None)?;
    let (entry, _) = subject(&app, &headers, about).await?;
    answer(&app, &entry).await.map(Json)
}

/// Choose the country of the holidays
///
/// Forecasts know it at once, trainings from the next one on.
#[utoipa::path(
    put,
    path = "/api/predictions/holidays",
    operation_id = "choose_holidays",
    tag = "Predictions",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    request_body = HolidayChoice,
    responses(
        (status = 200, description = "The answer.", body = Value),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn choose(
    State(app): State<Shared>,
    method: Method,
    headers: HeaderMap,
    JsonBody(choice): JsonBody<HolidayChoice>,
) -> Result<Json<Value>, ApiError> {
    let about = About::read(choice.site_id, None, None)?;
    let (permit, _) = changeable(&app, &method, &headers, about).await?;
    let country = choice.country.as_deref();
    if let Some(code) = country.filter(|code| holiday::days(code).is_none()) {
        let known: Vec<&str> = holiday::countries().iter().map(|each| each.code).collect();
        let reason = format!(
            "no holidays are known of {code:?}; known are {}",
            known.join(", ")
        );
        return Err(ApiError::field("country", reason));
    }
    let entry = permit.project()?;
    calendar::choose(&permit.catalog(&app), entry.project.id, country, app.now()).await?;
    answer(&app, entry).await.map(Json)
}

async fn answer(app: &App, entry: &Entry) -> Result<Value, ApiError> {
    let country = calendar::country(&app.catalog, entry.project.id).await?;
    let known: Vec<Value> = holiday::countries()
        .iter()
        .map(|each| json!({ "code": each.code, "name": each.name }))
        .collect();
    Ok(json!({
        "site_id": entry.project.id.0.to_string(),
        "country": country,
        "countries": known,
    }))
}

//! `/api/predictions`: what is expected of a metric, how well earlier forecasts did, and the
//! trainings behind them. The mathematics is in `insights`, history comes through the query
//! pipeline, and versions live in the catalog.

mod accuracy;
pub(crate) mod anomalies;
pub(crate) mod calendar;
mod network;
mod outlook;
mod series;
mod shape;
mod steps;
mod trainer;
pub(crate) mod trainings;
pub(crate) mod trend;
mod upkeep;
mod watch;

use std::sync::Arc;

use almanac_catalog::training;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::Value;

use crate::address::Query;
use crate::app::App;
use crate::auth::{self, Permit};
use crate::directory::Entry;
use crate::error::ApiError;
use crate::openapi::problem::{Always, BadRequest, NotForYou};
use crate::openapi::schema;
use crate::router::Shared;
pub use outlook::Outlooks;
use series::Series;
pub use trainer::{Trainer, train_next};
pub use upkeep::look_after;
pub use watch::watch;

/// Days ahead where nothing else is asked for.
const DAYS: usize = 7;
/// Most days ahead.
const DAYS_MAX: usize = 90;
/// Past days that an answer shows beside the forecast.
const HISTORY_DAYS_SHOWN: usize = 90;

/// What a request is about.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = SeriesAbout, example = json!({"site_id": "1", "metric": "pageviews"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    site_id: Option<String>,
    metric: Option<String>,
    filters: Option<Value>,
}

/// The same in an address, where filters are JSON in a text.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    site_id: Option<String>,
    metric: Option<String>,
    filters: Option<String>,
    days: Option<usize>,
}

impl About {
    /// From the parts of an address.
    fn read(
        site_id: Option<String>,
        metric: Option<String>,
        filters: Option<&str>,
    ) -> Result<About, ApiError> {
        let filters = filters.map(serde_json::from_str).transpose();
        let filters = filters.map_err(|error| {
            ApiError::field("filters", format!("not the JSON of filters: {error}"))
        })?;
        Ok(About {
            site_id,
            metric,
            filters,
        })
    }
}

impl Asked {
    fn about(self) -> Result<(About, usize), ApiError> {
        let days = self.days.unwrap_or(DAYS);
        if !(1..=DAYS_MAX).contains(&days) {
            let reason = format!("{days} is not between 1 and {DAYS_MAX}");
            return Err(ApiError::field("days", reason));
        }
        let about = About::read(self.site_id, self.metric, self.filters.as_deref())?;
        Ok((about, days))
    }
}

/// Page views in the coming days
///
/// Like `forecast`, which any metric has.
#[utoipa::path(
    get,
    path = "/api/predictions/page-visits",
    operation_id = "forecast_page_visits",
    tag = "Predictions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    params(Asked),
    responses(
        (status = 200, description = "The answer.", body = schema::Forecast),
        Always,
        BadRequest,
        NotForYou
    )
)]
pub(crate) async fn page_visits(
    app: State<Shared>,
    headers: HeaderMap,
    asked: Query<Asked>,
) -> Result<Json<Value>, ApiError> {
    show(app, headers, asked).await
}

/// A metric in the coming days
#[utoipa::path(
    get,
    path = "/api/predictions/forecast",
    operation_id = "forecast",
    tag = "Predictions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    params(Asked),
    responses(
        (status = 200, description = "The answer.", body = schema::Forecast),
        Always,
        BadRequest,
        NotForYou
    )
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, ApiError> {
    let (known, days) = look_up(&app, &headers, asked).await?;
    let Known {
        entry,
        series,
        history,
        serving,
    } = &known;
    let found = outlook::of(&app, entry, series, history, serving.as_ref(), days).await?;
    Ok(Json(shape::forecast(
        &app,
        entry,
        series,
        history,
        &found,
        HISTORY_DAYS_SHOWN,
    )))
}

/// Earlier forecasts beside what came
#[utoipa::path(
    get,
    path = "/api/predictions/accuracy",
    operation_id = "forecast_accuracy",
    tag = "Predictions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    params(Asked),
    responses(
        (status = 200, description = "The answer.", body = schema::Accuracy),
        Always,
        BadRequest,
        NotForYou
    )
)]
pub(crate) async fn accuracy(
    State(app): State<Shared>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, ApiError> {
    let (known, _) = look_up(&app, &headers, asked).await?;
    let project = known.entry.project.id;
    let told = training::told(&app.catalog, project, &known.series.text()).await?;
    let compared = accuracy::compare(&told, &known.history)?;
    Ok(Json(shape::accuracy(
        &known.entry,
        &known.series,
        &compared,
        known.serving.as_ref(),
    )))
}

/// What every answer about a series begins with.
struct Known {
    entry: Arc<Entry>,
    series: Series,
    history: series::Days,
    /// The version that serves, if one was ever trained.
    serving: Option<training::Training>,
}

/// Looks up what a request is about; beside it the days ahead that it asks for.
async fn look_up(
    app: &Arc<App>,
    headers: &HeaderMap,
    asked: Asked,
) -> Result<(Known, usize), ApiError> {
    let (about, days) = asked.about()?;
    let (entry, series) = subject(app, headers, about).await?;
    let history = series::history(app, &entry, &series).await?;
    let serving = serving(app, &entry, &series).await?;
    let known = Known {
        entry,
        series,
        history,
        serving,
    };
    Ok((known, days))
}

/// The project and series of a request. Without a project the only one there is.
async fn subject(
    app: &App,
    headers: &HeaderMap,
    about: About,
) -> Result<(Arc<Entry>, Series), ApiError> {
    let (site, series) = named(app, about).await?;
    let permit = auth::looking(app, headers, &site).await?;
    let entry = Arc::clone(permit.project()?);
    series::check_seen(app, &entry, &series, &permit.mask()).await?;
    Ok((entry, series))
}

/// The same for whoever may change the project.
async fn changeable(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    about: About,
) -> Result<(Permit, Series), ApiError> {
    let (site, series) = named(app, about).await?;
    let permit = auth::changing(app, method, headers, &site).await?;
    Ok((permit, series))
}

/// What a request names, before anybody has decided whether it may.
async fn named(app: &App, about: About) -> Result<(String, Series), ApiError> {
    let series = Series::of(about.metric.as_deref(), about.filters)?;
    let site = match about.site_id {
        Some(site) => site,
        None => only_project(app).await?,
    };
    Ok((site, series))
}

async fn only_project(app: &App) -> Result<String, ApiError> {
    app.refresh().await?;
    let directory = app.directory();
    let mut ids = directory.entries().map(|entry| entry.project.id);
    match (ids.next(), ids.next()) {
        (Some(id), None) => Ok(id.0.to_string()),
        _ => Err(ApiError::field(
            "site_id",
            "name the project by its id, its domain or a host of it",
        )),
    }
}

/// The version that serves a series, if one was ever trained.
async fn serving(
    app: &App,
    entry: &Entry,
    series: &Series,
) -> Result<Option<training::Training>, ApiError> {
    let all = training::list(&app.catalog, entry.project.id, &series.text()).await?;
    Ok(all.into_iter().find(|each| each.training.serves))
}

//! `/api/predictions/trainings`: the versions of a series, asking for another one, stopping it, and
//! which of them serves. The work itself is done by the trainer.

use almanac_catalog::audit::{self, Deed};
use almanac_catalog::training;
use almanac_insights::forecast::Recipe;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::series::Series;
use super::trainer::{SEED, Why, Wish};
use super::{About, Asked, changeable, shape, subject};
use crate::address::{Path, Query};
use crate::app::App;
use crate::auth::Permit;
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, BadRequest, NotForYou, Unreadable};
use crate::openapi::schema;
use crate::router::Shared;

/// What to train, and how.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"site_id": "1", "metric": "pageviews", "recipe": "lstm", "seed": 7}))]
#[serde(deny_unknown_fields)]
pub(crate) struct TrainingWish {
    site_id: Option<String>,
    metric: Option<String>,
    filters: Option<Value>,
    /// What shall serve, whatever the figures say: `ensemble`, `lstm` or the name of another model.
    /// Without it the rule of promotion decides.
    recipe: Option<String>,
    /// Where chance begins in the network.
    seed: Option<u64>,
}

/// The trainings of a series
#[utoipa::path(
    get,
    path = "/api/predictions/trainings",
    operation_id = "list_trainings",
    tag = "Predictions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    params(Asked),
    responses(
        (status = 200, description = "The answer.", body = schema::Trainings),
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
    let (about, _) = asked.about()?;
    let (entry, series) = subject(&app, &headers, about).await?;
    let all = training::list(&app.catalog, entry.project.id, &series.text()).await?;
    Ok(Json(json!({
        "site_id": entry.project.id.0.to_string(),
        "metric": series.metric.name(),
        "filters": series.filters,
        "now": app.trainer.state_of(entry.project.id, &series),
        "trainings": all.iter().map(shape::training).collect::<Vec<_>>(),
    })))
}

/// Train again
#[utoipa::path(
    post,
    path = "/api/predictions/retrain",
    operation_id = "retrain",
    tag = "Predictions",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    request_body = TrainingWish,
    responses(
        (status = 202, description = "The answer.", body = schema::TrainingAsked),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn retrain(
    State(app): State<Shared>,
    method: Method,
    headers: HeaderMap,
    JsonBody(wish): JsonBody<TrainingWish>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let recipe = wish.recipe.as_deref().map(recipe_of).transpose()?;
    let seed = wish.seed.unwrap_or(SEED);
    let about = About {
        site_id: wish.site_id,
        metric: wish.metric,
        filters: wish.filters,
    };
    let (permit, series) = changeable(&app, &method, &headers, about).await?;
    let project = permit.project()?.project.id;
    app.trainer.ask(Wish {
        project,
        series: series.clone(),
        why: Why::Asked,
        recipe,
        seed,
    })?;
    note(&app, &permit, "training.ask", &series).await?;
    let now = app.trainer.state_of(project, &series);
    Ok((StatusCode::ACCEPTED, Json(json!({ "now": now }))))
}

/// Cancel a training
#[utoipa::path(
    post,
    path = "/api/predictions/cancel",
    operation_id = "cancel_training",
    tag = "Predictions",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    request_body = About,
    responses(
        (status = 204, description = "Done."),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn cancel(
    State(app): State<Shared>,
    method: Method,
    headers: HeaderMap,
    JsonBody(about): JsonBody<About>,
) -> Result<StatusCode, ApiError> {
    let (permit, series) = changeable(&app, &method, &headers, about).await?;
    if app.trainer.cancel(permit.project()?.project.id, &series) {
        note(&app, &permit, "training.cancel", &series).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::NotFound(
        "no training of this series runs or waits".to_owned(),
    ))
}

/// Forecast with this version
#[utoipa::path(
    post,
    path = "/api/predictions/trainings/{version}/serve",
    operation_id = "serve_training",
    tag = "Predictions",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    params(("version" = i64, Path, description = "Version of a training", example = 1)),
    request_body = About,
    responses(
        (status = 204, description = "Done."),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn serve(
    State(app): State<Shared>,
    Path(version): Path<i64>,
    method: Method,
    headers: HeaderMap,
    JsonBody(about): JsonBody<About>,
) -> Result<StatusCode, ApiError> {
    let (permit, series) = changeable(&app, &method, &headers, about).await?;
    let (catalog, project) = (permit.catalog(&app), permit.project()?.project.id);
    training::serve(&catalog, project, &series.text(), version, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes down what was done about a series, by its metric: filters may name persons.
async fn note(
    app: &App,
    permit: &Permit,
    action: &'static str,
    series: &Series,
) -> Result<(), ApiError> {
    let deed = Deed {
        action,
        subject: &format!("project {}", permit.project()?.project.id.0),
        before: Value::Null,
        after: json!({ "metric": series.metric.name() }),
    };
    Ok(audit::record(&permit.catalog(app), deed, app.now()).await?)
}

fn recipe_of(name: &str) -> Result<Recipe, ApiError> {
    Recipe::of_name(name).ok_or_else(|| {
        let names: Vec<&str> = Recipe::all().map(Recipe::name).collect();
        let reason = format!("there is no {name:?}; there are {}", names.join(", "));
        ApiError::field("recipe", reason)
    })
}

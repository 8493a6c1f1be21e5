//! `/api/projects`: list, create, look at and change projects, with the snippet for their pages.

use std::sync::Arc;

use almanac_catalog::key::{self, KeyScope};
use almanac_catalog::project::{self, NewProject, Project, ProjectChange, identity_name};
use almanac_model::{Identity, Instant, limits};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::address::Path;
use crate::app::App;
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::openapi::problem::{Always, Conflict, NotForYou, Unreadable};
use crate::openapi::schema;
use crate::router::Shared;

/// A project to be.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(
    as = NewProject,
    example = json!({"name": "Shop", "hosts": ["shop.example"], "time_zone": "UTC"})
)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    name: String,
    hosts: Vec<String>,
    time_zone: String,
    identity: Option<String>,
}

/// What should change about a project.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ProjectChange, example = json!({"name": "Shop"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    name: Option<String>,
    hosts: Option<Vec<String>>,
    /// Parameters of addresses that are kept as a part of a page's name.
    query_parameters: Option<Vec<String>>,
}

/// Every project
#[utoipa::path(
    get,
    path = "/api/projects",
    operation_id = "list_projects",
    tag = "Projects",
    security(("session" = []), ("admin_key" = [])),
    responses(
        (status = 200, description = "The answer.", body = schema::Projects),
        Always,
        NotForYou
    )
)]
pub(crate) async fn list(
    State(app): State<Shared>,
    asking: Asking,
) -> Result<Json<Value>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Projects).await?;
    app.refresh().await?;
    let directory = app.directory();
    let mut entries: Vec<&Arc<Entry>> = directory.entries().collect();
    entries.sort_by_key(|entry| entry.project.id);
    let mut projects: Vec<Value> = Vec::new();
    for entry in entries {
        if permit.may_see(&app, entry.project.id).await? {
            projects.push(shape(&app, &entry.project));
        }
    }
    Ok(Json(json!({ "projects": projects })))
}

/// Make a project
///
/// Answers with its first two keys, whose texts are shown only now.
#[utoipa::path(
    post,
    path = "/api/projects",
    operation_id = "create_project",
    tag = "Projects",
    security(("session" = []), ("admin_key" = [])),
    request_body = Wish,
    responses(
        (status = 201, description = "The answer.", body = schema::ProjectMade),
        Always,
        NotForYou,
        Unreadable,
        Conflict
    )
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<Wish>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let permit = auth::authorise(&app, &asking, Need::AddProject).await?;
    let identity = match wish.identity.as_deref() {
        None => Identity::Cookieless,
        Some(name) => project::identity_from_name(name).ok_or_else(|| {
            ApiError::field(
                "identity",
                format!("{name:?} is neither cookieless nor stable"),
            )
        })?,
    };
    let new = NewProject {
        name: wish.name,
        hosts: wish.hosts,
        time_zone: wish.time_zone,
        identity,
        visit_gap_s: limits::VISIT_GAP_DEFAULT_S,
    };
    let now = app.now();
    let catalog = permit.catalog(&app);
    let project = project::add(&catalog, new, now).await?;
    let ingest = key::add(&catalog, project.id, KeyScope::Ingest, "", now).await?;
    let stats = key::add(&catalog, project.id, KeyScope::Stats, "", now).await?;
    app.refresh().await?;
    let body = json!({
        "project": shape(&app, &project),
        "keys": { "ingest": ingest.text, "stats": stats.text },
        "snippet": snippet(&app, &project),
    });
    Ok((StatusCode::CREATED, Json(body)))
}

/// A project and its snippet
#[utoipa::path(
    get,
    path = "/api/projects/{id}",
    operation_id = "show_project",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    responses(
        (status = 200, description = "The answer.", body = schema::ProjectShown),
        Always,
        NotForYou
    )
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let entry = auth::project_of_user(&app, &headers, &id).await?;
    let project = &entry.project;
    Ok(Json(
        json!({ "project": shape(&app, project), "snippet": snippet(&app, project) }),
    ))
}

/// Change a project
#[utoipa::path(
    patch,
    path = "/api/projects/{id}",
    operation_id = "change_project",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    request_body = Change,
    responses(
        (status = 200, description = "The answer.", body = schema::ProjectChanged),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn change(
    State(app): State<Shared>,
    Path(id): Path<String>,
    asking: Asking,
    JsonBody(change): JsonBody<Change>,
) -> Result<Json<Value>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Change(&id)).await?;
    let change = ProjectChange {
        name: change.name,
        hosts: change.hosts,
        query_parameters: change.query_parameters,
    };
    let project = project::update(
        &permit.catalog(&app),
        permit.project()?.project.id,
        change,
        app.now(),
    )
    .await?;
    app.refresh().await?;
    Ok(Json(json!({ "project": shape(&app, &project) })))
}

fn shape(app: &App, project: &Project) -> Value {
    json!({
        "id": project.id.0.to_string(),
        "name": project.name,
        "domain": project.domain(),
        "hosts": project.hosts,
        "query_parameters": project.query_parameters,
        "time_zone": project.time_zone,
        "identity": identity_name(project.identity),
        "created_at": rfc3339(project.created_at),
        "first_event_at": app.store.first_event(project.id).map(rfc3339),
    })
}

fn snippet(app: &App, project: &Project) -> String {
    format!(
        r#"<script defer src="{}/js/almanac.js" data-domain="{}"></script>"#,
        app.http.base_url,
        project.domain()
    )
}

/// An instant as it stands in answers.
pub(crate) fn rfc3339(instant: Instant) -> String {
    instant.timestamp().to_string()
}

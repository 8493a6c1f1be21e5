//! `/api/projects/{id}/keys`: list, make and revoke the keys of a project. A key's text is answered
//! once, when it is made.

use almanac_catalog::key::{self, Key, KeyScope};
use almanac_catalog::user::Role;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::address::Path;
use crate::auth;
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::openapi::schema;
use crate::projects::rfc3339;
use crate::router::Shared;

/// A key to be.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NewKey, example = json!({"scope": "stats", "name": "weekly report"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    scope: String,
    #[serde(default)]
    name: String,
}

/// The keys of a project
#[utoipa::path(
    get,
    path = "/api/projects/{id}/keys",
    operation_id = "list_keys",
    tag = "Projects",
    security(("session" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    responses(
        (status = 200, description = "The answer.", body = schema::Keys),
        Always,
        NotForYou
    )
)]
pub(crate) async fn list(
    State(app): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let entry = auth::project_of_user(&app, &headers, &id).await?;
    let keys = key::list(&app.catalog, Some(entry.project.id)).await?;
    let active = keys.iter().filter(|key| key.revoked_at.is_none());
    Ok(Json(
        json!({ "keys": active.map(shape).collect::<Vec<_>>() }),
    ))
}

/// Make a key
///
/// Its text is answered only now.
#[utoipa::path(
    post,
    path = "/api/projects/{id}/keys",
    operation_id = "create_key",
    tag = "Projects",
    security(("session" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    request_body = Wish,
    responses(
        (status = 201, description = "The answer.", body = schema::KeyMade),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    JsonBody(wish): JsonBody<Wish>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    auth::acting_user(&app, &method, &headers, Role::Editor).await?;
    let entry = auth::project(&app, &id).await?;
    let scope = KeyScope::from_name(&wish.scope).ok_or_else(|| {
        ApiError::field(
            "scope",
            format!("{:?} is neither ingest nor stats", wish.scope),
        )
    })?;
    let made = key::add(&app.catalog, entry.project.id, scope, &wish.name, app.now()).await?;
    let mut body = shape(&made.key);
    body["key"] = json!(made.text);
    Ok((StatusCode::CREATED, Json(body)))
}

/// Revoke a key
#[utoipa::path(
    delete,
    path = "/api/projects/{id}/keys/{key}",
    operation_id = "revoke_key",
    tag = "Projects",
    security(("session" = [])),
    params(
        ("id" = String, Path, description = "A project", example = "1"),
        ("key" = String, Path, description = "Id of the key", example = "3")),
    responses(
        (status = 204, description = "Done."),
        Always,
        NotForYou
    )
)]
pub(crate) async fn revoke(
    State(app): State<Shared>,
    Path((id, key_id)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    auth::acting_user(&app, &method, &headers, Role::Editor).await?;
    let entry = auth::project(&app, &id).await?;
    let absent = || ApiError::NotFound(format!("there is no key {key_id:?}"));
    let number = key_id.parse().map_err(|_| absent())?;
    key::revoke(&app.catalog, number, Some(entry.project.id), app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shape(key: &Key) -> Value {
    json!({
        "id": key.id.to_string(),
        "scope": key.scope.name(),
        "prefix": key.prefix,
        "name": key.name,
        "created_at": rfc3339(key.created_at),
        "last_used_at": key.last_used_at.map(rfc3339),
    })
}

//! `/api/projects/{id}/keys`: list, make and revoke the keys of a project. A key's text is answered
//! once, when it is made.

use almanac_catalog::key::{self, KeyScope, KeyWish};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::instance_keys::{AllKeys, instant};
use crate::account::shape::Key;
use crate::address::Path;
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::openapi::schema;
use crate::router::Shared;

/// A key to be.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NewKey, example = json!({"scope": "stats:read", "name": "weekly report"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    scope: String,
    #[serde(default)]
    name: String,
    /// RFC 3339; without it the key works until it is revoked.
    expires_at: Option<String>,
}

/// The keys of a project
#[utoipa::path(
    get,
    path = "/api/projects/{id}/keys",
    operation_id = "list_keys",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    responses(
        (status = 200, description = "The answer.", body = AllKeys),
        Always,
        NotForYou
    )
)]
pub(crate) async fn list(
    State(app): State<Shared>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Json<Value>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Oversee(&id)).await?;
    let project = permit.project()?.project.id;
    let keys = key::list(&app.catalog, Some(project)).await?;
    let active = keys.iter().filter(|key| key.revoked_at.is_none());
    Ok(Json(
        json!({ "keys": active.map(Key::of).collect::<Vec<_>>() }),
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
    security(("session" = []), ("admin_key" = [])),
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
    asking: Asking,
    JsonBody(wish): JsonBody<Wish>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Keys(&id)).await?;
    let scope = KeyScope::from_name(&wish.scope).ok_or_else(|| {
        ApiError::field(
            "scope",
            format!(
                "{:?} is none of ingest, stats:read, project:write",
                wish.scope
            ),
        )
    })?;
    let wish = KeyWish {
        project: Some(permit.project()?.project.id),
        scope,
        name: wish.name,
        expires_at: instant("expires_at", wish.expires_at.as_deref())?,
    };
    let made = key::make(&permit.catalog(&app), wish, app.now()).await?;
    let mut body = json!(Key::of(&made.key));
    body["key"] = json!(made.text);
    Ok((StatusCode::CREATED, Json(body)))
}

/// Revoke a key
#[utoipa::path(
    delete,
    path = "/api/projects/{id}/keys/{key}",
    operation_id = "revoke_key",
    tag = "Projects",
    security(("session" = []), ("admin_key" = [])),
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
    asking: Asking,
) -> Result<StatusCode, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Keys(&id)).await?;
    let project = permit.project()?.project.id;
    let absent = || ApiError::NotFound(format!("there is no key {key_id:?}"));
    let number = key_id.parse().map_err(|_| absent())?;
    key::revoke(&permit.catalog(&app), number, Some(project), app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

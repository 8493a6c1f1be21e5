//! `/api/keys`: every key of the instance at a glance, and the keys that belong to no project.

use almanac_catalog::key::{self, KeyScope, KeyWish};
use almanac_model::Instant;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shape::Key;
use crate::address::Path;
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::router::Shared;

/// A key to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = NewInstanceKey,
    example = json!({"name": "provisioning", "expires_at": "2027-11-21T00:00:00Z"})
)]
pub(crate) struct Wish {
    #[serde(default)]
    name: String,
    /// RFC 3339; without it the key works until it is revoked.
    expires_at: Option<String>,
}

/// The keys that are not revoked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"keys": [{
    "id": "3", "project": null, "scope": "admin", "prefix": "0123456789ab", "name": "provisioning",
    "created_at": "2026-11-21T08:00:00Z", "expires_at": null, "last_used_at": null
}]}))]
pub(crate) struct AllKeys {
    keys: Vec<Key>,
}

/// A key with its text, which is shown only now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InstanceKeyMade, example = json!({
    "about": {
        "id": "3", "project": null, "scope": "admin", "prefix": "0123456789ab",
        "name": "provisioning", "created_at": "2026-11-21T08:00:00Z", "expires_at": null,
        "last_used_at": null
    },
    "key": "alm_a_0123456789ab_…"
}))]
pub(crate) struct NewKey {
    about: Key,
    key: String,
}

/// Every key of the instance
#[utoipa::path(
    get,
    path = "/api/keys",
    operation_id = "list_all_keys",
    tag = "Team",
    security(("session" = [])),
    responses((status = 200, description = "The answer.", body = AllKeys), Always, NotForYou)
)]
pub(crate) async fn list(
    State(app): State<Shared>,
    asking: Asking,
) -> Result<Json<AllKeys>, ApiError> {
    auth::authorise(&app, &asking, Need::InstanceKeys).await?;
    let keys = key::list(&app.catalog, None).await?;
    let active = keys.iter().filter(|key| key.revoked_at.is_none());
    Ok(Json(AllKeys {
        keys: active.map(Key::of).collect(),
    }))
}

/// Make a key of the whole instance
///
/// It has the scope `admin`: what an admin may do, in all projects. Its text is answered only now.
#[utoipa::path(
    post,
    path = "/api/keys",
    operation_id = "create_instance_key",
    tag = "Team",
    security(("session" = [])),
    request_body = Wish,
    responses(
        (status = 201, description = "The answer.", body = NewKey),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<Wish>,
) -> Result<(StatusCode, Json<NewKey>), ApiError> {
    let permit = auth::authorise(&app, &asking, Need::InstanceKeys).await?;
    let wish = KeyWish {
        project: None,
        scope: KeyScope::Admin,
        name: wish.name,
        expires_at: instant("expires_at", wish.expires_at.as_deref())?,
    };
    let made = key::make(&permit.catalog(&app), wish, app.now()).await?;
    let about = Key::of(&made.key);
    let key = made.text;
    Ok((StatusCode::CREATED, Json(NewKey { about, key })))
}

/// Revoke any key
#[utoipa::path(
    delete,
    path = "/api/keys/{key}",
    operation_id = "revoke_any_key",
    tag = "Team",
    security(("session" = [])),
    params(("key" = i64, Path, description = "Id of the key", example = 3)),
    responses((status = 204, description = "Done."), Always, NotForYou)
)]
pub(crate) async fn revoke(
    State(app): State<Shared>,
    Path(id): Path<i64>,
    asking: Asking,
) -> Result<StatusCode, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::InstanceKeys).await?;
    key::revoke(&permit.catalog(&app), id, None, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An instant out of a field.
pub(crate) fn instant(field: &str, text: Option<&str>) -> Result<Option<Instant>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    let parsed: Result<jiff::Timestamp, _> = text.parse();
    parsed
        .map(|at| Some(Instant(at.as_microsecond())))
        .map_err(|_| {
            let reason = format!("{text:?} is no instant; write one like 2027-01-31T12:00:00Z");
            ApiError::field(field, reason)
        })
}

//! `/api/account/sessions`: where one is signed in, and how to end that.

use almanac_catalog::session;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::shape::Session;
use crate::address::Path;
use crate::auth::{self, Asking, Need};
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou};
use crate::router::Shared;

/// The sessions of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"sessions": [{
    "id": "3", "kind": "browser", "name": "", "device": "Firefox on Linux", "place": "DE",
    "created_at": "2026-11-21T08:00:00Z", "last_seen_at": "2026-11-21T09:00:00Z",
    "expires_at": "2027-02-19T08:00:00Z", "is_this": true
}]}))]
pub(crate) struct Sessions {
    /// The one used last first.
    sessions: Vec<Session>,
}

/// How many were ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"ended": 2}))]
pub(crate) struct Ended {
    pub(crate) ended: u64,
}

/// Where one is signed in
#[utoipa::path(
    get,
    path = "/api/account/sessions",
    operation_id = "list_sessions",
    tag = "Accounts",
    security(("session" = [])),
    responses((status = 200, description = "The answer.", body = Sessions), Always, NotForYou)
)]
pub(crate) async fn list(
    State(app): State<Shared>,
    asking: Asking,
) -> Result<Json<Sessions>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    let opened = permit.person()?;
    let sessions = session::list(&app.catalog, opened.user.id, app.now()).await?;
    let shape = |each| Session::of(each, opened.session);
    Ok(Json(Sessions {
        sessions: sessions.into_iter().map(shape).collect(),
    }))
}

/// Sign out everywhere else
#[utoipa::path(
    delete,
    path = "/api/account/sessions",
    operation_id = "end_other_sessions",
    tag = "Accounts",
    security(("session" = [])),
    responses((status = 200, description = "The answer.", body = Ended), Always, NotForYou)
)]
pub(crate) async fn end_others(
    State(app): State<Shared>,
    asking: Asking,
) -> Result<Json<Ended>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    let opened = permit.person()?;
    let (user, kept) = (opened.user.id, Some(opened.session));
    let ended = session::end_all(&permit.catalog(&app), user, kept, app.now()).await?;
    Ok(Json(Ended { ended }))
}

/// End one session
#[utoipa::path(
    delete,
    path = "/api/account/sessions/{session}",
    operation_id = "end_session",
    tag = "Accounts",
    security(("session" = [])),
    params(("session" = i64, Path, description = "Id of the session", example = 3)),
    responses((status = 204, description = "Done."), Always, NotForYou)
)]
pub(crate) async fn end_one(
    State(app): State<Shared>,
    Path(id): Path<i64>,
    asking: Asking,
) -> Result<StatusCode, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    let user = permit.person()?.user.id;
    session::end_one(&permit.catalog(&app), user, id, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

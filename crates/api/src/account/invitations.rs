//! `/api/team/invitations` for admins, and `/api/invitation` for whoever holds a link. The link's
//! token stands behind its `#`, so it is in no server's log.

use almanac_catalog::invitation::{self, NewInvitation};
use almanac_catalog::{Actor, limits, session};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::shape::{self, Invited, ProjectRole};
use crate::address::Path;
use crate::app::App;
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::mail;
use crate::openapi::problem::{Always, Conflict, NotForYou, Unreadable};
use crate::openapi::schema::{Reach, Role, SignedIn};
use crate::router::Shared;

/// Who is to become a member, as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitation, example = json!({
    "email": "bob@shop.example", "role": "viewer", "reach": "granted",
    "grants": [{"project": "1", "role": "editor"}]
}))]
pub(crate) struct Wish {
    email: String,
    #[schema(value_type = Role)]
    role: String,
    /// Without it `all`.
    #[schema(value_type = Option<Reach>)]
    #[serde(default = "all")]
    reach: String,
    #[serde(default)]
    grants: Vec<ProjectRole>,
}

/// An invitation with its link, which is shown only now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitationMade, example = json!({
    "invitation": {
        "id": "1", "email": "bob@shop.example", "role": "viewer", "reach": "all",
        "created_at": "2026-11-21T08:00:00Z", "expires_at": "2026-11-28T08:00:00Z"
    },
    "link": "https://stats.example/join#token=0f1e…", "mailed": false
}))]
pub(crate) struct Made {
    invitation: Invited,
    link: String,
    /// Whether the link was sent by mail too.
    mailed: bool,
}

/// The token of a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InvitationToken, example = json!({"token": "0f1e…"}))]
pub(crate) struct Token {
    token: String,
}

/// The token of a link, and who the member wants to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "0f1e…", "name": "Bob", "password": "a quiet evening"}))]
pub(crate) struct Acceptance {
    token: String,
    #[serde(default)]
    name: String,
    password: String,
}

fn all() -> String {
    "all".to_owned()
}

/// Invite somebody
///
/// Answers a link that works once, for a week; it goes by mail too where the instance sends any.
#[utoipa::path(
    post,
    path = "/api/team/invitations",
    operation_id = "invite",
    tag = "Team",
    security(("session" = []), ("admin_key" = [])),
    request_body = Wish,
    responses(
        (status = 201, description = "The answer.", body = Made),
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
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Team).await?;
    let role = shape::role("role", &wish.role)?;
    permit.must_reach(role)?;
    let new = NewInvitation {
        email: wish.email,
        role,
        reach: shape::reach(&wish.reach)?,
        grants: shape::grants(&wish.grants)?,
    };
    let (invitation, token) = invitation::add(&permit.catalog(&app), new, app.now()).await?;
    let link = format!("{}/join#token={token}", app.http.base_url);
    let mailed = send(&app, &invitation.email, &link).await;
    let invitation = Invited::of(invitation);
    Ok((
        StatusCode::CREATED,
        Json(Made {
            invitation,
            link,
            mailed,
        }),
    ))
}

/// Withdraw an invitation
#[utoipa::path(
    delete,
    path = "/api/team/invitations/{invitation}",
    operation_id = "withdraw_invitation",
    tag = "Team",
    security(("session" = []), ("admin_key" = [])),
    params(("invitation" = i64, Path, description = "Id of the invitation", example = 1)),
    responses((status = 204, description = "Done."), Always, NotForYou)
)]
pub(crate) async fn remove(
    State(app): State<Shared>,
    Path(id): Path<i64>,
    asking: Asking,
) -> Result<StatusCode, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Team).await?;
    invitation::remove(&permit.catalog(&app), id, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Look at an invitation by its link
#[utoipa::path(
    post,
    path = "/api/invitation",
    operation_id = "read_invitation",
    tag = "Accounts",
    security(()),
    request_body = Token,
    responses(
        (status = 200, description = "The answer.", body = Invited),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn read(
    State(app): State<Shared>,
    JsonBody(wish): JsonBody<Token>,
) -> Result<Json<Invited>, ApiError> {
    let found = invitation::find(&app.catalog, &wish.token, app.now()).await?;
    Ok(Json(Invited::of(found)))
}

/// Become a member by a link
///
/// Signs in.
#[utoipa::path(
    post,
    path = "/api/invitation/accept",
    operation_id = "accept_invitation",
    tag = "Accounts",
    security(()),
    request_body = Acceptance,
    responses(
        (status = 201, description = "The answer.", body = SignedIn),
        Always,
        NotForYou,
        Unreadable,
        Conflict
    )
)]
pub(crate) async fn accept(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<Acceptance>,
) -> Result<Response, ApiError> {
    auth::check_origin(&app, asking.method(), asking.headers())?;
    let acting = app.catalog.acting(Actor::nobody(&asking.place(&app)));
    let who = (wish.name.as_str(), wish.password.as_str());
    let user = invitation::accept(&acting, &wish.token, who, app.now()).await?;
    let session = session::start(&acting, user.id, &asking.device(&app), app.now()).await?;
    let cookie = auth::session_cookie(&app, &session.token, limits::SESSION_AGE_MAX_S)?;
    let body = Json(json!({ "user": crate::session::shape(&user) }));
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], body).into_response())
}

/// Sends the link, where mail is set up; a letter that cannot be sent takes no link away.
async fn send(app: &App, email: &str, link: &str) -> bool {
    let Some(mailer) = &app.mailer else {
        return false;
    };
    match mailer.send(mail::invitation(email, link)).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "an invitation could not be sent by mail");
            false
        }
    }
}

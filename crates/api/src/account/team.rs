//! `/api/team`: the members of the instance, for admins. Nobody touches somebody who may do more,
//! and the last owner stays one.

use almanac_catalog::session;
use almanac_catalog::user::{self, User, UserChange, UserId};
use almanac_catalog::{grant, invitation, reset as resets, second_factor};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reset::link;
use super::sessions::Ended;
use super::shape::{self, Invited, Member, ProjectRole};
use crate::address::Path;
use crate::app::App;
use crate::auth::{self, Asking, Need, Permit};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::mail::MailState;
use crate::openapi::problem::{Always, Conflict, NotForYou, Unreadable};
use crate::openapi::schema::{Reach, Role};
use crate::router::Shared;

/// Everybody, and who is invited.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"members": [{
    "id": "1", "email": "ada@shop.example", "name": "Ada", "role": "owner", "reach": "all",
    "grants": [], "second_factor": true, "created_at": "2026-11-21T08:00:00Z", "disabled_at": null
}], "invitations": [], "mail": {"waiting": 0, "sent": 3, "failed": 0, "trouble": null}}))]
pub(crate) struct Team {
    /// In the order in which they were added.
    members: Vec<Member>,
    invitations: Vec<Invited>,
    /// How sending letters goes; null where mail is not set up.
    #[schema(required)]
    mail: Option<MailSent>,
}

/// How sending letters goes, since the start of the server.
#[derive(Debug, Serialize, ToSchema)]
struct MailSent {
    waiting: u64,
    sent: u64,
    failed: u64,
    /// Why the newest attempt failed, if it did.
    #[schema(required)]
    trouble: Option<String>,
}

impl MailSent {
    fn of(state: MailState) -> Self {
        let MailState {
            waiting,
            sent,
            failed,
            trouble,
        } = state;
        Self {
            waiting,
            sent,
            failed,
            trouble,
        }
    }
}

/// What should change about a member; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberChange, example = json!({"role": "editor", "disabled": false}))]
pub(crate) struct Change {
    #[schema(value_type = Option<Role>)]
    role: Option<String>,
    #[schema(value_type = Option<Reach>)]
    reach: Option<String>,
    /// Whether the account is switched off, which ends its sessions.
    disabled: Option<bool>,
    /// Replaces the roles in single projects.
    grants: Option<Vec<ProjectRole>>,
}

/// One member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"member": {
    "id": "2", "email": "bob@shop.example", "name": "Bob", "role": "editor", "reach": "all",
    "grants": [], "second_factor": false, "created_at": "2026-11-21T08:00:00Z", "disabled_at": null
}}))]
pub(crate) struct OneMember {
    member: Member,
}

/// A link that is shown only now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"link": "https://stats.example/reset#token=0f1e…"}))]
pub(crate) struct Link {
    link: String,
}

/// The members
#[utoipa::path(
    get,
    path = "/api/team",
    operation_id = "team",
    tag = "Team",
    security(("session" = []), ("admin_key" = [])),
    responses((status = 200, description = "The answer.", body = Team), Always, NotForYou)
)]
pub(crate) async fn list(
    State(app): State<Shared>,
    asking: Asking,
) -> Result<Json<Team>, ApiError> {
    auth::authorise(&app, &asking, Need::Team).await?;
    let mut members = Vec::new();
    for user in user::list(&app.catalog).await? {
        members.push(shaped(&app, user).await?);
    }
    let invitations = invitation::list(&app.catalog, app.now()).await?;
    Ok(Json(Team {
        members,
        invitations: invitations.into_iter().map(Invited::of).collect(),
        mail: app
            .mailer
            .as_ref()
            .map(|mailer| MailSent::of(mailer.state())),
    }))
}

/// Change a member
#[utoipa::path(
    patch,
    path = "/api/team/{member}",
    operation_id = "change_member",
    tag = "Team",
    security(("session" = []), ("admin_key" = [])),
    params(("member" = i64, Path, description = "Id of the member", example = 2)),
    request_body = Change,
    responses(
        (status = 200, description = "The answer.", body = OneMember),
        Always,
        NotForYou,
        Unreadable,
        Conflict
    )
)]
pub(crate) async fn change(
    State(app): State<Shared>,
    Path(id): Path<i64>,
    asking: Asking,
    JsonBody(wish): JsonBody<Change>,
) -> Result<Json<OneMember>, ApiError> {
    let (permit, member) = permitted(&app, &asking, id).await?;
    let role = wish
        .role
        .map(|name| shape::role("role", &name))
        .transpose()?;
    if let Some(role) = role {
        permit.must_reach(role)?;
    }
    let change = UserChange {
        role,
        reach: wish.reach.map(|name| shape::reach(&name)).transpose()?,
        is_disabled: wish.disabled,
    };
    let grants = wish.grants.map(|sent| shape::grants(&sent)).transpose()?;
    let catalog = permit.catalog(&app);
    let mut user = member;
    if role.is_some() || change.reach.is_some() || change.is_disabled.is_some() {
        user = user::change(&catalog, user.id, change, app.now()).await?;
    }
    if let Some(grants) = grants {
        grant::replace(&catalog, user.id, &grants, app.now()).await?;
    }
    let member = shaped(&app, user).await?;
    Ok(Json(OneMember { member }))
}

/// Remove a member
#[utoipa::path(
    delete,
    path = "/api/team/{member}",
    operation_id = "remove_member",
    tag = "Team",
    security(("session" = []), ("admin_key" = [])),
    params(("member" = i64, Path, description = "Id of the member", example = 2)),
    responses((status = 204, description = "Done."), Always, NotForYou, Conflict)
)]
pub(crate) async fn remove(
    State(app): State<Shared>,
    Path(id): Path<i64>,
    asking: Asking,
) -> Result<StatusCode, ApiError> {
    let (permit, member) = permitted(&app, &asking, id).await?;
    user::remove(&permit.catalog(&app), member.id, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End every session of a member
#[utoipa::path(
    delete,
    path = "/api/team/{member}/sessions",
    operation_id = "end_member_sessions",
    tag = "Team",
    security(("session" = []), ("admin_key" = [])),
    params(("member" = i64, Path, description = "Id of the member", example = 2)),
    responses((status = 200, description = "The answer.", body = Ended), Always, NotForYou)
)]
pub(crate) async fn end_sessions(
    State(app): State<Shared>,
    Path(id): Path<i64>,
    asking: Asking,
) -> Result<Json<Ended>, ApiError> {
    let (permit, member) = permitted(&app, &asking, id).await?;
    let ended = session::end_all(&permit.catalog(&app), member.id, None, app.now()).await?;
    Ok(Json(Ended { ended }))
}

/// Make a link with which a member sets a new password
#[utoipa::path(
    post,
    path = "/api/team/{member}/reset",
    operation_id = "reset_member",
    tag = "Team",
    security(("session" = []), ("admin_key" = [])),
    params(("member" = i64, Path, description = "Id of the member", example = 2)),
    responses((status = 201, description = "The answer.", body = Link), Always, NotForYou)
)]
pub(crate) async fn reset(
    State(app): State<Shared>,
    Path(id): Path<i64>,
    asking: Asking,
) -> Result<(StatusCode, Json<Link>), ApiError> {
    let (permit, member) = permitted(&app, &asking, id).await?;
    let token = resets::issue(&permit.catalog(&app), member.id, app.now()).await?;
    let link = link(&app, &token);
    Ok((StatusCode::CREATED, Json(Link { link })))
}

/// The member, if whoever asks may touch somebody of that role.
async fn permitted(app: &App, asking: &Asking, id: i64) -> Result<(Permit, User), ApiError> {
    let permit = auth::authorise(app, asking, Need::Team).await?;
    let member = user::by_id(&app.catalog, UserId(id)).await?;
    permit.must_reach(member.role)?;
    Ok((permit, member))
}

async fn shaped(app: &App, user: User) -> Result<Member, ApiError> {
    let grants = grant::of_user(&app.catalog, user.id).await?;
    let factor = second_factor::state(&app.catalog, user.id).await?;
    Ok(Member::of(user, &grants, factor.is_on))
}

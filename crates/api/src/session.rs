//! `/api/session` and `/api/setup`: sign in, sign out, who am I, and the one-time set-up of the
//! first owner.

use almanac_catalog::user::{NewUser, Role, User};
use almanac_catalog::{Actor, limits, session, setup};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::sign_in::{Claim, prove};
use crate::app::App;
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, Conflict, NotForYou, Unreadable};
use crate::openapi::schema;
use crate::router::Shared;

/// Who wants to sign in.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"email": "ada@shop.example", "password": "a quiet evening"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    email: String,
    password: String,
    /// Of the app, or a recovery code, where the account has a second factor.
    #[serde(default)]
    code: String,
}

/// Who wants to be the owner.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(
    example = json!({"token": "…", "email": "ada@shop.example", "password": "a quiet evening"})
)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetUp {
    token: String,
    email: String,
    password: String,
    #[serde(default)]
    name: String,
}

/// Whether the instance waits for its owner
#[utoipa::path(
    get,
    path = "/api/setup",
    operation_id = "setup_state",
    tag = "Accounts",
    security(()),
    responses(
        (status = 200, description = "The answer.", body = schema::SetupState),
        Always
    )
)]
pub(crate) async fn setup_state(State(app): State<Shared>) -> Result<Json<Value>, ApiError> {
    let provider = app.provider.as_ref();
    Ok(Json(json!({
        "needed": setup::needed(&app.catalog).await?,
        "provider": provider.map(|provider| &provider.settings.name),
    })))
}

/// Set up the owner
///
/// With the token of the link that the first start prints; works once. Signs in.
#[utoipa::path(
    post,
    path = "/api/setup",
    operation_id = "set_up",
    tag = "Accounts",
    security(()),
    request_body = SetUp,
    responses(
        (status = 201, description = "The answer.", body = schema::SignedIn),
        Always,
        NotForYou,
        Unreadable,
        Conflict
    )
)]
pub(crate) async fn set_up(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<SetUp>,
) -> Result<Response, ApiError> {
    auth::check_origin(&app, asking.method(), asking.headers())?;
    let SetUp {
        token,
        email,
        password,
        name,
    } = wish;
    let new = NewUser {
        email,
        name,
        password,
        role: Role::Owner,
    };
    let acting = app.catalog.acting(Actor::nobody(&asking.place(&app)));
    let owner = setup::complete(&acting, &token, new, app.now()).await?;
    tracing::info!(user.id = owner.id.0, "the owner was set up");
    signed_in(&app, &asking, (&owner, StatusCode::CREATED)).await
}

/// Sign in
///
/// Where the account has a second factor and no good code is given, the `401` carries
/// `"second_factor": "needed"`. Wrong attempts from one network make the next one wait: `429`.
#[utoipa::path(
    post,
    path = "/api/session",
    operation_id = "sign_in",
    tag = "Accounts",
    security(()),
    request_body = SignIn,
    responses(
        (status = 200, description = "The answer.", body = schema::SignedIn),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn sign_in(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<SignIn>,
) -> Result<Response, ApiError> {
    auth::check_origin(&app, asking.method(), asking.headers())?;
    let claim = Claim {
        email: &wish.email,
        password: &wish.password,
        code: &wish.code,
    };
    let user = prove(&app, &asking, &claim).await?;
    signed_in(&app, &asking, (&user, StatusCode::OK)).await
}

/// Who is signed in
#[utoipa::path(
    get,
    path = "/api/session",
    operation_id = "who_am_i",
    tag = "Accounts",
    security(("session" = [])),
    responses(
        (status = 200, description = "The answer.", body = schema::SignedIn),
        Always,
        NotForYou
    )
)]
pub(crate) async fn who_am_i(
    State(app): State<Shared>,
    asking: Asking,
) -> Result<Json<Value>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    Ok(Json(json!({ "user": shape(&permit.person()?.user) })))
}

/// Sign out
#[utoipa::path(
    delete,
    path = "/api/session",
    operation_id = "sign_out",
    tag = "Accounts",
    security(("session" = [])),
    responses(
        (status = 204, description = "Done."),
        Always,
        NotForYou
    )
)]
pub(crate) async fn sign_out(
    State(app): State<Shared>,
    asking: Asking,
) -> Result<Response, ApiError> {
    auth::check_origin(&app, asking.method(), asking.headers())?;
    if let Some(token) = auth::session_token(&app, asking.headers()) {
        session::end(&app.catalog, &token).await?;
    }
    let cookie = auth::session_cookie(&app, "", 0)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

async fn signed_in(
    app: &App,
    asking: &Asking,
    (user, status): (&User, StatusCode),
) -> Result<Response, ApiError> {
    let acting = app.catalog.acting(Actor::user(user, &asking.place(app)));
    let session = session::start(&acting, user.id, &asking.device(app), app.now()).await?;
    let cookie = auth::session_cookie(app, &session.token, limits::SESSION_AGE_MAX_S)?;
    let body = Json(json!({ "user": shape(user) }));
    Ok((status, [(header::SET_COOKIE, cookie)], body).into_response())
}

/// A person as the dashboard knows one.
pub(crate) fn shape(user: &User) -> Value {
    json!({
        "id": user.id.0.to_string(),
        "email": user.email,
        "name": user.name,
        "role": user.role.name(),
        "reach": user.reach.name(),
    })
}

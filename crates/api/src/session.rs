//! `/api/session` and `/api/setup`: sign in, sign out, who am I, and the one-time set-up of the
//! first owner.

use almanac_catalog::session::Device;
use almanac_catalog::user::{self, NewUser, Role, User};
use almanac_catalog::{limits, session, setup};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::auth;
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
    Ok(Json(
        json!({ "needed": setup::needed(&app.catalog).await? }),
    ))
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
    method: Method,
    headers: HeaderMap,
    JsonBody(wish): JsonBody<SetUp>,
) -> Result<Response, ApiError> {
    auth::check_origin(&app, &method, &headers)?;
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
    let owner = setup::complete(&app.catalog, &token, new, app.now()).await?;
    tracing::info!(user.id = owner.id.0, "the owner was set up");
    signed_in(&app, &owner, StatusCode::CREATED).await
}

/// Sign in
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
    method: Method,
    headers: HeaderMap,
    JsonBody(wish): JsonBody<SignIn>,
) -> Result<Response, ApiError> {
    auth::check_origin(&app, &method, &headers)?;
    match user::authenticate(&app.catalog, &wish.email, &wish.password).await? {
        Some(user) => signed_in(&app, &user, StatusCode::OK).await,
        None => Err(ApiError::Unauthorized(
            "the e-mail or the password is wrong".to_owned(),
        )),
    }
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
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let user = auth::user(&app, &headers).await?;
    Ok(Json(json!({ "user": shape(&user) })))
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
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    auth::check_origin(&app, &method, &headers)?;
    if let Some(token) = auth::session_token(&app, &headers) {
        session::end(&app.catalog, &token).await?;
    }
    let cookie = auth::session_cookie(&app, "", 0)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

async fn signed_in(app: &App, user: &User, status: StatusCode) -> Result<Response, ApiError> {
    let session = session::start(&app.catalog, user.id, &Device::default(), app.now()).await?;
    let cookie = auth::session_cookie(app, &session.token, limits::SESSION_AGE_MAX_S)?;
    let body = Json(json!({ "user": shape(user) }));
    Ok((status, [(header::SET_COOKIE, cookie)], body).into_response())
}

fn shape(user: &User) -> Value {
    json!({
        "id": user.id.0.to_string(),
        "email": user.email,
        "name": user.name,
        "role": user.role.name(),
    })
}

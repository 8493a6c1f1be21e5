//! `/api/account`: who one is, one's name and one's password.

use almanac_catalog::session::{self, SessionKind};
use almanac_catalog::{identity, limits, second_factor as factors, user};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::shape::Account;
use super::sign_in::prove_again;
use crate::app::App;
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::projects::rfc3339;
use crate::router::Shared;

/// What should change about the own account.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChange, example = json!({"name": "Ada"}))]
pub(crate) struct Change {
    name: String,
}

/// A new password, and the old one.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = PasswordChange,
    example = json!({"password": "the old one", "new_password": "a quiet evening"})
)]
pub(crate) struct NewPassword {
    password: String,
    new_password: String,
}

/// The own account
#[utoipa::path(
    get,
    path = "/api/account",
    operation_id = "account",
    tag = "Accounts",
    security(("session" = [])),
    responses((status = 200, description = "The answer.", body = Account), Always, NotForYou)
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    asking: Asking,
) -> Result<Json<Account>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    Ok(Json(shape(&app, &permit.person()?.user).await?))
}

/// Change the own name
#[utoipa::path(
    patch,
    path = "/api/account",
    operation_id = "change_account",
    tag = "Accounts",
    security(("session" = [])),
    request_body = Change,
    responses(
        (status = 200, description = "The answer.", body = Account),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn change(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(change): JsonBody<Change>,
) -> Result<Json<Account>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    let id = permit.person()?.user.id;
    let user = user::rename(&permit.catalog(&app), id, &change.name, app.now()).await?;
    Ok(Json(shape(&app, &user).await?))
}

/// Change the own password
///
/// Every session of the account ends; a browser that asks goes on with a new cookie.
#[utoipa::path(
    post,
    path = "/api/account/password",
    operation_id = "change_password",
    tag = "Accounts",
    security(("session" = [])),
    request_body = NewPassword,
    responses(
        (status = 204, description = "Done, with a new session cookie."),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn change_password(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<NewPassword>,
) -> Result<Response, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    let user = &permit.person()?.user;
    prove_again(&app, &asking, (user, &wish.password)).await?;
    let catalog = permit.catalog(&app);
    user::change_password(&catalog, user.id, &wish.new_password, app.now())
        .await
        .map_err(|error| match ApiError::from(error) {
            // The catalog knows one password; here are two.
            ApiError::Invalid(fields) => {
                let rename = |(_, reasons)| ("new_password".to_owned(), reasons);
                ApiError::Invalid(fields.into_iter().map(rename).collect())
            }
            other => other,
        })?;
    if permit.person()?.kind == SessionKind::Program {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let session = session::start(&catalog, user.id, &asking.device(&app), app.now()).await?;
    let cookie = auth::session_cookie(&app, &session.token, limits::SESSION_AGE_MAX_S)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

async fn shape(app: &App, user: &user::User) -> Result<Account, ApiError> {
    let factor = factors::state(&app.catalog, user.id).await?;
    let provider_linked = match &app.provider {
        Some(provider) => {
            let issuer = &provider.settings.issuer;
            Some(identity::is_linked(&app.catalog, user.id, issuer).await?)
        }
        None => None,
    };
    Ok(Account {
        provider_linked,
        id: user.id.0.to_string(),
        email: user.email.clone(),
        name: user.name.clone(),
        role: user.role.name(),
        reach: user.reach.name(),
        second_factor: factor.is_on,
        recovery_codes_left: factor.recovery_codes_left,
        created_at: rfc3339(user.created_at),
    })
}

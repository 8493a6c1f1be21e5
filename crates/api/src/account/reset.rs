//! `/api/reset`: a forgotten password. Whether an address is known is told to nobody, and a link
//! never signs anybody in.

use almanac_catalog::reset as resets;
use almanac_catalog::{CatalogError, user};
use almanac_model::time::SECOND_US;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{self, Asking};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::mail::{self, MailError};
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::router::Shared;

/// One account gets at most one letter in this time: two minutes.
const LETTER_PAUSE_US: i64 = 120 * SECOND_US;

/// Who forgot a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForgottenPassword, example = json!({"email": "ada@shop.example"}))]
pub(crate) struct Forgotten {
    email: String,
}

/// The token of a link, and the new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResetCompletion, example = json!({"token": "0f1e…", "password": "a quiet evening"}))]
pub(crate) struct NewPassword {
    token: String,
    password: String,
}

/// Ask for a link that sets a new password
///
/// It comes by mail, where the instance can send any, once in two minutes at most; else an admin
/// makes one, or the command line `almanac user reset`. The answer is the same whether the address
/// is known or not.
#[utoipa::path(
    post,
    path = "/api/reset",
    operation_id = "ask_for_reset",
    tag = "Accounts",
    security(()),
    request_body = Forgotten,
    responses((status = 202, description = "Taken."), Always, Unreadable)
)]
pub(crate) async fn ask(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<Forgotten>,
) -> Result<StatusCode, ApiError> {
    auth::check_origin(&app, asking.method(), asking.headers())?;
    // Apart from the answer, so that the time it takes tells nothing.
    tokio::spawn(async move {
        if let Err(error) = send(&app, &wish.email).await {
            tracing::warn!(%error, "a link for a new password could not be sent");
        }
    });
    Ok(StatusCode::ACCEPTED)
}

/// Set a new password by a link
///
/// Ends every session of the account; signing in takes the second factor as before.
#[utoipa::path(
    post,
    path = "/api/reset/complete",
    operation_id = "complete_reset",
    tag = "Accounts",
    security(()),
    request_body = NewPassword,
    responses((status = 204, description = "Done."), Always, NotForYou, Unreadable)
)]
pub(crate) async fn complete(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<NewPassword>,
) -> Result<StatusCode, ApiError> {
    auth::check_origin(&app, asking.method(), asking.headers())?;
    let acting = app
        .catalog
        .acting(almanac_catalog::Actor::nobody(&asking.place(&app)));
    resets::complete(&acting, &wish.token, &wish.password, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a link leads. The token stands behind the `#`, which browsers never send to a server.
pub(crate) fn link(app: &App, token: &str) -> String {
    format!("{}/reset#token={token}", app.http.base_url)
}

async fn send(app: &App, email: &str) -> Result<(), MailError> {
    let Some(mailer) = &app.mailer else {
        return Ok(());
    };
    let user = match user::by_email(&app.catalog, email).await {
        Ok(user) if user.disabled_at.is_none() => user,
        Ok(_) | Err(CatalogError::NotFound { .. }) => return Ok(()),
        Err(other) => return Err(MailError::from(other.to_string())),
    };
    // Whoever asks again and again for somebody else's address fills no mailbox.
    let asked = resets::asked_at(&app.catalog, user.id).await;
    let asked = asked.map_err(|error| MailError::from(error.to_string()))?;
    if asked.is_some_and(|at| app.now() < at.plus_us(LETTER_PAUSE_US)) {
        return Ok(());
    }
    let token = resets::issue(&app.catalog, user.id, app.now()).await;
    let token = token.map_err(|error| MailError::from(error.to_string()))?;
    mailer
        .send(mail::reset(&user.email, &link(app, &token)))
        .await
}

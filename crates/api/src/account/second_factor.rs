//! `/api/account/second-factor`: switch codes of an authenticator app on and off. Each step that
//! weakens or reads it asks for the password again, and switching off for a code too.

use almanac_catalog::second_factor as factors;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::qr::{self, Picture};
use super::sign_in::{Claim, prove, prove_again};
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::router::Shared;

/// The password once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "a quiet evening"}))]
pub(crate) struct Again {
    password: String,
}

/// What an authenticator app needs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "secret": "JBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/Almanac:ada?secret=JBSWY3DPEHPK3PXP&issuer=Almanac",
    "qr": {"size": 21, "path": "M0 0h7v1h-7zM8 0h1v1h-1z"}
}))]
pub(crate) struct Enrolment {
    /// To be typed into the app: base 32.
    secret: String,
    /// The same as an address that apps open.
    uri: String,
    /// The address as a picture that apps read.
    #[schema(required)]
    qr: Option<Picture>,
}

/// The code that the app shows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "123456"}))]
pub(crate) struct Code {
    code: String,
}

/// The password and a code, once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "a quiet evening", "code": "123456"}))]
pub(crate) struct Both {
    password: String,
    code: String,
}

/// Codes for the day on which the app is gone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"recovery_codes": ["0123-4567-89ab-cdef"]}))]
pub(crate) struct RecoveryCodes {
    /// Each works once. They are shown only now.
    recovery_codes: Vec<String>,
}

/// Begin a second factor
///
/// Nothing is asked for until the first code was right.
#[utoipa::path(
    post,
    path = "/api/account/second-factor",
    operation_id = "begin_second_factor",
    tag = "Accounts",
    security(("session" = [])),
    request_body = Again,
    responses(
        (status = 201, description = "The answer.", body = Enrolment),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn begin(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(again): JsonBody<Again>,
) -> Result<(StatusCode, Json<Enrolment>), ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    let user = &permit.person()?.user;
    prove_again(&app, &asking, (user, &again.password)).await?;
    let begun = factors::begin(&permit.catalog(&app), user, app.now()).await?;
    let (secret, uri) = (begun.secret, begun.uri);
    let qr = qr::picture(&uri);
    Ok((StatusCode::CREATED, Json(Enrolment { secret, uri, qr })))
}

/// Switch the second factor on
#[utoipa::path(
    put,
    path = "/api/account/second-factor",
    operation_id = "confirm_second_factor",
    tag = "Accounts",
    security(("session" = [])),
    request_body = Code,
    responses(
        (status = 200, description = "The answer.", body = RecoveryCodes),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn confirm(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<Code>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    let user = &permit.person()?.user;
    let codes = factors::confirm(&permit.catalog(&app), user.id, &wish.code, app.now()).await?;
    let recovery_codes = codes.ok_or_else(wrong_code)?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Switch the second factor off
#[utoipa::path(
    post,
    path = "/api/account/second-factor/remove",
    operation_id = "remove_second_factor",
    tag = "Accounts",
    security(("session" = [])),
    request_body = Both,
    responses((status = 204, description = "Done."), Always, NotForYou, Unreadable)
)]
pub(crate) async fn remove(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<Both>,
) -> Result<StatusCode, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    prove_both(&app, &asking, (&permit, &wish)).await?;
    factors::remove(&permit.catalog(&app), permit.person()?.user.id, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make new recovery codes
///
/// The ones before stop working.
#[utoipa::path(
    post,
    path = "/api/account/second-factor/recovery-codes",
    operation_id = "renew_recovery_codes",
    tag = "Accounts",
    security(("session" = [])),
    request_body = Both,
    responses(
        (status = 200, description = "The answer.", body = RecoveryCodes),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn renew(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<Both>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    prove_both(&app, &asking, (&permit, &wish)).await?;
    let user = permit.person()?.user.id;
    let recovery_codes = factors::renew(&permit.catalog(&app), user, app.now()).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// The same proof as at the sign-in. A session that is signed in keeps its place when it fails.
async fn prove_both(
    app: &Shared,
    asking: &Asking,
    (permit, both): (&auth::Permit, &Both),
) -> Result<(), ApiError> {
    let claim = Claim {
        email: &permit.person()?.user.email,
        password: &both.password,
        code: &both.code,
    };
    match prove(app, asking, &claim).await {
        Ok(_) => Ok(()),
        Err(ApiError::Unauthorized(_)) => {
            Err(ApiError::field("password", "is not yours; try again"))
        }
        Err(ApiError::SecondFactor(_)) => Err(wrong_code()),
        Err(other) => Err(other),
    }
}

fn wrong_code() -> ApiError {
    ApiError::field("code", "is wrong or was used; wait for the next one")
}

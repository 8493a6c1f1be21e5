//! `/api/auth/token`: what a program gets to act for a person, and the public keys by which others
//! can check what it shows. How a token is made and judged is the business of `auth`.

use almanac_catalog::refresh::{self, Fresh, Refreshed, Wish};
use almanac_catalog::session::{Opened, SessionKind};
use almanac_catalog::user::User;
use almanac_catalog::{Actor, signing_key};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sign_in::{Claim, prove};
use crate::app::App;
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::projects::rfc3339;
use crate::router::Shared;

/// Who wants tokens: an address with its password, or nobody, which is whoever is signed in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenWish, example = json!({
    "email": "ada@shop.example", "password": "a quiet evening", "code": "123456",
    "name": "weekly report"
}))]
pub(crate) struct TokenWish {
    email: Option<String>,
    #[serde(default)]
    password: String,
    /// Of the second factor, where the account has one.
    #[serde(default)]
    code: String,
    /// What the program is called in the list of sessions.
    #[serde(default)]
    name: String,
}

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "alm_r_0f1e…"}))]
pub(crate) struct RefreshToken {
    refresh_token: String,
}

/// What a program needs until it refreshes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "access_token": "eyJhbGciOiJFZERTQSIs…", "token_type": "Bearer", "expires_in": 900,
    "refresh_token": "alm_r_0f1e…", "refresh_expires_at": "2027-02-19T08:00:00Z", "session": "7"
}))]
pub(crate) struct Tokens {
    /// To be sent as `Authorization: Bearer …`.
    access_token: String,
    token_type: &'static str,
    /// Seconds for which the access token is good.
    expires_in: i64,
    /// Good once, for the next tokens. One that was used before ends the session.
    refresh_token: String,
    /// When the person has to sign in again; sooner after 14 days without use.
    refresh_expires_at: String,
    /// The session in the list of sessions.
    session: String,
}

/// The public keys of access tokens (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"keys": [{
    "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "0f1e2d3c4b5a6978",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
}]}))]
pub(crate) struct PublicKeys {
    keys: Vec<PublicKey>,
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
struct PublicKey {
    kty: &'static str,
    crv: &'static str,
    #[serde(rename = "use")]
    purpose: &'static str,
    alg: &'static str,
    kid: String,
    x: String,
}

/// Get tokens for a program
///
/// With an e-mail address and its password (and a code, where the account has a second factor), or
/// by a browser that is signed in: then the tokens end with that browser's session.
#[utoipa::path(
    post,
    path = "/api/auth/token",
    operation_id = "create_tokens",
    tag = "Accounts",
    security((), ("session" = [])),
    request_body = TokenWish,
    responses(
        (status = 200, description = "The answer.", body = Tokens),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<TokenWish>,
) -> Result<Json<Tokens>, ApiError> {
    let device = asking.device(&app);
    let (user, parent) = whose(&app, &asking, &wish).await?;
    let acting = app.catalog.acting(Actor::user(&user, &asking.place(&app)));
    let wish = Wish {
        name: &wish.name,
        device: &device,
        parent,
    };
    let fresh = refresh::start(&acting, &user, wish, app.now()).await?;
    tokens(&app, &fresh).await.map(Json)
}

/// Refresh tokens
///
/// Spends the refresh token for the next one. A token that was spent before has been copied: its
/// session ends at once, and the person signs in again.
#[utoipa::path(
    post,
    path = "/api/auth/token/refresh",
    operation_id = "refresh_tokens",
    tag = "Accounts",
    security(()),
    request_body = RefreshToken,
    responses(
        (status = 200, description = "The answer.", body = Tokens),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn renew(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<RefreshToken>,
) -> Result<Json<Tokens>, ApiError> {
    auth::check_origin(&app, asking.method(), asking.headers())?;
    let acting = app.catalog.acting(Actor::nobody(&asking.place(&app)));
    let (reason, text) = match refresh::rotate(&acting, &wish.refresh_token, app.now()).await? {
        Refreshed::Good(fresh) => return tokens(&app, &fresh).await.map(Json),
        Refreshed::Reused => {
            tracing::warn!("a refresh token was used twice; its session was ended");
            (
                "reused",
                "the refresh token was used before; its session is ended, sign in again",
            )
        }
        Refreshed::Unknown => (
            "refresh",
            "the refresh token is none, or over; sign in again",
        ),
    };
    metrics::counter!("almanac_tokens_refused_total", "reason" => reason).increment(1);
    Err(ApiError::Unauthorized(text.to_owned()))
}

/// Give tokens back
///
/// Ends the session of a refresh token at once, access tokens included. Answered alike whether
/// there was one.
#[utoipa::path(
    post,
    path = "/api/auth/token/revoke",
    operation_id = "revoke_tokens",
    tag = "Accounts",
    security(()),
    request_body = RefreshToken,
    responses((status = 204, description = "Done."), Always, NotForYou, Unreadable)
)]
pub(crate) async fn revoke(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<RefreshToken>,
) -> Result<StatusCode, ApiError> {
    auth::check_origin(&app, asking.method(), asking.headers())?;
    let acting = app.catalog.acting(Actor::nobody(&asking.place(&app)));
    refresh::revoke(&acting, &wish.refresh_token, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The public keys of access tokens
///
/// Those that sign and those that signed a token which may still be good.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    operation_id = "public_keys",
    tag = "Instance",
    security(()),
    responses((status = 200, description = "The answer.", body = PublicKeys), Always)
)]
pub(crate) async fn public_keys(State(app): State<Shared>) -> Result<Json<PublicKeys>, ApiError> {
    let keys = signing_key::list(&app.catalog, app.now()).await?;
    let shape = |key: signing_key::VerifyingKey| PublicKey {
        kty: "OKP",
        crv: "Ed25519",
        purpose: "sig",
        alg: "EdDSA",
        kid: key.kid,
        x: BASE64_URL_SAFE_NO_PAD.encode(&key.public),
    };
    let keys = keys.into_iter().map(shape).collect();
    Ok(Json(PublicKeys { keys }))
}

/// For whom the tokens are, and the session that vouches, if it was one.
async fn whose(
    app: &App,
    asking: &Asking,
    wish: &TokenWish,
) -> Result<(User, Option<i64>), ApiError> {
    if let Some(email) = &wish.email {
        auth::check_origin(app, asking.method(), asking.headers())?;
        let claim = Claim {
            email,
            password: &wish.password,
            code: &wish.code,
        };
        return Ok((prove(app, asking, &claim).await?, None));
    }
    let permit = auth::authorise(app, asking, Need::Account).await?;
    match permit.person()? {
        Opened {
            user,
            session,
            kind: SessionKind::Browser,
        } => Ok((user.clone(), Some(*session))),
        _ => Err(ApiError::Forbidden(
            "a program gets no tokens for another one; sign in".to_owned(),
        )),
    }
}

async fn tokens(app: &App, fresh: &Fresh) -> Result<Tokens, ApiError> {
    Ok(Tokens {
        access_token: auth::mint(app, fresh.session, fresh.user.id).await?,
        token_type: "Bearer",
        expires_in: app.http.access_token_s,
        refresh_token: fresh.text.clone(),
        refresh_expires_at: rfc3339(fresh.expires_at),
        session: fresh.session.to_string(),
    })
}

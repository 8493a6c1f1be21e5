//! `/api/oidc`: signing in through the provider, and linking an account to a person there. The
//! provider says who somebody is; whether that is a member is decided here, and an address alone
//! opens no account that exists.

use almanac_catalog::identity::{self, Identity, Newcomer};
use almanac_catalog::session::{self, SessionKind};
use almanac_catalog::user::{User, UserId};
use almanac_catalog::{Actor, CatalogError, limits};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::address::Query;
use crate::app::App;
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::oidc::{Answer, Attempt, Failed, Person, Provider, Purpose};
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::router::Shared;

/// Where the provider sends a browser back to.
const CALLBACK: &str = "/api/oidc/callback";

/// What somebody wants of the provider.
#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wanted {
    /// To be signed in.
    #[default]
    SignIn,
    /// To sign in this way from now on too, with the account that is signed in.
    Link,
}

/// The beginning of a sign-in through the provider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"purpose": "sign_in"}))]
pub(crate) struct Start {
    #[serde(default)]
    purpose: Wanted,
}

/// Where the browser goes on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"url": "https://accounts.google.com/o/oauth2/v2/auth?state=…"}))]
pub(crate) struct Onward {
    url: String,
}

/// What the provider says with the browser (RFC 6749, RFC 9207).
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Returned {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: String,
    iss: Option<String>,
    error: Option<String>,
}

/// Begin a sign-in through the provider
///
/// Binds it to this browser by a cookie. With the purpose `link`, for whoever is signed in.
#[utoipa::path(
    post,
    path = "/api/oidc/start",
    operation_id = "begin_provider_sign_in",
    tag = "Accounts",
    security((), ("session" = [])),
    request_body = Start,
    responses(
        (status = 200, description = "The answer.", body = Onward),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn start(
    State(app): State<Shared>,
    asking: Asking,
    JsonBody(wish): JsonBody<Start>,
) -> Result<Response, ApiError> {
    auth::check_origin(&app, asking.method(), asking.headers())?;
    let provider = provider(&app)?;
    let purpose = match wish.purpose {
        Wanted::SignIn => Purpose::SignIn,
        Wanted::Link => Purpose::Link {
            session: browser_session(&app, &asking).await?.0,
        },
    };
    let now = app.now();
    let begun = provider.attempts.begin(purpose, now);
    let told = (begun.state.as_str(), &begun.attempt);
    let url = provider.address(told, &redirect_uri(&app), now).await;
    let url = url.map_err(|_| ApiError::Unavailable {
        reason: format!("{} does not answer; try again", provider.settings.name),
        retry_after_s: 30,
    })?;
    let cookie = auth::attempt_cookie(&app, &begun.browser)?;
    Ok(([(header::SET_COOKIE, cookie)], Json(Onward { url })).into_response())
}

/// Come back from the provider
///
/// For browsers that the provider sends here. Leads on to the dashboard, signed in, or to the page
/// that says why not.
#[utoipa::path(
    get,
    path = "/api/oidc/callback",
    operation_id = "end_provider_sign_in",
    tag = "Accounts",
    security(()),
    params(Returned),
    responses((status = 303, description = "Onward."), Always)
)]
pub(crate) async fn callback(
    State(app): State<Shared>,
    Query(returned): Query<Returned>,
    asking: Asking,
) -> Result<Response, ApiError> {
    let secret = auth::attempt_secret(&app, asking.headers()).unwrap_or_default();
    let attempts = app.provider.as_ref().map(|provider| &provider.attempts);
    let attempt = attempts.and_then(|all| all.take(&returned.state, &secret, app.now()));
    let page = match attempt.as_ref().map(|attempt| attempt.purpose) {
        Some(Purpose::Link { .. }) => "/settings/security",
        _ => "/login",
    };
    match end(&app, &asking, (attempt, &returned)).await? {
        Ok(Some(user)) => signed_in(&app, &asking, &user).await,
        Ok(None) => onward(&app, page, Vec::new()),
        Err(failed) => {
            let reason = failed.name();
            metrics::counter!("almanac_provider_sign_ins_refused_total", "reason" => reason)
                .increment(1);
            tracing::info!(reason, "a sign-in through the provider came to nothing");
            onward(&app, &format!("{page}?failed={reason}"), Vec::new())
        }
    }
}

/// Sign in through the provider no more
#[utoipa::path(
    delete,
    path = "/api/account/provider",
    operation_id = "unlink_provider",
    tag = "Accounts",
    security(("session" = [])),
    responses((status = 204, description = "Done."), Always, NotForYou)
)]
pub(crate) async fn unlink(
    State(app): State<Shared>,
    asking: Asking,
) -> Result<StatusCode, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Account).await?;
    let issuer = &provider(&app)?.settings.issuer;
    let user = permit.person()?.user.id;
    identity::unlink(&permit.catalog(&app), user, issuer, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn provider(app: &App) -> Result<&Provider, ApiError> {
    let none = || ApiError::NotFound("no provider of sign-ins is configured".to_owned());
    app.provider.as_ref().ok_or_else(none)
}

fn redirect_uri(app: &App) -> String {
    format!("{}{CALLBACK}", app.http.base_url)
}

/// The session of a browser, and whose it is. A program links nobody.
async fn browser_session(app: &App, asking: &Asking) -> Result<(i64, UserId), ApiError> {
    let permit = auth::authorise(app, asking, Need::Account).await?;
    let opened = permit.person()?;
    if opened.kind != SessionKind::Browser {
        let text = "a program links no account; use a browser";
        return Err(ApiError::Forbidden(text.to_owned()));
    }
    Ok((opened.session, opened.user.id))
}

/// Who is to be signed in by what came back; nobody where an account was linked.
async fn end(
    app: &App,
    asking: &Asking,
    (attempt, returned): (Option<Attempt>, &Returned),
) -> Result<Result<Option<User>, Failed>, ApiError> {
    let Some(provider) = &app.provider else {
        return Ok(Err(Failed::Off));
    };
    let Some(attempt) = attempt else {
        return Ok(Err(Failed::Attempt));
    };
    if returned.error.is_some() || returned.code.is_empty() {
        return Ok(Err(Failed::Denied));
    }
    let answer = Answer {
        code: &returned.code,
        issuer: returned.iss.as_deref(),
        redirect_uri: &redirect_uri(app),
    };
    let person = match provider.person(&attempt, answer, app.now()).await {
        Ok(person) => person,
        Err(failed) => return Ok(Err(failed)),
    };
    match attempt.purpose {
        Purpose::SignIn => {
            let user = member(app, asking, (provider, &person)).await?;
            Ok(user.map(Some))
        }
        Purpose::Link { session } => {
            let linked = link(app, asking, (provider, &person), session).await?;
            Ok(linked.map(|()| None))
        }
    }
}

/// The member who is that person, or becomes one.
async fn member(
    app: &App,
    asking: &Asking,
    (provider, person): (&Provider, &Person),
) -> Result<Result<User, Failed>, ApiError> {
    let settings = &provider.settings;
    let identity = Identity {
        issuer: &settings.issuer,
        subject: &person.subject,
    };
    if let Some(user) = identity::find(&app.catalog, identity).await? {
        let is_off = user.disabled_at.is_some();
        return Ok(if is_off {
            Err(Failed::Disabled)
        } else {
            Ok(user)
        });
    }
    let Some(email) = &person.verified_email else {
        return Ok(Err(Failed::Stranger));
    };
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    let may_join = settings
        .domains
        .iter()
        .any(|each| each.eq_ignore_ascii_case(domain));
    let shown = person.name.chars().filter(|letter| !letter.is_control());
    let newcomer = Newcomer {
        identity,
        email,
        name: &shown.take(limits::NAME_CHARS_MAX).collect::<String>(),
        role: may_join.then_some(settings.role),
    };
    let acting = app.catalog.acting(Actor::nobody(&asking.place(app)));
    match identity::join(&acting, newcomer, app.now()).await {
        Ok(Some(user)) => Ok(Ok(user)),
        Ok(None) => Ok(Err(Failed::Stranger)),
        Err(CatalogError::Taken { .. }) => Ok(Err(Failed::Unlinked)),
        Err(CatalogError::Invalid { .. } | CatalogError::LinkSpent) => Ok(Err(Failed::Stranger)),
        Err(other) => Err(other.into()),
    }
}

/// Links the account whose session asked, if this browser still has that session.
async fn link(
    app: &App,
    asking: &Asking,
    (provider, person): (&Provider, &Person),
    session: i64,
) -> Result<Result<(), Failed>, ApiError> {
    let user = match browser_session(app, asking).await {
        Ok((own, user)) if own == session => user,
        Ok(_) | Err(ApiError::Unauthorized(_)) => return Ok(Err(Failed::Attempt)),
        Err(other) => return Err(other),
    };
    let identity = Identity {
        issuer: &provider.settings.issuer,
        subject: &person.subject,
    };
    let permit = auth::authorise(app, asking, Need::Account).await?;
    match identity::link(&permit.catalog(app), user, identity, app.now()).await {
        Ok(()) => Ok(Ok(())),
        Err(CatalogError::Taken { .. }) => Ok(Err(Failed::Taken)),
        Err(other) => Err(other.into()),
    }
}

async fn signed_in(app: &App, asking: &Asking, user: &User) -> Result<Response, ApiError> {
    let acting = app.catalog.acting(Actor::user(user, &asking.place(app)));
    let session = session::start(&acting, user.id, &asking.device(app), app.now()).await?;
    let cookie = auth::session_cookie(app, &session.token, limits::SESSION_AGE_MAX_S)?;
    onward(app, "/", vec![(header::SET_COOKIE, cookie)])
}

/// Leads a browser to a page of ours, and ends what bound the sign-in to it.
fn onward(
    app: &App,
    page: &str,
    mut headers: Vec<(header::HeaderName, header::HeaderValue)>,
) -> Result<Response, ApiError> {
    let place = format!("{}{page}", app.http.base_url);
    let place = header::HeaderValue::from_str(&place).map_err(ApiError::internal)?;
    headers.push((header::LOCATION, place));
    headers.push((header::SET_COOKIE, auth::attempt_cookie(app, "")?));
    Ok((StatusCode::SEE_OTHER, AppendHeaders(headers)).into_response())
}

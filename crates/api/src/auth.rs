//! Who asks: the user of a session cookie or the program of a key. One function per thing that may
//! be asked for decides; handlers take its answer and never look at a credential themselves.

use std::sync::Arc;

use almanac_catalog::key::{self, KeyScope};
use almanac_catalog::session;
use almanac_catalog::user::{Role, User};
use almanac_model::ProjectId;
use axum::http::{HeaderMap, HeaderValue, Method, header};

use crate::app::App;
use crate::directory::Entry;
use crate::error::ApiError;

/// Whoever asks.
#[derive(Debug)]
pub(crate) enum Caller {
    /// A person who is signed in.
    User,
    /// A command on this machine that can read the data directory.
    Local,
    /// A program with a key of one project.
    Key {
        project: Option<ProjectId>,
        scope: KeyScope,
    },
}

/// The user of the request's session.
pub(crate) async fn user(app: &App, headers: &HeaderMap) -> Result<User, ApiError> {
    let token = session_token(app, headers);
    let found = match &token {
        Some(token) => session::opened_by(&app.catalog, token, app.now()).await?,
        None => None,
    };
    found
        .map(|opened| opened.user)
        .ok_or_else(|| ApiError::Unauthorized("sign in first: POST /api/session".to_owned()))
}

/// The user of the request's session, for a request that changes something and takes at least the
/// role `least`. A page of another site can make a browser send the cookie, but not lie about its
/// origin.
pub(crate) async fn acting_user(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    least: Role,
) -> Result<User, ApiError> {
    check_origin(app, method, headers)?;
    let user = user(app, headers).await?;
    if user.role.may_act_as(least) {
        return Ok(user);
    }
    Err(ApiError::Forbidden(format!(
        "a {} may look but not change this; it takes the role {} or above",
        user.role.name(),
        least.name()
    )))
}

/// The project that a path names, for people who are signed in. Programs are told that keys do not
/// open it.
pub(crate) async fn project_of_user(
    app: &App,
    headers: &HeaderMap,
    reference: &str,
) -> Result<Arc<Entry>, ApiError> {
    user(app, headers).await?;
    project(app, reference).await
}

/// Refuses a changing request that comes from a page of another origin.
pub(crate) fn check_origin(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    if method.is_safe() {
        return Ok(());
    }
    // Programs send neither header; browsers always send at least one with a changing request.
    if headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
    {
        return Err(ApiError::Forbidden(
            "requests from other sites are refused".to_owned(),
        ));
    }
    let Some(origin) = headers
        .get(header::ORIGIN)
        .and_then(|value| value.to_str().ok())
    else {
        return Ok(());
    };
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let same_host = origin
        .split_once("://")
        .is_some_and(|(_, authority)| authority == host);
    if same_host || origin == app.http.base_url {
        return Ok(());
    }
    Err(ApiError::Forbidden(format!(
        "requests from the origin {origin} are refused"
    )))
}

/// The project that a text names, if whoever asks may read it. A project that may not be read is
/// answered like one that is not there.
pub(crate) async fn readable_project(
    app: &App,
    headers: &HeaderMap,
    reference: &str,
) -> Result<Arc<Entry>, ApiError> {
    let caller = caller(app, headers).await?;
    let entry = project(app, reference).await?;
    match caller {
        Caller::User | Caller::Local => Ok(entry),
        Caller::Key {
            scope: KeyScope::Stats,
            project,
        } if project == Some(entry.project.id) => Ok(entry),
        Caller::Key {
            scope: KeyScope::Stats,
            ..
        } => Err(absent(reference)),
        Caller::Key { .. } => Err(ApiError::Forbidden(
            "this key may only send events; ask with a stats key".to_owned(),
        )),
    }
}

/// Refuses everybody but commands on this machine.
pub(crate) async fn local_only(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    match caller(app, headers).await? {
        Caller::Local => Ok(()),
        _ => Err(ApiError::Forbidden(
            "only the command line of this machine may do this".to_owned(),
        )),
    }
}

/// The project that a text names, whoever asks.
pub(crate) async fn project(app: &App, reference: &str) -> Result<Arc<Entry>, ApiError> {
    let found = find_project(app, reference).await?;
    found.ok_or_else(|| absent(reference))
}

fn absent(reference: &str) -> ApiError {
    ApiError::NotFound(format!("there is no project {reference:?}"))
}

/// The project that a text names, looked up again in the catalog when it is not known yet.
pub(crate) async fn find_project(
    app: &App,
    reference: &str,
) -> Result<Option<Arc<Entry>>, ApiError> {
    if let Some(entry) = app.directory().by_reference(reference) {
        return Ok(Some(Arc::clone(entry)));
    }
    app.refresh().await.map_err(ApiError::internal)?;
    Ok(app.directory().by_reference(reference).map(Arc::clone))
}

/// The project of the request's ingest key, if it carries one.
pub(crate) async fn ingest_project(
    app: &App,
    headers: &HeaderMap,
) -> Result<Option<ProjectId>, ApiError> {
    if bearer(headers).is_none() {
        return Ok(None);
    }
    match key_caller(app, headers).await? {
        Caller::Key {
            project,
            scope: KeyScope::Ingest,
        } => Ok(project),
        _ => Err(ApiError::Forbidden(
            "this key may not send events; send with an ingest key or without one".to_owned(),
        )),
    }
}

async fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, ApiError> {
    if bearer(headers).is_some() {
        return key_caller(app, headers).await;
    }
    let missing = "sign in, or send a stats key as \"Authorization: Bearer alm_s_…\"";
    match user(app, headers).await {
        Ok(_) => Ok(Caller::User),
        Err(ApiError::Unauthorized(_)) => Err(ApiError::Unauthorized(missing.to_owned())),
        Err(other) => Err(other),
    }
}

async fn key_caller(app: &App, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let text = bearer(headers).unwrap_or_default();
    if is_local_token(app, text) {
        return Ok(Caller::Local);
    }
    let found = key::authenticate(&app.catalog, text, app.now()).await?;
    let key = found.ok_or_else(|| {
        ApiError::Unauthorized("the key is unknown or revoked; make a new one".to_owned())
    })?;
    Ok(Caller::Key {
        project: key.project,
        scope: key.scope,
    })
}

/// Compares hashes, so that the time taken tells nothing about the token.
fn is_local_token(app: &App, text: &str) -> bool {
    blake3::hash(text.as_bytes()) == blake3::hash(app.local_token.as_bytes())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The token of the session cookie, if there is one.
pub(crate) fn session_token(app: &App, headers: &HeaderMap) -> Option<String> {
    let wanted = cookie_name(app);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, token)| token.to_owned())
}

/// The header that gives a browser its session, or takes it away when the token is empty.
pub(crate) fn session_cookie(app: &App, token: &str, age_s: i64) -> Result<HeaderValue, ApiError> {
    let secure = if is_https(app) { "; Secure" } else { "" };
    let name = cookie_name(app);
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age_s}{secure}");
    HeaderValue::from_str(&text).map_err(ApiError::internal)
}

/// Over HTTPS the name itself makes browsers refuse the cookie from anywhere but this very host.
fn cookie_name(app: &App) -> &'static str {
    if is_https(app) {
        "__Host-almanac_session"
    } else {
        "almanac_session"
    }
}

/// Whether browsers reach this server over HTTPS.
pub(crate) fn is_https(app: &App) -> bool {
    app.http.base_url.starts_with("https://")
}

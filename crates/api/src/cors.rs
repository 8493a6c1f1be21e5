//! Which pages of other sites may read answers. For collection those of the projects' own hosts;
//! for questions with a stats key those that a project lists, and none unless it does. Credentials
//! of a browser are never offered to another site, and every site is never meant at once.

use almanac_catalog::key::KeyScope;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::auth::Caller;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::router::Shared;

/// What a page asks for with a key; everything else is for programs and the dashboard.
const ASKED: [&str; 3] = ["/api/v2/", "/api/predictions/", "/api/projects/"];
/// How long a browser remembers what it may, seconds; short, because lists change.
const REMEMBERED_S: HeaderValue = HeaderValue::from_static("600");
const OF_QUESTIONS: [(header::HeaderName, HeaderValue); 3] = [
    (
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, OPTIONS"),
    ),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type"),
    ),
    (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED_S),
];

/// Whether an origin is this server's own, by the name that the request uses or the configured one.
pub(crate) fn is_own(app: &App, origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST);
    let host = host
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let is_same = origin
        .split_once("://")
        .is_some_and(|(_, authority)| authority == host);
    is_same || origin == app.http.base_url
}

/// The origin of a page that may read answers of collection: one of a host of some project, or this
/// server's own.
pub(crate) async fn of_collection(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(header::ORIGIN)?;
    let origin = value.to_str().ok()?;
    let (_, authority) = origin.split_once("://")?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let is_known = || app.directory().by_host(host).is_some();
    if is_own(app, origin, headers) || is_known() {
        return Some(value.clone());
    }
    // The project may be new, and this its first event.
    app.refresh().await.ok()?;
    is_known().then(|| value.clone())
}

/// Refuses a page of another site that asks with a key, unless the project lists it and the key can
/// do nothing but ask. Programs name no origin.
pub(crate) fn check_page(
    app: &App,
    headers: &HeaderMap,
    caller: &Caller,
    entry: Option<&Entry>,
) -> Result<(), ApiError> {
    let (Caller::Key(key), Some(origin)) = (caller, headers.get(header::ORIGIN)) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or("that is no text");
    let lists = |entry: &Entry| {
        entry
            .visibility
            .stats_origins
            .iter()
            .any(|own| own == origin)
    };
    let is_listed = key.scope == KeyScope::Stats && entry.is_some_and(lists);
    if is_listed || is_own(app, origin, headers) {
        return Ok(());
    }
    Err(ApiError::Forbidden(format!(
        "pages of {origin} may not ask with this key; list it in the project's stats_origins, and \
         use a key of the scope stats:read"
    )))
}

/// Answers preflights for questions, and lets pages that a project lists read the answers.
pub(crate) async fn questions(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !ASKED.iter().any(|asked| path.starts_with(asked)) {
        return next.run(request).await;
    }
    let origin = listed(&app, request.headers());
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let carries_key = request.headers().contains_key(header::AUTHORIZATION);
    let mut response = match &origin {
        Some(_) if is_preflight => (StatusCode::NO_CONTENT, OF_QUESTIONS).into_response(),
        _ => next.run(request).await,
    };
    // Which project a key is for was checked on the way; a refusal tells nothing of any.
    if let Some(origin) = origin.filter(|_| is_preflight || carries_key) {
        allow(response.headers_mut(), origin);
    } else {
        vary(response.headers_mut());
    }
    response
}

/// Lets the page of an origin read an answer.
pub(crate) fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    vary(headers);
}

/// Keeps caches from giving the answer for one origin to another.
pub(crate) fn vary(headers: &mut HeaderMap) {
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}

/// The request's origin, if any project lists it.
fn listed(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(header::ORIGIN)?;
    let origin = value.to_str().ok()?;
    let directory = app.directory();
    let mut lists = directory
        .entries()
        .flat_map(|entry| &entry.visibility.stats_origins);
    lists.any(|own| own == origin).then(|| value.clone())
}

//! The cookies: how they are named, read and set. Over HTTPS their names make browsers bind them to
//! this host and to HTTPS.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::app::App;
use crate::error::ApiError;

/// How long a browser keeps what binds a sign-in through a provider to it, seconds.
const ATTEMPT_AGE_S: i64 = 600;

/// The token of the session cookie, if there is one.
pub(crate) fn session_token(app: &App, headers: &HeaderMap) -> Option<String> {
    read(headers, session_name(app))
}

/// What binds a sign-in that is on its way to the browser that began it.
pub(crate) fn attempt_secret(app: &App, headers: &HeaderMap) -> Option<String> {
    read(headers, attempt_name(app))
}

fn read(headers: &HeaderMap, wanted: &str) -> Option<String> {
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
    written(app, session_name(app), (token, age_s))
}

/// The header that binds a sign-in to a browser, or ends that when the secret is empty.
pub(crate) fn attempt_cookie(app: &App, secret: &str) -> Result<HeaderValue, ApiError> {
    let age_s = if secret.is_empty() { 0 } else { ATTEMPT_AGE_S };
    written(app, attempt_name(app), (secret, age_s))
}

fn written(app: &App, name: &str, (token, age_s): (&str, i64)) -> Result<HeaderValue, ApiError> {
    let secure = if is_https(app) { "; Secure" } else { "" };
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age_s}{secure}");
    HeaderValue::from_str(&text).map_err(ApiError::internal)
}

/// Over HTTPS the name itself makes browsers refuse the cookie from anywhere but this very host.
fn session_name(app: &App) -> &'static str {
    if is_https(app) {
        "__Host-almanac_session"
    } else {
        "almanac_session"
    }
}

/// The answer of a provider comes with a navigation from its site, which takes `Lax` along.
fn attempt_name(app: &App) -> &'static str {
    if is_https(app) {
        "__Host-almanac_sign_in"
    } else {
        "almanac_sign_in"
    }
}

/// Whether browsers reach this server over HTTPS.
pub(crate) fn is_https(app: &App) -> bool {
    app.http.base_url.starts_with("https://")
}

//! The session cookie: how it is named, read and set. Over HTTPS its name makes browsers bind it to
//! this host and to HTTPS.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::app::App;
use crate::error::ApiError;

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

//! By which names the interface may be asked. A page of another site can have its own name lead to
//! this machine and then ask as if it were ours (DNS rebinding); it cannot choose the name that the
//! browser tells. Collection is not asked by name: sites put it behind their own.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::error::ApiError;
use crate::router::Shared;

/// Refuses requests to the interface by a name that is not ours.
pub(crate) async fn check(State(app): State<Shared>, request: Request, next: Next) -> Response {
    if is_guarded(&app, request.uri().path())
        && let Err(refusal) = known(&app, request.headers())
    {
        return refusal.into_response();
    }
    next.run(request).await
}

/// Whether an address tells or changes something. Scripts and health are for anybody.
fn is_guarded(app: &App, path: &str) -> bool {
    let is_told_here_only = path == "/metrics" && app.http.metrics_local_only;
    is_told_here_only || path.starts_with("/api/") && path != "/api/health"
}

fn known(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(own) = &app.http.own_host else {
        return Ok(());
    };
    // Only programs have keys, and a page that had one would not need our name.
    if headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let Some(value) = headers.get(header::HOST) else {
        return Ok(());
    };
    let authority = value.to_str().unwrap_or_default();
    let host = without_port(authority);
    let is_machine = host == "localhost" || host.ends_with(".localhost");
    if is_machine || is_address(host) || host.eq_ignore_ascii_case(own) {
        return Ok(());
    }
    Err(ApiError::Misdirected(format!(
        "this server is not called {host:?}; set ALMANAC_BASE_URL to the address that browsers use"
    )))
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// An address cannot be made to lead elsewhere.
fn is_address(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(host).parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_no_part_of_a_name_and_addresses_are_no_names() {
        for (authority, host, is_number) in [
            ("stats.example", "stats.example", false),
            ("stats.example:8000", "stats.example", false),
            ("127.0.0.1:8000", "127.0.0.1", true),
            ("[::1]:8000", "[::1]", true),
            ("[::1]", "[::1]", true),
            ("2130706433", "2130706433", false),
            ("127.0.0.1.evil.example", "127.0.0.1.evil.example", false),
        ] {
            assert_eq!(without_port(authority), host, "{authority}");
            assert_eq!(is_address(host), is_number, "{authority}");
        }
    }
}

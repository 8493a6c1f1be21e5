//! The front doors of collection. A door reads its wire shape into drafts; what happens to a draft
//! is the same behind every door and stands in `accept`.

mod accept;
mod event;
mod fields;
mod respond;
mod track;

use std::net::SocketAddr;

use almanac_ingest::{Origin, Sender};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;

use crate::auth;
use crate::body::Body;
use crate::client::{client_ip, header_text};
use crate::error::ApiError;
use crate::router::Shared;
use accept::accept;

/// Most events in one request.
pub const EVENTS_MAX: usize = 100;
/// A client sends this to see which address the server believes it to have.
const DEBUG_HEADER: &str = "x-debug-request";

/// `POST /api/event`: one event or an array of them.
pub(crate) async fn post_event(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let sender = sender(&app, peer, &headers, None);
    if headers
        .get(DEBUG_HEADER)
        .is_some_and(|value| value == "true")
    {
        let ip = sender.ip.map_or_else(String::new, |ip| ip.to_string());
        return Ok((StatusCode::OK, ip).into_response());
    }
    let keyed = auth::ingest_project(&app, &headers).await?;
    match json(&body)? {
        Value::Array(events) if events.len() > EVENTS_MAX => Err(ApiError::TooLarge(format!(
            "{} events in one request; the most is {EVENTS_MAX}: send them in parts",
            events.len()
        ))),
        Value::Array(events) => {
            let incoming = events.iter().map(event::parse).collect();
            let verdicts = accept(&app, incoming, &sender, keyed).await?;
            Ok(respond::to_batch(&verdicts))
        }
        single => {
            let verdicts = accept(&app, vec![event::parse(&single)], &sender, keyed).await?;
            respond::to_event(verdicts)
        }
    }
}

/// `POST /api/track`: the page-visit form.
pub(crate) async fn post_track(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let keyed = auth::ingest_project(&app, &headers).await?;
    let (incoming, user_agent) = match track::parse(&json(&body)?) {
        Ok(form) => (Ok(form.addressed), form.user_agent),
        Err(errors) => (Err(errors), None),
    };
    let sender = sender(&app, peer, &headers, user_agent);
    let verdicts = accept(&app, vec![incoming], &sender, keyed).await?;
    respond::to_track(verdicts)
}

/// `OPTIONS`: any page may send events; there is nothing to read in the answers.
pub(crate) async fn preflight() -> impl IntoResponse {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "content-type, content-encoding, authorization, idempotency-key",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers)
}

fn sender(
    app: &Shared,
    peer: SocketAddr,
    headers: &HeaderMap,
    user_agent: Option<String>,
) -> Sender {
    let from_header = || header_text(headers, header::USER_AGENT).to_owned();
    Sender {
        ip: Some(client_ip(peer, headers, &app.http.trusted_proxies)),
        user_agent: user_agent.unwrap_or_else(from_header),
        received: app.now(),
        origin: Origin::Client,
    }
}

fn json(body: &Bytes) -> Result<Value, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::BadRequest(format!("the body is not JSON: {error}")))
}

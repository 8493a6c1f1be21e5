//! `/healthz`, `/readyz`, `/api/health` and `/metrics`: what a supervisor, a proxy and a monitor
//! ask.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::client::client_ip;
use crate::error::ApiError;
use crate::projects::rfc3339;
use crate::router::Shared;

const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "ok"
}

/// `GET /readyz`: the server takes requests.
pub(crate) async fn ready(State(app): State<Shared>) -> Response {
    let ready = *app.ready.borrow() && !*app.stop.borrow();
    if ready {
        return "ready".into_response();
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, "1")],
        "not ready",
    )
        .into_response()
}

/// `GET /api/health`: the same with numbers, none of them about anybody.
pub(crate) async fn health(State(app): State<Shared>) -> Json<Value> {
    let queue = app.queue.stats();
    let ready = *app.ready.borrow();
    Json(json!({
        "status": if ready { "ok" } else { "starting" },
        "version": env!("CARGO_PKG_VERSION"),
        "started_at": rfc3339(app.started_at),
        "queue": {
            "depth_events": queue.depth_records,
            "bytes": queue.queue_bytes,
            "bytes_max": queue.queue_bytes_max,
        },
        "store": { "hot_rows": app.store.hot_rows() },
    }))
}

/// `GET /metrics`: Prometheus text, unless it is kept to this machine and asked from elsewhere.
pub(crate) async fn metrics(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let asker = client_ip(peer, &headers, &app.http.trusted_proxies);
    if app.http.metrics_local_only && !asker.is_loopback() {
        let text = "metrics are kept to this machine; see metrics_local_only in the configuration";
        return Err(ApiError::Forbidden(text.to_owned()));
    }
    Ok(([(header::CONTENT_TYPE, PROMETHEUS_TEXT)], (app.metrics)()).into_response())
}

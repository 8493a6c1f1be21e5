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
use crate::keeping;
use crate::openapi::problem::{Always, NotForYou};
use crate::openapi::schema;
use crate::projects::rfc3339;
use crate::router::Shared;

const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The process answers
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "alive",
    tag = "Instance",
    security(()),
    responses(
        (status = 200, body = String, content_type = "text/plain", example = "ok")
    )
)]
pub(crate) async fn alive() -> &'static str {
    "ok"
}

/// The server takes requests
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "ready",
    tag = "Instance",
    security(()),
    responses(
        (status = 200, body = String, content_type = "text/plain", example = "ready"),
        (status = 503, body = String, content_type = "text/plain", example = "not ready")
    )
)]
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

/// The state of the server in numbers
#[utoipa::path(
    get,
    path = "/api/health",
    operation_id = "health",
    tag = "Instance",
    security(()),
    responses(
        (status = 200, description = "The answer.", body = schema::InstanceHealth),
        Always
    )
)]
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

/// Metrics for Prometheus
///
/// Only for this machine, unless `metrics_local_only` is off.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics",
    tag = "Instance",
    security(()),
    responses(
        (status = 200, body = String, content_type = "text/plain", example = "almanac_up 1"),
        Always,
        NotForYou
    )
)]
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
    keeping::gauges(&app);
    Ok(([(header::CONTENT_TYPE, PROMETHEUS_TEXT)], (app.metrics)()).into_response())
}

//! OpenTelemetry's door, OTLP over HTTP: `/v1/traces`, `/v1/logs` and `/v1/metrics`, as protobuf or
//! JSON. Spans that are calls of models and tools become events; what else is sent is let go.
//!
//! Nothing of metrics is stored: they are sums over calls that the spans tell one by one.

mod answer;
mod calls;
mod json;
mod protobuf;
mod record;
mod wire;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use bytes::Bytes;

use super::outcome::Outcome;
use super::owner;
use crate::body::Body;
use crate::client::header_text;
use crate::collect::accept::accept;
use crate::collect::{counted, delivery};
use crate::error::ApiError;
use crate::router::Shared;
use answer::Form;
use record::{Batch, Signal};

/// Names the project where the request has no ingest key.
const PROJECT_HEADER: &str = "x-almanac-project";
/// Most calls in one request: four times what exporters send by default.
const CALLS_MAX: usize = 2_048;

/// `POST /v1/traces`
pub(super) async fn post_traces(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Response {
    post(&app, peer, &headers, body, Signal::Traces).await
}

/// `POST /v1/logs`
pub(super) async fn post_logs(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Response {
    post(&app, peer, &headers, body, Signal::Logs).await
}

/// `POST /v1/metrics`
pub(super) async fn post_metrics(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Response {
    post(&app, peer, &headers, body, Signal::Metrics).await
}

async fn post(
    app: &Shared,
    peer: SocketAddr,
    headers: &HeaderMap,
    body: Result<Body, ApiError>,
    signal: Signal,
) -> Response {
    let form = Form::of(header_text(headers, header::CONTENT_TYPE));
    match take(app, peer, headers, body, signal, form).await {
        Ok(taken) => answer::success(form, signal, &taken),
        Err(error) => answer::failure(form, error),
    }
}

/// What became of a request.
#[derive(Debug, Default)]
struct Taken {
    outcome: Outcome,
    /// Points of metrics about calls, which are not stored.
    points: usize,
}

async fn take(
    app: &Shared,
    peer: SocketAddr,
    headers: &HeaderMap,
    body: Result<Body, ApiError>,
    signal: Signal,
    form: Form,
) -> Result<Taken, ApiError> {
    let mut delivery = delivery(app, peer, headers, PROJECT_HEADER).await?;
    // Nothing is found out about a program that it does not state; the address alone goes into the
    // hash of the day.
    delivery.sender.user_agent.clear();
    let read = body.and_then(|Body(body)| read(&body, signal, form));
    let batch = counted(app, &delivery, read)?;
    let word = headers.get(PROJECT_HEADER);
    let word = word.and_then(|word| word.to_str().ok()).unwrap_or_default();
    owner::settle(app, &mut delivery, word).await?;
    let incoming: Vec<_> = batch.records.iter().filter_map(calls::parse).collect();
    metrics::counter!("almanac_otlp_ignored_total")
        .increment((batch.records.len() - incoming.len()) as u64);
    if incoming.len() > CALLS_MAX {
        let found = incoming.len();
        let told = format!("{found} calls in one request; the most is {CALLS_MAX}");
        return counted(app, &delivery, Err(ApiError::TooLarge(told)));
    }
    let points = batch.points;
    if incoming.is_empty() {
        let outcome = Outcome::default();
        return Ok(Taken { outcome, points });
    }
    let outcome = Outcome::of(accept(app, incoming, &delivery).await?);
    Ok(Taken { outcome, points })
}

fn read(body: &Bytes, signal: Signal, form: Form) -> Result<Batch, ApiError> {
    match form {
        Form::Protobuf => wire::read(body, signal)
            .map_err(|error| ApiError::BadRequest(format!("the body is no OTLP: {error}"))),
        Form::Json => json::read(body, signal),
    }
}

//! PostHog's door: `/batch/`, `/capture/`, `/e/` and `/i/v0/e/` take events of its libraries;
//! `/flags/` and `/decide/` answer that there are no feature flags, so that clients go on.

mod calls;
mod envelope;
mod wire;

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::outcome::Outcome;
use super::owner;
use crate::body::Body;
use crate::collect::accept::{Delivery, accept};
use crate::collect::{counted, delivery};
use crate::error::ApiError;
use crate::router::Shared;

/// The ways in which its browser client may pack what it sends.
const COMPRESSIONS: [&str; 3] = ["gzip", "gzip-js", "base64"];

/// `POST /batch/` and its older forms: one event, several, or an object with several.
pub(super) async fn post_events(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Result<Response, ApiError> {
    let mut delivery = delivery(&app, peer, &headers, "api_key").await?;
    let bytes_max = app.http.body_bytes_max;
    let read = body.and_then(|Body(body)| {
        envelope::unwrap(&body, query.as_deref().unwrap_or_default(), bytes_max)
    });
    let value = counted(&app, &delivery, read)?;
    let outcome = take(&app, &mut delivery, &value).await?;
    let mut answer = outcome.to_json();
    if outcome.is_hopeless() {
        answer["error"] = json!(outcome.complaint());
        return Ok((StatusCode::BAD_REQUEST, Json(answer)).into_response());
    }
    answer["status"] = json!("Ok");
    Ok(Json(answer).into_response())
}

async fn take(app: &Shared, delivery: &mut Delivery, value: &Value) -> Result<Outcome, ApiError> {
    let batch = counted(app, delivery, envelope::open(value))?;
    owner::settle(app, delivery, &batch.key).await?;
    let events = batch.events.iter();
    let incoming = events.map(|event| wire::parse(event, batch.sent_at, delivery.sender.received));
    Ok(Outcome::of(
        accept(app, incoming.collect(), delivery).await?,
    ))
}

/// `/flags/` and `/decide/`, whatever is asked: no flag is on, and nothing is recorded.
pub(super) async fn flags() -> Json<Value> {
    Json(json!({
        "flags": {},
        "featureFlags": {},
        "featureFlagPayloads": {},
        "errorsWhileComputingFlags": false,
        "requestId": uuid::Uuid::new_v4().to_string(),
        "supportedCompression": COMPRESSIONS,
        "sessionRecording": false,
    }))
}

/// `GET /array/{key}/config`: what the browser client may switch on, which is nothing.
pub(super) async fn config(Path(key): Path<String>) -> Json<Value> {
    Json(json!({
        "token": key,
        "supportedCompression": COMPRESSIONS,
        "hasFeatureFlags": false,
        "sessionRecording": false,
        "surveys": false,
        "heatmaps": false,
        "autocapture_opt_out": true,
    }))
}

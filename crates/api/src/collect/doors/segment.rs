//! Segment's door: `/v1/batch` for its server libraries, one path per method for everybody who
//! speaks its HTTP interface, and the settings that its browser client asks for. A write key is an
//! ingest key, or the id or domain of a project.

mod wire;

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::loose::Loose;
use super::outcome::Outcome;
use super::owner;
use crate::body::Body;
use crate::client::header_text;
use crate::collect::accept::{Delivery, accept};
use crate::collect::{check_number, counted, delivery, read};
use crate::error::ApiError;
use crate::router::Shared;
use wire::Method;

/// `POST /v1/batch`: several messages.
pub(super) async fn post_batch(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Result<Response, ApiError> {
    let mut delivery = delivery(&app, peer, &headers, "writeKey").await?;
    let value = read(&app, &delivery, body)?;
    let messages = counted(&app, &delivery, messages(&value))?;
    let key = write_key(&headers, &value);
    take(&app, &mut delivery, &key, &value, messages, None).await
}

/// `POST /v1/track` and its sisters: one message, whose method the path tells.
pub(super) async fn post_one(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Result<Response, ApiError> {
    let mut delivery = delivery(&app, peer, &headers, "writeKey").await?;
    let value = read(&app, &delivery, body)?;
    let key = write_key(&headers, &value);
    let method = Method::from_path(uri.path());
    let message = std::slice::from_ref(&value);
    take(&app, &mut delivery, &key, &value, message, method).await
}

/// `GET /v1/projects/{key}/settings`: the browser client asks here before it sends anything. It is
/// told to send to this server, to load nothing else, and to report nothing about itself.
pub(super) async fn settings(State(app): State<Shared>, Path(key): Path<String>) -> Json<Value> {
    let (protocol, host) = app.http.base_url.split_once("://").unwrap_or_default();
    Json(json!({
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": format!("{host}/v1"),
                "protocol": protocol,
            },
        },
        "plan": {},
        "edgeFunction": {},
        "metrics": { "sampleRate": 0 },
        "remotePlugins": [],
    }))
}

fn messages(value: &Value) -> Result<&[Value], ApiError> {
    let messages = Loose::of(value).get("batch").and_then(Value::as_array);
    let wrong = || ApiError::BadRequest("the body must be an object with batch".to_owned());
    let messages = messages.ok_or_else(wrong)?;
    check_number(messages.len())?;
    Ok(messages)
}

async fn take(
    app: &Shared,
    delivery: &mut Delivery,
    key: &str,
    whole: &Value,
    messages: &[Value],
    method: Option<Method>,
) -> Result<Response, ApiError> {
    owner::settle(app, delivery, key).await?;
    let around = wire::Around::of(whole);
    let incoming = messages
        .iter()
        .map(|message| wire::parse(message, &around, method));
    let outcome = Outcome::of(accept(app, incoming.collect(), delivery).await?);
    let mut answer = outcome.to_json();
    answer["success"] = json!(!outcome.is_hopeless());
    if outcome.is_hopeless() {
        // Under these names its libraries look for what went wrong.
        answer["code"] = json!("invalid_request");
        answer["message"] = json!(outcome.complaint());
        return Ok((StatusCode::BAD_REQUEST, Json(answer)).into_response());
    }
    Ok(Json(answer).into_response())
}

/// The key of the body, or else the user name of the header.
fn write_key(headers: &HeaderMap, whole: &Value) -> String {
    let key = Loose::of(whole).text(&["writeKey"]);
    if key.is_empty() {
        basic_user(headers).unwrap_or_default()
    } else {
        key
    }
}

/// The user name of `Authorization: Basic`; the password is nobody's business.
fn basic_user(headers: &HeaderMap) -> Option<String> {
    let (scheme, packed) = header_text(headers, header::AUTHORIZATION).split_once(' ')?;
    let decoded = STANDARD.decode(packed.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, _) = text.split_once(':').unwrap_or((&text, ""));
    scheme
        .eq_ignore_ascii_case("basic")
        .then(|| user.to_owned())
}

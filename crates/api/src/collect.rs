//! The front doors of collection. A door reads its wire shape into drafts; what happens to a draft
//! is the same behind every door and stands in `accept`.

mod accept;
pub(crate) mod around;
pub(crate) mod doors;
mod event;
mod fields;
mod json;
pub(crate) mod privacy;
mod respond;
mod telemetry;
mod track;

use std::net::SocketAddr;

use almanac_ingest::{Hints, Origin, Refusal, Sender, Signals};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::auth;
use crate::body::Body;
use crate::client::{client_ip, header_text};
use crate::error::{ApiError, FieldErrors};
use crate::ledger::NOBODY;
use crate::openapi::problem::{Always, NotForYou, Undelivered, Unreadable};
use crate::openapi::schema;
use crate::router::Shared;
use accept::{Delivery, accept};

/// Most events in one request.
pub const EVENTS_MAX: usize = 100;
/// Lengths of an `Idempotency-Key`, bytes.
const IDEMPOTENCY_KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=255;
/// A client sends this to see which address the server believes it to have.
const DEBUG_HEADER: &str = "x-debug-request";

/// One event, or up to 100
///
/// JSON as `application/json` or `text/plain`, plain or packed with gzip, zstd or br. One event is
/// answered with `ok`, an array with what became of each.
#[utoipa::path(
    post,
    path = "/api/event",
    operation_id = "collect_event",
    tag = "Collection",
    security((), ("ingest_key" = [])),
    request_body = schema::Events,
    responses(
        (
            status = 202,
            description = "The answer: a word for one event, the counts for several.",
            content((String = "text/plain"), (schema::BatchTaken = "application/json"))
        ),
        (status = 207, description = "Some of the events were refused.", body = schema::BatchTaken),
        Always,
        NotForYou,
        (status = 400, description = "Nothing was taken.", body = schema::NothingTaken),
        Undelivered
    )
)]
pub(crate) async fn post_event(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Result<Response, ApiError> {
    let delivery = delivery(&app, peer, &headers, "domain").await?;
    if headers
        .get(DEBUG_HEADER)
        .is_some_and(|value| value == "true")
    {
        let ip = delivery.sender.ip;
        let text = ip.map_or_else(String::new, |ip| ip.to_string());
        return Ok((StatusCode::OK, text).into_response());
    }
    match read(&app, &delivery, body)? {
        Value::Array(events) => {
            counted(&app, &delivery, check_number(events.len()))?;
            let incoming = events.iter().map(event::parse);
            let mut verdicts = accept(&app, incoming.collect(), &delivery).await?;
            event::name_as_sent(&mut verdicts, &events);
            Ok(respond::to_batch(&verdicts, ""))
        }
        single => {
            let incoming = vec![event::parse(&single)];
            let mut verdicts = accept(&app, incoming, &delivery).await?;
            if single.is_object() {
                event::name_as_sent(&mut verdicts, &[single]);
            }
            respond::to_event(verdicts)
        }
    }
}

/// A page visit
#[utoipa::path(
    post,
    path = "/api/track",
    operation_id = "collect_page_visit",
    tag = "Collection",
    security((), ("ingest_key" = [])),
    request_body = schema::PageVisit,
    responses(
        (status = 201, description = "The answer.", body = schema::PageVisitTaken),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn post_track(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Result<Response, ApiError> {
    let mut delivery = delivery(&app, peer, &headers, "domain").await?;
    let incoming = track::parse(&read(&app, &delivery, body)?).map(|form| {
        if let Some(user_agent) = form.user_agent {
            delivery.sender.user_agent = user_agent;
            delivery.sender.hints = Hints::default();
        }
        form.addressed
    });
    respond::to_track(accept(&app, vec![incoming], &delivery).await?)
}

/// Calls of tools
///
/// Anonymous, in batches of 1 to 100, each at the level that it says.
#[utoipa::path(
    post,
    path = "/v1/events",
    operation_id = "collect_telemetry",
    tag = "Collection",
    security((), ("ingest_key" = [])),
    request_body = schema::TelemetryBatch,
    responses(
        (status = 202, description = "The answer.", body = schema::BatchTaken),
        (status = 207, description = "Some of the events were refused.", body = schema::BatchTaken),
        Always,
        NotForYou,
        (status = 400, description = "Nothing was taken.", body = schema::NothingTaken),
        Undelivered
    )
)]
pub(crate) async fn post_telemetry(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Result<Response, ApiError> {
    let mut delivery = delivery(&app, peer, &headers, "/project").await?;
    // Telemetry says of its sender what it states and nothing else; the address alone goes into the
    // hash of the day.
    delivery.sender.user_agent.clear();
    delivery.sender.hints = Hints::default();
    let value = read(&app, &delivery, body)?;
    let batch = counted(&app, &delivery, open_telemetry(&value))?;
    let incoming = batch
        .events
        .iter()
        .map(|event| telemetry::parse(event, &batch.shared));
    let verdicts = accept(&app, incoming.collect(), &delivery).await?;
    let at = if value.is_array() { "" } else { "/events" };
    Ok(respond::to_telemetry(verdicts, at))
}

fn open_telemetry(value: &Value) -> Result<telemetry::TelemetryBatch<'_>, ApiError> {
    let batch = telemetry::open(value).map_err(ApiError::Unprocessable)?;
    if batch.events.is_empty() {
        let reason = "must have 1 to 100 events".to_owned();
        let errors = FieldErrors::from([("/events".to_owned(), vec![reason])]);
        return Err(ApiError::Unprocessable(errors));
    }
    check_number(batch.events.len())?;
    Ok(batch)
}

/// The JSON of a request.
fn read(
    app: &Shared,
    delivery: &Delivery,
    body: Result<Body, ApiError>,
) -> Result<Value, ApiError> {
    counted(app, delivery, body.and_then(|Body(body)| json::read(&body)))
}

/// Passes on what was read, and counts a request that could not be read as one refused event: how
/// many it held is not known, and nothing that came may go uncounted.
fn counted<T>(app: &Shared, delivery: &Delivery, read: Result<T, ApiError>) -> Result<T, ApiError> {
    read.inspect_err(|error| {
        let reason = match error {
            ApiError::TooLarge(_) => Refusal::TooLarge,
            _ => Refusal::Unreadable,
        };
        app.count_request(delivery.keyed.unwrap_or(NOBODY), reason, error.text());
    })
}

fn check_number(events: usize) -> Result<(), ApiError> {
    if events <= EVENTS_MAX {
        return Ok(());
    }
    Err(ApiError::TooLarge(format!(
        "{events} events in one request; the most is {EVENTS_MAX}: send them in parts"
    )))
}

/// `OPTIONS`: what pages may send. Whether a page may read the answers is decided for every answer
/// alike, around it.
pub(crate) async fn preflight() -> impl IntoResponse {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "content-type, content-encoding, authorization, idempotency-key, x-umami-cache",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers)
}

async fn delivery(
    app: &Shared,
    peer: SocketAddr,
    headers: &HeaderMap,
    project_field: &'static str,
) -> Result<Delivery, ApiError> {
    let keyed = auth::ingest_project(app, headers).await?;
    let sender = Sender {
        ip: Some(client_ip(peer, headers, &app.http.trusted_proxies)),
        user_agent: header_text(headers, header::USER_AGENT).to_owned(),
        received: app.now(),
        // A key in a header is a server's: what a page knows, everybody does.
        origin: keyed.map_or(Origin::Client, |_| Origin::Server),
        signals: signals(headers),
        hints: hints(headers),
    };
    Ok(Delivery {
        sender,
        keyed,
        project_field,
        idempotency_key: idempotency_key(headers)?,
    })
}

/// What the browser asks for.
fn signals(headers: &HeaderMap) -> Signals {
    let is_set = |name| headers.get(name).is_some_and(|value| value == "1");
    Signals {
        do_not_track: is_set("dnt"),
        global_privacy_control: is_set("sec-gpc"),
    }
}

/// What the browser says of itself beside its user agent.
fn hints(headers: &HeaderMap) -> Hints {
    let text = |name| header_text(headers, HeaderName::from_static(name)).to_owned();
    Hints {
        brands: text("sec-ch-ua"),
        full_versions: text("sec-ch-ua-full-version-list"),
        mobile: text("sec-ch-ua-mobile"),
        platform: text("sec-ch-ua-platform"),
        platform_version: text("sec-ch-ua-platform-version"),
        model: text("sec-ch-ua-model"),
        form_factors: text("sec-ch-ua-form-factors"),
    }
}

/// The key under which the client may send the same request again. Short ones are refused: two
/// clients would choose the same, and the events of one would be lost as copies of the other's.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default().trim();
    if IDEMPOTENCY_KEY_BYTES.contains(&key.len()) {
        return Ok(Some(key.to_owned()));
    }
    Err(ApiError::BadRequest(
        "the header Idempotency-Key must have 16 to 255 characters; send a random UUID".to_owned(),
    ))
}

/// Reads a body as each of the three doors does, for the fuzz target, and says how many events had
/// the right shape. No mistake in a body may be more than a refusal.
#[cfg(feature = "testing")]
pub fn read_as_every_door(body: &[u8]) -> usize {
    let Ok(value) = json::read(&bytes::Bytes::copy_from_slice(body)) else {
        return 0;
    };
    let single = std::slice::from_ref(&value);
    let events = value.as_array().map_or(single, Vec::as_slice);
    let web = events.iter().map(event::parse);
    let page_visit = track::parse(&value).map(|form| form.addressed);
    let batch = telemetry::open(&value).ok();
    let calls = batch.iter().flat_map(|batch| {
        let events = batch.events.iter();
        events.map(|event| telemetry::parse(event, &batch.shared))
    });
    let addressed = web.chain([page_visit]).chain(calls).filter_map(Result::ok);
    addressed
        .inspect(|addressed| drop(almanac_ingest::check(&addressed.draft)))
        .count()
}

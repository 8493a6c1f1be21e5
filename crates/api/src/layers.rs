//! What happens around every request: an id, security headers, one log line and its metrics.
//! Nothing here knows an endpoint, and nothing here ever logs an address of a client.

mod meter;

use std::time::Instant as Stopwatch;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, Span};

use crate::auth;
use crate::router::Shared;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A client may bring its own request id of at most this many characters.
const REQUEST_ID_CHARS_MAX: usize = 64;
/// Everything the dashboard needs comes from its own server.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'",
);
/// Once over HTTPS, always: browsers ask in no other way for a year.
const A_YEAR_OF_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// What browsers must never do with an answer of this server.
static FIXED: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
    ),
];

/// Gives the request an id, runs it, and records what became of it.
pub(crate) async fn observe(mut request: Request, next: Next) -> Response {
    let observed = Observed::begin(&mut request);
    let answering = next.run(request).instrument(observed.span().clone());
    observed.end(answering.await)
}

/// Adds the headers that keep browsers from doing what this server never asks of them. Answers of
/// the interface are for whoever asked and for this moment, so nobody may keep them.
pub(crate) async fn secure(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let is_answer = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    add_security_headers(response.headers_mut());
    if auth::is_https(&app) {
        response
            .headers_mut()
            .insert(header::STRICT_TRANSPORT_SECURITY, A_YEAR_OF_HTTPS);
    }
    if is_answer {
        let headers = response.headers_mut();
        let no_store = HeaderValue::from_static("no-store");
        headers.entry(header::CACHE_CONTROL).or_insert(no_store);
    }
    response
}

/// The same for an answer at hand.
pub(crate) fn add_security_headers(headers: &mut HeaderMap) {
    for (name, value) in &FIXED {
        headers.entry(name).or_insert_with(|| value.clone());
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct Observed {
    id: HeaderValue,
    method: Method,
    path: Option<MatchedPath>,
    span: Span,
    started: Stopwatch,
}

impl Observed {
    /// Gives the request an id, its own or a new one.
    pub(crate) fn begin(request: &mut Request) -> Self {
        let id = request_id(request.headers());
        let path = request.extensions().get::<MatchedPath>().cloned();
        let text = id.to_str().unwrap_or_default();
        let route = route(path.as_ref());
        let span = tracing::info_span!("request", request.id = text, http.route = route);
        request.headers_mut().insert(REQUEST_ID, id.clone());
        Self {
            id,
            method: request.method().clone(),
            path,
            span,
            started: Stopwatch::now(),
        }
    }

    /// What is logged meanwhile belongs into this.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// Records what became of it.
    pub(crate) fn end(self, mut response: Response) -> Response {
        let elapsed = self.started.elapsed();
        let status = response.status().as_u16();
        let _inside = self.span.enter();
        let duration_us = elapsed.as_micros() as u64;
        tracing::debug!(http.method = %self.method, http.status = status, duration_us, "answered");
        meter::record(
            &self.method,
            route(self.path.as_ref()),
            status,
            elapsed.as_secs_f64(),
        );
        response.headers_mut().insert(REQUEST_ID, self.id.clone());
        response
    }
}

fn route(path: Option<&MatchedPath>) -> &str {
    path.map_or("dashboard", MatchedPath::as_str)
}

fn request_id(headers: &HeaderMap) -> HeaderValue {
    let usable = |id: &&HeaderValue| {
        let id = id.as_bytes();
        !id.is_empty()
            && id.len() <= REQUEST_ID_CHARS_MAX
            && id
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    };
    if let Some(brought) = headers.get(REQUEST_ID).filter(usable) {
        return brought.clone();
    }
    let mut text = [0; uuid::fmt::Simple::LENGTH];
    let made = uuid::Uuid::new_v4().simple().encode_lower(&mut text);
    HeaderValue::from_str(made).unwrap_or(HeaderValue::from_static("none"))
}

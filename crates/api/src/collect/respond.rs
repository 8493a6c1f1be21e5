//! What the front doors answer. A dropped event answers like an accepted one, with a header that
//! says so: a page can do nothing about it, and its owner looks at the health page.

use almanac_ingest::Refusal;
use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::accept::{Rejection, Verdict};
use crate::error::{ApiError, FieldErrors};

const DROPPED: HeaderName = HeaderName::from_static("x-almanac-dropped");
/// The words for what became of an event.
const ACCEPTED: &str = "accepted";
const DUPLICATE: &str = "duplicate";
const DROPPED_WORD: &str = "dropped";
const REJECTED: &str = "rejected";
const PLAUSIBLE_DROPPED: HeaderName = HeaderName::from_static("x-plausible-dropped");

/// One event: `202 ok` unless it was invalid.
pub(super) fn to_event(verdicts: Vec<Vec<Verdict>>) -> Result<Response, ApiError> {
    let headers = headers(&verdicts);
    match first_invalid(verdicts) {
        Some(errors) => Err(ApiError::Invalid(errors)),
        None => Ok((StatusCode::ACCEPTED, headers, "ok").into_response()),
    }
}

/// The page-visit form: `201` unless it was invalid.
pub(super) fn to_track(verdicts: Vec<Vec<Verdict>>) -> Result<Response, ApiError> {
    let headers = headers(&verdicts);
    let status = match verdicts.iter().flatten().next() {
        Some(Verdict::Dropped(_)) => "dropped",
        Some(Verdict::Duplicate) => "duplicate",
        _ => "accepted",
    };
    match first_invalid(verdicts) {
        Some(errors) => Err(ApiError::Invalid(errors)),
        None => Ok((
            StatusCode::CREATED,
            headers,
            Json(json!({ "status": status })),
        )
            .into_response()),
    }
}

/// Several events: what became of each, in their order. `202` when none was rejected, `207` when
/// some were, `400` when all were; a dropped event is not rejected.
pub(super) fn to_batch(verdicts: &[Vec<Verdict>], at: &str) -> Response {
    let results: Vec<&'static str> = verdicts.iter().map(|all| worst(all)).collect();
    let count = |word: &str| results.iter().filter(|result| **result == word).count();
    let rejected: Vec<Value> = verdicts
        .iter()
        .enumerate()
        .flat_map(|(index, all)| all.iter().map(move |verdict| (index, verdict)))
        .filter_map(|(index, verdict)| match verdict {
            Verdict::Rejected(rejection) => Some(rejected(index, rejection, at)),
            _ => None,
        })
        .collect();
    let body = json!({
        "accepted": count(ACCEPTED),
        "duplicate": count(DUPLICATE),
        "dropped": count(DROPPED_WORD),
        "rejected": rejected,
        "results": results,
    });
    let status = match count(REJECTED) {
        0 => StatusCode::ACCEPTED,
        all if all == results.len() => StatusCode::BAD_REQUEST,
        _ => StatusCode::MULTI_STATUS,
    };
    (status, headers(verdicts), Json(body)).into_response()
}

/// A batch of telemetry. Whoever sends it is a program of ours or of the project's owner, so an
/// event that is not taken is told with its reason and not dropped in silence.
pub(super) fn to_telemetry(mut verdicts: Vec<Vec<Verdict>>, at: &str) -> Response {
    for verdict in verdicts.iter_mut().flatten() {
        if let Verdict::Dropped(refused) = verdict {
            let errors = FieldErrors::from([(place(refused.reason), vec![refused.detail.clone()])]);
            let reason = refused.reason;
            *verdict = Verdict::Rejected(Rejection {
                reason,
                ..errors.into()
            });
        }
    }
    to_batch(&verdicts, at)
}

/// The field that led to a refusal, where it is one.
fn place(reason: Refusal) -> String {
    match reason {
        Refusal::UnknownProject => "/project".to_owned(),
        Refusal::InvalidTime => "/timestamp".to_owned(),
        _ => String::new(),
    }
}

/// The one word for an event that may have been addressed to several projects.
fn worst(verdicts: &[Verdict]) -> &'static str {
    let word = |verdict: &Verdict| match verdict {
        Verdict::Duplicate => (0, DUPLICATE),
        Verdict::Dropped(_) => (1, DROPPED_WORD),
        Verdict::Accepted => (2, ACCEPTED),
        Verdict::Rejected(_) => (3, REJECTED),
    };
    verdicts
        .iter()
        .map(word)
        .max()
        .map_or(DROPPED_WORD, |(_, word)| word)
}

fn rejected(index: usize, rejection: &Rejection, at: &str) -> Value {
    let error = |(field, reason): (&String, &String)| {
        // Field names of web events are paths with dots, those of telemetry pointers already.
        let inside = if field.is_empty() || field.starts_with('/') {
            field.clone()
        } else {
            format!("/{}", field.replace('.', "/"))
        };
        json!({ "pointer": format!("{at}/{index}{inside}"), "reason": reason })
    };
    let errors: Vec<Value> = rejection
        .errors
        .iter()
        .flat_map(|(field, reasons)| reasons.iter().map(move |reason| (field, reason)))
        .map(error)
        .collect();
    json!({ "index": index, "reason": rejection.reason.name(), "errors": errors })
}

fn headers(verdicts: &[Vec<Verdict>]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let dropped = verdicts
        .iter()
        .flatten()
        .filter(|verdict| matches!(verdict, Verdict::Dropped(_)))
        .count();
    if dropped > 0 {
        headers.insert(DROPPED, HeaderValue::from(dropped));
        headers.insert(PLAUSIBLE_DROPPED, HeaderValue::from(dropped));
    }
    headers
}

fn first_invalid(verdicts: Vec<Vec<Verdict>>) -> Option<FieldErrors> {
    verdicts
        .into_iter()
        .flatten()
        .find_map(|verdict| match verdict {
            Verdict::Rejected(rejection) => Some(rejection.errors),
            _ => None,
        })
}

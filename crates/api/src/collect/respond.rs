//! What the front doors answer. A dropped event answers like an accepted one, with a header that
//! says so: a page can do nothing about it, and its owner looks at the health page.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::accept::Verdict;
use crate::error::{ApiError, FieldErrors};

const DROPPED: HeaderName = HeaderName::from_static("x-almanac-dropped");
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
        Some(Verdict::Dropped) => "dropped",
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

/// Several events: what became of each. `400` only when none of them could be read.
pub(super) fn to_batch(verdicts: &[Vec<Verdict>]) -> Response {
    let count = |wanted: fn(&Verdict) -> bool| {
        verdicts
            .iter()
            .flatten()
            .filter(|verdict| wanted(verdict))
            .count()
    };
    let rejected: Vec<_> = verdicts
        .iter()
        .enumerate()
        .flat_map(|(index, all)| all.iter().map(move |verdict| (index, verdict)))
        .filter_map(|(index, verdict)| match verdict {
            Verdict::Invalid(errors) => Some(json!({ "index": index, "errors": errors })),
            _ => None,
        })
        .collect();
    let none_readable = !rejected.is_empty() && rejected.len() == verdicts.len();
    let status = if none_readable {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::ACCEPTED
    };
    let body = json!({
        "accepted": count(|verdict| matches!(verdict, Verdict::Accepted)),
        "duplicate": count(|verdict| matches!(verdict, Verdict::Duplicate)),
        "dropped": count(|verdict| matches!(verdict, Verdict::Dropped)),
        "rejected": rejected,
    });
    (status, headers(verdicts), Json(body)).into_response()
}

fn headers(verdicts: &[Vec<Verdict>]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let dropped = verdicts
        .iter()
        .flatten()
        .filter(|verdict| matches!(verdict, Verdict::Dropped))
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
            Verdict::Invalid(errors) => Some(errors),
            _ => None,
        })
}

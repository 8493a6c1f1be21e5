//! What OTLP's exporters are answered, in the encoding in which they sent: 200 with what was not
//! taken, or a status with the message of `google.rpc.Status`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Taken;
use super::protobuf::{put_bytes, put_varint};
use super::record::Signal;
use crate::error::ApiError;

/// Codes of `google.rpc.Code`.
const INVALID_ARGUMENT: u64 = 3;
const UNAVAILABLE: u64 = 14;

/// An encoding of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Protobuf,
    Json,
}

impl Form {
    /// The encoding of a content type: JSON where it says so.
    pub(super) fn of(content_type: &str) -> Self {
        if content_type.to_ascii_lowercase().contains("json") {
            Self::Json
        } else {
            Self::Protobuf
        }
    }

    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        })
    }
}

/// The answer to a request that was taken, all of it or a part.
pub(super) fn success(form: Form, signal: Signal, taken: &Taken) -> Response {
    let (rejected, told) = not_taken(signal, taken);
    let body = match form {
        Form::Protobuf => {
            let mut partial = Vec::new();
            if rejected > 0 {
                put_varint(&mut partial, 1, rejected as u64);
                put_bytes(&mut partial, 2, told.as_bytes());
            }
            let mut body = Vec::new();
            if !partial.is_empty() {
                put_bytes(&mut body, 1, &partial);
            }
            body
        }
        Form::Json if rejected == 0 => b"{}".to_vec(),
        Form::Json => {
            let counted = match signal {
                Signal::Traces => "rejectedSpans",
                Signal::Logs => "rejectedLogRecords",
                Signal::Metrics => "rejectedDataPoints",
            };
            // Integers of 64 bits are texts in the JSON of protobuf.
            let partial = json!({ counted: rejected.to_string(), "errorMessage": told });
            json!({ "partialSuccess": partial }).to_string().into()
        }
    };
    let content_type = (header::CONTENT_TYPE, form.content_type());
    (StatusCode::OK, [content_type], body).into_response()
}

/// How much was not taken, and why.
fn not_taken(signal: Signal, taken: &Taken) -> (usize, String) {
    if signal == Signal::Metrics {
        let told = "metrics are not stored: calls are counted from their spans; send traces";
        return (taken.points, told.to_owned());
    }
    let outcome = &taken.outcome;
    let mut told = outcome.complaint();
    if told.is_empty()
        && let Some(reason) = outcome.dropped.first()
    {
        told = reason.explanation().to_owned();
    }
    (outcome.rejected.len() + outcome.dropped.len(), told)
}

/// The answer to a request of which nothing was taken: the error's own status and headers, in the
/// encoding of the request.
pub(super) fn failure(form: Form, error: ApiError) -> Response {
    let told = error.text();
    let mut response = error.into_response();
    if form == Form::Json {
        return response;
    }
    let code = if response.status().is_server_error() {
        UNAVAILABLE
    } else {
        INVALID_ARGUMENT
    };
    let mut body = Vec::new();
    put_varint(&mut body, 1, code);
    put_bytes(&mut body, 2, told.as_bytes());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, form.content_type());
    headers.remove(header::CONTENT_LENGTH);
    *response.body_mut() = body.into();
    response
}

#[cfg(test)]
mod tests {
    use almanac_ingest::Refusal;

    use super::*;
    use crate::collect::doors::outcome::Outcome;

    async fn body(response: Response) -> Vec<u8> {
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
        body.unwrap().to_vec()
    }

    #[tokio::test]
    async fn what_was_not_taken_is_told_in_both_encodings() {
        let outcome = Outcome {
            dropped: vec![Refusal::InvalidTime; 2],
            ..Outcome::default()
        };
        let taken = Taken { outcome, points: 0 };
        let told = Refusal::InvalidTime.explanation();
        let packed = body(success(Form::Protobuf, Signal::Traces, &taken)).await;
        let mut partial = vec![1 << 3, 2, 2 << 3 | 2, u8::try_from(told.len()).unwrap()];
        partial.extend(told.as_bytes());
        assert_eq!(
            packed.strip_prefix(&[1 << 3 | 2, u8::try_from(partial.len()).unwrap()]),
            Some(&*partial)
        );
        let text = body(success(Form::Json, Signal::Traces, &taken)).await;
        let expected = json!({"partialSuccess": {"rejectedSpans": "2", "errorMessage": told}});
        assert_eq!(text, expected.to_string().into_bytes());
        let nothing = Taken::default();
        assert_eq!(
            body(success(Form::Protobuf, Signal::Logs, &nothing)).await,
            b""
        );
        assert_eq!(
            body(success(Form::Json, Signal::Logs, &nothing)).await,
            b"{}"
        );
    }

    #[tokio::test]
    async fn failures_keep_their_status_and_their_wait() {
        let busy = || ApiError::Unavailable {
            reason: "later".to_owned(),
            retry_after_s: 2,
        };
        let response = failure(Form::Protobuf, busy());
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/x-protobuf"
        );
        assert_eq!(body(response).await, b"\x08\x0e\x12\x05later");
        let response = failure(Form::Json, busy());
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    }
}

//! The one file that turns errors into responses. Handlers return [`ApiError`]; what a client sees
//! of it is decided here, and an internal cause is logged here once and never sent.

use std::collections::BTreeMap;

use almanac_catalog::CatalogError;
use almanac_store::StoreError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::RefreshError;

/// The encodings in which a body may come.
const ENCODINGS: HeaderValue = HeaderValue::from_static("gzip, zstd, br");

/// Reasons by field, in the order of the field names.
pub(crate) type FieldErrors = BTreeMap<String, Vec<String>>;

/// Why a request has no ordinary answer.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The request cannot be understood; the text says what is wrong and what to do.
    BadRequest(String),
    /// Single fields are wrong.
    Invalid(FieldErrors),
    /// The body is JSON, but not what is asked for; the fields are JSON pointers.
    Unprocessable(FieldErrors),
    /// The body did not come in time.
    TooSlow(String),
    /// Too many requests; ask again after that many seconds.
    TooMany { reason: String, retry_after_s: u32 },
    /// Nobody is signed in, or the key is not one.
    Unauthorized(String),
    /// The password is right, and a code of the second factor is missing or wrong.
    SecondFactor(String),
    /// Whoever asks may not do this.
    Forbidden(String),
    /// There is no such thing, or whoever asks may not know of it.
    NotFound(String),
    /// The address exists, the method does not; which do stands in the `allow` header.
    NoSuchMethod(String),
    /// The request came by a name that is not this server's.
    Misdirected(String),
    /// What is there already forbids it.
    Conflict(String),
    /// The body is over the limit.
    TooLarge(String),
    /// The body is packed in a way that is not known.
    UnknownEncoding(String),
    /// The server cannot do it now; ask again after that many seconds.
    Unavailable { reason: String, retry_after_s: u32 },
    /// A fault of the server.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// A fault of the server, whatever its type.
    pub(crate) fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// One field is wrong for one reason.
    pub(crate) fn field(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid(BTreeMap::from([(field.to_owned(), vec![reason.into()])]))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) | Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) | Self::SecondFactor(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::NoSuchMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Misdirected(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnknownEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What a client is told.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::BadRequest(text)
            | Self::Unauthorized(text)
            | Self::SecondFactor(text)
            | Self::Forbidden(text)
            | Self::NotFound(text)
            | Self::NoSuchMethod(text)
            | Self::Misdirected(text)
            | Self::Conflict(text)
            | Self::TooSlow(text)
            | Self::TooLarge(text)
            | Self::UnknownEncoding(text) => text.clone(),
            Self::Unavailable { reason, .. } | Self::TooMany { reason, .. } => reason.clone(),
            Self::Invalid(fields) | Self::Unprocessable(fields) => {
                let parts: Vec<String> = fields
                    .iter()
                    .map(|(field, reasons)| format!("{field} {}", reasons.join(", ")))
                    .collect();
                parts.join("; ")
            }
            Self::Internal(_) => {
                "the server could not answer; its log tells why under this request's id".to_owned()
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(cause) = &self {
            tracing::error!(error = %ChainedError(cause.as_ref()), "request failed");
        }
        let mut body = json!({ "error": self.text() });
        if let Self::Invalid(fields) | Self::Unprocessable(fields) = &self {
            body["errors"] = json!(fields);
        }
        if matches!(self, Self::SecondFactor(_)) {
            body["second_factor"] = json!("needed");
        }
        let mut response = (self.status(), Json(body)).into_response();
        if let Self::Unavailable { retry_after_s, .. } | Self::TooMany { retry_after_s, .. } = self
        {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
        }
        if matches!(self, Self::UnknownEncoding(_)) {
            response
                .headers_mut()
                .insert(header::ACCEPT_ENCODING, ENCODINGS);
        }
        response
    }
}

/// Shows an error with all its causes on one line.
struct ChainedError<'a>(&'a (dyn std::error::Error + Send + Sync));

impl std::fmt::Display for ChainedError<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(formatter, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Io { .. } | StoreError::Manifest { .. } => {
                tracing::error!(error = %ChainedError(&error), "the disk failed");
                Self::Unavailable {
                    reason: "the disk of this server fails or is full; its log tells more".into(),
                    retry_after_s: 1,
                }
            }
            other => Self::internal(other),
        }
    }
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Catalog(error) => error.into(),
            RefreshError::Store(error) => error.into(),
            RefreshError::Panicked(error) => Self::internal(error),
        }
    }
}

impl From<CatalogError> for ApiError {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::NotFound { .. } => Self::NotFound(error.to_string()),
            CatalogError::Taken { .. }
            | CatalogError::SetupClosed
            | CatalogError::LastOwner { .. } => Self::Conflict(error.to_string()),
            CatalogError::Invalid { field, reason } => Self::field(field, reason),
            CatalogError::SetupTokenWrong | CatalogError::LinkSpent => {
                Self::Forbidden(error.to_string())
            }
            CatalogError::Overloaded | CatalogError::Locked { .. } | CatalogError::Away(_) => {
                Self::Unavailable {
                    reason: error.to_string(),
                    retry_after_s: 1,
                }
            }
            other => Self::internal(other),
        }
    }
}

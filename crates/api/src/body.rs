//! Reads the JSON body of a request into a type, and says in our own words what is wrong with it.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::router::Shared;

/// The whole body, decompressed, within the limit.
#[derive(Debug)]
pub(crate) struct Body(pub(crate) Bytes);

impl FromRequest<Shared> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, ApiError> {
        let reading = Bytes::from_request(request, app);
        match tokio::time::timeout(app.http.body_timeout, reading).await {
            Ok(read) => read.map(Self).map_err(from_rejection),
            Err(_) => Err(ApiError::TooSlow(
                "the body did not come in time; send it again, in smaller parts".to_owned(),
            )),
        }
    }
}

/// A JSON body of a known shape.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, ApiError> {
        let Body(bytes) = Body::from_request(request, app).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| ApiError::BadRequest(format!("the body does not fit: {error}")))
    }
}

fn from_rejection(rejection: BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let text = "the body is larger than this server takes; send it in parts";
        return ApiError::TooLarge(text.to_owned());
    }
    ApiError::BadRequest(format!(
        "the body could not be read: {}",
        rejection.body_text()
    ))
}

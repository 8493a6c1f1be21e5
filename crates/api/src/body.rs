//! Reads the body of a request, unpacked and within the limit, or the JSON of one into a type, and
//! says in our own words what is wrong with it.

mod unpack;

use axum::extract::{FromRequest, Request};
use axum::http::header;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::router::Shared;
use unpack::Encoding;

/// The whole body, unpacked, within the limit.
#[derive(Debug)]
pub(crate) struct Body(pub(crate) Bytes);

impl FromRequest<Shared> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, ApiError> {
        let encoding = Encoding::of(request.headers().get(header::CONTENT_ENCODING))?;
        let bytes_max = app.http.body_bytes_max;
        let reading = read(request.into_body(), bytes_max);
        let bytes = match tokio::time::timeout(app.http.body_timeout, reading).await {
            Ok(read) => read?,
            Err(_) => {
                let text = "the body did not come in time; send it again, in smaller parts";
                return Err(ApiError::TooSlow(text.to_owned()));
            }
        };
        match encoding {
            None => Ok(Self(bytes)),
            Some(encoding) => encoding.unpack(&bytes, bytes_max).map(Self),
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

/// Reads to the end. The body of an event is usually one piece, which is not copied.
async fn read(body: axum::body::Body, bytes_max: usize) -> Result<Bytes, ApiError> {
    let mut pieces = body.into_data_stream();
    let Some(first) = next(&mut pieces, bytes_max).await? else {
        return Ok(Bytes::new());
    };
    let Some(second) = next(&mut pieces, bytes_max - first.len()).await? else {
        return Ok(first);
    };
    let mut whole = BytesMut::from(first);
    whole.extend_from_slice(&second);
    while let Some(piece) = next(&mut pieces, bytes_max - whole.len()).await? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// The next piece of a body that may have so many bytes more.
async fn next(
    pieces: &mut axum::body::BodyDataStream,
    room: usize,
) -> Result<Option<Bytes>, ApiError> {
    match pieces.next().await.transpose() {
        Ok(Some(piece)) if piece.len() > room => Err(too_large()),
        Ok(piece) => Ok(piece),
        Err(error) => Err(ApiError::BadRequest(format!(
            "the body could not be read: {error}"
        ))),
    }
}

/// The content of a body that is packed although no header says so.
pub(crate) fn gunzip(packed: &[u8], bytes_max: usize) -> Result<Bytes, ApiError> {
    Encoding::Gzip.unpack(packed, bytes_max)
}

fn too_large() -> ApiError {
    let text = "the body is larger than this server takes; send it in parts";
    ApiError::TooLarge(text.to_owned())
}

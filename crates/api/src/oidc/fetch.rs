//! The one way out to the provider: a function that sends a request, given by whoever wires the
//! parts. Here is only what is asked for and how much of an answer is read.

use std::future::Future;
use std::pin::Pin;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request, Response, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::de::DeserializeOwned;

/// Largest answer of a provider, bytes.
const ANSWER_BYTES_MAX: usize = 256 << 10;

/// Why there is no answer to use.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(pub String);

type Fetching = Pin<Box<dyn Future<Output = Result<Response<Bytes>, FetchError>> + Send>>;

/// Sends requests to the provider. It follows no redirect.
#[expect(missing_debug_implementations, reason = "it is a function")]
pub struct Fetch(Box<dyn Fn(Request<Bytes>) -> Fetching + Send + Sync>);

impl Fetch {
    /// What sends requests is this function.
    pub fn new(send: impl Fn(Request<Bytes>) -> Fetching + Send + Sync + 'static) -> Self {
        Self(Box::new(send))
    }

    /// The JSON at an address.
    pub(super) async fn json<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        let request = Request::builder()
            .method(Method::GET)
            .uri(url)
            .header(ACCEPT, "application/json");
        self.answer(url, request.body(Bytes::new())).await
    }

    /// Sends a form, with name and secret in the header if they are given, and reads JSON.
    pub(super) async fn form<T: DeserializeOwned>(
        &self,
        url: &str,
        fields: &[(&str, &str)],
        credentials: Option<(&str, &str)>,
    ) -> Result<T, FetchError> {
        let encoded = |text: &str| -> String {
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
        };
        let form: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some((name, secret)) = credentials {
            let pair = format!("{}:{}", encoded(name), encoded(secret));
            let basic = format!("Basic {}", BASE64_STANDARD.encode(pair));
            request = request.header(AUTHORIZATION, basic);
        }
        self.answer(url, request.body(Bytes::from(form.join("&"))))
            .await
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        url: &str,
        request: axum::http::Result<Request<Bytes>>,
    ) -> Result<T, FetchError> {
        let wrong = |reason: &str| FetchError(format!("{url}: {reason}"));
        let asked = request.map_err(|_| wrong("is no address"))?;
        let response = (self.0)(asked).await?;
        if response.status() != StatusCode::OK {
            return Err(wrong(&format!("answered {}", response.status())));
        }
        if response.body().len() > ANSWER_BYTES_MAX {
            return Err(wrong("answered too much"));
        }
        serde_json::from_slice(response.body()).map_err(|_| wrong("answered something else"))
    }
}

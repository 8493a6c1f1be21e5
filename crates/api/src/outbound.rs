//! The one way out: every HTTP request that the server makes itself goes through [`Outbound`],
//! which judges where it may go and connects to the very address that it judged. It uses no proxy,
//! keeps no connection and no cookie, unpacks nothing, and follows nothing unless it is asked to.
//!
//! Reading order: `target` judges the text of an address, `network` what a name stands for,
//! `exchange` speaks HTTP within limits. `policy` is what an operator may add to the rules.

mod exchange;
mod network;
mod policy;
mod target;
mod world;

use std::sync::Arc;
use std::time::Duration;

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header,
};
use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;

use policy::Policy;
pub use policy::{AuthoritiesError, Destination, OutboundSettings};
pub use target::Refused;
use target::Target;
use world::World;

/// Requests under way at the same time; a further one waits, within its own time.
const AT_ONCE_MAX: usize = 32;
/// Longest that a request may take, from the name to the last byte, unless it says otherwise.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Largest body of an answer, bytes, unless a request says otherwise.
const BODY_BYTES_MAX: usize = 1 << 20;

/// A request, with what its answer may cost.
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
    redirects_max: u8,
    body_bytes_max: usize,
    time_max: Duration,
}

impl Call {
    /// Asks for what is at an address.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            redirects_max: 0,
            body_bytes_max: BODY_BYTES_MAX,
            time_max: TIME_MAX,
        }
    }

    /// Sends a body of that type to an address.
    #[must_use]
    pub fn post(
        url: impl Into<String>,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let call = Self {
            method: Method::POST,
            body: body.into(),
            ..Self::get(url)
        };
        call.header(header::CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// Adds a header. `host`, `connection`, `content-length` and their like are set by the client
    /// itself, whatever is said here.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Follows an answer to another address that many times, each judged like the first. Only
    /// requests that ask are sent on, never from https to http, and to another host without the
    /// headers that were given.
    #[must_use]
    pub fn redirects(mut self, redirects_max: u8) -> Self {
        self.redirects_max = redirects_max;
        self
    }

    /// The largest body that is read of the answer, bytes.
    #[must_use]
    pub fn body_bytes_max(mut self, body_bytes_max: usize) -> Self {
        self.body_bytes_max = body_bytes_max;
        self
    }

    /// The longest that everything may take.
    #[must_use]
    pub fn time_max(mut self, time_max: Duration) -> Self {
        self.time_max = time_max;
        self
    }
}

impl<B: Into<Bytes>> From<Request<B>> for Call {
    /// For libraries that make requests themselves and leave the sending to others.
    fn from(request: Request<B>) -> Self {
        let (head, body) = request.into_parts();
        Self {
            method: head.method,
            headers: head.headers,
            body: body.into(),
            ..Self::get(head.uri.to_string())
        }
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, packed if whoever answered packed it unasked.
    pub body: Bytes,
    /// The address that gave the answer: another one than was asked where redirects were followed.
    pub url: url::Url,
}

impl From<Reply> for Response<Bytes> {
    fn from(reply: Reply) -> Self {
        let mut response = Response::new(reply.body);
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        response
    }
}

/// Why there is no answer. No text holds anything of an answer, or an address that a name stands
/// for: whoever may name a destination may not look around in the network with it.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The address may not be asked.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The name stands for nothing.
    #[error("no address is known for the host {host:?}; look whether it is spelt right")]
    Unresolved {
        /// The name.
        host: String,
    },
    /// Nobody took the connection.
    #[error("{host:?} cannot be reached")]
    Unreachable {
        /// Who was asked.
        host: String,
    },
    /// The other side could not show that it is who it should be.
    #[error("{host:?} shows no certificate that can be trusted")]
    Certificate {
        /// Who was asked.
        host: String,
    },
    /// It took too long.
    #[error("{host:?} did not answer within {} s", time_max.as_secs())]
    TimedOut {
        /// Who was asked.
        host: String,
        /// The time there was.
        time_max: Duration,
    },
    /// The answer is no HTTP, ended early, or has too large a head.
    #[error("the answer of {host:?} is no HTTP that can be read")]
    Unreadable {
        /// Who was asked.
        host: String,
    },
    /// The body is larger than the request wants to know.
    #[error("the answer of {host:?} is longer than {bytes_max} bytes")]
    TooLong {
        /// Who was asked.
        host: String,
        /// The limit of the request.
        bytes_max: usize,
    },
    /// An answer led on to another address once more than the request allows.
    #[error("{host:?} leads on more often than {redirects_max} times")]
    LedOn {
        /// Who led on last.
        host: String,
        /// The limit of the request.
        redirects_max: u8,
    },
}

/// The client. Clones share their limits.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "its parts are functions")]
pub struct Outbound(Arc<Parts>);

struct Parts {
    policy: Policy,
    world: World,
    tls: TlsConnector,
    places: Semaphore,
}

impl Outbound {
    /// A client that resolves names as this machine does.
    ///
    /// # Errors
    /// The operator's certificate authorities are none.
    pub fn new(settings: &OutboundSettings) -> Result<Self, AuthoritiesError> {
        Self::in_world(settings, World::system())
    }

    fn in_world(settings: &OutboundSettings, world: World) -> Result<Self, AuthoritiesError> {
        Ok(Self(Arc::new(Parts {
            tls: settings.connector()?,
            policy: settings.policy(),
            world,
            places: Semaphore::new(AT_ONCE_MAX),
        })))
    }

    /// Whether an address may be asked as far as its text tells, for what is saved to be asked
    /// later. What its name stands for is judged at each request.
    ///
    /// # Errors
    /// It may not; the reason says what would be right.
    pub fn admits(&self, url: &str) -> Result<(), Refused> {
        let target = Target::parse(url, &self.0.policy)?;
        match target.literal() {
            Some(address) => target.judge(address),
            None => Ok(()),
        }
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    /// The address may not be asked, or no answer came within the limits. An answer that tells of
    /// a failure is an answer.
    pub async fn send(&self, call: Call) -> Result<Reply, OutboundError> {
        let time_max = call.time_max;
        let host = host_of(&call.url);
        let outcome = match tokio::time::timeout(time_max, self.send_in_turn(call)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(OutboundError::TimedOut { host, time_max }),
        };
        let name = match &outcome {
            Ok(_) => "answered",
            Err(OutboundError::Refused(_)) => "refused",
            Err(_) => "failed",
        };
        metrics::counter!("almanac_outbound_requests_total", "outcome" => name).increment(1);
        outcome
    }

    async fn send_in_turn(&self, mut call: Call) -> Result<Reply, OutboundError> {
        // The semaphore lives as long as the client and is never closed.
        let _place = self.0.places.acquire().await;
        let mut target = Target::parse(&call.url, &self.0.policy)?;
        for _ in 0..=call.redirects_max {
            let reply = self.send_once(&target, &call).await?;
            let Some(next) = led_on(&call, &target, &reply) else {
                return Ok(reply);
            };
            let next = Target::parse(&next, &self.0.policy)?;
            if next.host_text() != target.host_text() || next.port() != target.port() {
                call.headers.clear();
            }
            target = next;
        }
        Err(OutboundError::LedOn {
            host: target.host_text().to_owned(),
            redirects_max: call.redirects_max,
        })
    }

    async fn send_once(&self, target: &Target, call: &Call) -> Result<Reply, OutboundError> {
        let addresses = network::addresses(target, &self.0.world).await?;
        let stream = exchange::connect(target, &addresses, &self.0.world).await?;
        exchange::exchange(target, call, stream, &self.0.tls).await
    }
}

/// Where an answer leads, if the request wants to follow. A way from https to http is none.
fn led_on(call: &Call, target: &Target, reply: &Reply) -> Option<String> {
    if call.redirects_max == 0 || call.method != Method::GET {
        return None;
    }
    if !matches!(reply.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = reply.headers.get(header::LOCATION)?.to_str().ok()?;
    let next = target.url().join(location).ok()?;
    if target.is_tls() && next.scheme() != "https" {
        return None;
    }
    Some(next.into())
}

/// Who is asked, for messages.
fn host_of(url: &str) -> String {
    url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;

//! One request and one answer over one connection of its own, with a limit on every part of the
//! answer. Whether the address may be asked was decided before; this refuses to ask any other.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use axum::http::{HeaderValue, Request, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::target::Target;
use super::world::World;
use super::{Call, OutboundError, Reply};

/// Longest that one address may take to accept a connection.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// Addresses of a name that are tried, in the order of the answer.
const ATTEMPTS_MAX: usize = 3;
/// Headers of an answer.
const HEADERS_MAX: usize = 100;
/// Read buffer of a connection, bytes; it bounds the head of an answer too.
const READ_BUFFER_BYTES_MAX: usize = 32 * 1024;

/// Headers that only this file sets: with others a request could mean two things, or an answer
/// come packed.
const OWN_HEADERS: [header::HeaderName; 8] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
    header::EXPECT,
    header::ACCEPT_ENCODING,
];

const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("Almanac/", env!("CARGO_PKG_VERSION")));

/// A connection to the first of these addresses that takes one.
pub(super) async fn connect(
    target: &Target,
    addresses: &[IpAddr],
    world: &World,
) -> Result<TcpStream, OutboundError> {
    for ip in addresses.iter().take(ATTEMPTS_MAX) {
        let connecting = world.connect(SocketAddr::new(*ip, target.port()));
        match tokio::time::timeout(CONNECT_TIME_MAX, connecting).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => tracing::debug!(%error, host = target.host_text(), "no connection"),
            Err(_) => tracing::debug!(host = target.host_text(), "no connection in time"),
        }
    }
    let host = target.host_text().to_owned();
    Err(OutboundError::Unreachable { host })
}

/// Asks over that connection, with TLS where the address says so.
pub(super) async fn exchange(
    target: &Target,
    call: &Call,
    stream: TcpStream,
    tls: &TlsConnector,
) -> Result<Reply, OutboundError> {
    if !target.is_tls() {
        return converse(target, call, stream).await;
    }
    let distrusted = || OutboundError::Certificate {
        host: target.host_text().to_owned(),
    };
    let name = match target.literal() {
        Some(address) => ServerName::from(address),
        None => ServerName::try_from(target.host_text().to_owned()).map_err(|_| distrusted())?,
    };
    match tls.connect(name, stream).await {
        Ok(stream) => converse(target, call, stream).await,
        Err(error) => {
            tracing::debug!(%error, host = target.host_text(), "no TLS came about");
            Err(distrusted())
        }
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    target: &Target,
    call: &Call,
    stream: S,
) -> Result<Reply, OutboundError> {
    let unreadable = |error: hyper::Error| {
        tracing::debug!(%error, host = target.host_text(), "no answer in HTTP");
        OutboundError::Unreadable {
            host: target.host_text().to_owned(),
        }
    };
    let (sender, connection) = Builder::new()
        .max_headers(HEADERS_MAX)
        .max_buf_size(READ_BUFFER_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(unreadable)?;
    let mut connection = pin!(connection);
    let mut asking = pin!(ask(target, call, sender));
    // The connection moves while the answer is waited for. What it has read is still there for the
    // answer when it ends first, and so is its error.
    tokio::select! {
        reply = &mut asking => return reply,
        ended = &mut connection => if let Err(error) = ended {
            tracing::debug!(%error, host = target.host_text(), "a connection ended early");
        },
    }
    asking.await
}

async fn ask(
    target: &Target,
    call: &Call,
    mut sender: SendRequest<Full<Bytes>>,
) -> Result<Reply, OutboundError> {
    let host = || target.host_text().to_owned();
    let unreadable = || OutboundError::Unreadable { host: host() };
    let request = request(target, call).ok_or_else(unreadable)?;
    let answer = sender.send_request(request).await;
    let (head, body) = answer.map_err(|_| unreadable())?.into_parts();
    let body = Limited::new(body, call.body_bytes_max).collect().await;
    let body = body.map_err(|error| {
        if error.is::<LengthLimitError>() {
            let bytes_max = call.body_bytes_max;
            return OutboundError::TooLong {
                host: host(),
                bytes_max,
            };
        }
        unreadable()
    })?;
    Ok(Reply {
        status: head.status,
        headers: head.headers,
        body: body.to_bytes(),
        url: target.url().clone(),
    })
}

/// The request as it is sent. There is none where path or host cannot stand in one.
fn request(target: &Target, call: &Call) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::new(Full::new(call.body.clone()));
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = target.path_and_query().parse().ok()?;
    let headers = request.headers_mut();
    headers.clone_from(&call.headers);
    for name in OWN_HEADERS {
        headers.remove(name);
    }
    headers.insert(header::HOST, target.authority().parse().ok()?);
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    headers.insert(
        header::ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    headers.entry(header::USER_AGENT).or_insert(USER_AGENT);
    Some(request)
}

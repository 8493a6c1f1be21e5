//! The accept loop: connections in, the router's answers out. It owns every limit on connections
//! (how many, how long a header may take, how long a stop may take) and knows nothing of routes.

mod patient;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, header};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::Service;

use patient::Patient;
pub use tls::{Certificate, CertificateError};

/// How long to wait after `accept` itself fails (out of file descriptors, say) before trying again.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);
/// Read buffer of one connection, bytes; it bounds the size of a request's head too.
const READ_BUFFER_BYTES_MAX: usize = 16 * 1024;

/// Limits on connections.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Most connections at once; a further one is closed before it is read.
    pub connections_max: usize,
    /// How long a client may take to send the head of a request.
    pub header_timeout: Duration,
    /// How long an answer may wait for its client to read on.
    pub write_timeout: Duration,
    /// How long open requests may go on after a stop was asked for.
    pub drain_timeout: Duration,
}

/// Accepts and serves connections until `stop` turns true, then lets open requests finish. With a
/// certificate every connection speaks TLS.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    certificate: Option<watch::Receiver<Certificate>>,
    mut stop: watch::Receiver<bool>,
) {
    let permits = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    let connections = Connections {
        router,
        builder: connection_builder(&limits),
        certificate,
        header_timeout: limits.header_timeout,
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stopping| *stopping) => break,
        };
        let (stream, peer) = match accepted {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_RETRY).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            metrics::counter!("almanac_connections_refused_total").increment(1);
            continue;
        };
        let stream = Patient::new(without_delay(stream), limits.write_timeout);
        connections.spawn(stream, peer, permit, graceful.watcher());
    }
    drop(listener);
    if tokio::time::timeout(limits.drain_timeout, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests were still open when the drain timeout ended");
    }
}

/// HTTP/1.1 alone, which is what proxies speak to a server behind them. To wait for the first bytes
/// in order to tell the protocol would be a wait without a limit.
fn connection_builder(limits: &ConnectionLimits) -> Builder {
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(READ_BUFFER_BYTES_MAX);
    builder
}

/// Small answers must not wait for more data to fill a packet.
fn without_delay(stream: TcpStream) -> TcpStream {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "nodelay could not be set");
    }
    stream
}

/// What every connection is served with.
struct Connections {
    router: Router,
    builder: Builder,
    certificate: Option<watch::Receiver<Certificate>>,
    header_timeout: Duration,
}

impl Connections {
    fn spawn(
        &self,
        stream: Patient<TcpStream>,
        peer: SocketAddr,
        permit: OwnedSemaphorePermit,
        watcher: Watcher,
    ) {
        let (router, builder) = (self.router.clone(), self.builder.clone());
        let (certificate, patience) = (self.certificate.clone(), self.header_timeout);
        tokio::spawn(async move {
            metrics::gauge!("almanac_connections").increment(1.0);
            match certificate {
                None => converse(stream, peer, router, &builder, watcher).await,
                Some(certificate) => match tls::shake(&certificate, stream, patience).await {
                    Ok(stream) => converse(stream, peer, router, &builder, watcher).await,
                    Err(error) => tracing::debug!(%error, "no TLS came about"),
                },
            }
            metrics::gauge!("almanac_connections").decrement(1.0);
            drop(permit);
        });
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin + 'static>(
    stream: S,
    peer: SocketAddr,
    router: Router,
    builder: &Builder,
    watcher: Watcher,
) {
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        // A body in chunks may have had a length beside it, which a proxy in front may have gone
        // by: what it takes for a body must not become a request here. So nothing follows it.
        let is_last = request.headers().contains_key(header::TRANSFER_ENCODING);
        let answering = router.clone().call(request);
        async move {
            let mut answered = answering.await;
            if let (true, Ok(response)) = (is_last, &mut answered) {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            answered
        }
    });
    let connection = watcher.watch(builder.serve_connection(TokioIo::new(stream), service));
    // A client that goes away in the middle is everyday life, not an error of ours.
    if let Err(error) = connection.await {
        tracing::debug!(%error, "connection ended early");
    }
}

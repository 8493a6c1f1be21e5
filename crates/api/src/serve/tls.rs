//! TLS in front of HTTP: the handshake, with the certificate of the moment and within the time that
//! a client has for a head. Where certificates come from is not known here.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// The protocol spoken inside, as a client may ask for it.
const ALPN: &[u8] = b"http/1.1";

/// A certificate that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The chain is no PEM, or holds no certificate.
    #[error("the chain holds no certificate in PEM: {0}")]
    Chain(pem::Error),
    /// The key is no PEM, or holds no private key.
    #[error("the key file holds no private key in PEM: {0}")]
    Key(pem::Error),
    /// Key and certificate do not belong together, or are of a kind that is not known.
    #[error("the key does not belong to the certificate, or cannot be used: {0}")]
    Mismatch(rustls::Error),
}

/// A certificate with its key, ready to be served.
#[derive(Debug, Clone)]
pub struct Certificate(Arc<ServerConfig>);

impl Certificate {
    /// Reads a chain, the server's own certificate first, and its private key, both in PEM. TLS 1.2
    /// and 1.3 are spoken, with the ciphers that rustls holds to be safe.
    ///
    /// # Errors
    /// One of the two cannot be read, or they do not belong together.
    pub fn read(chain: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(CertificateError::Chain)?;
        if chain.is_empty() {
            return Err(CertificateError::Chain(pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(CertificateError::Key)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(CertificateError::Mismatch)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(CertificateError::Mismatch)?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// Shakes hands with a client.
    #[cfg(test)]
    pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        self,
        stream: S,
    ) -> io::Result<TlsStream<S>> {
        TlsAcceptor::from(self.0).accept(stream).await
    }
}

/// Takes the certificate of the moment for every new connection.
pub(super) async fn shake<S: AsyncRead + AsyncWrite + Unpin>(
    certificate: &watch::Receiver<Certificate>,
    stream: S,
    patience: Duration,
) -> io::Result<TlsStream<S>> {
    let Certificate(config) = certificate.borrow().clone();
    tokio::time::timeout(patience, TlsAcceptor::from(config).accept(stream)).await?
}

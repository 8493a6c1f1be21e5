//! TLS in front of HTTP: the handshake, with the certificate of the moment and within the time that
//! a client has for a head; and the answers to challenges of an ACME authority, which come over TLS
//! too (RFC 8737). Where certificates come from is not known here.

mod validity;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{Acceptor, ClientHello, WantsServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{self, ConfigBuilder, ServerConfig};
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor, server::TlsStream};

/// The protocol spoken inside, as a client may ask for it.
const ALPN: &[u8] = b"http/1.1";
/// The protocol that an ACME authority asks for when it looks at an answer.
const CHALLENGE_ALPN: &[u8] = b"acme-tls/1";

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
pub struct Certificate {
    config: Arc<ServerConfig>,
    validity_s: Option<(i64, i64)>,
    fingerprint: i64,
    /// Answers to challenges, by host.
    challenges: BTreeMap<String, Arc<ServerConfig>>,
}

impl Certificate {
    /// Reads a chain, the server's own certificate first, and its private key, both in PEM. TLS 1.2
    /// and 1.3 are spoken, with the ciphers that rustls holds to be safe.
    ///
    /// # Errors
    /// One of the two cannot be read, or they do not belong together.
    pub fn read(chain: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        let (chain, key) = parse(chain, key)?;
        let Some(own) = chain.first() else {
            return Err(CertificateError::Chain(pem::Error::NoItemsFound));
        };
        let validity_s = validity::of(own);
        let [a, b, c, d, ..] = *blake3::hash(own).as_bytes();
        let builder = builder()?.with_single_cert(chain, key);
        let mut config = builder.map_err(CertificateError::Mismatch)?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self {
            config: Arc::new(config),
            validity_s,
            fingerprint: i64::from(u32::from_be_bytes([a, b, c, d])),
            challenges: BTreeMap::new(),
        })
    }

    /// The first and the last second in which it is valid, since 1970, where it tells.
    pub fn validity_s(&self) -> Option<(i64, i64)> {
        self.validity_s
    }

    /// A number that is another one for another certificate, as a rule.
    pub fn fingerprint(&self) -> i64 {
        self.fingerprint
    }

    /// Shows another certificate, with its key and both in PEM, to an ACME authority that looks at
    /// this host. What only an authority understands may be in it.
    ///
    /// # Errors
    /// One of the two cannot be read.
    pub fn answer_challenge(
        &mut self,
        host: &str,
        chain: &[u8],
        key: &[u8],
    ) -> Result<(), CertificateError> {
        let (chain, key) = parse(chain, key)?;
        let key = ring::default_provider().key_provider.load_private_key(key);
        let shown = CertifiedKey::new(chain, key.map_err(CertificateError::Mismatch)?);
        let shown = Arc::new(SingleCertAndKey::from(shown));
        let mut config = builder()?.with_cert_resolver(shown);
        config.alpn_protocols = vec![CHALLENGE_ALPN.to_vec()];
        self.challenges.insert(host.to_owned(), Arc::new(config));
        Ok(())
    }

    /// Shows this certificate to everybody again.
    pub fn forget_challenges(&mut self) {
        self.challenges.clear();
    }

    /// What a client with this greeting is shown.
    fn shown_to(&self, hello: &ClientHello<'_>) -> &Arc<ServerConfig> {
        let mut asked = hello.alpn().into_iter().flatten();
        let is_authority = asked.any(|protocol| protocol == CHALLENGE_ALPN);
        let host = hello.server_name().filter(|_| is_authority);
        host.and_then(|host| self.challenges.get(host))
            .unwrap_or(&self.config)
    }

    /// Shakes hands with a client.
    pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        self,
        stream: S,
    ) -> io::Result<TlsStream<S>> {
        if self.challenges.is_empty() {
            return TlsAcceptor::from(self.config).accept(stream).await;
        }
        let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let config = Arc::clone(self.shown_to(&begun.client_hello()));
        begun.into_stream(config).await
    }
}

type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn parse(chain: &[u8], key: &[u8]) -> Result<Pair, CertificateError> {
    let chain = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .map_err(CertificateError::Chain)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(CertificateError::Key)?;
    Ok((chain, key))
}

fn builder() -> Result<ConfigBuilder<ServerConfig, WantsServerCert>, CertificateError> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(CertificateError::Mismatch)?;
    Ok(builder.with_no_client_auth())
}

/// Takes the certificate of the moment for every new connection.
pub(super) async fn shake<S: AsyncRead + AsyncWrite + Unpin>(
    certificate: &watch::Receiver<Certificate>,
    stream: S,
    patience: Duration,
) -> io::Result<TlsStream<S>> {
    let certificate = certificate.borrow().clone();
    tokio::time::timeout(patience, certificate.accept(stream)).await?
}

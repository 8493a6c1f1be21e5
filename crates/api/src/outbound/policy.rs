//! What an operator may add to the rules: internal destinations, one by one, further ports, and
//! certificate authorities of one's own. Nothing can be taken away from the rules.

use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// The ports that any public host may be asked at.
const PORTS: [u16; 2] = [80, 443];

/// The protocol spoken inside of TLS.
const ALPN: &[u8] = b"http/1.1";

/// A host and a port that the operator vouches for, wherever they lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    host: String,
    port: u16,
}

impl Destination {
    /// Reads `host:port`, the host as it stands in addresses: `login.lan:8443`, `127.0.0.1:9000`,
    /// `[::1]:9000`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let url = url::Url::parse(&format!("http://{host}/")).ok()?;
        let port = port.parse().ok().filter(|port| *port != 0)?;
        let host = host.to_ascii_lowercase();
        (url.host_str() == Some(host.as_str())).then_some(Self { host, port })
    }
}

/// What the operator has set.
#[derive(Debug, Clone, Default)]
pub struct OutboundSettings {
    /// Destinations that may be asked although they are internal.
    pub trusted: Vec<Destination>,
    /// Ports beside 80 and 443 that any public host may be asked at.
    pub ports: Vec<u16>,
    /// Certificate authorities that are believed beside the public ones: PEM, or nothing.
    pub authorities: Vec<u8>,
}

/// The operator's certificate authorities are none.
#[derive(Debug, thiserror::Error)]
pub enum AuthoritiesError {
    /// The text is no PEM.
    #[error("the certificate authorities are no PEM: {0}")]
    Pem(pem::Error),
    /// There is text, and no certificate in it.
    #[error("the file of certificate authorities holds no certificate")]
    Empty,
    /// A certificate cannot be used.
    #[error("a certificate authority cannot be used: {0}")]
    Unusable(rustls::Error),
}

/// The settings that destinations are judged by.
#[derive(Debug)]
pub(super) struct Policy {
    trusted: Vec<Destination>,
    ports: Vec<u16>,
}

impl Policy {
    pub(super) fn trusts(&self, host: &str, port: u16) -> bool {
        let named = |trusted: &Destination| trusted.host == host && trusted.port == port;
        self.trusted.iter().any(named)
    }

    pub(super) fn allows_port(&self, port: u16) -> bool {
        PORTS.contains(&port) || self.ports.contains(&port)
    }
}

impl OutboundSettings {
    pub(super) fn policy(&self) -> Policy {
        Policy {
            trusted: self.trusted.clone(),
            ports: self.ports.clone(),
        }
    }

    /// TLS that believes the public authorities and the operator's.
    pub(super) fn connector(&self) -> Result<TlsConnector, AuthoritiesError> {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let own: Vec<_> = CertificateDer::pem_slice_iter(&self.authorities)
            .collect::<Result<_, _>>()
            .map_err(AuthoritiesError::Pem)?;
        if own.is_empty() && !self.authorities.is_empty() {
            return Err(AuthoritiesError::Empty);
        }
        for certificate in own {
            roots.add(certificate).map_err(AuthoritiesError::Unusable)?;
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(AuthoritiesError::Unusable)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

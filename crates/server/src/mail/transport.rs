//! One letter to one mail server, by SMTP over rustls. A failure is told in words of our own,
//! because what mail servers say tends to repeat the address that was written to.

use std::error::Error;
use std::time::Duration;

use almanac_api::Mail;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::unusable;
use crate::cli::Failure;
use crate::config::{Mail as Settings, MailTls};

/// Longest that a mail server may keep us waiting for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a letter was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// In our words; it names no address.
    pub(crate) reason: String,
    /// Whether trying again is of no use.
    pub(crate) is_final: bool,
}

/// The way to the mail server.
#[derive(Debug)]
pub(crate) struct Post {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Post {
    /// The way that is configured; nothing where none is.
    pub(crate) fn new(settings: &Settings) -> Result<Option<Self>, Failure> {
        let (Some(host), Some(from)) = (&settings.host, &settings.from) else {
            return Ok(None);
        };
        let tls = match settings.tls {
            MailTls::StartTls => Tls::Required(trust(host, settings)?),
            MailTls::Tls => Tls::Wrapper(trust(host, settings)?),
            MailTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host.as_str())
            .port(settings.port())
            .tls(tls)
            .timeout(Some(PATIENCE))
            // The sender's domain: the name of this machine is nobody's business.
            .hello_name(ClientId::Domain(from.email.domain().to_owned()));
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Some(Self {
            from: from.clone(),
            transport: builder.build(),
        }))
    }

    /// Gives a letter to the mail server.
    pub(crate) async fn deliver(&self, mail: &Mail) -> Result<(), Trouble> {
        let message = self.written(mail)?;
        let sent = self.transport.send(message).await;
        sent.map(drop).map_err(|error| told(&error))
    }

    /// Whether the mail server answers, with TLS and the name to sign in with as configured.
    pub(crate) async fn try_it(&self) -> Result<(), Trouble> {
        let unwilling = Trouble {
            reason: "the mail server does not answer as one".to_owned(),
            is_final: false,
        };
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(unwilling),
            Err(error) => Err(told(&error)),
        }
    }

    /// The message. An address is parsed and never pasted, so that none can bring a header along.
    fn written(&self, mail: &Mail) -> Result<Message, Trouble> {
        let unfit = |_| Trouble {
            reason: "the address is none that mail can be sent to".to_owned(),
            is_final: true,
        };
        let to: Address = mail.to.parse().map_err(unfit)?;
        let id = format!("<{}@{}>", uuid::Uuid::new_v4(), self.from.email.domain());
        let built = Message::builder()
            .message_id(Some(id))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone());
        built.map_err(|_| Trouble {
            reason: "the letter cannot be written".to_owned(),
            is_final: true,
        })
    }
}

/// Whom to believe that they are the mail server: public authorities, and those of the operator.
fn trust(host: &str, settings: &Settings) -> Result<TlsParameters, Failure> {
    let mut builder =
        TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(path) = &settings.ca_file {
        let shown = path.display();
        let pem = std::fs::read(path)
            .map_err(|error| unusable(&format!("ALMANAC_MAIL_CA_FILE {shown}: {error}")))?;
        let certificate = Certificate::from_pem(&pem).map_err(|_| {
            unusable(&format!(
                "ALMANAC_MAIL_CA_FILE {shown} is no PEM certificate"
            ))
        })?;
        builder = builder.add_root_certificate(certificate);
    }
    builder
        .build_rustls()
        .map_err(|error| unusable(&format!("TLS: {error}")))
}

/// Whether the handshake ended because of a certificate: that comes as a broken connection, and
/// only its cause tells.
fn is_about_trust(error: &SmtpError) -> bool {
    let mut cause = error.source();
    while let Some(each) = cause {
        if each.to_string().contains("certificate") {
            return true;
        }
        cause = each.source();
    }
    false
}

/// An error in our words. The code is the mail server's, its text is not repeated.
fn told(error: &SmtpError) -> Trouble {
    let code = error.status().map(|code| code.to_string());
    let code = code.unwrap_or_default();
    let reason = if error.is_permanent() {
        format!("the mail server refused it for good ({code})")
    } else if error.is_transient() {
        format!("the mail server cannot take it now ({code})")
    } else if error.is_tls() || is_about_trust(error) {
        "no TLS with the mail server: its certificate is not trusted, or it has none".to_owned()
    } else if error.is_timeout() {
        "the mail server did not answer in time".to_owned()
    } else if error.is_client() {
        "the mail server does not offer what is asked for: STARTTLS, or a way to sign in".to_owned()
    } else {
        "the mail server cannot be reached, or ended the connection".to_owned()
    };
    Trouble {
        reason,
        is_final: error.is_permanent(),
    }
}

//! Certificates from an authority that speaks ACME (RFC 8555): asked for where there is none, and
//! again at two thirds of its life. Challenges are answered inside TLS (`tls-alpn-01`, RFC 8737),
//! so only the port of HTTPS has to be open. What cannot be had is tried again later; the
//! certificate of the moment goes on.

mod client;
mod folder;

use std::time::Duration;

use almanac_api::{Certificate, Outbound};
use almanac_model::Clock;
use anyhow::Context;
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, OrderStatus,
    RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use tokio::sync::watch;

use client::Client;
use folder::Folder;

use crate::config::Config;
use crate::wiring;

/// Longest that an authority may take to look at a challenge, or to make a certificate.
const PATIENCE: Duration = Duration::from_secs(180);
/// The first wait after a failure; each further one is twice as long.
const RETRY_FIRST: Duration = Duration::from_secs(60);
/// The longest wait after a failure. Authorities allow few orders that fail in an hour.
const RETRY_MAX: Duration = Duration::from_secs(6 * 3600);
/// How often it is looked whether a renewal is due, at most: clocks are set, machines sleep.
const LOOK: Duration = Duration::from_secs(3600);
/// Renewals of many servers are spread over this part of a certificate's life.
const JITTER_PARTS: i64 = 30;

/// The certificate of the moment: the last one that was got, or one that nobody trusts and that
/// only keeps the port open for the challenge. It is looked after until `stop`.
pub(super) fn watched(
    config: &Config,
    outbound: &Outbound,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<watch::Receiver<Certificate>> {
    let wish = &config.acme;
    let folder = Folder::open(&config.data.dir)?;
    let kept = folder.certificate(&wish.hosts).unwrap_or_else(|error| {
        tracing::warn!(error = %format!("{error:#}"), "the kept certificate is of no use");
        None
    });
    let acme = Acme {
        hosts: wish.hosts.clone(),
        contact: wish.contact.as_ref().map(|to| format!("mailto:{to}")),
        directory: wish.directory.clone(),
        folder,
        outbound: outbound.clone(),
        clock: wiring::system_clock(),
        has_one: kept.is_some(),
    };
    let first = kept.map_or_else(|| temporary(&acme.hosts), Ok)?;
    let (sender, receiver) = watch::channel(first);
    tokio::spawn(acme.look_after(sender, stop));
    Ok(receiver)
}

/// What is asked for, and how.
struct Acme {
    hosts: Vec<String>,
    contact: Option<String>,
    directory: String,
    folder: Folder,
    outbound: Outbound,
    clock: Clock,
    /// Whether there is a certificate of the authority already.
    has_one: bool,
}

impl Acme {
    /// Sees to it that there is a certificate, until `stop`.
    async fn look_after(
        mut self,
        certificate: watch::Sender<Certificate>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut failures = 0;
        loop {
            let wait = self.wait(&certificate.borrow(), failures);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = stop.wait_for(|stopping| *stopping) => return,
            }
            if failures == 0 && !self.wait(&certificate.borrow(), 0).is_zero() {
                continue;
            }
            let outcome = tokio::select! {
                outcome = self.renew(&certificate) => outcome,
                _ = stop.wait_for(|stopping| *stopping) => return,
            };
            let name = match outcome {
                Ok(()) => {
                    (failures, self.has_one) = (0, true);
                    tracing::info!(hosts = ?self.hosts, "a certificate was got and is served");
                    "done"
                }
                Err(error) => {
                    failures += 1;
                    let error = format!("{error:#}");
                    tracing::error!(%error, failures, "no certificate was got; it is tried again");
                    "failed"
                }
            };
            metrics::counter!("almanac_certificate_orders_total", "outcome" => name).increment(1);
        }
    }

    /// How long there is nothing to do.
    fn wait(&self, certificate: &Certificate, failures: u32) -> Duration {
        if let Some((_, ends_s)) = certificate.validity_s().filter(|_| self.has_one) {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
            metrics::gauge!("almanac_certificate_expires_at_seconds").set(ends_s as f64);
        }
        if failures > 0 {
            let doubled = RETRY_FIRST.saturating_mul(1 << failures.min(16).saturating_sub(1));
            return doubled.min(RETRY_MAX);
        }
        if !self.has_one {
            return Duration::ZERO;
        }
        let left = due_s(certificate) - (self.clock)().seconds();
        Duration::from_secs(u64::try_from(left).unwrap_or(0)).min(LOOK)
    }

    /// Gets a certificate, keeps it, and serves it.
    async fn renew(&self, certificate: &watch::Sender<Certificate>) -> anyhow::Result<()> {
        let ordered = self.order(certificate).await;
        certificate.send_modify(Certificate::forget_challenges);
        let (chain, key) = ordered?;
        let got = Certificate::read(chain.as_bytes(), key.as_bytes())
            .context("the authority's certificate cannot be used")?;
        self.folder.keep_certificate(&self.hosts, &chain, &key)?;
        certificate.send_replace(got);
        Ok(())
    }

    async fn order(
        &self,
        certificate: &watch::Sender<Certificate>,
    ) -> anyhow::Result<(String, String)> {
        let account = self.account().await?;
        let names: Vec<_> = self.hosts.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&names)).await?;
        let mut authorizations = order.authorizations();
        while let Some(found) = authorizations.next().await {
            let mut authorization = found?;
            match authorization.status {
                AuthorizationStatus::Valid => continue,
                AuthorizationStatus::Pending => {}
                other => anyhow::bail!("an authorisation is {other:?}"),
            }
            let mut challenge = authorization
                .challenge(ChallengeType::TlsAlpn01)
                .context("the authority offers no tls-alpn-01")?;
            let host = challenge.identifier().to_string();
            let digest = challenge.key_authorization().digest();
            let (chain, key) = answer(&host, digest.as_ref())?;
            let mut served = certificate.borrow().clone();
            served.answer_challenge(&host, chain.as_bytes(), key.as_bytes())?;
            certificate.send_replace(served);
            challenge.set_ready().await?;
        }
        let patience = RetryPolicy::new().timeout(PATIENCE);
        let status = order.poll_ready(&patience).await.with_context(|| {
            let hosts = self.hosts.join(", ");
            format!("the authority could not verify {hosts}; does its port 443 lead here?")
        })?;
        anyhow::ensure!(status == OrderStatus::Ready, "the order is {status:?}");
        let key = order.finalize().await?;
        Ok((order.poll_certificate(&patience).await?, key))
    }

    /// The account at the authority, made when there is none.
    async fn account(&self) -> anyhow::Result<Account> {
        let builder = || Account::builder_with_http(Box::new(Client(self.outbound.clone())));
        if let Some(credentials) = self.folder.account(&self.directory)? {
            return Ok(builder().from_credentials(credentials).await?);
        }
        let contact: Vec<&str> = self.contact.iter().map(String::as_str).collect();
        let new = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let made = builder().create(&new, self.directory.clone(), None).await;
        let (account, credentials) = made.context("the authority made no account")?;
        self.folder.keep_account(&self.directory, &credentials)?;
        Ok(account)
    }
}

/// When a certificate is to be renewed, seconds since 1970: at two thirds of its life, and a little
/// later, by an amount that is another for each certificate. One that does not tell: now.
fn due_s(certificate: &Certificate) -> i64 {
    let Some((begins_s, ends_s)) = certificate.validity_s() else {
        return 0;
    };
    let life_s = ends_s - begins_s;
    let spread_s = (life_s / JITTER_PARTS).max(1);
    begins_s + life_s / 3 * 2 + certificate.fingerprint().rem_euclid(spread_s)
}

/// A certificate that nobody trusts.
fn temporary(hosts: &[String]) -> anyhow::Result<Certificate> {
    let made = rcgen::generate_simple_self_signed(hosts.to_vec())?;
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    Ok(Certificate::read(chain.as_bytes(), key.as_bytes())?)
}

/// The certificate by which a host answers a challenge.
fn answer(host: &str, digest: &[u8]) -> anyhow::Result<(String, String)> {
    let mut parameters = CertificateParams::new([host.to_owned()])?;
    parameters.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let made = parameters.self_signed(&key)?;
    Ok((made.pem(), key.serialize_pem()))
}

//! What is said to the provider and read from it: its description and keys, fetched when they are
//! needed and kept for a while, where to send a browser, and the exchange of a code.

use std::sync::Arc;

use almanac_model::Instant;
use almanac_model::time::SECOND_US;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::attempt::{Attempt, Attempts};
use super::fetch::{Fetch, FetchError};
use super::id_token::{self, Expected, Person, PublicKey, Refusal};
use super::{Failed, OidcSettings};

/// How long the provider's description and keys are believed, microseconds.
const KEPT_US: i64 = 3_600 * SECOND_US;
/// A key that is not known makes us look again, but not more often than this, microseconds.
const LOOK_AGAIN_US: i64 = 60 * SECOND_US;
/// Keys of the provider that are looked at.
const KEYS_MAX: usize = 50;

/// The provider of an instance.
pub(crate) struct Provider {
    pub(crate) settings: OidcSettings,
    pub(crate) attempts: Attempts,
    fetch: Fetch,
    known: Mutex<Option<Known>>,
}

/// What the provider last said about itself.
#[derive(Clone)]
struct Known {
    description: Arc<Description>,
    keys: Arc<Vec<PublicKey>>,
    at: Instant,
}

/// OpenID Connect Discovery 1.0, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Description {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

/// What came back with the browser.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) code: &'a str,
    /// Who says that it answers, where it says so.
    pub(crate) issuer: Option<&'a str>,
    /// Where the provider was told to send the browser.
    pub(crate) redirect_uri: &'a str,
}

impl Provider {
    pub(crate) fn new(settings: OidcSettings, fetch: Fetch) -> Self {
        Self {
            settings,
            attempts: Attempts::default(),
            fetch,
            known: Mutex::new(None),
        }
    }

    /// Where to send a browser that begins.
    pub(crate) async fn address(
        &self,
        (state, attempt): (&str, &Attempt),
        redirect_uri: &str,
        now: Instant,
    ) -> Result<String, Failed> {
        let known = self.known(now).await?;
        let endpoint = &known.description.authorization_endpoint;
        let mut url = Url::parse(endpoint).map_err(|_| Failed::Provider)?;
        let digest = ring::digest::digest(&ring::digest::SHA256, attempt.verifier.as_bytes());
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", "openid email profile")
            .append_pair("state", state)
            .append_pair("nonce", &attempt.nonce)
            .append_pair("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(digest))
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Who came back.
    pub(crate) async fn person(
        &self,
        attempt: &Attempt,
        answer: Answer<'_>,
        now: Instant,
    ) -> Result<Person, Failed> {
        let known = self.known(now).await?;
        let says = known
            .description
            .authorization_response_iss_parameter_supported;
        match answer.issuer {
            Some(issuer) if issuer != self.settings.issuer => return Err(Failed::Issuer),
            None if says => return Err(Failed::Issuer),
            _ => {}
        }
        let token = self.exchange(&known.description, attempt, answer).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &attempt.nonce,
            now_s: now.0.div_euclid(SECOND_US),
        };
        let mut judged = id_token::judge(&token, &known.keys, expected);
        if judged == Err(Refusal::UnknownKey) {
            let known = self.looked_again(now).await?;
            judged = id_token::judge(&token, &known.keys, expected);
        }
        judged.map_err(|refusal| {
            tracing::warn!(
                reason = refusal.name(),
                "an ID token of the provider was refused"
            );
            Failed::Token
        })
    }

    async fn exchange(
        &self,
        description: &Description,
        attempt: &Attempt,
        answer: Answer<'_>,
    ) -> Result<String, Failed> {
        let OidcSettings {
            client_id,
            client_secret,
            ..
        } = &self.settings;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", answer.code),
            ("redirect_uri", answer.redirect_uri),
            ("code_verifier", attempt.verifier.as_str()),
        ];
        let methods = &description.token_endpoint_auth_methods_supported;
        let knows = |method: &str| methods.iter().any(|each| each == method);
        // The header is what a provider takes that does not say what it takes.
        let in_form = knows("client_secret_post") && !knows("client_secret_basic");
        let credentials = if in_form {
            form.extend([
                ("client_id", client_id.as_str()),
                ("client_secret", client_secret.as_str()),
            ]);
            None
        } else {
            Some((client_id.as_str(), client_secret.as_str()))
        };
        let asked = self
            .fetch
            .form(&description.token_endpoint, &form, credentials);
        let earned: TokenAnswer = asked.await.map_err(told)?;
        Ok(earned.id_token)
    }

    async fn known(&self, now: Instant) -> Result<Known, Failed> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref()
            && now < known.at.plus_us(KEPT_US)
        {
            return Ok(known.clone());
        }
        let fresh = self.look(now).await?;
        *known = Some(fresh.clone());
        Ok(fresh)
    }

    /// The same, from the provider itself unless that was asked a moment ago.
    async fn looked_again(&self, now: Instant) -> Result<Known, Failed> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref()
            && now < known.at.plus_us(LOOK_AGAIN_US)
        {
            return Ok(known.clone());
        }
        let fresh = self.look(now).await?;
        *known = Some(fresh.clone());
        Ok(fresh)
    }

    async fn look(&self, now: Instant) -> Result<Known, Failed> {
        let issuer = &self.settings.issuer;
        let place = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let description: Description = self.fetch.json(&place).await.map_err(told)?;
        check(&description, issuer).map_err(told)?;
        let set: KeySet = self.fetch.json(&description.jwks_uri).await.map_err(told)?;
        // A key of a kind that we do not know is none of ours, and no reason to do without others.
        let keys = set.keys.into_iter().take(KEYS_MAX);
        let keys = keys
            .filter_map(|key| serde_json::from_value(key).ok())
            .collect();
        Ok(Known {
            description: Arc::new(description),
            keys: Arc::new(keys),
            at: now,
        })
    }
}

/// Refuses a description of somebody else, or one that leads to where others can listen.
fn check(description: &Description, issuer: &str) -> Result<(), FetchError> {
    if description.issuer != issuer {
        let named = &description.issuer;
        return Err(FetchError(format!("{issuer} calls itself {named:?}")));
    }
    let is_local = issuer.starts_with("http://");
    let leads_safely = |url: &&String| url.starts_with("https://") || is_local;
    let all = [
        &description.authorization_endpoint,
        &description.token_endpoint,
        &description.jwks_uri,
    ];
    match all.into_iter().find(|url| !leads_safely(url)) {
        Some(url) => Err(FetchError(format!(
            "{issuer} leads to {url:?}, not to https"
        ))),
        None => Ok(()),
    }
}

/// The operator is told why; a stranger only that it did not work.
fn told(error: FetchError) -> Failed {
    tracing::warn!(%error, "the provider of sign-ins gave no answer to use");
    Failed::Provider
}

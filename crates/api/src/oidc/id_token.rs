//! Whether an ID token (OpenID Connect Core 1.0, section 3.1.3.7) is one of the provider, for us,
//! for this very sign-in, and now. A pure judgement: keys, names and the time are given to it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

use crate::jws;

/// Longest ID token that is looked at, bytes.
const TOKEN_BYTES_MAX: usize = 16_384;
/// How far the provider's clock may differ from ours, seconds.
const SKEW_S: i64 = 60;
/// How old a token that was just fetched may be, seconds.
const AGE_MAX_S: i64 = 600;
/// Longest name of a person at a provider, characters; the standard says 255.
const SUBJECT_CHARS_MAX: usize = 255;

/// A public key of the provider (RFC 7517). Members that say nothing to us are passed over.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PublicKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The algorithms that we believe. Anything with a shared secret is not among them, and neither is
/// "none".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

/// What is expected of a token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    /// Seconds since 1970.
    pub(super) now_s: i64,
}

/// Who somebody is, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// By which the provider knows the person for ever.
    pub(crate) subject: String,
    /// The address, if the provider has verified it.
    pub(crate) verified_email: Option<String>,
    pub(crate) name: String,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Malformed,
    Header,
    /// No key of the provider has its name; it may have new ones.
    UnknownKey,
    Signature,
    Issuer,
    Audience,
    Nonce,
    Time,
    Claims,
}

impl Refusal {
    /// As it is counted and logged.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Header => "header",
            Self::UnknownKey => "key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Nonce => "nonce",
            Self::Time => "time",
            Self::Claims => "claims",
        }
    }
}

/// The header. What brings a key along, or must be understood and is not, is refused.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    jwk: Option<Value>,
    jku: Option<Value>,
    x5u: Option<Value>,
    x5c: Option<Value>,
    crit: Option<Value>,
    zip: Option<Value>,
    b64: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    azp: Option<String>,
    nonce: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    email: Option<String>,
    email_verified: Option<Value>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Judges a token, and gives the person it is about.
pub(super) fn judge(
    text: &str,
    keys: &[PublicKey],
    expected: Expected<'_>,
) -> Result<Person, Refusal> {
    let parts = jws::split(text, TOKEN_BYTES_MAX).ok_or(Refusal::Malformed)?;
    let header: Header = parts.header().ok_or(Refusal::Header)?;
    let algorithm = algorithm(&header).ok_or(Refusal::Header)?;
    let key = chosen(keys, header.kid.as_deref(), algorithm).ok_or(Refusal::UnknownKey)?;
    if !verifies(key, algorithm, parts.signed.as_bytes(), &parts.signature) {
        return Err(Refusal::Signature);
    }
    let claims: Claims = parts.claims().ok_or(Refusal::Claims)?;
    fits(&claims, expected)?;
    let is_sound = (1..=SUBJECT_CHARS_MAX).contains(&claims.sub.chars().count());
    if !is_sound || claims.sub.chars().any(char::is_control) {
        return Err(Refusal::Claims);
    }
    // Some providers write the truth as a text.
    let is_verified = match &claims.email_verified {
        Some(Value::Bool(is_verified)) => *is_verified,
        Some(Value::String(text)) => text == "true",
        _ => false,
    };
    Ok(Person {
        subject: claims.sub,
        verified_email: claims.email.filter(|_| is_verified),
        name: claims.name.unwrap_or_default(),
    })
}

fn fits(claims: &Claims, expected: Expected<'_>) -> Result<(), Refusal> {
    if claims.iss != expected.issuer {
        return Err(Refusal::Issuer);
    }
    let is_ours = |audience: &String| audience == expected.client_id;
    let (is_for_us, is_for_others) = match &claims.aud {
        OneOrMany::One(audience) => (is_ours(audience), false),
        OneOrMany::Many(all) => (all.iter().any(is_ours), all.len() > 1),
    };
    // Who it was made for must be said where several may take it, and be us where it is said.
    let is_made_for_us = claims.azp.as_ref().map_or(!is_for_others, is_ours);
    if !is_for_us || !is_made_for_us {
        return Err(Refusal::Audience);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(Refusal::Nonce);
    }
    let (early, late) = (expected.now_s - SKEW_S, expected.now_s + SKEW_S);
    let begins = claims.nbf.unwrap_or(claims.iat);
    let is_now = claims.exp > early && claims.iat <= late && begins <= late;
    if !is_now || claims.iat < early - AGE_MAX_S {
        return Err(Refusal::Time);
    }
    Ok(())
}

fn algorithm(header: &Header) -> Option<Algorithm> {
    let brings = [
        &header.jwk,
        &header.jku,
        &header.x5u,
        &header.x5c,
        &header.crit,
        &header.zip,
        &header.b64,
    ];
    let is_plain = brings.into_iter().all(Option::is_none);
    // A token of another kind, for access or for signing out, says so here.
    let is_id = header
        .typ
        .as_deref()
        .is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"));
    if !is_plain || !is_id {
        return None;
    }
    match header.alg.as_str() {
        "RS256" => Some(Algorithm::Rs256),
        "ES256" => Some(Algorithm::Es256),
        "EdDSA" => Some(Algorithm::EdDsa),
        _ => None,
    }
}

/// The key of that name that is made for the algorithm; without a name, the only one that is.
fn chosen<'a>(
    keys: &'a [PublicKey],
    kid: Option<&str>,
    algorithm: Algorithm,
) -> Option<&'a PublicKey> {
    let mut fitting = keys.iter().filter(|key| key.is_for(algorithm));
    match kid {
        Some(kid) => fitting.find(|key| key.kid.as_deref() == Some(kid)),
        None => fitting.next().filter(|_| fitting.next().is_none()),
    }
}

impl PublicKey {
    fn is_for(&self, algorithm: Algorithm) -> bool {
        let (kty, crv, alg) = match algorithm {
            Algorithm::Rs256 => ("RSA", None, "RS256"),
            Algorithm::Es256 => ("EC", Some("P-256"), "ES256"),
            Algorithm::EdDsa => ("OKP", Some("Ed25519"), "EdDSA"),
        };
        self.kty == kty
            && (crv.is_none() || self.crv.as_deref() == crv)
            && self.alg.as_deref().is_none_or(|named| named == alg)
            && self
                .purpose
                .as_deref()
                .is_none_or(|purpose| purpose == "sig")
    }
}

fn verifies(key: &PublicKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let bytes = |text: &Option<String>| {
        let text = text.as_deref()?;
        BASE64_URL_SAFE_NO_PAD.decode(text).ok()
    };
    let verified = match algorithm {
        Algorithm::Rs256 => bytes(&key.n).zip(bytes(&key.e)).map(|(n, e)| {
            RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
        }),
        Algorithm::Es256 => bytes(&key.x).zip(bytes(&key.y)).map(|(x, y)| {
            // An uncompressed point (SEC 1).
            let point = [&[4][..], &x, &y].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
        }),
        Algorithm::EdDsa => {
            bytes(&key.x).map(|x| UnparsedPublicKey::new(&ED25519, x).verify(message, signature))
        }
    };
    verified.is_some_and(|verified| verified.is_ok())
}

#[cfg(test)]
mod tests;

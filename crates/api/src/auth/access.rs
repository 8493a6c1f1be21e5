//! Access tokens of programs that act for a person: JSON Web Tokens after RFC 9068, signed with
//! Ed25519. One algorithm, one set of claims, and nothing that a token says about itself decides
//! how it is checked. Each use also asks the catalog whether its session goes on.

use almanac_catalog::session::Opened;
use almanac_catalog::signing_key;
use almanac_catalog::user::UserId;
use almanac_catalog::{limits, refresh};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::ApiError;
use crate::jws;

/// Longest token that is looked at, bytes; ours have about 500.
const TOKEN_BYTES_MAX: usize = 2_048;
const ALGORITHM: &str = "EdDSA";
/// What keeps other tokens, such as those of a sign-in elsewhere, from being taken for one.
const TYPE: &str = "at+jwt";

/// The header: these names and no other. A token that brings a key along, or says where one lies,
/// is refused before it is understood.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// The claims: these names and no other. Instants are seconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    /// The session that the token belongs to.
    sid: String,
    jti: String,
    iat: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    exp: i64,
}

/// Why a token is not good, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// It is no token of this form.
    Malformed,
    /// Its header asks for something else than what we sign with.
    Header,
    /// It names a key that is not ours, or not any more.
    Key,
    Signature,
    /// It is for somebody else, or holds claims that we do not make.
    Claims,
    /// It is not yet good, or for too long.
    Time,
    Expired,
    /// Its session was ended, or the account is switched off.
    Session,
}

impl Refusal {
    fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Header => "header",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Time => "time",
            Self::Expired => "expired",
            Self::Session => "session",
        }
    }

    /// What the program is told: whether refreshing helps, and nothing else.
    fn told(self) -> ApiError {
        metrics::counter!("almanac_tokens_refused_total", "reason" => self.name()).increment(1);
        let text = match self {
            Self::Expired => "the access token is over; refresh it",
            Self::Session => "the session of the access token was ended; sign in again",
            _ => "the access token is not one of this server; sign in for a new one",
        };
        ApiError::Unauthorized(text.to_owned())
    }
}

/// A new access token of a session, good for as long as is configured.
pub(crate) async fn mint(app: &App, session: i64, user: UserId) -> Result<String, ApiError> {
    let key = signing_key::current(&app.catalog, app.now()).await?;
    let header = Header {
        alg: ALGORITHM.to_owned(),
        typ: TYPE.to_owned(),
        kid: key.kid().to_owned(),
    };
    let now = seconds(app);
    let claims = Claims {
        iss: issuer(app).to_owned(),
        aud: audience(app),
        sub: user.0.to_string(),
        sid: session.to_string(),
        jti: uuid::Uuid::new_v4().simple().to_string(),
        iat: now,
        nbf: None,
        exp: now + app.http.access_token_s,
    };
    jws::join(&header, &claims, |message| key.sign(message)).map_err(ApiError::internal)
}

/// Whether a credential looks like an access token; no key has a dot.
pub(super) fn is_one(text: &str) -> bool {
    text.contains('.')
}

/// The person for whom the program with this token acts.
pub(super) async fn person(app: &App, text: &str) -> Result<Opened, ApiError> {
    let claims = match checked(app, text).await? {
        Ok(claims) => claims,
        Err(refusal) => return Err(refusal.told()),
    };
    let ids = claims.sid.parse().ok().zip(claims.sub.parse().ok());
    let Some((session, user)) = ids else {
        return Err(Refusal::Claims.told());
    };
    let opened = refresh::opened(&app.catalog, (session, UserId(user)), app.now()).await?;
    opened.ok_or_else(|| Refusal::Session.told())
}

/// The claims of a token that is signed by us, for us, and good now.
async fn checked(app: &App, text: &str) -> Result<Result<Claims, Refusal>, ApiError> {
    let Some(parts) = jws::split(text, TOKEN_BYTES_MAX) else {
        return Ok(Err(Refusal::Malformed));
    };
    let header: Option<Header> = parts.header();
    let Some(header) = header.filter(|header| header.alg == ALGORITHM && header.typ == TYPE) else {
        return Ok(Err(Refusal::Header));
    };
    let Some(key) = signing_key::verifying(&app.catalog, &header.kid, app.now()).await? else {
        return Ok(Err(Refusal::Key));
    };
    if !key.verifies(parts.signed.as_bytes(), &parts.signature) {
        return Ok(Err(Refusal::Signature));
    }
    let claims: Option<Claims> = parts.claims();
    Ok(match claims {
        Some(claims) => in_force(app, &claims).map(|()| claims),
        None => Err(Refusal::Claims),
    })
}

fn in_force(app: &App, claims: &Claims) -> Result<(), Refusal> {
    if claims.iss != issuer(app) || claims.aud != audience(app) {
        return Err(Refusal::Claims);
    }
    // The same clock signs and checks, so that no allowance for another one is needed.
    let now = seconds(app);
    if claims.exp <= now {
        return Err(Refusal::Expired);
    }
    let begins = claims.nbf.unwrap_or(claims.iat);
    let is_too_long = claims.exp.saturating_sub(claims.iat) > limits::ACCESS_TOKEN_AGE_MAX_S;
    if claims.iat > now || begins > now || is_too_long {
        return Err(Refusal::Time);
    }
    Ok(())
}

fn issuer(app: &App) -> &str {
    &app.http.base_url
}

/// For whom tokens are: the API of this very instance.
fn audience(app: &App) -> String {
    format!("{}/api", app.http.base_url)
}

fn seconds(app: &App) -> i64 {
    app.now().0.div_euclid(almanac_model::time::SECOND_US)
}

//! Keys that sign access tokens (Ed25519): one that signs, and retired ones for as long as a token
//! signed by them can live. What stands in a token, and how it is written, is not known here.

use almanac_model::Instant;
use almanac_model::time::SECOND_US;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, Deed};
use crate::catalog::Catalog;
use crate::error::{CatalogError, Result};
use crate::{limits, random};

/// Characters of the name by which a token says which key signed it.
const KID_CHARS: usize = 16;

/// The key that signs now.
pub struct SigningKey {
    kid: String,
    pair: Ed25519KeyPair,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// By which name its signatures are found again.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The signature of some bytes: 64 bytes (RFC 8032).
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// The public half of a key whose signatures are still believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    /// Its name.
    pub kid: String,
    /// The 32 bytes of the public key (RFC 8032).
    pub public: Vec<u8>,
    /// Since when it signs no more; none for the one that does.
    pub retired_at: Option<Instant>,
}

impl VerifyingKey {
    /// Whether this key made the signature.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public)
            .verify(message, signature)
            .is_ok()
    }
}

/// The key that signs; the first one is made when it is first needed.
///
/// # Errors
/// The database failed, or the instance's secret is not the one that sealed the key.
pub async fn current(catalog: &Catalog, now: Instant) -> Result<SigningKey> {
    let find = "SELECT * FROM signing_keys WHERE retired_at IS NULL";
    let found = sqlx::query(find).fetch_optional(catalog.readers()).await?;
    if let Some(row) = found {
        return opened(catalog, &row);
    }
    let mut tx = catalog.write().await?;
    // Another process may have been faster.
    if let Some(row) = sqlx::query(find).fetch_optional(&mut *tx).await? {
        return opened(catalog, &row);
    }
    let key = add(&mut tx, catalog, now).await?;
    tx.commit().await?;
    Ok(key)
}

/// The key of that name, if what it signed is still believed.
///
/// # Errors
/// The database failed.
pub async fn verifying(catalog: &Catalog, kid: &str, now: Instant) -> Result<Option<VerifyingKey>> {
    sqlx::query(
        "SELECT * FROM signing_keys WHERE kid = $1 AND (retired_at IS NULL OR retired_at > $2)",
    )
    .bind(kid)
    .bind(believed_since(now).0)
    .fetch_optional(catalog.readers())
    .await?
    .as_ref()
    .map(public)
    .transpose()
}

/// Every key whose signatures are still believed, the newest first.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog, now: Instant) -> Result<Vec<VerifyingKey>> {
    sqlx::query(
        "SELECT * FROM signing_keys WHERE retired_at IS NULL OR retired_at > $1 \
         ORDER BY created_at DESC, kid",
    )
    .bind(believed_since(now).0)
    .fetch_all(catalog.readers())
    .await?
    .iter()
    .map(public)
    .collect()
}

/// Makes a new key that signs from now on, and gives its name. What the old ones signed is good
/// until it is over, or no more at all where they are forgotten: the answer to a stolen key.
///
/// # Errors
/// The database failed.
pub async fn rotate(catalog: &Catalog, forget_old: bool, now: Instant) -> Result<String> {
    let mut tx = catalog.write().await?;
    if forget_old {
        sqlx::query("DELETE FROM signing_keys")
            .execute(&mut *tx)
            .await?;
    } else {
        sqlx::query("UPDATE signing_keys SET retired_at = $1 WHERE retired_at IS NULL")
            .bind(now.0)
            .execute(&mut *tx)
            .await?;
    }
    let key = add(&mut tx, catalog, now).await?;
    tx.commit().await?;
    Ok(key.kid)
}

/// Removes retired keys that nothing can be signed by any more, and says how many they were.
///
/// # Errors
/// The database failed.
pub async fn remove_retired(catalog: &Catalog, now: Instant) -> Result<u64> {
    let mut tx = catalog.write().await?;
    let removed = sqlx::query("DELETE FROM signing_keys WHERE retired_at <= $1")
        .bind(believed_since(now).0)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    tx.commit().await?;
    Ok(removed)
}

async fn add(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    now: Instant,
) -> Result<SigningKey> {
    let seed = random::bytes::<32>()?;
    let pair = pair_of(&seed)?;
    let public = random::to_hex(pair.public_key().as_ref());
    let hash = blake3::hash(pair.public_key().as_ref()).to_hex();
    let kid: String = hash.chars().take(KID_CHARS).collect();
    sqlx::query(
        "INSERT INTO signing_keys (kid, public_key, sealed, created_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(&kid)
    .bind(public)
    .bind(catalog.secret.seal(&place(&kid), &seed)?)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    let subject = format!("signing key {kid}");
    let deed = Deed {
        action: "signing_key.add",
        subject: &subject,
        before: Value::Null,
        after: json!({ "kid": kid }),
    };
    audit::note(tx, catalog, deed, now).await?;
    Ok(SigningKey { kid, pair })
}

fn opened(catalog: &Catalog, row: &AnyRow) -> Result<SigningKey> {
    let (kid, sealed): (String, String) = (row.try_get("kid")?, row.try_get("sealed")?);
    let seed = catalog.secret.open(&place(&kid), &sealed)?;
    let pair = pair_of(&seed)?;
    Ok(SigningKey { kid, pair })
}

fn pair_of(seed: &[u8]) -> Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed)
        .map_err(|_| CatalogError::corrupt("signing key", "a seed of another length"))
}

fn public(row: &AnyRow) -> Result<VerifyingKey> {
    let kid: String = row.try_get("kid")?;
    let text: String = row.try_get("public_key")?;
    let retired_at: Option<i64> = row.try_get("retired_at")?;
    let public =
        random::from_hex(&text).ok_or_else(|| CatalogError::corrupt("signing key", &kid))?;
    Ok(VerifyingKey {
        kid,
        public,
        retired_at: retired_at.map(Instant),
    })
}

/// A key retired at this instant or before has signed nothing that is not over.
fn believed_since(now: Instant) -> Instant {
    now.plus_us(-limits::ACCESS_TOKEN_AGE_MAX_S * SECOND_US)
}

fn place(kid: &str) -> String {
    format!("signing key {kid}")
}

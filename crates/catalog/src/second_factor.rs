//! The second factor of a user: codes of an authenticator app, and recovery codes for the day on
//! which the app is gone. The app's secret is kept sealed, recovery codes as hashes, and every code
//! works once.

use almanac_model::Instant;
use serde_json::json;
use sqlx::{Any, Row, Transaction};

use crate::audit;
use crate::catalog::Catalog;
use crate::error::{CatalogError, Result};
use crate::user::{User, UserId};
use crate::{limits, one_time_code, random};

/// Bytes of an app's secret: those of the hash, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
const SECOND_US: i64 = almanac_model::time::SECOND_US;

/// What an authenticator app needs, told once. It does not print.
pub struct Enrolment {
    /// The secret as people type it: base 32.
    pub secret: String,
    /// The same as an `otpauth:` address, for a picture that the app reads.
    pub uri: String,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Enrolment(…)")
    }
}

/// Whether a user has a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// Whether signing in takes a code.
    pub is_on: bool,
    /// Recovery codes that were not used.
    pub recovery_codes_left: i64,
}

/// What a code, or the lack of one, means for somebody whose password was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// There is no second factor.
    NotNeeded,
    /// It is the code of the moment, or a recovery code, and is spent now.
    Right,
    /// It is neither, or was used before.
    Wrong,
}

/// How it stands with a user's second factor.
///
/// # Errors
/// The database failed.
pub async fn state(catalog: &Catalog, user: UserId) -> Result<State> {
    let on: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL",
    )
    .bind(user.0)
    .fetch_one(catalog.readers())
    .await?;
    let recovery_codes_left: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1")
            .bind(user.0)
            .fetch_one(catalog.readers())
            .await?;
    Ok(State {
        is_on: on > 0,
        recovery_codes_left,
    })
}

/// Makes a secret for the user's app. Nothing is asked for until [`confirm`] has seen a code of it;
/// beginning again forgets the secret before.
///
/// # Errors
/// `Invalid` when there is a second factor already.
pub async fn begin(catalog: &Catalog, user: &User, now: Instant) -> Result<Enrolment> {
    let secret = random::bytes::<SECRET_BYTES>()?;
    let sealed = catalog.secret.seal(&place(user.id), &secret)?;
    let mut tx = catalog.write().await?;
    let begun = sqlx::query(
        "INSERT INTO second_factors (user_id, sealed, created_at, last_step) \
         VALUES ($1, $2, $3, 0) ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, \
         created_at = excluded.created_at WHERE second_factors.confirmed_at IS NULL",
    )
    .bind(user.id.0)
    .bind(sealed)
    .bind(now.0)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if begun == 0 {
        let reason = "is on already; switch it off first, then begin again";
        return Err(CatalogError::invalid("second_factor", reason));
    }
    tx.commit().await?;
    let secret = one_time_code::base32(&secret);
    let uri = format!(
        "otpauth://totp/Almanac:{}?secret={secret}&issuer=Almanac",
        escaped(&user.email)
    );
    Ok(Enrolment { secret, uri })
}

/// Switches the second factor on once the app's code is right, and gives the recovery codes, which
/// are shown once. Nothing when the code is wrong.
///
/// # Errors
/// `Invalid` when none was begun, or when it is on already.
pub async fn confirm(
    catalog: &Catalog,
    user: UserId,
    code: &str,
    now: Instant,
) -> Result<Option<Vec<String>>> {
    let mut tx = catalog.write().await?;
    let Some(secret) = secret_of(&mut tx, catalog, user, false).await? else {
        let reason = "was not begun, or is on already";
        return Err(CatalogError::invalid("second_factor", reason));
    };
    let Some(step) = matching_step(&secret, code, now) else {
        return Ok(None);
    };
    sqlx::query("UPDATE second_factors SET confirmed_at = $1, last_step = $2 WHERE user_id = $3")
        .bind(now.0)
        .bind(step)
        .bind(user.0)
        .execute(&mut *tx)
        .await?;
    let codes = renew_codes(&mut tx, user).await?;
    let about = ("second_factor.on", user, json!({}));
    audit::note_user(&mut tx, catalog, about, now).await?;
    tx.commit().await?;
    Ok(Some(codes))
}

/// Checks and spends a code of the app, or a recovery code.
///
/// # Errors
/// The database failed, or the secret was sealed under another instance secret.
pub async fn check(catalog: &Catalog, user: UserId, code: &str, now: Instant) -> Result<Checked> {
    let mut tx = catalog.write().await?;
    let Some(secret) = secret_of(&mut tx, catalog, user, true).await? else {
        return Ok(Checked::NotNeeded);
    };
    if let Some(step) = matching_step(&secret, code, now) {
        let spent = sqlx::query(
            "UPDATE second_factors SET last_step = $1 WHERE user_id = $2 AND last_step < $1",
        )
        .bind(step)
        .bind(user.0)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        tx.commit().await?;
        return Ok(if spent == 1 {
            Checked::Right
        } else {
            Checked::Wrong
        });
    }
    let spent = sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2")
        .bind(user.0)
        .bind(stored(user, code))
        .execute(&mut *tx)
        .await?
        .rows_affected();
    if spent == 0 {
        return Ok(Checked::Wrong);
    }
    let about = ("second_factor.recover", user, json!({}));
    audit::note_user(&mut tx, catalog, about, now).await?;
    tx.commit().await?;
    Ok(Checked::Right)
}

/// Replaces all recovery codes by new ones, which are shown once.
///
/// # Errors
/// `Invalid` when there is no second factor.
pub async fn renew(catalog: &Catalog, user: UserId, now: Instant) -> Result<Vec<String>> {
    let mut tx = catalog.write().await?;
    if secret_of(&mut tx, catalog, user, true).await?.is_none() {
        return Err(CatalogError::invalid("second_factor", "is not on"));
    }
    let codes = renew_codes(&mut tx, user).await?;
    let about = ("second_factor.renew", user, json!({}));
    audit::note_user(&mut tx, catalog, about, now).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Takes the second factor away, with its recovery codes. Whether there was one is no error.
///
/// # Errors
/// The database failed.
pub async fn remove(catalog: &Catalog, user: UserId, now: Instant) -> Result<()> {
    let mut tx = catalog.write().await?;
    let removed = sqlx::query("DELETE FROM second_factors WHERE user_id = $1")
        .bind(user.0)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(user.0)
        .execute(&mut *tx)
        .await?;
    if removed > 0 {
        let about = ("second_factor.off", user, json!({}));
        audit::note_user(&mut tx, catalog, about, now).await?;
    }
    Ok(tx.commit().await?)
}

/// The step whose code this is, if it is one of those around the present.
fn matching_step(secret: &[u8], code: &str, now: Instant) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let present = one_time_code::step(now.0.div_euclid(SECOND_US));
    let aside = limits::CODE_STEPS_ASIDE;
    let given = random::token_hash(&code);
    // Comparing two hashes takes the same time wherever they differ.
    let is_code = |step: &i64| {
        one_time_code::code(secret, *step).is_some_and(|code| random::token_hash(&code) == given)
    };
    (present - aside..=present + aside).find(is_code)
}

async fn secret_of(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    user: UserId,
    is_on: bool,
) -> Result<Option<Vec<u8>>> {
    let row = sqlx::query("SELECT sealed, confirmed_at FROM second_factors WHERE user_id = $1")
        .bind(user.0)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let confirmed_at: Option<i64> = row.try_get("confirmed_at")?;
    if confirmed_at.is_some() != is_on {
        return Ok(None);
    }
    let sealed: String = row.try_get("sealed")?;
    catalog.secret.open(&place(user), &sealed).map(Some)
}

async fn renew_codes(tx: &mut Transaction<'static, Any>, user: UserId) -> Result<Vec<String>> {
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(user.0)
        .execute(&mut **tx)
        .await?;
    let mut codes = Vec::with_capacity(limits::RECOVERY_CODES);
    for _ in 0..limits::RECOVERY_CODES {
        let code = random::hex::<8>()?;
        sqlx::query("INSERT INTO recovery_codes (code_hash, user_id) VALUES ($1, $2)")
            .bind(stored(user, &code))
            .bind(user.0)
            .execute(&mut **tx)
            .await?;
        codes.push(grouped(&code));
    }
    Ok(codes)
}

/// Four characters at a time, as people copy them.
fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups = letters.chunks(4).map(|group| group.iter().collect());
    groups.collect::<Vec<String>>().join("-")
}

/// A recovery code has 64 random bits, so a fast hash keeps it.
fn stored(user: UserId, code: &str) -> String {
    let bare: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let text = format!("{} {}", user.0, bare.to_lowercase());
    random::token_hash(&text).to_hex().to_string()
}

fn place(user: UserId) -> String {
    format!("second factor of user {}", user.0)
}

/// Everything but letters and digits as `%xx`, so that an address is one part of a label.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

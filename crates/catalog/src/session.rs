//! Sessions of signed-in users. The token is a random secret that only the browser keeps; stored is
//! its hash. A session ends when it is unused for 14 days, 90 days old, or ended.

use almanac_model::Instant;
use almanac_model::time::SECOND_US;
use sqlx::Row;

use crate::catalog::Catalog;
use crate::error::Result;
use crate::user::{self, User, UserId};
use crate::{limits, random};

/// A session as the browser gets it. It does not print its token.
pub struct NewSession {
    /// What the browser shows with each request.
    pub token: String,
    /// When the session ends in any case.
    pub expires_at: Instant,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("NewSession")
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// Starts a session with a fresh token. A user has at most 50: one more ends the one unused for
/// longest.
///
/// # Errors
/// The database failed.
pub async fn start(catalog: &Catalog, user: UserId, now: Instant) -> Result<NewSession> {
    let token = random::hex::<32>()?;
    let expires_at = now.plus_us(limits::SESSION_AGE_MAX_S * SECOND_US);
    let mut tx = catalog.write().await?;
    let id = crate::catalog::next_id(&mut tx, "session").await?;
    sqlx::query(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE user_id = $1 \
         ORDER BY last_seen_at DESC, id DESC LIMIT 1000 OFFSET $2)",
    )
    .bind(user.0)
    .bind(limits::USER_SESSIONS_MAX - 1)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(stored(&token))
    .bind(user.0)
    .bind(now.0)
    .bind(now.0)
    .bind(expires_at.0)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(NewSession { token, expires_at })
}

/// Whose session this token opens; nobody's when it is unknown or over. The use is noted, at most
/// once a minute.
///
/// # Errors
/// The database failed.
pub async fn user_of(catalog: &Catalog, token: &str, now: Instant) -> Result<Option<User>> {
    let row = sqlx::query(
        "SELECT u.id, u.email, u.name, u.role, u.created_at, s.last_seen_at AS seen \
         FROM sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3",
    )
    .bind(stored(token))
    .bind(now.0)
    .bind(idle_limit(now).0)
    .fetch_optional(catalog.readers())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let seen: i64 = row.try_get("seen")?;
    if now.0 - seen >= limits::LAST_USE_STEP_S * SECOND_US {
        // A disk that is full must not sign people out.
        if let Err(error) = note_seen(catalog, token, now).await {
            tracing::warn!(%error, "that a session is in use could not be noted");
        }
    }
    user::from_row(&row).map(Some)
}

async fn note_seen(catalog: &Catalog, token: &str, now: Instant) -> Result<()> {
    let mut tx = catalog.write().await?;
    sqlx::query("UPDATE sessions SET last_seen_at = $1 WHERE token_hash = $2")
        .bind(now.0)
        .bind(stored(token))
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Ends the session of this token, at once. An unknown token is no error.
///
/// # Errors
/// The database failed.
pub async fn end(catalog: &Catalog, token: &str) -> Result<()> {
    let mut tx = catalog.write().await?;
    sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
        .bind(stored(token))
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Removes the sessions that are over and says how many they were. Meant to run now and then.
///
/// # Errors
/// The database failed.
pub async fn remove_expired(catalog: &Catalog, now: Instant) -> Result<u64> {
    let mut tx = catalog.write().await?;
    let removed = sqlx::query("DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2")
        .bind(now.0)
        .bind(idle_limit(now).0)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    tx.commit().await?;
    Ok(removed)
}

fn idle_limit(now: Instant) -> Instant {
    now.plus_us(-limits::SESSION_IDLE_MAX_S * SECOND_US)
}

fn stored(token: &str) -> String {
    random::token_hash(token).to_hex().to_string()
}

//! Sessions of signed-in users, and by what people recognise them. The token is a random secret
//! that only the browser keeps; stored is its hash. A session ends when it is unused for 14 days,
//! 90 days old, ended, or when its user is switched off.

use almanac_model::Instant;
use almanac_model::time::SECOND_US;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, Deed};
use crate::catalog::Catalog;
use crate::error::{CatalogError, Result};
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

/// By what a person recognises a session. It holds no address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// Families of browser and system: `Firefox on Linux`. Empty when nothing is known.
    pub name: String,
    /// A country's two letters, or nothing.
    pub place: String,
}

/// A session as its owner is shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which session, never given again.
    pub id: i64,
    /// What it was started on.
    pub device: Device,
    /// When it was started.
    pub created_at: Instant,
    /// When it was last used, to the minute.
    pub last_seen_at: Instant,
    /// When it ends in any case.
    pub expires_at: Instant,
}

/// Whose session a token opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Who is signed in.
    pub user: User,
    /// The session's id.
    pub session: i64,
}

/// Starts a session with a fresh token. A user has at most 50: one more ends the one unused for
/// longest.
///
/// # Errors
/// The database failed.
pub async fn start(
    catalog: &Catalog,
    user: UserId,
    device: &Device,
    now: Instant,
) -> Result<NewSession> {
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
        "INSERT INTO sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, \
         device, place) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(stored(&token))
    .bind(user.0)
    .bind(now.0)
    .bind(now.0)
    .bind(expires_at.0)
    .bind(shortened(&device.name))
    .bind(&device.place)
    .execute(&mut *tx)
    .await?;
    let after = json!({ "session": id, "device": device.name });
    note(&mut tx, catalog, ("session.start", user, after), now).await?;
    tx.commit().await?;
    Ok(NewSession { token, expires_at })
}

/// Whose session this token opens; nobody's when it is unknown or over, or the account is switched
/// off. The use is noted, at most once a minute.
///
/// # Errors
/// The database failed.
pub async fn opened_by(catalog: &Catalog, token: &str, now: Instant) -> Result<Option<Opened>> {
    let row = sqlx::query(
        "SELECT u.*, s.id AS session, s.last_seen_at AS seen \
         FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 \
         AND s.expires_at > $2 AND s.last_seen_at > $3 AND u.disabled_at IS NULL",
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
    let session = row.try_get("session")?;
    let user = user::from_row(&row)?;
    Ok(Some(Opened { user, session }))
}

/// The sessions of a user that are not over, the one used last first.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog, user: UserId, now: Instant) -> Result<Vec<Session>> {
    sqlx::query(
        "SELECT * FROM sessions WHERE user_id = $1 AND expires_at > $2 AND last_seen_at > $3 \
         ORDER BY last_seen_at DESC, id DESC",
    )
    .bind(user.0)
    .bind(now.0)
    .bind(idle_limit(now).0)
    .fetch_all(catalog.readers())
    .await?
    .iter()
    .map(from_row)
    .collect()
}

/// Ends one session of a user, at once.
///
/// # Errors
/// `NotFound`, also for a session of somebody else.
pub async fn end_one(catalog: &Catalog, user: UserId, id: i64, now: Instant) -> Result<()> {
    let mut tx = catalog.write().await?;
    let ended = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
        .bind(id)
        .bind(user.0)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    if ended == 0 {
        return Err(CatalogError::not_found("session", id));
    }
    let after = json!({ "session": id });
    note(&mut tx, catalog, ("session.end", user, after), now).await?;
    Ok(tx.commit().await?)
}

/// Ends every session of a user but `kept`, at once, and says how many they were.
///
/// # Errors
/// The database failed.
pub async fn end_all(
    catalog: &Catalog,
    user: UserId,
    kept: Option<i64>,
    now: Instant,
) -> Result<u64> {
    let mut tx = catalog.write().await?;
    let ended = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
        .bind(user.0)
        .bind(kept.unwrap_or(0))
        .execute(&mut *tx)
        .await?
        .rows_affected();
    let after = json!({ "ended": ended });
    note(&mut tx, catalog, ("session.end_all", user, after), now).await?;
    tx.commit().await?;
    Ok(ended)
}

async fn note(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    (action, user, after): (&'static str, UserId, Value),
    now: Instant,
) -> Result<()> {
    let subject = format!("user {}", user.0);
    let deed = Deed {
        action,
        subject: &subject,
        before: Value::Null,
        after,
    };
    audit::note(tx, catalog, deed, now).await
}

fn from_row(row: &AnyRow) -> Result<Session> {
    Ok(Session {
        id: row.try_get("id")?,
        device: Device {
            name: row.try_get("device")?,
            place: row.try_get("place")?,
        },
        created_at: Instant(row.try_get("created_at")?),
        last_seen_at: Instant(row.try_get("last_seen_at")?),
        expires_at: Instant(row.try_get("expires_at")?),
    })
}

fn shortened(name: &str) -> String {
    name.chars().take(limits::DEVICE_CHARS_MAX).collect()
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

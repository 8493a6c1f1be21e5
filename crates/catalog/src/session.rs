//! Sessions of signed-in users, and by what people recognise them. The token is a random secret
//! that only the browser keeps; stored is its hash. A session ends when it is unused for 14 days,
//! 90 days old, ended, or when its user is switched off.

use almanac_model::Instant;
use almanac_model::time::SECOND_US;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit;
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

/// Who shows a session's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// A browser, in a cookie.
    Browser,
    /// A program, which spends the token for the next one; see `refresh`.
    Program,
}

impl SessionKind {
    /// The one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Program => "program",
        }
    }
}

/// A session as its owner is shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which session, never given again.
    pub id: i64,
    /// Who shows its token.
    pub kind: SessionKind,
    /// How its owner calls the program; empty for a browser.
    pub name: String,
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
    /// Who shows its token.
    pub kind: SessionKind,
}

/// What a session begins with.
pub(crate) struct Begin<'a> {
    pub(crate) kind: SessionKind,
    pub(crate) name: &'a str,
    pub(crate) device: &'a Device,
    pub(crate) parent: Option<i64>,
    pub(crate) token: &'a str,
    pub(crate) expires_at: Instant,
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
    let begin_with = Begin {
        kind: SessionKind::Browser,
        name: "",
        device,
        parent: None,
        token: &token,
        expires_at,
    };
    let mut tx = catalog.write().await?;
    begin(&mut tx, catalog, user, begin_with, now).await?;
    tx.commit().await?;
    Ok(NewSession { token, expires_at })
}

/// Adds a session, ends those that are too many, and gives the new one's id.
pub(crate) async fn begin(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    user: UserId,
    begin: Begin<'_>,
    now: Instant,
) -> Result<i64> {
    let id = crate::catalog::next_id(tx, "session").await?;
    sqlx::query(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE user_id = $1 \
         ORDER BY last_seen_at DESC, id DESC LIMIT 1000 OFFSET $2)",
    )
    .bind(user.0)
    .bind(limits::USER_SESSIONS_MAX - 1)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, \
         device, place, kind, name, parent_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(id)
    .bind(stored(begin.token))
    .bind(user.0)
    .bind(now.0)
    .bind(now.0)
    .bind(begin.expires_at.0)
    .bind(shortened(&begin.device.name))
    .bind(&begin.device.place)
    .bind(begin.kind.name())
    .bind(begin.name)
    .bind(begin.parent)
    .execute(&mut **tx)
    .await?;
    let mut after = json!({ "session": id, "device": begin.device.name });
    if begin.kind == SessionKind::Program {
        after["program"] = json!(begin.name);
    }
    audit::note_user(tx, catalog, ("session.start", user, after), now).await?;
    Ok(id)
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
         AND s.kind = 'browser' AND s.expires_at > $2 AND s.last_seen_at > $3 \
         AND u.disabled_at IS NULL",
    )
    .bind(stored(token))
    .bind(now.0)
    .bind(idle_limit(now).0)
    .fetch_optional(catalog.readers())
    .await?;
    match row {
        None => Ok(None),
        Some(row) => used(catalog, &row, SessionKind::Browser, now)
            .await
            .map(Some),
    }
}

/// Whose session a row is that was found; the use is noted, at most once a minute.
pub(crate) async fn used(
    catalog: &Catalog,
    row: &AnyRow,
    kind: SessionKind,
    now: Instant,
) -> Result<Opened> {
    let (session, seen): (i64, i64) = (row.try_get("session")?, row.try_get("seen")?);
    if now.0 - seen >= limits::LAST_USE_STEP_S * SECOND_US {
        // A disk that is full must not sign people out.
        if let Err(error) = note_seen(catalog, session, now).await {
            tracing::warn!(%error, "that a session is in use could not be noted");
        }
    }
    let user = user::from_row(row)?;
    Ok(Opened {
        user,
        session,
        kind,
    })
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
    audit::note_user(&mut tx, catalog, ("session.end", user, after), now).await?;
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
    audit::note_user(&mut tx, catalog, ("session.end_all", user, after), now).await?;
    tx.commit().await?;
    Ok(ended)
}

fn from_row(row: &AnyRow) -> Result<Session> {
    let kind: String = row.try_get("kind")?;
    Ok(Session {
        id: row.try_get("id")?,
        kind: match kind.as_str() {
            "program" => SessionKind::Program,
            _ => SessionKind::Browser,
        },
        name: row.try_get("name")?,
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

async fn note_seen(catalog: &Catalog, session: i64, now: Instant) -> Result<()> {
    let mut tx = catalog.write().await?;
    sqlx::query("UPDATE sessions SET last_seen_at = $1 WHERE id = $2")
        .bind(now.0)
        .bind(session)
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
    sqlx::query("DELETE FROM sessions WHERE token_hash = $1 AND kind = 'browser'")
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

pub(crate) fn idle_limit(now: Instant) -> Instant {
    now.plus_us(-limits::SESSION_IDLE_MAX_S * SECOND_US)
}

pub(crate) fn stored(token: &str) -> String {
    random::token_hash(token).to_hex().to_string()
}

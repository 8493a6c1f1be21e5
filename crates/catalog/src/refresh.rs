//! Sessions of programs: a family of refresh tokens, of which the newest one is good, once. An
//! older one that comes again was copied, by whom cannot be known, so it ends the whole family.
//!
//! There is no time of grace for an answer that was lost on its way: a thief who sends an old token
//! within it could not be told from the owner who sends it again. The owner signs in anew.

use almanac_model::Instant;
use almanac_model::time::SECOND_US;
use serde_json::{Value, json};
use sqlx::{Any, Row, Transaction};

use crate::audit;
use crate::catalog::Catalog;
use crate::error::{CatalogError, Result};
use crate::session::{self, Begin, Device, Opened, SessionKind};
use crate::user::{self, User, UserId};
use crate::{limits, random};

/// What refresh tokens begin with, so that a scanner of leaked secrets knows one.
const PREFIX: &str = "alm_r_";

/// A refresh token just made. `text` is given out once and kept nowhere; it does not print.
pub struct Fresh {
    /// For the program.
    pub text: String,
    /// The session that it goes on with.
    pub session: i64,
    /// For whom the program acts.
    pub user: User,
    /// When the session ends in any case.
    pub expires_at: Instant,
}

impl std::fmt::Debug for Fresh {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Fresh")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// What became of a refresh token that was shown.
#[derive(Debug)]
pub enum Refreshed {
    /// It was the newest; here is the next.
    Good(Box<Fresh>),
    /// It was used before: its session is ended now.
    Reused,
    /// It is none, or its session is over.
    Unknown,
}

/// What a program's session is made with.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// How its owner calls the program.
    pub name: &'a str,
    /// What it runs on, as far as that is known.
    pub device: &'a Device,
    /// The session of a browser that vouches for it, and that it ends with.
    pub parent: Option<i64>,
}

/// Starts a session of a program.
///
/// # Errors
/// `NotFound` when the session that vouches is over; `Invalid` for `name`.
pub async fn start(catalog: &Catalog, user: &User, wish: Wish<'_>, now: Instant) -> Result<Fresh> {
    let name = match wish.name.trim() {
        "" => "",
        _ => user::check_name("name", wish.name)?,
    };
    let text = new_text()?;
    let mut tx = catalog.write().await?;
    let mut expires_at = now.plus_us(limits::SESSION_AGE_MAX_S * SECOND_US);
    if let Some(parent) = wish.parent {
        let end: Option<i64> = sqlx::query_scalar(
            "SELECT expires_at FROM sessions WHERE id = $1 AND user_id = $2 AND kind = 'browser'",
        )
        .bind(parent)
        .bind(user.id.0)
        .fetch_optional(&mut *tx)
        .await?;
        let end = end.ok_or_else(|| CatalogError::not_found("session", parent))?;
        expires_at = expires_at.min(Instant(end));
    }
    let begin = Begin {
        kind: SessionKind::Program,
        name,
        device: wish.device,
        parent: wish.parent,
        token: &text,
        expires_at,
    };
    let session = session::begin(&mut tx, catalog, user.id, begin, now).await?;
    tx.commit().await?;
    Ok(Fresh {
        text,
        session,
        user: user.clone(),
        expires_at,
    })
}

/// Spends a refresh token for the next one. Of several who spend the same one at the same moment
/// the first gets the next, and every other one ends the session.
///
/// # Errors
/// The database failed.
pub async fn rotate(catalog: &Catalog, text: &str, now: Instant) -> Result<Refreshed> {
    if !text.starts_with(PREFIX) {
        return Ok(Refreshed::Unknown);
    }
    let mut tx = catalog.write().await?;
    let row = sqlx::query(
        "SELECT u.*, s.id AS session, s.expires_at AS ends FROM sessions s \
         JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 AND s.kind = 'program' \
         AND s.expires_at > $2 AND s.last_seen_at > $3 AND u.disabled_at IS NULL",
    )
    .bind(session::stored(text))
    .bind(now.0)
    .bind(session::idle_limit(now).0)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else {
        let ended = end_reused(&mut tx, catalog, text, now).await?;
        tx.commit().await?;
        return Ok(if ended {
            Refreshed::Reused
        } else {
            Refreshed::Unknown
        });
    };
    let id: i64 = row.try_get("session")?;
    let next = new_text()?;
    spend(&mut tx, id, text, now).await?;
    sqlx::query("UPDATE sessions SET token_hash = $1, last_seen_at = $2 WHERE id = $3")
        .bind(session::stored(&next))
        .bind(now.0)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Refreshed::Good(Box::new(Fresh {
        text: next,
        session: id,
        user: user::from_row(&row)?,
        expires_at: Instant(row.try_get("ends")?),
    })))
}

/// Ends the session of a refresh token, new or old. An unknown one is no error.
///
/// # Errors
/// The database failed.
pub async fn revoke(catalog: &Catalog, text: &str, now: Instant) -> Result<()> {
    let mut tx = catalog.write().await?;
    let found = sqlx::query(
        "SELECT id, user_id FROM sessions WHERE kind = 'program' AND (token_hash = $1 \
         OR id IN (SELECT session_id FROM spent_tokens WHERE token_hash = $1))",
    )
    .bind(session::stored(text))
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(row) = found {
        let (id, user) = (row.try_get("id")?, UserId(row.try_get("user_id")?));
        end(&mut tx, catalog, ("session.end", id, user), now).await?;
    }
    Ok(tx.commit().await?)
}

/// Whose session that is, if it is a program's and not over. The use is noted, at most once a
/// minute.
///
/// # Errors
/// The database failed.
pub async fn opened(
    catalog: &Catalog,
    (session, user): (i64, UserId),
    now: Instant,
) -> Result<Option<Opened>> {
    let row = sqlx::query(
        "SELECT u.*, s.id AS session, s.last_seen_at AS seen \
         FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND s.user_id = $2 \
         AND s.kind = 'program' AND s.expires_at > $3 AND s.last_seen_at > $4 \
         AND u.disabled_at IS NULL",
    )
    .bind(session)
    .bind(user.0)
    .bind(now.0)
    .bind(session::idle_limit(now).0)
    .fetch_optional(catalog.readers())
    .await?;
    match row {
        None => Ok(None),
        Some(row) => session::used(catalog, &row, SessionKind::Program, now)
            .await
            .map(Some),
    }
}

fn new_text() -> Result<String> {
    Ok(format!("{PREFIX}{}", random::hex::<32>()?))
}

/// Remembers a token as spent, and forgets the oldest ones of a session that has too many.
async fn spend(
    tx: &mut Transaction<'static, Any>,
    session: i64,
    text: &str,
    now: Instant,
) -> Result<()> {
    sqlx::query("INSERT INTO spent_tokens (token_hash, session_id, spent_at) VALUES ($1, $2, $3)")
        .bind(session::stored(text))
        .bind(session)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "DELETE FROM spent_tokens WHERE session_id = $1 AND token_hash IN (SELECT token_hash \
         FROM spent_tokens WHERE session_id = $1 ORDER BY spent_at DESC LIMIT 100 OFFSET $2)",
    )
    .bind(session)
    .bind(limits::SPENT_TOKENS_MAX)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends the session that a spent token belonged to, and tells whether there was one.
async fn end_reused(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    text: &str,
    now: Instant,
) -> Result<bool> {
    let found = sqlx::query(
        "SELECT s.id, s.user_id FROM spent_tokens t JOIN sessions s ON s.id = t.session_id \
         WHERE t.token_hash = $1",
    )
    .bind(session::stored(text))
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = found else { return Ok(false) };
    let (id, user) = (row.try_get("id")?, UserId(row.try_get("user_id")?));
    end(tx, catalog, ("session.reuse", id, user), now).await?;
    Ok(true)
}

async fn end(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    (action, id, user): (&'static str, i64, UserId),
    now: Instant,
) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    let before: Value = json!({ "session": id });
    audit::note_user(tx, catalog, (action, user, before), now).await
}

//! Links that set a new password for somebody who forgot the old one. A link works once and for an
//! hour; using it ends every session and leaves the second factor as it is, so that whoever reads
//! somebody's mail is not in yet.

use almanac_model::Instant;
use almanac_model::time::SECOND_US;
use serde_json::json;

use crate::audit;
use crate::catalog::Catalog;
use crate::error::{CatalogError, Result};
use crate::user::{self, UserId};
use crate::{limits, password, random};

/// Makes the token of a link for a user; the one before stops working.
///
/// # Errors
/// `NotFound` when there is no such user, or a disabled one.
pub async fn issue(catalog: &Catalog, user: UserId, now: Instant) -> Result<String> {
    let token = random::hex::<24>()?;
    let mut tx = catalog.write().await?;
    let found: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM users WHERE id = $1 AND disabled_at IS NULL")
            .bind(user.0)
            .fetch_one(&mut *tx)
            .await?;
    if found == 0 {
        return Err(CatalogError::not_found("user", user.0));
    }
    sqlx::query(
        "INSERT INTO password_resets (user_id, token_hash, created_at, expires_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET \
         token_hash = excluded.token_hash, created_at = excluded.created_at, \
         expires_at = excluded.expires_at",
    )
    .bind(user.0)
    .bind(stored(&token))
    .bind(now.0)
    .bind(now.plus_us(limits::RESET_AGE_MAX_S * SECOND_US).0)
    .execute(&mut *tx)
    .await?;
    audit::note_user(&mut tx, catalog, ("reset.issue", user, json!({})), now).await?;
    tx.commit().await?;
    Ok(token)
}

/// When the link of a user that waits to be used was made, if there is one.
///
/// # Errors
/// The database failed.
pub async fn asked_at(catalog: &Catalog, user: UserId) -> Result<Option<Instant>> {
    let at: Option<i64> =
        sqlx::query_scalar("SELECT created_at FROM password_resets WHERE user_id = $1")
            .bind(user.0)
            .fetch_optional(catalog.readers())
            .await?;
    Ok(at.map(Instant))
}

/// Sets a new password, ends every session of the user and spends the link. Nobody is signed in by
/// it. Of several who use the link at the same moment one succeeds.
///
/// # Errors
/// `LinkSpent`; `Invalid` for `password`, and the link stays good then.
pub async fn complete(
    catalog: &Catalog,
    token: &str,
    new_password: &str,
    now: Instant,
) -> Result<UserId> {
    // Before the costly hash, so that strangers cannot make the server compute for nothing.
    let mut reading = catalog.readers().acquire().await?;
    let user = holder(&mut reading, token, now).await?;
    drop(reading);
    password::check_policy(new_password)?;
    let hash = catalog.passwords.hash(new_password).await?;
    let mut tx = catalog.write().await?;
    if holder(&mut tx, token, now).await? != user {
        return Err(CatalogError::LinkSpent);
    }
    user::replace_hash(&mut tx, user, &hash).await?;
    sqlx::query("DELETE FROM password_resets WHERE user_id = $1")
        .bind(user.0)
        .execute(&mut *tx)
        .await?;
    audit::note_user(&mut tx, catalog, ("reset.complete", user, json!({})), now).await?;
    tx.commit().await?;
    Ok(user)
}

async fn holder(connection: &mut sqlx::AnyConnection, token: &str, now: Instant) -> Result<UserId> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT r.user_id FROM password_resets r JOIN users u ON u.id = r.user_id \
         WHERE r.token_hash = $1 AND r.expires_at > $2 AND u.disabled_at IS NULL",
    )
    .bind(stored(token))
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    found.map(UserId).ok_or(CatalogError::LinkSpent)
}

fn stored(token: &str) -> String {
    random::token_hash(token).to_hex().to_string()
}

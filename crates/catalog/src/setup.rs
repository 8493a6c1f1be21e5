//! The first run: a one-time token makes the first owner. Once there is an owner the set-up is
//! closed for ever, even if every user is removed later.

use almanac_model::Instant;
use serde_json::Value;
use sqlx::{Any, Transaction};

use crate::catalog::{Catalog, commit_change};
use crate::error::{CatalogError, Result};
use crate::random;
use crate::user::{self, NewUser, Reach, Role, User};

/// Whether an owner is still to be made.
///
/// # Errors
/// The database failed.
pub async fn needed(catalog: &Catalog) -> Result<bool> {
    let closed: i64 = sqlx::query_scalar(CLOSED)
        .fetch_one(catalog.readers())
        .await?;
    Ok(closed == 0)
}

/// Makes a token for the set-up link and forgets the one before. Nothing when the set-up is closed.
///
/// # Errors
/// The database failed.
pub async fn issue_token(catalog: &Catalog, now: Instant) -> Result<Option<String>> {
    let token = random::hex::<16>()?;
    let mut tx = catalog.write().await?;
    if is_closed(&mut tx).await? {
        return Ok(None);
    }
    sqlx::query(
        "INSERT INTO setup (id, token_hash, created_at) VALUES (1, $1, $2) \
         ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, \
         created_at = excluded.created_at",
    )
    .bind(random::token_hash(&token).to_hex().to_string())
    .bind(now.0)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Makes the owner, whatever role `new` names. Of several set-ups at the same moment exactly one
/// succeeds.
///
/// # Errors
/// `SetupClosed`, `SetupTokenWrong`, or what adding a user refuses; the token stays good then.
pub async fn complete(catalog: &Catalog, token: &str, new: NewUser, now: Instant) -> Result<User> {
    // Before the costly hash, so that strangers cannot make the server compute for nothing.
    check_token(&mut *catalog.readers().acquire().await?, token).await?;
    let checked = user::check(
        catalog,
        NewUser {
            role: Role::Owner,
            ..new
        },
    )
    .await?;
    let mut tx = catalog.write().await?;
    check_token(&mut tx, token).await?;
    let owner = user::insert(&mut tx, checked, Reach::All, now).await?;
    user::note(
        &mut tx,
        catalog,
        ("setup.complete", &owner),
        Value::Null,
        now,
    )
    .await?;
    close(&mut tx, now).await?;
    commit_change(tx).await?;
    Ok(owner)
}

/// Closes the set-up for ever; part of the transaction that adds an owner.
pub(crate) async fn close(tx: &mut Transaction<'static, Any>, now: Instant) -> Result<()> {
    sqlx::query(
        "INSERT INTO setup (id, token_hash, created_at, closed_at) VALUES (1, '', $1, $1) \
         ON CONFLICT (id) DO UPDATE SET token_hash = '', \
         closed_at = COALESCE(setup.closed_at, excluded.closed_at)",
    )
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

const CLOSED: &str = "SELECT COUNT(*) FROM setup WHERE closed_at IS NOT NULL";

async fn is_closed(connection: &mut sqlx::AnyConnection) -> Result<bool> {
    let closed: i64 = sqlx::query_scalar(CLOSED).fetch_one(connection).await?;
    Ok(closed > 0)
}

async fn check_token(connection: &mut sqlx::AnyConnection, token: &str) -> Result<()> {
    if is_closed(connection).await? {
        return Err(CatalogError::SetupClosed);
    }
    let stored: Option<String> = sqlx::query_scalar("SELECT token_hash FROM setup WHERE id = 1")
        .fetch_optional(connection)
        .await?;
    let expected = stored.and_then(|text| blake3::Hash::from_hex(text).ok());
    // Comparing two `Hash`es takes the same time wherever they differ.
    if expected != Some(random::token_hash(token)) {
        return Err(CatalogError::SetupTokenWrong);
    }
    Ok(())
}

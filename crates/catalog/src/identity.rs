//! Who a user is at a provider of sign-ins: issuer and subject. An address is good for joining,
//! once, where the provider has verified it; it never opens an account that exists.

use almanac_model::Instant;
use serde_json::json;
use sqlx::{Any, Transaction};

use crate::audit;
use crate::catalog::{Catalog, commit_change};
use crate::error::{CatalogError, Result};
use crate::user::{self, NewUser, Reach, Role, User, UserId};
use crate::{invitation, random};

/// A person at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The provider's address.
    pub issuer: &'a str,
    /// By which the provider knows the person for ever.
    pub subject: &'a str,
}

/// Somebody who is nobody's identity yet and wants to become a member.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    /// Who it is.
    pub identity: Identity<'a>,
    /// The address, verified by the provider.
    pub email: &'a str,
    /// How the provider calls the person; may be empty.
    pub name: &'a str,
    /// What it becomes without an invitation; none: then it does not.
    pub role: Option<Role>,
}

/// The user who is that person, switched off or not.
///
/// # Errors
/// The database failed.
pub async fn find(catalog: &Catalog, identity: Identity<'_>) -> Result<Option<User>> {
    sqlx::query(
        "SELECT u.* FROM identities i JOIN users u ON u.id = i.user_id \
         WHERE i.issuer = $1 AND i.subject = $2",
    )
    .bind(identity.issuer)
    .bind(identity.subject)
    .fetch_optional(catalog.readers())
    .await?
    .as_ref()
    .map(user::from_row)
    .transpose()
}

/// Whether a user can sign in through that provider.
///
/// # Errors
/// The database failed.
pub async fn is_linked(catalog: &Catalog, user: UserId, issuer: &str) -> Result<bool> {
    let found: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM identities WHERE user_id = $1 AND issuer = $2")
            .bind(user.0)
            .bind(issuer)
            .fetch_one(catalog.readers())
            .await?;
    Ok(found > 0)
}

/// Makes a user known by that person, in place of another one at the same provider.
///
/// # Errors
/// `Taken` when the person is somebody else already.
pub async fn link(
    catalog: &Catalog,
    user: UserId,
    identity: Identity<'_>,
    now: Instant,
) -> Result<()> {
    let mut tx = catalog.write().await?;
    let holder: Option<i64> =
        sqlx::query_scalar("SELECT user_id FROM identities WHERE issuer = $1 AND subject = $2")
            .bind(identity.issuer)
            .bind(identity.subject)
            .fetch_optional(&mut *tx)
            .await?;
    match holder {
        Some(holder) if holder == user.0 => return Ok(()),
        Some(_) => {
            return Err(CatalogError::Taken {
                what: "identity",
                value: identity.issuer.to_owned(),
                holder: "another account".to_owned(),
            });
        }
        None => {}
    }
    sqlx::query("DELETE FROM identities WHERE user_id = $1 AND issuer = $2")
        .bind(user.0)
        .bind(identity.issuer)
        .execute(&mut *tx)
        .await?;
    insert(&mut tx, user, identity, now).await?;
    let about = ("identity.link", user, json!({ "issuer": identity.issuer }));
    audit::note_user(&mut tx, catalog, about, now).await?;
    Ok(tx.commit().await?)
}

/// Ends that a user is known through that provider.
///
/// # Errors
/// `NotFound`.
pub async fn unlink(catalog: &Catalog, user: UserId, issuer: &str, now: Instant) -> Result<()> {
    let mut tx = catalog.write().await?;
    let removed = sqlx::query("DELETE FROM identities WHERE user_id = $1 AND issuer = $2")
        .bind(user.0)
        .bind(issuer)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    if removed == 0 {
        return Err(CatalogError::not_found("identity", issuer));
    }
    let about = ("identity.unlink", user, json!({ "issuer": issuer }));
    audit::note_user(&mut tx, catalog, about, now).await?;
    Ok(tx.commit().await?)
}

/// Makes a newcomer a member: as the invitation for the address says, else with the role that
/// newcomers have; nobody when there is neither. The account has a password that nobody knows.
///
/// # Errors
/// `Taken` when there is an account with the address: it belongs to whoever can sign in to it.
pub async fn join(catalog: &Catalog, newcomer: Newcomer<'_>, now: Instant) -> Result<Option<User>> {
    let invitation = invitation::waiting_for(catalog, newcomer.email, now).await?;
    let role = invitation.as_ref().map(|invitation| invitation.role);
    let Some(role) = role.or(newcomer.role) else {
        return match user::by_email(catalog, newcomer.email).await {
            Err(CatalogError::NotFound { .. }) => Ok(None),
            Err(other) => Err(other),
            Ok(_) => Err(CatalogError::Taken {
                what: "email",
                value: newcomer.email.to_owned(),
                holder: "an account".to_owned(),
            }),
        };
    };
    let new = NewUser {
        email: newcomer.email.to_owned(),
        name: newcomer.name.to_owned(),
        password: random::hex::<32>()?,
        role,
    };
    let checked = user::check(catalog, new).await?;
    let mut tx = catalog.write().await?;
    let member = match &invitation {
        Some(invitation) => invitation::admit(&mut tx, catalog, (invitation, checked), now).await?,
        None => user::insert(&mut tx, checked, Reach::All, now).await?,
    };
    insert(&mut tx, member.id, newcomer.identity, now).await?;
    let after = json!({ "issuer": newcomer.identity.issuer });
    let about = ("identity.join", member.id, after);
    audit::note_user(&mut tx, catalog, about, now).await?;
    commit_change(tx).await?;
    Ok(Some(member))
}

async fn insert(
    tx: &mut Transaction<'static, Any>,
    user: UserId,
    identity: Identity<'_>,
    now: Instant,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO identities (issuer, subject, user_id, created_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(identity.issuer)
    .bind(identity.subject)
    .bind(user.0)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

//! Invitations: a one-time link makes somebody a member with a role that was decided before. Stored
//! is the hash of the link's token; whoever has the link chooses name and password.

use almanac_model::Instant;
use almanac_model::time::SECOND_US;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, commit_change, next_id};
use crate::error::{CatalogError, Result};
use crate::grant::{self, Grant};
use crate::user::{self, NewUser, Reach, Role, User};
use crate::{limits, random};

/// Who is to become a member, as what.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// The address with which the member will sign in.
    pub email: String,
    /// The role of the account.
    pub role: Role,
    /// All projects, or those of `grants`.
    pub reach: Reach,
    /// Roles in single projects.
    pub grants: Vec<Grant>,
}

/// An invitation that waits, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Which invitation, never given again.
    pub id: i64,
    /// Who is invited.
    pub email: String,
    /// The role of the account to be.
    pub role: Role,
    /// All projects, or granted ones.
    pub reach: Reach,
    /// When it was made.
    pub created_at: Instant,
    /// When its link stops working.
    pub expires_at: Instant,
}

/// Makes an invitation and gives it with the token of its link. One for the same address takes the
/// place of the one before.
///
/// # Errors
/// `Invalid` for `email`, `role` or `grants`, or when 500 wait; `Taken` when the address is a
/// user's; `NotFound` for a project.
pub async fn add(
    catalog: &Catalog,
    new: NewInvitation,
    now: Instant,
) -> Result<(Invitation, String)> {
    let email = new.email.trim().to_owned();
    user::check_email(&email)?;
    grant::check(&new.grants)?;
    user::check_reach(new.role, new.reach)?;
    let token = random::hex::<24>()?;
    let expires_at = now.plus_us(limits::INVITATION_AGE_MAX_S * SECOND_US);
    let mut tx = catalog.write().await?;
    remove_expired(&mut tx, now).await?;
    user::refuse_taken(&mut tx, &email).await?;
    sqlx::query("DELETE FROM invitations WHERE email_key = $1")
        .bind(user::email_key(&email))
        .execute(&mut *tx)
        .await?;
    let waiting: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM invitations")
        .fetch_one(&mut *tx)
        .await?;
    if waiting >= limits::INVITATIONS_MAX {
        let reason = format!("{waiting} invitations wait already; withdraw some");
        return Err(CatalogError::invalid("email", reason));
    }
    let id = next_id(&mut tx, "invitation").await?;
    let invitation = Invitation {
        id,
        email,
        role: new.role,
        reach: new.reach,
        created_at: now,
        expires_at,
    };
    insert(&mut tx, &invitation, &token, &new.grants).await?;
    let after = shape(&invitation, &new.grants);
    note(&mut tx, catalog, ("invitation.add", id, after), now).await?;
    tx.commit().await?;
    Ok((invitation, token))
}

async fn insert(
    tx: &mut Transaction<'static, Any>,
    invitation: &Invitation,
    token: &str,
    grants: &[Grant],
) -> Result<()> {
    sqlx::query(
        "INSERT INTO invitations (id, token_hash, email, email_key, role, reach, created_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(invitation.id)
    .bind(stored(token))
    .bind(&invitation.email)
    .bind(user::email_key(&invitation.email))
    .bind(invitation.role.name())
    .bind(invitation.reach.name())
    .bind(invitation.created_at.0)
    .bind(invitation.expires_at.0)
    .execute(&mut **tx)
    .await?;
    for grant in grants {
        grant::must_exist(tx, grant.project).await?;
        sqlx::query(
            "INSERT INTO invitation_grants (invitation_id, project_id, role) VALUES ($1, $2, $3)",
        )
        .bind(invitation.id)
        .bind(i64::from(grant.project.0))
        .bind(grant.role.name())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// The invitations that wait, oldest first.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog, now: Instant) -> Result<Vec<Invitation>> {
    sqlx::query("SELECT * FROM invitations WHERE expires_at > $1 ORDER BY id")
        .bind(now.0)
        .fetch_all(catalog.readers())
        .await?
        .iter()
        .map(from_row)
        .collect()
}

/// The invitation that this token opens.
///
/// # Errors
/// `LinkSpent`.
pub async fn find(catalog: &Catalog, token: &str, now: Instant) -> Result<Invitation> {
    sqlx::query("SELECT * FROM invitations WHERE token_hash = $1 AND expires_at > $2")
        .bind(stored(token))
        .bind(now.0)
        .fetch_optional(catalog.readers())
        .await?
        .ok_or(CatalogError::LinkSpent)
        .and_then(|row| from_row(&row))
}

/// Makes the invited person a member. Of several who use the link at the same moment one succeeds.
///
/// # Errors
/// `LinkSpent`; what adding a user refuses, and the link stays good then.
pub async fn accept(
    catalog: &Catalog,
    token: &str,
    (name, password): (&str, &str),
    now: Instant,
) -> Result<User> {
    // Before the costly hash, so that strangers cannot make the server compute for nothing.
    let invitation = find(catalog, token, now).await?;
    let new = NewUser {
        email: invitation.email.clone(),
        name: name.to_owned(),
        password: password.to_owned(),
        role: invitation.role,
    };
    let checked = user::check(catalog, new).await?;
    let mut tx = catalog.write().await?;
    let member = admit(&mut tx, catalog, (&invitation, checked), now).await?;
    commit_change(tx).await?;
    Ok(member)
}

/// The invitation that waits for that address, whoever holds its link.
pub(crate) async fn waiting_for(
    catalog: &Catalog,
    email: &str,
    now: Instant,
) -> Result<Option<Invitation>> {
    sqlx::query("SELECT * FROM invitations WHERE email_key = $1 AND expires_at > $2")
        .bind(user::email_key(email))
        .bind(now.0)
        .fetch_optional(catalog.readers())
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// Spends an invitation and adds its member. Somebody else who spent it first is `LinkSpent`.
pub(crate) async fn admit(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    (invitation, checked): (&Invitation, user::CheckedUser),
    now: Instant,
) -> Result<User> {
    let grants = sqlx::query("SELECT * FROM invitation_grants WHERE invitation_id = $1")
        .bind(invitation.id)
        .fetch_all(&mut **tx)
        .await?;
    let grants: Vec<Grant> = grants.iter().map(grant::from_row).collect::<Result<_>>()?;
    let spent = sqlx::query("DELETE FROM invitations WHERE id = $1")
        .bind(invitation.id)
        .execute(&mut **tx)
        .await?
        .rows_affected();
    if spent == 0 {
        return Err(CatalogError::LinkSpent);
    }
    let member = user::insert(tx, checked, invitation.reach, now).await?;
    grant::insert(tx, member.id, &grants).await?;
    let after = shape(invitation, &grants);
    let about = ("invitation.accept", invitation.id, after);
    note(tx, catalog, about, now).await?;
    Ok(member)
}

/// Withdraws an invitation; its link stops working at once.
///
/// # Errors
/// `NotFound`.
pub async fn remove(catalog: &Catalog, id: i64, now: Instant) -> Result<()> {
    let mut tx = catalog.write().await?;
    let removed = sqlx::query("DELETE FROM invitations WHERE id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    if removed == 0 {
        return Err(CatalogError::not_found("invitation", id));
    }
    note(&mut tx, catalog, ("invitation.remove", id, json!({})), now).await?;
    Ok(tx.commit().await?)
}

async fn remove_expired(tx: &mut Transaction<'static, Any>, now: Instant) -> Result<()> {
    sqlx::query("DELETE FROM invitations WHERE expires_at <= $1")
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn note(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    (action, id, after): (&'static str, i64, Value),
    now: Instant,
) -> Result<()> {
    let subject = format!("invitation {id}");
    let deed = Deed {
        action,
        subject: &subject,
        before: Value::Null,
        after,
    };
    audit::note(tx, catalog, deed, now).await
}

fn shape(invitation: &Invitation, grants: &[Grant]) -> Value {
    json!({
        "email": invitation.email,
        "role": invitation.role.name(),
        "reach": invitation.reach.name(),
        "grants": grant::shape(grants),
    })
}

fn from_row(row: &AnyRow) -> Result<Invitation> {
    let role: String = row.try_get("role")?;
    let reach: String = row.try_get("reach")?;
    Ok(Invitation {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        role: Role::from_name(&role).ok_or_else(|| CatalogError::corrupt("role", role))?,
        reach: Reach::from_name(&reach).ok_or_else(|| CatalogError::corrupt("reach", reach))?,
        created_at: Instant(row.try_get("created_at")?),
        expires_at: Instant(row.try_get("expires_at")?),
    })
}

fn stored(token: &str) -> String {
    random::token_hash(token).to_hex().to_string()
}

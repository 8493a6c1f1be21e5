//! Users: who may sign in, with which password, and what the account may do. Sessions, second
//! factors and roles in single projects are in their own files.

use almanac_model::Instant;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, commit_change, next_id};
use crate::error::{CatalogError, Result};
use crate::{limits, password};

/// The id of a user, never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(pub i64);

/// What a user may do, from most to least; a lesser role compares as greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything, including the removal of others.
    Owner,
    /// Everything but owners.
    Admin,
    /// Projects and what is shown of them.
    Editor,
    /// Looking only.
    Viewer,
}

impl Role {
    /// Every role, from most to least.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Editor, Self::Viewer];

    /// Whether somebody of this role may do what takes at least the role `least`.
    pub fn may_act_as(self, least: Self) -> bool {
        self <= least
    }

    /// The role's one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Which projects the role of an account is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Every project, those to come included.
    All,
    /// Only projects that are granted, with the role of the grant.
    Granted,
}

impl Reach {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::All, Self::Granted];

    /// The one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Granted => "granted",
        }
    }

    /// The reach of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reach| reach.name() == name)
    }
}

/// A user, without the password hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Which user.
    pub id: UserId,
    /// The address as it was written.
    pub email: String,
    /// How the user is called.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// In which projects.
    pub reach: Reach,
    /// When the user was added.
    pub created_at: Instant,
    /// When the account was switched off; such a user cannot sign in.
    pub disabled_at: Option<Instant>,
}

/// What should change about an account; what is none stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserChange {
    /// The role of the account.
    pub role: Option<Role>,
    /// In which projects.
    pub reach: Option<Reach>,
    /// Whether the account is switched off, which ends its sessions.
    pub is_disabled: Option<bool>,
}

/// What is needed to add a user.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The address; unique in any spelling of case.
    pub email: String,
    /// How the user is called; empty: the part of the address before the `@`.
    pub name: String,
    /// The password in plain, to be hashed.
    pub password: String,
    /// What the user may do.
    pub role: Role,
}

/// Adds a user.
///
/// # Errors
/// `Invalid` for `email`, `name` or `password`; `Taken` when the address is in use.
pub async fn add(catalog: &Catalog, new: NewUser, now: Instant) -> Result<User> {
    let checked = check(catalog, new).await?;
    let mut tx = catalog.write().await?;
    let user = insert(&mut tx, checked, Reach::All, now).await?;
    note(&mut tx, catalog, ("user.add", &user), Value::Null, now).await?;
    if user.role == Role::Owner {
        crate::setup::close(&mut tx, now).await?;
    }
    commit_change(tx).await?;
    Ok(user)
}

/// The user with that address, in any spelling of case.
///
/// # Errors
/// `NotFound`.
pub async fn by_email(catalog: &Catalog, email: &str) -> Result<User> {
    sqlx::query("SELECT * FROM users WHERE email_key = $1")
        .bind(email_key(email))
        .fetch_optional(catalog.readers())
        .await?
        .ok_or_else(|| CatalogError::not_found("user", email))
        .and_then(|row| from_row(&row))
}

/// The user with that id.
///
/// # Errors
/// `NotFound`.
pub async fn by_id(catalog: &Catalog, id: UserId) -> Result<User> {
    sqlx::query("SELECT * FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_optional(catalog.readers())
        .await?
        .ok_or_else(|| CatalogError::not_found("user", id.0))
        .and_then(|row| from_row(&row))
}

/// Every user, in the order in which they were added.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog) -> Result<Vec<User>> {
    sqlx::query("SELECT * FROM users ORDER BY id")
        .fetch_all(catalog.readers())
        .await?
        .iter()
        .map(from_row)
        .collect()
}

/// The user to whom this address and password belong; nobody when either is wrong or the account is
/// switched off, after the same time in every case.
///
/// # Errors
/// `Overloaded` when too many passwords are being checked.
pub async fn authenticate(catalog: &Catalog, email: &str, password: &str) -> Result<Option<User>> {
    let row = sqlx::query("SELECT * FROM users WHERE email_key = $1")
        .bind(email_key(email))
        .fetch_optional(catalog.readers())
        .await?;
    let hash = row
        .as_ref()
        .map(|row| row.try_get("password_hash"))
        .transpose()?;
    let matches = catalog.passwords.verify(password, hash).await?;
    let user = row.map(|row| from_row(&row)).transpose()?;
    Ok(user.filter(|user| matches && user.disabled_at.is_none()))
}

/// Changes the name.
///
/// # Errors
/// `NotFound`; `Invalid` for `name`.
pub async fn rename(catalog: &Catalog, id: UserId, name: &str, now: Instant) -> Result<User> {
    let name = check_name("name", name)?;
    let mut tx = catalog.write().await?;
    let before = find(&mut tx, id).await?;
    sqlx::query("UPDATE users SET name = $1 WHERE id = $2")
        .bind(name)
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
    let after = find(&mut tx, id).await?;
    note(
        &mut tx,
        catalog,
        ("user.rename", &after),
        shape(&before),
        now,
    )
    .await?;
    commit_change(tx).await?;
    Ok(after)
}

/// Sets a new password and ends every session of the user. Whoever calls has checked the old one.
///
/// # Errors
/// `NotFound`; `Invalid` for `password`; `Overloaded`.
pub async fn change_password(
    catalog: &Catalog,
    id: UserId,
    new_password: &str,
    now: Instant,
) -> Result<()> {
    password::check_policy(new_password)?;
    let hash = catalog.passwords.hash(new_password).await?;
    let mut tx = catalog.write().await?;
    let user = find(&mut tx, id).await?;
    replace_hash(&mut tx, id, &hash).await?;
    note(&mut tx, catalog, ("user.password", &user), Value::Null, now).await?;
    Ok(tx.commit().await?)
}

/// Changes role, reach or whether the account is switched on. Switching it off ends its sessions.
///
/// # Errors
/// `NotFound`; `LastOwner`; `Invalid` for `reach`.
pub async fn change(
    catalog: &Catalog,
    id: UserId,
    change: UserChange,
    now: Instant,
) -> Result<User> {
    let mut tx = catalog.write().await?;
    let before = find(&mut tx, id).await?;
    let role = change.role.unwrap_or(before.role);
    let reach = change.reach.unwrap_or(before.reach);
    check_reach(role, reach)?;
    let disabled_at = match change.is_disabled {
        Some(true) => Some(before.disabled_at.unwrap_or(now)),
        Some(false) => None,
        None => before.disabled_at,
    };
    sqlx::query("UPDATE users SET role = $1, reach = $2, disabled_at = $3 WHERE id = $4")
        .bind(role.name())
        .bind(reach.name())
        .bind(disabled_at.map(|at| at.0))
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
    keep_an_owner(&mut tx, &before).await?;
    if disabled_at.is_some() {
        end_sessions(&mut tx, id).await?;
    }
    let after = find(&mut tx, id).await?;
    note(
        &mut tx,
        catalog,
        ("user.change", &after),
        shape(&before),
        now,
    )
    .await?;
    commit_change(tx).await?;
    Ok(after)
}

/// Removes a user with sessions, second factor and grants.
///
/// # Errors
/// `NotFound`; `LastOwner`.
pub async fn remove(catalog: &Catalog, id: UserId, now: Instant) -> Result<()> {
    let mut tx = catalog.write().await?;
    let user = find(&mut tx, id).await?;
    sqlx::query("DELETE FROM users WHERE id = $1")
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
    keep_an_owner(&mut tx, &user).await?;
    let subject = format!("user {}", id.0);
    let deed = Deed {
        action: "user.remove",
        subject: &subject,
        before: shape(&user),
        after: Value::Null,
    };
    audit::note(&mut tx, catalog, deed, now).await?;
    commit_change(tx).await
}

/// Refuses a change after which nobody who can sign in is an owner. `before` is who was changed.
async fn keep_an_owner(tx: &mut Transaction<'static, Any>, before: &User) -> Result<()> {
    if before.role != Role::Owner || before.disabled_at.is_some() {
        return Ok(());
    }
    let owners: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM users WHERE role = 'owner' AND disabled_at IS NULL",
    )
    .fetch_one(&mut **tx)
    .await?;
    if owners > 0 {
        return Ok(());
    }
    let email = before.email.clone();
    Err(CatalogError::LastOwner { email })
}

/// Owners and admins see everything: a reach of granted projects would be a false comfort.
pub(crate) fn check_reach(role: Role, reach: Reach) -> Result<()> {
    if reach == Reach::Granted && role.may_act_as(Role::Admin) {
        let reason = format!("an {} reaches all projects", role.name());
        return Err(CatalogError::invalid("reach", reason));
    }
    Ok(())
}

/// Refuses an address that is somebody's.
pub(crate) async fn refuse_taken(tx: &mut Transaction<'static, Any>, email: &str) -> Result<()> {
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users WHERE email_key = $1")
        .bind(email_key(email))
        .fetch_one(&mut **tx)
        .await?;
    if found > 0 {
        return Err(taken(email.to_owned()));
    }
    Ok(())
}

/// Replaces the password's hash and ends every session, inside a transaction.
pub(crate) async fn replace_hash(
    tx: &mut Transaction<'static, Any>,
    id: UserId,
    hash: &str,
) -> Result<()> {
    sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2")
        .bind(hash)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    end_sessions(tx, id).await
}

async fn end_sessions(tx: &mut Transaction<'static, Any>, id: UserId) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE user_id = $1")
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn find(tx: &mut Transaction<'static, Any>, id: UserId) -> Result<User> {
    sqlx::query("SELECT * FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(|| CatalogError::not_found("user", id.0))
        .and_then(|row| from_row(&row))
}

pub(crate) async fn note(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    (action, user): (&'static str, &User),
    before: Value,
    now: Instant,
) -> Result<()> {
    let subject = format!("user {}", user.id.0);
    let deed = Deed {
        action,
        subject: &subject,
        before,
        after: shape(user),
    };
    audit::note(tx, catalog, deed, now).await
}

/// A user as the audit log shows one.
fn shape(user: &User) -> Value {
    json!({
        "email": user.email,
        "name": user.name,
        "role": user.role.name(),
        "reach": user.reach.name(),
        "is_disabled": user.disabled_at.is_some(),
    })
}

fn taken(email: String) -> CatalogError {
    CatalogError::Taken {
        what: "email",
        value: email,
        holder: "another user".to_owned(),
    }
}

/// A new user whose fields obey the rules and whose password is hashed.
pub(crate) struct CheckedUser {
    email: String,
    name: String,
    password_hash: String,
    role: Role,
}

/// Checks and hashes outside any transaction, because hashing takes long.
pub(crate) async fn check(catalog: &Catalog, new: NewUser) -> Result<CheckedUser> {
    let email = new.email.trim().to_owned();
    let local = check_email(&email)?;
    let name = match new.name.trim() {
        "" => local.chars().take(limits::NAME_CHARS_MAX).collect(),
        name => check_name("name", name)?.to_owned(),
    };
    password::check_policy(&new.password)?;
    let password_hash = catalog.passwords.hash(&new.password).await?;
    Ok(CheckedUser {
        email,
        name,
        password_hash,
        role: new.role,
    })
}

/// Adds a checked user inside a transaction.
pub(crate) async fn insert(
    tx: &mut Transaction<'static, Any>,
    new: CheckedUser,
    reach: Reach,
    now: Instant,
) -> Result<User> {
    let users: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users")
        .fetch_one(&mut **tx)
        .await?;
    if users >= limits::USERS_MAX {
        let reason = format!("there are {users} users, no more are possible");
        return Err(CatalogError::invalid("email", reason));
    }
    let id = next_id(tx, "user").await?;
    let added = sqlx::query(
        "INSERT INTO users (id, email, email_key, name, password_hash, role, created_at, reach) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (email_key) DO NOTHING",
    )
    .bind(id)
    .bind(&new.email)
    .bind(email_key(&new.email))
    .bind(&new.name)
    .bind(&new.password_hash)
    .bind(new.role.name())
    .bind(now.0)
    .bind(reach.name())
    .execute(&mut **tx)
    .await?;
    if added.rows_affected() == 0 {
        return Err(taken(new.email));
    }
    let CheckedUser {
        email, name, role, ..
    } = new;
    Ok(User {
        id: UserId(id),
        email,
        name,
        role,
        reach,
        created_at: now,
        disabled_at: None,
    })
}

/// Reads a row of `users`.
pub(crate) fn from_row(row: &AnyRow) -> Result<User> {
    let role: String = row.try_get("role")?;
    let reach: String = row.try_get("reach")?;
    let disabled_at: Option<i64> = row.try_get("disabled_at")?;
    Ok(User {
        id: UserId(row.try_get("id")?),
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: Role::from_name(&role).ok_or_else(|| CatalogError::corrupt("role", role))?,
        reach: Reach::from_name(&reach).ok_or_else(|| CatalogError::corrupt("reach", reach))?,
        created_at: Instant(row.try_get("created_at")?),
        disabled_at: disabled_at.map(Instant),
    })
}

/// Refuses a name of a user, project or key that is empty, too long or would spoil a terminal.
pub(crate) fn check_name<'a>(field: &'static str, name: &'a str) -> Result<&'a str> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > limits::NAME_CHARS_MAX {
        let max = limits::NAME_CHARS_MAX;
        let reason = format!("has {length} characters, 1 to {max} are allowed");
        return Err(CatalogError::invalid(field, reason));
    }
    if name.chars().any(char::is_control) {
        return Err(CatalogError::invalid(
            field,
            format!("{name:?} contains a control character"),
        ));
    }
    Ok(name)
}

/// The spelling by which addresses are compared.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether mail could reach the address is only known by sending some; here obvious slips are
/// refused. Gives the part before the `@`.
pub(crate) fn check_email(email: &str) -> Result<&str> {
    let invalid = |reason: &str| {
        Err(CatalogError::invalid(
            "email",
            format!("{email:?} {reason}"),
        ))
    };
    if email.len() > limits::EMAIL_BYTES_MAX {
        return invalid("is longer than 254 bytes");
    }
    if email
        .chars()
        .any(|character| character.is_whitespace() || character.is_control())
    {
        return invalid("contains a space or a control character");
    }
    match email.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => Ok(local),
        _ => invalid("is no e-mail address; write name@host"),
    }
}

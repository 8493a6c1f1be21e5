//! Users: who may sign in, and with which password. Sessions are in their own file.

use almanac_model::Instant;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

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
    /// When the user was added.
    pub created_at: Instant,
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
    let user = insert(&mut tx, checked, now).await?;
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
    sqlx::query("SELECT id, email, name, role, created_at FROM users WHERE email_key = $1")
        .bind(email_key(email))
        .fetch_optional(catalog.readers())
        .await?
        .ok_or_else(|| CatalogError::not_found("user", email))
        .and_then(|row| from_row(&row))
}

/// Every user, in the order in which they were added.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog) -> Result<Vec<User>> {
    sqlx::query("SELECT id, email, name, role, created_at FROM users ORDER BY id")
        .fetch_all(catalog.readers())
        .await?
        .iter()
        .map(from_row)
        .collect()
}

/// The user to whom this address and password belong; nobody when either is wrong, after the same
/// time in both cases.
///
/// # Errors
/// `Overloaded` when too many passwords are being checked.
pub async fn authenticate(catalog: &Catalog, email: &str, password: &str) -> Result<Option<User>> {
    let row = sqlx::query(
        "SELECT id, email, name, role, created_at, password_hash FROM users WHERE email_key = $1",
    )
    .bind(email_key(email))
    .fetch_optional(catalog.readers())
    .await?;
    let hash = row
        .as_ref()
        .map(|row| row.try_get("password_hash"))
        .transpose()?;
    let matches = catalog.passwords.verify(password, hash).await?;
    row.filter(|_| matches)
        .map(|row| from_row(&row))
        .transpose()
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
    now: Instant,
) -> Result<User> {
    let id = next_id(tx, "user").await?;
    let added = sqlx::query(
        "INSERT INTO users (id, email, email_key, name, password_hash, role, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email_key) DO NOTHING",
    )
    .bind(id)
    .bind(&new.email)
    .bind(email_key(&new.email))
    .bind(&new.name)
    .bind(&new.password_hash)
    .bind(new.role.name())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    if added.rows_affected() == 0 {
        let holder = "another user".to_owned();
        return Err(CatalogError::Taken {
            what: "email",
            value: new.email,
            holder,
        });
    }
    let CheckedUser {
        email, name, role, ..
    } = new;
    Ok(User {
        id: UserId(id),
        email,
        name,
        role,
        created_at: now,
    })
}

/// Reads the columns `id, email, name, role, created_at`.
pub(crate) fn from_row(row: &AnyRow) -> Result<User> {
    let role: String = row.try_get("role")?;
    Ok(User {
        id: UserId(row.try_get("id")?),
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: Role::from_name(&role).ok_or_else(|| CatalogError::corrupt("role", role))?,
        created_at: Instant(row.try_get("created_at")?),
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

fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether mail could reach the address is only known by sending some; here obvious slips are
/// refused. Gives the part before the `@`.
fn check_email(email: &str) -> Result<&str> {
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

//! Keys of programs: `alm_<letter of scope>_<prefix>_<secret>`. The prefix finds the key, the
//! secret proves it; stored is the secret's hash. A revoked key fails at once, because every use is
//! looked up here.

use almanac_model::time::SECOND_US;
use almanac_model::{Instant, ProjectId};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, commit_change, next_id};
use crate::error::{CatalogError, Result};
use crate::project::project_id;
use crate::user::check_name;
use crate::{limits, project, random};

/// What a key opens. The first three are keys of one project, the last of the whole instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyScope {
    /// Sending events.
    Ingest,
    /// Asking questions.
    Stats,
    /// Asking questions and changing the project.
    ProjectWrite,
    /// What an admin may do, in all projects.
    Admin,
}

impl KeyScope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Ingest, Self::Stats, Self::ProjectWrite, Self::Admin];

    /// The scope's one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Stats => "stats:read",
            Self::ProjectWrite => "project:write",
            Self::Admin => "admin",
        }
    }

    /// The scope of that name; `stats` is what `stats:read` was called first.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "stats" {
            return Some(Self::Stats);
        }
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// The letter by which a key in a log or a leak tells what it opens.
    fn letter(self) -> &'static str {
        match self {
            Self::Ingest => "i",
            Self::Stats => "s",
            Self::ProjectWrite => "w",
            Self::Admin => "a",
        }
    }
}

/// A key as it is kept: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Which key, never given again.
    pub id: i64,
    /// The project it opens; none for a key of the whole instance.
    pub project: Option<ProjectId>,
    /// What it opens there.
    pub scope: KeyScope,
    /// The part by which it is known.
    pub prefix: String,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it stops working by itself.
    pub expires_at: Option<Instant>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// A key just made. `text` is shown once and kept nowhere; it does not print.
pub struct NewKey {
    /// What is kept of it.
    pub key: Key,
    /// The whole key, for the program that will use it.
    pub text: String,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("NewKey")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// What a key is to be.
#[derive(Debug, Clone)]
pub struct KeyWish {
    /// The project that it opens; none for the scope `admin`, and only for that.
    pub project: Option<ProjectId>,
    /// What it opens there.
    pub scope: KeyScope,
    /// What it is for; empty: called after its scope.
    pub name: String,
    /// When it stops working; none: when it is revoked.
    pub expires_at: Option<Instant>,
}

/// Makes a key of a project that works until it is revoked.
///
/// # Errors
/// Those of [`make`].
pub async fn add(
    catalog: &Catalog,
    project: ProjectId,
    scope: KeyScope,
    name: &str,
    now: Instant,
) -> Result<NewKey> {
    let wish = KeyWish {
        project: Some(project),
        scope,
        name: name.to_owned(),
        expires_at: None,
    };
    make(catalog, wish, now).await
}

/// Makes a key.
///
/// # Errors
/// `NotFound` for the project; `Invalid` for `name`, `scope` or `expires_at`, or when there are 100
/// keys already.
pub async fn make(catalog: &Catalog, wish: KeyWish, now: Instant) -> Result<NewKey> {
    let name = check(&wish, now)?.to_owned();
    if let Some(project) = wish.project {
        project::by_id(catalog, project).await?;
    }
    let (prefix, secret) = (random::hex::<6>()?, random::hex::<24>()?);
    let mut tx = catalog.write().await?;
    check_room(&mut tx, wish.project).await?;
    let key = Key {
        id: next_id(&mut tx, "key").await?,
        project: wish.project,
        scope: wish.scope,
        prefix,
        name,
        created_at: now,
        expires_at: wish.expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    sqlx::query(
        "INSERT INTO keys (id, project_id, scope, prefix, secret_hash, name, created_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(key.id)
    .bind(key.project.map(|id| i64::from(id.0)))
    .bind(key.scope.name())
    .bind(&key.prefix)
    .bind(random::token_hash(&secret).to_hex().to_string())
    .bind(&key.name)
    .bind(now.0)
    .bind(key.expires_at.map(|at| at.0))
    .execute(&mut *tx)
    .await?;
    note(
        &mut tx,
        catalog,
        ("key.add", key.id),
        (Value::Null, shape(&key)),
        now,
    )
    .await?;
    commit_change(tx).await?;
    let text = format!("alm_{}_{}_{secret}", key.scope.letter(), key.prefix);
    Ok(NewKey { key, text })
}

/// Refuses a wish that contradicts itself, and gives the key's name.
fn check(wish: &KeyWish, now: Instant) -> Result<&str> {
    if wish.project.is_none() != (wish.scope == KeyScope::Admin) {
        let reason = "is for the whole instance, the other scopes are for one project";
        return Err(CatalogError::invalid("scope", format!("admin {reason}")));
    }
    let latest = now.plus_us(limits::KEY_AGE_MAX_S * SECOND_US);
    if wish.expires_at.is_some_and(|at| at <= now || at > latest) {
        let reason = "must lie ahead, by ten years at most";
        return Err(CatalogError::invalid("expires_at", reason));
    }
    match wish.name.trim() {
        "" => Ok(wish.scope.name()),
        _ => check_name("name", &wish.name),
    }
}

async fn check_room(tx: &mut Transaction<'static, Any>, project: Option<ProjectId>) -> Result<()> {
    let active: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM keys WHERE COALESCE(project_id, 0) = $1 AND revoked_at IS NULL",
    )
    .bind(project.map_or(0, |id| i64::from(id.0)))
    .fetch_one(&mut **tx)
    .await?;
    let (whose, max) = match project {
        Some(id) => (format!("project {}", id.0), limits::PROJECT_KEYS_MAX),
        None => ("the instance".to_owned(), limits::INSTANCE_KEYS_MAX),
    };
    if usize::try_from(active).is_ok_and(|active| active >= max) {
        let reason = format!("{whose} has {active} keys; revoke one first");
        return Err(CatalogError::invalid("project", reason));
    }
    Ok(())
}

/// The key that this text is; nothing when it is unknown, wrong, revoked or over. The use is noted,
/// at most once a minute.
///
/// # Errors
/// The database failed.
pub async fn authenticate(catalog: &Catalog, text: &str, now: Instant) -> Result<Option<Key>> {
    let Some((letter, prefix, secret)) = parts(text) else {
        return Ok(None);
    };
    let row = sqlx::query(
        "SELECT * FROM keys WHERE prefix = $1 AND revoked_at IS NULL \
         AND (expires_at IS NULL OR expires_at > $2)",
    )
    .bind(prefix)
    .bind(now.0)
    .fetch_optional(catalog.readers())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let stored: String = row.try_get("secret_hash")?;
    let expected =
        blake3::Hash::from_hex(&stored).map_err(|_| CatalogError::corrupt("key hash", prefix))?;
    let key = from_row(&row)?;
    // Comparing two `Hash`es takes the same time wherever they differ.
    if expected != random::token_hash(secret) || key.scope.letter() != letter {
        return Ok(None);
    }
    // A disk that is full must not lock programs out.
    if let Err(error) = note_use(catalog, &key, now).await {
        tracing::warn!(%error, key.prefix, "that a key is in use could not be noted");
    }
    Ok(Some(key))
}

/// The keys of a project, or of all, revoked ones included, by id.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog, project: Option<ProjectId>) -> Result<Vec<Key>> {
    sqlx::query("SELECT * FROM keys WHERE $1 = 0 OR project_id = $1 ORDER BY id")
        .bind(project.map_or(0, |id| i64::from(id.0)))
        .fetch_all(catalog.readers())
        .await?
        .iter()
        .map(from_row)
        .collect()
}

/// Revokes a key, effective at once. Given a project, only a key of that project. Revoking twice
/// keeps the first instant.
///
/// # Errors
/// `NotFound`.
pub async fn revoke(
    catalog: &Catalog,
    id: i64,
    project: Option<ProjectId>,
    now: Instant,
) -> Result<()> {
    let mut tx = catalog.write().await?;
    let row = sqlx::query("SELECT * FROM keys WHERE id = $1 AND ($2 = 0 OR project_id = $2)")
        .bind(id)
        .bind(project.map_or(0, |id| i64::from(id.0)))
        .fetch_optional(&mut *tx)
        .await?;
    let key = from_row(&row.ok_or_else(|| CatalogError::not_found("key", id))?)?;
    if key.revoked_at.is_some() {
        return Ok(());
    }
    sqlx::query("UPDATE keys SET revoked_at = $1 WHERE id = $2")
        .bind(now.0)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    note(
        &mut tx,
        catalog,
        ("key.revoke", id),
        (shape(&key), Value::Null),
        now,
    )
    .await?;
    commit_change(tx).await
}

/// The id of the key with that prefix.
///
/// # Errors
/// `NotFound`.
pub async fn id_of_prefix(catalog: &Catalog, prefix: &str) -> Result<i64> {
    sqlx::query_scalar("SELECT id FROM keys WHERE prefix = $1")
        .bind(prefix)
        .fetch_optional(catalog.readers())
        .await?
        .ok_or_else(|| CatalogError::not_found("key", prefix))
}

async fn note(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    (action, id): (&'static str, i64),
    (before, after): (Value, Value),
    now: Instant,
) -> Result<()> {
    let subject = format!("key {id}");
    let deed = Deed {
        action,
        subject: &subject,
        before,
        after,
    };
    audit::note(tx, catalog, deed, now).await
}

/// A key as the audit log shows one.
fn shape(key: &Key) -> Value {
    json!({
        "project": key.project.map(|id| id.0),
        "scope": key.scope.name(),
        "prefix": key.prefix,
        "name": key.name,
        "expires_at": key.expires_at.map(|at| at.timestamp().to_string()),
    })
}

async fn note_use(catalog: &Catalog, key: &Key, now: Instant) -> Result<()> {
    let step = limits::LAST_USE_STEP_S * SECOND_US;
    if key.last_used_at.is_some_and(|used| now.0 - used.0 < step) {
        return Ok(());
    }
    let mut tx = catalog.write().await?;
    sqlx::query("UPDATE keys SET last_used_at = $1 WHERE id = $2")
        .bind(now.0)
        .bind(key.id)
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Letter, prefix and secret of a key's text.
fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let mut parts = text.strip_prefix("alm_")?.split('_');
    let found = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(found)
}

fn from_row(row: &AnyRow) -> Result<Key> {
    let scope: String = row.try_get("scope")?;
    let last_used_at: Option<i64> = row.try_get("last_used_at")?;
    let revoked_at: Option<i64> = row.try_get("revoked_at")?;
    let expires_at: Option<i64> = row.try_get("expires_at")?;
    let project: Option<i64> = row.try_get("project_id")?;
    Ok(Key {
        id: row.try_get("id")?,
        project: project.map(project_id).transpose()?,
        scope: KeyScope::from_name(&scope).ok_or_else(|| CatalogError::corrupt("scope", scope))?,
        prefix: row.try_get("prefix")?,
        name: row.try_get("name")?,
        created_at: Instant(row.try_get("created_at")?),
        expires_at: expires_at.map(Instant),
        last_used_at: last_used_at.map(Instant),
        revoked_at: revoked_at.map(Instant),
    })
}

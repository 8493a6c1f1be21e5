//! Keys of programs: `alm_<letter of scope>_<prefix>_<secret>`. The prefix finds the key, the
//! secret proves it; stored is the secret's hash. A revoked key fails at once, because every use is
//! looked up here.

use almanac_model::time::SECOND_US;
use almanac_model::{Instant, ProjectId};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::catalog::{Catalog, commit_change, next_id};
use crate::error::{CatalogError, Result};
use crate::project::project_id;
use crate::user::check_name;
use crate::{limits, project, random};

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyScope {
    /// Sending events.
    Ingest,
    /// Asking questions.
    Stats,
}

impl KeyScope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Ingest, Self::Stats];

    /// The scope's one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Stats => "stats",
        }
    }

    /// The scope of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// The letter by which a key in a log or a leak tells what it opens.
    fn letter(self) -> &'static str {
        match self {
            Self::Ingest => "i",
            Self::Stats => "s",
        }
    }
}

/// A key as it is kept: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Which key, never given again.
    pub id: i64,
    /// The project it opens.
    pub project: ProjectId,
    /// What it opens there.
    pub scope: KeyScope,
    /// The part by which it is known.
    pub prefix: String,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Instant,
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

/// Makes a key. Without a name it is called after its scope.
///
/// # Errors
/// `NotFound` for the project; `Invalid` for `name`, or when the project has 100 keys.
pub async fn add(
    catalog: &Catalog,
    project: ProjectId,
    scope: KeyScope,
    name: &str,
    now: Instant,
) -> Result<NewKey> {
    let name = if name.trim().is_empty() {
        scope.name()
    } else {
        check_name("name", name)?
    };
    project::by_id(catalog, project).await?;
    let (prefix, secret) = (random::hex::<6>()?, random::hex::<24>()?);
    let mut tx = catalog.write().await?;
    let active: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM keys WHERE project_id = $1 AND revoked_at IS NULL",
    )
    .bind(i64::from(project.0))
    .fetch_one(&mut *tx)
    .await?;
    if usize::try_from(active).is_ok_and(|active| active >= limits::PROJECT_KEYS_MAX) {
        let reason = format!("project {} has {active} keys; revoke one first", project.0);
        return Err(CatalogError::invalid("project", reason));
    }
    let id = next_id(&mut tx, "key").await?;
    sqlx::query(
        "INSERT INTO keys (id, project_id, scope, prefix, secret_hash, name, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(i64::from(project.0))
    .bind(scope.name())
    .bind(&prefix)
    .bind(random::token_hash(&secret).to_hex().to_string())
    .bind(name)
    .bind(now.0)
    .execute(&mut *tx)
    .await?;
    commit_change(tx).await?;
    let text = format!("alm_{}_{prefix}_{secret}", scope.letter());
    let name = name.to_owned();
    let (last_used_at, revoked_at) = (None, None);
    let created_at = now;
    let key = Key {
        id,
        project,
        scope,
        prefix,
        name,
        created_at,
        last_used_at,
        revoked_at,
    };
    Ok(NewKey { key, text })
}

/// The key that this text is; nothing when it is unknown, wrong or revoked. The use is noted, at
/// most once a minute.
///
/// # Errors
/// The database failed.
pub async fn authenticate(catalog: &Catalog, text: &str, now: Instant) -> Result<Option<Key>> {
    let Some((letter, prefix, secret)) = parts(text) else {
        return Ok(None);
    };
    let row = sqlx::query("SELECT * FROM keys WHERE prefix = $1 AND revoked_at IS NULL")
        .bind(prefix)
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
    let found = sqlx::query(
        "UPDATE keys SET revoked_at = COALESCE(revoked_at, $1) \
         WHERE id = $2 AND ($3 = 0 OR project_id = $3)",
    )
    .bind(now.0)
    .bind(id)
    .bind(project.map_or(0, |id| i64::from(id.0)))
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if found == 0 {
        return Err(CatalogError::not_found("key", id));
    }
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
    Ok(Key {
        id: row.try_get("id")?,
        project: project_id(row.try_get("project_id")?)?,
        scope: KeyScope::from_name(&scope).ok_or_else(|| CatalogError::corrupt("scope", scope))?,
        prefix: row.try_get("prefix")?,
        name: row.try_get("name")?,
        created_at: Instant(row.try_get("created_at")?),
        last_used_at: last_used_at.map(Instant),
        revoked_at: revoked_at.map(Instant),
    })
}

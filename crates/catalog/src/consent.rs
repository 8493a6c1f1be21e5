//! The log of what visitors decided about a persistent id: kept longer than their events, because
//! it proves that those were allowed. It knows a visitor by the hash that events carry, and by
//! nothing else.

use almanac_model::{Instant, ProjectId, VisitorId};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::catalog::{Catalog, next_id};
use crate::error::{CatalogError, Result};
use crate::limits::CONSENTS_MAX;
use crate::project::project_id;

/// What a visitor decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A persistent id may be kept.
    Granted,
    /// It may not, or not any more.
    Denied,
    /// All that was known of the visitor was erased at their wish.
    Forgotten,
}

impl Decision {
    const ALL: [Self; 3] = [Self::Granted, Self::Denied, Self::Forgotten];

    /// The decision's one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Forgotten => "forgotten",
        }
    }

    /// The decision of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|decision| decision.name() == name)
    }
}

/// A visitor's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// Of which project.
    pub project: ProjectId,
    /// The visitor as events know them; nobody once they were forgotten.
    pub visitor: Option<VisitorId>,
    /// What they decided.
    pub decision: Decision,
    /// When.
    pub at: Instant,
}

/// Adds a decision, unless it is the visitor's last one again. Of each project the newest
/// 1,000,000 are kept.
///
/// # Errors
/// The database failed, or there is no such project.
pub async fn record(catalog: &Catalog, consent: &Consent) -> Result<()> {
    let project = i64::from(consent.project.0);
    let visitor = key(consent.visitor);
    let mut tx = catalog.write().await?;
    let last: Option<String> = sqlx::query_scalar(
        "SELECT state FROM consents WHERE project_id = $1 AND visitor = $2 \
         ORDER BY id DESC LIMIT 1",
    )
    .bind(project)
    .bind(visitor)
    .fetch_optional(&mut *tx)
    .await?;
    if last.as_deref() == Some(consent.decision.name()) {
        return Ok(());
    }
    let id = next_id(&mut tx, "consent").await?;
    sqlx::query(
        "INSERT INTO consents (id, project_id, visitor, state, at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(project)
    .bind(visitor)
    .bind(consent.decision.name())
    .bind(consent.at.0)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "DELETE FROM consents WHERE project_id = $1 AND id <= (SELECT id FROM consents \
         WHERE project_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
    )
    .bind(project)
    .bind(CONSENTS_MAX)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// What a visitor decided, oldest first.
///
/// # Errors
/// The database failed.
pub async fn of_visitor(
    catalog: &Catalog,
    project: ProjectId,
    visitor: VisitorId,
) -> Result<Vec<Consent>> {
    let rows = sqlx::query(
        "SELECT id, project_id, visitor, state, at FROM consents \
         WHERE project_id = $1 AND visitor = $2 ORDER BY id",
    )
    .bind(i64::from(project.0))
    .bind(key(Some(visitor)))
    .fetch_all(catalog.readers())
    .await?;
    rows.iter().map(|row| Ok(from_row(row)?.1)).collect()
}

/// Removes what a visitor decided and notes, without saying of whom, that somebody was forgotten if
/// there was anything of them: decisions, or what the caller `knew` beside them. Answers how many
/// decisions there were.
///
/// # Errors
/// The database failed.
pub async fn forget(
    catalog: &Catalog,
    project: ProjectId,
    visitor: VisitorId,
    knew: bool,
    now: Instant,
) -> Result<u64> {
    let mut tx = catalog.write().await?;
    let removed = sqlx::query("DELETE FROM consents WHERE project_id = $1 AND visitor = $2")
        .bind(i64::from(project.0))
        .bind(key(Some(visitor)))
        .execute(&mut *tx)
        .await?
        .rows_affected();
    if knew || removed > 0 {
        let id = next_id(&mut tx, "consent").await?;
        sqlx::query(
            "INSERT INTO consents (id, project_id, visitor, state, at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(i64::from(project.0))
        .bind(key(None))
        .bind(Decision::Forgotten.name())
        .bind(now.0)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    catalog.forget_deleted().await?;
    Ok(removed)
}

/// A visitor as the table has one: zero for nobody, which no hash is.
fn key(visitor: Option<VisitorId>) -> i64 {
    visitor.map_or(0, |visitor| visitor.0.cast_signed())
}

/// The decisions of a project with their numbers in the log, oldest first, beginning behind the
/// number `after`.
///
/// # Errors
/// The database failed.
pub async fn list(
    catalog: &Catalog,
    project: ProjectId,
    after: i64,
    at_most: i64,
) -> Result<Vec<(i64, Consent)>> {
    sqlx::query(
        "SELECT id, project_id, visitor, state, at FROM consents \
         WHERE project_id = $1 AND id > $2 ORDER BY id LIMIT $3",
    )
    .bind(i64::from(project.0))
    .bind(after)
    .bind(at_most)
    .fetch_all(catalog.readers())
    .await?
    .iter()
    .map(from_row)
    .collect()
}

fn from_row(row: &AnyRow) -> Result<(i64, Consent)> {
    let state: String = row.try_get("state")?;
    let visitor: i64 = row.try_get("visitor")?;
    let consent = Consent {
        project: project_id(row.try_get("project_id")?)?,
        visitor: (visitor != 0).then(|| VisitorId(visitor.cast_unsigned())),
        decision: Decision::from_name(&state)
            .ok_or_else(|| CatalogError::corrupt("consent", state))?,
        at: Instant(row.try_get("at")?),
    };
    Ok((row.try_get("id")?, consent))
}

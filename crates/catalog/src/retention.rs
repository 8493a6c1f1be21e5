//! How long the events of a project are kept. It only remembers the choice: what is too old, and
//! its removal, is the business of whoever holds the events.

use almanac_model::{Instant, ProjectId};
use serde_json::{Value, json};

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, commit_change};
use crate::error::{CatalogError, Result};
use crate::{limits, project};

const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// How long events are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// So many whole local days beside today.
    Days(u32),
    /// As long as the disk lasts.
    ForEver,
}

impl Default for Retention {
    fn default() -> Self {
        Self::Days(limits::RETENTION_DAYS_DEFAULT)
    }
}

/// What a project keeps; the default where nobody chose.
///
/// # Errors
/// The database failed.
pub async fn of_project(catalog: &Catalog, project: ProjectId) -> Result<Retention> {
    Ok(chosen(catalog, project).await?.unwrap_or_default())
}

/// What the clean-up goes by: the choice, or the default once the project itself is that old.
/// History that was imported into a younger project is older than the default by intent, and stays
/// until somebody chooses.
///
/// # Errors
/// `NotFound`; or the database failed.
pub async fn in_force(catalog: &Catalog, project: ProjectId, now: Instant) -> Result<Retention> {
    if let Some(chosen) = chosen(catalog, project).await? {
        return Ok(chosen);
    }
    let age_us = now.0 - project::by_id(catalog, project).await?.created_at.0;
    let default_us = i64::from(limits::RETENTION_DAYS_DEFAULT) * DAY_US;
    if age_us < default_us {
        return Ok(Retention::ForEver);
    }
    Ok(Retention::default())
}

/// Chooses what a project keeps. Shortening it takes effect when the next clean-up runs.
///
/// # Errors
/// `NotFound`; `Invalid` for `days`.
pub async fn choose(
    catalog: &Catalog,
    project: ProjectId,
    retention: Retention,
    now: Instant,
) -> Result<()> {
    let days = match retention {
        Retention::ForEver => 0,
        Retention::Days(days) => {
            let range = limits::RETENTION_DAYS_RANGE;
            if !range.contains(&days) {
                let (least, most) = (range.start(), range.end());
                let reason = format!("{days} is outside the allowed {least} to {most} days");
                return Err(CatalogError::invalid("days", reason));
            }
            i64::from(days)
        }
    };
    project::by_id(catalog, project).await?;
    let before = of_project(catalog, project).await?;
    let mut tx = catalog.write().await?;
    sqlx::query(
        "INSERT INTO retention (project_id, days) VALUES ($1, $2) \
         ON CONFLICT (project_id) DO UPDATE SET days = excluded.days",
    )
    .bind(i64::from(project.0))
    .bind(days)
    .execute(&mut *tx)
    .await?;
    let deed = Deed {
        action: "project.retention",
        subject: &format!("project {}", project.0),
        before: told(before),
        after: told(retention),
    };
    audit::note(&mut tx, catalog, deed, now).await?;
    commit_change(tx).await
}

fn told(retention: Retention) -> Value {
    match retention {
        Retention::Days(days) => json!({ "days": days }),
        Retention::ForEver => json!({ "days": null }),
    }
}

async fn chosen(catalog: &Catalog, project: ProjectId) -> Result<Option<Retention>> {
    let days: Option<i64> = sqlx::query_scalar("SELECT days FROM retention WHERE project_id = $1")
        .bind(i64::from(project.0))
        .fetch_optional(catalog.readers())
        .await?;
    days.map(from_days).transpose()
}

fn from_days(days: i64) -> Result<Retention> {
    match u32::try_from(days) {
        Ok(0) => Ok(Retention::ForEver),
        Ok(days) => Ok(Retention::Days(days)),
        Err(_) => Err(CatalogError::corrupt("retention", days)),
    }
}

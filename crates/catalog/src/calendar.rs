//! Which country's public holidays matter to a project, chosen by its people. What the holidays are
//! is not known here.

use almanac_model::{Instant, ProjectId};
use serde_json::json;

use crate::audit::{self, Deed};
use crate::catalog::Catalog;
use crate::error::Result;

/// The country of a project by its ISO 3166 code; none until one is chosen.
///
/// # Errors
/// The database failed.
pub async fn country(catalog: &Catalog, project: ProjectId) -> Result<Option<String>> {
    let found = sqlx::query_scalar("SELECT country FROM holiday_calendars WHERE project_id = $1")
        .bind(i64::from(project.0))
        .fetch_optional(catalog.readers())
        .await?;
    Ok(found)
}

/// Chooses a country, or none.
///
/// # Errors
/// The database failed; then the choice is as before.
pub async fn choose(
    catalog: &Catalog,
    project: ProjectId,
    wanted: Option<&str>,
    now: Instant,
) -> Result<()> {
    let before = country(catalog, project).await?;
    let mut tx = catalog.write().await?;
    match wanted {
        Some(code) => sqlx::query(
            "INSERT INTO holiday_calendars (project_id, country) VALUES ($1, $2) \
             ON CONFLICT (project_id) DO UPDATE SET country = $2",
        )
        .bind(i64::from(project.0))
        .bind(code),
        None => sqlx::query("DELETE FROM holiday_calendars WHERE project_id = $1")
            .bind(i64::from(project.0)),
    }
    .execute(&mut *tx)
    .await?;
    let deed = Deed {
        action: "project.holidays",
        subject: &format!("project {}", project.0),
        before: json!({ "country": before }),
        after: json!({ "country": wanted }),
    };
    audit::note(&mut tx, catalog, deed, now).await?;
    Ok(tx.commit().await?)
}

//! What the watch over a project's hours has noticed, and when: one row for each anomaly of a
//! metric, made anew while it goes on. It judges nothing, and details are text to it.

use almanac_model::{Instant, ProjectId};
use sqlx::Row;

use crate::catalog::Catalog;
use crate::error::Result;
use crate::limits;

/// An anomaly that was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    /// The metric that it is in.
    pub metric: String,
    /// When it began; with project and metric its name.
    pub started_at: Instant,
    /// When it was noticed first.
    pub noticed_at: Instant,
    /// Everything else, as JSON.
    pub details: String,
}

/// Keeps an anomaly. One that is known keeps its moment of notice and gets the new details. Answers
/// whether it is new. The oldest beyond [`limits::PROJECT_ANOMALIES_MAX`] are forgotten.
///
/// # Errors
/// The database failed; then nothing was kept.
pub async fn keep(catalog: &Catalog, project: ProjectId, noticed: &Noticed) -> Result<bool> {
    let mut tx = catalog.write().await?;
    let first: i64 = sqlx::query_scalar(
        "INSERT INTO anomalies (project_id, metric, started_at, noticed_at, details) \
         VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (project_id, metric, started_at) DO UPDATE SET details = $5 \
         RETURNING noticed_at",
    )
    .bind(i64::from(project.0))
    .bind(&noticed.metric)
    .bind(noticed.started_at.0)
    .bind(noticed.noticed_at.0)
    .bind(&noticed.details)
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query(
        "DELETE FROM anomalies WHERE project_id = $1 AND started_at < ( \
         SELECT COALESCE(MIN(started_at), 0) FROM ( \
         SELECT started_at FROM anomalies WHERE project_id = $1 \
         ORDER BY started_at DESC LIMIT $2) AS newest)",
    )
    .bind(i64::from(project.0))
    .bind(limits::PROJECT_ANOMALIES_MAX)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(first == noticed.noticed_at.0)
}

/// What was noticed in a project, newest first.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog, project: ProjectId) -> Result<Vec<Noticed>> {
    let rows = sqlx::query(
        "SELECT metric, started_at, noticed_at, details FROM anomalies \
         WHERE project_id = $1 ORDER BY started_at DESC, metric",
    )
    .bind(i64::from(project.0))
    .fetch_all(catalog.readers())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Noticed {
                metric: row.try_get("metric")?,
                started_at: Instant(row.try_get("started_at")?),
                noticed_at: Instant(row.try_get("noticed_at")?),
                details: row.try_get("details")?,
            })
        })
        .collect()
}

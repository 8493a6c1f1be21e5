//! The registry of trainings: every version of every forecast series with what it was and how well
//! it did, which version serves, and what was forecast on which day. It refuses to judge: which
//! version should serve is decided by the caller, and reports are text to it.

use almanac_model::{Instant, ProjectId};
use jiff::civil::Date;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, Deed};
use crate::catalog::Catalog;
use crate::error::{CatalogError, Result};
use crate::limits;
use crate::project::project_id;

/// How a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has a result.
    Done,
    /// It could not be done; the report says why.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl Outcome {
    /// Its one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
        }
    }

    fn read(name: &str) -> Result<Outcome> {
        [Outcome::Done, Outcome::Failed, Outcome::Cancelled]
            .into_iter()
            .find(|outcome| outcome.name() == name)
            .ok_or_else(|| CatalogError::corrupt("outcome of a training", name))
    }
}

/// A training that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTraining {
    /// How it ended.
    pub outcome: Outcome,
    /// When it began.
    pub started_at: Instant,
    /// When it ended.
    pub finished_at: Instant,
    /// Which model, or the ensemble.
    pub recipe: String,
    /// Everything else, as JSON.
    pub report: String,
    /// Whether forecasts are made with it from now on.
    pub serves: bool,
}

/// A training in the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Training {
    /// Whose.
    pub project: ProjectId,
    /// What is forecast.
    pub series: String,
    /// Counts upwards from 1 within a series.
    pub version: i64,
    /// The rest.
    pub training: NewTraining,
}

/// A forecast as it was told on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The local day on which it was made.
    pub made_on: Date,
    /// With which version; 0 for none.
    pub version: i64,
    /// The days with their intervals, as JSON.
    pub steps: String,
}

/// Enters a training and answers its version. `network` are the weights, as text, where the recipe
/// is the network. The oldest ones of a series beyond
/// [`limits::SERIES_TRAININGS_MAX`] are forgotten, never the one that serves.
///
/// # Errors
/// The database failed; then nothing was entered.
pub async fn add(
    catalog: &Catalog,
    project: ProjectId,
    series: &str,
    training: &NewTraining,
    network: Option<&str>,
) -> Result<i64> {
    let mut tx = catalog.write().await?;
    let version: i64 = sqlx::query_scalar(
        "SELECT COALESCE(MAX(version), 0) + 1 FROM trainings \
         WHERE project_id = $1 AND series = $2",
    )
    .bind(i64::from(project.0))
    .bind(series)
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO trainings (project_id, series, version, outcome, serves, started_at, \
         finished_at, recipe, report) VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8)",
    )
    .bind(i64::from(project.0))
    .bind(series)
    .bind(version)
    .bind(training.outcome.name())
    .bind(training.started_at.0)
    .bind(training.finished_at.0)
    .bind(&training.recipe)
    .bind(&training.report)
    .execute(&mut *tx)
    .await?;
    if let Some(weights) = network {
        sqlx::query(
            "INSERT INTO networks (project_id, series, version, weights) VALUES ($1, $2, $3, $4)",
        )
        .bind(i64::from(project.0))
        .bind(series)
        .bind(version)
        .bind(weights)
        .execute(&mut *tx)
        .await?;
    }
    if training.serves {
        switch(&mut tx, project, series, version).await?;
    }
    forget(
        &mut tx,
        project,
        series,
        version - limits::SERIES_TRAININGS_MAX,
    )
    .await?;
    tx.commit().await?;
    Ok(version)
}

/// Lets a version serve in place of the one that does: a promotion, or a step back.
///
/// # Errors
/// `NotFound` where the version is not there or was not done.
pub async fn serve(
    catalog: &Catalog,
    project: ProjectId,
    series: &str,
    version: i64,
    now: Instant,
) -> Result<()> {
    let mut tx = catalog.write().await?;
    let found: Option<String> = sqlx::query_scalar(
        "SELECT outcome FROM trainings \
         WHERE project_id = $1 AND series = $2 AND version = $3",
    )
    .bind(i64::from(project.0))
    .bind(series)
    .bind(version)
    .fetch_optional(&mut *tx)
    .await?;
    if found.as_deref() != Some(Outcome::Done.name()) {
        return Err(CatalogError::not_found("version", version.to_string()));
    }
    let before: Option<i64> = sqlx::query_scalar(
        "SELECT version FROM trainings WHERE project_id = $1 AND series = $2 AND serves = 1",
    )
    .bind(i64::from(project.0))
    .bind(series)
    .fetch_optional(&mut *tx)
    .await?;
    switch(&mut tx, project, series, version).await?;
    // The series itself may name persons in its filters, and the log forgets nobody.
    let deed = Deed {
        action: "training.serve",
        subject: &format!("project {}", project.0),
        before: json!({ "version": before }),
        after: json!({ "version": version }),
    };
    audit::note(&mut tx, catalog, deed, now).await?;
    Ok(tx.commit().await?)
}

/// The weights of a version, where it has any.
///
/// # Errors
/// The database failed.
pub async fn network(
    catalog: &Catalog,
    project: ProjectId,
    series: &str,
    version: i64,
) -> Result<Option<String>> {
    let found = sqlx::query_scalar(
        "SELECT weights FROM networks WHERE project_id = $1 AND series = $2 AND version = $3",
    )
    .bind(i64::from(project.0))
    .bind(series)
    .bind(version)
    .fetch_optional(catalog.readers())
    .await?;
    Ok(found)
}

/// The trainings of a series, newest first.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog, project: ProjectId, series: &str) -> Result<Vec<Training>> {
    let rows = sqlx::query(
        "SELECT * FROM trainings WHERE project_id = $1 AND series = $2 ORDER BY version DESC",
    )
    .bind(i64::from(project.0))
    .bind(series)
    .fetch_all(catalog.readers())
    .await?;
    rows.iter().map(read).collect()
}

/// The version that serves, of every series of every project.
///
/// # Errors
/// The database failed.
pub async fn serving(catalog: &Catalog) -> Result<Vec<Training>> {
    let rows = sqlx::query("SELECT * FROM trainings WHERE serves = 1 ORDER BY project_id, series")
        .fetch_all(catalog.readers())
        .await?;
    rows.iter().map(read).collect()
}

/// Keeps what was forecast on a day; the first forecast of a day stays. Forecasts made before
/// `forget_before` are forgotten.
///
/// # Errors
/// The database failed.
pub async fn keep(
    catalog: &Catalog,
    project: ProjectId,
    series: &str,
    told: &Told,
    forget_before: Date,
) -> Result<()> {
    let mut tx = catalog.write().await?;
    sqlx::query(
        "INSERT INTO forecasts (project_id, series, made_on, version, steps) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (project_id, series, made_on) DO NOTHING",
    )
    .bind(i64::from(project.0))
    .bind(series)
    .bind(told.made_on.to_string())
    .bind(told.version)
    .bind(&told.steps)
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM forecasts WHERE project_id = $1 AND series = $2 AND made_on < $3")
        .bind(i64::from(project.0))
        .bind(series)
        .bind(forget_before.to_string())
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// What was forecast, oldest first.
///
/// # Errors
/// The database failed.
pub async fn told(catalog: &Catalog, project: ProjectId, series: &str) -> Result<Vec<Told>> {
    let rows = sqlx::query(
        "SELECT made_on, version, steps FROM forecasts \
         WHERE project_id = $1 AND series = $2 ORDER BY made_on",
    )
    .bind(i64::from(project.0))
    .bind(series)
    .fetch_all(catalog.readers())
    .await?;
    rows.iter()
        .map(|row| {
            let made_on: String = row.try_get("made_on")?;
            Ok(Told {
                made_on: made_on
                    .parse()
                    .map_err(|_| CatalogError::corrupt("day of a forecast", made_on))?,
                version: row.try_get("version")?,
                steps: row.try_get("steps")?,
            })
        })
        .collect()
}

/// Forgets versions up to this one, weights included, but not the one that serves.
async fn forget(
    tx: &mut Transaction<'static, Any>,
    project: ProjectId,
    series: &str,
    version: i64,
) -> Result<()> {
    for statement in [
        "DELETE FROM trainings \
         WHERE project_id = $1 AND series = $2 AND version <= $3 AND serves = 0",
        "DELETE FROM networks \
         WHERE project_id = $1 AND series = $2 AND version <= $3 AND version NOT IN ( \
         SELECT version FROM trainings WHERE project_id = $1 AND series = $2)",
    ] {
        sqlx::query(statement)
            .bind(i64::from(project.0))
            .bind(series)
            .bind(version)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

async fn switch(
    tx: &mut Transaction<'static, Any>,
    project: ProjectId,
    series: &str,
    version: i64,
) -> Result<()> {
    sqlx::query(
        "UPDATE trainings SET serves = CASE WHEN version = $3 THEN 1 ELSE 0 END \
         WHERE project_id = $1 AND series = $2",
    )
    .bind(i64::from(project.0))
    .bind(series)
    .bind(version)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Training> {
    let outcome: String = row.try_get("outcome")?;
    let serves: i64 = row.try_get("serves")?;
    Ok(Training {
        project: project_id(row.try_get("project_id")?)?,
        series: row.try_get("series")?,
        version: row.try_get("version")?,
        training: NewTraining {
            outcome: Outcome::read(&outcome)?,
            started_at: Instant(row.try_get("started_at")?),
            finished_at: Instant(row.try_get("finished_at")?),
            recipe: row.try_get("recipe")?,
            report: row.try_get("report")?,
            serves: serves != 0,
        },
    })
}

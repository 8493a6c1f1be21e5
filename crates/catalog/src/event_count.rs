//! How many events were received, accepted, found to be duplicates, or refused and why, per project
//! and hour. The server counts in memory and hands over sums; `received` is their total at any
//! time.

use almanac_model::{Instant, ProjectId};
use sqlx::{Any, Row, Transaction};

use crate::catalog::Catalog;
use crate::error::{CatalogError, Result};
use crate::limits;
use crate::project::project_id;

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It arrived, whatever became of it.
    Received,
    /// It is in the queue.
    Accepted,
    /// It had been accepted before.
    Duplicate,
    /// It was refused for the reason of that name.
    Refused(String),
}

/// A number of events with the same outcome in the same hour of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCount {
    /// The project; `None` for events whose project is unknown.
    pub project: Option<ProjectId>,
    /// Any instant inside the hour (UTC).
    pub at: Instant,
    /// What became of them.
    pub outcome: Outcome,
    /// How many.
    pub events: u64,
}

/// The sum of one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeSum {
    /// What became of them.
    pub outcome: Outcome,
    /// How many.
    pub events: u64,
}

/// Adds counts in one commit: all of them or, on an error, none.
///
/// # Errors
/// `Invalid` for more than 10,000 rows at once.
pub async fn add(catalog: &Catalog, counts: &[EventCount]) -> Result<()> {
    if counts.len() > limits::EVENT_COUNTS_BATCH_MAX {
        let max = limits::EVENT_COUNTS_BATCH_MAX;
        let reason = format!("{} rows at once, at most {max} are allowed", counts.len());
        return Err(CatalogError::invalid("counts", reason));
    }
    if counts.is_empty() {
        return Ok(());
    }
    let mut tx = catalog.write().await?;
    insert(&mut tx, counts).await?;
    Ok(tx.commit().await?)
}

/// Adds counts and, in the same commit, says up to which record of the queue everything is counted
/// now.
///
/// # Errors
/// The database failed; then nothing was added.
pub async fn add_up_to(catalog: &Catalog, counts: &[EventCount], record: u64) -> Result<()> {
    let mut tx = catalog.write().await?;
    insert(&mut tx, counts).await?;
    sqlx::query(
        "INSERT INTO counted_records (id, next_record) VALUES (1, $1) \
         ON CONFLICT (id) DO UPDATE SET next_record = excluded.next_record",
    )
    .bind(i64::try_from(record).unwrap_or(i64::MAX))
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// The first record of the queue that is not counted yet; `None` when none ever was.
///
/// # Errors
/// The database failed.
pub async fn counted_to(catalog: &Catalog) -> Result<Option<u64>> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT next_record FROM counted_records WHERE id = 1")
            .fetch_optional(catalog.readers())
            .await?;
    found
        .map(|record| {
            u64::try_from(record).map_err(|_| CatalogError::corrupt("counted record", record))
        })
        .transpose()
}

async fn insert(tx: &mut Transaction<'static, Any>, counts: &[EventCount]) -> Result<()> {
    for count in counts {
        let (outcome, reason) = columns(&count.outcome);
        sqlx::query(
            "INSERT INTO event_counts (project_id, hour, outcome, reason, events) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (project_id, hour, outcome, reason) \
             DO UPDATE SET events = event_counts.events + excluded.events",
        )
        .bind(count.project.map_or(0, |id| i64::from(id.0)))
        .bind(hour(count.at))
        .bind(outcome)
        .bind(reason)
        .bind(i64::try_from(count.events).unwrap_or(i64::MAX))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// The sums of a project (`None`: of events without one) since the hour of `since`, largest first.
///
/// # Errors
/// The database failed.
pub async fn sums(
    catalog: &Catalog,
    project: Option<ProjectId>,
    since: Instant,
) -> Result<Vec<OutcomeSum>> {
    sqlx::query(
        "SELECT outcome, reason, CAST(SUM(events) AS BIGINT) AS total FROM event_counts \
         WHERE project_id = $1 AND hour >= $2 \
         GROUP BY outcome, reason ORDER BY total DESC, outcome, reason",
    )
    .bind(project.map_or(0, |id| i64::from(id.0)))
    .bind(hour(since))
    .fetch_all(catalog.readers())
    .await?
    .iter()
    .map(|row| {
        let (outcome, reason) = (row.try_get("outcome")?, row.try_get("reason")?);
        Ok(OutcomeSum {
            outcome: from_columns(outcome, reason)?,
            events: total(row)?,
        })
    })
    .collect()
}

/// The sums of everything ever counted, per project: what the counters of a server start from.
///
/// # Errors
/// The database failed.
pub async fn totals(catalog: &Catalog) -> Result<Vec<(Option<ProjectId>, OutcomeSum)>> {
    sqlx::query(
        "SELECT project_id, outcome, reason, CAST(SUM(events) AS BIGINT) AS total \
         FROM event_counts GROUP BY project_id, outcome, reason \
         ORDER BY project_id, outcome, reason",
    )
    .fetch_all(catalog.readers())
    .await?
    .iter()
    .map(|row| {
        let project = match row.try_get("project_id")? {
            0 => None,
            id => Some(project_id(id)?),
        };
        let (outcome, reason) = (row.try_get("outcome")?, row.try_get("reason")?);
        Ok((
            project,
            OutcomeSum {
                outcome: from_columns(outcome, reason)?,
                events: total(row)?,
            },
        ))
    })
    .collect()
}

fn total(row: &sqlx::any::AnyRow) -> Result<u64> {
    let total: i64 = row.try_get("total")?;
    u64::try_from(total).map_err(|_| CatalogError::corrupt("event count", total))
}

fn hour(at: Instant) -> i64 {
    at.seconds().div_euclid(3600) * 3600
}

fn columns(outcome: &Outcome) -> (&str, &str) {
    match outcome {
        Outcome::Received => ("received", ""),
        Outcome::Accepted => ("accepted", ""),
        Outcome::Duplicate => ("duplicate", ""),
        Outcome::Refused(reason) => ("refused", reason),
    }
}

fn from_columns(outcome: String, reason: String) -> Result<Outcome> {
    match outcome.as_str() {
        "received" => Ok(Outcome::Received),
        "accepted" => Ok(Outcome::Accepted),
        "duplicate" => Ok(Outcome::Duplicate),
        "refused" => Ok(Outcome::Refused(reason)),
        _ => Err(CatalogError::corrupt("outcome", outcome)),
    }
}

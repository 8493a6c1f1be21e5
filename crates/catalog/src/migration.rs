//! Brings a database to the newest schema, or back to an older one, in one transaction, so that two
//! processes that start together, or one that is killed half-way, leave it at an old or at the new
//! version, never between. It refuses to open a database that a newer program has written.

use sqlx::{Any, Transaction};

use crate::error::{CatalogError, Result};

/// A step between two schemas, in both directions.
struct Step {
    version: i64,
    up: &'static str,
    /// Undoes `up`. Rows that only the newer schema can hold are lost, the others are kept.
    down: &'static str,
}

/// The step of a version from its two files.
macro_rules! step {
    ($version:literal, $file:literal) => {
        Step {
            version: $version,
            up: include_str!(concat!("../migrations/", $file, ".sql")),
            down: include_str!(concat!("../migrations/", $file, ".down.sql")),
        }
    };
}

/// The steps in order. A released file is never edited: a change is a new one.
const STEPS: &[Step] = &[
    step!(1, "0001_users"),
    step!(2, "0002_projects"),
    step!(3, "0003_keys"),
    step!(4, "0004_salts"),
    step!(5, "0005_event_counts"),
    step!(6, "0006_counted_records"),
    step!(7, "0007_trainings"),
    step!(8, "0008_saved"),
    step!(9, "0009_retention"),
    step!(10, "0010_accounts"),
    step!(11, "0011_key_scopes"),
    step!(14, "0014_predictions"),
    step!(16, "0016_consents"),
    step!(17, "0017_query_parameters"),
    step!(20, "0020_tokens"),
    step!(21, "0021_identities"),
    step!(22, "0022_visibility"),
    step!(23, "0023_forgotten"),
    step!(24, "0024_site_verifications"),
];

/// Takes every step that the database has not seen. The caller holds the write lock and commits.
pub(crate) async fn up(tx: &mut Transaction<'static, Any>) -> Result<()> {
    let found = taken(tx).await?;
    let known = STEPS.iter().map(|step| step.version).max();
    if let Some(newest) = found.iter().copied().max().filter(|max| Some(*max) > known) {
        return Err(CatalogError::TooNew {
            found: newest,
            known: known.unwrap_or_default(),
        });
    }
    for step in STEPS.iter().filter(|step| !found.contains(&step.version)) {
        sqlx::raw_sql(step.up).execute(&mut **tx).await?;
        sqlx::query("INSERT INTO schema_versions (version) VALUES ($1)")
            .bind(step.version)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Takes every step above that version back, the newest first. The caller holds the write lock and
/// commits.
pub(crate) async fn down(tx: &mut Transaction<'static, Any>, to: i64) -> Result<()> {
    if to != 0 && !STEPS.iter().any(|step| step.version == to) {
        let versions: Vec<_> = STEPS.iter().map(|step| step.version.to_string()).collect();
        let reason = format!("{to} is no version; there are 0, {}", versions.join(", "));
        return Err(CatalogError::invalid("version", reason));
    }
    let found = taken(tx).await?;
    let newer = |step: &&Step| step.version > to && found.contains(&step.version);
    for step in STEPS.iter().rev().filter(newer) {
        sqlx::raw_sql(step.down).execute(&mut **tx).await?;
        sqlx::query("DELETE FROM schema_versions WHERE version = $1")
            .bind(step.version)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// The versions whose steps the database has taken.
async fn taken(tx: &mut Transaction<'static, Any>) -> Result<Vec<i64>> {
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT NOT NULL PRIMARY KEY)")
        .execute(&mut **tx)
        .await?;
    Ok(sqlx::query_scalar("SELECT version FROM schema_versions")
        .fetch_all(&mut **tx)
        .await?)
}

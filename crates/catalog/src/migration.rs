//! Brings a database to the newest schema in one transaction, so that two processes that start
//! together, or one that is killed half-way, leave it at an old or at the new version, never
//! between. It refuses to open a database that a newer program has written.

use sqlx::{Any, Transaction};

use crate::error::{CatalogError, Result};

/// The scripts in order; a script's version is its position, counted from 1. A released script is
/// never edited: a change is a new one.
const SCRIPTS: [&str; 8] = [
    include_str!("../migrations/0001_users.sql"),
    include_str!("../migrations/0002_projects.sql"),
    include_str!("../migrations/0003_keys.sql"),
    include_str!("../migrations/0004_salts.sql"),
    include_str!("../migrations/0005_event_counts.sql"),
    include_str!("../migrations/0006_counted_records.sql"),
    include_str!("../migrations/0007_trainings.sql"),
    include_str!("../migrations/0008_saved.sql"),
];

/// Runs every script that the database has not seen. The caller holds the write lock and commits.
pub(crate) async fn migrate(tx: &mut Transaction<'static, Any>) -> Result<()> {
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT NOT NULL PRIMARY KEY)")
        .execute(&mut **tx)
        .await?;
    let found: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM schema_versions")
        .fetch_one(&mut **tx)
        .await?;
    let mut version = 0;
    for script in SCRIPTS {
        version += 1;
        if version <= found {
            continue;
        }
        sqlx::raw_sql(script).execute(&mut **tx).await?;
        sqlx::query("INSERT INTO schema_versions (version) VALUES ($1)")
            .bind(version)
            .execute(&mut **tx)
            .await?;
    }
    if found > version {
        return Err(CatalogError::TooNew {
            found,
            known: version,
        });
    }
    Ok(())
}

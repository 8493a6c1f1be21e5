//! Brings a database to the newest schema in one transaction, so that two processes that start
//! together, or one that is killed half-way, leave it at an old or at the new version, never
//! between. It refuses to open a database that a newer program has written.

use sqlx::{Any, Transaction};

use crate::error::{CatalogError, Result};

/// The scripts with their versions, in order. A released script is never edited: a change is a new
/// one.
const SCRIPTS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_users.sql")),
    (2, include_str!("../migrations/0002_projects.sql")),
    (3, include_str!("../migrations/0003_keys.sql")),
    (4, include_str!("../migrations/0004_salts.sql")),
    (5, include_str!("../migrations/0005_event_counts.sql")),
    (6, include_str!("../migrations/0006_counted_records.sql")),
    (7, include_str!("../migrations/0007_trainings.sql")),
    (8, include_str!("../migrations/0008_saved.sql")),
    (9, include_str!("../migrations/0009_retention.sql")),
    (10, include_str!("../migrations/0010_accounts.sql")),
    (11, include_str!("../migrations/0011_key_scopes.sql")),
    (14, include_str!("../migrations/0014_predictions.sql")),
    (16, include_str!("../migrations/0016_consents.sql")),
    (17, include_str!("../migrations/0017_query_parameters.sql")),
    (20, include_str!("../migrations/0020_tokens.sql")),
    (21, include_str!("../migrations/0021_identities.sql")),
    (22, include_str!("../migrations/0022_visibility.sql")),
    (23, include_str!("../migrations/0023_forgotten.sql")),
];

/// Runs every script that the database has not seen. The caller holds the write lock and commits.
pub(crate) async fn migrate(tx: &mut Transaction<'static, Any>) -> Result<()> {
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT NOT NULL PRIMARY KEY)")
        .execute(&mut **tx)
        .await?;
    let found: Vec<i64> = sqlx::query_scalar("SELECT version FROM schema_versions")
        .fetch_all(&mut **tx)
        .await?;
    let known = SCRIPTS.iter().map(|(version, _)| *version).max();
    if let Some(newest) = found.iter().copied().max().filter(|max| Some(*max) > known) {
        return Err(CatalogError::TooNew {
            found: newest,
            known: known.unwrap_or_default(),
        });
    }
    for (version, script) in SCRIPTS {
        if found.contains(version) {
            continue;
        }
        sqlx::raw_sql(*script).execute(&mut **tx).await?;
        sqlx::query("INSERT INTO schema_versions (version) VALUES ($1)")
            .bind(*version)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

//! Daily salts of cookieless projects. A visitor id is a hash with the day's salt; once the salt is
//! destroyed nobody can compute it again, not even with the visitor's address at hand. On disk a
//! salt is only ever sealed under the instance's secret, and overwritten when it is destroyed.

use almanac_model::time::SECOND_US;
use almanac_model::{Instant, ProjectId};
use jiff::civil::Date;

use crate::catalog::Catalog;
use crate::error::{CatalogError, Result};
use crate::{limits, random};

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// A day's salt. It does not print.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; SALT_BYTES]);

impl std::fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Salt(…)")
    }
}

/// The salt of a project's local day, made when it is first asked for. Two processes that ask at
/// the same moment get the same one.
///
/// # Errors
/// `Secret` when the salt was sealed under another secret.
pub async fn of_day(
    catalog: &Catalog,
    project: ProjectId,
    day: Date,
    now: Instant,
) -> Result<Salt> {
    if let Some(salt) = find(catalog, project, day).await? {
        return Ok(salt);
    }
    let fresh = random::bytes::<SALT_BYTES>()?;
    let sealed = catalog.secret.seal(&place(project, day), &fresh)?;
    let mut tx = catalog.write().await?;
    sqlx::query(
        "INSERT INTO salts (project_id, day, sealed, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (project_id, day) DO NOTHING",
    )
    .bind(i64::from(project.0))
    .bind(day.to_string())
    .bind(sealed)
    .bind(now.0)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    find(catalog, project, day)
        .await?
        .ok_or_else(|| CatalogError::not_found("salt", place(project, day)))
}

/// The salt for a day's events that are imported from a log. It is derived from the instance's
/// secret, so that an import that goes on after a stop gives a visitor the same id: the addresses
/// are in the log anyway, and whoever imports it has them.
pub fn for_import(catalog: &Catalog, project: ProjectId, day: Date) -> Salt {
    Salt(
        catalog
            .secret
            .derive(&format!("import {}", place(project, day))),
    )
}

/// Destroys every salt older than 48 hours and says how many they were. Meant to run every few
/// minutes.
///
/// # Errors
/// The database failed.
pub async fn destroy_old(catalog: &Catalog, now: Instant) -> Result<u64> {
    let mut tx = catalog.write().await?;
    let destroyed = sqlx::query("DELETE FROM salts WHERE created_at <= $1")
        .bind(now.plus_us(-limits::SALT_AGE_MAX_S * SECOND_US).0)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    tx.commit().await?;
    if destroyed > 0 {
        catalog.forget_deleted().await?;
    }
    Ok(destroyed)
}

async fn find(catalog: &Catalog, project: ProjectId, day: Date) -> Result<Option<Salt>> {
    let sealed: Option<String> =
        sqlx::query_scalar("SELECT sealed FROM salts WHERE project_id = $1 AND day = $2")
            .bind(i64::from(project.0))
            .bind(day.to_string())
            .fetch_optional(catalog.readers())
            .await?;
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let place = place(project, day);
    let bytes = catalog.secret.open(&place, &sealed)?;
    bytes
        .try_into()
        .map(|bytes| Some(Salt(bytes)))
        .map_err(|_| CatalogError::corrupt("salt", place))
}

fn place(project: ProjectId, day: Date) -> String {
    format!("salt of project {} on {day}", project.0)
}

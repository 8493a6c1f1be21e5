//! Which hosts of a project have been shown to be its people's own, by what, and when. Looking is
//! the business of others; here is the token that they look for, and what they have found.

use almanac_model::{Instant, ProjectId};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::audit::{self, Deed};
use crate::catalog::Catalog;
use crate::error::{CatalogError, Result};
use crate::project;

/// What showed that a host is somebody's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The token in a file at a known place.
    File,
    /// The token in a `meta` element of the first page.
    Meta,
    /// The snippet of this instance on the first page.
    Snippet,
}

impl Proof {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::File, Self::Meta, Self::Snippet];

    /// The one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Meta => "meta",
            Self::Snippet => "snippet",
        }
    }

    /// The proof of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|proof| proof.name() == name)
    }
}

/// A host that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The host, one of the project's.
    pub host: String,
    /// What was found last.
    pub proof: Proof,
    /// When it was found.
    pub verified_at: Instant,
}

/// What has to be found on a host: the same for every look, another for each project and host, and
/// nobody can tell it without the instance's secret.
pub fn token(catalog: &Catalog, project: ProjectId, host: &str) -> String {
    let mut hasher = blake3::Hasher::new_keyed(&catalog.secret.hash_key("site verification"));
    hasher.update(format!("{} {host}", project.0).as_bytes());
    hasher.finalize().to_hex().chars().take(32).collect()
}

/// Writes down that a host was verified.
///
/// # Errors
/// `NotFound` for the project; `Invalid` for a host that is not one of its own.
pub async fn keep(
    catalog: &Catalog,
    project: ProjectId,
    (host, proof): (&str, Proof),
    now: Instant,
) -> Result<()> {
    let hosts = project::by_id(catalog, project).await?.hosts;
    if !hosts.iter().any(|own| own == host) {
        let reason = format!("{host:?} is no host of the project; add it first");
        return Err(CatalogError::invalid("host", reason));
    }
    let mut tx = catalog.write().await?;
    sqlx::query(
        "INSERT INTO site_verifications (project_id, host, proof, verified_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (project_id, host) \
         DO UPDATE SET proof = excluded.proof, verified_at = excluded.verified_at",
    )
    .bind(i64::from(project.0))
    .bind(host)
    .bind(proof.name())
    .bind(now.0)
    .execute(&mut *tx)
    .await?;
    let subject = format!("project {}", project.0);
    let deed = Deed {
        action: "project.verify",
        subject: &subject,
        before: Value::Null,
        after: json!({ "host": host, "proof": proof.name() }),
    };
    audit::note(&mut tx, catalog, deed, now).await?;
    Ok(tx.commit().await?)
}

/// The hosts of a project that were verified while they were its own, in its order.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog, project: ProjectId) -> Result<Vec<Verification>> {
    sqlx::query(
        "SELECT v.host, v.proof, v.verified_at FROM site_verifications v \
         JOIN project_hosts h ON h.host = v.host AND h.project_id = v.project_id \
         WHERE v.project_id = $1 ORDER BY h.position",
    )
    .bind(i64::from(project.0))
    .fetch_all(catalog.readers())
    .await?
    .iter()
    .map(from_row)
    .collect()
}

fn from_row(row: &AnyRow) -> Result<Verification> {
    let proof: String = row.try_get("proof")?;
    Ok(Verification {
        host: row.try_get("host")?,
        proof: Proof::from_name(&proof).ok_or_else(|| CatalogError::corrupt("proof", proof))?,
        verified_at: Instant(row.try_get("verified_at")?),
    })
}

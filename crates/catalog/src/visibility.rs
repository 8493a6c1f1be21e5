//! What of a project is shown to whom: dimensions whose values are hidden below a role, and the
//! pages of other sites that may ask with a key. It only remembers the choice; hiding is the
//! business of whoever answers questions.

use std::collections::HashMap;

use almanac_model::{Instant, ProjectId};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, commit_change};
use crate::error::{CatalogError, Result};
use crate::project::project_id;
use crate::user::Role;
use crate::{limits, project};

/// What a project shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visibility {
    /// Names of dimensions as questions have them, whose values are hidden.
    pub masked: Vec<String>,
    /// The least role that sees them all the same: editor, admin or owner.
    pub unmasked_from: Role,
    /// Origins of pages that may ask with a stats key of the project: `https://shop.example`.
    pub stats_origins: Vec<String>,
}

impl Default for Visibility {
    fn default() -> Self {
        Self {
            masked: Vec::new(),
            unmasked_from: Role::Editor,
            stats_origins: Vec::new(),
        }
    }
}

/// What every project shows that somebody chose it for.
///
/// # Errors
/// The database failed, or holds what was never written.
pub async fn all(catalog: &Catalog) -> Result<HashMap<ProjectId, Visibility>> {
    let rows = sqlx::query("SELECT * FROM visibility")
        .fetch_all(catalog.readers())
        .await?;
    rows.iter().map(from_row).collect()
}

/// Chooses what a project shows. Whether the names are dimensions is checked by the caller.
///
/// # Errors
/// `NotFound`; `Invalid` for `masked`, `unmasked_from` or `stats_origins`.
pub async fn choose(
    catalog: &Catalog,
    project: ProjectId,
    wanted: Visibility,
    now: Instant,
) -> Result<Visibility> {
    let chosen = checked(wanted)?;
    project::by_id(catalog, project).await?;
    let before = all(catalog).await?.remove(&project).unwrap_or_default();
    let mut tx = catalog.write().await?;
    sqlx::query(
        "INSERT INTO visibility (project_id, masked, unmasked_from, stats_origins) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (project_id) DO UPDATE SET \
         masked = excluded.masked, unmasked_from = excluded.unmasked_from, \
         stats_origins = excluded.stats_origins",
    )
    .bind(i64::from(project.0))
    .bind(chosen.masked.join("\n"))
    .bind(chosen.unmasked_from.name())
    .bind(chosen.stats_origins.join("\n"))
    .execute(&mut *tx)
    .await?;
    let deed = Deed {
        action: "project.visibility",
        subject: &format!("project {}", project.0),
        before: told(&before),
        after: told(&chosen),
    };
    audit::note(&mut tx, catalog, deed, now).await?;
    commit_change(tx).await?;
    Ok(chosen)
}

fn told(visibility: &Visibility) -> Value {
    json!({
        "masked": visibility.masked,
        "unmasked_from": visibility.unmasked_from.name(),
        "stats_origins": visibility.stats_origins,
    })
}

fn checked(wanted: Visibility) -> Result<Visibility> {
    if wanted.unmasked_from == Role::Viewer {
        let reason = "viewer would hide nothing; editor, admin or owner";
        return Err(CatalogError::invalid("unmasked_from", reason));
    }
    let is_plain = |text: &&String| !text.contains(char::is_control);
    if let Some(odd) = wanted.masked.iter().find(|text| !is_plain(text)) {
        let reason = format!("{odd:?} holds a control character");
        return Err(CatalogError::invalid("masked", reason));
    }
    let origins = wanted.stats_origins.iter().map(|text| origin(text));
    Ok(Visibility {
        masked: few("masked", wanted.masked)?,
        unmasked_from: wanted.unmasked_from,
        stats_origins: few("stats_origins", origins.collect::<Result<_>>()?)?,
    })
}

/// Each text once.
fn few(field: &'static str, texts: Vec<String>) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::with_capacity(texts.len());
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    let max = limits::VISIBILITY_LIST_MAX;
    if found.len() > max {
        let reason = format!("there are {}, at most {max} are allowed", found.len());
        return Err(CatalogError::invalid(field, reason));
    }
    Ok(found)
}

/// An origin as browsers write it: scheme and host in small letters, a port where it is not the
/// usual one, and nothing behind. `*` is none: who may read numbers is named one by one.
fn origin(text: &str) -> Result<String> {
    let wrong = || {
        let reason = format!("{text:?} is no origin; write one like https://shop.example");
        CatalogError::invalid("stats_origins", reason)
    };
    let lower = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let (scheme, authority) = lower.split_once("://").ok_or_else(wrong)?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_host = !host.is_empty()
        && host.len() <= limits::HOST_BYTES_MAX
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    if !matches!(scheme, "http" | "https") || !is_host || !is_port {
        return Err(wrong());
    }
    Ok(match (scheme, port) {
        ("https", Some("443")) | ("http", Some("80")) => format!("{scheme}://{host}"),
        _ => lower,
    })
}

fn from_row(row: &AnyRow) -> Result<(ProjectId, Visibility)> {
    let role: String = row.try_get("unmasked_from")?;
    let lines = |column: &str| -> Result<Vec<String>> {
        let text: String = row.try_get(column)?;
        Ok(text.lines().map(str::to_owned).collect())
    };
    let visibility = Visibility {
        masked: lines("masked")?,
        unmasked_from: Role::from_name(&role).ok_or_else(|| CatalogError::corrupt("role", role))?,
        stats_origins: lines("stats_origins")?,
    };
    Ok((project_id(row.try_get("project_id")?)?, visibility))
}

//! What a member may do in single projects. Somebody who reaches all projects has the role of the
//! account in each, and a grant can only raise it; somebody who reaches granted projects has the
//! role of the grant in those and knows of no others.

use almanac_model::{Instant, ProjectId};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, commit_change};
use crate::error::{CatalogError, Result};
use crate::project::project_id;
use crate::user::{Reach, Role, User, UserId};

/// A role in one project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Where.
    pub project: ProjectId,
    /// What may be done there; never the owner's role, which belongs to accounts.
    pub role: Role,
}

/// The role of somebody in a project; none when the project is out of reach.
///
/// # Errors
/// The database failed.
pub async fn role_in(catalog: &Catalog, user: &User, project: ProjectId) -> Result<Option<Role>> {
    let own = (user.reach == Reach::All).then_some(user.role);
    if own.is_some_and(|role| role.may_act_as(Role::Admin)) {
        return Ok(own);
    }
    let granted: Option<String> =
        sqlx::query_scalar("SELECT role FROM grants WHERE user_id = $1 AND project_id = $2")
            .bind(user.id.0)
            .bind(i64::from(project.0))
            .fetch_optional(catalog.readers())
            .await?;
    let granted = granted.map(|role| role_of(&role)).transpose()?;
    // A lesser role compares as greater.
    Ok(own.into_iter().chain(granted).min())
}

/// The grants of a user, by project.
///
/// # Errors
/// The database failed.
pub async fn of_user(catalog: &Catalog, user: UserId) -> Result<Vec<Grant>> {
    sqlx::query("SELECT project_id, role FROM grants WHERE user_id = $1 ORDER BY project_id")
        .bind(user.0)
        .fetch_all(catalog.readers())
        .await?
        .iter()
        .map(from_row)
        .collect()
}

/// Replaces the grants of a user.
///
/// # Errors
/// `NotFound` for the user or a project; `Invalid` for `grants`.
pub async fn replace(
    catalog: &Catalog,
    user: UserId,
    grants: &[Grant],
    now: Instant,
) -> Result<()> {
    check(grants)?;
    let before = shape(&of_user(catalog, user).await?);
    let mut tx = catalog.write().await?;
    let users: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users WHERE id = $1")
        .bind(user.0)
        .fetch_one(&mut *tx)
        .await?;
    if users == 0 {
        return Err(CatalogError::not_found("user", user.0));
    }
    sqlx::query("DELETE FROM grants WHERE user_id = $1")
        .bind(user.0)
        .execute(&mut *tx)
        .await?;
    insert(&mut tx, user, grants).await?;
    let subject = format!("user {}", user.0);
    let deed = Deed {
        action: "user.grants",
        subject: &subject,
        before,
        after: shape(grants),
    };
    audit::note(&mut tx, catalog, deed, now).await?;
    commit_change(tx).await
}

/// Adds grants inside a transaction.
pub(crate) async fn insert(
    tx: &mut Transaction<'static, Any>,
    user: UserId,
    grants: &[Grant],
) -> Result<()> {
    for grant in grants {
        must_exist(tx, grant.project).await?;
        sqlx::query("INSERT INTO grants (user_id, project_id, role) VALUES ($1, $2, $3)")
            .bind(user.0)
            .bind(i64::from(grant.project.0))
            .bind(grant.role.name())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Refuses what no grant can be: the owner's role, and two of one project.
pub(crate) fn check(grants: &[Grant]) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for grant in grants {
        if grant.role == Role::Owner {
            let reason = "owner is a role of accounts; admin is the most in a project";
            return Err(CatalogError::invalid("grants", reason));
        }
        if !seen.insert(grant.project) {
            let reason = format!("project {} is named twice", grant.project.0);
            return Err(CatalogError::invalid("grants", reason));
        }
    }
    Ok(())
}

/// Refuses a project that is not there.
pub(crate) async fn must_exist(
    tx: &mut Transaction<'static, Any>,
    project: ProjectId,
) -> Result<()> {
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM projects WHERE id = $1")
        .bind(i64::from(project.0))
        .fetch_one(&mut **tx)
        .await?;
    if found == 0 {
        return Err(CatalogError::not_found("project", project.0));
    }
    Ok(())
}

/// Grants as the audit log shows them.
pub(crate) fn shape(grants: &[Grant]) -> Value {
    let each = |grant: &Grant| json!({ "project": grant.project.0, "role": grant.role.name() });
    Value::Array(grants.iter().map(each).collect())
}

pub(crate) fn from_row(row: &AnyRow) -> Result<Grant> {
    let role: String = row.try_get("role")?;
    Ok(Grant {
        project: project_id(row.try_get("project_id")?)?,
        role: role_of(&role)?,
    })
}

fn role_of(name: &str) -> Result<Role> {
    Role::from_name(name).ok_or_else(|| CatalogError::corrupt("role", name))
}

//! Goals, segments and funnels that a project has saved, by name. A definition is a text here; what
//! it means, and whether it means anything, is the business of questions.

use almanac_model::{Instant, ProjectId};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, commit_change, next_id};
use crate::error::{CatalogError, Result};
use crate::{limits, project};

/// What can be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SavedKind {
    /// Something that visitors should do.
    Goal,
    /// A named filter.
    Segment,
    /// Steps that visitors take one after another.
    Funnel,
}

impl SavedKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Goal, Self::Segment, Self::Funnel];

    /// The kind's one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Goal => "goal",
            Self::Segment => "segment",
            Self::Funnel => "funnel",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedEntry {
    /// Which one, never given again.
    pub id: i64,
    /// What sort of thing it is.
    pub kind: SavedKind,
    /// What it is called; unique in its project and kind.
    pub name: String,
    /// What it means, as JSON.
    pub definition: String,
}

/// Saves something under a new name.
///
/// # Errors
/// `NotFound` for the project, `Invalid` for a name or definition that is too long or the 201st of
/// a kind, `Taken` for a name.
pub async fn add(
    catalog: &Catalog,
    project: ProjectId,
    kind: SavedKind,
    name: &str,
    definition: &str,
    now: Instant,
) -> Result<SavedEntry> {
    let name = name.trim();
    let characters = name.chars().count();
    if !(1..=limits::NAME_CHARS_MAX).contains(&characters) {
        let reason = format!(
            "{characters} characters; use 1 to {}",
            limits::NAME_CHARS_MAX
        );
        return Err(CatalogError::invalid("name", reason));
    }
    if definition.len() > limits::DEFINITION_BYTES_MAX {
        let most = limits::DEFINITION_BYTES_MAX;
        let reason = format!(
            "{} bytes are more than {most}; ask for less",
            definition.len()
        );
        return Err(CatalogError::invalid("definition", reason));
    }
    project::by_id(catalog, project).await?;
    let mut tx = catalog.write().await?;
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM saved WHERE project_id = $1 AND kind = $2")
            .bind(i64::from(project.0))
            .bind(kind.name())
            .fetch_one(&mut *tx)
            .await?;
    if usize::try_from(count).is_ok_and(|count| count >= limits::SAVED_MAX) {
        let reason = format!("the project has {count} {}s; remove one first", kind.name());
        return Err(CatalogError::invalid("name", reason));
    }
    let id = next_id(&mut tx, "saved").await?;
    let added = sqlx::query(
        "INSERT INTO saved (id, project_id, kind, name, definition, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (project_id, kind, name) DO NOTHING",
    )
    .bind(id)
    .bind(i64::from(project.0))
    .bind(kind.name())
    .bind(name)
    .bind(definition)
    .bind(now.0)
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Err(CatalogError::Taken {
            what: kind.name(),
            value: name.to_owned(),
            holder: format!("project {}", project.0),
        });
    }
    let entry = SavedEntry {
        id,
        kind,
        name: name.to_owned(),
        definition: definition.to_owned(),
    };
    note(&mut tx, catalog, project, (Change::Add, &entry), now).await?;
    commit_change(tx).await?;
    Ok(entry)
}

/// Everything that a project has saved, by id.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog, project: ProjectId) -> Result<Vec<SavedEntry>> {
    sqlx::query("SELECT id, kind, name, definition FROM saved WHERE project_id = $1 ORDER BY id")
        .bind(i64::from(project.0))
        .fetch_all(catalog.readers())
        .await?
        .iter()
        .map(from_row)
        .collect()
}

/// Removes something from a project.
///
/// # Errors
/// `NotFound`.
pub async fn remove(
    catalog: &Catalog,
    project: ProjectId,
    kind: SavedKind,
    id: i64,
    now: Instant,
) -> Result<()> {
    let mut tx = catalog.write().await?;
    let removed = sqlx::query(
        "DELETE FROM saved WHERE id = $1 AND project_id = $2 AND kind = $3 \
         RETURNING id, kind, name, definition",
    )
    .bind(id)
    .bind(i64::from(project.0))
    .bind(kind.name())
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| CatalogError::not_found(kind.name(), id))?;
    let entry = from_row(&removed)?;
    note(&mut tx, catalog, project, (Change::Remove, &entry), now).await?;
    commit_change(tx).await
}

/// What happened to something that is saved.
#[derive(Debug, Clone, Copy)]
enum Change {
    Add,
    Remove,
}

/// Writes down what was saved or removed, by its name only: a definition may name persons, and the
/// log forgets nobody.
async fn note(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    project: ProjectId,
    (change, entry): (Change, &SavedEntry),
    now: Instant,
) -> Result<()> {
    let action = match (entry.kind, change) {
        (SavedKind::Goal, Change::Add) => "goal.add",
        (SavedKind::Goal, Change::Remove) => "goal.remove",
        (SavedKind::Segment, Change::Add) => "segment.add",
        (SavedKind::Segment, Change::Remove) => "segment.remove",
        (SavedKind::Funnel, Change::Add) => "funnel.add",
        (SavedKind::Funnel, Change::Remove) => "funnel.remove",
    };
    let shape = json!({ "id": entry.id, "name": entry.name });
    let (before, after) = match change {
        Change::Add => (Value::Null, shape),
        Change::Remove => (shape, Value::Null),
    };
    let deed = Deed {
        action,
        subject: &format!("project {}", project.0),
        before,
        after,
    };
    audit::note(tx, catalog, deed, now).await
}

fn from_row(row: &AnyRow) -> Result<SavedEntry> {
    let kind: String = row.try_get("kind")?;
    Ok(SavedEntry {
        id: row.try_get("id")?,
        kind: SavedKind::from_name(&kind)
            .ok_or_else(|| CatalogError::corrupt("saved kind", kind))?,
        name: row.try_get("name")?,
        definition: row.try_get("definition")?,
    })
}

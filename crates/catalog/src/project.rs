//! Projects and the hosts that belong to them. A host belongs to one project, so that an event's
//! page decides where it counts.

use std::collections::HashMap;

use almanac_model::{Identity, Instant, ProjectId, ProjectSettings, limits as model_limits};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, commit_change, next_id};
use crate::error::{CatalogError, Result};
use crate::user::check_name;
use crate::{host, limits};

/// A project as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Which project.
    pub id: ProjectId,
    /// How it is called.
    pub name: String,
    /// Its hosts; the first is its domain.
    pub hosts: Vec<String>,
    /// The IANA name of the zone of its days.
    pub time_zone: String,
    /// Parameters of a page's address that are kept as a part of its name.
    pub query_parameters: Vec<String>,
    /// How its visitors are told apart.
    pub identity: Identity,
    /// The longest gap inside a visit, seconds.
    pub visit_gap_s: i64,
    /// When it was added.
    pub created_at: Instant,
}

impl Project {
    /// The host by which people name the project.
    pub fn domain(&self) -> &str {
        self.hosts.first().map_or("", String::as_str)
    }

    /// What the other stages need to know of it.
    ///
    /// # Errors
    /// `Corrupt` when this build does not know the zone.
    pub fn settings(&self) -> Result<ProjectSettings> {
        Ok(ProjectSettings {
            id: self.id,
            hosts: self.hosts.clone(),
            query_parameters: self.query_parameters.clone(),
            zone: TimeZone::get(&self.time_zone)
                .map_err(|_| CatalogError::corrupt("time zone", &self.time_zone))?,
            identity: self.identity,
            visit_gap_s: self.visit_gap_s,
        })
    }
}

/// What is needed to add a project.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// How it is called.
    pub name: String,
    /// At least one host; the first is the domain.
    pub hosts: Vec<String>,
    /// The IANA name of its zone.
    pub time_zone: String,
    /// How its visitors are told apart.
    pub identity: Identity,
    /// The longest gap inside a visit, seconds.
    pub visit_gap_s: i64,
}

impl NewProject {
    /// A cookieless project with the default gap.
    pub fn new(name: &str, hosts: &[&str], time_zone: &str) -> Self {
        Self {
            name: name.to_owned(),
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            time_zone: time_zone.to_owned(),
            identity: Identity::Cookieless,
            visit_gap_s: model_limits::VISIT_GAP_DEFAULT_S,
        }
    }
}

/// What to change of a project; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProjectChange {
    /// A new name.
    pub name: Option<String>,
    /// A new list of hosts, replacing the old one.
    pub hosts: Option<Vec<String>>,
    /// A new list of parameters that are kept, replacing the old one.
    pub query_parameters: Option<Vec<String>>,
}

/// Adds a project.
///
/// # Errors
/// `Invalid` for `name`, `hosts`, `time_zone` or `visit_gap_s`; `Taken` when a host belongs to
/// another project, which is named.
pub async fn add(catalog: &Catalog, new: NewProject, now: Instant) -> Result<Project> {
    let name = check_name("name", &new.name)?.to_owned();
    let hosts = check_hosts(&new.hosts)?;
    let time_zone = check_time_zone(&new.time_zone)?;
    if !limits::VISIT_GAP_RANGE_S.contains(&new.visit_gap_s) {
        let gap = new.visit_gap_s;
        let reason = format!("{gap} s is outside the allowed 60 to 86400 s");
        return Err(CatalogError::invalid("visit_gap_s", reason));
    }
    let mut tx = catalog.write().await?;
    let id = next_id(&mut tx, "project").await?;
    sqlx::query(
        "INSERT INTO projects (id, name, time_zone, identity, visit_gap_s, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(&name)
    .bind(&time_zone)
    .bind(identity_name(new.identity))
    .bind(new.visit_gap_s)
    .bind(now.0)
    .execute(&mut *tx)
    .await?;
    insert_hosts(&mut tx, id, &hosts).await?;
    let project = Project {
        id: project_id(id)?,
        name,
        hosts,
        query_parameters: Vec::new(),
        time_zone,
        identity: new.identity,
        visit_gap_s: new.visit_gap_s,
        created_at: now,
    };
    note(
        &mut tx,
        catalog,
        ("project.add", &project),
        Value::Null,
        now,
    )
    .await?;
    commit_change(tx).await?;
    Ok(project)
}

/// Changes a project and gives it as it is now.
///
/// # Errors
/// `NotFound`, and what adding one refuses.
pub async fn update(
    catalog: &Catalog,
    id: ProjectId,
    change: ProjectChange,
    now: Instant,
) -> Result<Project> {
    let hosts = change.hosts.as_deref().map(check_hosts).transpose()?;
    let name = change
        .name
        .as_deref()
        .map(|name| check_name("name", name))
        .transpose()?;
    let parameters = change
        .query_parameters
        .as_deref()
        .map(check_parameters)
        .transpose()?;
    let mut tx = catalog.write().await?;
    let before = find(&mut tx, id).await?;
    sqlx::query(
        "UPDATE projects SET name = COALESCE($1, name), \
         query_parameters = COALESCE($2, query_parameters) WHERE id = $3",
    )
    .bind(name)
    .bind(parameters)
    .bind(i64::from(id.0))
    .execute(&mut *tx)
    .await?;
    if let Some(hosts) = hosts {
        sqlx::query("DELETE FROM project_hosts WHERE project_id = $1")
            .bind(i64::from(id.0))
            .execute(&mut *tx)
            .await?;
        insert_hosts(&mut tx, i64::from(id.0), &hosts).await?;
    }
    let after = find(&mut tx, id).await?;
    note(
        &mut tx,
        catalog,
        ("project.change", &after),
        shape(&before),
        now,
    )
    .await?;
    commit_change(tx).await?;
    Ok(after)
}

/// Every project, by id.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog) -> Result<Vec<Project>> {
    // One reading transaction, so that projects and hosts are of the same moment.
    let mut tx = catalog.readers().begin().await?;
    let rows = sqlx::query("SELECT * FROM projects ORDER BY id")
        .fetch_all(&mut *tx)
        .await?;
    let hosts: Vec<(i64, String)> =
        sqlx::query_as("SELECT project_id, host FROM project_hosts ORDER BY project_id, position")
            .fetch_all(&mut *tx)
            .await?;
    tx.rollback().await?;
    let mut of_project: HashMap<i64, Vec<String>> = HashMap::new();
    for (id, host) in hosts {
        of_project.entry(id).or_default().push(host);
    }
    rows.iter()
        .map(|row| {
            let id: i64 = row.try_get("id")?;
            from_row(row, of_project.remove(&id).unwrap_or_default())
        })
        .collect()
}

/// The project with that id.
///
/// # Errors
/// `NotFound`.
pub async fn by_id(catalog: &Catalog, id: ProjectId) -> Result<Project> {
    let mut tx = catalog.readers().begin().await?;
    let found = find(&mut tx, id).await?;
    tx.rollback().await?;
    Ok(found)
}

async fn find(tx: &mut Transaction<'static, Any>, id: ProjectId) -> Result<Project> {
    let row = sqlx::query("SELECT * FROM projects WHERE id = $1")
        .bind(i64::from(id.0))
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(|| CatalogError::not_found("project", id.0))?;
    let hosts = sqlx::query_scalar(
        "SELECT host FROM project_hosts WHERE project_id = $1 ORDER BY position",
    )
    .bind(i64::from(id.0))
    .fetch_all(&mut **tx)
    .await?;
    from_row(&row, hosts)
}

/// The project that a person named: by its id, its domain or any of its hosts.
///
/// # Errors
/// `NotFound`.
pub async fn by_reference(catalog: &Catalog, text: &str) -> Result<Project> {
    if let Ok(id) = text.trim().parse() {
        return by_id(catalog, ProjectId(id)).await;
    }
    let not_found = || CatalogError::not_found("project", text);
    let host = host::normalise(text).map_err(|_| not_found())?;
    let id: Option<i64> =
        sqlx::query_scalar("SELECT project_id FROM project_hosts WHERE host = $1")
            .bind(host)
            .fetch_optional(catalog.readers())
            .await?;
    by_id(catalog, project_id(id.ok_or_else(not_found)?)?).await
}

async fn note(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    (action, project): (&'static str, &Project),
    before: Value,
    now: Instant,
) -> Result<()> {
    let subject = format!("project {}", project.id.0);
    let deed = Deed {
        action,
        subject: &subject,
        before,
        after: shape(project),
    };
    audit::note(tx, catalog, deed, now).await
}

/// A project as the audit log shows one.
fn shape(project: &Project) -> Value {
    json!({
        "name": project.name,
        "hosts": project.hosts,
        "query_parameters": project.query_parameters,
        "time_zone": project.time_zone,
        "identity": identity_name(project.identity),
    })
}

async fn insert_hosts(
    tx: &mut Transaction<'static, Any>,
    project: i64,
    hosts: &[String],
) -> Result<()> {
    for (position, host) in (0_i64..).zip(hosts) {
        let added = sqlx::query(
            "INSERT INTO project_hosts (host, project_id, position) VALUES ($1, $2, $3) \
             ON CONFLICT (host) DO NOTHING",
        )
        .bind(host)
        .bind(project)
        .bind(position)
        .execute(&mut **tx)
        .await?
        .rows_affected();
        if added == 0 {
            return Err(taken(tx, host).await?);
        }
    }
    Ok(())
}

async fn taken(tx: &mut Transaction<'static, Any>, host: &str) -> Result<CatalogError> {
    let (id, name): (i64, String) = sqlx::query_as(
        "SELECT p.id, p.name FROM projects p JOIN project_hosts h ON h.project_id = p.id \
         WHERE h.host = $1",
    )
    .bind(host)
    .fetch_one(&mut **tx)
    .await?;
    let holder = format!("project {id} ({name})");
    Ok(CatalogError::Taken {
        what: "host",
        value: host.to_owned(),
        holder,
    })
}

fn check_hosts(hosts: &[String]) -> Result<Vec<String>> {
    let mut checked = Vec::with_capacity(hosts.len());
    for text in hosts {
        let host = host::normalise(text)?;
        if !checked.contains(&host) {
            checked.push(host);
        }
    }
    let max = limits::PROJECT_HOSTS_MAX;
    if checked.is_empty() || checked.len() > max {
        let reason = format!("there are {}, 1 to {max} are allowed", checked.len());
        return Err(CatalogError::invalid("hosts", reason));
    }
    Ok(checked)
}

/// The names of parameters, each once, in one text; a name holds no white space.
fn check_parameters(names: &[String]) -> Result<String> {
    let mut checked: Vec<&str> = Vec::with_capacity(names.len());
    for name in names {
        let name = name.trim();
        let is_sign = |c: char| c.is_whitespace() || c.is_control() || "?&=#".contains(c);
        if name.is_empty() || name.len() > limits::QUERY_PARAMETER_BYTES_MAX {
            let reason = format!("{name:?} must have 1 to 100 bytes");
            return Err(CatalogError::invalid("query_parameters", reason));
        }
        if name.contains(is_sign) {
            let reason = format!("{name:?} is no name of a parameter; write it alone, like page");
            return Err(CatalogError::invalid("query_parameters", reason));
        }
        if !checked.contains(&name) {
            checked.push(name);
        }
    }
    let max = limits::QUERY_PARAMETERS_MAX;
    if checked.len() > max {
        let reason = format!("there are {}, at most {max} are allowed", checked.len());
        return Err(CatalogError::invalid("query_parameters", reason));
    }
    Ok(checked.join("\n"))
}

/// The zone's name as the time zone database spells it.
fn check_time_zone(name: &str) -> Result<String> {
    let zone = TimeZone::get(name.trim()).ok();
    zone.as_ref()
        .and_then(|zone| zone.iana_name())
        .map(str::to_owned)
        .ok_or_else(|| {
            let reason =
                format!("{name:?} is no IANA time zone; write one like Europe/Berlin or UTC");
            CatalogError::invalid("time_zone", reason)
        })
}

fn from_row(row: &AnyRow, hosts: Vec<String>) -> Result<Project> {
    let identity: String = row.try_get("identity")?;
    let parameters: String = row.try_get("query_parameters")?;
    Ok(Project {
        query_parameters: parameters.lines().map(str::to_owned).collect(),
        id: project_id(row.try_get("id")?)?,
        name: row.try_get("name")?,
        hosts,
        time_zone: row.try_get("time_zone")?,
        identity: identity_from_name(&identity)
            .ok_or_else(|| CatalogError::corrupt("identity", identity))?,
        visit_gap_s: row.try_get("visit_gap_s")?,
        created_at: Instant(row.try_get("created_at")?),
    })
}

pub(crate) fn project_id(id: i64) -> Result<ProjectId> {
    u32::try_from(id)
        .map(ProjectId)
        .map_err(|_| CatalogError::corrupt("project id", id))
}

/// The one spelling of an identity.
pub fn identity_name(identity: Identity) -> &'static str {
    match identity {
        Identity::Cookieless => "cookieless",
        Identity::Stable => "stable",
    }
}

/// The identity of that name.
pub fn identity_from_name(name: &str) -> Option<Identity> {
    [Identity::Cookieless, Identity::Stable]
        .into_iter()
        .find(|identity| identity_name(*identity) == name)
}

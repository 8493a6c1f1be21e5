//! What a project does not want to count: paths, countries, IP ranges, browsers that ask not to be
//! counted, events with personal data, bots. Rules are kept and checked here; matching events with
//! them is the business of the ingest stage.

use std::net::IpAddr;

use almanac_model::{Instant, ProjectId};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{self, Deed};
use crate::catalog::{Catalog, commit_change, next_id};
use crate::error::{CatalogError, Result};
use crate::project::project_id;
use crate::{limits, project};

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DropKind {
    /// A path, `*` standing for any text: `/admin/*`.
    Path,
    /// A country by its two letters: `DE`.
    Country,
    /// An address or a range of addresses: `192.0.2.0/24`.
    IpRange,
    /// What a browser asks for: `dnt` or `gpc`.
    Signal,
    /// Events in which there is personal data: `any`. Without the rule it is taken out of them.
    PersonalData,
    /// Events of bots: `any`. Without the rule they are kept apart from those of people.
    Bot,
}

/// The value of a rule about browsers that send Do Not Track.
pub const DO_NOT_TRACK: &str = "dnt";
/// The value of a rule about browsers that send Global Privacy Control.
pub const GLOBAL_PRIVACY_CONTROL: &str = "gpc";
/// The one value of a rule about personal data or bots.
const ANY: &str = "any";

impl DropKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Path,
        Self::Country,
        Self::IpRange,
        Self::Signal,
        Self::PersonalData,
        Self::Bot,
    ];

    /// The kind's one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Country => "country",
            Self::IpRange => "ip_range",
            Self::Signal => "signal",
            Self::PersonalData => "personal_data",
            Self::Bot => "bot",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One rule of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropRule {
    /// Which rule, never given again.
    pub id: i64,
    /// Whose rule.
    pub project: ProjectId,
    /// What it looks at.
    pub kind: DropKind,
    /// What it looks for, in its one spelling.
    pub value: String,
}

/// Adds a rule.
///
/// # Errors
/// `NotFound` for the project, `Invalid` for the value or the 501st rule, `Taken` for a repetition.
pub async fn add(
    catalog: &Catalog,
    project: ProjectId,
    kind: DropKind,
    value: &str,
    now: Instant,
) -> Result<DropRule> {
    let value = check_value(kind, value.trim())?;
    project::by_id(catalog, project).await?;
    let mut tx = catalog.write().await?;
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM drop_rules WHERE project_id = $1")
        .bind(i64::from(project.0))
        .fetch_one(&mut *tx)
        .await?;
    if usize::try_from(count).is_ok_and(|count| count >= limits::DROP_RULES_MAX) {
        let reason = format!(
            "project {} has {count} drop rules; remove one first",
            project.0
        );
        return Err(CatalogError::invalid("project", reason));
    }
    let id = next_id(&mut tx, "drop_rule").await?;
    let added = sqlx::query(
        "INSERT INTO drop_rules (id, project_id, kind, value, created_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (project_id, kind, value) DO NOTHING",
    )
    .bind(id)
    .bind(i64::from(project.0))
    .bind(kind.name())
    .bind(&value)
    .bind(now.0)
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        let holder = format!("project {}", project.0);
        return Err(CatalogError::Taken {
            what: "drop rule",
            value,
            holder,
        });
    }
    let rule = DropRule {
        id,
        project,
        kind,
        value,
    };
    note(
        &mut tx,
        catalog,
        ("drop_rule.add", project),
        (Value::Null, shape(&rule)),
        now,
    )
    .await?;
    commit_change(tx).await?;
    Ok(rule)
}

/// Every rule of every project, by id.
///
/// # Errors
/// The database failed.
pub async fn list(catalog: &Catalog) -> Result<Vec<DropRule>> {
    sqlx::query("SELECT id, project_id, kind, value FROM drop_rules ORDER BY id")
        .fetch_all(catalog.readers())
        .await?
        .iter()
        .map(from_row)
        .collect()
}

/// Removes a rule of a project.
///
/// # Errors
/// `NotFound`.
pub async fn remove(catalog: &Catalog, project: ProjectId, id: i64, now: Instant) -> Result<()> {
    let mut tx = catalog.write().await?;
    let row = sqlx::query(
        "DELETE FROM drop_rules WHERE id = $1 AND project_id = $2 \
         RETURNING id, project_id, kind, value",
    )
    .bind(id)
    .bind(i64::from(project.0))
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| CatalogError::not_found("drop rule", id))?;
    let before = shape(&from_row(&row)?);
    note(
        &mut tx,
        catalog,
        ("drop_rule.remove", project),
        (before, Value::Null),
        now,
    )
    .await?;
    commit_change(tx).await
}

async fn note(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    (action, project): (&'static str, ProjectId),
    (before, after): (Value, Value),
    now: Instant,
) -> Result<()> {
    let subject = format!("project {}", project.0);
    let deed = Deed {
        action,
        subject: &subject,
        before,
        after,
    };
    audit::note(tx, catalog, deed, now).await
}

/// A rule as the audit log shows one.
fn shape(rule: &DropRule) -> Value {
    json!({ "rule": rule.id, "kind": rule.kind.name(), "value": rule.value })
}

fn check_value(kind: DropKind, value: &str) -> Result<String> {
    let invalid = |reason: &str| {
        Err(CatalogError::invalid(
            "value",
            format!("{value:?} {reason}"),
        ))
    };
    if value.len() > limits::DROP_RULE_BYTES_MAX {
        return invalid("is longer than 500 bytes");
    }
    match kind {
        DropKind::Path if value.starts_with('/') || value.starts_with('*') => Ok(value.to_owned()),
        DropKind::Path => invalid("is no path; write one like /admin/*"),
        DropKind::Country if is_country(value) => Ok(value.to_ascii_uppercase()),
        DropKind::Country => invalid("is no country; write its two letters, like DE"),
        DropKind::IpRange => match ip_range(value) {
            Some(range) => Ok(range),
            None => invalid("is no range of addresses; write one like 192.0.2.0/24"),
        },
        DropKind::Signal => match value.to_ascii_lowercase() {
            signal if [DO_NOT_TRACK, GLOBAL_PRIVACY_CONTROL].contains(&&*signal) => Ok(signal),
            _ => invalid("is no signal of a browser; write dnt or gpc"),
        },
        DropKind::PersonalData | DropKind::Bot if value == ANY => Ok(ANY.to_owned()),
        DropKind::PersonalData | DropKind::Bot => invalid("is not known here; write any"),
    }
}

fn is_country(value: &str) -> bool {
    value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn ip_range(value: &str) -> Option<String> {
    let (address, bits) = value
        .split_once('/')
        .map_or((value, None), |(a, b)| (a, Some(b)));
    let address: IpAddr = address.parse().ok()?;
    let bits_max = if address.is_ipv4() { 32 } else { 128 };
    let bits: u8 = bits.map_or(Some(bits_max), |bits| bits.parse().ok())?;
    (bits <= bits_max).then(|| format!("{address}/{bits}"))
}

fn from_row(row: &AnyRow) -> Result<DropRule> {
    let kind: String = row.try_get("kind")?;
    Ok(DropRule {
        id: row.try_get("id")?,
        project: project_id(row.try_get("project_id")?)?,
        kind: DropKind::from_name(&kind).ok_or_else(|| CatalogError::corrupt("drop kind", kind))?,
        value: row.try_get("value")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: DropKind, value: &str, expected: Option<&str>) {
        assert_eq!(
            check_value(kind, value).ok().as_deref(),
            expected,
            "{value:?}"
        );
    }

    #[test]
    fn a_value_must_be_of_its_kind_and_gets_one_spelling() {
        check(DropKind::Path, "/admin/*", Some("/admin/*"));
        check(DropKind::Path, "admin", None);
        check(DropKind::Country, "de", Some("DE"));
        check(DropKind::Country, "deu", None);
        check(DropKind::Country, "ü", None);
        check(DropKind::Signal, "GPC", Some("gpc"));
        check(DropKind::Signal, "cookie", None);
        check(DropKind::PersonalData, "any", Some("any"));
        check(DropKind::PersonalData, "email", None);
        check(DropKind::Bot, "any", Some("any"));
        check(DropKind::Bot, "Googlebot", None);
        check(DropKind::IpRange, "192.0.2.7", Some("192.0.2.7/32"));
        check(DropKind::IpRange, "192.0.2.0/24", Some("192.0.2.0/24"));
        check(DropKind::IpRange, "192.0.2.0/33", None);
        check(DropKind::IpRange, "2001:DB8::/32", Some("2001:db8::/32"));
        check(DropKind::IpRange, "2001:db8::/129", None);
        check(
            DropKind::Path,
            &format!("/{}", "a".repeat(499)),
            Some(&format!("/{}", "a".repeat(499))),
        );
        check(DropKind::Path, &format!("/{}", "a".repeat(500)), None);
    }
}

//! What is kept and what goes: erasing the events of a visitor, a user or a day, how long a
//! project keeps events at all, and how much disk they take. What a file looks like is the store's
//! business.

use std::sync::Arc;

use almanac_catalog::audit::{self, Deed};
use almanac_catalog::retention::{self, Retention};
use almanac_catalog::{Catalog, CatalogError};
use almanac_model::{Instant, ProjectId, ProjectSettings, VisitorId};
use almanac_store::{Erase, Erased, Store, StoreError, Usage};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::address::{Path, Query};
use crate::app::App;
use crate::auth;
use crate::body::JsonBody;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::openapi::problem::{Always, BadRequest, NotForYou, Unreadable};
use crate::openapi::schema;
use crate::router::Shared;

/// Whose events are to go: exactly one of the four. Beside the events of a visitor go all decisions
/// of the visitor, and beside those of a visitor or a user the dead letters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Erase, example = json!({"visitor": "11083497808733130", "dry_run": true}))]
#[serde(deny_unknown_fields, default)]
pub struct EraseRequest {
    /// A visitor, as the whole number that exports show.
    pub visitor: Option<String>,
    /// A user's id.
    pub user: Option<String>,
    /// One local day, `2026-11-21`.
    pub day: Option<String>,
    /// The first local day that stays.
    pub before: Option<String>,
    /// Whether events are only counted.
    pub dry_run: bool,
}

/// How long a project is to keep its events.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[schema(as = NewRetention, example = json!({"days": 90}))]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionRequest {
    /// Whole local days beside today; null: for ever.
    days: Option<u32>,
}

/// A choice that is only tried.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Trial {
    days: Option<u32>,
}

impl EraseRequest {
    /// What the store is to do.
    ///
    /// # Errors
    /// What is wrong with the request, and what would be right.
    pub fn what(&self) -> Result<Erase, String> {
        let day = |text: &str| {
            let found = text.parse::<Date>();
            found.map_err(|_| format!("{text:?} is no day; write one like 2026-11-21"))
        };
        match (&self.visitor, &self.user, &self.day, &self.before) {
            (Some(visitor), None, None, None) => {
                let number = visitor.parse().map_err(|_| {
                    format!("visitor {visitor:?} is no whole number; `almanac export` shows them")
                })?;
                Ok(Erase::Visitor(VisitorId(number)))
            }
            (None, Some(user), None, None) if !user.is_empty() => Ok(Erase::User(user.clone())),
            (None, None, Some(text), None) => Ok(Erase::Day(day(text)?)),
            (None, None, None, Some(text)) => Ok(Erase::Before(day(text)?)),
            _ => Err("say what is to go: one of visitor, user, day and before".to_owned()),
        }
    }
}

/// Erases, or counts what would be erased, and tells of it.
///
/// # Errors
/// When the store cannot; then nothing has changed.
pub fn erase_in(
    store: &Store,
    project: ProjectId,
    what: &Erase,
    dry_run: bool,
) -> Result<Value, StoreError> {
    let erased = if dry_run {
        let (people, bots) = (project, project.of_bots());
        store
            .would_erase(people, what)?
            .and(store.would_erase(bots, what)?)
    } else {
        erase_everywhere(store, project, what)?
    };
    Ok(json!({
        "events": erased.rows,
        "days": erased.days,
        "files": erased.files,
        "dry_run": dry_run,
    }))
}

/// Erases among people and among bots.
pub(crate) fn erase_everywhere(
    store: &Store,
    project: ProjectId,
    what: &Erase,
) -> Result<Erased, StoreError> {
    let people = store.erase(project, what)?;
    Ok(people.and(store.erase(project.of_bots(), what)?))
}

/// Writes down in the audit log that events were erased and how many, but not whose.
///
/// # Errors
/// The catalog failed; the events are gone all the same.
pub async fn note_erasure(
    catalog: &Catalog,
    project: ProjectId,
    told: &Value,
    now: Instant,
) -> Result<(), CatalogError> {
    let deed = Deed {
        action: "events.erase",
        subject: &format!("project {}", project.0),
        before: Value::Null,
        after: told.clone(),
    };
    audit::record(catalog, deed, now).await
}

/// The first local day that a project keeps; `None` when it keeps all.
pub fn first_kept_day(
    retention: Retention,
    settings: &ProjectSettings,
    now: Instant,
) -> Option<Date> {
    let Retention::Days(days) = retention else {
        return None;
    };
    let today = now.local_day(&settings.zone);
    // Before the first day of the calendar there is nothing that could go.
    let days = Span::new().try_days(i64::from(days)).ok()?;
    today.checked_sub(days).ok()
}

/// What a retention is, and which events it would end now.
///
/// # Errors
/// When the store cannot count them.
pub fn describe_retention(
    store: &Store,
    settings: &ProjectSettings,
    retention: Retention,
    now: Instant,
) -> Result<Value, StoreError> {
    let days = match retention {
        Retention::Days(days) => Some(days),
        Retention::ForEver => None,
    };
    let first = first_kept_day(retention, settings, now);
    let expired = match first {
        Some(first) => {
            let (what, people) = (Erase::Before(first), settings.id);
            let bots = store.would_erase(people.of_bots(), &what)?;
            store.would_erase(people, &what)?.and(bots)
        }
        None => Erased::default(),
    };
    Ok(json!({
        "days": days,
        "first_kept_day": first.map(|first| first.to_string()),
        "expired": { "events": expired.rows, "days": expired.days },
    }))
}

/// How much disk a project takes.
pub fn describe_disk(store: &Store, project: ProjectId) -> Value {
    let usage = usage(store, project);
    json!({
        "events": usage.rows,
        "bytes": usage.bytes,
        "days": usage.partitions,
        "bytes_per_event": (usage.rows > 0)
            .then(|| (usage.bytes as f64 / usage.rows as f64 * 100.0).round() / 100.0),
    })
}

/// What a project has, its bots included.
fn usage(store: &Store, project: ProjectId) -> Usage {
    let (people, bots) = (store.usage(project), store.usage(project.of_bots()));
    Usage {
        rows: people.rows + bots.rows,
        bytes: people.bytes + bots.bytes,
        partitions: people.partitions.max(bots.partitions),
    }
}

/// Ends the events of every project that are older than it keeps them.
///
/// # Errors
/// The first project that failed; those before it are done.
pub async fn expire(app: &Arc<App>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    for entry in app.directory().entries() {
        let project = entry.project.id;
        let retention = retention::in_force(&app.catalog, project, app.now()).await?;
        let Some(first) = first_kept_day(retention, &entry.settings, app.now()) else {
            continue;
        };
        let both = [project, project.of_bots()];
        let oldest = both
            .into_iter()
            .filter_map(|of| app.store.first_event(of))
            .min();
        if oldest.is_none_or(|oldest| oldest.local_day(&entry.settings.zone) >= first) {
            continue;
        }
        let store = Arc::clone(&app.store);
        let erase = move || erase_everywhere(&store, project, &Erase::Before(first));
        let erased = tokio::task::spawn_blocking(erase).await??;
        tracing::info!(
            project = project.0,
            events = erased.rows,
            days = erased.days,
            first_kept_day = %first,
            "events were older than their project keeps them"
        );
        metrics::counter!("almanac_expired_events_total").increment(erased.rows);
    }
    Ok(())
}

/// Sets the gauges that are read from the store only when somebody looks.
pub(crate) fn gauges(app: &App) {
    for entry in app.directory().entries() {
        let project = entry.project.id;
        let (usage, label) = (usage(&app.store, project), project.0.to_string());
        metrics::gauge!("almanac_store_bytes", "project" => label.clone()).set(usage.bytes as f64);
        metrics::gauge!("almanac_store_events", "project" => label).set(usage.rows as f64);
    }
    let cache = app.store.cache_usage();
    metrics::counter!("almanac_query_cache_hits_total").absolute(cache.answer_hits);
    metrics::counter!("almanac_query_cache_misses_total").absolute(cache.answer_misses);
    metrics::gauge!("almanac_query_cache_bytes").set(cache.bytes as f64);
}

/// How long events are kept, and which that ends
#[utoipa::path(
    get,
    path = "/api/projects/{id}/retention",
    operation_id = "show_retention",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = []), ("local_token" = [])),
    params(
        ("id" = String, Path, description = "A project", example = "1"),
        ("days" = Option<u32>, Query, description = "Tell of this choice instead", example = 90)
    ),
    responses(
        (status = 200, description = "The answer.", body = schema::KeptEvents),
        Always,
        BadRequest,
        NotForYou
    )
)]
pub(crate) async fn show_retention(
    State(app): State<Shared>,
    Path(id): Path<String>,
    Query(trial): Query<Trial>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let entry = auth::project_of_user(&app, &headers, &id).await?;
    let kept = match trial.days {
        Some(days) => Retention::Days(days),
        None => retention::of_project(&app.catalog, entry.project.id).await?,
    };
    retention_of(&app, entry, kept).await
}

/// Choose how long events are kept
#[utoipa::path(
    put,
    path = "/api/projects/{id}/retention",
    operation_id = "choose_retention",
    tag = "Projects",
    security(("session" = []), ("admin_key" = []), ("local_token" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    request_body = RetentionRequest,
    responses(
        (status = 200, description = "The answer.", body = schema::KeptEvents),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn put_retention(
    State(app): State<Shared>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    JsonBody(request): JsonBody<RetentionRequest>,
) -> Result<Json<Value>, ApiError> {
    let permit = auth::governing(&app, &method, &headers, &id).await?;
    let entry = Arc::clone(permit.project()?);
    let wanted = request.days.map_or(Retention::ForEver, Retention::Days);
    let catalog = permit.catalog(&app);
    retention::choose(&catalog, entry.project.id, wanted, app.now()).await?;
    retention_of(&app, entry, wanted).await
}

/// How much disk a project takes
#[utoipa::path(
    get,
    path = "/api/projects/{id}/disk",
    operation_id = "show_disk",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = []), ("local_token" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    responses(
        (status = 200, description = "The answer.", body = schema::Disk),
        Always,
        NotForYou
    )
)]
pub(crate) async fn show_disk(
    State(app): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let entry = auth::project_of_user(&app, &headers, &id).await?;
    Ok(Json(describe_disk(&app.store, entry.project.id)))
}

async fn retention_of(
    app: &Arc<App>,
    entry: Arc<Entry>,
    kept: Retention,
) -> Result<Json<Value>, ApiError> {
    let (store, now) = (Arc::clone(&app.store), app.now());
    let told = blocking(move || describe_retention(&store, &entry.settings, kept, now)).await?;
    Ok(Json(told))
}

pub(crate) async fn blocking(
    work: impl FnOnce() -> Result<Value, StoreError> + Send + 'static,
) -> Result<Value, ApiError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(ApiError::internal)??)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    fn request(visitor: &str, user: &str, day: &str, before: &str) -> EraseRequest {
        let given = |text: &str| (text != "-").then(|| text.to_owned());
        EraseRequest {
            visitor: given(visitor),
            user: given(user),
            day: given(day),
            before: given(before),
            dry_run: false,
        }
    }

    #[test]
    fn exactly_one_of_four_says_what_is_to_go() {
        let day = date(2026, 11, 21);
        for (asked, expected) in [
            (
                request("7", "-", "-", "-"),
                Ok(Erase::Visitor(VisitorId(7))),
            ),
            (
                request("-", "ada", "-", "-"),
                Ok(Erase::User("ada".to_owned())),
            ),
            (request("-", "-", "2026-11-21", "-"), Ok(Erase::Day(day))),
            (request("-", "-", "-", "2026-11-21"), Ok(Erase::Before(day))),
            (request("-", "-", "-", "-"), Err("say what is to go")),
            (request("7", "ada", "-", "-"), Err("say what is to go")),
            (request("-", "", "-", "-"), Err("say what is to go")),
            (request("-7", "-", "-", "-"), Err("is no whole number")),
            (request("-", "-", "2026-02-30", "-"), Err("is no day")),
        ] {
            match (asked.what(), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
                other => panic!("{asked:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn days_are_kept_by_the_zone_of_the_project() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let settings = ProjectSettings::new(ProjectId(1), Vec::new(), zone);
        // 2026-11-21T16:00:00Z is already the 22nd in Tokyo.
        let now = Instant::from_seconds(1_795_276_800);
        let first = |retention| first_kept_day(retention, &settings, now);
        assert_eq!(first(Retention::Days(1)), Some(date(2026, 11, 21)));
        assert_eq!(first(Retention::Days(730)), Some(date(2024, 11, 22)));
        assert_eq!(first(Retention::ForEver), None);
    }
}

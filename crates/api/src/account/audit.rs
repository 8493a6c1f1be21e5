//! `/api/audit`: who did what, for admins; filtered, verified and taken away as CSV.

use almanac_catalog::audit::{self, Entry, Filter};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::instance_keys::instant;
use crate::address::Query;
use crate::app::App;
use crate::auth::{self, Asking, Need};
use crate::cell;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::projects::rfc3339;
use crate::router::Shared;

/// Entries of one answer.
const PAGE_MAX: i64 = 100;
/// Entries of one export.
const EXPORT_MAX: usize = 100_000;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Part of who or of the name.
    actor: Option<String>,
    /// The action, or its beginning: `key` finds `key.add`.
    action: Option<String>,
    /// The subject: `user 3`.
    subject: Option<String>,
    /// Not older than this, RFC 3339.
    since: Option<String>,
    /// Older than this, RFC 3339.
    until: Option<String>,
    /// Only entries before the one with this id, to read on.
    before: Option<i64>,
}

/// A head that was noted earlier.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Known {
    /// The head that an earlier check gave.
    head: Option<String>,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    id: String,
    at: String,
    /// `user 3`, `key 1f2e3d4c5b6a`, `command line`, `server` or `nobody`.
    actor: String,
    actor_name: String,
    /// A country's two letters, or empty.
    place: String,
    /// Noun and verb: `key.revoke`.
    action: String,
    subject: String,
    /// What was there before, or null.
    before: Value,
    /// What is there since, or null.
    after: Value,
    hash: String,
}

/// Entries of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"entries": [{
    "id": "7", "at": "2026-11-21T08:00:00Z", "actor": "user 1", "actor_name": "ada@shop.example",
    "place": "DE", "action": "key.revoke", "subject": "key 3", "before": {"scope": "stats:read"},
    "after": null, "hash": "0f1e…"
}], "has_more": false}))]
pub(crate) struct Entries {
    /// Newest first, 100 at most.
    entries: Vec<Done>,
    /// Whether there are older ones: ask for those before the last.
    has_more: bool,
}

/// Whether the log is what was written.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "is_sound": true, "entries": 7, "head": "0f1e…", "broken_at": null, "reason": null,
    "has_known_head": null
}))]
pub(crate) struct Verdict {
    is_sound: bool,
    entries: i64,
    /// The newest hash: note it elsewhere, to prove later that nothing was cut off.
    head: String,
    /// The first entry that is not what was written.
    #[schema(required)]
    broken_at: Option<String>,
    #[schema(required)]
    reason: Option<String>,
    /// Whether the head that was asked for was found.
    #[schema(required)]
    has_known_head: Option<bool>,
}

/// What was done, newest first
#[utoipa::path(
    get,
    path = "/api/audit",
    operation_id = "audit",
    tag = "Team",
    security(("session" = []), ("admin_key" = [])),
    params(Which),
    responses(
        (status = 200, description = "The answer.", body = Entries),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn list(
    State(app): State<Shared>,
    asking: Asking,
    Query(which): Query<Which>,
) -> Result<Json<Entries>, ApiError> {
    auth::authorise(&app, &asking, Need::Team).await?;
    let mut found = audit::list(&app.catalog, &filter(which)?, PAGE_MAX + 1).await?;
    let page = usize::try_from(PAGE_MAX).unwrap_or(usize::MAX);
    let has_more = found.len() > page;
    found.truncate(page);
    Ok(Json(Entries {
        entries: found.into_iter().map(shape).collect(),
        has_more,
    }))
}

/// Check that nobody changed the log
#[utoipa::path(
    get,
    path = "/api/audit/verify",
    operation_id = "verify_audit",
    tag = "Team",
    security(("session" = []), ("admin_key" = [])),
    params(Known),
    responses(
        (status = 200, description = "The answer.", body = Verdict),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn verify(
    State(app): State<Shared>,
    asking: Asking,
    Query(known): Query<Known>,
) -> Result<Json<Verdict>, ApiError> {
    auth::authorise(&app, &asking, Need::Team).await?;
    let found = audit::verify(&app.catalog, known.head.as_deref()).await?;
    let (broken_at, reason) = found.broken.unzip();
    Ok(Json(Verdict {
        is_sound: broken_at.is_none() && found.has_known_head != Some(false),
        entries: found.entries,
        head: found.head,
        broken_at: broken_at.map(|id: i64| id.to_string()),
        reason,
        has_known_head: found.has_known_head,
    }))
}

/// The log as CSV
///
/// Newest first, 100,000 entries at most. Cells that a spreadsheet would compute begin with `'`.
#[utoipa::path(
    get,
    path = "/api/audit/export",
    operation_id = "export_audit",
    tag = "Team",
    security(("session" = []), ("admin_key" = [])),
    params(Which),
    responses(
        (status = 200, description = "The answer.", body = String, content_type = "text/csv"),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn export(
    State(app): State<Shared>,
    asking: Asking,
    Query(which): Query<Which>,
) -> Result<Response, ApiError> {
    auth::authorise(&app, &asking, Need::Team).await?;
    let text = csv(&app, filter(which)?).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"almanac-audit.csv\"",
        ),
    ];
    Ok((StatusCode::OK, headers, text).into_response())
}

async fn csv(app: &App, mut filter: Filter) -> Result<String, ApiError> {
    let mut text =
        String::from("id,at,actor,actor_name,place,action,subject,before,after,hash\r\n");
    let mut written = 0;
    while written < EXPORT_MAX {
        let page = audit::list(&app.catalog, &filter, i64::MAX).await?;
        let Some(last) = page.last() else { break };
        filter.before_id = Some(last.id);
        for entry in &page {
            let (id, at) = (entry.id.to_string(), rfc3339(entry.at));
            let cells = [
                &id,
                &at,
                &entry.actor.who,
                &entry.actor.name,
                &entry.actor.place,
                &entry.action,
                &entry.subject,
                &entry.before,
                &entry.after,
                &entry.hash,
            ];
            text.push_str(&cells.map(|text| cell::quoted(text)).join(","));
            text.push_str("\r\n");
        }
        written += page.len();
    }
    Ok(text)
}

fn filter(which: Which) -> Result<Filter, ApiError> {
    Ok(Filter {
        actor: which.actor.unwrap_or_default(),
        action: which.action.unwrap_or_default(),
        subject: which.subject.unwrap_or_default(),
        since: instant("since", which.since.as_deref())?,
        until: instant("until", which.until.as_deref())?,
        before_id: which.before,
    })
}

fn shape(entry: Entry) -> Done {
    let json = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    Done {
        id: entry.id.to_string(),
        at: rfc3339(entry.at),
        before: json(&entry.before),
        after: json(&entry.after),
        actor: entry.actor.who,
        actor_name: entry.actor.name,
        place: entry.actor.place,
        action: entry.action,
        subject: entry.subject,
        hash: entry.hash,
    }
}

//! The rights of a person: what is known under an id is given out or erased, wherever it is: in
//! events and what is derived of them, the queue, dead letters and the log of decisions. Copies
//! that others made of the data directory are out of its reach.

use std::sync::Arc;
use std::time::Duration;

use almanac_catalog::audit::{self, Deed};
use almanac_catalog::consent;
use almanac_model::{ProjectId, VisitorId};
use almanac_store::Erase;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::address::Path;
use crate::app::App;
use crate::auth;
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::keeping::{EraseRequest, blocking, erase_in, note_erasure};
use crate::lines;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::openapi::schema;
use crate::projects::rfc3339;
use crate::router::Shared;

/// How long to wait until what was taken before can be seen.
const SETTLING_MAX: Duration = Duration::from_secs(10);
/// When to ask again after that, seconds.
const RETRY_AFTER_S: u32 = 5;
/// Events in one answer about a person.
const PERSON_EVENTS_MAX: u64 = 100_000;

/// A wish to erase what lies beside store and catalog: dead letters, and records in the queue's
/// files that are stored.
#[derive(Debug)]
pub struct Sweep {
    /// Whose.
    pub project: ProjectId,
    /// Which.
    pub what: Erase,
    /// Whether it is only counted.
    pub dry_run: bool,
    /// Where the answer goes; an error is a text for the log.
    pub reply: oneshot::Sender<Result<Swept, String>>,
}

/// What was found beside store and catalog.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Dead letters with events that were meant.
    pub letters: u64,
    /// Dead letters of which nobody can tell whose they are.
    pub unreadable: u64,
    /// Whether the queue's files hold nothing any more of what was taken before.
    pub is_queue_emptied: bool,
}

/// Whose data is to be given out: exactly one of both.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"user": "ada"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonRequest {
    /// A visitor, as the whole number that exports show.
    visitor: Option<String>,
    /// A user's id.
    user: Option<String>,
}

/// Erase the events of a visitor, a user or a day
///
/// For a visitor or a user everything that is known goes, wherever it is: a second time finds
/// nothing. Copies of the data directory, such as backups, are not reached.
#[utoipa::path(
    post,
    path = "/api/projects/{id}/erase",
    operation_id = "erase",
    tag = "Projects",
    security(("session" = []), ("admin_key" = []), ("local_token" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    request_body = EraseRequest,
    responses(
        (status = 200, description = "The answer.", body = schema::Erased),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn erase(
    State(app): State<Shared>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    JsonBody(request): JsonBody<EraseRequest>,
) -> Result<Json<Value>, ApiError> {
    let permit = auth::governing(&app, &method, &headers, &id).await?;
    let what = request.what().map_err(ApiError::BadRequest)?;
    let (project, dry_run) = (permit.project()?.project.id, request.dry_run);
    let told = everywhere(&app, project, what, dry_run).await?;
    if !dry_run {
        note_erasure(&permit.catalog(&app), project, &told, app.now()).await?;
    }
    // Whom it was about must not live on in the log.
    tracing::info!(project = project.0, %told, "events were erased on request");
    Ok(Json(told))
}

/// What is known of a person
///
/// All events of a visitor or of a user, and what the visitor decided; 100,000 events at most. A
/// user may be several visitors: their numbers stand in the events.
#[utoipa::path(
    post,
    path = "/api/projects/{id}/person",
    operation_id = "export_person",
    tag = "Projects",
    security(("session" = []), ("admin_key" = []), ("local_token" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    request_body = PersonRequest,
    responses(
        (status = 200, description = "The answer.", body = schema::Person),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn export_person(
    State(app): State<Shared>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
    JsonBody(request): JsonBody<PersonRequest>,
) -> Result<Json<Value>, ApiError> {
    let permit = auth::governing(&app, &method, &headers, &id).await?;
    let asked = EraseRequest {
        visitor: request.visitor,
        user: request.user,
        ..EraseRequest::default()
    };
    let what = asked.what().map_err(ApiError::BadRequest)?;
    let project = permit.project()?.project.id;
    settle(&app, app.queue.stats().durable_end).await?;
    let swept = sweep(&app, project, &what, true).await?;
    let decisions = match &what {
        Erase::Visitor(visitor) => decisions(&app, project, *visitor).await?,
        _ => Vec::new(),
    };
    let events = events(&app, project, what).await?;
    let deed = Deed {
        action: "person.export",
        subject: &format!("project {}", project.0),
        before: Value::Null,
        after: json!({ "events": events.len() }),
    };
    audit::record(&permit.catalog(&app), deed, app.now()).await?;
    Ok(Json(json!({
        "events": events,
        "decisions": decisions,
        "dead_letters": swept.letters,
    })))
}

/// Erases wherever it is, or counts, and tells of it.
pub(crate) async fn everywhere(
    app: &Shared,
    project: ProjectId,
    what: Erase,
    dry_run: bool,
) -> Result<Value, ApiError> {
    // What was acknowledged before this request is erased, even if the pump has not seen it yet.
    settle(app, app.queue.stats().durable_end).await?;
    let (store, of_store) = (Arc::clone(&app.store), what.clone());
    let mut told = blocking(move || erase_in(&store, project, &of_store, dry_run)).await?;
    let swept = sweep(app, project, &what, dry_run).await?;
    let decisions = match what {
        Erase::Visitor(visitor) if dry_run => decisions(app, project, visitor).await?.len() as u64,
        Erase::Visitor(visitor) => {
            let knew = told["events"] != 0 || swept.letters > 0;
            consent::forget(&app.catalog, project, visitor, knew, app.now()).await?
        }
        _ => 0,
    };
    told["dead_letters"] = json!(swept.letters);
    told["unreadable_dead_letters"] = json!(swept.unreadable);
    told["is_queue_emptied"] = json!(swept.is_queue_emptied);
    told["decisions"] = json!(decisions);
    Ok(told)
}

/// Waits until every record before that one can be seen by questions.
async fn settle(app: &App, record: u64) -> Result<(), ApiError> {
    let mut seen = app.seen.clone();
    let seeing = seen.wait_for(|seen| *seen >= record);
    match tokio::time::timeout(SETTLING_MAX, seeing).await {
        Ok(settled) => settled.map(|_| ()).map_err(ApiError::internal),
        Err(_) => Err(ApiError::Unavailable {
            reason: "events that were taken are still being stored; ask again later".to_owned(),
            retry_after_s: RETRY_AFTER_S,
        }),
    }
}

/// Has what lies beside store and catalog erased, or counted.
async fn sweep(
    app: &App,
    project: ProjectId,
    what: &Erase,
    dry_run: bool,
) -> Result<Swept, ApiError> {
    let (reply, receipt) = oneshot::channel();
    let wish = Sweep {
        project,
        what: what.clone(),
        dry_run,
        reply,
    };
    let sent = app.sweeper.send(wish).await;
    sent.map_err(|_| ApiError::internal("nobody sweeps any more"))?;
    receipt
        .await
        .map_err(ApiError::internal)?
        .map_err(ApiError::internal)
}

async fn decisions(
    app: &App,
    project: ProjectId,
    visitor: VisitorId,
) -> Result<Vec<Value>, ApiError> {
    let found = consent::of_visitor(&app.catalog, project, visitor).await?;
    let shape =
        |one: &consent::Consent| json!({ "at": rfc3339(one.at), "state": one.decision.name() });
    Ok(found.iter().map(shape).collect())
}

/// The events among people and among bots, as lines of an export.
async fn events(app: &App, project: ProjectId, what: Erase) -> Result<Vec<Value>, ApiError> {
    let store = Arc::clone(&app.store);
    let reading = move || -> Result<Vec<Value>, ApiError> {
        let mut written = Vec::new();
        for of in [project, project.of_bots()] {
            let found = store.would_erase(of, &what).map_err(ApiError::internal)?;
            if found.rows > PERSON_EVENTS_MAX {
                return Err(ApiError::BadRequest(format!(
                    "there are {} events, more than {PERSON_EVENTS_MAX}: take them from \
                     `almanac export`",
                    found.rows
                )));
            }
            for batch in store.events_of(of, &what).map_err(ApiError::internal)? {
                lines::ndjson(&batch, &mut written).map_err(ApiError::internal)?;
            }
        }
        let lines = serde_json::Deserializer::from_slice(&written).into_iter();
        lines.collect::<Result<_, _>>().map_err(ApiError::internal)
    };
    tokio::task::spawn_blocking(reading)
        .await
        .map_err(ApiError::internal)?
}

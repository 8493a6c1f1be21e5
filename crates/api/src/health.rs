//! `/api/projects/{id}/health`: where is my event? What was received, what became of it and why,
//! and the last refusals with their details.

use almanac_catalog::event_count::{self, Outcome};
use almanac_ingest::Refusal;
use almanac_model::time::SECOND_US;
use almanac_model::{Instant, ProjectId};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::address::Path;
use crate::app::App;
use crate::auth::{self, Asking, Need};
use crate::error::ApiError;
use crate::ledger::{Counts, NOBODY};
use crate::openapi::problem::{Always, NotForYou};
use crate::openapi::schema;
use crate::projects::rfc3339;
use crate::router::Shared;

/// The page looks back this far, seconds.
const SINCE_S: i64 = 7 * 24 * 3600;

/// Where events went
///
/// Counts of the last seven days: received = accepted + duplicate + refused.
#[utoipa::path(
    get,
    path = "/api/projects/{id}/health",
    operation_id = "project_health",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    responses(
        (status = 200, description = "The answer.", body = schema::ProjectHealth),
        Always,
        NotForYou
    )
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let asking = Asking::of(&Method::GET, &headers);
    let permit = auth::authorise(&app, &asking, Need::Oversee(&id)).await?;
    let project = permit.project()?.project.id;
    let since = app.now().plus_us(-SINCE_S * SECOND_US);
    let own = counts(&app, project, since).await?;
    let strays = counts(&app, NOBODY, since).await?;
    let unknown_domain = strays.refused.get(&Refusal::UnknownProject);
    Ok(Json(json!({
        "since": rfc3339(since),
        "received": own.received(),
        "accepted": own.accepted,
        "duplicate": own.duplicate,
        "refused": refusals(&own),
        "unknown_domain": unknown_domain.copied().unwrap_or(0),
        "unattributed": refusals(&strays),
        "recent": recent(&app, project, permit.mask().is_empty()),
        "last_event_at": app.store.last_event(project).map(rfc3339),
        "queue": { "pending_events": pending(&app) },
    })))
}

/// What became of a project's events since that hour, saved or not.
pub(crate) async fn counts(
    app: &App,
    project: ProjectId,
    since: Instant,
) -> Result<Counts, ApiError> {
    let saved_for = (project != NOBODY).then_some(project);
    let _unmoved = app.ledger.while_reading().await;
    let mut counts = app.ledger.unsaved(project);
    for sum in event_count::sums(&app.catalog, saved_for, since).await? {
        match sum.outcome {
            Outcome::Accepted => counts.accepted += sum.events,
            Outcome::Duplicate => counts.duplicate += sum.events,
            Outcome::Received => {}
            Outcome::Refused(name) => {
                let reason = Refusal::ALL.iter().find(|reason| reason.name() == name);
                if let Some(reason) = reason {
                    *counts.refused.entry(*reason).or_default() += sum.events;
                }
            }
        }
    }
    Ok(counts)
}

fn refusals(counts: &Counts) -> Vec<Value> {
    let mut sorted: Vec<(&Refusal, &u64)> = counts.refused.iter().collect();
    sorted.sort_by(|left, right| right.1.cmp(left.1).then(left.0.cmp(right.0)));
    let shape = |(reason, count): (&Refusal, &u64)| {
        json!({
            "reason": reason.name(),
            "count": count,
            "explanation": reason.explanation(),
            "remedy": reason.remedy(),
        })
    };
    sorted.into_iter().map(shape).collect()
}

/// The last refusals of the project, and of events that named none. Details may repeat values, so
/// from whom some are hidden, all details are.
fn recent(app: &App, project: ProjectId, has_details: bool) -> Vec<Value> {
    let mut all = app.ledger.recent(project);
    all.extend(app.ledger.recent(NOBODY));
    all.sort_by_key(|refusal| std::cmp::Reverse(refusal.at));
    let shape = |refusal: &crate::ledger::RecentRefusal| {
        json!({
            "at": rfc3339(refusal.at),
            "reason": refusal.reason.name(),
            "detail": if has_details { refusal.detail.as_str() } else { "(masked)" },
        })
    };
    all.iter().take(50).map(shape).collect()
}

/// Events that are on disk but not in the store yet.
fn pending(app: &App) -> u64 {
    app.queue
        .stats()
        .durable_end
        .saturating_sub(*app.seen.borrow())
}

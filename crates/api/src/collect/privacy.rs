//! What visitors may ask of a project: to be forgotten, by the id that only their own browser
//! knows; and the log of what they decided, for the project's owner. Erasing itself is the store's
//! business.

use almanac_catalog::consent::{self, Consent, Decision};
use almanac_ingest::visitor_of_id;
use almanac_model::{Event, Identity, Kind, ProjectId, TextColumn};
use almanac_store::Erase;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::fields::Fields;
use super::json;
use crate::address::Query;
use crate::app::App;
use crate::auth;
use crate::body::Body;
use crate::erasing;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::projects::rfc3339;
use crate::router::Shared;

/// The event by which the SDK says what the visitor decided, and the property that says it.
const EVENT: &str = "consent";
const STATE: &str = "state";
/// Lengths of an id that nobody can guess, bytes. The SDK's have 36.
const ID_BYTES: std::ops::RangeInclusive<usize> = 16..=200;
/// Decisions in one answer, at most.
const PAGE_ROWS: i64 = 10_000;
/// When to come back while somebody else is being forgotten, seconds.
const RETRY_AFTER_S: u32 = 2;

/// The decision that an event tells.
pub(super) fn decision(event: &Event) -> Option<Consent> {
    if event.kind != Kind::Custom || event.text[TextColumn::Name] != EVENT {
        return None;
    }
    let (_, state) = event.properties.iter().find(|(name, _)| name == STATE)?;
    let decision = match state.as_str() {
        "granted" => Decision::Granted,
        "denied" => Decision::Denied,
        _ => return None,
    };
    Some(Consent {
        project: event.project,
        visitor: Some(event.visitor),
        decision,
        at: event.time,
    })
}

/// Writes decisions down. Their events are stored already, so a fault here loses nothing that the
/// events do not tell.
pub(super) async fn note(app: &App, consents: Vec<Consent>) {
    for consent in consents {
        if let Err(error) = consent::record(&app.catalog, &consent).await {
            tracing::error!(%error, "a visitor's decision could not be written down");
        }
    }
}

/// Who wants to be forgotten.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what is read by field")]
#[schema(example = json!({
    "domain": "shop.example", "visitor_id": "0199d1a0-1111-7000-8000-00000000aaaa"
}))]
pub(crate) struct WishToBeForgotten {
    /// The project's id, domain or one of its hosts.
    #[schema(example = "shop.example")]
    domain: String,
    /// The persistent id, as the browser of the visitor keeps it.
    #[schema(example = "0199d1a0-1111-7000-8000-00000000aaaa")]
    visitor_id: String,
}

/// What was erased.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"erased_events": 12}))]
pub(crate) struct Forgotten {
    erased_events: u64,
    /// Why there was nothing to erase, where that is so for everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

/// Forget a visitor
///
/// Erases all that is known of the visitor whose persistent id is told. The id is the proof: it is
/// known to the visitor's browser alone and cannot be guessed.
#[utoipa::path(
    post,
    path = "/api/forget",
    operation_id = "forget_visitor",
    tag = "Collection",
    security(()),
    request_body = WishToBeForgotten,
    responses(
        (status = 200, description = "The answer.", body = Forgotten),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn forget(
    State(app): State<Shared>,
    body: Result<Body, ApiError>,
) -> Result<Json<Forgotten>, ApiError> {
    let value = json::read(&body?.0)?;
    let mut fields = Fields::of(&value).map_err(ApiError::Invalid)?;
    let domain = fields.text(&["domain", "d"]);
    let id = fields.text(&["visitor_id", "vid"]).trim().to_owned();
    if !ID_BYTES.contains(&id.len()) {
        fields.refuse("visitor_id", "must have 16 to 200 characters");
    }
    fields.finish().map_err(ApiError::Invalid)?;
    let entry = auth::project(&app, &domain).await?;
    if entry.settings.identity == Identity::Cookieless {
        let note = "this project keeps no ids: nothing that it has can be told to be yours";
        return Ok(Json(Forgotten {
            erased_events: 0,
            note: Some(note),
        }));
    }
    let project = entry.settings.id;
    let visitor = visitor_of_id(project, &id);
    let erased_events = erase(&app, project, Erase::Visitor(visitor)).await?;
    Ok(Json(Forgotten {
        erased_events,
        note: None,
    }))
}

/// Erases for one visitor at a time: it rewrites files.
async fn erase(app: &Shared, project: ProjectId, what: Erase) -> Result<u64, ApiError> {
    let _turn = app
        .erasing
        .try_acquire()
        .map_err(|_| ApiError::Unavailable {
            reason: "somebody else is being forgotten; send again later".to_owned(),
            retry_after_s: RETRY_AFTER_S,
        })?;
    let told = erasing::everywhere(app, project, what, false).await?;
    Ok(told["events"].as_u64().unwrap_or_default())
}

/// Which part of which log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// A project's id, domain or one of its hosts.
    project: String,
    /// The number in the log behind which the part begins.
    #[serde(default)]
    after: i64,
}

/// A part of the log of decisions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "consents": [
        {"id": 1, "at": "2026-11-21T08:00:00Z", "visitor": "8112233", "state": "granted"}
    ],
    "next": 1
}))]
pub(crate) struct LogOfDecisions {
    consents: Vec<LoggedDecision>,
    /// What to send as `after` for the next part; the part after the last is empty.
    next: i64,
}

/// A visitor's decision.
#[derive(Debug, Serialize, ToSchema)]
struct LoggedDecision {
    id: i64,
    /// RFC 3339.
    at: String,
    /// The visitor, as the whole number that exports show; null for somebody who was forgotten.
    #[schema(required)]
    visitor: Option<String>,
    /// `granted`, `denied` or `forgotten`.
    state: &'static str,
}

/// What visitors decided
///
/// The log of decisions about persistent ids, oldest first, 10,000 at a time.
#[utoipa::path(
    get,
    path = "/api/consents",
    operation_id = "consents",
    tag = "Questions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    params(Page),
    responses(
        (status = 200, description = "The answer.", body = LogOfDecisions),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn consents(
    State(app): State<Shared>,
    headers: HeaderMap,
    Query(page): Query<Page>,
) -> Result<Json<LogOfDecisions>, ApiError> {
    let entry = auth::readable_project(&app, &headers, &page.project).await?;
    let listed = consent::list(&app.catalog, entry.settings.id, page.after, PAGE_ROWS).await?;
    let next = listed.last().map_or(page.after, |(id, _)| *id);
    let consents = listed.iter().map(|(id, consent)| LoggedDecision {
        id: *id,
        at: rfc3339(consent.at),
        visitor: consent.visitor.map(|visitor| visitor.0.to_string()),
        state: consent.decision.name(),
    });
    Ok(Json(LogOfDecisions {
        consents: consents.collect(),
        next,
    }))
}

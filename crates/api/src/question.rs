//! `POST /api/v2/query` and its sisters: one question, answered by the engine on a thread that may
//! block, within its time, and withdrawn when whoever asked has gone. How many are answered at once
//! is the gate's business.

mod gate;
mod traffic;

use std::sync::Arc;
use std::time::Duration;

use almanac_query::{
    AskError, Cancel, Engine, EngineError, Facts, Mask, Setting, ask, ask_attribution, ask_funnel,
    ask_inventory, ask_journey, ask_retention,
};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::Value;

use crate::app::App;
use crate::auth;
use crate::body::JsonBody;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::openapi::schema;
use crate::router::Shared;
use crate::saved;

pub(crate) use gate::{Gate, Place};
pub use traffic::Traffic;

/// Questions slower than this are logged with their text, milliseconds.
const SLOW_MS: u128 = 1_000;

/// How a kind of question is answered.
type Ask = fn(&dyn Engine, &Value, Setting, &Cancel) -> Result<Value, AskError>;

/// Ask for metrics
#[utoipa::path(
    post,
    path = "/api/v2/query",
    operation_id = "query",
    tag = "Questions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    request_body = schema::Question,
    responses(
        (status = 200, description = "The answer.", body = schema::Answer),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn post(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask).await
}

/// How many went how far
#[utoipa::path(
    post,
    path = "/api/v2/funnel",
    operation_id = "funnel",
    tag = "Questions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    request_body = schema::FunnelQuestion,
    responses(
        (status = 200, description = "The answer.", body = schema::Funnel),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn post_funnel(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask_funnel).await
}

/// Who came back
#[utoipa::path(
    post,
    path = "/api/v2/retention",
    operation_id = "retention",
    tag = "Questions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    request_body = schema::RetentionQuestion,
    responses(
        (status = 200, description = "The answer.", body = schema::Retention),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn post_retention(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask_retention).await
}

/// Which ways visits took
#[utoipa::path(
    post,
    path = "/api/v2/journey",
    operation_id = "journey",
    tag = "Questions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    request_body = schema::JourneyQuestion,
    responses(
        (status = 200, description = "The answer.", body = schema::Journey),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn post_journey(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask_journey).await
}

/// What led to conversions
#[utoipa::path(
    post,
    path = "/api/v2/attribution",
    operation_id = "attribution",
    tag = "Questions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    request_body = schema::AttributionQuestion,
    responses(
        (status = 200, description = "The answer.", body = schema::Attribution),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn post_attribution(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask_attribution).await
}

/// Which names there are
#[utoipa::path(
    post,
    path = "/api/v2/inventory",
    operation_id = "inventory",
    tag = "Questions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    request_body = schema::InventoryQuestion,
    responses(
        (status = 200, description = "The answer.", body = schema::Inventory),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn post_inventory(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask_inventory).await
}

/// Answers a question about the project that it names, if whoever asks may read it.
async fn about_site(
    State(app): State<Shared>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Value>,
    ask: Ask,
) -> Result<Json<Value>, ApiError> {
    let site = match body.get("site_id") {
        Some(Value::String(site)) => site.clone(),
        Some(Value::Number(site)) => site.to_string(),
        _ => {
            let text = "#/site_id: name the project by its id, its domain or a host of it";
            return Err(ApiError::BadRequest(text.to_owned()));
        }
    };
    let permit = auth::looking(&app, &headers, &site).await?;
    let entry = Arc::clone(permit.project()?);
    answer_by(app, entry, body, (ask, permit.mask()))
        .await
        .map(Json)
}

/// Answers a question of this program about a project: nothing is hidden from it.
pub(crate) async fn answer(
    app: Arc<App>,
    entry: Arc<Entry>,
    body: Value,
) -> Result<Value, ApiError> {
    answer_by(app, entry, body, (ask, Mask::default())).await
}

async fn answer_by(
    app: Arc<App>,
    entry: Arc<Entry>,
    mut body: Value,
    (ask, mask): (Ask, Mask),
) -> Result<Value, ApiError> {
    let traffic = Traffic::take(&mut body).map_err(ApiError::BadRequest)?;
    let project = traffic.settings(&entry.settings);
    let saved = mask.over_saved(saved::of_project(&app, entry.project.id).await?);
    let place = app.questions.enter().await?;
    let timeout = Duration::from_millis(app.http.question_timeout_ms);
    let cancel = Cancel::default();
    // Dropped when the client goes away in the middle, which drops this whole future.
    let _withdraw = CancelOnDrop(cancel.clone());
    let facts = Facts {
        now: app.now(),
        first_event: app.store.first_event(project.id),
    };
    let work = move || {
        let setting = Setting {
            project: &project,
            saved: &saved,
            mask: &mask,
            facts,
        };
        let asked = std::time::Instant::now();
        let answer = ask(app.store.as_ref(), &body, setting, &cancel);
        note(&body, asked.elapsed());
        answer
    };
    within(timeout, place, work).await
}

/// Works out one answer on a thread that may block. A panic ends this question alone: it holds no
/// lock of anybody else's, and its place is free again.
async fn within(
    timeout: Duration,
    place: Place,
    work: impl FnOnce() -> Result<Value, AskError> + Send + 'static,
) -> Result<Value, ApiError> {
    let working = tokio::task::spawn_blocking(move || {
        let _place = place;
        work()
    });
    match tokio::time::timeout(timeout, working).await {
        Err(_) => Err(ApiError::Unavailable {
            reason: format!(
                "the question took longer than {} ms; ask for a shorter range",
                timeout.as_millis()
            ),
            retry_after_s: 1,
        }),
        Ok(Err(panicked)) => {
            metrics::counter!("almanac_question_panics_total").increment(1);
            Err(ApiError::internal(panicked))
        }
        Ok(Ok(answer)) => answer.map_err(from_ask),
    }
}

fn note(question: &Value, took: Duration) {
    metrics::histogram!("almanac_question_seconds").record(took.as_secs_f64());
    if took.as_millis() >= SLOW_MS {
        let duration_ms = took.as_millis() as u64;
        tracing::warn!(duration_ms, %question, "a question was slow");
    }
}

fn from_ask(error: AskError) -> ApiError {
    match error {
        AskError::Refused(refusal) => ApiError::BadRequest(refusal.to_string()),
        AskError::Engine(EngineError::OverBudget { .. }) => ApiError::BadRequest(error.to_string()),
        AskError::Engine(EngineError::Crowded { .. }) => ApiError::Unavailable {
            reason: error.to_string(),
            retry_after_s: 1,
        },
        AskError::Engine(EngineError::Cancelled) => ApiError::Unavailable {
            reason: "the question was withdrawn".to_owned(),
            retry_after_s: 1,
        },
        AskError::Engine(other) => ApiError::internal(other),
    }
}

struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use serde_json::json;

    use super::*;

    const AT_ONCE: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_panic_ends_one_question_and_frees_its_place() {
        let gate = Gate::new(1, Duration::ZERO);
        let place = gate.enter().await.unwrap();
        let failed = within(AT_ONCE, place, || panic!("a fault of the engine")).await;
        let response = failed.unwrap_err().into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let place = gate.enter().await.unwrap();
        let answer = within(AT_ONCE, place, || Ok(json!(1))).await.unwrap();
        assert_eq!(answer, json!(1));
    }

    #[tokio::test]
    async fn a_question_over_its_time_keeps_its_place_until_its_thread_ends() {
        let gate = Gate::new(1, Duration::from_millis(1));
        let (let_go, held) = std::sync::mpsc::channel::<()>();
        let place = gate.enter().await.unwrap();
        let slow = within(Duration::from_millis(1), place, move || {
            held.recv().ok();
            Ok(json!(null))
        });
        let response = slow.await.unwrap_err().into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(gate.enter().await.is_err());
        let_go.send(()).unwrap();
        while gate.enter().await.is_err() {}
    }

    #[test]
    fn what_other_questions_hold_is_no_fault_of_the_client() {
        let crowded = EngineError::Crowded { pool_bytes: 8 };
        let response = from_ask(crowded.into()).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let over = EngineError::OverBudget { budget_bytes: 8 };
        let response = from_ask(over.into()).into_response();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}

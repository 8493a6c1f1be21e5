//! `POST /api/v2/query`: one question, answered by the engine on a thread that may block, within
//! its time, and withdrawn when whoever asked has gone.

use std::sync::Arc;
use std::time::Duration;

use almanac_query::{
    AskError, Cancel, Engine, EngineError, Facts, Setting, ask, ask_attribution, ask_funnel,
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
use crate::router::Shared;
use crate::saved;

/// Questions slower than this are logged with their text, milliseconds.
const SLOW_MS: u128 = 1_000;

/// How a kind of question is answered.
type Ask = fn(&dyn Engine, &Value, Setting, &Cancel) -> Result<Value, AskError>;

/// `POST /api/v2/query`
pub(crate) async fn post(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask).await
}

/// `POST /api/v2/funnel`
pub(crate) async fn post_funnel(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask_funnel).await
}

/// `POST /api/v2/retention`
pub(crate) async fn post_retention(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask_retention).await
}

/// `POST /api/v2/journey`
pub(crate) async fn post_journey(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask_journey).await
}

/// `POST /api/v2/attribution`
pub(crate) async fn post_attribution(
    app: State<Shared>,
    headers: HeaderMap,
    body: JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    about_site(app, headers, body, ask_attribution).await
}

/// `POST /api/v2/inventory`
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
    let entry = auth::readable_project(&app, &headers, &site).await?;
    answer_by(app, entry, body, ask).await.map(Json)
}

/// Answers a question about a project that whoever asks may read.
pub(crate) async fn answer(
    app: Arc<App>,
    entry: Arc<Entry>,
    body: Value,
) -> Result<Value, ApiError> {
    answer_by(app, entry, body, ask).await
}

async fn answer_by(
    app: Arc<App>,
    entry: Arc<Entry>,
    body: Value,
    ask: Ask,
) -> Result<Value, ApiError> {
    let saved = saved::of_project(&app, entry.project.id).await?;
    let timeout = Duration::from_millis(app.http.question_timeout_ms);
    let cancel = Cancel::default();
    // Dropped when the client goes away in the middle, which drops this whole future.
    let _withdraw = CancelOnDrop(cancel.clone());
    let facts = Facts {
        now: app.now(),
        first_event: app.store.first_event(entry.project.id),
    };
    let asked = std::time::Instant::now();
    let running = tokio::task::spawn_blocking(move || {
        let setting = Setting {
            project: &entry.settings,
            saved: &saved,
            facts,
        };
        let answer = ask(app.store.as_ref(), &body, setting, &cancel);
        note(&body, asked.elapsed());
        answer
    });
    match tokio::time::timeout(timeout, running).await {
        Err(_) => Err(ApiError::Unavailable {
            reason: format!(
                "the question took longer than {} ms; ask for a shorter range",
                timeout.as_millis()
            ),
            retry_after_s: 1,
        }),
        Ok(Err(panicked)) => Err(ApiError::internal(panicked)),
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

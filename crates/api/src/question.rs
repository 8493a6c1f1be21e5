//! `POST /api/v2/query`: one question, answered by the engine on a thread that may block, within
//! its time, and withdrawn when whoever asked has gone.

use std::sync::Arc;
use std::time::Duration;

use almanac_query::{AskError, Cancel, EngineError, Facts, Saved, Setting, ask};
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

/// Questions slower than this are logged with their text, milliseconds.
const SLOW_MS: u128 = 1_000;

/// `POST /api/v2/query`
pub(crate) async fn post(
    State(app): State<Shared>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Value>,
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
    answer(app, entry, body).await.map(Json)
}

/// Answers a question about a project that whoever asks may read.
pub(crate) async fn answer(
    app: Arc<App>,
    entry: Arc<Entry>,
    body: Value,
) -> Result<Value, ApiError> {
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
            saved: &Saved::default(),
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

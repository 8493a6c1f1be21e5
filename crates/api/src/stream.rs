//! `/api/projects/{id}/live` and `/realtime`: the present of a project, pushed on every change or
//! asked for once.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};

use crate::address::Path;
use crate::app::App;
use crate::auth;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::live::{self, Live};
use crate::openapi::problem::{Always, NotForYou};
use crate::projects::rfc3339;
use crate::router::Shared;

/// At most one update a second, however much happens.
const PACE: Duration = Duration::from_secs(1);
/// Visitors leave silently, so the present is looked at again even when nothing happens, and with
/// it whether whoever watches still may: for so long, and the pace, an open stream outlives the
/// end of its session, without another event in it.
const IDLE: Duration = Duration::from_secs(15);

/// The present of a project
#[utoipa::path(
    get,
    path = "/api/projects/{id}/realtime",
    operation_id = "realtime",
    tag = "Questions",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    responses(
        (status = 200, description = "The answer.", body = Live),
        Always,
        NotForYou
    )
)]
pub(crate) async fn realtime(
    State(app): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Live>, ApiError> {
    let entry = auth::readable_project(&app, &headers, &id).await?;
    present(&app, &entry).await.map(Json)
}

/// The present of a project, pushed
///
/// Server-sent events named `live`, at most one a second, each with what `realtime` answers. It
/// ends within 16 seconds once the session, token or key that opened it does.
#[utoipa::path(
    get,
    path = "/api/projects/{id}/live",
    operation_id = "live",
    tag = "Questions",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"),
        Always,
        NotForYou
    )
)]
pub(crate) async fn live(
    State(app): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    auth::project_of_user(&app, &headers, &id).await?;
    let (seen, stop) = (app.seen.clone(), app.stop.clone());
    let watcher = Watcher {
        app,
        id,
        headers,
        seen,
        stop,
        last: None,
    };
    Ok(Sse::new(updates(watcher))
        .keep_alive(KeepAlive::default())
        .into_response())
}

struct Watcher {
    app: Arc<App>,
    /// The project, as it was named.
    id: String,
    /// By which whoever watches is known.
    headers: HeaderMap,
    seen: tokio::sync::watch::Receiver<u64>,
    stop: tokio::sync::watch::Receiver<bool>,
    last: Option<Live>,
}

fn updates(watcher: Watcher) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok(event), watcher))
    })
}

impl Watcher {
    /// The next present that differs from the last; nothing when the server stops, or whoever
    /// watches may no more.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.last.is_some() && !self.wait().await {
                return None;
            }
            self.seen.mark_unchanged();
            let entry = auth::project_of_user(&self.app, &self.headers, &self.id).await;
            let live = match &entry {
                Ok(entry) => present(&self.app, entry).await,
                Err(_) => return None,
            };
            let Ok(live) = live else {
                return None;
            };
            if self.last.as_ref() != Some(&live) {
                let event = Event::default().event("live").json_data(&live).ok()?;
                self.last = Some(live);
                return Some(event);
            }
        }
    }

    /// Waits until there may be something new. False when the server stops.
    async fn wait(&mut self) -> bool {
        let mut stop = self.stop.clone();
        let paced = async {
            tokio::time::sleep(PACE).await;
            // Nothing new within the idle time is as good a reason to look as something new.
            drop(tokio::time::timeout(IDLE, self.seen.changed()).await);
        };
        tokio::select! {
            () = paced => true,
            _ = stop.wait_for(|stopping| *stopping) => false,
        }
    }
}

async fn present(app: &Arc<App>, entry: &Arc<Entry>) -> Result<Live, ApiError> {
    let (app, entry) = (Arc::clone(app), Arc::clone(entry));
    let look = move || {
        let project = entry.project.id;
        let live = live::look(app.store.as_ref(), &entry.settings, app.now())?;
        Ok::<Live, almanac_query::EngineError>(Live {
            first_event_at: app.store.first_event(project).map(rfc3339),
            last_event_at: app.store.last_event(project).map(rfc3339),
            ..live
        })
    };
    let answer = tokio::task::spawn_blocking(look)
        .await
        .map_err(ApiError::internal)?;
    answer.map_err(ApiError::internal)
}

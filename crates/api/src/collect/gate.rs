//! The gate before collection: turns requests away while nothing could be taken anyway, before a
//! byte of their bodies is read, so that those who are inside keep their pace.

use almanac_ingest::Refusal;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::SemaphorePermit;

use crate::app::App;
use crate::error::ApiError;
use crate::router::Shared;

/// Requests whose events are being stored, at most.
pub(crate) const IN_FLIGHT_MAX: usize = 4_096;
/// Appends that may wait for the disk before others are turned away unread. The queue refuses at
/// twice as many; in between are those that were already let in.
const WAITING_APPENDS_MAX: usize = 8_192;
/// When to come back, seconds: shortly where the disk is only busy, later where it is full.
const RETRY_SOON_S: u32 = 1;
const RETRY_LATER_S: u32 = 5;

/// Lets a request in, or says when to come again.
pub(crate) async fn admit(State(app): State<Shared>, request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS {
        return next.run(request).await;
    }
    if let Some((reason, retry_after_s)) = closed(&app) {
        return turn_away(&app, reason, retry_after_s);
    }
    next.run(request).await
}

/// Takes one of the places for requests whose events are being stored. They are few because each is
/// short; a request whose body is still coming has none, so that slow clients take none away.
pub(super) fn enter(app: &App) -> Result<SemaphorePermit<'_>, ApiError> {
    app.in_flight.try_acquire().map_err(|_| {
        app.turn_away(Refusal::Unavailable);
        let reason = "too many events are being stored; send again later".to_owned();
        let retry_after_s = RETRY_SOON_S;
        ApiError::Unavailable {
            reason,
            retry_after_s,
        }
    })
}

/// Why nothing can be taken at this moment.
fn closed(app: &App) -> Option<(&'static str, u32)> {
    if !app.dedupe.is_complete() {
        return Some((
            "the server is still reading what it had taken before",
            RETRY_SOON_S,
        ));
    }
    let queue = app.queue.stats();
    if queue.queue_bytes >= queue.queue_bytes_max {
        return Some(("the queue is full", RETRY_LATER_S));
    }
    if queue.waiting_appends >= WAITING_APPENDS_MAX {
        return Some(("the disk is busy", RETRY_SOON_S));
    }
    None
}

fn turn_away(app: &App, reason: &str, retry_after_s: u32) -> Response {
    app.turn_away(Refusal::Unavailable);
    metrics::counter!("almanac_collect_turned_away_total").increment(1);
    let reason = format!("{reason}; send again later");
    ApiError::Unavailable {
        reason,
        retry_after_s,
    }
    .into_response()
}

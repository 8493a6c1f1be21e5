//! What surrounds the doors of collection, in one layer: what every answer gets, the limits of
//! rate, and the gate that turns requests away while nothing could be taken anyway, before a byte
//! of their bodies is read, so that those who are inside keep their pace.

use std::net::SocketAddr;

use almanac_ingest::Refusal;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::SemaphorePermit;
use tracing::Instrument;

use crate::app::App;
use crate::cors;
use crate::error::ApiError;
use crate::layers::{self, Observed};
use crate::rate_limit;
use crate::router::Shared;

/// Requests whose events are being stored, at most.
pub(crate) const IN_FLIGHT_MAX: usize = 4_096;
/// Appends that may wait for the disk before others are turned away unread. The queue refuses at
/// twice as many; in between are those that were already let in.
const WAITING_APPENDS_MAX: usize = 8_192;
/// When to come back, seconds: shortly where the disk is only busy, later where it is full.
const RETRY_SOON_S: u32 = 1;
const RETRY_LATER_S: u32 = 5;

/// Everything that happens around a request with events.
pub(crate) async fn around(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let observed = Observed::begin(&mut request);
    let origin = cors::of_collection(&app, request.headers()).await;
    let answering = answer(&app, peer, request, next).instrument(observed.span().clone());
    let mut response = answering.await;
    let headers = response.headers_mut();
    // Pages of the projects' hosts may read every answer, refusals included.
    match origin {
        Some(origin) => cors::allow(headers, origin),
        None => cors::vary(headers),
    }
    layers::add_security_headers(headers);
    observed.end(response)
}

/// Lets a request in, or says when to come again.
async fn answer(app: &Shared, peer: SocketAddr, request: Request, next: Next) -> Response {
    let draw = match rate_limit::draw(app, peer, &request) {
        Ok(draw) => draw,
        Err(refused) => return *refused,
    };
    let mut response = match closed(app) {
        Some((reason, retry_after_s)) if request.method() != Method::OPTIONS => {
            turn_away(app, reason, retry_after_s)
        }
        _ => next.run(request).await,
    };
    if let Some(draw) = draw {
        draw.tell(response.headers_mut());
    }
    response
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

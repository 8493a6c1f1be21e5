//! Every endpoint on one page, and the layers around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware;
use axum::routing::{delete, get, post};
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;

use crate::app::App;
use crate::collect::around;
use crate::error::ApiError;
use crate::{
    collect, forecast, health, keys, layers, local, projects, question, rate_limit, saved, session,
    status, stream, ui,
};

/// The state of every handler.
pub(crate) type Shared = Arc<App>;

/// The whole HTTP interface.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(everything_else(&app))
        .merge(collection(&app))
        .with_state(app)
}

async fn no_such_method(method: Method) -> ApiError {
    ApiError::NoSuchMethod(format!(
        "{method} is not possible here; \"allow\" says what is"
    ))
}

fn everything_else(app: &Shared) -> Router<Shared> {
    let body_bytes_max = app.http.body_bytes_max;
    Router::new()
        .merge(management())
        .merge(predictions())
        .merge(local())
        .route("/healthz", get(status::alive))
        .route("/readyz", get(status::ready))
        .route("/api/health", get(status::health))
        .route("/metrics", get(status::metrics))
        .route("/js/{file}", get(ui::sdk))
        .fallback(get(ui::dashboard))
        .method_not_allowed_fallback(no_such_method)
        .layer(CompressionLayer::new())
        // The limit holds for what a body expands to, so it stands inside the decompression.
        .layer(DefaultBodyLimit::max(body_bytes_max))
        .layer(RequestDecompressionLayer::new())
        // Before the body is touched, and inside what every answer gets.
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            rate_limit::limit,
        ))
        .layer(middleware::from_fn(layers::secure))
        .layer(middleware::from_fn(layers::observe))
}

/// The doors of collection have all that surrounds them in one layer, because each layer costs a
/// request about as much as reading its event.
fn collection(app: &Shared) -> Router<Shared> {
    Router::new()
        .route(
            "/api/event",
            post(collect::post_event).options(collect::preflight),
        )
        .route(
            "/api/track",
            post(collect::post_track).options(collect::preflight),
        )
        .route(
            "/v1/events",
            post(collect::post_telemetry).options(collect::preflight),
        )
        .merge(collect::doors::routes())
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            around::around,
        ))
}

fn management() -> Router<Shared> {
    Router::new()
        .route(
            "/api/setup",
            get(session::setup_state).post(session::set_up),
        )
        .route(
            "/api/session",
            get(session::who_am_i)
                .post(session::sign_in)
                .delete(session::sign_out),
        )
        .route("/api/projects", get(projects::list).post(projects::create))
        .route(
            "/api/projects/{id}",
            get(projects::show).patch(projects::change),
        )
        .route("/api/projects/{id}/health", get(health::show))
        .route("/api/projects/{id}/live", get(stream::live))
        .route("/api/projects/{id}/realtime", get(stream::realtime))
        .route(
            "/api/projects/{id}/keys",
            get(keys::list).post(keys::create),
        )
        .route("/api/projects/{id}/keys/{key}", delete(keys::revoke))
        .route(
            "/api/projects/{id}/saved/{kind}",
            get(saved::list).post(saved::create),
        )
        .route(
            "/api/projects/{id}/saved/{kind}/{saved}",
            delete(saved::remove),
        )
        .route("/api/v2/query", post(question::post))
        .route("/api/v2/funnel", post(question::post_funnel))
        .route("/api/v2/retention", post(question::post_retention))
        .route("/api/v2/journey", post(question::post_journey))
        .route("/api/v2/attribution", post(question::post_attribution))
        .route("/api/v2/inventory", post(question::post_inventory))
}

fn predictions() -> Router<Shared> {
    Router::new()
        .route("/api/predictions/page-visits", get(forecast::show))
        .route("/api/predictions/forecast", get(forecast::show))
        .route("/api/predictions/accuracy", get(forecast::accuracy))
        .route("/api/predictions/retrain", post(forecast::retrain))
        .route("/api/predictions/cancel", post(forecast::cancel))
        .route("/api/predictions/trainings", get(forecast::list))
        .route(
            "/api/predictions/trainings/{version}/serve",
            post(forecast::serve),
        )
}

fn local() -> Router<Shared> {
    let import = post(local::import_access_log).layer(DefaultBodyLimit::disable());
    let import_rows = post(local::bulk::import_rows).layer(DefaultBodyLimit::disable());
    Router::new()
        .route("/api/local/import/access-log", import)
        .route("/api/local/import/rows", import_rows)
        .route("/api/local/export", get(local::bulk::export_rows))
        .route("/api/local/replay", post(local::replay))
}

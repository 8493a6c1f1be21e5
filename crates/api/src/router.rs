//! Every endpoint on one page, and the layers around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware;
use axum::routing::{get, options};
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use crate::app::App;
use crate::collect::around;
use crate::error::ApiError;
use crate::{
    account, collect, cors, erasing, forecast, health, hosts, keeping, keys, layers, local,
    openapi, projects, question, rate_limit, saved, session, status, stream, ui, verification,
    visibility,
};

/// The state of every handler.
pub(crate) type Shared = Arc<App>;

/// Endpoints with their descriptions.
type Endpoints = OpenApiRouter<Shared>;

/// The whole HTTP interface.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(everything_else(&app))
        .merge(collection(&app))
        .with_state(app)
}

/// The description of every endpoint there is.
pub fn document() -> OpenApi {
    let mut document = OpenApiRouter::with_openapi(openapi::Common::openapi())
        .merge(endpoints())
        .merge(collecting())
        .into_openapi();
    collect::doors::describe(&mut document);
    openapi::open_to_tokens(&mut document);
    document
}

async fn no_such_method(method: Method) -> ApiError {
    ApiError::NoSuchMethod(format!(
        "{method} is not possible here; \"allow\" says what is"
    ))
}

fn everything_else(app: &Shared) -> Router<Shared> {
    let body_bytes_max = app.http.body_bytes_max;
    Router::from(endpoints())
        .fallback(get(ui::dashboard))
        .method_not_allowed_fallback(no_such_method)
        .layer(CompressionLayer::new())
        // The limit holds for what a body expands to, so it stands inside the decompression.
        .layer(DefaultBodyLimit::max(body_bytes_max))
        .layer(RequestDecompressionLayer::new())
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            cors::questions,
        ))
        // Before the body is touched, and inside what every answer gets.
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            rate_limit::limit,
        ))
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            hosts::check,
        ))
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            layers::secure,
        ))
        .layer(middleware::from_fn(layers::observe))
}

/// The doors of collection have all that surrounds them in one layer, because each layer costs a
/// request about as much as reading its event.
fn collection(app: &Shared) -> Router<Shared> {
    Router::from(collecting())
        .route("/api/event", options(collect::preflight))
        .route("/api/track", options(collect::preflight))
        .route("/v1/events", options(collect::preflight))
        .merge(collect::doors::routes())
        .route("/api/forget", options(collect::preflight))
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware::from_fn_with_state(
            Shared::clone(app),
            around::around,
        ))
}

fn collecting() -> Endpoints {
    OpenApiRouter::new()
        .routes(routes!(collect::post_event))
        .routes(routes!(collect::post_track))
        .routes(routes!(collect::post_telemetry))
        .routes(routes!(collect::privacy::forget))
}

fn endpoints() -> Endpoints {
    OpenApiRouter::new()
        .merge(accounts())
        .merge(projects())
        .merge(questions())
        .merge(predictions())
        .merge(instance())
        .merge(local())
}

fn accounts() -> Endpoints {
    OpenApiRouter::new()
        .routes(routes!(session::setup_state, session::set_up))
        .routes(routes!(
            session::who_am_i,
            session::sign_in,
            session::sign_out
        ))
        .merge(account::endpoints())
}

fn projects() -> Endpoints {
    OpenApiRouter::new()
        .routes(routes!(projects::list, projects::create))
        .routes(routes!(projects::show, projects::change))
        .routes(routes!(verification::show, verification::verify))
        .routes(routes!(health::show))
        .routes(routes!(erasing::erase))
        .routes(routes!(erasing::export_person))
        .routes(routes!(visibility::show, visibility::choose))
        .routes(routes!(keeping::show_retention, keeping::put_retention))
        .routes(routes!(keeping::show_disk))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(saved::list, saved::create))
        .routes(routes!(saved::remove))
}

fn questions() -> Endpoints {
    OpenApiRouter::new()
        .routes(routes!(question::post))
        .routes(routes!(question::post_funnel))
        .routes(routes!(question::post_retention))
        .routes(routes!(question::post_journey))
        .routes(routes!(question::post_attribution))
        .routes(routes!(question::post_inventory))
        .routes(routes!(collect::privacy::consents))
        .routes(routes!(stream::live))
        .routes(routes!(stream::realtime))
}

fn predictions() -> Endpoints {
    OpenApiRouter::new()
        .routes(routes!(forecast::page_visits))
        .routes(routes!(forecast::show))
        .routes(routes!(forecast::accuracy))
        .routes(routes!(forecast::trend::show))
        .routes(routes!(forecast::trainings::list))
        .routes(routes!(forecast::trainings::retrain))
        .routes(routes!(forecast::trainings::cancel))
        .routes(routes!(forecast::trainings::serve))
        .routes(routes!(
            forecast::calendar::show,
            forecast::calendar::choose
        ))
        .routes(routes!(forecast::anomalies::list))
        .routes(routes!(forecast::anomalies::noticed))
}

fn instance() -> Endpoints {
    OpenApiRouter::new()
        .routes(routes!(status::alive))
        .routes(routes!(status::ready))
        .routes(routes!(status::health))
        .routes(routes!(status::metrics))
        .routes(routes!(openapi::show))
        .routes(routes!(ui::sdk))
}

fn local() -> Endpoints {
    let unbounded = DefaultBodyLimit::disable;
    OpenApiRouter::new()
        .routes(routes!(local::import_access_log).layer(unbounded()))
        .routes(routes!(local::bulk::import_rows).layer(unbounded()))
        .routes(routes!(local::bulk::export_rows))
        .routes(routes!(local::replay))
}

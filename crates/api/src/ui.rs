//! The embedded dashboard and browser SDK: static files with strong caching where names carry a
//! hash, and the page itself for every address that the dashboard routes on its own.

mod scripts;

use std::borrow::Cow;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou};

const INDEX: &str = "index.html";
/// Files under this prefix carry a hash of their content in their names.
const HASHED_PREFIX: &str = "assets/";
/// Sites load the SDK from here; a week, as the reference proxy caches it too.
const SDK_CACHE: &str = "public, max-age=604800, stale-while-revalidate=86400";

#[derive(Debug, RustEmbed)]
#[folder = "$ALMANAC_WEB_DIST"]
struct Dashboard;

/// A file of the dashboard, or its page where the address is one of the dashboard's own routes.
pub(crate) async fn dashboard(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("v1/") {
        return ApiError::NotFound(format!("there is no endpoint {}", uri.path())).into_response();
    }
    if let Some(file) = Dashboard::get(path) {
        return respond(&file, path, &headers);
    }
    if let Some(script) = scripts::at_root(path) {
        return for_sites(script);
    }
    // A path with an extension names a file; answering a page for it would hide the mistake.
    let names_a_file = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'));
    match Dashboard::get(INDEX) {
        Some(page) if !names_a_file => respond(&page, INDEX, &headers),
        _ => ApiError::NotFound(format!("there is no file {}", uri.path())).into_response(),
    }
}

/// A script of the browser SDK
#[utoipa::path(
    get,
    path = "/js/{file}",
    operation_id = "script",
    tag = "Instance",
    security(()),
    params(("file" = String, Path, description = "Name of the script", example = "almanac.js")),
    responses(
        (status = 200, body = String, content_type = "text/javascript"),
        Always,
        NotForYou
    )
)]
pub(crate) async fn sdk(Path(file): Path<String>) -> Response {
    match scripts::named(&file) {
        Some(script) => for_sites(script),
        None => ApiError::NotFound(format!("there is no script {file:?}")).into_response(),
    }
}

/// A script for any site.
fn for_sites(script: Cow<'static, [u8]>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, SDK_CACHE),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ];
    (headers, script).into_response()
}

fn respond(file: &EmbeddedFile, path: &str, request: &HeaderMap) -> Response {
    let hash: String = file
        .metadata
        .sha256_hash()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let etag = format!("\"{hash}\"");
    let cache = if path.starts_with(HASHED_PREFIX) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(value) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, value);
    }
    if request
        .get(header::IF_NONE_MATCH)
        .is_some_and(|seen| seen.as_bytes() == etag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if let Ok(value) = HeaderValue::from_str(file.metadata.mimetype()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    (headers, file.data.clone().into_owned()).into_response()
}

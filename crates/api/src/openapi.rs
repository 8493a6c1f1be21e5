//! The OpenAPI document of the whole HTTP interface. Paths come from the annotations with which the
//! router registers its handlers, so what is not described is not served; here is only what holds
//! for all of them, and the endpoint that gives the document out.

pub(crate) mod problem;
pub(crate) mod schema;

use axum::Json;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::{Modify, OpenApi as Derived};

use crate::router;

const ABOUT: &str = "Collection of events, questions about them, forecasts, and the management of \
    an instance. People sign in and are known by a cookie; programs send a key of one project, or \
    an access token of a person, as `Authorization: Bearer …`. A refusal is \
    `{\"error\": \"what is wrong and what to do\"}`.";

/// What every endpoint has in common.
#[derive(Derived)]
#[openapi(
    info(
        title = "Almanac",
        description = ABOUT,
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(problem::Problem)),
    modifiers(&Shared),
    tags(
        (name = "Collection", description = "Events in: acknowledged once they are on disk."),
        (name = "Front doors", description = "The same for unmodified clients of other products."),
        (name = "Questions", description = "Answers about what was collected."),
        (name = "Predictions", description = "Forecasts and their trainings."),
        (name = "Projects", description = "Sites, keys and what is saved."),
        (name = "Accounts", description = "Setting up, signing in, and one's own account."),
        (name = "Team", description = "Members, keys of the instance, and who did what."),
        (name = "Instance", description = "For monitors; scripts for pages."),
        (name = "This machine", description = "For its own commands, nobody else.")
    )
)]
pub(crate) struct Common;

/// What paths refer to: how a request says who asks, and the refusals.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut OpenApi) {
        let schemes = [
            ("session", cookie()),
            (
                "access_token",
                bearer("A token of a program that acts for a person, from `/api/auth/token`."),
            ),
            (
                "stats_key",
                bearer("A stats key of the project, `alm_s_…`."),
            ),
            (
                "write_key",
                bearer("A key of the scope `project:write`, `alm_w_…`."),
            ),
            (
                "admin_key",
                bearer("A key of the whole instance, `alm_a_…`."),
            ),
            (
                "ingest_key",
                bearer("An ingest key of the project, `alm_i_…`."),
            ),
            (
                "local_token",
                bearer("The token in `server.json` of the data directory."),
            ),
        ];
        let components = document.components.get_or_insert_default();
        for (name, scheme) in schemes {
            components.add_security_scheme(name, scheme);
        }
        problem::define(components);
    }
}

/// Says of every endpoint that a session opens that an access token opens it too: one rule in
/// `auth` makes it so. Only more tokens are given to browsers alone.
pub(crate) fn open_to_tokens(document: &mut OpenApi) {
    let paths = document.paths.paths.values_mut();
    let operations = paths.flat_map(|item| {
        [
            item.get.as_mut(),
            item.put.as_mut(),
            item.post.as_mut(),
            item.delete.as_mut(),
            item.patch.as_mut(),
        ]
    });
    let session = SecurityRequirement::new("session", [""; 0]);
    for operation in operations.flatten() {
        let mut security = operation.security.iter().flatten();
        let is_for_people = security.any(|each| *each == session);
        if is_for_people && operation.operation_id.as_deref() != Some("create_tokens") {
            let token = SecurityRequirement::new("access_token", [""; 0]);
            operation.security.get_or_insert_default().push(token);
        }
    }
}

fn cookie() -> SecurityScheme {
    let text = "The cookie that signing in sets; `__Host-almanac_session` over HTTPS.";
    let value = ApiKeyValue::with_description("almanac_session", text);
    SecurityScheme::ApiKey(ApiKey::Cookie(value))
}

fn bearer(description: &str) -> SecurityScheme {
    let mut http = Http::new(HttpAuthScheme::Bearer);
    http.description = Some(description.to_owned());
    SecurityScheme::Http(http)
}

/// The OpenAPI document
///
/// This document. `/api-docs` shows it to people.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "openapi",
    tag = "Instance",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1.", body = serde_json::Value,
        example = json!({"openapi": "3.1.0", "info": {"title": "Almanac"}})))
)]
pub(crate) async fn show() -> Json<OpenApi> {
    Json(router::document())
}

#[cfg(test)]
mod tests;

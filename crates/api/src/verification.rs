//! `/api/projects/{id}/verification`: whether a project's hosts are its people's own. The server
//! looks for a token, or for its snippet, on the host itself; nothing but a mark beside the host
//! follows from it.

mod look;

use almanac_catalog::project::Project;
use almanac_catalog::verification;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::address::Path;
use crate::app::App;
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::openapi::schema;
use crate::projects::rfc3339;
use crate::router::Shared;

/// Which host to look at.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = HostToVerify, example = json!({"host": "shop.example"}))]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// One of the project's hosts.
    host: String,
}

/// Which hosts are verified, and how to verify one
#[utoipa::path(
    get,
    path = "/api/projects/{id}/verification",
    operation_id = "show_verification",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    responses(
        (status = 200, description = "The answer.", body = schema::VerifiedHosts),
        Always,
        NotForYou
    )
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let entry = auth::project_of_user(&app, &headers, &id).await?;
    Ok(Json(json!({ "hosts": hosts(&app, &entry.project).await? })))
}

/// Look whether a host is one's own
///
/// Asks the host for a file and for its first page. A host that was verified once stays so when it
/// is looked at again in vain.
#[utoipa::path(
    post,
    path = "/api/projects/{id}/verification",
    operation_id = "verify_host",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    request_body = Wish,
    responses(
        (status = 200, description = "The answer.", body = schema::HostLookedAt),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn verify(
    State(app): State<Shared>,
    Path(id): Path<String>,
    asking: Asking,
    JsonBody(wish): JsonBody<Wish>,
) -> Result<Json<Value>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Change(&id)).await?;
    let project = permit.project()?.project.clone();
    if !project.hosts.contains(&wish.host) {
        let reason = format!("{:?} is no host of the project; add it first", wish.host);
        return Err(ApiError::field("host", reason));
    }
    let token = verification::token(&app.catalog, project.id, &wish.host);
    let look = look::at(&app.outbound, &wish.host, &token, &app.http.base_url).await;
    if let Some(proof) = look.proof {
        let catalog = permit.catalog(&app);
        verification::keep(&catalog, project.id, (&wish.host, proof), app.now()).await?;
    }
    let tried = look
        .tried
        .iter()
        .map(|tried| json!({ "address": tried.address, "outcome": tried.outcome }));
    Ok(Json(json!({
        "found": look.proof.map(verification::Proof::name),
        "tried": tried.collect::<Vec<_>>(),
        "hosts": hosts(&app, &project).await?,
    })))
}

/// Every host of a project: whether it is verified, and what would verify it.
async fn hosts(app: &App, project: &Project) -> Result<Vec<Value>, ApiError> {
    let verified = verification::list(&app.catalog, project.id).await?;
    let shape = |host: &String| {
        let found = verified.iter().find(|one| one.host == *host);
        let token = verification::token(&app.catalog, project.id, host);
        json!({
            "host": host,
            "proof": found.map(|found| found.proof.name()),
            "verified_at": found.map(|found| rfc3339(found.verified_at)),
            "file": { "address": look::file_address("https", host), "text": token },
            "meta": look::meta_element(&token),
        })
    };
    Ok(project.hosts.iter().map(shape).collect())
}

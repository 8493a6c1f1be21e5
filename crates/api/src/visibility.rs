//! `/api/projects/{id}/visibility`: what of a project is hidden from whom, and the pages of other
//! sites that may ask with a key. Hiding itself is the business of `query` and of whoever answers.

use almanac_catalog::user::Role;
use almanac_catalog::visibility::{self, Visibility};
use almanac_query::Mask;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::address::Path;
use crate::auth::{self, Asking, Need};
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::router::Shared;

/// What of a project is shown to whom.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Visibility, example = json!({
    "masked": ["event:user", "event:props:plan"], "unmasked_from": "editor",
    "stats_origins": ["https://intranet.example"]
}))]
#[serde(deny_unknown_fields)]
pub(crate) struct Shown {
    /// Dimensions whose values are hidden: `event:user`, `event:title`, `event:props:…`; at most
    /// 50.
    masked: Vec<String>,
    /// The least role that sees them all the same: `editor`, `admin` or `owner`. Keys of the scope
    /// `stats:read` see what viewers see.
    unmasked_from: String,
    /// Origins of pages that may ask with a stats key of the project; at most 50.
    stats_origins: Vec<String>,
}

/// What is hidden from whom
#[utoipa::path(
    get,
    path = "/api/projects/{id}/visibility",
    operation_id = "show_visibility",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = []), ("local_token" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    responses(
        (status = 200, description = "The answer.", body = Shown),
        Always,
        NotForYou
    )
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    Path(id): Path<String>,
    asking: Asking,
) -> Result<Json<Shown>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Oversee(&id)).await?;
    Ok(Json(shape(permit.project()?.visibility.clone())))
}

/// Choose what is hidden from whom
#[utoipa::path(
    put,
    path = "/api/projects/{id}/visibility",
    operation_id = "choose_visibility",
    tag = "Projects",
    security(("session" = []), ("admin_key" = []), ("local_token" = [])),
    params(("id" = String, Path, description = "A project", example = "1")),
    request_body = Shown,
    responses(
        (status = 200, description = "The answer.", body = Shown),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn choose(
    State(app): State<Shared>,
    Path(id): Path<String>,
    asking: Asking,
    JsonBody(wish): JsonBody<Shown>,
) -> Result<Json<Shown>, ApiError> {
    let permit = auth::authorise(&app, &asking, Need::Govern(&id)).await?;
    let unmasked_from = Role::from_name(&wish.unmasked_from).ok_or_else(|| {
        let name = &wish.unmasked_from;
        ApiError::field("unmasked_from", format!("there is no role {name:?}"))
    })?;
    Mask::read(wish.masked.iter().map(String::as_str))
        .map_err(|reason| ApiError::field("masked", reason))?;
    let wanted = Visibility {
        masked: wish.masked,
        unmasked_from,
        stats_origins: wish.stats_origins,
    };
    let project = permit.project()?.project.id;
    let chosen = visibility::choose(&permit.catalog(&app), project, wanted, app.now()).await?;
    app.refresh().await?;
    Ok(Json(shape(chosen)))
}

fn shape(visibility: Visibility) -> Shown {
    Shown {
        masked: visibility.masked,
        unmasked_from: visibility.unmasked_from.name().to_owned(),
        stats_origins: visibility.stats_origins,
    }
}

//! `/api/projects/{id}/saved/{kind}`: goals, segments and funnels of a project. A definition is
//! checked before it is kept, so that every question can use what is there.

use almanac_catalog::saved::{self, SavedEntry, SavedKind};
use almanac_model::ProjectId;
use almanac_query::{Facts, Goal, Mask, Refusal, Saved, Segment, Setting, check_funnel};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::address::Path;
use crate::app::App;
use crate::auth;
use crate::body::JsonBody;
use crate::error::ApiError;
use crate::openapi::problem::{Always, Conflict, NotForYou, Unreadable};
use crate::openapi::schema;
use crate::router::Shared;

/// Something to be saved.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(
    as = NewSaved,
    example = json!({"name": "Signup", "definition": {"kind": "event", "event": "Signup"}})
)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    name: String,
    definition: Value,
}

/// Goals, segments or funnels of a project
#[utoipa::path(
    get,
    path = "/api/projects/{id}/saved/{kind}",
    operation_id = "list_saved",
    tag = "Projects",
    security(("session" = []), ("stats_key" = []), ("write_key" = []), ("admin_key" = [])),
    params(
        ("id" = String, Path, description = "A project", example = "1"),
        ("kind" = String, Path, description = "goals, segments or funnels", example = "goals")
    ),
    responses(
        (status = 200, description = "The answer.", body = schema::SavedList),
        Always,
        NotForYou
    )
)]
pub(crate) async fn list(
    State(app): State<Shared>,
    Path((id, kind)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let permit = auth::looking(&app, &headers, &id).await?;
    let (entry, mask) = (permit.project()?, permit.mask());
    let kind = kind_of(&kind)?;
    let all = saved::list(&app.catalog, entry.project.id).await?;
    let known = mask.over_saved(of_project(&app, entry.project.id).await?);
    let setting = Setting {
        project: &entry.settings,
        saved: &known,
        mask: &mask,
        facts: Facts {
            now: app.now(),
            first_event: None,
        },
    };
    // What compares hidden values would show them.
    let is_open = |one: &&SavedEntry| mask.is_empty() || can_be_asked(one, setting);
    let own = all.iter().filter(|one| one.kind == kind);
    let own = own.filter(is_open).map(shape);
    Ok(Json(json!({ "saved": own.collect::<Vec<_>>() })))
}

/// Save a goal, segment or funnel
#[utoipa::path(
    post,
    path = "/api/projects/{id}/saved/{kind}",
    operation_id = "create_saved",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    params(
        ("id" = String, Path, description = "A project", example = "1"),
        ("kind" = String, Path, description = "goals, segments or funnels", example = "goals")
    ),
    request_body = Wish,
    responses(
        (status = 201, description = "The answer.", body = schema::SavedMade),
        Always,
        NotForYou,
        Unreadable,
        Conflict
    )
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    Path((id, kind)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
    JsonBody(wish): JsonBody<Wish>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let permit = auth::changing(&app, &method, &headers, &id).await?;
    let entry = permit.project()?;
    let (kind, project) = (kind_of(&kind)?, entry.project.id);
    let known = of_project(&app, project).await?;
    let setting = Setting {
        project: &entry.settings,
        saved: &known,
        mask: &Mask::default(),
        facts: Facts {
            now: app.now(),
            first_event: None,
        },
    };
    check(kind, &wish, setting)
        .map_err(|refusal| ApiError::field("definition", refusal.to_string()))?;
    let definition = wish.definition.to_string();
    let name = wish.name.as_str();
    let catalog = permit.catalog(&app);
    let added = saved::add(&catalog, project, kind, name, &definition, app.now()).await?;
    Ok((StatusCode::CREATED, Json(json!({ "saved": shape(&added) }))))
}

/// Remove a goal, segment or funnel
#[utoipa::path(
    delete,
    path = "/api/projects/{id}/saved/{kind}/{saved}",
    operation_id = "remove_saved",
    tag = "Projects",
    security(("session" = []), ("write_key" = []), ("admin_key" = [])),
    params(
        ("id" = String, Path, description = "A project", example = "1"),
        ("kind" = String, Path, description = "goals, segments or funnels", example = "goals"),
        ("saved" = i64, Path, description = "Its id", example = 1)),
    responses(
        (status = 204, description = "Done."),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn remove(
    State(app): State<Shared>,
    Path((id, kind, saved)): Path<(String, String, i64)>,
    method: Method,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let permit = auth::changing(&app, &method, &headers, &id).await?;
    let (catalog, project) = (permit.catalog(&app), permit.project()?.project.id);
    saved::remove(&catalog, project, kind_of(&kind)?, saved, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The goals and segments of a project, for its questions. What an older version let in and this
/// one cannot read is left out, so that one bad definition does not take every question away.
pub(crate) async fn of_project(app: &App, project: ProjectId) -> Result<Saved, ApiError> {
    let entries = saved::list(&app.catalog, project).await?;
    let read = |entry: &SavedEntry| serde_json::from_str::<Value>(&entry.definition).ok();
    let mut found = Saved::default();
    for entry in entries.iter().filter(|entry| entry.kind == SavedKind::Goal) {
        let goal = read(entry).and_then(|definition| Goal::read(&entry.name, &definition).ok());
        found.goals.extend(goal);
    }
    for entry in entries
        .iter()
        .filter(|entry| entry.kind == SavedKind::Segment)
    {
        let (id, goals) = (entry.id.to_string(), &found.goals);
        let segment =
            read(entry).and_then(|filters| Segment::read(&id, &entry.name, &filters, goals).ok());
        found.segments.extend(segment);
    }
    Ok(found)
}

fn check(kind: SavedKind, wish: &Wish, setting: Setting) -> Result<(), Refusal> {
    let (name, definition) = (&wish.name, &wish.definition);
    match kind {
        SavedKind::Goal => Goal::read(name, definition).map(|_| ()),
        SavedKind::Segment => {
            Segment::read("new", name, definition, &setting.saved.goals).map(|_| ())
        }
        SavedKind::Funnel => check_funnel(definition, setting),
    }
}

/// Whether whoever sees what the setting shows can ask with it.
fn can_be_asked(entry: &SavedEntry, setting: Setting) -> bool {
    match entry.kind {
        SavedKind::Goal => setting
            .saved
            .goals
            .iter()
            .any(|goal| goal.name == entry.name),
        SavedKind::Segment => {
            let id = entry.id.to_string();
            setting
                .saved
                .segments
                .iter()
                .any(|segment| segment.id == id)
        }
        SavedKind::Funnel => serde_json::from_str(&entry.definition)
            .is_ok_and(|definition: Value| check_funnel(&definition, setting).is_ok()),
    }
}

fn kind_of(name: &str) -> Result<SavedKind, ApiError> {
    let plural = |kind: &SavedKind| format!("{}s", kind.name()) == name;
    let found = SavedKind::ALL.into_iter().find(plural);
    found.ok_or_else(|| {
        ApiError::NotFound(format!(
            "nothing is saved as {name:?}; goals, segments or funnels"
        ))
    })
}

fn shape(entry: &SavedEntry) -> Value {
    let definition = serde_json::from_str(&entry.definition).unwrap_or(Value::Null);
    json!({ "id": entry.id.to_string(), "name": entry.name, "definition": definition })
}

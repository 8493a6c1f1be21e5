//! `/api/local/…`: what commands on this machine ask of the server that has the data directory
//! open. Nobody else is answered.

pub(crate) mod bulk;

use std::io::BufReader;
use std::sync::Arc;

use almanac_catalog::audit::{self, Deed};
use almanac_ingest::fingerprint;
use almanac_ingest::record::letter;
use almanac_model::ProjectId;
use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::State;
use axum::http::HeaderMap;
use futures_util::TryStreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::io::{StreamReader, SyncIoBridge};

use crate::address::Query;
use crate::app::App;
use crate::auth::{self, Permit};
use crate::body::Body;
use crate::dedupe::Claim;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::import::access_log::{AccessLogImport, Into};
use crate::import::{ImportError, ImportReport};
use crate::ledger::NOBODY;
use crate::openapi::problem::{Always, NotForYou, Unreadable};
use crate::router::Shared;

/// Which log is coming.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccessLog {
    project: String,
    host: String,
    with_assets: bool,
}

/// Import an access log
#[utoipa::path(
    post,
    path = "/api/local/import/access-log",
    operation_id = "import_access_log",
    tag = "This machine",
    security(("local_token" = [])),
    params(AccessLog),
    request_body(content = String, content_type = "text/plain"),
    responses(
        (status = 200, description = "What was done.", body = Value),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn import_access_log(
    State(app): State<Shared>,
    Query(log): Query<AccessLog>,
    headers: HeaderMap,
    body: RawBody,
) -> Result<Json<ImportReport>, ApiError> {
    let permit = auth::local_only(&app, &headers).await?;
    let entry = auth::readable_project(&app, &headers, &log.project).await?;
    note_import(&app, &permit, entry.project.id, "access log").await?;
    let stream = body.into_data_stream().map_err(std::io::Error::other);
    let lines = SyncIoBridge::new(StreamReader::new(Box::pin(stream)));
    let import = move || import(&app, &entry, &log, &mut BufReader::new(lines));
    let done = tokio::task::spawn_blocking(import)
        .await
        .map_err(ApiError::internal)?;
    done.map(Json).map_err(|error| match error {
        ImportError::Read(cause) => ApiError::BadRequest(format!("the log broke off: {cause}")),
        ImportError::Rows(_) => ApiError::BadRequest(error.to_string()),
        ImportError::Store(cause) => cause.into(),
    })
}

/// Writes down that events are coming, before the first is taken.
async fn note_import(
    app: &App,
    permit: &Permit,
    project: ProjectId,
    what: &str,
) -> Result<(), ApiError> {
    let deed = Deed {
        action: "events.import",
        subject: &format!("project {}", project.0),
        before: Value::Null,
        after: json!({ "what": what }),
    };
    Ok(audit::record(&permit.catalog(app), deed, app.now()).await?)
}

fn import(
    app: &App,
    entry: &Arc<Entry>,
    log: &AccessLog,
    lines: &mut dyn std::io::BufRead,
) -> Result<ImportReport, ImportError> {
    let into = Into {
        store: &app.store,
        catalog: &app.catalog,
        agents: &app.agents,
        places: &app.places,
        data_centres: &app.data_centres,
        views_per_span_max: app.http.views_per_span_max,
        ledger: &app.ledger,
        entry,
        now: app.now(),
    };
    let mut import = AccessLogImport::new(into, &log.host, log.with_assets);
    import.read(lines, &mut |_, _| {})?;
    Ok(import.report().clone())
}

/// Put a dead letter into the queue again
#[utoipa::path(
    post,
    path = "/api/local/replay",
    operation_id = "replay_dead_letter",
    tag = "This machine",
    security(("local_token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "What was done.", body = Value),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn replay(
    State(app): State<Shared>,
    headers: HeaderMap,
    Body(envelope): Body,
) -> Result<Json<Value>, ApiError> {
    let permit = auth::local_only(&app, &headers).await?;
    let (Some(number), _) = letter::open(&envelope) else {
        let text = "the body is no dead letter in its envelope".to_owned();
        return Err(ApiError::BadRequest(text));
    };
    let deed = Deed {
        action: "dead_letter.replay",
        subject: &format!("dead letter {number}"),
        before: Value::Null,
        after: Value::Null,
    };
    audit::record(&permit.catalog(&app), deed, app.now()).await?;
    let (known_by, now) = (fingerprint(NOBODY, letter::id(number)), app.now());
    match app.dedupe.claim(known_by, now) {
        Claim::Duplicate => return Ok(Json(json!({ "replayed": false }))),
        Claim::Pending => {
            return Err(ApiError::Conflict("the letter is on its way".to_owned()));
        }
        Claim::New => {}
    }
    // A task of its own: the claim must be settled or freed even when the caller goes away.
    let replay = async move {
        match app.queue.append(vec![envelope]).await {
            Ok(appended) => {
                app.dedupe.settle([known_by], now);
                let sequences = appended.first..appended.last + 1;
                app.ledger.enter_stored(now, sequences, None);
                Ok(Json(json!({ "replayed": true })))
            }
            Err(error) => {
                app.dedupe.free([known_by]);
                Err(ApiError::internal(error))
            }
        }
    };
    tokio::spawn(replay).await.map_err(ApiError::internal)?
}

//! `/api/local/…` for events in bulk, as streams of Arrow batches: rows in, days out. Only commands
//! on this machine are answered.

use std::io::{Read, Write};
use std::sync::Arc;

use almanac_store::Export;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use futures_util::{TryStreamExt, stream};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::io::{StreamReader as BodyReader, SyncIoBridge};

use crate::address::Query;
use crate::app::App;
use crate::auth;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::import::ImportError;
use crate::import::access_log::Into;
use crate::import::rows::{RowsImport, RowsReport};
use crate::openapi::problem::{Always, BadRequest, NotForYou, Unreadable};
use crate::router::Shared;

/// Pieces of an export that wait for a slow reader.
const PIECES_WAITING: usize = 4;

/// Which project the rows are for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RowsOf {
    project: String,
}

/// Which days are wanted; all of them unless said.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Days {
    project: String,
    from: Option<String>,
    to: Option<String>,
}

/// Import rows
///
/// The body is an Arrow stream.
#[utoipa::path(
    post,
    path = "/api/local/import/rows",
    operation_id = "import_rows",
    tag = "This machine",
    security(("local_token" = [])),
    params(RowsOf),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "What was done.", body = Value),
        Always,
        NotForYou,
        Unreadable
    )
)]
pub(crate) async fn import_rows(
    State(app): State<Shared>,
    Query(rows): Query<RowsOf>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<RowsReport>, ApiError> {
    let permit = auth::local_only(&app, &headers).await?;
    let entry = auth::readable_project(&app, &headers, &rows.project).await?;
    super::note_import(&app, &permit, entry.project.id, "rows").await?;
    let stream = body.into_data_stream().map_err(std::io::Error::other);
    let bytes = SyncIoBridge::new(BodyReader::new(Box::pin(stream)));
    let done = tokio::task::spawn_blocking(move || import(&app, &entry, bytes))
        .await
        .map_err(ApiError::internal)?;
    done.map(Json).map_err(|error| match error {
        ImportError::Read(_) | ImportError::Rows(_) => ApiError::BadRequest(error.to_string()),
        ImportError::Store(cause) => cause.into(),
    })
}

fn import(app: &App, entry: &Arc<Entry>, bytes: impl Read) -> Result<RowsReport, ImportError> {
    let mut import = RowsImport::new(Into {
        store: &app.store,
        catalog: &app.catalog,
        agents: &app.agents,
        places: &app.places,
        data_centres: &app.data_centres,
        views_per_span_max: app.http.views_per_span_max,
        ledger: &app.ledger,
        entry,
        now: app.now(),
    });
    let broken = |error: arrow_schema::ArrowError| ImportError::Read(std::io::Error::other(error));
    for batch in StreamReader::try_new(bytes, None).map_err(broken)? {
        import.take(&batch.map_err(broken)?)?;
    }
    Ok(import.report().clone())
}

/// Export events
///
/// A line of JSON with the number of events, then for each day a line that names it and an Arrow
/// stream of its events.
#[utoipa::path(
    get,
    path = "/api/local/export",
    operation_id = "export_rows",
    tag = "This machine",
    security(("local_token" = [])),
    params(Days),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        Always,
        BadRequest,
        NotForYou
    )
)]
pub(crate) async fn export_rows(
    State(app): State<Shared>,
    Query(days): Query<Days>,
    headers: HeaderMap,
) -> Result<Body, ApiError> {
    auth::local_only(&app, &headers).await?;
    let entry = auth::readable_project(&app, &headers, &days.project).await?;
    let inside = day_of(days.from, Date::MIN)?..=day_of(days.to, Date::MAX)?;
    let export = app.store.export(entry.settings.id, inside);
    let export = export.map_err(ApiError::internal)?;
    let (sender, receiver) = mpsc::channel(PIECES_WAITING);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = write(&export, &sender) {
            tracing::warn!(%error, "an export ended early");
            // The reader must not take a part for the whole. It may have gone, which is as well.
            let told = sender.blocking_send(Err(error));
            tracing::debug!(was_told = told.is_ok(), "the reader of the export");
        }
    });
    let pieces = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    Ok(Body::from_stream(pieces))
}

fn day_of(text: Option<String>, default: Date) -> Result<Date, ApiError> {
    let Some(text) = text else {
        return Ok(default);
    };
    let wrong = |_| ApiError::BadRequest(format!("{text:?} is no day like 2026-11-21"));
    text.parse().map_err(wrong)
}

type Pieces = mpsc::Sender<std::io::Result<Bytes>>;

fn write(export: &Export, pieces: &Pieces) -> std::io::Result<()> {
    let schema = almanac_store::rows_schema();
    let mut to = Sender {
        pieces,
        waiting: Vec::new(),
    };
    let rows: u64 = export.days().map(|(_, rows)| rows).sum();
    writeln!(to, "{}", json!({ "rows": rows }))?;
    for (day, rows) in export.days() {
        writeln!(to, "{}", json!({ "day": day.to_string(), "rows": rows }))?;
        let mut writer = StreamWriter::try_new(&mut to, &schema).map_err(std::io::Error::other)?;
        for batch in export.batches(day) {
            let batch = batch.map_err(std::io::Error::other)?;
            writer.write(&batch).map_err(std::io::Error::other)?;
            writer.flush().map_err(std::io::Error::other)?;
        }
        writer.finish().map_err(std::io::Error::other)?;
    }
    to.flush()
}

/// Gathers what is written and sends it on when flushed.
struct Sender<'a> {
    pieces: &'a Pieces,
    waiting: Vec<u8>,
}

impl Write for Sender<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.waiting));
        self.pieces
            .blocking_send(Ok(piece))
            .map_err(|_| std::io::Error::other("whoever asked has gone"))
    }
}

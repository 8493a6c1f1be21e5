//! `almanac query`: one question, answered by the running server or, without one, by the store
//! itself; as a table for people and in the API's own shape for programs.

use almanac_api::Traffic;
use almanac_query::{AskError, Cancel, Facts, Mask, Saved, Setting, ask};
use serde_json::{Value, json};

use crate::cli::{ExitCode, Failure, QueryArguments, World, existing_catalog, find_project};
use crate::local::RunningServer;
use crate::wiring;

/// Does the command.
pub(crate) async fn run(arguments: &QueryArguments, world: &mut World<'_>) -> anyhow::Result<()> {
    let body = question(arguments)?;
    let answer = match RunningServer::find(&world.config.data.dir) {
        Some(server) => ask_server(&server, &body)?,
        None => ask_store(arguments, &body, world).await?,
    };
    if world.output.as_json {
        writeln!(world.output.to, "{answer:#}")?;
    } else {
        print_table(arguments, &answer, world)?;
        if arguments.explain {
            writeln!(world.output.to, "\n{:#}", answer["explain"])?;
        }
    }
    Ok(())
}

fn question(arguments: &QueryArguments) -> Result<Value, Failure> {
    let filters = match &arguments.filters {
        None => json!([]),
        Some(text) => serde_json::from_str(text).map_err(|error| {
            Failure::new(ExitCode::Usage, format!("--filters is not JSON: {error}"))
        })?,
    };
    let range = match arguments.range.split_once(',') {
        Some((from, to)) => json!([from.trim(), to.trim()]),
        None => json!(arguments.range),
    };
    Ok(json!({
        "site_id": arguments.project,
        "metrics": arguments.metrics,
        "dimensions": arguments.dimensions,
        "filters": filters,
        "date_range": range,
        "pagination": { "limit": arguments.limit },
        "explain": arguments.explain,
        "traffic": arguments.traffic,
    }))
}

fn ask_server(server: &RunningServer, body: &Value) -> anyhow::Result<Value> {
    let (status, answer) = server.post("/api/v2/query", &[], body.to_string())?;
    if status == 200 {
        return Ok(answer);
    }
    let text = answer["error"]
        .as_str()
        .unwrap_or("the server refused the question")
        .to_owned();
    let code = if status == 404 {
        ExitCode::NotFound
    } else {
        ExitCode::Invalid
    };
    Err(Failure::new(code, text).into())
}

async fn ask_store(
    arguments: &QueryArguments,
    body: &Value,
    world: &World<'_>,
) -> anyhow::Result<Value> {
    let catalog = existing_catalog(&world.config.data).await?;
    let project = find_project(&catalog, &arguments.project).await?;
    let settings = project.settings()?;
    let engine = wiring::engine(&world.config)?;
    wiring::put_project(&engine.store, settings.clone())?;
    wiring::replay(&engine)?;
    let mut body = body.clone();
    let traffic = Traffic::take(&mut body).map_err(|told| Failure::new(ExitCode::Invalid, told))?;
    let settings = traffic.settings(&settings);
    let first_event = engine.store.first_event(settings.id);
    let facts = Facts {
        now: (world.clock)(),
        first_event,
    };
    let setting = Setting {
        project: &settings,
        saved: &Saved::default(),
        mask: &Mask::default(),
        facts,
    };
    ask(engine.store.as_ref(), &body, setting, &Cancel::default()).map_err(|error| {
        let code = match &error {
            AskError::Refused(_) => ExitCode::Invalid,
            AskError::Engine(_) => ExitCode::Failed,
        };
        Failure::new(code, error.to_string()).into()
    })
}

fn print_table(
    arguments: &QueryArguments,
    answer: &Value,
    world: &mut World<'_>,
) -> anyhow::Result<()> {
    let heading = arguments
        .dimensions
        .iter()
        .chain(&arguments.metrics)
        .cloned();
    let mut rows: Vec<Vec<String>> = vec![heading.collect()];
    let results = answer["results"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    for row in results {
        let cells = ["dimensions", "metrics"]
            .into_iter()
            .filter_map(|part| row[part].as_array());
        rows.push(cells.flatten().map(cell).collect());
    }
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    for row in &rows {
        let padded = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(
            world.output.to,
            "{}",
            padded.collect::<Vec<_>>().join("  ").trim_end()
        )?;
    }
    Ok(())
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        other => other.to_string(),
    }
}

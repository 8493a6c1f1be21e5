//! `almanac forecast train|list|show|promote|rollback`: trainings of the running server, asked for,
//! watched and compared from the command line. The server trains one at a time; nothing is computed
//! here.

use std::time::Duration;

use serde_json::{Value, json};

use super::progress;
use crate::cli::{ExitCode, Failure, OfSeries, OfVersion, TrainArguments, TrainingCommand, World};
use crate::local::RunningServer;

/// How often progress is asked for.
const PROGRESS_PAUSE: Duration = Duration::from_millis(300);

/// Does the command.
pub(crate) async fn run(command: &TrainingCommand, world: &mut World<'_>) -> anyhow::Result<()> {
    let server = RunningServer::find(&world.config.data.dir).ok_or_else(|| {
        let dir = world.config.data.dir.display();
        let text = format!("no server runs on {dir}; trainings are its work: `almanac serve`");
        Failure::new(ExitCode::NotFound, text)
    })?;
    match command {
        TrainingCommand::Train(arguments) => train(&server, arguments, world).await,
        TrainingCommand::List(series) => list(&server, series, world),
        TrainingCommand::Show(one) => show(&server, one, world),
        TrainingCommand::Promote(one) => {
            let version = one.version.ok_or_else(|| {
                Failure::new(ExitCode::Usage, "name the version that shall serve")
            })?;
            promote(&server, &one.series, version, world)
        }
        TrainingCommand::Rollback(series) => rollback(&server, series, world),
    }
}

async fn train(
    server: &RunningServer,
    arguments: &TrainArguments,
    world: &mut World<'_>,
) -> anyhow::Result<()> {
    let series = &arguments.series;
    let before = newest(&trainings(server, series)?);
    let mut wish = body(series)?;
    wish["recipe"] = json!(arguments.recipe);
    wish["seed"] = json!(arguments.seed);
    accepted(server.post("/api/predictions/retrain", &[], wish.to_string())?)?;
    let looks = "training {wide_bar} {pos} of {len} · {elapsed}";
    let bar = progress::bar(Some(0), looks, world.output.as_json);
    let all = loop {
        let all = trainings(server, series)?;
        if all["now"]["state"] == "idle" {
            break all;
        }
        bar.set_length(all["now"]["steps"].as_u64().unwrap_or(0));
        bar.set_position(all["now"]["steps_done"].as_u64().unwrap_or(0));
        tokio::time::sleep(PROGRESS_PAUSE).await;
    };
    bar.finish_and_clear();
    if newest(&all) == before {
        let text = "somebody cancelled the training before it began";
        return Err(Failure::new(ExitCode::Failed, text).into());
    }
    let ended = &all["trainings"][0];
    tell(ended, world)?;
    if ended["outcome"] == "done" {
        return Ok(());
    }
    let reason = ended["report"]["error"]
        .as_str()
        .unwrap_or("it was cancelled");
    let text = format!(
        "version {} did not come to serve: {reason}",
        ended["version"]
    );
    Err(Failure::new(ExitCode::Failed, text).into())
}

fn list(server: &RunningServer, series: &OfSeries, world: &mut World<'_>) -> anyhow::Result<()> {
    let all = trainings(server, series)?;
    let to = &mut world.output.to;
    if world.output.as_json {
        writeln!(to, "{all:#}")?;
        return Ok(());
    }
    let each = all["trainings"].as_array().into_iter().flatten();
    let mut is_empty = true;
    for training in each {
        is_empty = false;
        let word = |name: &str| training[name].as_str().unwrap_or("–").to_owned();
        let mark = if training["serves"] == true { "*" } else { " " };
        let figures = own_figures(training);
        writeln!(
            to,
            "{mark} {:>4}  {:<9}  {:<14}  {}  accuracy {}  pinball {}  {}",
            training["version"].as_i64().unwrap_or_default(),
            word("outcome"),
            word("recipe"),
            word("finished_at"),
            number(&figures["accuracy"]),
            number(&figures["pinball"]),
            training["report"]["why"].as_str().unwrap_or("–"),
        )?;
    }
    if is_empty {
        writeln!(
            to,
            "no training yet; `almanac forecast train` makes the first"
        )?;
    }
    Ok(())
}

fn show(server: &RunningServer, one: &OfVersion, world: &mut World<'_>) -> anyhow::Result<()> {
    let all = trainings(server, &one.series)?;
    let wanted = |training: &&Value| match one.version {
        Some(version) => training["version"] == version,
        None => training["serves"] == true,
    };
    let found = all["trainings"]
        .as_array()
        .into_iter()
        .flatten()
        .find(wanted);
    let found = found.ok_or_else(|| {
        let text = "there is no such version; `almanac forecast list` shows those there are";
        Failure::new(ExitCode::NotFound, text)
    })?;
    tell(found, world)
}

fn rollback(
    server: &RunningServer,
    series: &OfSeries,
    world: &mut World<'_>,
) -> anyhow::Result<()> {
    let all = trainings(server, series)?;
    let each = || all["trainings"].as_array().into_iter().flatten();
    let version = |training: &Value| training["version"].as_i64().unwrap_or_default();
    let serving = each()
        .find(|training| training["serves"] == true)
        .map(version);
    let before = each()
        .filter(|training| training["outcome"] == "done")
        .map(version)
        .find(|own| serving.is_some_and(|serving| *own < serving));
    let before = before.ok_or_else(|| {
        Failure::new(ExitCode::NotFound, "no earlier version could serve instead")
    })?;
    promote(server, series, before, world)
}

fn promote(
    server: &RunningServer,
    series: &OfSeries,
    version: i64,
    world: &mut World<'_>,
) -> anyhow::Result<()> {
    let path = format!("/api/predictions/trainings/{version}/serve");
    accepted(server.post(&path, &[], body(series)?.to_string())?)?;
    if world.output.as_json {
        writeln!(world.output.to, "{:#}", json!({ "serves": version }))?;
    } else {
        writeln!(world.output.to, "version {version} serves")?;
    }
    Ok(())
}

/// A training in full: what it was made of and how every recipe did on the same days.
fn tell(training: &Value, world: &mut World<'_>) -> anyhow::Result<()> {
    let to = &mut world.output.to;
    if world.output.as_json {
        writeln!(to, "{training:#}")?;
        return Ok(());
    }
    let report = &training["report"];
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        other => other.to_string(),
    };
    for (name, value) in [
        ("version", &training["version"]),
        ("outcome", &training["outcome"]),
        ("recipe", &training["recipe"]),
        ("serves", &training["serves"]),
        ("why", &report["why"]),
        ("replaces", &report["replaces"]),
        ("first day", &report["data"]["first_day"]),
        ("last day", &report["data"]["last_day"]),
        ("days", &report["data"]["days"]),
        ("took, ms", &training["duration_ms"]),
        ("seed", &report["seed"]),
        ("code", &report["code_version"]),
        ("parameters", &report["parameters"]),
        ("network", &report["network"]["tried"]),
    ] {
        writeln!(to, "{name:<12}{}", text(value))?;
    }
    let figures: Vec<&Value> = report["figures"].as_array().into_iter().flatten().collect();
    if !figures.is_empty() {
        writeln!(
            to,
            "\n{:<16}{:>10}{:>10}{:>10}{:>10}{:>10}",
            "recipe", "pinball", "accuracy", "MASE", "in 80 %", "in 95 %"
        )?;
    }
    for figure in figures {
        writeln!(
            to,
            "{:<16}{:>10}{:>10}{:>10}{:>10}{:>10}",
            figure["recipe"].as_str().unwrap_or("–"),
            number(&figure["pinball"]),
            number(&figure["accuracy"]),
            number(&figure["mase"]),
            number(&figure["coverage_80"]),
            number(&figure["coverage_95"]),
        )?;
    }
    Ok(())
}

/// The figures of the recipe that a training chose.
fn own_figures(training: &Value) -> Value {
    let figures = training["report"]["figures"].as_array();
    let own = figures.into_iter().flatten();
    let mut own = own.filter(|figures| figures["recipe"] == training["recipe"]);
    own.next().cloned().unwrap_or_default()
}

fn number(value: &Value) -> String {
    let found = value.as_f64();
    found.map_or_else(|| "–".to_owned(), |number| format!("{number:.3}"))
}

fn newest(all: &Value) -> i64 {
    all["trainings"][0]["version"].as_i64().unwrap_or(0)
}

fn body(series: &OfSeries) -> Result<Value, Failure> {
    let filters = series.filters.as_deref().map(serde_json::from_str::<Value>);
    let filters = filters.transpose().map_err(|error| {
        Failure::new(ExitCode::Usage, format!("--filters is not JSON: {error}"))
    })?;
    Ok(json!({ "site_id": series.project, "metric": series.metric, "filters": filters }))
}

fn trainings(server: &RunningServer, series: &OfSeries) -> anyhow::Result<Value> {
    let mut query = vec![
        ("site_id", series.project.as_str()),
        ("metric", series.metric.as_str()),
    ];
    query.extend(
        series
            .filters
            .as_deref()
            .map(|filters| ("filters", filters)),
    );
    let mut text = String::new();
    let mut reader = server.get("/api/predictions/trainings", &query)?;
    std::io::Read::read_to_string(&mut reader, &mut text)?;
    Ok(serde_json::from_str(&text)?)
}

fn accepted((status, answer): (u16, Value)) -> Result<(), Failure> {
    if (200..300).contains(&status) {
        return Ok(());
    }
    let text = answer["error"].as_str().unwrap_or("the server refused");
    let code = if status == 404 {
        ExitCode::NotFound
    } else {
        ExitCode::Invalid
    };
    Err(Failure::new(code, text))
}
